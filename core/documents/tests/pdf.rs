//! PDF originals of the sandbox, read back: by the bureau's keys, by the text layer alone, by the QR code alone.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

#[path = "support/invoices.rs"]
mod invoices;

use invoices::{KINDS, invoice, original, red};
use piaoxia_documents::{Check, Document, Field, Outcome, Reason, Refused, Source, Warning, against, read, verdicts};
use piaoxia_domain::invoice::Format;
use piaoxia_domain::{Invoice, InvoiceKey, Party};

/// The bureau's keys.
const KEYS: [&str; 6] = ["/InvoiceNumber", "/IssueTime", "/SellerIdNum", "/TotalAmWithoutTax", "/TotalTaxAm", "/TotalTax-includedAmount"];

fn pdf(invoice: &Invoice) -> Vec<u8> {
    original(invoice, Format::Pdf)
}

/// The file with a word replaced everywhere by one of the same length, so that every offset holds.
fn with(mut pdf: Vec<u8>, word: &str, other: &str) -> Vec<u8> {
    assert_eq!(word.len(), other.len());
    let places: Vec<usize> =
        pdf.windows(word.len()).enumerate().filter(|(_, window)| *window == word.as_bytes()).map(|(at, _)| at).collect();
    assert!(!places.is_empty(), "the file does not hold {word}");
    for at in places {
        pdf[at..at + word.len()].copy_from_slice(other.as_bytes());
    }
    pdf
}

/// Without the bureau's keys; older files have none.
fn without_keys(pdf: Vec<u8>) -> Vec<u8> {
    if !pdf.windows(14).any(|window| window == b"/InvoiceNumber") {
        return pdf;
    }
    // From the longest, since one is a part of another.
    let mut keys = KEYS;
    keys.sort_by_key(|key| std::cmp::Reverse(key.len()));
    keys.into_iter().fold(pdf, |pdf, key| with(pdf, key, &key.replace("/I", "/X").replace("/S", "/X").replace("/T", "/X")))
}

/// Without the map from the font's codes to text.
fn without_text(pdf: Vec<u8>) -> Vec<u8> {
    with(pdf, "/ToUnicode", "/XoUnicode")
}

fn document(pdf: &[u8]) -> Document {
    read("original.pdf", pdf).unwrap_or_else(|refused| panic!("{refused}"))
}

fn result(document: &Document, check: Check) -> (Outcome, Reason) {
    let verdict = verdicts(document).into_iter().find(|verdict| verdict.check == check).unwrap();
    (verdict.result, verdict.reason)
}

/// What the sheet does not print, taken out of the invoice: the time of day, class codes, and the parties' particulars on 数电 sheets.
fn as_printed(mut invoice: Invoice) -> Invoice {
    invoice.issued_at = invoice.issued_at.date().at(0, 0, 0, 0);
    let toll = matches!(invoice.kind.code(), "59" | "14");
    for line in &mut invoice.lines {
        line.class_code.clear();
        if toll {
            (line.quantity, line.price) = (None, None);
            line.spec.clear();
            line.unit.clear();
        }
    }
    if matches!(invoice.key, InvoiceKey::Digital(_)) {
        for party in [&mut invoice.seller, &mut invoice.buyer] {
            *party = Party { name: party.name.clone(), tax_no: party.tax_no.clone(), ..Party::default() };
        }
    }
    invoice
}

#[test]
fn originals_of_every_kind_are_read_back() {
    for (kind, _) in KINDS {
        // The list of goods of a toll invoice has other columns than its sheet.
        let numbers: &[usize] = if kind == "14" { &[1, 3] } else { &[1, 3, 12] };
        for lines in numbers.iter().copied() {
            let issued = invoice(kind, lines);
            let read = document(&pdf(&issued));
            assert_eq!(read.warnings, [], "{kind} {lines}");
            assert_eq!(read.invoice, as_printed(issued), "{kind} {lines}");
            for check in [Check::SourcesAgree, Check::QrCrc, Check::Totals, Check::LineSums] {
                assert_eq!(result(&read, check).0, Outcome::Pass, "{kind} {lines} {check:?}");
            }
            let first = if kind.len() == 2 && matches!(kind, "08" | "10" | "14") { Source::TextLayer } else { Source::Info };
            assert_eq!(read.sources[&Field::Number], first, "{kind}");
        }
    }
}

#[test]
fn the_text_layer_alone_tells_everything() {
    for (kind, _) in KINDS {
        for issued in [invoice(kind, 3), red(invoice(kind, 2))] {
            let read = document(&without_keys(pdf(&issued)));
            for field in [Field::Number, Field::IssuedOn, Field::SellerName, Field::BuyerTaxNo, Field::Net, Field::Gross] {
                assert_eq!(read.sources[&field], Source::TextLayer, "{kind} {field}");
            }
            let mut read = read;
            let mut expected = as_printed(issued);
            if let Some(blue) = &expected.red_of {
                expected.remark = format!("被红冲蓝字数电发票号码：{} {}", blue.number(), expected.remark);
            }
            // A space at the end of a full line cannot be seen.
            read.invoice.remark.retain(|character| character != ' ');
            expected.remark.retain(|character| character != ' ');
            assert_eq!(read.invoice, expected, "{kind}");
        }
    }
}

