//! Forged OFD invoices, from their bytes to their verdicts: each names its own cause, and no other check fails.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

#[path = "../../seals/tests/kit/mod.rs"]
mod kit;
mod support;

use kit::{Cast, Files, LIST, Order, SIGN, SM3, VALUE, entry, list, manifest};
use piaoxia_documents::{Check, Document, Outcome, Reason, SealReason, read, verdicts_trusting};
use piaoxia_domain::qr;
use piaoxia_domain::{InvoiceKey, Kind, Money};
use piaoxia_seals as seals;
use support::zip;

const NUMBER: &str = "00000061";
const ATTACHED: &str = "Doc_0/Attachs/original_invoice.xml";

/// The parts of an invoice whose QR code is that of the invoice `in_code`.
fn invoice(in_code: &str) -> Files {
    let key = InvoiceKey::new(None, Some("031002600111"), Some(in_code)).unwrap();
    let issued_on = "2026-02-20".parse().unwrap();
    let code = qr::payload(&key, &Kind::from_code("10"), Money::from_fen(10_000), issued_on, "01234567890123456789").unwrap();
    let attachment = format!(
        "<eInvoice xmlns:fp=\"http://www.edrm.org.cn/schema/e-invoice/2019\"><fp:InvoiceCode>031002600111</fp:InvoiceCode>\
         <fp:InvoiceNo>{NUMBER}</fp:InvoiceNo><fp:IssueDate>2026年02月20日</fp:IssueDate><fp:InvoiceCheckCode>01234567890123456789\
         </fp:InvoiceCheckCode><fp:Buyer><fp:BuyerName>样例购买方</fp:BuyerName></fp:Buyer><fp:Seller><fp:SellerName>样例销售方</fp:SellerName>\
         <fp:SellerTaxID>91310115MA0TE5T016</fp:SellerTaxID></fp:Seller><fp:TaxInclusiveTotalAmount>106.00</fp:TaxInclusiveTotalAmount>\
         <fp:TaxTotalAmount>6.00</fp:TaxTotalAmount><fp:TaxExclusiveTotalAmount>100.00</fp:TaxExclusiveTotalAmount>\
         <fp:GraphCode>{code}</fp:GraphCode></eInvoice>"
    );
    let attachments = "<Attachments><Attachment Name=\"original_invoice\" Format=\"xml\"><FileLoc>original_invoice.xml</FileLoc></Attachment></Attachments>";
    let mut files = kit::plain();
    files.insert("Doc_0/Document.xml".to_owned(), b"<Document><Attachments>Attachs/Attachments.xml</Attachments></Document>".to_vec());
    files.insert("Doc_0/Attachs/Attachments.xml".to_owned(), attachments.as_bytes().to_vec());
    files.insert(ATTACHED.to_owned(), attachment.into_bytes());
    files
}

/// The same under a seal.
fn sealed(mut files: Files, cast: &Cast, order: &Order) -> Files {
    let parts: Vec<String> = files.keys().cloned().collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let signature = manifest(&files, &parts, SIGN, SM3);
    files.insert(LIST.to_owned(), list(&entry(0), "1"));
    files.insert(VALUE.to_owned(), order.value(cast, &signature));
    files.insert(format!("{SIGN}Seal.esl"), order.seal(cast));
    files.insert(format!("{SIGN}Signature.xml"), signature);
    files
}

fn document(files: &Files) -> Document {
    let entries: Vec<(&str, &[u8])> = files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
    read("x.ofd", &zip(&entries)).unwrap()
}

/// The checks that fail, with their reasons; the one on all seals together aside.
fn failed(files: &Files, cast: &Cast) -> Vec<(Check, Reason)> {
    let all = verdicts_trusting(&document(files), &cast.trust());
    let fails = all.into_iter().filter(|verdict| verdict.result == Outcome::Fail);
    let mut failed: Vec<_> = fails.map(|verdict| (verdict.check, verdict.reason)).collect();
    let together = failed.iter().any(|(check, _)| *check == Check::Signature);
    failed.retain(|(check, _)| *check != Check::Signature);
    assert_eq!(together, failed.iter().any(|(check, _)| matches!(check, Check::Seal(_))), "{failed:?}");
    failed
}

