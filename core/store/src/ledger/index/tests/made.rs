//! Invoices and filters of all sorts.

use jiff::civil::{Date, date};
use piaoxia_domain::{
    Behind, Counterparties, Counterparty, DateRange, Deduction, Direction, Invoice, InvoiceFilter, InvoiceLine, Kind, Money, Month,
    Purpose, Rate, Status, TaxNumber, Usage, Used,
};
use proptest::prelude::*;
use proptest::sample::select;

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

fn lines() -> impl Strategy<Value = Vec<InvoiceLine>> {
    let rates = select(vec!["13%", "6%", "0.06", "免税", "***", ""]);
    let line = (rates, -90_000_i64..90_000).prop_map(|(rate, net)| InvoiceLine {
        rate: rate.to_owned(),
        net: Money::from_fen(net),
        tax: Money::from_fen(net / 10),
        ..InvoiceLine::default()
    });
    prop::collection::vec(line, 0..4)
}

fn months() -> impl Strategy<Value = Month> {
    select(vec!["2026-01", "2026-02"]).prop_map(|month| month.parse().unwrap())
}

fn usages() -> impl Strategy<Value = Option<Usage>> {
    let purposes = select(vec![Purpose::Deduct, Purpose::NotDeduct, Purpose::Other("待定".to_owned())]);
    let effective = prop::option::of((-9_i64..9).prop_map(Money::from_fen));
    let usage = (prop::option::of(months()), prop::option::of(purposes), effective);
    prop::option::of(usage.prop_map(|(period, purpose, effective_tax)| Usage { period, purpose, effective_tax, ..Usage::default() }))
}

pub(super) fn invoices() -> impl Strategy<Value = Invoice> {
    let directions = select(vec![None, Some(Direction::Issued), Some(Direction::Received)]);
    let deductions = select(vec![None, Some(Deduction::Open), Some(Deduction::Confirmed)]);
    let fixed = (0..40_u32, days(), kinds(), directions, statuses(), deductions);
    let odds = (any::<bool>(), prop::bool::weighted(0.2), prop::bool::weighted(0.3));
    let texts = (companies(), companies(), "[a-cB票华 ]{0,5}", "[a-cB\n备]{0,4}", -200_000_i64..200_000, odds);
    // The lines add up to the invoice, or do not.
    (fixed, texts, lines(), usages(), any::<bool>()).prop_map(|(fixed, texts, lines, usage, adds_up)| {
        let (number, day, kind, direction, status, deduction) = fixed;
        let (seller, buyer, name, remark, net, (odd, both_sides, self_billed)) = texts;
        let mut made = Invoice {
            kind,
            direction: if both_sides { Some(Direction::Issued) } else { direction },
            both_sides,
            self_billed: self_billed && !both_sides && direction == Some(Direction::Received),
            paper_key: adds_up.then(|| format!("050001700111-{number:08}").parse().unwrap()),
            issued_at: day.at(1, 2, 3, 0),
            status,
            deduction,
            usage,
            remark,
            net: Money::from_fen(net),
            ..invoice(number)
        };
        if adds_up && !lines.is_empty() {
            (made.net, made.tax) = (lines.iter().map(|line| line.net).sum(), lines.iter().map(|line| line.tax).sum());
        }
        made.lines = lines;
        made.gross = made.net + made.tax;
        (made.seller.tax_no, made.buyer.tax_no, made.buyer.name) = (seller, buyer, name);
        if odd {
            made.key = format!("HG-{number}x").parse().unwrap();
        }
        made
    })
}

fn behind() -> impl Strategy<Value = Behind> {
    let sides = prop::collection::vec(select(vec![None, Some(Direction::Issued), Some(Direction::Received)]), 0..2);
    let rates = select(vec![Rate::Percent(1_300), Rate::Percent(600), Rate::Exempt, Rate::NoLines, Rate::Remainder, Rate::Percent(900)]);
    let name = "[a-cB票华]{0,2}".prop_map(Counterparty::Name);
    let number = companies().prop_map(|number| Counterparty::new("", &number));
    let parties = prop::collection::vec(prop_oneof![name, number], 0..3);
    let parties = (parties, any::<bool>()).prop_map(|(list, among)| match among {
        true => Counterparties::Among(list),
        false => Counterparties::Except(list),
    });
    let ways = prop::collection::vec(select(vec![Used::Deduct, Used::Undated, Used::Open, Used::NotDeduct]), 1..3);
    let used = prop::option::of((months(), ways));
    let list = prop::option::weighted(0.3, select(Direction::ALL.to_vec()));
    let rates = prop::collection::vec(rates, 0..3);
    let one = (any::<bool>(), sides, list, prop::option::of(any::<bool>()), rates, prop::option::of(parties), used);
    one.prop_map(|(without_void, sides, list, red, rates, counterparties, used)| Behind {
        without_void,
        sides,
        list,
        red,
        rates,
        counterparties,
        used,
    })
}

pub(super) fn filters() -> impl Strategy<Value = InvoiceFilter> {
    let range = (days(), days()).prop_map(|(from, to)| DateRange::new(from, to));
    let few = |statuses| prop::collection::vec(statuses, 0..3);
    let text = prop::collection::vec(
        select(vec!["b", "B", "票", "华盟", "26312", "hg-", "x", "1.0", "-", "91350100", "备", "ab", " ", "050001"]),
        0..3,
    );
    (
        prop::option::of(companies()),
        range,
        prop::collection::vec(kinds(), 0..3),
        prop::option::of(select(Direction::ALL.to_vec())),
        few(statuses()),
        text,
        prop_oneof![Just(Behind::default()), behind()],
    )
        .prop_map(|(company, dates, kinds, direction, statuses, text, behind)| InvoiceFilter {
            behind,
            company,
            dates,
            kinds,
            direction,
            deductions: if statuses.len() == 1 { vec![Deduction::Open] } else { Vec::new() },
            claimed: None,
            statuses,
            text: text.join(" "),
        })
}
