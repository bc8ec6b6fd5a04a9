//! How far a company is taken in (取到哪天): the days whose invoices are all in the ledger, by scope. "Only what is new" begins there.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use piaoxia_domain::period::shanghai_day;
use piaoxia_domain::{DateRange, InvoiceFilter, Scope, TaxNumber};
use piaoxia_service::contract::Query;
use piaoxia_store::{Row, Sort, Store};
use serde::{Deserialize, Serialize};

use super::reconcile::filter_of;
use super::{Download, DownloadOrder, Extent};
use crate::problem::Problem;
use crate::services::collection;

/// Months before the mark that are counted again: suppliers and the bureau deliver late.
const LATE_MONTHS: i32 = 2;
/// Days before the mark that are fetched again where a month has more than it had.
const LATE_DAYS: i32 = 7;
/// Days after an electronic 数电 invoice was issued in which the bureau may still be making its 版式文件. Usually that takes minutes; what
/// is not there after two weeks is not waited for any more.
const MAKING_DAYS: i32 = 14;
/// Rows of the ledger that are looked at in one go.
const ROWS: usize = 1_000;

/// What is known to be complete.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mark {
    /// Days of 开票日期 whose invoices are in the ledger, without a gap.
    pub rows: DateRange,
    /// Days of `rows` whose originals are there as well, as far as the bureau has any.
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
/// the year, or of the month before last in January and February. With `originals` it goes on where these end, if they end before the rows.
#[must_use]
pub fn since_last(mark: Option<&Mark>, originals: bool, today: Date) -> DateRange {
    let late = |day: Date| day.first_of_month().checked_sub(LATE_MONTHS.months()).unwrap_or(day);
    let yesterday = today.checked_sub(1.day()).unwrap_or(today);
    let from = match mark.map(|mark| mark.settled(originals).unwrap_or(mark.rows)) {
        Some(known) => late(known.to()).max(known.from()),
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
    let unmade = unmade(store, order, days, shanghai_day(download.created_at)).await?;
    let mark = joined(before, days, unmade, order.originals, Timestamp::now());
    Ok(store.put_document(collection::MARKS, &id(&order.company.tax_no, query.scope, order.disk.is_some()), &mark).await?)
}

/// The first of the days with a recent invoice that the bureau has not offered an original of, although it makes one of every invoice of
/// that kind: it is still being made. These days are not noted as having their originals, so that a later download asks for them again; the
/// download itself is complete, because nothing that could be had is missing. By tax disk there are no originals.
async fn unmade(store: &Store, order: &DownloadOrder, days: DateRange, today: Date) -> Result<Option<Date>, Problem> {
    let from = today.checked_sub(MAKING_DAYS.days()).unwrap_or(today);
    let Some(recent) = DateRange::new(from, today).and_then(|recent| recent.intersect(&days)) else { return Ok(None) };
    if !order.originals || order.disk.is_some() {
        return Ok(None);
    }
    let view = store.view(InvoiceFilter { dates: Some(recent), ..filter_of(order) }, Sort::default()).await?;
    let rows = view.ids.chunks(ROWS).flat_map(|ids| store.rows(ids));
    Ok(rows.filter(is_unmade).map(|row| row.issued_at.date()).min())
}

/// True for an electronic 数电 invoice of the bureau without any original. Of paper it has none, nor of what is known from a file alone.
fn is_unmade(row: &Row) -> bool {
    row.by_bureau && row.originals.is_empty() && row.kind.info().is_some_and(|kind| kind.digital && !kind.paper)
}

/// The mark after a download of these days. `unmade` is the first day whose originals are not all made.
fn joined(before: Option<Mark>, days: DateRange, unmade: Option<Date>, with_originals: bool, at: Timestamp) -> Mark {
    let (known, originals) = before.map_or((None, None), |mark| (Some(mark.rows), mark.originals));
    let rows = join(known, days);
    // Originals of other days than these settle nothing, and would keep the originals of these from being noted.
    let known = originals.and_then(|days| days.intersect(&rows));
    let originals = if with_originals { join(known, days).intersect(&rows) } else { known };
    let made = |days: DateRange| match unmade {
        Some(day) => DateRange::new(days.from(), days.to().min(day.yesterday().ok()?)),
        None => Some(days),
    };
    Mark { rows, originals: originals.and_then(made), at }
}

/// Both ranges where they touch, else the known one. What is known may lie before the gap: then "since last time" goes on from there and
/// closes it, and would begin behind it if the later range were kept. It may lie after it: then days of long ago do not have everything
/// since fetched again. A first download of a single day of long ago has the next "since last time" ask for everything after that day.
/// That is once, months without invoices cost nothing but the count, and nothing is left out unseen; who wants less orders days by hand.
fn join(known: Option<DateRange>, days: DateRange) -> DateRange {
    let Some(known) = known else { return days };
    both(known, days).unwrap_or(known)
}

/// Two ranges in one; none where a day lies between them.
fn both(one: DateRange, other: DateRange) -> Option<DateRange> {
    let next = |range: &DateRange| range.to().tomorrow().unwrap_or(Date::MAX);
    let touch = other.from() <= next(&one) && one.from() <= next(&other);
    DateRange::new(one.from().min(other.from()), one.to().max(other.to())).filter(|_| touch)
}

/// Two orders for what is new in one; none where they differ in more than their days, or a day lies between these.
pub(super) fn joined_order(one: &DownloadOrder, other: &DownloadOrder) -> Option<DownloadOrder> {
    let dates = both(one.query.dates, other.query.dates)?;
    let over = |order: &DownloadOrder| DownloadOrder { query: Query { dates, ..order.query.clone() }, ..order.clone() };
    let joined = over(one);
    (one.extent == Extent::New && joined == over(other)).then_some(joined)
}

fn id(company: &TaxNumber, scope: Scope, by_disk: bool) -> String {
    format!("{}-{}{}", company.as_str(), scope.word(), if by_disk { "-disk" } else { "" })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use std::sync::Arc;

    use jiff::civil::date;
    use piaoxia_domain::invoice::Format;
    use piaoxia_domain::{Kind, Money, Status};
    use piaoxia_store::{Formats, PartyLabel};

    use super::super::CompanyRef;
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
        assert_eq!(joined(date(2026, 6, 2), date(2026, 6, 9)), known, "a gap before what is later");
        assert_eq!(joined(date(2025, 1, 1), date(2025, 1, 31)), known, "a gap after what is earlier");
        assert_eq!(join(None, known), known);
    }

    #[test]
    fn orders_for_what_is_new_are_joined_where_they_differ_in_their_days_alone() {
        let order = |dates, extent, originals| {
            let query = Query { scope: Scope::Received, dates, kinds: Vec::new(), statuses: Vec::new(), deductions: Vec::new() };
            let company =
                CompanyRef { id: "c".into(), tax_no: TaxNumber::from_document("91310115MA1K35JX4G"), name: "示例公司".into() };
            DownloadOrder { company, account: None, disk: None, query, originals, extent, refresh: false }
        };
        let (may, june) = (days(date(2026, 5, 1), date(2026, 5, 31)), days(date(2026, 5, 1), date(2026, 6, 9)));
        let waits = order(may, Extent::New, true);
        assert_eq!(joined_order(&waits, &order(june, Extent::New, true)), Some(order(june, Extent::New, true)));
        assert_eq!(joined_order(&waits, &order(days(date(2026, 6, 2), date(2026, 6, 9)), Extent::New, true)), None, "a gap");
        assert_eq!(joined_order(&waits, &order(june, Extent::New, false)), None);
        assert_eq!(joined_order(&order(may, Extent::Whole, true), &order(june, Extent::Whole, true)), None, "each is wanted whole");
    }

    #[test]
    fn since_last_time_begins_some_time_before_and_never_asks_for_today() {
        let today = date(2026, 11, 30);
        let known = mark(days(date(2026, 1, 1), date(2026, 11, 15)), None);
        assert_eq!(since_last(Some(&known), false, today), days(date(2026, 9, 1), date(2026, 11, 29)));
        let young = mark(days(date(2026, 11, 3), date(2026, 11, 29)), None);
        assert_eq!(since_last(Some(&young), false, today), days(date(2026, 11, 3), date(2026, 11, 29)));
        assert_eq!(since_last(None, false, today), days(date(2026, 1, 1), date(2026, 11, 29)));
        assert_eq!(since_last(None, true, date(2026, 1, 1)), days(date(2025, 11, 1), date(2025, 12, 31)));
    }

    #[test]
    fn after_a_gap_it_goes_on_before_it_for_rows_and_for_originals() {
        let half = days(date(2026, 1, 1), date(2026, 6, 30));
        let by_hand = days(date(2026, 10, 1), date(2026, 10, 31));
        let after = joined(Some(mark(half, Some(half))), by_hand, None, true, Timestamp::UNIX_EPOCH);
        assert_eq!(after, mark(half, Some(half)));
        let since = days(date(2026, 4, 1), date(2026, 11, 29));
        assert_eq!([false, true].map(|originals| since_last(Some(&after), originals, date(2026, 11, 30))), [since, since]);
        // Only the originals have a gap.
        let rows = joined(Some(after), since, None, false, Timestamp::UNIX_EPOCH);
        assert_eq!((rows.rows.to(), rows.originals), (date(2026, 11, 29), Some(half)));
        assert_eq!(since_last(Some(&rows), true, date(2026, 11, 30)), since);
        assert_eq!(since_last(Some(&rows), false, date(2026, 11, 30)).from(), date(2026, 9, 1));
        // Originals of days outside of the rows say nothing about them.
        let older = days(date(2025, 1, 1), date(2025, 1, 31));
        assert_eq!(joined(Some(mark(half, None)), older, None, true, Timestamp::UNIX_EPOCH).originals, None);
    }

    #[test]
    fn days_whose_originals_are_still_being_made_are_asked_again() {
        let all = days(date(2026, 1, 1), date(2026, 11, 29));
        let noted = |unmade| joined(Some(mark(all, Some(all))), all, unmade, true, Timestamp::UNIX_EPOCH);
        assert_eq!(noted(None).originals, Some(all));
        let left = noted(Some(date(2026, 11, 27)));
        assert_eq!((left.rows, left.originals), (all, Some(days(date(2026, 1, 1), date(2026, 11, 26)))));
        assert_eq!(noted(Some(date(2026, 1, 1))).originals, None);
    }

    #[test]
    fn an_original_is_still_being_made_of_electronic_invoices_of_the_bureau_alone() {
        let party = Arc::new(PartyLabel { name: "卖方公司".into(), tax_no: TaxNumber::from_document("91310115MA1K35JX4G") });
        let row = |code: &str, by_bureau: bool, originals: Formats| Row {
            id: 0,
            key: "26312000000123456789".parse().unwrap(),
            kind: Kind::from_code(code),
            direction: None,
            both_sides: false,
            issued_at: date(2026, 10, 8).at(9, 30, 0, 0),
            seller: Arc::clone(&party),
            buyer: Arc::clone(&party),
            net: Money::default(),
            tax: Money::default(),
            gross: Money::default(),
            status: Status::Normal,
            deduction: None,
            originals,
            by_bureau,
            is_claimed: false,
        };
        let none = Formats::default();
        assert!(is_unmade(&row("82", true, none)));
        assert!(!is_unmade(&row("82", true, none.with(Format::Pdf))) && !is_unmade(&row("82", false, none)));
        assert!(!is_unmade(&row("86", true, none)) && !is_unmade(&row("10", true, none)));
    }

    #[test]
    fn originals_settle_only_the_days_that_have_them() {
        let (rows, papers) = (days(date(2026, 1, 1), date(2026, 6, 30)), days(date(2026, 5, 1), date(2026, 6, 30)));
        assert_eq!(mark(rows, Some(papers)).settled(true), Some(papers));
        assert_eq!(mark(rows, None).settled(true), None);
        assert_eq!(mark(rows, None).settled(false), Some(rows));
    }
}
