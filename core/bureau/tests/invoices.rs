//! Every invoice that the bureau makes is one that the real one could have issued.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod common;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use common::{TODAY, always, bureau};
use jiff::ToSpan;
use jiff::civil::Date;
use piaoxia_bureau::{Bureau, CompanyNo, Query, Taxpayer};
use piaoxia_domain::key::kind_of_legacy_code;
use piaoxia_domain::{Deduction, Direction, Invoice, InvoiceKey, Kind, Money, Party, Region, Scope, Status, TaxNumber, qr};
use proptest::prelude::*;
use rust_decimal::{Decimal, RoundingStrategy};

const ELECTRONIC_OR_PLAIN: [&str; 5] = ["04", "08", "10", "11", "14"];
const VOIDABLE: [&str; 5] = ["01", "03", "04", "11", "15"];

fn check(invoice: &Invoice, bureau: &Bureau, company: CompanyNo, today: Date) {
    check_numbers(invoice);
    check_parties(invoice, bureau, company);
    check_amounts(invoice);
    check_states(invoice, bureau, company);
    assert!(invoice.issued_on() < today, "{}: same-day data", invoice.key);
    assert_eq!(serde_round_trip(&invoice.key), invoice.key);
}

fn serde_round_trip(key: &InvoiceKey) -> InvoiceKey {
    key.to_string().parse().unwrap()
}

/// The seller, but for 收购, where a farmer without a number sells.
fn issuer(invoice: &Invoice) -> &Party {
    if invoice.seller.tax_no.is_empty() { &invoice.buyer } else { &invoice.seller }
}

fn check_numbers(invoice: &Invoice) {
    let info = invoice.kind.info().unwrap();
    let region = issuer(invoice).tax_no.region().unwrap();
    match &invoice.key {
        InvoiceKey::Digital(number) => {
            assert!(info.digital, "{number}");
            let year = format!("{:02}", invoice.issued_on().year() % 100);
            let place = match region.code.as_str() {
                "2102" => "91",
                "3302" => "92",
                "3502" => "93",
                "3702" => "94",
                "4403" => "95",
                code => &code[..2],
            };
            assert_eq!((&number[..2], &number[2..4]), (year.as_str(), place), "{number}");
        }
        InvoiceKey::Legacy { code, .. } => {
            assert!(!info.digital);
            check_code(code, invoice.kind.code(), invoice.issued_on(), region);
        }
        InvoiceKey::Other(number) => assert_eq!((invoice.kind.code(), number.len()), ("17", 22), "{number}"),
    }
    let paper_kind = match invoice.kind.code() {
        "85" => Some("01"),
        "86" => Some("04"),
        "87" => Some("03"),
        "88" => Some("15"),
        _ => None,
    };
    assert_eq!(invoice.paper_key.is_some(), paper_kind.is_some(), "{}", invoice.key);
    if let (Some(paper), Some(kind)) = (&invoice.paper_key, paper_kind) {
        check_code(paper.code().unwrap(), kind, invoice.issued_on(), region);
    }
    let has_check_code = ELECTRONIC_OR_PLAIN.contains(&invoice.kind.code());
    assert_eq!(invoice.check_code.len(), if has_check_code { 20 } else { 0 }, "{}", invoice.key);
    check_qr(invoice);
}

fn check_code(code: &str, kind: &str, issued: Date, region: &Region) {
    assert_eq!(kind_of_legacy_code(code).map(|kind| kind.code().to_owned()), Some(kind.to_owned()), "{code}");
    let (place, year) = if code.len() == 12 { (&code[1..5], &code[5..7]) } else { (&code[..4], &code[4..6]) };
    assert_eq!((place, year), (region.code.as_str(), format!("{:02}", issued.year() % 100).as_str()), "{code}");
}

