//! Limits of collecting (归集): ranges, sizes, calls a month, one run of the same export at a time.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use piaoxia_domain::DateRange;
use piaoxia_domain::period::{QUERY_DAYS, shanghai_day};

use crate::login::midnight_after;
use crate::people::AccountNo;
use crate::query::Query;
use crate::refusal::Refusal;
use crate::register::CompanyNo;

/// Most invoices in one export.
pub const COLLECT_LIMIT: u64 = 5_000;
/// Exports that an account may start in a month.
pub const COLLECT_CALLS_PER_MONTH: u32 = 3_000;

/// An export that runs at the bureau.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// Its id.
    pub id: String,
    /// Company whose invoices it collects.
    pub company: CompanyNo,
    /// Account that started it.
    pub account: AccountNo,
    /// Invoices in it.
    pub count: u64,
    /// When it is done, UTC.
    pub ready_at: Timestamp,
}

/// Scarce tries of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Errors left today before the lock.
    pub login_tries_left: u32,
    /// Exports left this month.
    pub collect_calls_left: u32,
    /// Sign-ins under another identity left in this hour.
    pub identity_switches_left: u32,
    /// When the tries are given back, UTC.
    pub resets_at: Timestamp,
}

/// What runs, and what has been spent.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    running: BTreeMap<String, (Export, Query)>,
    /// Month (its first day) and exports started in it.
    spent: BTreeMap<AccountNo, (Date, u32)>,
    started: u64,
}

/// One month, 31 days, nothing of today or later.
pub(crate) fn check_range(dates: DateRange, today: Date) -> Result<(), Refusal> {
    let days = dates.days();
    let last = today.yesterday().unwrap_or(Date::MIN);
    if days > QUERY_DAYS || dates.from().first_of_month() != dates.to().first_of_month() {
        return Err(Refusal::RangeTooLarge { days });
    }
    if dates.to() > last { Err(Refusal::RangeInFuture { last }) } else { Ok(()) }
}

/// How long the bureau takes for so many invoices: 150 ms and 40 ms for each thousand, at `pace` percent.
pub(crate) fn collect_duration(count: u64, pace: u32) -> Duration {
    let usual = count.saturating_mul(40) / 1_000 + 150;
    Duration::from_millis(usual.saturating_mul(u64::from(pace)) / 100)
}

impl Desk {
    /// # Errors
    /// [`Refusal::Busy`] while the same query runs, [`Refusal::Quota`] when the month's calls are spent.
    pub(crate) fn check(&self, company: CompanyNo, account: AccountNo, query: &Query, now: Timestamp) -> Result<(), Refusal> {
        let same = |export: &Export, other: &Query| export.company == company && other == query && export.ready_at > now;
        if let Some((export, _)) = self.running.values().find(|(export, other)| same(export, other)) {
            return Err(Refusal::Busy { until: export.ready_at });
        }
        if self.calls_left(account, now) == 0 {
            let month_end = shanghai_day(now).last_of_month();
            return Err(Refusal::Quota { until: midnight_after(month_end) });
        }
        Ok(())
    }

    /// Starts an export that has been checked.
    pub(crate) fn start(
        &mut self,
        company: CompanyNo,
        account: AccountNo,
        query: &Query,
        count: u64,
        takes: Duration,
        now: Timestamp,
    ) -> Export {
        self.running.retain(|_, (export, _)| export.ready_at > now);
        let month = shanghai_day(now).first_of_month();
        let spent = self.spent.entry(account).or_insert((month, 0));
        *spent = if spent.0 == month { (month, spent.1 + 1) } else { (month, 1) };
        self.started += 1;
        let takes = SignedDuration::try_from(takes).unwrap_or(SignedDuration::MAX);
        let ready_at = now.checked_add(takes).unwrap_or(Timestamp::MAX);
        let export = Export { id: format!("E{:08}", self.started), company, account, count, ready_at };
        self.running.insert(export.id.clone(), (export.clone(), query.clone()));
        export
    }

    pub(crate) fn end(&mut self, export: &str) {
        self.running.remove(export);
    }

    pub(crate) fn calls_left(&self, account: AccountNo, now: Timestamp) -> u32 {
        let month = shanghai_day(now).first_of_month();
        let spent = self.spent.get(&account).filter(|(spent_in, _)| *spent_in == month).map_or(0, |(_, spent)| *spent);
        COLLECT_CALLS_PER_MONTH.saturating_sub(spent)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use jiff::civil::date;
    use piaoxia_domain::Scope;

    fn range(from: Date, to: Date) -> DateRange {
        DateRange::new(from, to).unwrap()
    }

    #[test]
    fn a_query_stays_within_a_month_and_ends_yesterday() {
        let today = date(2026, 3, 10);
        assert_eq!(check_range(range(date(2026, 1, 1), date(2026, 1, 31)), today), Ok(()));
        assert_eq!(check_range(range(date(2026, 3, 1), date(2026, 3, 9)), today), Ok(()));
        let over_the_end = range(date(2026, 1, 31), date(2026, 2, 1));
        assert_eq!(check_range(over_the_end, today), Err(Refusal::RangeTooLarge { days: 2 }));
        let year = range(date(2025, 1, 1), date(2025, 12, 31));
        assert_eq!(check_range(year, today), Err(Refusal::RangeTooLarge { days: 365 }));
        for last in [date(2026, 3, 10), date(2026, 3, 31)] {
            let refused = check_range(range(date(2026, 3, 1), last), today);
            assert_eq!(refused, Err(Refusal::RangeInFuture { last: date(2026, 3, 9) }));
        }
    }

    #[test]
    fn the_pace_is_counted_in_percent() {
        assert_eq!(collect_duration(5_000, 100), Duration::from_millis(350));
        assert_eq!(collect_duration(5_000, 0), Duration::ZERO);
        assert_eq!(collect_duration(0, 200), Duration::from_millis(300));
    }

    #[test]
    fn a_month_of_calls_can_be_spent() {
        let mut desk = Desk::default();
        let (company, account) = (CompanyNo(0), AccountNo(0));
        let query = Query::all(Scope::Issued, range(date(2026, 1, 1), date(2026, 1, 1)));
        let now: Timestamp = "2026-02-28T15:00:00Z".parse().unwrap();
        for _ in 0..COLLECT_CALLS_PER_MONTH {
            desk.check(company, account, &query, now).unwrap();
            desk.start(company, account, &query, 1, Duration::ZERO, now);
        }
        let until: Timestamp = "2026-02-28T16:00:00Z".parse().unwrap();
        assert_eq!(desk.check(company, account, &query, now), Err(Refusal::Quota { until }));
        assert_eq!(desk.check(company, AccountNo(1), &query, now), Ok(()));
        assert_eq!(desk.check(company, account, &query, until), Ok(()));
        assert_eq!(desk.calls_left(account, until), COLLECT_CALLS_PER_MONTH);
    }
}
