//! XML that is no 数电 `EInvoice`: 税控 invoices and the XBRL of the 电子凭证会计数据标准, on their own and attached to an OFD.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod support;

use piaoxia_documents::{Check, Document, Field, FileFormat, Outcome, Refused, Source, Warning, read, verdicts};
use piaoxia_domain::InvoiceKey;
use support::{SPECIAL, document, refusal, with, without, zip};

const RAILWAY: &str = include_str!("fixtures/voucher-railway.xml");
const AIR: &str = include_str!("fixtures/voucher-air.xml");
const VAT: &str = include_str!("fixtures/voucher-vat.xml");
const TOLL: &str = include_str!("fixtures/voucher-toll-receiver.xml");
const DIGITAL: &str = include_str!("fixtures/voucher-digital-receiver.xml");
const FISCAL: &str = include_str!("fixtures/voucher-fiscal.xml");
const UKEY: &str = include_str!("fixtures/tax-control-ukey.xml");

fn outcome(document: &Document, check: Check) -> Outcome {
    verdicts(document).into_iter().find(|verdict| verdict.check == check).unwrap().result
}

/// Key, kind, day, seller, buyer, 金额 税额 价税合计.
fn told(document: &Document) -> String {
    let i = &document.invoice;
    let (key, kind, day) = (&i.key, i.kind.code(), i.issued_on());
    format!("{key} {kind} {day} {} {} {} {} {} {} {}", i.seller.name, i.seller.tax_no, i.buyer.name, i.buyer.tax_no, i.net, i.tax, i.gross)
}

#[test]
fn vouchers_of_issuers_and_receivers_are_read() {
    let buyer = "上海样例软件有限公司 91310115MA0TE5T016";
    for (xml, expected) in [
        (RAILWAY, format!("26319000000000000051 51 2026-03-08 样例铁路客运有限公司  {buyer} 100.00 9.00 109.00")),
        (AIR, format!("26317000000000000061 61 2026-04-01 样例航空有限公司  {buyer} 590.00 48.60 638.60")),
        (VAT, "031002600111-00000052 10 2022-09-01 样例销售方  上海样例软件有限公司  100.00 13.00 113.00".to_owned()),
        (TOLL, format!("031002600112-00000053 14 2026-01-31 样例高速公路有限公司  {buyer} 100.00 3.00 103.00")),
        (
            DIGITAL,
            "26312000000000000018 81 2026-06-01 样例销售方 91310115MA0TE5T016 深圳样例有限公司 91440300MA5TE5T02A 100.00 6.00 106.00"
                .to_owned(),
        ),
        (FISCAL, format!("310601260000000007 财政电子票据 2026-06-01 样例大学 000001 {buyer} 320.00 0.00 320.00")),
    ] {
        let read = document(xml);
        assert_eq!(told(&read), expected);
        assert_eq!(read.format, FileFormat::Xml);
        assert!(!format!("{read:?}").contains("PERSONAL-DATA"), "who travelled is not read");
        assert_ne!(outcome(&read, Check::Totals), Outcome::Fail);
        assert_ne!(outcome(&read, Check::LineSums), Outcome::Fail);
    }
}

#[test]
fn an_air_ticket_is_made_of_taxed_and_untaxed_parts() {
    let read = document(AIR);
    let lines: Vec<String> =
        read.invoice.lines.iter().map(|line| format!("{} {} {} {}", line.name, line.net, line.rate, line.tax)).collect();
    assert_eq!(lines, ["票价及燃油附加费 540.00 9% 48.60", "民航发展基金 50.00 不征税 0.00"]);
    assert_eq!((outcome(&read, Check::Lines), outcome(&read, Check::LineSums)), (Outcome::Pass, Outcome::Pass));
    // 合计金额 is not stated: total less VAT, fund included.
    assert_eq!((read.sources[&Field::Net], &read.warnings[..]), (Source::Computed, &[Warning::Computed { field: Field::Net }][..]));
}

