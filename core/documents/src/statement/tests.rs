#![allow(clippy::unwrap_used, reason = "a test may panic")]

use piaoxia_domain::{InvoiceKey, Money};

use super::{Statement, document};
use crate::document::{Document, Source, Warning};
use crate::field::Field;
use crate::format::FileFormat;
use crate::lines::{LineSlot, LineTexts};
use crate::refused::Refused;
use crate::verdict::{Check, Outcome, Reason, verdicts};

const DIGITAL: [(Field, &str); 9] = [
    (Field::Number, "26312000000000000018"),
    (Field::Kind, "数电发票（普通发票）"),
    (Field::IssuedOn, "2026-05-19 09:47:14"),
    (Field::SellerName, "上海样例（软件）有限公司"),
    (Field::SellerTaxNo, "91310115MA0TE5T016"),
    (Field::BuyerName, "样例个人"),
    (Field::Net, "100.00"),
    (Field::Tax, "6.00"),
    (Field::Gross, "106.00"),
];

fn stated(source: Source, texts: &[(Field, &'static str)]) -> Statement<'static> {
    let mut statement = Statement::new(source);
    for (field, text) in texts {
        statement.state(*field, *text).unwrap();
    }
    statement
}

/// `DIGITAL` with some texts replaced or added; an empty one is taken away.
fn changed(source: Source, changes: &[(Field, &'static str)]) -> Statement<'static> {
    let untouched = DIGITAL.iter().filter(|(field, _)| changes.iter().all(|(changed, _)| changed != field));
    stated(source, &untouched.chain(changes).copied().collect::<Vec<_>>())
}

fn weighed(statements: Vec<Statement<'static>>) -> Document {
    document("sample.ofd", FileFormat::Ofd, statements).unwrap()
}

fn agreement(document: &Document) -> (Outcome, Reason) {
    let verdict = verdicts(document).into_iter().find(|verdict| verdict.check == Check::SourcesAgree).unwrap();
    (verdict.result, verdict.reason)
}

#[test]
fn one_statement_is_a_document() {
    let read = weighed(vec![changed(Source::CustomTag, &[])]);
    assert_eq!(read.warnings, []);
    assert_eq!((read.invoice.kind.code(), read.invoice.gross), ("82", Money::from_fen(10_600)));
    assert!(read.sources.values().all(|source| *source == Source::CustomTag));
    assert_eq!(agreement(&read), (Outcome::NotChecked, Reason::SourcesSingle));
}

#[test]
fn spellings_of_the_same_agree() {
    let other = stated(
        Source::CustomData,
        &[
            (Field::Number, "26312000000000000018"),
            (Field::IssuedOn, "2026年05月19日"),
            (Field::SellerName, "上海样例(软件) 有限公司"),
            (Field::SellerTaxNo, "91310115ma0te5t016"),
            (Field::Net, "¥100"),
            (Field::Tax, "***"),
        ],
    );
    let read = weighed(vec![changed(Source::Attachment, &[]), other]);
    assert_eq!(read.warnings, []);
    assert_eq!(read.invoice.issued_at.to_string(), "2026-05-19T09:47:14");
    assert_eq!(agreement(&read), (Outcome::Pass, Reason::SourcesAgree { fields: 5, sources: 2 }));
}

#[test]
fn the_first_statement_counts_and_the_difference_is_told() {
    let other = stated(Source::CustomData, &[(Field::Gross, "160.00"), (Field::SellerName, "另一家"), (Field::Remark, "备注")]);
    let read = weighed(vec![changed(Source::Attachment, &[]), other]);
    let differs = |field, kept: &str, other: &str| Warning::SourcesDiffer {
        field,
        kept: (Source::Attachment, kept.to_owned()),
        other: (Source::CustomData, other.to_owned()),
    };
    let expected = [differs(Field::Gross, "106.00", "160.00"), differs(Field::SellerName, "上海样例（软件）有限公司", "另一家")];
    assert_eq!(read.warnings, expected);
    assert_eq!(read.invoice.gross, Money::from_fen(10_600));
    assert_eq!((read.invoice.remark.as_str(), read.sources.get(&Field::Remark)), ("备注", Some(&Source::CustomData)));
    assert_eq!(agreement(&read), (Outcome::Fail, Reason::SourcesDiffer { field: Field::Gross, fields: 2 }));
}

#[test]
fn an_unreadable_statement_gives_way_and_is_told() {
    let read = weighed(vec![changed(Source::Attachment, &[(Field::Net, "many")]), changed(Source::Layout, &[])]);
    assert_eq!((read.invoice.net, read.sources.get(&Field::Net)), (Money::from_fen(10_000), Some(&Source::Layout)));
    assert_eq!(agreement(&read), (Outcome::Fail, Reason::SourcesDiffer { field: Field::Net, fields: 1 }));
    let alone = document("sample.ofd", FileFormat::Ofd, vec![changed(Source::Attachment, &[(Field::Net, "many")])]);
    assert_eq!(alone, Err(Refused::BadValue { field: Field::Net, line: None, value: "many".to_owned() }));
}

#[test]
fn what_must_be_there_is_asked_for() {
    for (missing, named) in [(Field::Number, Field::Number), (Field::IssuedOn, Field::IssuedOn)] {
        let outcome = document("sample.ofd", FileFormat::Ofd, vec![changed(Source::Attachment, &[(missing, "")])]);
        assert_eq!(outcome, Err(Refused::MissingField { field: named }));
    }
    assert_eq!(document("sample.ofd", FileFormat::Ofd, Vec::new()), Err(Refused::MissingField { field: Field::Number }));
    let computed = weighed(vec![changed(Source::Attachment, &[(Field::Tax, "")])]);
    assert_eq!((computed.invoice.tax, computed.sources.get(&Field::Tax)), (Money::from_fen(600), Some(&Source::Computed)));
}

#[test]
fn numbers_make_keys() {
    let legacy = [(Field::Number, "12235358"), (Field::Code, "050001700111"), (Field::Kind, ""), (Field::CheckCode, "1663")];
    let read = weighed(vec![changed(Source::Attachment, &legacy)]);
    assert_eq!((read.invoice.key.to_string().as_str(), read.invoice.kind.code()), ("050001700111-12235358", "10"));
    assert_eq!((read.invoice.check_code.as_str(), read.sources.get(&Field::Kind)), ("1663", Some(&Source::Attachment)));
    let paper = [(Field::Code, "3100194130"), (Field::PaperNumber, "00000042"), (Field::Kind, "85")];
    let read = weighed(vec![changed(Source::Workbook, &paper)]);
    assert!(matches!(read.invoice.key, InvoiceKey::Digital(_)));
    assert_eq!(read.invoice.paper_key.unwrap().to_string(), "3100194130-00000042");
    let blank = weighed(vec![changed(Source::Workbook, &[(Field::Code, "--")])]);
    assert_eq!((blank.invoice.paper_key, blank.sources.get(&Field::Code)), (None, None));
    let odd = weighed(vec![changed(Source::Attachment, &[(Field::Kind, "财政电子票据")])]);
    assert_eq!(odd.warnings, [Warning::KindUnknown { label: "财政电子票据".to_owned() }]);
}

#[test]
fn a_red_invoice_names_the_blue_one() {
    let stated = weighed(vec![changed(Source::Attachment, &[(Field::RedOf, "050001700111-12235358"), (Field::Remark, "红字")])]);
    assert_eq!(stated.invoice.red_of.unwrap().to_string(), "050001700111-12235358");
    let remark = "被红冲蓝字数电发票号码：26112000000000000011";
    let named = weighed(vec![changed(Source::Attachment, &[(Field::Remark, remark)])]);
    assert_eq!(named.invoice.red_of.unwrap().to_string(), "26112000000000000011");
    let mut marked = changed(Source::Xml, &[]);
    marked.red = Some(true);
    assert_eq!(weighed(vec![marked]).warnings, [Warning::RedLabel { red: true, gross: Money::from_fen(10_600) }]);
}

#[test]
fn lines_come_from_one_place_and_their_sums_are_compared() {
    let with_line = |source, net: &'static str| {
        let mut line = LineTexts::default();
        line.set(LineSlot::Name, "*服务*样例").unwrap();
        line.set(LineSlot::Net, net).unwrap();
        line.set(LineSlot::Tax, "6.00").unwrap();
        let mut statement = changed(source, &[]);
        statement.lines.add(&line).unwrap();
        statement
    };
    let same = weighed(vec![changed(Source::Attachment, &[]), with_line(Source::CustomTag, "100"), with_line(Source::Layout, "100.00")]);
    assert_eq!((same.invoice.lines.len(), same.sources.get(&Field::Lines)), (1, Some(&Source::CustomTag)));
    assert_eq!(same.warnings, []);
    let other = weighed(vec![with_line(Source::Attachment, "100"), with_line(Source::Layout, "99")]);
    let kept = (Source::Attachment, "1 / 100.00 / 6.00".to_owned());
    assert_eq!(
        other.warnings,
        [Warning::SourcesDiffer { field: Field::Lines, kept, other: (Source::Layout, "1 / 99.00 / 6.00".to_owned()) }]
    );
}

#[test]
fn a_place_that_contradicts_itself_is_noticed() {
    let twice = stated(Source::CustomData, &[(Field::Drawer, "甲"), (Field::Drawer, " 甲 "), (Field::Drawer, "乙"), (Field::Drawer, "丙")]);
    let read = weighed(vec![changed(Source::Attachment, &[]), twice]);
    assert_eq!((read.invoice.drawer.as_str(), read.warnings), ("甲", vec![Warning::Repeated { field: Field::Drawer }]));
    let long: &str = "长".repeat(10_000).leak();
    assert!(matches!(Statement::new(Source::Info).state(Field::Remark, long), Err(Refused::TextTooLong { field: Field::Remark, .. })));
}
