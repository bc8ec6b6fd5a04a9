//! The index means what the filter of the domain means.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod made;

use std::io::Write as _;

use jiff::civil::date;
use piaoxia_domain::invoice::Format;
use piaoxia_domain::{
    Behind, Counterparties, Counterparty, DateRange, Deduction, Direction, Invoice, InvoiceFilter, InvoiceLine, Money, Month, Status,
    TaxNumber, Totals,
};
use proptest::prelude::*;
use proptest::sample::select;

use super::Index;
use crate::ledger::figures::{DeductionSummary, Figures, Sums};
use crate::ledger::view::{GroupBy, Sort, SortKey};
use crate::tests::sample::invoice;
use made::{filters, invoices};

fn bytes(index: &Index) -> Vec<u8> {
    let mut all = Vec::new();
    index.write(&mut |piece| all.write_all(piece)).unwrap();
    all
}

fn from_bytes(bytes: &[u8]) -> Option<Index> {
    Index::read(&mut &bytes[..], bytes.len() as u64)
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
        let index = from_bytes(&bytes(&index)).unwrap();
        let expected: Vec<&Invoice> = latest.iter().filter(|invoice| filter.matches(invoice)).collect();
        let view = index.view(&filter, Sort::default());
        let mut found: Vec<u32> = view.ids.to_vec();
        found.sort_unstable();
        let rows: Vec<u32> = (0_u32..).zip(&latest).filter(|(_, invoice)| filter.matches(invoice)).map(|(row, _)| row).collect();
        prop_assert_eq!(found, rows);
        prop_assert_eq!(view.totals, expected.iter().copied().collect::<Totals>());
        prop_assert_eq!(view.voided, expected.iter().filter(|invoice| invoice.status == Status::Void).count() as u64);
        let grouped = index.totals_by(&filter);
        prop_assert_eq!(grouped.iter().map(|group| group.totals.invoices).sum::<u64>(), view.totals.invoices);
        adds_up(&index.figures(&filter, 2), &view.totals);
        every_figure_has_its_invoices_behind_it(&index, &filter);
        let period: Month = "2026-02".parse().unwrap();
        let mut summary = DeductionSummary::new();
        for invoice in expected {
            if let Some(used) = invoice.deduction_of(filter.company.as_ref()).and_then(|_| invoice.used_in(period)) {
                let effective = invoice.usage.as_ref().and_then(|usage| usage.effective_tax);
                summary.entry((used, invoice.kind.clone())).or_default().add(invoice.net, invoice.tax, effective);
            }
        }
        prop_assert_eq!(index.deductions(&filter, period), summary);
    }
}

fn sum<'a>(all: impl Iterator<Item = &'a Sums>) -> Sums {
    let mut sum = Sums::default();
    all.for_each(|one| sum.merge(one));
    sum
}

/// Every breakdown is the whole, to the 分.
fn adds_up(figures: &Figures, whole: &Totals) {
    assert_eq!(figures.all.totals, *whole);
    assert_eq!(sum(figures.kinds.iter().map(|figure| &figure.sums)), figures.all);
    let parties = figures.parties.iter().map(|figure| &figure.sums);
    assert_eq!(sum(parties.chain(figures.others.iter().map(|figure| &figure.sums))), figures.all);
    let rates = sum(figures.rates.iter().map(|figure| &figure.sums)).totals;
    assert_eq!((rates.net, rates.tax, rates.gross), (whole.net, whole.tax, whole.gross));
    assert!(rates.invoices >= whole.invoices);
    let mut balance = Totals::default();
    for month in &figures.balance {
        [&month.output, &month.input, &month.unknown].into_iter().for_each(|totals| balance.merge(totals));
        assert!(month.ticked.invoices <= month.input.invoices);
    }
    assert_eq!(balance, *whole);
}

/// The filter of a figure finds exactly the invoices that it counted.
fn every_figure_has_its_invoices_behind_it(index: &Index, filter: &InvoiceFilter) {
    let only = |narrow: &dyn Fn(&mut Behind)| {
        let mut of = filter.clone();
        narrow(&mut of.behind);
        index.view(&of, Sort::default()).totals
    };
    if filter.behind.sides.is_empty() && filter.behind.counterparties.is_none() {
        let figures = index.figures(filter, 1);
        for figure in &figures.parties {
            let found = only(&|behind| {
                (behind.sides, behind.counterparties) = (vec![figure.side], Some(Counterparties::Among(vec![figure.party.clone()])));
            });
            assert_eq!(found, figure.sums.totals, "{figure:?}");
        }
        for figure in &figures.others {
            let named = figures.parties.iter().filter(|named| named.side == figure.side).map(|named| named.party.clone()).collect();
            let found = only(&|behind| {
                (behind.sides, behind.counterparties) = (vec![figure.side], Some(Counterparties::Except(Vec::clone(&named))))
            });
            assert_eq!(found, figure.sums.totals, "{figure:?}");
        }
    }
    if filter.behind.rates.is_empty() && filter.behind.sides.is_empty() {
        let figures = index.figures(filter, 1);
        for figure in &figures.rates {
            let same = figures.rates.iter().filter(|other| (&other.rate, other.side) == (&figure.rate, figure.side));
            let expected = same.map(|other| other.sums.totals.invoices).sum::<u64>();
            let found = only(&|behind| (behind.sides, behind.rates) = (vec![figure.side], vec![figure.rate.clone()]));
            assert_eq!(found.invoices, expected, "{figure:?}");
        }
    }
}

