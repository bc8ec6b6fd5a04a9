//! Challenges that wait for a person.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use piaoxia_domain::AccountId;
use piaoxia_domain::account::LoginMode;
use piaoxia_service::contract::{Challenge, ChallengeKind, Company, ErrorClass, code};

use super::automatic::Password;
use super::{Desk, lock};
use crate::connectors::Asked;
use crate::failure::{Answer, Failure};

/// How long an expired challenge is remembered, so that a fresh code can be asked for.
const REMEMBERED: Duration = Duration::from_secs(600);

/// What a sign-in at the bureau is for, and what is kept of the account once it succeeds.
#[derive(Clone, Debug)]
pub(crate) struct Purpose {
    /// Company id.
    pub(super) company: String,
    /// The account that is signed in or changed; none while one is added.
    pub(super) account: Option<AccountId>,
    /// The form's fields without the secret ones.
    pub(super) fields: BTreeMap<String, String>,
    pub(super) mode: LoginMode,
    /// Kept in memory once the bureau lets the account in.
    pub(super) password: Password,
}

/// A challenge that waits.
#[derive(Clone, Debug)]
pub(crate) struct Open {
    pub(super) purpose: Purpose,
    /// Account id at the bureau.
    upstream: String,
    challenge: Challenge,
    asked: Instant,
    /// The bureau takes no answer to it any more; a fresh one may still be asked for.
    dead: bool,
}

impl Open {
    /// The challenge with its times counted from now.
    fn fresh(&self) -> Challenge {
        let gone = self.asked.elapsed().as_secs();
        let mut challenge = self.challenge.clone();
        challenge.expires_in = challenge.expires_in.saturating_sub(gone);
        if let ChallengeKind::Sms { resend_after, .. } = &mut challenge.kind {
            *resend_after = resend_after.saturating_sub(gone);
        }
        challenge
    }

    pub(super) fn forget_password(&mut self) {
        self.purpose.password = Password::default();
    }

    fn ends(&self) -> Instant {
        self.asked + Duration::from_secs(self.challenge.expires_in)
    }

    fn is_live(&self) -> bool {
        !self.dead && Instant::now() < self.ends()
    }
}

impl Desk {
    /// Keeps what the bureau asks; whatever it asked this account before is over.
    pub(super) fn ask(&self, mut purpose: Purpose, company: &Company, asked: Asked) -> Challenge {
        let left = asked.expires_at.as_second() - Timestamp::now().as_second();
        let challenge = Challenge {
            id: asked.id,
            account: purpose.account.clone(),
            login_name: asked.login_name,
            company: company.name.clone(),
            region: company.region.clone(),
            kind: asked.kind,
            expires_in: u64::try_from(left).unwrap_or(0),
            attempts_left: asked.attempts_left,
            rejected: asked.rejected,
        };
        let mut open = lock(&self.open);
        if self.memory.is_over(&purpose.password) {
            purpose.password = Password::default();
        }
        let now = Instant::now();
        open.retain(|other| other.upstream != asked.upstream && now < other.ends() + REMEMBERED);
        open.push(Open { purpose, upstream: asked.upstream, challenge: challenge.clone(), asked: now, dead: false });
        challenge
    }

    /// Open challenges of these companies.
    pub(crate) fn challenges(&self, companies: &[String]) -> Vec<Challenge> {
        let open = lock(&self.open);
        open.iter().filter(|open| open.is_live() && companies.contains(&open.purpose.company)).map(Open::fresh).collect()
    }

    /// True while this account has a challenge open.
    pub(crate) fn has_challenge(&self, account: &AccountId) -> bool {
        lock(&self.open).iter().any(|open| open.is_live() && open.purpose.account.as_ref() == Some(account))
    }

    /// What a challenge is for.
    ///
    /// # Errors
    /// `challenge.gone`.
    pub(super) fn purpose(&self, companies: &[String], id: &str) -> Answer<Purpose> {
        let open = lock(&self.open);
        let found = open.iter().find(|open| open.challenge.id == id && companies.contains(&open.purpose.company));
        found.map(|open| open.purpose.clone()).ok_or_else(gone)
    }

    /// Texts of the QRs that a challenge shows.
    ///
    /// # Errors
    /// `challenge.gone` when it shows none.
    pub(crate) fn qr_text(&self, id: &str) -> Answer<String> {
        let open = lock(&self.open);
        let found = open.iter().find(|open| open.challenge.id == id).and_then(|open| open.challenge.kind.apps());
        found.and_then(|apps| apps.first()).map(|app| app.text.clone()).ok_or_else(gone)
    }

    /// Forgets challenges that the test picks out.
    pub(super) fn close(&self, over: impl Fn(&str, &Purpose) -> bool) {
        lock(&self.open).retain(|open| !over(&open.challenge.id, &open.purpose));
    }

    /// Notes what an error of the bureau means for a challenge.
    pub(super) fn judge(&self, id: &str, failure: &Failure) {
        match failure.code() {
            code::CHALLENGE_FAILED | code::CHALLENGE_DENIED | code::RELATION_DENIED | code::ACCOUNT_LOCKED => {
                self.close(|other, _| other == id)
            }
            code::CHALLENGE_GONE => {
                if let Some(open) = lock(&self.open).iter_mut().find(|open| open.challenge.id == id) {
                    open.dead = true;
                }
            }
            _ => {}
        }
    }
}

/// The challenge is over.
pub(crate) fn gone() -> Failure {
    Failure::new(ErrorClass::NeedLogin, code::CHALLENGE_GONE, "the challenge is over or was answered")
}
