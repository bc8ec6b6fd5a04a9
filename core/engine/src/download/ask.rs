//! A running download: how it asks the service, waits, and tells where it stands.

use std::pin::pin;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use piaoxia_domain::AccountId;
use piaoxia_service::ClientError;
use piaoxia_service::contract::{ApiError, ErrorClass, Job, JobRequest, JobState, LoginStep, code};
use piaoxia_store::StoreError;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::record::Record;
use super::turn::Turn;
use super::{Download, DownloadState};
use crate::accounts;
use crate::observe::Observe;
use crate::problem::{Problem, VaultFault, What};
use crate::services::Services;

/// Pause between two tries of a kept password.
const REMEMBERED: Duration = Duration::from_secs(3600);

/// A download at work.
pub(super) struct Run<O> {
    pub services: Services,
    pub record: Record,
    pub stop: CancellationToken,
    /// It ran before: originals of its last page may be missing.
    pub resumed: bool,
    /// The account that it runs under: the one that was ordered, else once the service has told it.
    account: Option<AccountId>,
    /// Why an original is missing.
    pub originals_problem: Option<Problem>,
    /// Originals on their way into the store.
    pub attaching: Option<JoinHandle<Result<(), Problem>>>,
    /// When a kept password was tried.
    remembered: Option<Instant>,
    turn: Turn,
    observer: O,
    meter: Meter,
    told: Option<Instant>,
}

/// Why a run ended before its end.
#[derive(Debug)]
pub(super) enum Halt {
    /// `stop` was called.
    Stopped,
    /// The session with the service is over.
    SignedOut,
    /// It cannot go on.
    Fault(Problem),
}

impl From<Problem> for Halt {
    fn from(problem: Problem) -> Self {
        if problem.class() == Some(ErrorClass::Unauthorized) { Self::SignedOut } else { Self::Fault(problem) }
    }
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

/// Failures of one step in a row.
#[derive(Default)]
pub(super) struct Failures {
    count: u32,
    /// Patience spent on them.
    spent: Duration,
    /// When the last one was, and how long was paused after it.
    last: Option<(Instant, Duration)>,
}

impl Failures {
    /// Counts one more. From one failure to the next no more is spent than the pause between them and the time of one try: a PC that was
    /// asleep meanwhile has not been patient, whatever its clock says.
    fn add(&mut self, now: Instant, attempt: Duration) {
        self.count += 1;
        if let Some((at, pause)) = self.last {
            self.spent += now.saturating_duration_since(at).min(pause + attempt);
        }
    }
}

impl<O: Observe<Download>> Run<O> {
    pub(super) fn new(services: &Services, record: Record, turn: Turn, observer: O, stop: CancellationToken) -> Self {
        let resumed = record.counts > 0;
        let meter = Meter::default();
        let (services, account) = (services.clone(), record.download.order.account.clone());
        Self {
            services,
            record,
            stop,
            resumed,
            account,
            originals_problem: None,
            attaching: None,
            remembered: None,
            turn,
            observer,
            meter,
            told: None,
        }
    }

    /// Asks the service; hiccups are waited out for a while, visibly, and a person who must sign the account in at the bureau, or open the
    /// vault, as long as it takes.
    pub(super) async fn ask<T, F>(&mut self, make: impl Fn() -> F) -> Result<T, Halt>
    where
        F: Future<Output = Result<T, ClientError>>,
    {
        let services = self.services.clone();
        let mut failures = Failures::default();
        let mut interrupted = None;
        loop {
            if let Some(held) = services.held() {
                self.tell_wait(held.error.into(), held.left).await;
                self.unless_stopped(tokio::time::sleep(held.left)).await?;
            }
            let problem = match self.telling_of_holds(services.call(&make)).await? {
                Ok(answer) => {
                    if let Some(working) = interrupted {
                        self.go_on(&working).await?;
                    }
                    self.forget_problem().await;
                    return Ok(answer);
                }
                Err(problem) => problem,
            };
            if problem.what == What::Vault(VaultFault::Locked) {
                interrupted.get_or_insert_with(|| self.record.download.state.clone());
                self.wait_for_vault(problem).await?;
                continue;
            }
            match self.account.clone().filter(|_| problem.class() == Some(ErrorClass::NeedLogin)) {
                Some(account) => {
                    interrupted.get_or_insert_with(|| self.record.download.state.clone());
                    self.wait_for_login(&account).await?;
                }
                None => self.wait_out(problem, &mut failures).await?,
            }
        }
    }

    /// Waits before the next try, with the problem shown; an error once patience is at its end, or for what does not pass.
    pub(super) async fn wait_out(&mut self, problem: Problem, failures: &mut Failures) -> Result<(), Halt> {
        failures.add(Instant::now(), self.services.pace().attempt);
        let patience = self.services.pace().patience.saturating_sub(failures.spent);
        let pause = pause_for(&problem).or_else(|| problem.is_transient().then(|| self.services.pace().pause(failures.count)));
        let Some(pause) = pause.filter(|pause| *pause <= patience) else { return Err(problem.into()) };
        tracing::info!(problem.detail, ?pause, "a download waits");
        failures.last = Some((Instant::now(), pause));
        self.tell_wait(problem, pause).await;
        self.unless_stopped(tokio::time::sleep(pause)).await
    }

