//! Applications for packages (发票下载申请), and how many the platform takes.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use piaoxia_domain::period::shanghai_day;
use piaoxia_domain::{Kind, Scope};

use crate::login::midnight_after;
use crate::query::Query;
use crate::refusal::Refusal;
use crate::register::CompanyNo;

/// Applications for the current month that the platform takes of each kind.
pub const APPLICATIONS_A_MONTH: u32 = 5;
/// Hours between two different applications for the same month and kind. The real platform takes one for a past month again after 30
/// days only.
pub const SAME_MONTH_HOURS: u32 = 24;
/// Hours that the real platform usually takes.
pub const USUAL_HOURS: u32 = 24;
/// Hours that the real platform may take for kinds that cannot be deducted.
pub const SLOWEST_HOURS: u32 = 7 * 24;

/// What stands for [`USUAL_HOURS`] at the usual pace.
const USUAL_MILLIS: u64 = 2_000;
/// What stands for [`SLOWEST_HOURS`] at the usual pace.
const SLOW_MILLIS: u64 = 5_000;
/// First and last days of a month, when everybody applies and all takes twice as long.
const BUSY_DAYS: i8 = 5;
/// How long a package can be fetched once it is ready.
const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// An application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// Its number.
    pub id: String,
    /// Company whose invoices it is about.
    pub company: CompanyNo,
    /// When it was made, UTC.
    pub applied_at: Timestamp,
    /// When its package can be fetched, UTC.
    pub ready_at: Timestamp,
}

/// An application and what it asked for; states of invoices are looked for in the package.
struct Filed {
    application: Application,
    query: Query,
}

/// All applications of the platform.
#[derive(Default)]
pub(super) struct Applications {
    filed: Vec<Filed>,
    made: u64,
}

/// How long the platform takes at `pace` percent of this simulation's usual speed.
#[must_use]
pub fn application_duration(query: &Query, today: Date, pace: u32) -> Duration {
    let deductible = query.scope == Scope::Deductible || (!query.kinds.is_empty() && query.kinds.iter().all(Kind::is_deductible));
    let usual = if deductible { USUAL_MILLIS } else { SLOW_MILLIS };
    let is_busy = today.day() <= BUSY_DAYS || today.days_in_month() - today.day() < BUSY_DAYS;
    let times = if is_busy { 2 } else { 1 };
    Duration::from_millis(usual * times * u64::from(pace) / 100)
}

impl Applications {
    pub(super) fn apply(&mut self, company: CompanyNo, query: &Query, takes: Duration, now: Timestamp) -> Result<Application, Refusal> {
        let this_month = shanghai_day(now).first_of_month();
        self.filed.retain(|filed| filed.month() == this_month || later(filed.application.ready_at, KEPT) > now);
        let mine = || self.filed.iter().filter(|filed| filed.application.company == company);
        if let Some(there) = mine().rev().find(|filed| filed.blocks_at(now) && filed.covers(query)) {
            return Ok(there.application.clone());
        }
        let blocking = mine().filter(|filed| filed.blocks_at(now) && filed.shares_kind(query));
        if let Some(until) = blocking.map(Filed::free_at).max() {
            return Err(Refusal::TooSoon { until });
        }
        if query.dates.from().first_of_month() == this_month && self.most_filed(company, query, this_month) >= APPLICATIONS_A_MONTH {
            return Err(Refusal::ApplicationQuota { until: midnight_after(this_month.last_of_month()) });
        }
        self.made += 1;
        let ready_at = later(now, SignedDuration::try_from(takes).unwrap_or(SignedDuration::MAX));
        let application = Application { id: format!("P{:08}", self.made), company, applied_at: now, ready_at };
        self.filed.push(Filed { application: application.clone(), query: query.clone() });
        Ok(application)
    }

    /// An application of a company, if its package holds what the query asks for.
    pub(super) fn find(&self, company: CompanyNo, id: &str, query: &Query) -> Option<Application> {
        let is_it = |filed: &&Filed| filed.application.id == id && filed.application.company == company && filed.covers(query);
        self.filed.iter().find(is_it).map(|filed| filed.application.clone())
    }