fn check_qr(invoice: &Invoice) {
    let amount = if matches!(invoice.key, InvoiceKey::Digital(_)) { invoice.gross } else { invoice.net };
    let payload = qr::payload(&invoice.key, &invoice.kind, amount, invoice.issued_on(), &invoice.check_code);
    let Some(payload) = payload else {
        assert_eq!(invoice.kind.code(), "17");
        return;
    };
    let (head, crc) = payload.rsplit_once(',').unwrap();
    assert_eq!(qr::checksum(&format!("{head},")), crc);
    assert_eq!(payload.matches(',').count(), 7, "{payload}");
}

fn check_parties(invoice: &Invoice, bureau: &Bureau, company: CompanyNo) {
    let company = bureau.company(company).unwrap();
    let own = match invoice.direction.unwrap() {
        Direction::Issued => issuer(invoice),
        Direction::Received => &invoice.buyer,
    };
    assert_eq!((&own.name, &own.tax_no), (&company.name, &company.tax_no));
    for party in [&invoice.seller, &invoice.buyer] {
        if party.tax_no.is_empty() {
            assert!(party.name.ends_with("（个人）"), "{}", party.name);
        } else {
            assert_eq!(TaxNumber::typed(party.tax_no.as_str()).as_ref(), Ok(&party.tax_no));
        }
    }
}

fn check_amounts(invoice: &Invoice) {
    let net: Money = invoice.lines.iter().map(|line| line.net).sum();
    let tax: Money = invoice.lines.iter().map(|line| line.tax).sum();
    assert_eq!((net, tax, net + tax), (invoice.net, invoice.tax, invoice.gross), "{}", invoice.key);
    assert!(!invoice.lines.is_empty());
    for line in &invoice.lines {
        assert!(line.class_code.len() == 19 && line.class_code.bytes().all(|b| b.is_ascii_digit()));
        assert_eq!((line.name.starts_with('*'), line.name.matches('*').count()), (true, 2), "{}", line.name);
        if let (Some(quantity), Some(price)) = (line.quantity, line.price) {
            let product = Money::from_decimal(quantity * price).unwrap();
            assert!((product - line.net).abs() <= Money::from_fen(1), "{}: {quantity} x {price} = {}", invoice.key, line.net);
        }
        assert_eq!(line.tax, expected_tax(invoice, line.net, &line.rate), "{}: {} at {}", invoice.key, line.net, line.rate);
    }
}

fn expected_tax(invoice: &Invoice, net: Money, rate: &str) -> Money {
    let percent = match rate {
        "免税" | "不征税" => return Money::ZERO,
        "***" => {
            // 差额征税：<扣除额>。 at 5 %: tax on what is left, within a 分.
            let (_, rest) = invoice.remark.split_once("差额征税：").unwrap();
            let passed_on: Money = rest.split_once('。').unwrap().0.parse().unwrap();
            let expected = rounded((net - passed_on).to_decimal() * Decimal::new(5, 2));
            assert!((expected - invoice.tax).abs() <= Money::from_fen(1), "{}", invoice.key);
            return invoice.tax;
        }
        percent => percent.strip_suffix('%').unwrap().parse::<Decimal>().unwrap(),
    };
    rounded(net.to_decimal() * percent / Decimal::ONE_HUNDRED)
}

fn rounded(yuan: Decimal) -> Money {
    Money::from_decimal(yuan.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)).unwrap()
}

fn check_states(invoice: &Invoice, bureau: &Bureau, company: CompanyNo) {
    let code = invoice.kind.code();
    assert!(invoice.status != Status::Void || VOIDABLE.contains(&code), "{}: {code} cannot be voided", invoice.key);
    assert_eq!(invoice.is_blue(), invoice.red_of.is_none(), "{}", invoice.key);
    if let Some(blue) = &invoice.red_of {
        let words = if blue.code().is_some() { "被红冲蓝字发票号码：" } else { "被红冲蓝字数电发票号码：" };
        assert!(invoice.remark.contains(&format!("{words}{}", blue.number())), "{}", invoice.remark);
        assert_eq!(invoice.status, Status::Normal);
    }
    let can_deduct = invoice.direction == Some(Direction::Received)
        && invoice.kind.is_deductible()
        && invoice.is_blue()
        && invoice.tax > Money::ZERO
        && invoice.status != Status::Void;
    assert_eq!(invoice.deduction.is_some(), can_deduct, "{}", invoice.key);
    let small = bureau.company(company).unwrap().taxpayer == Taxpayer::Small;
    let never_ticked = small || matches!(invoice.status, Status::RedFull | Status::RedPart) || invoice.risk == "异常凭证";
    assert!(!never_ticked || !matches!(invoice.deduction, Some(Deduction::Ticked | Deduction::Confirmed)));
}