    /// Tells why it waits, and until when.
    pub(super) async fn tell_wait(&mut self, problem: Problem, left: Duration) {
        let until = jiff::SignedDuration::try_from(left).ok().and_then(|left| Timestamp::now().checked_add(left).ok());
        (self.record.download.problem, self.record.download.waits_until) = (Some(problem), until);
        self.tell_now().await;
    }

    /// Sees a call through. The client waits out short pauses by itself: what the service wants of it is told meanwhile.
    async fn telling_of_holds<T>(&mut self, call: impl Future<Output = T>) -> Result<T, Halt> {
        let (services, stop) = (self.services.clone(), self.stop.clone());
        let mut call = pin!(call);
        let mut asked = pin!(services.client().until_held());
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => return Err(Halt::Stopped),
                done = &mut call => return Ok(done),
                () = &mut asked => {
                    asked.set(services.client().until_held());
                    if let Some(held) = services.client().held() {
                        self.tell_wait(held.error.into(), held.left).await;
                    }
                }
            }
        }
    }

    pub(super) async fn unless_stopped<T>(&self, wait: impl Future<Output = T>) -> Result<T, Halt> {
        self.stop.run_until_cancelled(wait).await.ok_or(Halt::Stopped)
    }

    /// Forgets what it waited for once that time has come: until then, an answer to what was asked before says nothing.
    pub(super) async fn forget_wait(&mut self) {
        if self.record.download.waits_until.is_some_and(|until| until <= Timestamp::now()) {
            self.forget_problem().await;
        }
    }

    async fn forget_problem(&mut self) {
        self.record.download.waits_until = None;
        if self.record.download.problem.take().is_some() {
            self.tell_now().await;
        }
    }

    /// Starts a job (or finds it again by its key) and sees it through. An account that must be signed in is waited for.
    pub(super) async fn finish_job(&mut self, request: &JobRequest) -> Result<Job, Halt> {
        let services = self.services.clone();
        let working = self.record.download.state.clone();
        let mut job = self.ask(|| services.client().start_job(request)).await?;
        self.account = Some(job.account.clone());
        loop {
            self.note_job(&job).await?;
            match job.state {
                JobState::Done => {
                    self.record.download.ready_at = None;
                    self.go_on(&working).await?;
                    return Ok(job);
                }
                JobState::Failed { error } => return Err(Problem::from(error).into()),
                JobState::Cancelled => return Err(lost(&job.id)),
                JobState::WaitingLogin => self.wait_for_login(&job.account).await?,
                JobState::Queued | JobState::Running => {
                    self.go_on(&working).await?;
                    if self.record.download.ready_at != job.ready_at {
                        self.record.download.ready_at = job.ready_at;
                        self.tell_now().await;
                    }
                    self.unless_stopped(tokio::time::sleep(Duration::from_millis(job.poll_after_ms))).await?;
                }
            }
            let id = job.id;
            job = self.ask(|| services.client().job(&id)).await?;
        }
    }

    async fn wait_for_login(&mut self, account: &AccountId) -> Result<(), Halt> {
        self.turn.give_away();
        self.show(DownloadState::NeedsLogin { account: account.clone() }).await;
        let services = self.services.clone();
        match &self.record.download.order.disk {
            Some(serial) => services.want_disk(serial),
            None => self.sign_in_remembered(account).await?,
        }
        // The service may have begun the sign-in by itself; what it asks is to be shown.
        services.look_around();
        // Whoever answers first, here or on a phone: the job is looked at again at either.
        let looked_at = tokio::time::timeout(services.pace().login, services.until_account_signed_in());
        self.unless_stopped(looked_at).await.map(drop)
    }

    /// The session is over, and the token that renews it lies in the vault, which is locked. Others run meanwhile.
    async fn wait_for_vault(&mut self, problem: Problem) -> Result<(), Halt> {
        self.turn.give_away();
        (self.record.download.problem, self.record.download.waits_until) = (Some(problem), None);
        self.tell_now().await;
        self.unless_stopped(self.services.secrets().until_unlocked()).await
    }

    /// With the password of the vault, where the service has none: after its restart. Once an hour, so that a bureau which ends
    /// sessions at once is not asked again and again.
    async fn sign_in_remembered(&mut self, account: &AccountId) -> Result<(), Halt> {
        let services = self.services.clone();
        let lately = self.remembered.is_some_and(|tried| tried.elapsed() < REMEMBERED);
        if lately || services.secrets().password(account).await.is_none() {
            return Ok(());
        }
        let asked = self.unless_stopped(services.call(|| services.client().challenges())).await?.unwrap_or_default();
        if asked.iter().any(|challenge| challenge.account.as_ref() == Some(account)) {
            return Ok(());
        }
        self.remembered = Some(Instant::now());
        match self.unless_stopped(accounts::login_remembered(&services, account)).await? {
            Ok(LoginStep::Done { .. }) => services.account_signed_in(),
            Ok(LoginStep::Challenge { .. }) => {}
            Err(problem) => tracing::warn!(problem.detail, "a kept password did not sign the account in"),
        }
        Ok(())
    }

    async fn go_on(&mut self, working: &DownloadState) -> Result<(), Halt> {
        self.stop.run_until_cancelled(self.turn.take_back()).await.ok_or(Halt::Stopped)?;
        self.show(working.clone()).await;
        Ok(())
    }

    /// Changes the state and tells of it, if it is another one.
    pub(super) async fn show(&mut self, state: DownloadState) {
        if self.record.download.state != state {
            self.record.download.state = state;
            self.tell_now().await;
        }
    }

    /// Tells of progress, not too often.
    pub(super) async fn tell(&mut self) {
        if self.told.is_none_or(|told| told.elapsed() >= self.services.pace().progress) {
            self.tell_now().await;
        }
    }

    pub(super) async fn tell_now(&mut self) {
        self.told = Some(Instant::now());
        let mut snapshot = self.record.snapshot();
        snapshot.per_second = self.meter.rate(snapshot.received.invoices);
        self.observer.observe(snapshot).await;
    }

    pub(super) async fn save(&mut self) -> Result<(), Halt> {
        Ok(self.record.save(self.services.store()).await?)
    }
}