    /// Applications for the current month left, of the page and kind with the fewest.
    pub(super) fn left(&self, company: CompanyNo, now: Timestamp) -> u32 {
        let today = shanghai_day(now);
        let most = [Scope::Deductible, Scope::Issued, Scope::Received].into_iter().filter_map(|scope| {
            let dates = piaoxia_domain::DateRange::new(today, today)?;
            Some(self.most_filed(company, &Query::all(scope, dates), today.first_of_month()))
        });
        APPLICATIONS_A_MONTH.saturating_sub(most.max().unwrap_or(0))
    }

    /// Applications that were filed for a month, of the query's kind with the most. One for all kinds counts for each.
    fn most_filed(&self, company: CompanyNo, query: &Query, month: Date) -> u32 {
        let counted: Vec<&Filed> = self
            .filed
            .iter()
            .filter(|filed| filed.application.company == company && filed.query.scope == query.scope && filed.month() == month)
            .collect();
        let named: BTreeSet<&Kind> = counted.iter().flat_map(|filed| &filed.query.kinds).collect();
        let asked = named.into_iter().filter(|kind| asks_for(query, kind));
        let of_kind = |kind: &Kind| counted.iter().filter(|filed| asks_for(&filed.query, kind)).count();
        let of_any = counted.iter().filter(|filed| filed.query.kinds.is_empty()).count();
        u32::try_from(asked.map(of_kind).max().unwrap_or(0).max(of_any)).unwrap_or(u32::MAX)
    }
}

impl Filed {
    fn month(&self) -> Date {
        self.query.dates.from().first_of_month()
    }

    /// When another one for the same month and kind may follow.
    fn free_at(&self) -> Timestamp {
        later(self.application.applied_at, SignedDuration::from_hours(i64::from(SAME_MONTH_HOURS))).max(self.application.ready_at)
    }

    fn blocks_at(&self, now: Timestamp) -> bool {
        self.free_at() > now
    }

    fn shares_kind(&self, query: &Query) -> bool {
        let (mine, theirs) = (&self.query.kinds, &query.kinds);
        self.query.scope == query.scope
            && self.month() == query.dates.from().first_of_month()
            && (mine.is_empty() || theirs.is_empty() || mine.iter().any(|kind| theirs.contains(kind)))
    }

    /// Its package holds whatever the query asks for.
    fn covers(&self, query: &Query) -> bool {
        let (mine, theirs) = (&self.query.kinds, &query.kinds);
        self.query.scope == query.scope
            && self.query.dates.from() <= query.dates.from()
            && query.dates.to() <= self.query.dates.to()
            && (mine.is_empty() || (!theirs.is_empty() && theirs.iter().all(|kind| mine.contains(kind))))
    }
}

