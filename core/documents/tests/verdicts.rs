//! What is proved of a document, and what the JSON of `inspect` says of it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod support;

use piaoxia_documents::{Check, Inspection, LineFault, LinePart, Outcome, Reason, Refusal, Refused, Warning, Words, verdicts};
use piaoxia_domain::Money;
use piaoxia_domain::tax_number::TaxNumberFault;
use serde_json::{Value, json};
use support::{PERSON, RED, SPECIAL, document, with, without};

fn of(xml: &str, check: Check) -> (Outcome, Reason) {
    let all = verdicts(&document(xml));
    assert_eq!(all.len(), 9);
    let found: Vec<_> = all.into_iter().filter(|verdict| verdict.check == check).collect();
    assert_eq!(found.len(), 1);
    (found[0].result, found[0].reason.clone())
}

fn outcomes(xml: &str) -> Vec<&'static str> {
    verdicts(&document(xml)).iter().map(|verdict| verdict.result.word()).collect()
}

fn fen(fen: i64) -> Money {
    Money::from_fen(fen)
}

#[test]
fn sound_documents_pass() {
    let pass = "pass";
    assert_eq!(outcomes(SPECIAL), [pass, pass, pass, pass, pass, pass, pass, "not_checked", "not_checked"]);
    assert_eq!(outcomes(RED), [pass, pass, pass, pass, pass, pass, pass, "not_checked", "not_checked"]);
    // A person has no number, and nobody signed.
    assert_eq!(outcomes(PERSON), [pass, pass, pass, pass, "not_checked", pass, pass, "not_checked", "not_checked"]);
    assert_eq!(of(SPECIAL, Check::Lines).1, Reason::LinesFit { checked: 4, lines: 4 });
}

#[test]
fn totals_are_added_up() {
    let (net, tax) = (fen(1_132_075), fen(129_966));
    let off =
        |gross: &str| of(&with(SPECIAL, "<TotalTax-includedAmount>12620.41", &format!("<TotalTax-includedAmount>{gross}")), Check::Totals);
    assert_eq!(off("12620.42"), (Outcome::Pass, Reason::TotalsFit { net, tax, gross: fen(1_262_042) }));
    assert_eq!(off("12620.43"), (Outcome::Fail, Reason::TotalsDiffer { net, tax, gross: fen(1_262_043) }));
    assert_eq!(of(&without(SPECIAL, "TotalTaxAm"), Check::Totals), (Outcome::NotChecked, Reason::TotalsComputed));
}

#[test]
fn lines_are_added_up() {
    let off = with(SPECIAL, "<TotalAmWithoutTax>11320.75", "<TotalAmWithoutTax>11320.73");
    let (lines_net, lines_tax, tax) = (fen(1_132_075), fen(129_966), fen(129_966));
    assert_eq!(of(&off, Check::LineSums), (Outcome::Fail, Reason::LineSumsDiffer { lines_net, lines_tax, net: fen(1_132_073), tax }));
    let pinyin = include_str!("fixtures/pinyin-tags.xml");
    assert_eq!(of(pinyin, Check::LineSums), (Outcome::NotChecked, Reason::NoLines));
    assert_eq!(of(pinyin, Check::Lines), (Outcome::NotChecked, Reason::NoLines));
}

/// One line of 0.10 at 4 %, 0.004 tax: each rounds to nothing, a hundred make 0.40.
#[test]
fn the_sum_of_taxes_is_rounded_once() {
    let line = "<IssuItemInformation><Amount>0.10</Amount><TaxRate>0.04</TaxRate><ComTaxAm>0.004000</ComTaxAm></IssuItemInformation>";
    let xml = [
        ("<TotalAmWithoutTax>4.00", "<TotalAmWithoutTax>10.00".to_owned()),
        ("<TotalTaxAm>0.12", "<TotalTaxAm>0.40".to_owned()),
        ("<TotalTax-includedAmount>4.12", "<TotalTax-includedAmount>10.40".to_owned()),
        ("<BasicInformation>", format!("{}<BasicInformation>", line.repeat(100))),
    ]
    .into_iter()
    .fold(without(PERSON, "IssuItemInformation"), |xml, (from, to)| with(&xml, from, &to));
    assert_eq!(of(&xml, Check::LineSums), (Outcome::Pass, Reason::LineSumsFit { lines: 100 }));
}

#[test]
fn products_have_their_tolerances() {
    let line = |line, part, expected, stated| LineFault { line, part, expected, stated };
    let net = with(SPECIAL, "<Amount>599.99", "<Amount>599.98");
    let first = line(4, LinePart::Net, Some(fen(60_000)), fen(59_998));
    assert_eq!(of(&net, Check::Lines), (Outcome::Fail, Reason::LinesDiffer { first, faults: 1 }));
    let near = with(SPECIAL, "<ComTaxAm>1300.000000", "<ComTaxAm>1300.06");
    assert_eq!(of(&near, Check::Lines).0, Outcome::Pass);
    let tax = with(SPECIAL, "<ComTaxAm>1300.000000", "<ComTaxAm>1300.07");
    let first = line(1, LinePart::Tax, Some(fen(130_000)), fen(130_007));
    assert_eq!(of(&tax, Check::Lines), (Outcome::Fail, Reason::LinesDiffer { first, faults: 1 }));
    let huge = with(SPECIAL, "<Quantity>12<", "<Quantity>79228162514264337593543950335<");
    let first = line(4, LinePart::Net, None, fen(59_999));
    assert_eq!(of(&huge, Check::Lines), (Outcome::Fail, Reason::LinesDiffer { first, faults: 1 }));
}