/// A job that the service no longer has: [`ErrorClass::NotFound`], as if it had said so.
fn lost(job: &str) -> Halt {
    Halt::Fault(ApiError::new(ErrorClass::NotFound, code::NOT_FOUND, format!("job {job} was cancelled")).into())
}

/// A lost job passes like a hiccup, as long as patience lasts: the next one is a new one.
pub(super) fn passing(problem: Problem) -> Problem {
    match problem.what {
        What::Service(mut error) if error.class == ErrorClass::NotFound => {
            error.class = ErrorClass::Busy;
            Problem::from(*error)
        }
        _ => problem,
    }
}

/// The pause that the service itself asks for: until the end of a maintenance, or `retryAfter`.
fn pause_for(problem: &Problem) -> Option<Duration> {
    let error = problem.api()?;
    let waits = problem.is_transient() || error.class == ErrorClass::Maintenance;
    let asked = error.retry_after.map(Duration::from_secs);
    // The PC's clock may be wrong; then the wait is wrong, and the next answer says how long it still takes.
    let left = |until: Timestamp| Duration::try_from(until.duration_since(Timestamp::now())).unwrap_or(Duration::ZERO);
    let until = error.until.filter(|_| error.class == ErrorClass::Maintenance).map(|until| left(until) + Duration::from_millis(100));
    waits.then(|| asked.or(until)).flatten()
}

/// Invoices a second, over the last seconds.
#[derive(Default)]
struct Meter {
    at: Option<Instant>,
    count: u64,
    rate: f32,
}

impl Meter {
    fn rate(&mut self, count: u64) -> f32 {
        let Some(at) = self.at else {
            (self.at, self.count) = (Some(Instant::now()), count);
            return 0.0;
        };
        let elapsed = at.elapsed().as_secs_f32();
        if elapsed >= 1.0 {
            let lately = count.saturating_sub(self.count) as f32 / elapsed;
            self.rate = if self.rate == 0.0 { lately } else { (self.rate + lately) / 2.0 };
            (self.at, self.count) = (Some(Instant::now()), count);
        }
        self.rate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sleep_of_the_pc_takes_no_patience() {
        let (mut failures, begun) = (Failures::default(), Instant::now());
        let (pause, attempt) = (Duration::from_secs(8), Duration::from_secs(120));
        failures.add(begun, attempt);
        failures.last = Some((begun, pause));
        failures.add(begun + Duration::from_secs(10), attempt);
        assert_eq!((failures.count, failures.spent), (2, Duration::from_secs(10)));
        failures.last = Some((begun + Duration::from_secs(10), pause));
        // A night.
        failures.add(begun + Duration::from_secs(36_000), attempt);
        assert_eq!(failures.spent, Duration::from_secs(10 + 8 + 120));
    }

    #[test]
    fn the_service_says_how_long_to_wait() {
        let mut throttled = ApiError::new(ErrorClass::Throttle, code::THROTTLED, "slow down");
        throttled.retry_after = Some(7);
        assert_eq!(pause_for(&throttled.into()), Some(Duration::from_secs(7)));
        let mut serviced = ApiError::new(ErrorClass::Maintenance, code::MAINTENANCE, "tonight");
        serviced.until = Some(Timestamp::now() + jiff::SignedDuration::from_secs(30));
        let pause = pause_for(&serviced.into());
        assert!(pause.is_some_and(|pause| pause > Duration::from_secs(25) && pause < Duration::from_secs(31)), "{pause:?}");
        let mut quota = ApiError::new(ErrorClass::Quota, code::QUOTA, "used up");
        quota.retry_after = Some(7);
        assert_eq!(pause_for(&quota.into()), None);
    }
}