fn asks_for(query: &Query, kind: &Kind) -> bool {
    query.kinds.is_empty() || query.kinds.contains(kind)
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use jiff::civil::date;
    use piaoxia_domain::DateRange;

    const COMPANY: CompanyNo = CompanyNo(1);

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn query(scope: Scope, from: Date, to: Date, kinds: &[&str]) -> Query {
        Query { kinds: kinds.iter().map(|code| Kind::from_code(code)).collect(), ..Query::all(scope, DateRange::new(from, to).unwrap()) }
    }

    fn august(kinds: &[&str]) -> Query {
        query(Scope::Received, date(2026, 8, 1), date(2026, 8, 31), kinds)
    }

    #[test]
    fn the_same_month_and_kind_once_in_a_day_and_what_is_there_again() {
        let (mut all, now) = (Applications::default(), at("2026-09-16T02:00:00Z"));
        let mut apply = |query: &Query, now| all.apply(COMPANY, query, Duration::from_secs(5), now);
        let first = apply(&august(&["01", "81"]), now).unwrap();
        assert_eq!(first.ready_at, at("2026-09-16T02:00:05Z"));
        assert_eq!(apply(&august(&["81", "01"]), now), Ok(first.clone()), "in whatever order");
        let part = query(Scope::Received, date(2026, 8, 3), date(2026, 8, 9), &["81"]);
        assert_eq!(apply(&part, at("2026-09-17T01:59:59Z")), Ok(first.clone()), "a part of what is there");
        let until = at("2026-09-17T02:00:00Z");
        assert_eq!(apply(&august(&[]), now), Err(Refusal::TooSoon { until }));
        assert_eq!(apply(&august(&["81", "04"]), now), Err(Refusal::TooSoon { until }));
        assert!(apply(&august(&["04"]), now).is_ok(), "another kind");
        assert!(apply(&Query { scope: Scope::Issued, ..august(&[]) }, now).is_ok(), "another page");
        let july = query(Scope::Received, date(2026, 7, 1), date(2026, 7, 31), &[]);
        assert!(apply(&july, now).is_ok(), "another month");
        assert!(all.apply(CompanyNo(2), &august(&[]), Duration::ZERO, now).is_ok(), "another company");
        let again = all.apply(COMPANY, &august(&["01", "81"]), Duration::ZERO, until).unwrap();
        assert_ne!(again.id, first.id, "after a day it is made anew");
    }

    #[test]
    fn what_is_still_worked_on_is_given_again_however_long_it_takes() {
        let (mut all, now) = (Applications::default(), at("2026-09-16T02:00:00Z"));
        let slow = all.apply(COMPANY, &august(&[]), Duration::from_secs(3 * 86_400), now).unwrap();
        let on_the_second_day = at("2026-09-18T02:00:00Z");
        assert_eq!(all.apply(COMPANY, &august(&[]), Duration::ZERO, on_the_second_day), Ok(slow.clone()));
        assert_eq!(all.find(COMPANY, &slow.id, &august(&["01"])), Some(slow.clone()));
        assert_eq!(all.find(CompanyNo(2), &slow.id, &august(&[])), None);
        let two_weeks_later = at("2026-09-30T02:00:00Z");
        assert!(all.apply(COMPANY, &august(&["01"]), Duration::ZERO, two_weeks_later).is_ok());
        assert_eq!(all.find(COMPANY, &slow.id, &august(&[])), None, "a package is not kept for ever");
    }

    #[test]
    fn a_kind_has_five_applications_of_the_current_month() {
        let mut all = Applications::default();
        let mut days = (5..).map(|day| (date(2026, 9, day), at(&format!("2026-09-{:02}T02:00:00Z", day + 1))));
        let first = |to| query(Scope::Received, date(2026, 9, 1), to, &[]);
        for (left, (to, now)) in (0..5).rev().zip(&mut days) {
            all.apply(COMPANY, &first(to), Duration::ZERO, now).unwrap();
            assert_eq!(all.left(COMPANY, now), left);
        }
        let (to, now) = days.next().unwrap();
        let until = at("2026-09-30T16:00:00Z");
        assert_eq!(all.apply(COMPANY, &first(to), Duration::ZERO, now), Err(Refusal::ApplicationQuota { until }));
        let of_a_kind = Query { kinds: vec![Kind::from_code("01")], ..first(to) };
        assert_eq!(all.apply(COMPANY, &of_a_kind, Duration::ZERO, now), Err(Refusal::ApplicationQuota { until }));
        assert!(all.apply(COMPANY, &august(&[]), Duration::ZERO, now).is_ok(), "a month that is over has no such limit");
        assert!(all.apply(COMPANY, &Query { scope: Scope::Issued, ..first(to) }, Duration::ZERO, now).is_ok());
        assert_eq!((all.left(CompanyNo(2), now), all.left(COMPANY, until)), (5, 5));
    }

    #[test]
    fn applications_of_single_kinds_count_for_their_kind() {
        let (mut all, now) = (Applications::default(), at("2026-09-16T02:00:00Z"));
        for kind in ["01", "04", "81"] {
            all.apply(COMPANY, &query(Scope::Issued, date(2026, 9, 1), date(2026, 9, 15), &[kind]), Duration::ZERO, now).unwrap();
        }
        assert_eq!(all.left(COMPANY, now), 4);
    }

    #[test]
    fn slow_kinds_and_the_turn_of_the_month_take_longer() {
        let takes = |kinds: &[&str], day, pace| application_duration(&august(kinds), date(2026, 9, day), pace).as_millis();
        assert_eq!((takes(&["01", "81"], 16, 100), takes(&["01", "04"], 16, 100), takes(&[], 16, 100)), (2_000, 5_000, 5_000));
        let of_days: Vec<u128> = [5, 6, 25, 26].into_iter().map(|day| takes(&["01"], day, 100)).collect();
        assert_eq!(of_days, [4_000, 2_000, 2_000, 4_000]);
        assert_eq!((takes(&[], 16, 0), takes(&[], 16, 10)), (0, 500));
        let ticks = Query { scope: Scope::Deductible, ..august(&[]) };
        assert_eq!(application_duration(&ticks, date(2026, 9, 16), 100), Duration::from_secs(2));
    }
}
