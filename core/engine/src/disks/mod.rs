//! 税盘: watched, read, verified, signed in by. One [`Disks`] for the engine; its view is the whole truth for the window.

mod kept;
mod platform;
mod plug;
mod view;
mod wanted;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use jiff::Timestamp;
use piaoxia_domain::AccountId;
use piaoxia_taxdisk::sim::SimDisk;
use piaoxia_taxdisk::skf::HelperProgram;
use piaoxia_taxdisk::{Consent, Desk, DiskError, FailedPasswords, Options, Password, Presence, Seat, Tries, View, sim};
use tokio::sync::watch;

use crate::command::Secret;
use crate::outbox::panic_problem;
use crate::problem::{Problem, VaultFault, What};
use crate::services::Services;

pub use view::{DiskFacts, DiskPasswords, DiskView, DiskWish, DiskWork, DisksView, Keep, KeptPasswords};
pub(crate) use wanted::Wanted;

/// Seat of the simulated disk.
const SIMULATED: &str = "sandbox";

/// With what disks are found.
#[derive(Clone, Default)]
pub struct DiskSetup {
    /// Look at the system's readers and USB devices.
    pub readers: bool,
    /// Loads vendors' libraries; none: there are none.
    pub helper: Option<HelperProgram>,
    /// Makes the sandbox's disk; none outside of the sandbox.
    pub simulated: Option<Arc<dyn Fn() -> Option<SimDisk> + Send + Sync>>,
}

impl std::fmt::Debug for DiskSetup {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("DiskSetup").field("readers", &self.readers).finish_non_exhaustive()
    }
}

/// The tax disks. Clones share everything.
#[derive(Clone)]
pub struct Disks {
    inner: Arc<Inner>,
}

struct Inner {
    services: Services,
    sandbox: sim::Sandbox,
    /// Pulled out of the sandbox, to be plugged in again as it was.
    pulled: Mutex<Option<SimDisk>>,
    /// Started when somebody first looks: an idle program asks no reader.
    desk: OnceLock<Desk>,
    starting: tokio::sync::Mutex<()>,
    /// What the vault has of passwords that failed, as it was last seen.
    seen_failed: tokio::sync::Mutex<Option<FailedPasswords>>,
    view: watch::Sender<DisksView>,
}

impl Disks {
    /// Looks at nothing yet.
    #[must_use]
    pub fn new(services: &Services) -> Self {
        let setup = services.disk_setup();
        let simulated = setup.simulated.is_some().then_some(false);
        let view = DisksView { simulated, ..DisksView::default() };
        let inner = Inner {
            services: services.clone(),
            sandbox: sim::Sandbox::default(),
            pulled: Mutex::default(),
            desk: OnceLock::new(),
            starting: tokio::sync::Mutex::default(),
            seen_failed: tokio::sync::Mutex::default(),
            view: watch::Sender::new(view),
        };
        Self { inner: Arc::new(inner) }
    }

