//! Jobs: long work at the bureau, followed by polling.

mod job;
mod run;
mod way;

pub(crate) use job::Running;

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use piaoxia_domain::period::{QUERY_DAYS, shanghai_day};
use piaoxia_domain::{AccountId, DateRange};
use piaoxia_service::contract::{ErrorClass, Job, JobKind, JobRequest, code};

use crate::app::App;
use crate::disks;
use crate::failure::{Answer, Failure};

/// Jobs that may be under way at a time.
const UNDER_WAY: usize = 1_000;
/// Invoices of jobs that were handed out whole, held for a program that lost the answer and asks again: some ten MiB.
const TAKEN: usize = 10_000;
/// Longest key that a program may choose.
const KEY_LENGTH: usize = 100;
/// Longest range of a summary: ten years.
const SUMMARY_DAYS: i32 = 3_660;

/// The jobs of a gateway. They live as long as the process.
pub(crate) struct Jobs {
    kept: usize,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    by_id: HashMap<String, Arc<Running>>,
    /// By person and the program's key.
    by_key: HashMap<(String, String), String>,
    /// Ids, the oldest first.
    order: VecDeque<String>,
}

impl Jobs {
    pub(crate) fn new(kept: usize) -> Self {
        Self { kept, inner: Mutex::default() }
    }

    /// A job of one of these companies.
    ///
    /// # Errors
    /// Not found.
    pub(crate) fn find(&self, companies: &[String], id: &str) -> Answer<Arc<Running>> {
        let inner = self.lock();
        let job = inner.by_id.get(id).filter(|job| companies.contains(&job.request.company));
        job.cloned().ok_or_else(|| Failure::not_found("job"))
    }

    /// The person's job with this key, or else the one that `make` gives, which is then to be started.
    fn find_or_add(&self, person: &str, client_key: &str, make: impl FnOnce() -> Running) -> Answer<(Arc<Running>, bool)> {
        let mut inner = self.lock();
        let key = (person.to_owned(), client_key.to_owned());
        if let Some(job) = inner.by_key.get(&key).and_then(|id| inner.by_id.get(id)) {
            return Ok((Arc::clone(job), false));
        }
        inner.forget_finished(self.kept, TAKEN);
        if inner.by_id.values().filter(|job| !job.is_over()).count() >= UNDER_WAY {
            return Err(Failure::new(ErrorClass::Throttle, code::THROTTLED, "too many jobs are under way").retry_after(30));
        }
        let job = Arc::new(make());
        inner.by_key.insert(key, job.id.clone());
        inner.order.push_back(job.id.clone());
        inner.by_id.insert(job.id.clone(), Arc::clone(&job));
        Ok((job, true))
    }

    /// True while work waits until this account is signed in.
    pub(crate) fn waits_for(&self, account: &AccountId) -> bool {
        self.lock().by_id.values().any(|job| job.account == *account && job.is_waiting())
    }

