//! File names and naming patterns.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::HashSet;

use jiff::civil::date;
use piaoxia_domain::invoice::{Invoice, Party};
use piaoxia_domain::names::{DEFAULT_PATTERN, Field, NAME_BYTES, NAME_UNITS, NamePattern, PATH_UNITS, PatternError, Taken, safe_file_name};
use piaoxia_domain::{Direction, Kind, Money, Status, TaxNumber};

fn invoice(number: &str, seller: &str) -> Invoice {
    Invoice {
        key: number.parse().unwrap(),
        paper_key: None,
        kind: Kind::from_code("81"),
        direction: Some(Direction::Received),
        both_sides: false,
        self_billed: false,
        issued_at: date(2026, 10, 8).at(9, 30, 0, 0),
        seller: Party { name: seller.to_owned(), ..Party::default() },
        buyer: Party {
            name: "上海票匣科技有限公司".to_owned(),
            tax_no: TaxNumber::from_document("91310115MA1K35JX4G"),
            ..Party::default()
        },
        net: Money::from_fen(100_000),
        tax: Money::from_fen(13_000),
        gross: Money::from_fen(113_000),
        status: Status::Normal,
        deduction: None,
        usage: None,
        red_of: None,
        risk: String::new(),
        source: String::new(),
        drawer: String::new(),
        remark: String::new(),
        check_code: String::new(),
        lines: Vec::new(),
    }
}

const NUMBER: &str = "26312000000000000001";

fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

