//! 增值税发票综合服务平台: signing in by what a disk signs, and the platform's own passwords, which it alone can verify.

use piaoxia_service::contract::{DiskSession, DiskSignIn, code};
use piaoxia_taxdisk::{Consent, DiskKind, Password, Seat, Tries};

use super::kept::{Kept, OfPlatform};
use super::{Disks, kept, no_password};
use crate::command::Secret;
use crate::problem::{Problem, What};

impl Disks {
    /// Signs in with what the vault has. Downloads that wait for the disk go on, or remember the refusal.
    pub(super) async fn sign_in(&self, seat: &Seat, consent: Option<Tries>) -> Result<(), Problem> {
        let (serial, services) = (self.serial(seat)?, &self.inner.services);
        let kept = kept::look(self.secrets(), &serial).await;
        let session = match self.session(seat, &serial, consent).await {
            Ok(session) => session,
            Err(problem) => {
                self.note_wanted(|wanted| wanted.refuse(&serial, kept, &problem, services.pace()));
                return Err(problem);
            }
        };
        services.leave_disk(&serial);
        let still_there = self.seat(seat, |disk| disk.session = Some(session.clone()));
        if still_there {
            services.account_signed_in();
        } else {
            self.end(&session.account).await;
        }
        Ok(())
    }

    /// A session at the platform.
    async fn session(&self, seat: &Seat, serial: &str, consent: Option<Tries>) -> Result<DiskSession, Problem> {
        let Some(kept) = kept::load(self.secrets(), serial).await else { return Err(no_password()) };
        let request = self.signed(seat, serial, &kept, consent).await?;
        let services = &self.inner.services;
        let answered = services.call(|| services.client().sign_in_disk(&request)).await;
        self.learn(serial, answered).await
    }

    /// What the disk makes of a challenge of the service.
    async fn signed(&self, seat: &Seat, serial: &str, kept: &Kept, consent: Option<Tries>) -> Result<DiskSignIn, Problem> {
        let services = &self.inner.services;
        let challenge = services.call(|| services.client().disk_challenge()).await?;
        let bytes = challenge.bytes().ok_or_else(|| Problem::new(What::Internal, "the challenge cannot be read"))?;
        let (at, given) = (seat.clone(), consent.map(|left| Consent::given_for(serial, left)));
        let password = Password::new(kept.certificate.expose().to_owned());
        self.share_failed().await?;
        let signed = self
            .ask(move |desk| {
                let contents = desk.read(&at)?;
                let signature = desk.sign(&at, &password, given, &bytes)?;
                Ok((contents, signature))
            })
            .await;
        self.keep_failed().await;
        let (contents, signature) = signed?;
        let expose = |secret: &Option<Secret>| secret.as_ref().map(|secret| secret.expose().to_owned());
        Ok(DiskSignIn {
            platform_password: expose(&kept.platform),
            confirmation_password: expose(&kept.confirmation),
            ..DiskSignIn::new(&challenge, contents.certificate.der(), &signature.to_der(), &contents.serial, kind_word(contents.kind))
        })
    }

    /// What the platform says of its passwords is kept with them: one that it refused is not sent a second time.
    async fn learn(&self, serial: &str, answered: Result<DiskSession, Problem>) -> Result<DiskSession, Problem> {
        let noted = match &answered {
            Ok(_) => kept::proved(self.secrets(), serial).await,
            Err(problem) => match refused(problem) {
                Some(which) => kept::drop_refused(self.secrets(), serial, which).await,
                None => return answered,
            },
        };
        if let Err(unkept) = noted {
            tracing::warn!(unkept.detail, "what the platform said of a password cannot be kept");
        }
        self.look_at_kept().await;
        answered
    }
}

/// The password that is of no use any more after this answer.
fn refused(problem: &Problem) -> Option<OfPlatform> {
    let any = |codes: &[&str]| codes.iter().any(|code| problem.is(code));
    if any(&[code::PLATFORM_PASSWORD_WRONG, code::PLATFORM_PASSWORD_CANCELLED, code::PLATFORM_PASSWORD_NOT_ALLOWED]) {
        return Some(OfPlatform::Password);
    }
    any(&[code::PLATFORM_CONFIRMATION_WRONG]).then_some(OfPlatform::Confirmation)
}

/// As the service names them.
fn kind_word(kind: DiskKind) -> &'static str {
    match kind {
        DiskKind::GoldenTax => "goldenTax",
        DiskKind::TaxControl => "taxControl",
        DiskKind::TaxUKey => "taxUKey",
        DiskKind::Sandbox => "sandbox",
        DiskKind::Unknown => "unknown",
    }
}