fn all_of(bureau: &Bureau, company: CompanyNo, direction: Direction, today: Date) -> impl Iterator<Item = Invoice> + '_ {
    (0..).map_while(move |index| bureau.invoice(company, direction, index, today))
}

#[test]
fn two_hundred_thousand_are_valid_and_none_comes_twice() {
    let bureau = bureau(2026, 160_000);
    let mut keys = HashSet::new();
    let mut paper_keys = HashSet::new();
    let mut count = 0;
    for company in bureau.companies() {
        for direction in Direction::ALL {
            for invoice in all_of(&bureau, company.no, direction, TODAY) {
                check(&invoice, &bureau, company.no, TODAY);
                count += 1;
                assert!(keys.insert(invoice.key.clone()), "{} twice", invoice.key);
                if let Some(paper) = invoice.paper_key {
                    assert!(!keys.contains(&paper) && paper_keys.insert(paper.clone()), "{paper} twice");
                }
            }
        }
    }
    assert!(count > 200_000, "{count}");
    assert!(paper_keys.is_disjoint(&keys));
}

#[test]
fn the_first_company_holds_what_was_asked_for() {
    for invoices in [0, 1, 10, 997] {
        let bureau = bureau(5, invoices);
        let held: usize = Direction::ALL.iter().map(|direction| all_of(&bureau, CompanyNo(0), *direction, TODAY).count()).sum();
        assert_eq!(held as u64, invoices);
    }
}

#[test]
fn every_kind_occurs_in_a_realistic_mix() {
    let bureau = bureau(1, 40_000);
    let mut counts: BTreeMap<(Direction, String), u32> = BTreeMap::new();
    let mut shares = [0u32; 5];
    for direction in Direction::ALL {
        for invoice in all_of(&bureau, CompanyNo(0), direction, TODAY) {
            *counts.entry((direction, invoice.kind.code().to_owned())).or_default() += 1;
            shares[0] += 1;
            shares[1] += u32::from(!invoice.is_blue());
            shares[2] += u32::from(invoice.status == Status::Void);
            shares[3] += u32::from(matches!(invoice.status, Status::RedFull | Status::RedPart));
            shares[4] += u32::from(invoice.status == Status::RedPart);
        }
    }
    for kind in Kind::all().filter(|kind| kind.code() != "02") {
        assert!(counts.contains_key(&(Direction::Received, kind.code().to_owned())), "no {}", kind.name());
    }
    let of = |direction, code: &str| counts.get(&(direction, code.to_owned())).copied().unwrap_or(0);
    let main: u32 = ["81", "82", "51"].iter().map(|code| of(Direction::Received, code)).sum();
    assert!(main > 24_000 * 7 / 10, "{main}");
    assert!(of(Direction::Issued, "81") + of(Direction::Issued, "82") > 16_000 * 8 / 10);
    let [all, red, void, cancelled, partly] = shares.map(|share| share * 1000 / 40_000);
    assert_eq!(all, 1000);
    assert!((20..=35).contains(&red), "{red} per mille red");
    assert!((2..=9).contains(&void), "{void} per mille void");
    assert!((20..=35).contains(&cancelled) && partly >= 2, "{cancelled}, {partly}");
}