/// The only failure, which is one of a seal.
fn cause(files: &Files, cast: &Cast) -> (seals::Check, seals::Reason) {
    match failed(files, cast).as_slice() {
        [(Check::Seal(check), Reason::Seal(SealReason { found, name, .. }))] => {
            assert_eq!(name, "测试印章");
            (*check, found.clone())
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_nobody_changed_holds() {
    let cast = Cast::new();
    let files = sealed(invoice(NUMBER), &cast, &Order::default());
    assert_eq!(failed(&files, &cast), []);
    let all = verdicts_trusting(&document(&files), &cast.trust());
    let seals = all.iter().filter(|verdict| matches!(verdict.check, Check::Seal(_) | Check::Signature | Check::QrCrc));
    assert!(seals.clone().count() > 8 && seals.clone().all(|verdict| verdict.result == Outcome::Pass), "{all:?}");
}

#[test]
fn a_tampered_seal_is_not_its_makers() {
    let cast = Cast::new();
    let mut files = sealed(invoice(NUMBER), &cast, &Order::default());
    // The forger draws another picture and signs the document with his own hand: the maker's signature over the seal is left.
    let order = Order { picture: b"\x89PNG".to_vec(), ..Order::default() };
    let seal = kit::with(&order.seal(&cast), b"\x89PNG", b"\x89FAL");
    let value = order.value_with(&cast, &seal, &files[&format!("{SIGN}Signature.xml")]);
    files.insert(format!("{SIGN}Seal.esl"), seal);
    files.insert(VALUE.to_owned(), value);
    assert!(matches!(cause(&files, &cast), (seals::Check::Maker, seals::Reason::MakerWrong { .. })));
}

#[test]
fn a_seal_from_another_document_signs_another_digest() {
    let cast = Cast::new();
    let other = sealed(invoice("00000062"), &cast, &Order::default());
    let mut files = sealed(invoice(NUMBER), &cast, &Order::default());
    files.insert(VALUE.to_owned(), other[VALUE].clone());
    assert_eq!(cause(&files, &cast), (seals::Check::DataHash, seals::Reason::DataHashDiffers));
}

#[test]
fn an_expired_seal_was_used_too_late() {
    let cast = Cast::new();
    let files = sealed(invoice(NUMBER), &cast, &Order { valid_to: "20251231235959Z", ..Order::default() });
    assert!(matches!(cause(&files, &cast), (seals::Check::Validity, seals::Reason::SealExpired(_))));
}

#[test]
fn a_changed_attachment_is_named() {
    let cast = Cast::new();
    let mut files = sealed(invoice(NUMBER), &cast, &Order::default());
    let changed = kit::with(&files[ATTACHED], "样例销售方".as_bytes(), "另一销售方".as_bytes());
    files.insert(ATTACHED.to_owned(), changed);
    let (check, reason) = cause(&files, &cast);
    assert_eq!(check, seals::Check::Digests);
    assert!(matches!(&reason, seals::Reason::PartsChanged { first, changed: 1, .. } if first.ends_with(ATTACHED)), "{reason:?}");
}

#[test]
fn the_code_of_another_invoice_is_told() {
    let cast = Cast::new();
    let files = sealed(invoice("00000062"), &cast, &Order::default());
    let all = failed(&files, &cast);
    assert!(all.contains(&(Check::QrCrc, Reason::QrOfAnother { number: "00000062".to_owned() })), "{all:?}");
    assert!(all.iter().all(|(check, _)| matches!(check, Check::QrCrc | Check::SourcesAgree)), "{all:?}");
}