    /// Cancels everything that runs under an account.
    pub(crate) fn cancel_of(&self, account: &AccountId) {
        for job in self.lock().by_id.values().filter(|job| job.account == *account) {
            job.cancel();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Drops the oldest finished jobs, with their items and keys, until few are left; of those that were handed out whole, also until
    /// they hold `most` invoices.
    fn forget_finished(&mut self, kept: usize, most: usize) {
        let over: Vec<(String, Option<usize>)> = self.order.iter().filter_map(|id| self.finished(id)).collect();
        let mut surplus = over.len().saturating_sub(kept);
        let mut taken: usize = over.iter().filter_map(|(_, items)| *items).sum();
        for (id, items) in over {
            let is_heavy = taken > most && items.is_some_and(|items| items > 0);
            if surplus == 0 && !is_heavy {
                continue;
            }
            surplus = surplus.saturating_sub(1);
            taken -= items.unwrap_or(0);
            self.by_id.remove(&id);
            self.by_key.retain(|_, other| *other != id);
            self.order.retain(|other| *other != id);
        }
    }

    /// The id of a finished job with what it holds, see [`Running::taken`].
    fn finished(&self, id: &str) -> Option<(String, Option<usize>)> {
        let job = self.by_id.get(id);
        job.is_none_or(|job| job.is_over()).then(|| (id.to_owned(), job.and_then(|job| job.taken())))
    }
}

impl App {
    /// Starts a job, or gives the one that the key has started before.
    ///
    /// # Errors
    /// `badRequest`, `query.rangeTooLarge`, `query.rangeInFuture`, `account.noDefault`, `account.noReceiveRight`, `disk.notOffered`.
    pub(crate) fn start_job(self: &Arc<Self>, person: &str, request: JobRequest) -> Answer<Job> {
        if request.client_key.is_empty() || request.client_key.len() > KEY_LENGTH {
            return Err(Failure::bad_request("a job's key has 1 to 100 bytes"));
        }
        check_range(request.kind, &request.query.dates)?;
        let account = match &request.account {
            Some(disk) if disks::is_disk(disk) => self.disk_for_job(&request.company, disk)?,
            named => self.receiving_account(&request.company, named.as_ref())?.id,
        };
        let key = request.client_key.clone();
        let (job, is_new) = self.jobs.find_or_add(person, &key, || Running::new(request, account))?;
        if is_new {
            run::spawn(Arc::clone(self), Arc::clone(&job));
        }
        Ok(job.report(self.limits.poll_after))
    }
}

/// The bureau's rules for ranges. The last day is yesterday: no same-day data.
fn check_range(kind: JobKind, dates: &DateRange) -> Answer<()> {
    if dates.from() > dates.to() {
        return Err(Failure::bad_request("the range ends before it begins"));
    }
    let too_large = |rule: &str| Err(Failure::new(ErrorClass::TooMany, code::RANGE_TOO_LARGE, rule));
    match kind {
        JobKind::Summary if dates.days() > SUMMARY_DAYS => too_large("a summary covers ten years at most"),
        JobKind::Summary => Ok(()),
        JobKind::Collect if dates.days() > QUERY_DAYS || dates.from().first_of_month() != dates.to().first_of_month() => {
            too_large("one query covers 31 days of one month at most")
        }
        JobKind::Collect if dates.to() >= shanghai_day(Timestamp::now()) => {
            Err(Failure::new(ErrorClass::UserFix, code::RANGE_IN_FUTURE, "the bureau gives no data of today or later"))
        }
        JobKind::Collect => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use jiff::civil::date;
    use piaoxia_bureau::{Bureau, BureauConfig, CompanyNo, PAGE_LIMIT};
    use piaoxia_domain::Scope;
    use piaoxia_service::contract::Query;

    #[test]
    fn what_was_handed_out_whole_goes_first() {
        let today = date(2026, 3, 1);
        let (dates, bureau) =
            (DateRange::new(date(2026, 1, 1), date(2026, 1, 31)).unwrap(), Bureau::new(BureauConfig::new(1, 3_000, today)));
        let query = piaoxia_bureau::Query::all(Scope::Received, dates);
        let items = bureau.page(CompanyNo(0), &query, today, None, PAGE_LIMIT).unwrap().items;
        let query = Query { scope: Scope::Received, dates, kinds: Vec::new(), statuses: Vec::new(), deductions: Vec::new() };
        let jobs = Jobs::new(10);
        let add = |key: &str| {
            let request =
                JobRequest { client_key: key.into(), kind: JobKind::Collect, company: "c".into(), account: None, query: query.clone() };
            jobs.find_or_add("p", key, || Running::new(request, AccountId("a".into()))).unwrap().0
        };
        let (first, second) = (add("first"), add("second"));
        for job in [&first, &second] {
            job.finish(Vec::new(), items.clone());
        }
        second.page(None, 1).unwrap();
        assert_eq!((first.taken(), second.taken()), (None, None));
        second.page(Some(&(items.len() - 1).to_string()), 1).unwrap();
        assert_eq!(second.taken(), Some(items.len()));
        jobs.lock().forget_finished(10, items.len());
        assert_eq!(jobs.lock().by_id.len(), 2);
        jobs.lock().forget_finished(10, items.len() - 1);
        assert!(jobs.lock().by_id.keys().eq([&first.id]), "nobody has the first one yet");
    }

    #[test]
    fn ranges_follow_the_bureaus_rules() {
        let check = |kind, from, to| check_range(kind, &DateRange::new(from, to).unwrap()).map_err(|failure| failure.code().to_owned());
        assert_eq!(check(JobKind::Collect, date(2026, 1, 1), date(2026, 1, 31)), Ok(()));
        assert_eq!(check(JobKind::Collect, date(2026, 1, 31), date(2026, 2, 1)), Err(code::RANGE_TOO_LARGE.to_owned()));
        assert_eq!(check(JobKind::Collect, date(9998, 1, 1), date(9998, 1, 2)), Err(code::RANGE_IN_FUTURE.to_owned()));
        assert_eq!(check(JobKind::Summary, date(2025, 1, 1), date(2026, 12, 31)), Ok(()));
        assert_eq!(check(JobKind::Summary, date(1900, 1, 1), date(2026, 12, 31)), Err(code::RANGE_TOO_LARGE.to_owned()));
        let backwards: DateRange = serde_json::from_str(r#"{"from":"2026-02-01","to":"2026-01-01"}"#).unwrap();
        assert!(check_range(JobKind::Summary, &backwards).is_err());
    }
}