    /// What is plugged in, as it changes.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<DisksView> {
        self.inner.view.subscribe()
    }

    /// Does what is wished.
    ///
    /// # Errors
    /// Only what belongs to no disk; everything else is in the view.
    pub async fn serve(&self, wish: DiskWish) -> Result<(), Problem> {
        self.watch().await?;
        match wish {
            DiskWish::Watch => {}
            DiskWish::Look => {
                self.ask(|desk| {
                    desk.look();
                    Ok(())
                })
                .await?;
                self.read_all().await;
            }
            DiskWish::Save { seat, passwords, consent } => {
                self.work(&seat, DiskWork::Verifying, self.save(&seat, &passwords, consent)).await;
            }
            DiskWish::SignIn { seat, consent } => self.work(&seat, DiskWork::SigningIn, self.sign_in(&seat, consent)).await,
            DiskWish::SignOut(seat) => self.sign_out(&seat).await,
            DiskWish::Forget(serial) => {
                kept::forget(self.secrets(), &serial).await?;
                self.look_at_kept().await;
            }
            DiskWish::ForgetFailed(serial) => {
                // What the vault has of the disk is forgotten, too.
                let shared = self.share_failed().await;
                let forgotten = serial.clone();
                self.ask(move |desk| {
                    desk.forget_failed(&forgotten);
                    Ok(())
                })
                .await?;
                self.keep_failed().await;
                self.note_wanted(|wanted| wanted.forget_refusal(&serial));
                shared?;
            }
            DiskWish::SetLibraries(libraries) => self.set_libraries(libraries).await?,
            DiskWish::PlugSimulated(plugged) => self.plug(plugged).await?,
        }
        Ok(())
    }

    /// Downloads look for the disks that they wait for: one is signed in, now or when it is plugged in, if its password is kept, no try is
    /// at risk, and nothing stands that was refused; see [`Wanted`].
    ///
    /// # Errors
    /// Nothing can be watched.
    pub(crate) async fn look_for_wanted(&self) -> Result<(), Problem> {
        let serials = self.wanted().borrow().serials();
        if !serials.is_empty() {
            self.watch().await?;
        }
        for serial in serials {
            let found = self.inner.view.borrow().with_serial(&serial).map(|disk| (disk.seat.clone(), disk.kept));
            let Some((seat, kept)) = found else { continue };
            let is_due = self.wanted().borrow().is_due(&serial, kept, Timestamp::now());
            if is_due {
                self.sign_in_by_itself(&seat).await;
            }
        }
        Ok(())
    }

    /// The disks that downloads wait for.
    fn wanted(&self) -> &watch::Sender<Wanted> {
        self.inner.services.wanted_disks()
    }

    /// Changes what is known of them; nobody is to look for that reason.
    fn note_wanted(&self, change: impl FnOnce(&mut Wanted)) {
        self.wanted().send_if_modified(|wanted| {
            change(wanted);
            false
        });
    }

    async fn save(&self, seat: &Seat, passwords: &DiskPasswords, consent: Option<Tries>) -> Result<(), Problem> {
        let serial = self.serial(seat)?;
        match &passwords.certificate {
            Some(typed) => self.verify(seat, &serial, typed, consent).await?,
            None if kept::load(self.secrets(), &serial).await.is_some() => {}
            None => return Err(no_password()),
        }
        kept::save(self.secrets(), &serial, passwords).await?;
        self.note_wanted(|wanted| wanted.forget_refusal(&serial));
        self.look_at_kept().await;
        self.seat(seat, |disk| disk.verified = true);
        if passwords.platform.is_none() && passwords.confirmation.is_none() {
            return Ok(());
        }
        // Nobody but the platform can verify its passwords.
        self.seat(seat, |disk| disk.work = Some(DiskWork::SigningIn));
        self.sign_in(seat, None).await
    }

    async fn verify(&self, seat: &Seat, serial: &str, typed: &Secret, consent: Option<Tries>) -> Result<(), Problem> {
        let (at, given) = (seat.clone(), consent.map(|left| Consent::given_for(serial, left)));
        let password = Password::new(typed.expose().to_owned());
        self.share_failed().await?;
        let verified = self.ask(move |desk| desk.verify(&at, &password, given)).await;
        self.keep_failed().await;
        let tries = verified?;
        self.seat(seat, |disk| {
            if let Some(facts) = &mut disk.facts {
                facts.tries = tries;
            }
        });
        Ok(())
    }

    async fn sign_out(&self, seat: &Seat) {
        let session = self.inner.view.borrow().seats.iter().find(|disk| disk.seat == *seat).and_then(|disk| disk.session.clone());
        if let Some(session) = session {
            self.end(&session.account).await;
            self.seat(seat, |disk| disk.session = None);
        }
    }

    /// The service forgets the session of a disk that is gone. It ends by itself where it cannot be told.
    async fn end(&self, account: &AccountId) {
        let services = &self.inner.services;
        if let Err(problem) = services.call(|| services.client().sign_out_disk(account)).await {
            tracing::warn!(problem.detail, "the session of a tax disk cannot be ended");
        }
    }

    /// Grants a wish of the user. One thing at a time is done at a disk, and a wish waits for what is done before it.
    async fn work(&self, seat: &Seat, work: DiskWork, doing: impl Future<Output = Result<(), Problem>>) {
        let mut changes = self.changes();
        while !self.begin(seat, work) {
            let is_free = |view: &DisksView| view.seat(seat).is_none_or(|disk| disk.work.is_none());
            let is_there = changes.wait_for(is_free).await.is_ok_and(|view| view.seat(seat).is_some());
            if !is_there {
                return;
            }
        }
        self.carry_out(seat, work, doing).await;
    }

    /// Signs in for a download that waits, unless something is done with the disk: then a later look finds it.
    async fn sign_in_by_itself(&self, seat: &Seat) {
        if self.begin(seat, DiskWork::SigningIn) {
            self.carry_out(seat, DiskWork::SigningIn, self.sign_in(seat, None)).await;
        }
    }

    /// False while something else is done with the disk, and when the seat is gone.
    fn begin(&self, seat: &Seat, work: DiskWork) -> bool {
        self.seat_if(seat, |disk| {
            let free = disk.work.is_none();
            if free {
                (disk.work, disk.problem, disk.verified) = (Some(work), None, false);
            }
            free
        })
    }

    /// What becomes of it is shown at the seat.
    async fn carry_out(&self, seat: &Seat, work: DiskWork, doing: impl Future<Output = Result<(), Problem>>) {
        let done = doing.await;
        if let Err(problem) = &done {
            tracing::info!(problem.detail, ?work, "a tax disk");
            self.look_at_tries(seat, problem);
        }
        self.seat(seat, |disk| (disk.work, disk.problem) = (None, done.err()));
    }

    /// What a refusal says of the counter is shown at once.
    fn look_at_tries(&self, seat: &Seat, problem: &Problem) {
        let What::Disk(error) = &problem.what else { return };
        let tries = match error {
            DiskError::WrongPassword { left } | DiskError::FailedBefore { left } | DiskError::NeedsConsent { left } => *left,
            DiskError::Locked => Tries::Locked,
            DiskError::StateUnknown { left } => left.unwrap_or(Tries::Unknown),
            _ => return,
        };
        self.seat(seat, |disk| {
            if let Some(facts) = &mut disk.facts {
                facts.tries = tries;
            }
        });
    }

    /// The desk learns of passwords that failed what the vault has, and the vault what the desk knows, as far as it is open: one that
    /// failed while it was locked is kept when it is opened, and none goes to a disk before what the vault has is known.
    ///
    /// # Errors
    /// What the vault has cannot be read. That is said once; then what the desk knows takes its place.
    async fn share_failed(&self) -> Result<(), Problem> {
        let mut seen = self.inner.seen_failed.lock().await;
        if self.inner.desk.get().is_none() || !self.secrets().view().await.open {
            return Ok(());
        }
        let (kept, read) = match kept::failed(self.secrets()).await {
            Ok(kept) => (kept, Ok(())),
            Err(Problem { what: What::Vault(VaultFault::Locked), .. }) => return Ok(()),
            Err(problem) if problem.what == What::Vault(VaultFault::FailedPasswords) => (None, Err(problem)),
            Err(problem) => return Err(problem),
        };
        // What was seen before is not learned again: some of it may be settled or forgotten since.
        let news = kept.clone().filter(|kept| seen.as_ref() != Some(kept));
        let known = self
            .ask(move |desk| {
                if let Some(news) = news {
                    desk.learn_failed(news);
                }
                Ok(desk.failed_passwords())
            })
            .await?;
        let is_kept = kept.as_ref().map_or(read.is_ok() && known.is_empty(), |kept| *kept == known);
        let saved = if is_kept { Ok(()) } else { kept::save_failed(self.secrets(), &known).await };
        match saved {
            Ok(()) => *seen = Some(known),
            Err(problem) => tracing::warn!(problem.detail, "a password that failed on a disk is known until the program ends alone"),
        }
        read
    }

    async fn keep_failed(&self) {
        if let Err(problem) = self.share_failed().await {
            tracing::warn!(problem.detail, "passwords that failed on disks");
        }
    }

    /// The vault was opened, locked or changed.
    pub(crate) async fn vault_changed(&self) -> Result<(), Problem> {
        let shared = self.share_failed().await;
        self.look_at_kept().await;
        shared
    }

    /// Marks which disks have passwords in the vault.
    async fn look_at_kept(&self) {
        let serials: Vec<(Seat, String)> =
            self.inner.view.borrow().disks().map(|(disk, facts)| (disk.seat.clone(), facts.serial.clone())).collect();
        for (seat, serial) in serials {
            let kept = kept::look(self.secrets(), &serial).await;
            self.seat(&seat, |disk| disk.kept = kept);
        }
    }

    fn serial(&self, seat: &Seat) -> Result<String, Problem> {
        let view = self.inner.view.borrow();
        let facts = view.seats.iter().find(|disk| disk.seat == *seat).and_then(|disk| disk.facts.as_ref());
        facts.map(|facts| facts.serial.clone()).ok_or_else(|| DiskError::NoCard.into())
    }

    /// Changes what is shown of a seat. False when the seat is gone.
    fn seat(&self, seat: &Seat, change: impl FnOnce(&mut DiskView)) -> bool {
        self.seat_if(seat, |disk| {
            change(disk);
            true
        })
    }

    fn seat_if(&self, seat: &Seat, change: impl FnOnce(&mut DiskView) -> bool) -> bool {
        let mut changed = false;
        self.inner.view.send_if_modified(|view| {
            changed = view.seat_mut(seat).is_some_and(change);
            changed
        });
        changed
    }

    fn secrets(&self) -> &crate::secrets::Secrets {
        self.inner.services.secrets()
    }

    /// Talks to disks, away from the threads that serve connections.
    async fn ask<T: Send + 'static>(&self, work: impl FnOnce(&Desk) -> Result<T, DiskError> + Send + 'static) -> Result<T, Problem> {
        let disks = self.clone();
        let asked = tokio::task::spawn_blocking(move || disks.inner.desk.get().map_or(Err(DiskError::NoReader), work));
        Ok(asked.await.map_err(|_| panic_problem())??)
    }
}

/// The disk signs with its password alone.
fn no_password() -> Problem {
    Problem::new(What::NoDiskPassword, "the password of the disk is not kept, or the vault is locked")
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl From<DiskError> for Problem {
    fn from(error: DiskError) -> Self {
        let detail = error.to_string();
        Self::new(What::Disk(error), detail)
    }
}