#[test]
fn a_fiscal_receipt_has_a_number_of_its_own() {
    let read = document(FISCAL);
    assert_eq!(read.invoice.key, InvoiceKey::Other("310601260000000007".to_owned()));
    assert_eq!(outcome(&read, Check::NumberShape), Outcome::NotChecked);
    let short = with(
        &with(DIGITAL, "26312000000000000018", "2631200000000000001"),
        "true</einv:WhetherEinvoiceUsage",
        "true</einv:WhetherEinvoiceUsage",
    );
    assert_eq!(outcome(&document(&short), Check::NumberShape), Outcome::Fail, "a kind of the bureau has numbers of its shape");
}

#[test]
fn vat_lines_are_read_from_the_tuple() {
    let read = document(VAT);
    let line = &read.invoice.lines[0];
    assert_eq!((line.name.as_str(), line.rate.as_str(), line.net.fen(), line.tax.fen()), ("*样例*货物", "13%", 10_000, 1_300));
    assert_eq!((read.invoice.check_code.as_str(), read.invoice.drawer.as_str()), ("12345678901234567890", "样例开票人"));
    assert_eq!(read.warnings, []);
}

#[test]
fn prefix_case_and_date_of_the_taxonomy_do_not_count() {
    let renamed = RAILWAY.replace("rai:", "t:").replace("xmlns:rai", "xmlns:t").replace("2023-12-31/rai", "2021-11-30/RAI/");
    assert_eq!(told(&document(&renamed)), told(&document(RAILWAY)));
    let bare = FISCAL.replace("xmlns:efi", "xmlns").replace("efi:", "").replace("EInvoiceID", "eInvoiceId");
    assert_eq!(told(&document(&bare)), told(&document(FISCAL)));
    let split = without(&with(VAT, "<inv:CodeOfInvoice contextRef=\"c1\">", "<inv:CodeOfInvoice>"), "inv:CodeOfInvoice");
    let alone = without(&with(&split, "<inv:NumberOfInvoice contextRef=\"c1\">", "<inv:NumberOfInvoice>"), "inv:NumberOfInvoice");
    assert_eq!(told(&document(&alone)), told(&document(VAT)), "code and number in one");
}

#[test]
fn the_kind_of_a_receiver_file_is_told_by_its_content_or_name() {
    let silent = DIGITAL.replace("WhetherEinvoiceUsageHasBeenConfirmed", "WhetherEinvoiceHasBeenPaid");
    let kind = |name: &str| read(name, silent.as_bytes()).unwrap().invoice.kind.code().to_owned();
    assert_eq!(
        [kind("einv_ord_receiver_20260601_26312000000000000018.xml"), kind("einv_spcl_receiver.xml"), kind("x.xml")],
        ["82", "81", ""]
    );
}

#[test]
fn other_instances_are_no_invoices() {
    for xml in [RAILWAY.replace("/rai\"", "/bker\""), RAILWAY.replace("xbrl.mof.gov.cn", "xbrl.example.com")] {
        assert_eq!(refusal(xml.as_bytes()), Refused::NotRecognised);
    }
    let nameless = RAILWAY.replace("ElectronicInvoiceRailwayETicketNumber", "ETicketNumber");
    assert_eq!(refusal(nameless.as_bytes()), Refused::MissingField { field: Field::Number });
}