#[test]
fn nasty_names_are_made_safe() {
    let table = [
        ("", "_"),
        ("..", "_"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\evil.exe", "C__evil.exe"),
        ("con", "_con"),
        ("Con.pdf", "_Con.pdf"),
        ("COM¹.xml", "_COM¹.xml"),
        ("lpt0 .txt", "_lpt0 .txt"),
        ("CONIN$", "_CONIN$"),
        ("COM10", "COM10"),
        ("CONSOLE.pdf", "CONSOLE.pdf"),
        ("名称. . ", "名称"),
        ("~$发票.xlsx", "$发票.xlsx"),
        (".hidden", "hidden"),
        ("发票\u{202e}fdp.exe", "发票fdp.exe"),
        ("a\u{200b}b\u{feff}c", "abc"),
        ("一\u{0}二\r\n三", "一_二__三"),
        ("e\u{301}", "é"),
        ("张三（上海）有限公司", "张三（上海）有限公司"),
        ("\u{3000}全角\u{3000}", "全角"),
    ];
    for (text, name) in table {
        assert_eq!(safe_file_name(text), name, "{text:?}");
    }
}

#[test]
fn a_long_name_keeps_its_extension_and_stays_distinct() {
    let one = safe_file_name(&format!("{}1.pdf", "长".repeat(200)));
    let two = safe_file_name(&format!("{}2.pdf", "长".repeat(200)));
    assert_eq!(one.len(), NAME_BYTES);
    assert_eq!(units(&safe_file_name(&"x".repeat(200))), NAME_UNITS);
    assert!(one.ends_with(".pdf") && two.ends_with(".pdf"));
    assert_ne!(one, two);
    assert_eq!(safe_file_name(&"\u{20000}".repeat(100)).chars().filter(|c| *c == '\u{20000}').count(), 55);
}

#[test]
fn the_default_pattern_is_the_text_that_is_shown() {
    assert_eq!(NamePattern::default(), NamePattern::parse(DEFAULT_PATTERN).unwrap());
    let name = NamePattern::default().render(&invoice(NUMBER, "甲公司"), &mut Taken::default());
    assert_eq!(name, format!("2026-10/2026-10-08_数电专票_甲公司_{NUMBER}_1130.00"));
}

#[test]
fn every_field_is_rendered() {
    let text = Field::ALL.map(|field| format!("{{{}}}", field.word())).join("_");
    let rendered = NamePattern::parse(&text).unwrap().render(&invoice("050001700111-12235358", "甲"), &mut Taken::within(PATH_UNITS));
    let expected = "2026-10-08_2026-10_2026_数电专票_12235358_050001700111_甲_甲_上海票匣科技有限公司_取得_1000.00_130.00_1130.00_正常_上海票匣科技有限公司";
    assert_eq!(rendered, expected);
}

#[test]
fn an_empty_field_takes_its_separator_along() {
    let render = |pattern: &str| NamePattern::parse(pattern).unwrap().render(&invoice(NUMBER, "甲"), &mut Taken::default());
    assert_eq!(render("{date}_{code}_{number}"), format!("2026-10-08_{NUMBER}"));
    assert_eq!(render("{number}_{code}"), NUMBER);
    assert_eq!(render("{code}/{number}"), NUMBER);
    assert_eq!(render("{code}"), NUMBER);
    assert_eq!(render("发票 {code}"), "发票");
}

#[test]
fn a_value_never_makes_a_folder() {
    let render = |seller: &str| NamePattern::parse("{seller}\\{number}").unwrap().render(&invoice(NUMBER, seller), &mut Taken::default());
    assert_eq!(render("../../a\\b"), format!("_.._a_b/{NUMBER}"));
    assert_eq!(render(".."), format!("_/{NUMBER}"));
}

#[test]
fn wrong_patterns_say_where() {
    use PatternError as E;
    let table = [
        (" ", E::Empty),
        ("甲{dat}", E::UnknownField { at: 1, name: "dat".to_owned() }),
        ("{}", E::UnknownField { at: 0, name: String::new() }),
        ("{date", E::Unbalanced { at: 0 }),
        ("票{", E::Unbalanced { at: 1 }),
        ("date}", E::Unbalanced { at: 4 }),
        ("{{date}}", E::UnknownField { at: 0, name: "{date".to_owned() }),
        ("{date}:{number}", E::Character { at: 6, character: ':' }),
        ("{date/{number}", E::Unbalanced { at: 0 }),
        ("/{number}", E::EmptyLevel { at: 0 }),
        ("{month}//{number}", E::EmptyLevel { at: 8 }),
        ("{month}/", E::EmptyLevel { at: 8 }),
        ("../{number}", E::EmptyLevel { at: 2 }),
        ("a/b/c/d/e/f", E::TooDeep { at: 10 }),
    ];
    for (pattern, error) in table {
        assert_eq!(NamePattern::parse(pattern), Err(error), "{pattern:?}");
    }
    assert_eq!(NamePattern::parse(&"x".repeat(201)), Err(E::TooLong));
}

#[test]
fn a_taken_path_gets_a_number_whatever_its_case() {
    let pattern = NamePattern::parse("{seller}").unwrap();
    let invoices = ["ABC", "abc", "ＡＢＣ", "ａｂｃ", "Abc", "ABC (2)"].map(|seller| invoice(NUMBER, seller));
    assert_eq!(pattern.preview(&invoices, 9), ["ABC", "abc (2)", "ＡＢＣ", "ａｂｃ (2)", "Abc (3)", "ABC (2) (2)"]);
    assert_eq!(pattern.preview(&invoices, 1), ["ABC"]);
    let mut taken = Taken::default();
    assert_eq!([taken.claim("x", ".pdf"), taken.claim("X", ".PDF"), taken.claim("x", ".xml")], ["x.pdf", "X (2).PDF", "x.xml"]);
}

#[test]
fn a_hundred_thousand_equal_names_are_numbered_quickly() {
    let mut taken = Taken::default();
    let names: HashSet<String> = (0..100_000).map(|_| taken.claim("发票", "")).collect();
    assert_eq!(names.len(), 100_000);
    assert!(names.contains("发票 (100000)"));
}

#[test]
fn a_path_that_is_too_long_is_cut_and_stays_distinct() {
    let pattern = NamePattern::parse("{seller}/{seller}{buyer}/{seller}{number}").unwrap();
    let invoices = ["1", "2"].map(|end| invoice(NUMBER, &format!("{}{end}", "很长的名称".repeat(23))));
    for limit in [0, 150, PATH_UNITS] {
        let mut taken = Taken::within(limit);
        let paths = invoices.each_ref().map(|invoice| pattern.render(invoice, &mut taken));
        assert!(paths.iter().all(|path| units(path) + 5 <= limit.max(121) && path.split('/').count() == 3), "{paths:?}");
        assert_ne!(paths[0].split('/').next(), paths[1].split('/').next());
    }
}
