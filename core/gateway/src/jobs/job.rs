//! One job: what was asked, and where it stands.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use piaoxia_domain::{AccountId, Invoice};
use piaoxia_service::contract::{ApiError, Job, JobRequest, JobState, Page, SummaryRow};
use tokio_util::sync::CancellationToken;

use crate::failure::{Answer, Failure};
use crate::random;

/// Invoices on one page.
const PAGE: usize = 200;

/// A job that was started.
pub(crate) struct Running {
    pub(crate) id: String,
    pub(crate) request: JobRequest,
    pub(crate) account: AccountId,
    created_at: Timestamp,
    cancelled: CancellationToken,
    stand: Mutex<Stand>,
}

struct Stand {
    state: JobState,
    percent: u8,
    ready_at: Option<Timestamp>,
    summary: Vec<SummaryRow>,
    items: Vec<Invoice>,
    /// The last page was handed out.
    taken: bool,
}

impl Running {
    pub(super) fn new(request: JobRequest, account: AccountId) -> Self {
        let stand = Stand { state: JobState::Queued, percent: 0, ready_at: None, summary: Vec::new(), items: Vec::new(), taken: false };
        Self {
            id: random::id(),
            request,
            account,
            created_at: Timestamp::now(),
            cancelled: CancellationToken::new(),
            stand: Mutex::new(stand),
        }
    }

    /// The job as the contract shows it.
    pub(crate) fn report(&self, poll_after: Duration) -> Job {
        let stand = self.lock();
        Job {
            id: self.id.clone(),
            kind: self.request.kind,
            account: self.account.clone(),
            state: stand.state.clone(),
            progress: stand.percent,
            ready_at: stand.ready_at.filter(|_| !is_over(&stand.state)),
            poll_after_ms: u64::try_from(poll_after.as_millis()).unwrap_or(u64::MAX),
            summary: stand.summary.clone(),
            created_at: self.created_at,
        }
    }

    /// A page of a finished job.
    ///
    /// # Errors
    /// Not done yet, or not a cursor.
    pub(crate) fn page(&self, cursor: Option<&str>, limit: usize) -> Answer<Page> {
        let mut stand = self.lock();
        if stand.state != JobState::Done {
            return Err(Failure::bad_request("the job is not done"));
        }
        let total = stand.items.len();
        let from = match cursor {
            None => 0,
            Some(cursor) => {
                cursor.parse().ok().filter(|from| *from <= total).ok_or_else(|| Failure::bad_request("not a cursor of this job"))?
            }
        };
        let to = from.saturating_add(limit.clamp(1, PAGE)).min(total);
        let items = stand.items.get(from..to).unwrap_or_default().to_vec();
        stand.taken |= to == total;
        Ok(Page { items, next: (to < total).then(|| to.to_string()), total: total as u64 })
    }

    /// How many invoices it holds, once all of them were handed out.
    pub(super) fn taken(&self) -> Option<usize> {
        let stand = self.lock();
        stand.taken.then_some(stand.items.len())
    }

    /// Asks the job to end.
    pub(crate) fn cancel(&self) {
        self.cancelled.cancel();
        self.end(JobState::Cancelled);
    }

    /// Ends when the job is cancelled.
    pub(super) async fn until_cancelled(&self) {
        self.cancelled.cancelled().await;
    }

    /// True once nothing changes any more.
    pub(super) fn is_over(&self) -> bool {
        is_over(&self.lock().state)
    }

    pub(super) fn waits(&self) {
        self.turn(JobState::WaitingLogin);
    }

    pub(crate) fn is_waiting(&self) -> bool {
        self.lock().state == JobState::WaitingLogin
    }

    pub(super) fn works(&self) {
        self.turn(JobState::Running);
    }

    fn turn(&self, state: JobState) {
        let mut stand = self.lock();
        if !is_over(&stand.state) {
            stand.state = state;
        }
    }

    /// Tells when the bureau will be ready, or that it is.
    pub(super) fn expect(&self, ready_at: Option<Timestamp>) {
        self.lock().ready_at = ready_at;
    }

    pub(super) fn progress(&self, percent: u8) {
        let mut stand = self.lock();
        stand.percent = stand.percent.max(percent.min(99));
    }

    pub(super) fn finish(&self, summary: Vec<SummaryRow>, items: Vec<Invoice>) {
        let mut stand = self.lock();
        if !is_over(&stand.state) {
            *stand = Stand { state: JobState::Done, percent: 100, ready_at: None, summary, items, taken: false };
        }
    }

    pub(super) fn fail(&self, error: ApiError) {
        self.end(JobState::Failed { error });
    }

    fn end(&self, state: JobState) {
        let mut stand = self.lock();
        if !is_over(&stand.state) {
            stand.state = state;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Stand> {
        self.stand.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_over(state: &JobState) -> bool {
    matches!(state, JobState::Done | JobState::Failed { .. } | JobState::Cancelled)
}