#[test]
fn a_tax_control_invoice_of_a_ukey_is_read() {
    let read = document(UKEY);
    assert_eq!(read.warnings, []);
    let seller = "样例销售方 91440300MA5TE5T02A";
    let expected = format!("031002600111-00000061 10 2026-02-20 {seller} 上海样例&软件有限公司 91310115MA0TE5T016 -198.04 -1.96 -200.00");
    assert_eq!(told(&read), expected);
    assert_eq!(read.invoice.red_of.as_ref().unwrap().to_string(), "031002600111-00000060");
    assert_eq!((read.invoice.check_code.as_str(), read.invoice.remark.as_str()), ("01234567890123456789", "差额征税：-2.00。"));
    let line = &read.invoice.lines[0];
    assert_eq!((line.rate.as_str(), line.class_code.as_str(), line.unit.as_str()), ("***", "3040702000000000000", "次"));
    assert_eq!(outcome(&read, Check::Lines), Outcome::Pass, "差额: the remark names the deduction");
    let blue = with(UKEY, "<fp:TypeCode>1<", "<fp:TypeCode>0<");
    assert_eq!(document(&blue).warnings, [Warning::RedLabel { red: false, gross: read.invoice.gross }]);
    assert_eq!(refusal(without(UKEY, "fp:InvoiceNo").as_bytes()), Refused::NotRecognised);
}

/// An OFD without a page: an attachment, and key fields.
fn ofd(attachment: &[u8], custom_data: &str) -> Vec<u8> {
    let main = format!(
        "<o:OFD xmlns:o=\"http://www.ofdspec.org/2016\"><o:DocBody><o:DocInfo><o:CustomDatas>{custom_data}</o:CustomDatas></o:DocInfo>\
         <o:DocRoot>/D/Doc.xml</o:DocRoot></o:DocBody></o:OFD>"
    );
    let document = "<Document><Attachments>./A/List.xml</Attachments></Document>";
    let list = "<Attachments><Attachment Name=\"x\" Format=\"XBRL\"><FileLoc>..\\A\\data.bin</FileLoc></Attachment></Attachments>";
    zip(&[
        ("OFD.xml", main.as_bytes()),
        ("d/DOC.xml", document.as_bytes()),
        ("D/A/List.xml", list.as_bytes()),
        ("D/A/data.bin", attachment),
    ])
}

#[test]
fn an_attached_voucher_is_the_invoice() {
    for xml in [RAILWAY, AIR, VAT, TOLL, DIGITAL, FISCAL, UKEY, SPECIAL] {
        let attached = read("x.ofd", &ofd(xml.as_bytes(), "")).unwrap();
        assert_eq!(attached.invoice, document(xml).invoice);
        assert_eq!((attached.format, attached.sources[&Field::Number]), (FileFormat::Ofd, Source::Attachment));
    }
}

#[test]
fn places_that_differ_are_told() {
    let data = "<CustomData Name=\"价税合计\">110.00</CustomData><CustomData Name=\"发票号码\">26319000000000000051</CustomData>";
    let read = read("x.ofd", &ofd(RAILWAY.as_bytes(), data)).unwrap();
    assert_eq!((read.invoice.gross.fen(), outcome(&read, Check::SourcesAgree)), (10_900, Outcome::Fail));
    let (kept, other) = ((Source::Attachment, "109.00".to_owned()), (Source::CustomData, "110.00".to_owned()));
    assert_eq!(read.warnings, [Warning::SourcesDiffer { field: Field::Gross, kept, other }]);
}

#[test]
fn a_damaged_attachment_gives_way_to_the_key_fields() {
    let fields = [("发票号码", "26319000000000000051"), ("合计金额", "100.00"), ("合计税额", "9.00"), ("开票日期", "2026年03月08日")];
    let data: String = fields.iter().map(|(name, text)| format!("<CustomData Name=\"{name}\">{text}</CustomData>")).collect();
    let cut = &RAILWAY.as_bytes()[..RAILWAY.len() / 2];
    let read = read("x.ofd", &ofd(cut, &data)).unwrap();
    assert!(read.warnings.contains(&Warning::AttachmentUnread { name: "x".to_owned() }));
    assert_eq!((read.invoice.gross.fen(), read.sources[&Field::Number]), (10_900, Source::CustomData));
    assert_eq!(support::refusal(&ofd(cut, "")), Refused::NotRecognised);
    let doctype = RAILWAY.replace("<xbrli:xbrl ", "<!DOCTYPE x><xbrli:xbrl ");
    assert_eq!(support::refusal(&ofd(doctype.as_bytes(), &data)), Refused::Doctype);
}