#[test]
fn the_old_kinds_fade_out() {
    let bureau = bureau(1, 20_000);
    let old_share = |from: Date, to: Date| {
        let query = Query::all(Scope::Received, common::range(from, to));
        let (mut old, mut all) = (0, 0);
        for row in bureau.summary(CompanyNo(0), &query, TODAY) {
            all += row.totals.invoices;
            old += if row.kind.info().unwrap().digital { 0 } else { row.totals.invoices };
        }
        old * 100 / all
    };
    let first = old_share(jiff::civil::date(2025, 1, 1), jiff::civil::date(2025, 3, 31));
    let last = old_share(jiff::civil::date(2026, 3, 1), jiff::civil::date(2026, 6, 30));
    assert!(first > 15 && last < 6, "{first} % then {last} %");
}

#[test]
fn red_pairs_cancel() {
    let bureau = bureau(9, 30_000);
    let company = CompanyNo(0);
    let (mut whole, mut part) = (0, 0);
    for direction in Direction::ALL {
        let mut cancelled = BTreeSet::new();
        let mut marked = BTreeSet::new();
        for invoice in all_of(&bureau, company, direction, TODAY) {
            if matches!(invoice.status, Status::RedFull | Status::RedPart) {
                marked.insert(invoice.key.clone());
            }
            let Some(blue_key) = &invoice.red_of else { continue };
            assert!(cancelled.insert(blue_key.clone()), "{blue_key} is cancelled twice");
            let blue = bureau.find(company, blue_key, TODAY).unwrap();
            assert!(blue.is_blue() && blue.issued_at < invoice.issued_at);
            assert_eq!((&blue.kind, &blue.seller, &blue.buyer), (&invoice.kind, &invoice.seller, &invoice.buyer));
            if blue.status == Status::RedFull {
                whole += 1;
                assert_eq!((blue.net + invoice.net, blue.tax + invoice.tax, blue.gross + invoice.gross), Default::default());
            } else {
                part += 1;
                assert_eq!(blue.status, Status::RedPart);
                assert!((blue.gross + invoice.gross) > Money::ZERO);
            }
        }
        assert_eq!(cancelled, marked);
    }
    assert!(whole > 500 && part > 50, "{whole} whole, {part} in part");
}

#[test]
fn a_blue_invoice_is_normal_until_its_red_one_is_there() {
    let bureau = bureau(9, 5_000);
    let red = all_of(&bureau, CompanyNo(0), Direction::Received, TODAY).find(|invoice| invoice.red_of.is_some()).unwrap();
    let blue_key = red.red_of.clone().unwrap();
    let on = |day: Date| bureau.find(CompanyNo(0), &blue_key, day).unwrap();
    let (before, after) = (on(red.issued_on()), on(red.issued_on().tomorrow().unwrap()));
    assert_eq!(before.status, Status::Normal);
    assert!(matches!(after.status, Status::RedFull | Status::RedPart));
    assert_eq!(Invoice { status: before.status.clone(), ..after }, before);
}

#[test]
fn deductions_go_one_way_and_all_states_occur() {
    let bureau = bureau(3, 8_000);
    let mut seen = BTreeSet::new();
    for index in (0..4_000).step_by(3) {
        let states: Vec<Deduction> = (0..6)
            .filter_map(|months| bureau.invoice(CompanyNo(0), Direction::Received, index, TODAY.saturating_sub((30 * (5 - months)).days())))
            .filter_map(|invoice| invoice.deduction)
            .collect();
        assert!(states.is_sorted(), "{states:?}");
        seen.extend(states);
    }
    assert_eq!(seen, BTreeSet::from(Deduction::ALL));
}

#[test]
fn what_was_there_yesterday_is_there_tomorrow() {
    let bureau = bureau(4, 3_000);
    let later = TODAY.saturating_add(40.days());
    for direction in Direction::ALL {
        let now: Vec<Invoice> = all_of(&bureau, CompanyNo(0), direction, TODAY).collect();
        let then: Vec<Invoice> = all_of(&bureau, CompanyNo(0), direction, later).collect();
        assert!(then.len() > now.len());
        for (now, then) in now.iter().zip(&then) {
            let same = Invoice { status: now.status.clone(), deduction: now.deduction, ..then.clone() };
            assert_eq!(*now, same);
        }
        then.iter().for_each(|invoice| check(invoice, &bureau, CompanyNo(0), later));
    }
}

