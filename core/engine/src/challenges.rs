//! Open challenges: what a person, or a phone, must answer before an account is signed in.
//!
//! Each open challenge is looked at from time to time, because a phone may answer it and because it expires. Whoever
//! deals with a challenge takes it off the list first, so that it ends with one event only.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use piaoxia_domain::AccountId;
use piaoxia_domain::account::Session;
use piaoxia_service::contract::{ApiError, Challenge, ErrorClass, LoginStep, code};
use tokio_util::sync::CancellationToken;

use crate::accounts;
use crate::command::Secret;
use crate::event::Event;
use crate::outbox::Outbox;
use crate::problem::Problem;
use crate::services::Services;

/// The open challenges. Clones share them.
#[derive(Clone)]
pub(crate) struct Challenges {
    services: Services,
    outbox: Outbox,
    open: Arc<Mutex<HashMap<String, Open>>>,
}

/// Whom a sign-in is about.
#[derive(Clone)]
pub(crate) struct About {
    pub company: String,
    /// None while the account is being added.
    pub account: Option<AccountId>,
}

/// A challenge on the list.
struct Open {
    about: About,
    shown: Challenge,
    /// Ends the looking.
    stop: CancellationToken,
}

impl Challenges {
    pub(crate) fn new(services: &Services, outbox: &Outbox) -> Self {
        Self { services: services.clone(), outbox: outbox.clone(), open: Arc::default() }
    }

    /// Tells how a sign-in goes on.
    pub(crate) async fn follow(&self, about: About, step: Result<LoginStep, Problem>) {
        match step {
            Ok(LoginStep::Challenge { challenge }) => self.show(about, challenge).await,
            Ok(LoginStep::Done { account }) => {
                self.services.account_signed_in();
                self.outbox.send(Event::LoginDone { company: about.company.clone(), account: Box::new(account) }).await;
                self.tell_accounts(about.company).await;
            }
            Err(problem) => self.fail(about, problem).await,
        }
    }

    /// Answers a challenge.
    pub(crate) async fn answer(&self, id: &str, value: &Secret) {
        let Some(open) = self.take_or_tell(id).await else { return };
        let step = self.services.call(|| self.services.client().answer_challenge(id, value.expose())).await;
        self.go_on(open, step).await;
    }

    /// Has the code sent again, or a new picture drawn.
    pub(crate) async fn resend(&self, id: &str) {
        let Some(open) = self.take_or_tell(id).await else { return };
        let step = self.services.call(|| self.services.client().resend_challenge(id)).await;
        self.go_on(open, step).await;
    }

    /// Gives a sign-in up.
    pub(crate) async fn cancel(&self, id: &str) {
        let Some(open) = self.take_or_tell(id).await else { return };
        self.fail(open.about, Problem::cancelled()).await;
        if let Err(problem) = self.services.call(|| self.services.client().cancel_challenge(id)).await {
            tracing::debug!(problem.detail, "a challenge cannot be cancelled; it expires by itself");
        }
    }

    /// Forgets all of them: nobody is signed in any more.
    pub(crate) fn clear(&self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.drain().for_each(|(_, open)| open.stop.cancel());
    }

    /// After an answer or a resend. What could not be delivered, or came too soon, leaves the challenge open.
    async fn go_on(&self, open: Open, step: Result<LoginStep, Problem>) {
        match step {
            Err(problem) if leaves_open(&problem) => {
                self.put(open.about, open.shown);
                self.outbox.send(Event::ChallengeProblem(problem)).await;
            }
            step => self.follow(open.about, step).await,
        }
    }

    async fn show(&self, about: About, challenge: Challenge) {
        self.put(about, challenge.clone());
        self.outbox.send(Event::Challenge(Box::new(challenge))).await;
    }

    /// Puts a challenge on the list, in the place of an older one of the same sign-in, and begins to look at it.
    fn put(&self, about: About, challenge: Challenge) {
        let id = challenge.id.clone();
        let stop = self.outbox.stop().child_token();
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, other| {
            let same = other.about.company == about.company && other.about.account == about.account;
            if same {
                other.stop.cancel();
            }
            !same
        });
        open.insert(id.clone(), Open { about, shown: challenge, stop: stop.clone() });
        drop(open);
        let challenges = self.clone();
        self.outbox.spawn_plain(async move {
            stop.run_until_cancelled(challenges.look(&id)).await;
        });
    }

    fn take(&self, id: &str) -> Option<Open> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(id)?;
        open.stop.cancel();
        Some(open)
    }

    async fn take_or_tell(&self, id: &str) -> Option<Open> {
        let open = self.take(id);
        if open.is_none() {
            self.outbox.send(Event::ChallengeProblem(gone())).await;
        }
        open
    }

    /// Looks at a challenge until something has become of it.
    async fn look(&self, id: &str) {
        loop {
            tokio::time::sleep(self.services.pace().challenge).await;
            let step = self.services.call(|| self.services.client().poll_challenge(id)).await;
            match step {
                Ok(LoginStep::Challenge { challenge }) if self.is_shown(&challenge) => {}
                Err(problem) if problem.is_transient() => {}
                step => {
                    // Taking it cancels this very task at its next wait: what follows runs in one of its own.
                    let Some(open) = self.take(id) else { return };
                    let challenges = self.clone();
                    self.outbox.spawn_plain(async move { challenges.became(open, step).await });
                    return;
                }
            }
        }
    }

    fn is_shown(&self, challenge: &Challenge) -> bool {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.get(&challenge.id).is_some_and(|open| open.shown.attempts_left == challenge.attempts_left)
    }

    /// Something has become of a challenge without our doing. When it is gone, a phone may have answered it.
    async fn became(&self, open: Open, step: Result<LoginStep, Problem>) {
        let is_gone = |problem: &Problem| problem.is(code::CHALLENGE_GONE) || problem.class() == Some(ErrorClass::NotFound);
        match (step, open.about.account.clone()) {
            (Err(problem), account) if is_gone(&problem) => {
                let signed_in = match account {
                    Some(account) => self.signed_in(&open.about.company, &account).await,
                    None => None,
                };
                match signed_in {
                    Some(step) => self.follow(open.about, Ok(step)).await,
                    None => self.fail(open.about, gone()).await,
                }
            }
            (step, _) => self.follow(open.about, step).await,
        }
    }

    async fn signed_in(&self, company: &str, account: &AccountId) -> Option<LoginStep> {
        let (accounts, _) = accounts::accounts(&self.services, company).await.ok()?;
        let account = accounts.into_iter().find(|other| other.id == *account)?;
        matches!(account.session, Session::Valid { .. }).then_some(LoginStep::Done { account })
    }

    async fn fail(&self, about: About, problem: Problem) {
        self.outbox.send(Event::LoginFailed { company: about.company, account: about.account, problem }).await;
    }

    async fn tell_accounts(&self, company: String) {
        let result = accounts::accounts(&self.services, &company).await;
        self.outbox.send(Event::Accounts { company, result }).await;
    }
}

fn gone() -> Problem {
    ApiError::new(ErrorClass::UserFix, code::CHALLENGE_GONE, "the challenge is over").into()
}

/// Problems after which the challenge is still there to be answered.
fn leaves_open(problem: &Problem) -> bool {
    let refused_as_typed = matches!(problem.class(), Some(ErrorClass::BadRequest)) || problem.is(code::FIELD_INVALID);
    problem.is_transient() || refused_as_typed || problem.is(code::RESEND_TOO_SOON) || problem.is(code::IDENTITY_SWITCHES)
}