#[test]
fn a_party_is_its_number_and_without_one_its_name() {
    let mut index = Index::default();
    for (number, (name, tax_no)) in (0..).zip([
        ("甲公司", "91310115MA1K35JX4G"),
        ("甲公司（上海）", "91310115ma1k35jx4g"),
        ("甲公司", ""),
        ("张三", ""),
        ("张三 ", ""),
        ("", "91310115MA1K35JX4G"),
    ]) {
        let mut made = Invoice { direction: Some(Direction::Received), ..invoice(number) };
        (made.seller.name, made.seller.tax_no) = (name.to_owned(), TaxNumber::from_document(tax_no));
        index.put(&made, false);
    }
    let figures = index.figures(&InvoiceFilter::default(), 9);
    let mut found: Vec<(&str, u64)> = figures.parties.iter().map(|figure| (figure.name.as_str(), figure.sums.totals.invoices)).collect();
    found.sort_unstable();
    assert_eq!(found, [("张三", 2), ("甲公司", 1), ("甲公司（上海）", 3)], "the newest name stands for a number");
}

#[test]
fn void_ones_do_not_count_red_ones_take_away_and_an_unknown_direction_stands_apart() {
    let mut index = Index::default();
    let made = |number, gross: i64, direction, status| {
        let money = Money::from_fen(gross);
        Invoice {
            direction,
            status,
            issued_at: date(2026, 10, 8).at(0, 0, 0, 0),
            net: money,
            tax: Money::ZERO,
            gross: money,
            ..invoice(number)
        }
    };
    index.put(&made(1, 1_000, Some(Direction::Issued), Status::Normal), true);
    index.put(&made(2, -300, Some(Direction::Issued), Status::Normal), true);
    index.put(&made(3, 5_000, Some(Direction::Issued), Status::Void), true);
    index.put(&made(4, 70, None, Status::Normal), false);
    let filter = InvoiceFilter { behind: Behind { without_void: true, ..Behind::default() }, ..InvoiceFilter::default() };
    let figures = index.figures(&filter, 5);
    assert_eq!((figures.all.totals.invoices, figures.all.reds, figures.all.totals.gross.fen()), (3, 1, 770));
    let month = &figures.balance[0];
    assert_eq!((month.output.gross.fen(), month.unknown.gross.fen(), month.input.invoices), (700, 70, 0));
    assert_eq!(figures.others.iter().map(|others| (others.side, others.parties)).collect::<Vec<_>>(), [(None, 1)]);
}

