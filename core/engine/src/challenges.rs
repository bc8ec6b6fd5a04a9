//! Open challenges: what a person, or a phone, must answer before an account is signed in.
//!
//! Each open challenge is looked at from time to time, because a phone may answer it and because it expires. Whoever
//! deals with a challenge takes it off the list first, so that it ends with one event only. One whose answer is on its way to the service
//! stays on the list, so that it can be given up meanwhile.

mod latest;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use piaoxia_domain::AccountId;
use piaoxia_domain::account::Session;
use piaoxia_service::LONGEST;
use piaoxia_service::contract::{ApiError, Challenge, ChallengeKind, ErrorClass, LoginStep, code};
use tokio_util::sync::CancellationToken;

use crate::accounts;
use crate::command::Secret;
use crate::event::Event;
use crate::outbox::Outbox;
use crate::problem::Problem;
use crate::services::Services;
use latest::Latest;

/// How far the service's clock and the time on the way may shift the end of a challenge.
const SHIFT: Duration = Duration::from_secs(3);

/// The open challenges. Clones share them.
#[derive(Clone)]
pub(crate) struct Challenges {
    services: Services,
    outbox: Outbox,
    open: Arc<Mutex<HashMap<String, Open>>>,
    latest: Latest,
    /// Passwords for the vault, once the bureau has taken them.
    offered: Arc<Mutex<HashMap<About, Secret>>>,
}

/// Whom a sign-in is about.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct About {
    pub company: String,
    /// None while the account is being added.
    pub account: Option<AccountId>,
}

/// A challenge on the list.
#[derive(Clone)]
struct Open {
    about: About,
    shown: Challenge,
    since: Instant,
    /// Ends the looking.
    stop: CancellationToken,
    /// There while something that a person wants of it is on its way to the service; cancelled when the sign-in is given up meanwhile.
    sent: Option<CancellationToken>,
}

impl Challenges {
    pub(crate) fn new(services: &Services, outbox: &Outbox) -> Self {
        let (services, outbox, latest) = (services.clone(), outbox.clone(), Latest::default());
        Self { services, outbox, open: Arc::default(), latest, offered: Arc::default() }
    }

    /// Tells how a sign-in goes on.
    pub(crate) async fn follow(&self, about: About, step: Result<LoginStep, Problem>) {
        match step {
            Ok(LoginStep::Challenge { challenge }) => self.show(about, challenge).await,
            Ok(LoginStep::Done { account }) => {
                self.services.account_signed_in();
                self.latest.finished(&about);
                self.keep_password(&about, &account.id).await;
                self.outbox.send(Event::LoginDone { company: about.company.clone(), account: Box::new(account) }).await;
                self.tell_accounts(about.company).await;
            }
            Err(problem) => self.fail(about, problem).await,
        }
    }

    /// A password that the vault is to keep if this sign-in succeeds; none takes an earlier offer back.
    pub(crate) fn offer(&self, about: &About, password: Option<Secret>) {
        let mut offered = self.offered.lock().unwrap_or_else(PoisonError::into_inner);
        match password {
            Some(password) => offered.insert(about.clone(), password),
            None => offered.remove(about),
        };
    }

