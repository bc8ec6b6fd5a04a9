//! Queries, pages, counts and sums agree with each other and with the invoices.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use std::collections::BTreeMap;

use common::{TODAY, always, bureau, range};
use jiff::civil::{Date, date};
use piaoxia_bureau::{Bureau, CompanyNo, PAGE_LIMIT, Query, Refusal};
use piaoxia_domain::{Deduction, Direction, Invoice, Kind, Scope, Status, Totals};

const FIRST: CompanyNo = CompanyNo(0);

fn listed(bureau: &Bureau, query: &Query, today: Date) -> Vec<Invoice> {
    bureau.invoices(FIRST, query, today).collect()
}

/// Counts and sums by kind and month, the slow way.
fn counted(invoices: &[Invoice]) -> BTreeMap<(Date, Kind), Totals> {
    let mut sums: BTreeMap<(Date, Kind), Totals> = BTreeMap::new();
    for invoice in invoices {
        sums.entry((invoice.issued_on().first_of_month(), invoice.kind.clone())).or_default().add(invoice);
    }
    sums
}

fn summed(bureau: &Bureau, query: &Query, today: Date) -> BTreeMap<(Date, Kind), Totals> {
    bureau.summary(FIRST, query, today).into_iter().map(|row| ((row.month, row.kind), row.totals)).collect()
}

fn queries() -> Vec<Query> {
    let kinds = ["81", "51", "01"].map(Kind::from_code).to_vec();
    let mut queries = Vec::new();
    for scope in [Scope::Deductible, Scope::Issued, Scope::Received] {
        for dates in [always(), range(date(2025, 2, 10), date(2025, 4, 9)), range(date(2026, 9, 1), date(2026, 9, 30))] {
            let all = Query::all(scope, dates);
            queries.push(Query { kinds: kinds.clone(), ..all.clone() });
            queries.push(Query { statuses: vec![Status::RedFull, Status::Void], ..all.clone() });
            queries.push(Query { deductions: vec![Deduction::Ticked], ..all.clone() });
            queries.push(all);
        }
    }
    queries
}

#[test]
fn counts_and_sums_are_those_of_the_invoices() {
    let bureau = bureau(21, 4_000);
    for query in queries() {
        let invoices = listed(&bureau, &query, TODAY);
        // Twice: the second answer comes from what was kept.
        for _ in 0..2 {
            assert_eq!(summed(&bureau, &query, TODAY), counted(&invoices), "{query:?}");
            assert_eq!(bureau.count(FIRST, &query, TODAY), invoices.len() as u64);
        }
    }
}

#[test]
fn the_truth_is_the_sum_of_the_summary() {
    let bureau = bureau(22, 3_000);
    for scope in [Scope::Deductible, Scope::Issued, Scope::Received] {
        let dates = range(date(2025, 5, 3), date(2026, 8, 20));
        let mut whole = Totals::default();
        bureau.summary(FIRST, &Query::all(scope, dates), TODAY).iter().for_each(|row| whole.merge(&row.totals));
        assert_eq!(bureau.truth(FIRST, scope, dates, TODAY), whole);
        assert!(whole.invoices > 100);
    }
}

#[test]
fn an_answer_fits_its_query() {
    let bureau = bureau(23, 4_000);
    for query in queries() {
        for invoice in listed(&bureau, &query, TODAY) {
            assert_eq!(invoice.direction, Some(query.scope.direction()));
            assert!(query.dates.contains(invoice.issued_on()) && invoice.issued_on() < TODAY);
            assert!(query.kinds.is_empty() || query.kinds.contains(&invoice.kind));
            assert!(query.statuses.is_empty() || query.statuses.contains(&invoice.status));
            if query.scope == Scope::Deductible {
                let state = invoice.deduction.unwrap();
                assert!(query.deductions.is_empty() || query.deductions.contains(&state));
                assert!(invoice.kind.is_deductible() && invoice.is_blue() && invoice.tax.fen() > 0);
            }
        }
    }
}

#[test]
fn the_order_is_date_then_number() {
    let bureau = bureau(24, 6_000);
    for scope in [Scope::Issued, Scope::Received] {
        let invoices = listed(&bureau, &Query::all(scope, always()), TODAY);
        assert!(invoices.is_sorted_by_key(|invoice| (invoice.issued_on(), invoice.key.clone())));
        let positions = (0..).map_while(|index| bureau.invoice(FIRST, scope.direction(), index, TODAY));
        let mut by_position: Vec<Invoice> = positions.collect();
        assert!(by_position.is_sorted_by_key(|invoice| invoice.issued_at), "positions are in the order of time");
        by_position.sort_by_key(|invoice| (invoice.issued_on(), invoice.key.clone()));
        assert_eq!(invoices, by_position);
    }
}

#[test]
fn pages_join_without_gap_or_overlap() {
    let bureau = bureau(25, 3_000);
    for query in queries() {
        let whole = listed(&bureau, &query, TODAY);
        let mut joined = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let page = bureau.page(FIRST, &query, TODAY, cursor.as_deref(), 70).unwrap();
            assert_eq!(page.total, whole.len() as u64);
            assert!(page.items.len() == 70 || page.next.is_none());
            joined.extend(page.items);
            match page.next {
                Some(next) => cursor = Some(next),
                None => break,
            }
        }
        assert_eq!(joined, whole, "{query:?}");
    }
}

#[test]
fn a_page_has_its_limits() {
    let bureau = bureau(26, 3_000);
    let query = Query::all(Scope::Received, always());
    assert_eq!(bureau.page(FIRST, &query, TODAY, None, 10_000).unwrap().items.len(), PAGE_LIMIT);
    assert_eq!(bureau.page(FIRST, &query, TODAY, None, 0).unwrap().items.len(), 1);
    for cursor in ["", "x", "2026-01-01", "2026-13-01~26312000000000000001", "2026-01-01~", "~~"] {
        assert_eq!(bureau.page(FIRST, &query, TODAY, Some(cursor), 10), Err(Refusal::BadCursor), "{cursor:?}");
    }
    let nobody = bureau.page(CompanyNo(999), &query, TODAY, None, 10).unwrap();
    assert_eq!((nobody.items.len(), nobody.total), (0, 0));
}

#[test]
fn nothing_is_dated_today_or_later() {
    let bureau = bureau(27, 20_000);
    let from = TODAY.yesterday().unwrap();
    let received = Query::all(Scope::Received, range(from, date(2027, 1, 1)));
    let today = listed(&bureau, &received, TODAY);
    assert!(!today.is_empty() && today.iter().all(|invoice| invoice.issued_on() == from));
    let tomorrow = listed(&bureau, &received, TODAY.tomorrow().unwrap());
    assert!(tomorrow.len() > today.len());
    assert_eq!(bureau.count(FIRST, &received, date(2024, 6, 1)), 0);
    assert_eq!(bureau.invoice(FIRST, Direction::Issued, 0, date(2025, 1, 1)), None);
}

#[test]
fn months_that_are_not_over_are_not_kept() {
    let bureau = bureau(28, 20_000);
    let september = Query::all(Scope::Received, range(date(2026, 9, 1), date(2026, 9, 30)));
    let counts: Vec<u64> = [date(2026, 9, 10), date(2026, 9, 20), date(2026, 9, 30), date(2026, 10, 1), date(2026, 9, 10)]
        .map(|day| bureau.count(FIRST, &september, day))
        .to_vec();
    assert!(counts[0] < counts[1] && counts[1] < counts[2] && counts[2] < counts[3], "{counts:?}");
    assert_eq!(counts[4], counts[0], "asking about an earlier day gives the earlier answer");
}