#[test]
fn a_drift_of_tax_to_one_side_is_noticed() {
    let line = "<IssuItemInformation><Amount>100.00</Amount><TaxRate>0.06</TaxRate><ComTaxAm>6.05</ComTaxAm></IssuItemInformation>";
    let lines = |count: usize| with(PERSON, "<BasicInformation>", &format!("{}<BasicInformation>", line.repeat(count)));
    assert_eq!(of(&lines(25), Check::Lines).0, Outcome::Pass);
    assert_eq!(of(&lines(26), Check::Lines), (Outcome::Fail, Reason::LineTaxDrift { drift: fen(-130) }));
}

#[test]
fn taxes_on_a_margin_are_not_computed() {
    let xml = with(
        &with(PERSON, "<TaxRate>0.03<", "<TaxRate>0.13<"),
        "<SpecificInformation/>",
        "<AdditionalInformation><Remark>差额征税：1.00。</Remark></AdditionalInformation>",
    );
    assert_eq!(of(&xml, Check::Lines), (Outcome::NotChecked, Reason::LinesNotComputable));
}

#[test]
fn check_digits_are_checked() {
    let seller =
        |number: &str| of(&with(SPECIAL, "<SellerIdNum>91310115MA0TE5T016", &format!("<SellerIdNum>{number}")), Check::SellerTaxNo);
    assert_eq!(seller("91310115MA0TE5T017"), (Outcome::Fail, Reason::TaxNumberWrong(TaxNumberFault::CheckDigit)));
    assert_eq!(seller("9131"), (Outcome::Fail, Reason::TaxNumberWrong(TaxNumberFault::Length(4))));
    assert_eq!(seller("310115000000015"), (Outcome::NotChecked, Reason::NoCheckDigit { length: 15 }));
    assert_eq!(of(PERSON, Check::BuyerTaxNo), (Outcome::NotChecked, Reason::NoTaxNumber));
}

#[test]
fn numbers_are_compared() {
    let (header, supervision) = ("26312000000000000019".to_owned(), "26312000000000000018".to_owned());
    let xml = with(SPECIAL, "<EIid>26312000000000000018", "<EIid>26312000000000000019");
    assert_eq!(document(&xml).invoice.key.number(), supervision);
    assert_eq!(of(&xml, Check::NumbersAgree), (Outcome::Fail, Reason::NumbersDiffer { header, supervision }));
    assert_eq!(of(&without(SPECIAL, "EIid"), Check::NumbersAgree), (Outcome::NotChecked, Reason::NumberStatedOnce));
    let short = with(SPECIAL, "<InvoiceNumber>26312000000000000018", "<InvoiceNumber>2631");
    assert_eq!(of(&short, Check::NumberShape), (Outcome::Fail, Reason::NumberShapeWrong { number: "2631".to_owned() }));
}

#[test]
fn a_signature_is_never_called_right_or_wrong() {
    assert_eq!(of(SPECIAL, Check::Signature), (Outcome::NotChecked, Reason::SignatureNotProvable));
    assert_eq!(of(PERSON, Check::Signature), (Outcome::NotChecked, Reason::NoSignature));
}

struct Plain;

impl Words for Plain {
    fn refused(&self, refused: &Refused) -> String {
        refused.to_string()
    }

    fn warning(&self, warning: &Warning) -> String {
        format!("{warning:?}")
    }

    fn reason(&self, check: Check, _: &Reason) -> String {
        format!("of {}", check.id())
    }
}

#[test]
fn the_json_has_exactly_the_promised_fields() {
    let json = serde_json::to_value(Inspection::from_document("a/special.xml", &document(SPECIAL), &Plain)).unwrap();
    let keys: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
    let mut promised = [
        "file",
        "format",
        "kind",
        "number",
        "code",
        "issued_on",
        "seller",
        "buyer",
        "net",
        "tax",
        "gross",
        "lines",
        "sources",
        "warnings",
        "verdicts",
    ];
    promised.sort_unstable();
    assert_eq!(keys, promised);
    assert_eq!(json["file"], "a/special.xml");
    assert_eq!((&json["format"], &json["kind"], &json["code"]), (&json!("xml"), &json!("81"), &Value::Null));
    assert_eq!((&json["number"], &json["issued_on"]), (&json!("26312000000000000018"), &json!("2026-05-19")));
    assert_eq!(json["seller"], json!({"name": "上海样例&软件有限公司", "tax_no": "91310115MA0TE5T016"}));
    assert_eq!((&json["net"], &json["tax"], &json["gross"]), (&json!("11320.75"), &json!("1299.66"), &json!("12620.41")));
    assert_eq!(
        json["lines"][1],
        json!({
            "name": "*计算机外部设备*样例打印机", "spec": null, "unit": null, "quantity": null, "price": null,
            "net": "-622.64", "rate": "13%", "tax": "-80.94", "class_code": "1090511030000000000"
        })
    );
    assert_eq!((&json["sources"]["seller.tax_no"], &json["sources"]["gross"]), (&json!("xml"), &json!("xml")));
    assert_eq!(json["warnings"], json!([]));
    assert_eq!(json["verdicts"][8], json!({"check": "signature", "result": "not_checked", "reason": "of signature"}));
}

#[test]
fn absent_fields_are_null() {
    let silent = without(PERSON, "GeneralOrSpecialVAT");
    let json = serde_json::to_value(Inspection::from_document("p.xml", &document(&silent), &Plain)).unwrap();
    assert_eq!(json["kind"], Value::Null);
    assert_eq!(json["buyer"], json!({"name": "样例个人", "tax_no": null}));
    assert_eq!(json["warnings"].as_array().unwrap().len(), 1);
    let refusal = serde_json::to_value(Refusal::new("x.bin", &Refused::NotRecognised, &Plain)).unwrap();
    assert_eq!(refusal, json!({"file": "x.bin", "refused": Refused::NotRecognised.to_string()}));
}