    /// The vault is being locked.
    pub(crate) fn forget_passwords(&self) {
        self.offered.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    async fn keep_password(&self, about: &About, account: &AccountId) {
        let offered = self.offered.lock().unwrap_or_else(PoisonError::into_inner).remove(about);
        if let Some(password) = offered
            && let Err(problem) = self.services.secrets().keep_password(account, password).await
        {
            self.outbox.send(Event::VaultProblem(problem)).await;
        }
    }

    /// Answers a challenge.
    pub(crate) async fn answer(&self, id: &str, value: &Secret) {
        let Some((open, given_up)) = self.begin_or_tell(id).await else { return };
        let step = self.services.call(|| self.services.client().answer_challenge(id, value.expose())).await;
        self.end(open, &given_up, step).await;
    }

    /// Has the code sent again, or a new picture drawn.
    pub(crate) async fn resend(&self, id: &str) {
        let Some((open, given_up)) = self.begin_or_tell(id).await else { return };
        let step = self.services.call(|| self.services.client().resend_challenge(id)).await;
        self.end(open, &given_up, step).await;
    }

    /// Gives a sign-in up.
    pub(crate) async fn cancel(&self, id: &str) {
        let Some(about) = self.give_up(id) else { return self.tell(id, gone()).await };
        self.fail(about, Problem::cancelled()).await;
        if let Err(problem) = self.services.call(|| self.services.client().cancel_challenge(id)).await {
            tracing::debug!(problem.detail, "a challenge cannot be cancelled; it expires by itself");
        }
    }

    /// Shows a sign-in that was begun elsewhere, as if it had been begun here.
    pub(crate) async fn take_over(&self, about: About, id: &str) {
        let step = self.services.call(|| self.services.client().poll_challenge(id)).await;
        self.goes_on(about, None, step).await;
        self.services.look_around();
    }

    /// Shows a challenge no longer, and leaves it open for whoever else is asked.
    pub(crate) fn leave(&self, id: &str) {
        self.take(id);
        self.services.look_around();
    }

    /// Of these, the ones that sign in accounts which no open challenge of this window is about.
    pub(crate) fn not_shown(&self, all: Vec<Challenge>) -> Vec<Challenge> {
        let open = self.lock();
        let shown = |challenge: &Challenge| {
            open.values()
                .any(|open| open.shown.id == challenge.id || (open.about.account.is_some() && open.about.account == challenge.account))
        };
        let waits = |challenge: &Challenge| {
            // Without those of accounts that are being added, which are on the screen of whoever adds them, and of hosted numbers, which ask
            // nobody.
            challenge.account.is_some() && !matches!(challenge.kind, ChallengeKind::Working { .. })
        };
        all.into_iter().filter(|challenge| waits(challenge) && !shown(challenge)).collect()
    }

    /// Forgets all of them: nobody is signed in any more.
    pub(crate) fn clear(&self) {
        self.lock().drain().for_each(|(_, open)| open.stop.cancel());
        self.forget_passwords();
    }

    /// Marks a challenge as one that something was sent for: it is not looked at meanwhile.
    fn begin(&self, id: &str) -> Option<(Open, CancellationToken)> {
        let mut list = self.lock();
        let open = list.get_mut(id).filter(|open| open.sent.is_none())?;
        open.stop.cancel();
        let given_up = CancellationToken::new();
        open.sent = Some(given_up.clone());
        Some((open.clone(), given_up))
    }

    async fn begin_or_tell(&self, id: &str) -> Option<(Open, CancellationToken)> {
        let begun = self.begin(id);
        if begun.is_none() {
            self.tell(id, gone()).await;
        }
        begun
    }

    /// The service has answered.
    async fn end(&self, open: Open, given_up: &CancellationToken, step: Result<LoginStep, Problem>) {
        self.forget_sent(&open.shown.id);
        if given_up.is_cancelled() { self.undo(open, step).await } else { self.go_on(open, step).await }
    }

    fn forget_sent(&self, id: &str) {
        let mut list = self.lock();
        if list.get(id).is_some_and(|open| open.sent.is_some()) {
            list.remove(id);
        }
    }

    /// Takes a challenge off the list, or notes that what comes of it is not wanted any more. None when it is gone already.
    fn give_up(&self, id: &str) -> Option<About> {
        let mut list = self.lock();
        let (about, sent) = list.get(id).map(|open| (open.about.clone(), open.sent.clone()))?;
        match sent {
            Some(given_up) if given_up.is_cancelled() => return None,
            Some(given_up) => given_up.cancel(),
            None => {
                if let Some(open) = list.remove(id) {
                    open.stop.cancel();
                }
            }
        }
        Some(about)
    }

    /// A sign-in that was given up went on at the service before it heard of that: there it ends as well. A newer one is left alone.
    async fn undo(&self, open: Open, step: Result<LoginStep, Problem>) {
        let undone = match &step {
            Ok(LoginStep::Challenge { challenge }) => self.services.call(|| self.services.client().cancel_challenge(&challenge.id)).await,
            Ok(LoginStep::Done { account }) if self.latest.is(&open.about, &open.shown.id) => {
                self.services.call(|| self.services.client().logout_account(&account.id)).await
            }
            Ok(LoginStep::Done { .. }) | Err(_) => Ok(()),
        };
        if let Err(problem) = undone {
            tracing::warn!(problem.detail, "a sign-in that was given up goes on at the service");
        }
        // After an error nobody here knows what the service did.
        if !matches!(step, Ok(LoginStep::Challenge { .. })) {
            self.tell_accounts(open.about.company).await;
        }
    }

    /// After an answer or a resend. What could not be delivered, or came too soon, leaves the challenge open.
    async fn go_on(&self, open: Open, step: Result<LoginStep, Problem>) {
        match step {
            Err(problem) if leaves_open(&problem) => {
                let id = open.shown.id.clone();
                self.put(open.about, open.shown, open.since, true);
                self.tell(&id, problem).await;
            }
            Err(problem) if is_gone(&problem) && open.is_over() => {
                let id = open.shown.id.clone();
                self.put(open.about, open.shown, open.since, false);
                self.tell(&id, problem).await;
            }
            step => self.follow(open.about, step).await,
        }
    }

    /// Tells what is the matter with a challenge.
    async fn tell(&self, id: &str, problem: Problem) {
        self.outbox.send(Event::ChallengeProblem { id: id.to_owned(), problem }).await;
    }

    async fn show(&self, about: About, challenge: Challenge) {
        self.latest.shown(&about, &challenge.id);
        self.put(about, challenge.clone(), Instant::now(), true);
        self.outbox.send(Event::Challenge(Box::new(challenge))).await;
    }

    /// Puts a challenge on the list, in the place of an older one of the same sign-in, and begins to look at it unless its
    /// time is over.
    fn put(&self, about: About, challenge: Challenge, since: Instant, look: bool) {
        let id = challenge.id.clone();
        let stop = self.outbox.stop().child_token();
        let mut open = self.lock();
        open.retain(|_, other| {
            let same = other.about.company == about.company && other.about.account == about.account;
            if same {
                other.stop.cancel();
            }
            !same
        });
        open.insert(id.clone(), Open { about, shown: challenge, since, stop: stop.clone(), sent: None });
        drop(open);
        if !look {
            return;
        }
        let challenges = self.clone();
        self.outbox.spawn_plain(async move {
            stop.run_until_cancelled(challenges.look(&id)).await;
        });
    }

    /// None as well for one that something was sent for: whoever sent it deals with it.
    fn take(&self, id: &str) -> Option<Open> {
        let mut list = self.lock();
        if list.get(id).is_some_and(|open| open.sent.is_some()) {
            return None;
        }
        let open = list.remove(id)?;
        open.stop.cancel();
        Some(open)
    }

    /// Looks at a challenge until something has become of it.
    async fn look(&self, id: &str) {
        loop {
            tokio::time::sleep(self.pause(id)).await;
            let step = self.services.call(|| self.services.client().poll_challenge(id)).await;
            match step {
                Ok(LoginStep::Challenge { challenge }) if self.is_shown(&challenge) => {}
                Err(problem) if problem.is_transient() => {}
                step => {
                    // `take` cancels this task at its next await: what follows runs in a task of its own.
                    let Some(open) = self.take(id) else { return };
                    let challenges = self.clone();
                    self.outbox.spawn_plain(async move { challenges.goes_on(open.about.clone(), Some(open), step).await });
                    return;
                }
            }
        }
    }

    /// Time until the next look: a hosted number that is at work is followed more closely.
    fn pause(&self, id: &str) -> Duration {
        let works = self.lock().get(id).is_some_and(|open| matches!(open.shown.kind, ChallengeKind::Working { .. }));
        if works { self.services.pace().hosted } else { self.services.pace().challenge }
    }

    fn is_shown(&self, challenge: &Challenge) -> bool {
        self.lock().get(&challenge.id).is_some_and(|open| open.shows(challenge))
    }

    /// A sign-in goes on without our doing. When its challenge is gone, a phone may have answered it.
    async fn goes_on(&self, about: About, open: Option<Open>, step: Result<LoginStep, Problem>) {
        match step {
            Err(problem) if is_gone(&problem) => match (self.after_phone(&about, open.as_ref()).await, open) {
                (Some(step), _) => self.follow(about, Ok(step)).await,
                // Its time is over; a fresh code or QR can still be asked for.
                (None, Some(open)) if open.is_over() => self.put(open.about, open.shown, open.since, false),
                (None, _) => self.fail(about, gone()).await,
            },
            step => self.follow(about, step).await,
        }
    }

    /// What came of a challenge that somebody answered elsewhere: another one, or the account is in.
    async fn after_phone(&self, about: &About, open: Option<&Open>) -> Option<LoginStep> {
        let all = self.services.call(|| self.services.client().challenges()).await.unwrap_or_default();
        let next = all.into_iter().find(|challenge| match (&about.account, open) {
            (Some(account), _) => challenge.account.as_ref() == Some(account),
            (None, Some(open)) => open.is_same_newcomer(challenge),
            (None, None) => false,
        });
        if let Some(challenge) = next {
            return Some(LoginStep::Challenge { challenge });
        }
        let (accounts, _) = accounts::accounts(&self.services, &about.company).await.ok()?;
        let account = accounts.into_iter().find(|account| match (&about.account, open) {
            (Some(id), _) => account.id == *id,
            (None, Some(open)) => account.login_name == open.shown.login_name,
            (None, None) => false,
        })?;
        matches!(account.session, Session::Valid { .. }).then_some(LoginStep::Done { account })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn fail(&self, about: About, problem: Problem) {
        self.offer(&about, None);
        self.outbox.send(Event::LoginFailed { company: about.company, account: about.account, problem }).await;
    }

    async fn tell_accounts(&self, company: String) {
        let result = accounts::accounts(&self.services, &company).await;
        self.outbox.send(Event::Accounts { company, result }).await;
    }
}

impl Open {
    fn left(&self) -> Duration {
        Duration::from_secs(self.shown.expires_in).saturating_sub(self.since.elapsed())
    }

    /// Its time is over, and a fresh one of its kind can be asked for.
    fn is_over(&self) -> bool {
        let renewable = matches!(
            self.shown.kind,
            ChallengeKind::Image { .. } | ChallengeKind::Sms { .. } | ChallengeKind::Qr { .. } | ChallengeKind::Face { .. }
        );
        renewable && self.left() <= SHIFT
    }

    /// The window shows it just so. Times go on by themselves; one that was made longer is another matter.
    fn shows(&self, challenge: &Challenge) -> bool {
        let same_kind = match (&self.shown.kind, &challenge.kind) {
            (ChallengeKind::Sms { phone: ours, .. }, ChallengeKind::Sms { phone, .. }) => ours == phone,
            (ours, kind) => ours == kind,
        };
        // One that lives longer than the client says comes with that life at every look.
        let is_cut_short = challenge.expires_in >= LONGEST;
        let renewed = !is_cut_short && Duration::from_secs(challenge.expires_in) > self.left() + SHIFT;
        same_kind && !renewed && self.shown.attempts_left == challenge.attempts_left
    }

    /// Both add the same account.
    fn is_same_newcomer(&self, other: &Challenge) -> bool {
        let ours = &self.shown;
        other.account.is_none() && (&other.login_name, &other.company, &other.region) == (&ours.login_name, &ours.company, &ours.region)
    }
}

fn is_gone(problem: &Problem) -> bool {
    problem.is(code::CHALLENGE_GONE) || problem.class() == Some(ErrorClass::NotFound)
}

fn gone() -> Problem {
    ApiError::new(ErrorClass::UserFix, code::CHALLENGE_GONE, "the challenge is over").into()
}

/// Problems after which the challenge is still there to be answered.
fn leaves_open(problem: &Problem) -> bool {
    let refused_as_typed = matches!(problem.class(), Some(ErrorClass::BadRequest)) || problem.is(code::FIELD_INVALID);
    problem.is_transient() || refused_as_typed || problem.is(code::RESEND_TOO_SOON) || problem.is(code::IDENTITY_SWITCHES)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(kind: ChallengeKind, left: u64) -> Open {
        let shown = Challenge {
            id: "1".to_owned(),
            account: None,
            login_name: "138****0001".to_owned(),
            company: "示例公司".to_owned(),
            region: "3100".to_owned(),
            kind,
            expires_in: left,
            attempts_left: 3,
            rejected: false,
        };
        let about = About { company: "c".to_owned(), account: None };
        Open { about, shown, since: Instant::now(), stop: CancellationToken::new(), sent: None }
    }

    fn sms(resend_after: u64) -> ChallengeKind {
        ChallengeKind::Sms { phone: "138****0001".to_owned(), resend_after }
    }

    fn working(done: &[&str]) -> ChallengeKind {
        ChallengeKind::Working { done: done.iter().map(|step| (*step).to_owned()).collect(), doing: "短信".to_owned() }
    }

    #[test]
    fn times_that_go_by_are_no_news_and_anything_else_is() {
        let ours = open(sms(60), 200);
        let later = Challenge { kind: sms(0), expires_in: 199, ..ours.shown.clone() };
        assert!(ours.shows(&later));
        assert!(!ours.shows(&Challenge { attempts_left: 2, ..later.clone() }));
        assert!(!ours.shows(&Challenge { expires_in: 300, ..later.clone() }), "sent again");
        assert!(!ours.shows(&Challenge { kind: ChallengeKind::Unknown, ..later }));
        let hosted = open(working(&[]), 200);
        assert!(!hosted.shows(&Challenge { kind: working(&["图形"]), ..hosted.shown.clone() }), "a step further");
    }

    #[test]
    fn what_has_expired_can_be_asked_for_again_if_there_is_a_fresh_one() {
        assert!(open(sms(0), 0).is_over());
        assert!(!open(sms(0), 200).is_over());
        assert!(!open(working(&[]), 0).is_over(), "a hosted number is not asked again");
    }

    #[test]
    fn one_that_lives_longer_than_the_client_says_is_not_renewed_at_every_look() {
        let ours = open(sms(0), LONGEST - 60);
        assert!(ours.shows(&Challenge { expires_in: LONGEST, ..ours.shown.clone() }));
        assert!(!ours.shows(&Challenge { expires_in: LONGEST - 1, ..ours.shown.clone() }), "sent again");
    }

    #[test]
    fn an_added_account_is_known_by_its_login_name() {
        let ours = open(sms(0), 200);
        let next = Challenge { id: "2".to_owned(), kind: ChallengeKind::Unknown, ..ours.shown.clone() };
        assert!(ours.is_same_newcomer(&next));
        assert!(!ours.is_same_newcomer(&Challenge { login_name: "139****0002".to_owned(), ..next.clone() }));
        assert!(!ours.is_same_newcomer(&Challenge { account: Some(AccountId("a".to_owned())), ..next }));
    }
}