#[test]
fn the_seed_decides_everything() {
    let first: Vec<Invoice> = all_of(&bureau(11, 300), CompanyNo(1), Direction::Received, TODAY).collect();
    let again: Vec<Invoice> = all_of(&bureau(11, 300), CompanyNo(1), Direction::Received, TODAY).collect();
    let other: Vec<Invoice> = all_of(&bureau(12, 300), CompanyNo(1), Direction::Received, TODAY).collect();
    assert_eq!(first, again);
    assert_ne!(first, other);
}

#[test]
fn awkward_texts_occur() {
    let bureau = bureau(8, 20_000);
    let mut missing = vec!["=1+1示例商务工作室", "䶮", "A&B", "=SUM(", "<加急>", "第一批\n第二批"];
    let (mut longest_name, mut longest_remark) = (0, 0);
    let query = Query::all(Scope::Received, always());
    for invoice in bureau.invoices(CompanyNo(0), &query, TODAY) {
        missing.retain(|text| !invoice.seller.name.contains(text) && !invoice.remark.contains(text));
        longest_name = longest_name.max(invoice.seller.name.chars().count());
        longest_remark = longest_remark.max(invoice.remark.chars().count());
    }
    assert_eq!(missing, Vec::<&str>::new());
    assert!(longest_name > 60 && longest_remark > 150, "{longest_name}, {longest_remark}");
}

#[test]
fn only_known_numbers_are_found() {
    let bureau = bureau(6, 2_000);
    let invoice = bureau.invoice(CompanyNo(0), Direction::Received, 100, TODAY).unwrap();
    assert_eq!(bureau.find(CompanyNo(0), &invoice.key, TODAY).as_ref(), Some(&invoice));
    assert_eq!(bureau.find(CompanyNo(1), &invoice.key, TODAY), None, "another company's");
    assert_eq!(bureau.find(CompanyNo(0), &invoice.key, invoice.issued_on()), None, "not yet visible");
    let mut strange: Vec<InvoiceKey> =
        ["26312999999999999999", "00000000000000000000", "310025113099999999", "X", "-", "3100251130-00000000"]
            .iter()
            .map(|text| text.parse().unwrap())
            .collect();
    let mut digits = invoice.key.to_string().into_bytes();
    let last = digits.last_mut().unwrap();
    *last = if *last == b'9' { b'0' } else { *last + 1 };
    strange.push(String::from_utf8(digits).unwrap().parse().unwrap());
    for key in strange {
        assert_eq!(bureau.find(CompanyNo(0), &key, TODAY), None, "{key}");
    }
}

#[test]
fn a_paper_number_finds_its_invoice() {
    let bureau = bureau(6, 20_000);
    let paper = all_of(&bureau, CompanyNo(0), Direction::Received, TODAY).find(|invoice| invoice.paper_key.is_some()).unwrap();
    let found = bureau.find(CompanyNo(0), paper.paper_key.as_ref().unwrap(), TODAY);
    assert_eq!(found, Some(paper));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn any_seed_and_size_makes_valid_invoices(seed: u64, invoices in 1u64..2_000_000, place in 0.0f64..1.0, company in 0u16..41) {
        let bureau = bureau(seed, invoices);
        for direction in Direction::ALL {
            let index = (place * invoices as f64 / 2.0) as u64 / if company == 0 { 1 } else { 100 };
            let Some(invoice) = bureau.invoice(CompanyNo(company), direction, index, TODAY) else { continue };
            check(&invoice, &bureau, CompanyNo(company), TODAY);
            prop_assert_eq!(bureau.find(CompanyNo(company), &invoice.key, TODAY), Some(invoice));
        }
    }
}
