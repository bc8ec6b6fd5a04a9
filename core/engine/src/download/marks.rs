//! How far a company is taken in (取到哪天): the days whose invoices are all in the ledger, by scope. "Only what is new" begins there.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use piaoxia_domain::period::shanghai_day;
use piaoxia_domain::{DateRange, Scope, TaxNumber};
use piaoxia_store::Store;
use serde::{Deserialize, Serialize};

use super::{Download, DownloadOrder};
use crate::problem::Problem;
use crate::services::collection;

/// Months before the mark that are counted again: suppliers and the bureau deliver late.
const LATE_MONTHS: i32 = 2;
/// Days before the mark that are fetched again where a month has more than it had.
const LATE_DAYS: i32 = 7;

/// What is known to be complete.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mark {
    /// Days of 开票日期 whose invoices are in the ledger, without a gap.
    pub rows: DateRange,
    /// Days whose originals are there as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub originals: Option<DateRange>,
    /// When that was found, UTC.
    pub at: Timestamp,
}

impl Mark {
    /// The mark of a company's scope; none when nothing was ever taken in whole. 税控模式 has marks of its own.
    pub(crate) async fn load(store: &Store, company: &TaxNumber, scope: Scope, by_disk: bool) -> Result<Option<Self>, Problem> {
        Ok(store.get_document(collection::MARKS, &id(company, scope, by_disk)).await?)
    }

    /// Days of which nothing need be asked again while ledger and bureau count the same.
    pub(super) fn settled(&self, originals: bool) -> Option<DateRange> {
        if originals { self.originals.and_then(|days| days.intersect(&self.rows)) } else { Some(self.rows) }
    }

    /// Where a month that grew is fetched from.
    pub(super) fn fresh_from(&self) -> Date {
        self.rows.to().checked_sub(LATE_DAYS.days()).unwrap_or(self.rows.from())
    }
}

/// The days of "since last time", up to yesterday: from some time before the mark on, and without a mark from the beginning of
/// the year, or of the month before last in January and February.
#[must_use]
pub fn since_last(mark: Option<&Mark>, today: Date) -> DateRange {
    let late = |day: Date| day.first_of_month().checked_sub(LATE_MONTHS.months()).unwrap_or(day);
    let yesterday = today.checked_sub(1.day()).unwrap_or(today);
    let from = match mark {
        Some(mark) => late(mark.rows.to()).max(mark.rows.from()),
        None => today.first_of_year().min(late(today)),
    };
    DateRange::new(from, yesterday).unwrap_or(DateRange::day(yesterday))
}

/// Notes what a complete download brought. One that asked for some kinds or states alone proves nothing.
pub(super) async fn note(store: &Store, download: &Download) -> Result<(), Problem> {
    let order = &download.order;
    let query = &order.query;
    if !(query.kinds.is_empty() && query.statuses.is_empty() && query.deductions.is_empty()) {
        return Ok(());
    }
    // Of the day of the order itself and later ones more will come.
    let last = shanghai_day(download.created_at).checked_sub(1.day()).unwrap_or(query.dates.from());
    let Some(days) = DateRange::new(query.dates.from(), query.dates.to().min(last)) else { return Ok(()) };
    let before = Mark::load(store, &order.company.tax_no, query.scope, order.disk.is_some()).await?;
    let mark = joined(before, days, order, Timestamp::now());
    Ok(store.put_document(collection::MARKS, &id(&order.company.tax_no, query.scope, order.disk.is_some()), &mark).await?)
}

fn joined(before: Option<Mark>, days: DateRange, order: &DownloadOrder, at: Timestamp) -> Mark {
    let (rows, originals) = before.map_or((None, None), |mark| (Some(mark.rows), mark.originals));
    let originals = if order.originals { Some(join(originals, days)) } else { originals };
    Mark { rows: join(rows, days), originals, at }
}

/// Both ranges where they touch, else the later one: a gap is not passed over.
fn join(known: Option<DateRange>, days: DateRange) -> DateRange {
    let Some(known) = known else { return days };
    let next = |range: &DateRange| range.to().tomorrow().unwrap_or(Date::MAX);
    let touch = days.from() <= next(&known) && known.from() <= next(&days);
    match DateRange::new(known.from().min(days.from()), known.to().max(days.to())) {
        Some(both) if touch => both,
        _ if known.to() > days.to() => known,
        _ => days,
    }
}

fn id(company: &TaxNumber, scope: Scope, by_disk: bool) -> String {
    format!("{}-{}{}", company.as_str(), scope.word(), if by_disk { "-disk" } else { "" })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use jiff::civil::date;

    use super::*;

    fn days(from: Date, to: Date) -> DateRange {
        DateRange::new(from, to).unwrap()
    }

    fn mark(rows: DateRange, originals: Option<DateRange>) -> Mark {
        Mark { rows, originals, at: Timestamp::UNIX_EPOCH }
    }

    #[test]
    fn ranges_that_touch_are_joined_and_no_gap_is_passed_over() {
        let known = days(date(2026, 3, 1), date(2026, 5, 31));
        let joined = |from, to| join(Some(known), days(from, to));
        assert_eq!(joined(date(2026, 6, 1), date(2026, 6, 9)), days(date(2026, 3, 1), date(2026, 6, 9)));
        assert_eq!(joined(date(2026, 2, 1), date(2026, 2, 28)), days(date(2026, 2, 1), date(2026, 5, 31)));
        assert_eq!(joined(date(2026, 6, 2), date(2026, 6, 9)), days(date(2026, 6, 2), date(2026, 6, 9)));
        assert_eq!(joined(date(2025, 1, 1), date(2025, 1, 31)), known);
        assert_eq!(join(None, known), known);
    }

    #[test]
    fn since_last_time_begins_some_time_before_and_never_asks_for_today() {
        let today = date(2026, 11, 30);
        let known = mark(days(date(2026, 1, 1), date(2026, 11, 15)), None);
        assert_eq!(since_last(Some(&known), today), days(date(2026, 9, 1), date(2026, 11, 29)));
        let young = mark(days(date(2026, 11, 3), date(2026, 11, 29)), None);
        assert_eq!(since_last(Some(&young), today), days(date(2026, 11, 3), date(2026, 11, 29)));
        assert_eq!(since_last(None, today), days(date(2026, 1, 1), date(2026, 11, 29)));
        assert_eq!(since_last(None, date(2026, 1, 1)), days(date(2025, 11, 1), date(2025, 12, 31)));
    }

    #[test]
    fn originals_settle_only_the_days_that_have_them() {
        let (rows, papers) = (days(date(2026, 1, 1), date(2026, 6, 30)), days(date(2026, 5, 1), date(2026, 6, 30)));
        assert_eq!(mark(rows, Some(papers)).settled(true), Some(papers));
        assert_eq!(mark(rows, None).settled(true), None);
        assert_eq!(mark(rows, None).settled(false), Some(rows));
    }
}
