//! The index means what the filter of the domain means.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use jiff::civil::{Date, date};
use piaoxia_domain::invoice::Format;
use piaoxia_domain::{DateRange, Deduction, Direction, Invoice, InvoiceFilter, Kind, Money, Status, TaxNumber, Totals};
use proptest::prelude::*;
use proptest::sample::select;

use super::Index;
use crate::ledger::view::{Sort, SortKey};
use crate::tests::sample::invoice;

fn days() -> impl Strategy<Value = Date> {
    (-3_i64..70).prop_map(|days| date(2026, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap())
}

fn statuses() -> impl Strategy<Value = Status> {
    select(vec![Status::Normal, Status::Void, Status::RedFull, Status::Other("异常".to_owned())])
}

fn kinds() -> impl Strategy<Value = Kind> {
    select(vec!["81", "82", "01", "8208"]).prop_map(Kind::from_code)
}

fn companies() -> impl Strategy<Value = TaxNumber> {
    select(vec!["91310115MA1K35JX4G", "91350100M000100Y43", ""]).prop_map(TaxNumber::from_document)
}

fn invoices() -> impl Strategy<Value = Invoice> {
    let directions = select(vec![None, Some(Direction::Issued), Some(Direction::Received)]);
    let deductions = select(vec![None, Some(Deduction::Open), Some(Deduction::Confirmed)]);
    let fixed = (0..40_u32, days(), kinds(), directions, statuses(), deductions);
    let texts = (companies(), companies(), "[a-cB票华 ]{0,5}", "[a-cB\n备]{0,4}", -200_000_i64..200_000, any::<bool>());
    (fixed, texts).prop_map(|((number, day, kind, direction, status, deduction), (seller, buyer, name, remark, net, odd))| {
        let mut made = Invoice {
            kind,
            direction,
            issued_at: day.at(1, 2, 3, 0),
            status,
            deduction,
            remark,
            net: Money::from_fen(net),
            ..invoice(number)
        };
        made.gross = made.net + made.tax;
        (made.seller.tax_no, made.buyer.tax_no, made.buyer.name) = (seller, buyer, name);
        if odd {
            made.key = format!("HG-{number}x").parse().unwrap();
        }
        made
    })
}

fn filters() -> impl Strategy<Value = InvoiceFilter> {
    let range = (days(), days()).prop_map(|(from, to)| DateRange::new(from, to));
    let few = |statuses| prop::collection::vec(statuses, 0..3);
    let text =
        prop::collection::vec(select(vec!["b", "B", "票", "华盟", "26312", "hg-", "x", "1.0", "-", "91350100", "备", "ab", " "]), 0..3);
    (
        prop::option::of(companies()),
        range,
        prop::collection::vec(kinds(), 0..3),
        prop::option::of(select(Direction::ALL.to_vec())),
        few(statuses()),
        text,
    )
        .prop_map(|(company, dates, kinds, direction, statuses, text)| InvoiceFilter {
            company,
            dates,
            kinds,
            direction,
            deductions: if statuses.len() == 1 { vec![Deduction::Open] } else { Vec::new() },
            statuses,
            text: text.join(" "),
        })
}

fn bytes(index: &Index) -> Vec<u8> {
    let mut all = Vec::new();
    index
        .write(&mut |piece| {
            all.extend(piece);
            Ok(())
        })
        .unwrap();
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn finds_what_the_filter_matches(invoices in prop::collection::vec(invoices(), 0..150), filter in filters()) {
        let mut index = Index::default();
        // Later ones with the same key take the place of earlier ones.
        let mut latest: Vec<Invoice> = Vec::new();
        for invoice in invoices {
            index.put(&invoice, false);
            match latest.iter().position(|known| known.key == invoice.key) {
                Some(at) => latest[at] = invoice,
                None => latest.push(invoice),
            }
        }
        prop_assert_eq!(index.len(), latest.len());
        // What was written to a file means the same.
        let index = Index::from_bytes(&bytes(&index)).unwrap();
        let expected: Vec<&Invoice> = latest.iter().filter(|invoice| filter.matches(invoice)).collect();
        let view = index.view(&filter, Sort::default());
        let mut found: Vec<u32> = view.ids.to_vec();
        found.sort_unstable();
        let rows: Vec<u32> = (0_u32..).zip(&latest).filter(|(_, invoice)| filter.matches(invoice)).map(|(row, _)| row).collect();
        prop_assert_eq!(found, rows);
        prop_assert_eq!(view.totals, expected.iter().copied().collect::<Totals>());
        let grouped = index.totals_by(&filter);
        prop_assert_eq!(grouped.iter().map(|group| group.totals.invoices).sum::<u64>(), view.totals.invoices);
    }
}

/// What a row is sorted by, computed the plain way.
fn plain_key(of: &Invoice, by: SortKey) -> (i128, String) {
    match by {
        SortKey::Date => (0, of.issued_at.to_string()),
        SortKey::Number => (0, of.key.number().to_owned()),
        SortKey::Kind => (0, of.kind.code().to_owned()),
        SortKey::Counterparty => (0, of.counterparty().name.clone()),
        SortKey::Net => (of.net.fen().into(), String::new()),
        SortKey::Tax => (of.tax.fen().into(), String::new()),
        SortKey::Gross => (of.gross.fen().into(), String::new()),
        SortKey::Status => (Status::KNOWN.iter().position(|known| *known == of.status).unwrap_or(9) as i128, of.status.text().to_owned()),
    }
}

#[test]
fn sorts_large_and_small_views_alike() {
    let mut index = Index::default();
    let mut made: Vec<Invoice> = (0..500).map(|n| invoice(n * 7_919 % 500)).collect();
    for (position, invoice) in made.iter_mut().enumerate() {
        invoice.status = [Status::Other("异常".to_owned()), Status::Void, Status::Normal, Status::RedPart][position % 4].clone();
        if position % 5 == 0 {
            invoice.key = format!("0500017001{:02}-{:08}", position % 100, 5_000 - position).parse().unwrap();
        }
        index.put(invoice, false);
    }
    let one_day = DateRange::new(date(2026, 3, 15), date(2026, 3, 15));
    for dates in [None, one_day] {
        let filter = InvoiceFilter { dates, ..InvoiceFilter::default() };
        for by in SortKey::ALL {
            let mut expected: Vec<(_, u32)> =
                (0_u32..).zip(&made).filter(|(_, one)| filter.matches(one)).map(|(row, one)| (plain_key(one, by), row)).collect();
            expected.sort();
            let mut ids: Vec<u32> = expected.into_iter().map(|(_, row)| row).collect();
            assert!(!ids.is_empty());
            assert_eq!(*index.view(&filter, Sort { by, descending: false }).ids, ids, "{by:?} {dates:?}");
            ids.reverse();
            assert_eq!(*index.view(&filter, Sort { by, descending: true }).ids, ids, "{by:?} {dates:?}");
        }
    }
}

#[test]
fn an_order_is_not_kept_beyond_a_change() {
    let mut index = Index::default();
    (0..100).for_each(|n| index.put(&invoice(n), false));
    let largest = |index: &Index| index.view(&InvoiceFilter::default(), Sort { by: SortKey::Gross, descending: true }).ids[0];
    let before = largest(&index);
    index.put(&Invoice { gross: Money::from_fen(99_999_999), ..invoice(3) }, false);
    assert_eq!((largest(&index), before == 3), (3, false));
}

#[test]
fn an_index_that_is_read_anew_keeps_its_ids() {
    let mut index = Index::default();
    (0..100).rev().for_each(|n| index.put(&invoice(n), true));
    let mut fresh = Index::default();
    (0..130).for_each(|n| fresh.put(&Invoice { status: Status::Void, ..invoice(n) }, n % 2 == 0));
    fresh.mark_original(&invoice(7).key, Format::Ofd);
    fresh.generation = 12;
    index.replace_by(fresh);
    assert_eq!((index.len(), index.generation), (130, 12));
    let rows = index.rows(&(0..130).collect::<Vec<_>>());
    for (row, number) in rows.iter().zip((0..100).rev().chain(100..130)) {
        let expected = invoice(number);
        assert_eq!((&row.key, &row.status, row.by_bureau), (&expected.key, &Status::Void, number % 2 == 0));
        assert_eq!((&row.seller.name, row.gross), (&expected.seller.name, expected.gross));
        assert_eq!(row.originals.contains(Format::Ofd), number == 7);
    }
    let company = Some(TaxNumber::from_document("91350100M000100Y43"));
    let view = index.view(&InvoiceFilter { company, statuses: vec![Status::Void], ..InvoiceFilter::default() }, Sort::default());
    assert_eq!(view.totals.invoices, 65);
}

#[test]
fn an_invoice_without_a_direction_is_found_by_either_of_its_companies() {
    let mut index = Index::default();
    for number in 0..200 {
        let direction = if number == 150 { None } else { Some(Direction::Received) };
        index.put(&Invoice { direction, ..invoice(number) }, false);
    }
    let found = |tax_no: &str| {
        let company = Some(TaxNumber::from_document(tax_no));
        index.view(&InvoiceFilter { company, ..InvoiceFilter::default() }, Sort::default()).ids.to_vec()
    };
    assert_eq!(found("91310115MA1K35JX4G"), [150], "as its seller");
    assert_eq!(found("91350100M000100Y43").len(), 200, "as its buyer");
    assert!(found("91110105MA00A1B2X9").is_empty());
}

#[test]
fn bytes_that_do_not_fit_together_are_no_index() {
    let mut index = Index::default();
    (0..70).for_each(|n| index.put(&Invoice { remark: format!("备注{n}"), ..invoice(n) }, true));
    index.mark_original(&invoice(3).key, Format::Pdf);
    let whole = bytes(&index);
    let mut back = Index::from_bytes(&whole).unwrap();
    assert_eq!(back.rows(&(0..70).collect::<Vec<_>>()), index.rows(&(0..70).collect::<Vec<_>>()));
    back.put(&invoice(3), true);
    assert_eq!((back.len(), bytes(&back).len() < whole.len()), (70, true), "a known key keeps its row");
    for length in 0..whole.len() {
        assert!(Index::from_bytes(&whole[..length]).is_none(), "{length} bytes");
    }
    for byte in 0..whole.len() {
        let mut flipped = whole.clone();
        flipped[byte] ^= 0xFF;
        // Whatever comes of it, nothing panics and every row can be read.
        if let Some(odd) = Index::from_bytes(&flipped) {
            odd.rows(&(0..70).collect::<Vec<_>>());
            odd.view(&InvoiceFilter { text: "1".to_owned(), ..InvoiceFilter::default() }, Sort::default());
        }
    }
}