#[test]
fn a_row_of_several_rates_becomes_one_of_a_single_rate() {
    let mut index = Index::default();
    let line = |rate: &str, net: i64| InvoiceLine { rate: rate.to_owned(), net: Money::from_fen(net), ..InvoiceLine::default() };
    let made = |lines: Vec<InvoiceLine>| {
        let net: Money = lines.iter().map(|line| line.net).sum();
        Invoice { lines, net, tax: Money::ZERO, gross: net, ..invoice(1) }
    };
    index.put(&made(vec![line("13%", 700), line("6%", 300)]), true);
    let rates = |index: &Index| {
        let figures = index.figures(&InvoiceFilter::default(), 0);
        figures.rates.iter().map(|figure| (figure.rate.word(), figure.sums.totals.net.fen())).collect::<Vec<_>>()
    };
    assert_eq!(rates(&index), [("13%".to_owned(), 700), ("6%".to_owned(), 300)]);
    let mut fresh = Index::default();
    fresh.put(&invoice(9), true);
    fresh.put(&made(vec![line("9%", 50), line("免税", 1)]), true);
    index.replace_by(fresh);
    assert_eq!(rates(&index), [("9%".to_owned(), 50), ("免税".to_owned(), 1), ("noLines".to_owned(), invoice(9).net.fen())]);
    index.put(&made(vec![line("3%", 90)]), true);
    assert!(rates(&index).contains(&("3%".to_owned(), 90)) && !rates(&index).contains(&("9%".to_owned(), 50)));
    assert_eq!(bytes(&from_bytes(&bytes(&index)).unwrap()), bytes(&index));
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
        SortKey::Direction => (Direction::ALL.iter().position(|known| Some(*known) == of.direction).unwrap_or(9) as i128, String::new()),
        SortKey::Deduction => (Deduction::ALL.iter().position(|known| Some(*known) == of.deduction).unwrap_or(9) as i128, String::new()),
        // None of these has any.
        SortKey::Originals => (0, String::new()),
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
fn rows_that_a_ledger_lost_are_shown_no_longer() {
    let mut index = Index::default();
    (0..50).for_each(|n| index.put(&invoice(n), true));
    let mut fresh = Index::default();
    (0..50).filter(|n| *n != 20).for_each(|n| fresh.put(&invoice(n), true));
    fresh.put(&invoice(60), true);
    index.replace_by(fresh);
    assert_eq!((index.invoices(), index.len()), (50, 51));
    let shown = index.view(&InvoiceFilter::default(), Sort::default());
    let lost = invoice(20).key;
    assert!(index.rows(&shown.ids).iter().all(|row| row.key != lost));
    assert_eq!(index.find(&lost.to_string()), None);
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
    let mut back = from_bytes(&whole).unwrap();
    assert_eq!(back.rows(&(0..70).collect::<Vec<_>>()), index.rows(&(0..70).collect::<Vec<_>>()));
    back.put(&invoice(3), true);
    assert_eq!((back.len(), bytes(&back).len() < whole.len()), (70, true), "a known key keeps its row");
    for length in 0..whole.len() {
        assert!(from_bytes(&whole[..length]).is_none(), "{length} bytes");
    }
    for byte in 0..whole.len() {
        let mut flipped = whole.clone();
        flipped[byte] ^= 0xFF;
        // Whatever comes of it, nothing panics and every row can be read.
        if let Some(odd) = from_bytes(&flipped) {
            odd.rows(&(0..70).collect::<Vec<_>>());
            odd.view(&InvoiceFilter { text: "1".to_owned(), ..InvoiceFilter::default() }, Sort::default());
        }
    }
}

proptest! {
    /// Groups hold what has something in common, in the order of the view, and nothing is lost.
    #[test]
    fn a_grouped_view_is_the_view_brought_together(
        invoices in prop::collection::vec(invoices(), 0..60),
        by in select(vec![GroupBy::Month, GroupBy::Company, GroupBy::Kind, GroupBy::Counterparty, GroupBy::Status]),
        sort in (select(SortKey::ALL.to_vec()), any::<bool>()).prop_map(|(by, descending)| Sort { by, descending }),
    ) {
        let mut index = Index::default();
        invoices.iter().for_each(|invoice| index.put(invoice, false));
        let plain = index.view(&InvoiceFilter::default(), sort);
        let grouped = index.grouped(plain.clone(), None, by, sort);
        prop_assert_eq!(grouped.totals, plain.totals);
        let of = |row: &piaoxia_domain::InvoiceKey| invoices.iter().rev().find(|invoice| invoice.key == *row).unwrap();
        let common = |id: u32| {
            let invoice = of(&index.keys(&[id])[0]);
            match by {
                GroupBy::Month => Month::of(invoice.issued_on()).to_string(),
                GroupBy::Company => invoice.owner().map(ToString::to_string).unwrap_or_default(),
                GroupBy::Kind => invoice.kind.code().to_owned(),
                GroupBy::Counterparty => format!("{:?}", Counterparty::new(&invoice.counterparty().name, &invoice.counterparty().tax_no)),
                GroupBy::Status => invoice.status.text().to_owned(),
            }
        };
        let mut start = 0;
        let mut names = Vec::new();
        for group in grouped.groups.iter() {
            let ids = &grouped.ids[start..start + usize::try_from(group.totals.invoices).unwrap()];
            start += ids.len();
            let name = common(ids[0]);
            let wanted: Vec<u32> = plain.ids.iter().copied().filter(|id| common(*id) == name).collect();
            prop_assert_eq!(ids, wanted.as_slice());
            prop_assert_eq!(group.totals, index.sum(ids.iter().copied()));
            names.push(name);
        }
        prop_assert_eq!(start, plain.ids.len());
        if by == GroupBy::Month {
            let newest_first = sort.by != SortKey::Date || sort.descending;
            prop_assert!(if newest_first { names.is_sorted_by(|a, b| a > b) } else { names.is_sorted() }, "{:?}", names);
        }
        if let Some(last) = plain.ids.last() {
            let number = index.keys(&[*last])[0].number().to_owned();
            let found = index.place_of(&plain.ids, &number).unwrap();
            let there = index.keys(&[plain.ids[usize::try_from(found).unwrap()]]);
            prop_assert_eq!(there[0].number(), number);
        }
        prop_assert_eq!(index.place_of(&plain.ids, "9"), None);
    }
}