#[test]
fn the_qr_code_alone_tells_which_invoice_it_is() {
    for (kind, _) in KINDS {
        let issued = invoice(kind, 2);
        let Err(Refused::QrAlone(payload)) = read("scan.pdf", &without_text(without_keys(pdf(&issued)))) else {
            panic!("{kind}");
        };
        let amount = if matches!(issued.key, InvoiceKey::Legacy { .. }) { issued.net } else { issued.gross };
        assert_eq!((payload.key, payload.issued_on, payload.amount), (issued.key.clone(), issued.issued_on(), amount), "{kind}");
        assert_eq!(payload.kind.as_ref(), Some(&issued.kind));
    }
}

#[test]
fn a_person_and_long_names_are_read() {
    let mut issued = invoice("82", 2);
    issued.buyer = Party { name: "李某".to_owned(), ..Party::default() };
    issued.seller.name = "上海浦东新区张江高科技园区云栖数字科技产业发展股份有限公司第一分公司".to_owned();
    let read = document(&pdf(&issued));
    assert_eq!((read.invoice.buyer, read.invoice.seller.name), (issued.buyer, issued.seller.name));
}

#[test]
fn many_pages_have_all_their_lines() {
    for kind in ["81", "10"] {
        let issued = invoice(kind, 120);
        let read = document(&pdf(&issued));
        assert_eq!(read.invoice, as_printed(issued), "{kind}");
    }
}

#[test]
fn places_that_differ_are_told() {
    let issued = invoice("81", 1);
    let gross = issued.gross.to_string();
    let forged = document(&with(pdf(&issued), &format!("({gross})"), "(9999.99)"));
    assert_eq!(forged.invoice.gross.to_string(), "9999.99");
    let differs = |other: Source| {
        let warning =
            Warning::SourcesDiffer { field: Field::Gross, kept: (Source::Info, "9999.99".to_owned()), other: (other, gross.clone()) };
        forged.warnings.iter().any(|found| match (found, &warning) {
            (
                Warning::SourcesDiffer { field, kept, other: (source, text) },
                Warning::SourcesDiffer { field: wanted, kept: wanted_kept, other: (wanted_source, wanted_text) },
            ) => field == wanted && kept == wanted_kept && source == wanted_source && text.contains(wanted_text),
            _ => false,
        })
    };
    assert!(differs(Source::TextLayer) && differs(Source::Qr), "{:?}", forged.warnings);
    assert_eq!(result(&forged, Check::SourcesAgree).0, Outcome::Fail);
    assert_eq!(result(&forged, Check::Totals).0, Outcome::Fail);
}

#[test]
fn the_code_of_another_invoice_is_told() {
    let issued = invoice("81", 1);
    let forged = document(&with(without_text(pdf(&issued)), "26312000000000000081", "26312000000000000099"));
    let number = "26312000000000000081".to_owned();
    assert_eq!(result(&forged, Check::QrCrc), (Outcome::Fail, Reason::QrOfAnother { number }));
}

#[test]
fn a_document_is_compared_with_another_of_the_same_invoice() {
    let issued = invoice("81", 2);
    let read = document(&pdf(&issued));
    let xml = piaoxia_documents::read("original.xml", &original(&issued, Format::Xml)).unwrap();
    for other in [&issued, &xml.invoice] {
        let verdict = against(&read, other);
        assert_eq!((verdict.check, verdict.result), (Check::AgreesWithOther, Outcome::Pass), "{:?}", verdict.reason);
        assert_eq!(verdict.reason, Reason::OtherAgrees { fields: 9 });
    }
    let mut ledger = issued.clone();
    ledger.gross = "1.00".parse().unwrap();
    ledger.buyer.name = "另一家公司".to_owned();
    let here = issued.gross.to_string();
    let differs = Reason::OtherDiffers { field: Field::Gross, here, other: "1.00".to_owned(), fields: 2 };
    assert_eq!((against(&read, &ledger).result, against(&read, &ledger).reason), (Outcome::Fail, differs));
    // What the ledger does not know is no difference; width and spacing are none either.
    let mut sparse = issued.clone();
    sparse.buyer = Party::default();
    sparse.seller.name = " 上海云栖数字科技 有限公司".to_owned();
    assert_eq!(against(&read, &sparse).reason, Reason::OtherAgrees { fields: 7 });
    let other = invoice("82", 2);
    let another = Reason::OtherInvoice { here: issued.key.to_string(), other: other.key.to_string() };
    assert_eq!((against(&read, &other).result, against(&read, &other).reason), (Outcome::Fail, another));
}

#[test]
fn a_legacy_number_beside_twenty_digits_is_the_same_invoice() {
    let mut issued = invoice("85", 1);
    issued.paper_key = Some("3100261130-10000085".parse().unwrap());
    let read = document(&pdf(&issued));
    assert_eq!(read.invoice.paper_key, issued.paper_key);
    let mut ledger = issued.clone();
    ledger.key = issued.paper_key.unwrap();
    ledger.paper_key = None;
    assert_eq!(against(&read, &ledger).result, Outcome::Pass);
}
