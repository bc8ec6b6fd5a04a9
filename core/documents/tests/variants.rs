//! 数电 XML as it is really written, in every variant that is known.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod support;

use piaoxia_documents::{Document, Field, FileFormat, Refused, Source, Warning, read};
use piaoxia_domain::{InvoiceKey, Money};
use support::{PERSON, RED, SPECIAL, document, refusal, with, without};

#[test]
fn a_full_invoice_is_read_whole() {
    let read = document(SPECIAL);
    let invoice = &read.invoice;
    assert_eq!(read.format, FileFormat::Xml);
    assert_eq!(read.warnings, []);
    assert_eq!(invoice.key, InvoiceKey::Digital("26312000000000000018".to_owned()));
    assert_eq!(invoice.kind.code(), "81");
    assert_eq!(invoice.issued_at.to_string(), "2026-05-19T09:47:14");
    assert_eq!(invoice.seller.name, "上海样例&软件有限公司");
    assert_eq!(invoice.seller.tax_no.as_str(), "91310115MA0TE5T016");
    assert_eq!(invoice.seller.contact, "上海市样例路1号 021-00000001");
    assert_eq!(invoice.seller.bank, "样例银行上海分行 0000000000000000018");
    assert_eq!((invoice.buyer.contact.as_str(), invoice.buyer.bank.as_str()), ("0755-00000002", ""));
    assert_eq!([invoice.net, invoice.tax, invoice.gross].map(Money::fen), [1_132_075, 129_966, 1_262_041]);
    assert_eq!(invoice.drawer, "样例开票人");
    assert_eq!(invoice.remark, "第一行\r\n第二行 <合同 1>");
    assert_eq!((invoice.direction, invoice.deduction, &invoice.red_of), (None, None, &None));
    assert!(read.sources.values().all(|source| *source == Source::Xml));
    assert!(!read.sources.contains_key(&Field::BuyerBank));
}

#[test]
fn lines_are_read_as_printed() {
    let lines = document(SPECIAL).invoice.lines;
    let rates: Vec<_> = lines.iter().map(|line| line.rate.as_str()).collect();
    let taxes: Vec<_> = lines.iter().map(|line| line.tax.fen()).collect();
    assert_eq!(rates, ["13%", "13%", "6%", "免税"]);
    assert_eq!(taxes, [130_000, -8_094, 8_060, 0]);
    assert_eq!(lines[0].price.unwrap().to_string(), "3333.3333333333");
    assert_eq!((lines[0].spec.as_str(), lines[0].unit.as_str(), lines[0].class_code.as_str()), ("YL-1", "台", "1090511030000000000"));
    assert_eq!((lines[1].quantity, lines[1].price, lines[1].net.fen()), (None, None, -62_264));
    assert_eq!(lines[2].name, "*信息技术服务*样例 <维护> 服务");
}

#[test]
fn personal_data_of_travellers_is_not_read() {
    let everything = format!("{:?}", document(SPECIAL));
    assert!(!everything.contains("PERSONAL-DATA"));
    assert!(!everything.contains("样例旅客"));
}

#[test]
fn a_person_buys_without_a_number_and_the_order_is_free() {
    let read = document(PERSON);
    assert_eq!(read.warnings, []);
    assert_eq!((read.invoice.kind.code(), read.invoice.buyer.name.as_str()), ("82", "样例个人"));
    assert!(read.invoice.buyer.tax_no.is_empty());
    assert!(!read.sources.contains_key(&Field::BuyerTaxNo));
    assert_eq!(read.invoice.issued_at.to_string(), "2026-03-02T00:00:00");
    assert_eq!(read.invoice.lines[0].tax.fen(), 12);
}

#[test]
fn a_red_invoice_names_the_blue_one() {
    let read = document(RED);
    assert_eq!(read.warnings, []);
    assert!(!read.invoice.is_blue());
    assert_eq!(read.invoice.red_of, Some(InvoiceKey::Digital("26112000000000000011".to_owned())));
    assert_eq!(read.invoice.buyer.name, "上海样例软件有限公司");
    let legacy = with(RED, "数电发票号码：26112000000000000011", "发票代码:1100194130 被红冲蓝字发票号码:00000011");
    assert_eq!(document(&legacy).invoice.red_of.unwrap().to_string(), "1100194130-00000011");
    let blue = document(&with(RED, "<LabelCode>N</LabelCode>", "<LabelCode>Y</LabelCode>"));
    assert_eq!(blue.warnings, [Warning::RedLabel { red: false, gross: Money::from_fen(-10_600) }]);
}

/// What a change of the full invoice does to it.
type Expectation = fn(&Document) -> bool;

#[test]
fn every_known_variant_is_tolerated() {
    let cases: &[(&str, &str, &str, Expectation)] = &[
        ("a day", "<RequestTime>2026-05-19 09:47:14", "<RequestTime>2026-05-19", |d| {
            d.invoice.issued_at.to_string() == "2026-05-19T00:00:00"
        }),
        ("T", "2026-05-19 09:47:14</RequestTime>", "2026-05-19T09:47:14</RequestTime>", |d| d.invoice.issued_at.second() == 14),
        ("no date", "<RequestTime>2026-05-19 09:47:14</RequestTime>", "<RequestTime/>", |d| {
            d.warnings == [Warning::IssueTimeUsed] && d.invoice.issued_at.second() == 15
        }),
        ("rate in percent", "<TaxRate>0.13</TaxRate>", "<TaxRate>13%</TaxRate>", |d| d.invoice.lines[0].rate == "13%"),
        ("rate in words", "<TaxRate>0.13</TaxRate>", "<TaxRate>不征税</TaxRate>", |d| d.invoice.lines[0].rate == "不征税"),
        ("two decimals", "<ComTaxAm>1300.000000<", "<ComTaxAm>1300.00<", |d| d.invoice.lines[0].tax.fen() == 130_000),
        ("half a fen", "<ComTaxAm>80.604000<", "<ComTaxAm>80.605<", |d| d.invoice.lines[2].tax.fen() == 8_061),
        ("no tax on a line", "<ComTaxAm>0.00</ComTaxAm>", "", |d| d.invoice.lines[3].tax.fen() == 0),
        ("no tax on a taxed line", "<ComTaxAm>1300.000000</ComTaxAm>", "", |d| d.invoice.lines[0].tax.fen() == 130_000),
        ("no amount on a line", "<Amount>1343.40</Amount>", "", |d| d.invoice.lines[2].net.fen() == 134_340),
        ("an unknown element", "<ptbh/>", "<ptbh x=\"1\"><deep><EIid>1</EIid></deep></ptbh>", |d| d.warnings.is_empty()),
        (
            "names in a wrong place",
            "<Version>0.35</Version>",
            "<SellerInformation><SellerName>x</SellerName></SellerInformation><TotalTaxAm>1</TotalTaxAm>",
            |d| d.warnings.is_empty(),
        ),
        ("comments", "<Drawer>样例开票人", "<Drawer><!-- a -->样例<!-- b -->开票人<?pi?>", |d| d.invoice.drawer == "样例开票人"),
        ("an empty line", "<IssuItemInformation>", "<IssuItemInformation/><IssuItemInformation>", |d| d.invoice.lines.len() == 4),
        ("a quantity in words", "<Quantity>12</Quantity>", "<Quantity>一打</Quantity>", |d| {
            d.invoice.lines[3].quantity.is_none()
                && d.warnings == [Warning::LineValue { line: 4, field: Field::LineQuantity, value: "一打".to_owned() }]
        }),
        ("no tax in total", "<TotalTaxAm>1299.66</TotalTaxAm>", "<TotalTaxAm></TotalTaxAm>", |d| {
            d.invoice.tax.fen() == 129_966
                && d.sources[&Field::Tax] == Source::Computed
                && d.warnings == [Warning::Computed { field: Field::Tax }]
        }),
        ("stars for a total", "<TotalAmWithoutTax>11320.75<", "<TotalAmWithoutTax>***<", |d| d.sources[&Field::Net] == Source::Computed),
        ("no seller", "<SellerName>上海样例&amp;软件有限公司</SellerName>", "", |d| {
            d.warnings == [Warning::Absent { field: Field::SellerName }]
        }),
        ("a second seller", "<SellerAddr>", "<SellerName>另一家</SellerName><SellerAddr>", |d| {
            d.invoice.seller.name.starts_with("上海") && d.warnings == [Warning::Repeated { field: Field::SellerName }]
        }),
        (
            "another year",
            "2026-05-19 09:47:14</RequestTime>",
            "2025-12-31</RequestTime>",
            |d| matches!(&d.warnings[..], [Warning::NumberYear { digits, .. }] if digits == "26"),
        ),
        ("no head number", "<EIid>26312000000000000018</EIid>", "", |d| d.invoice.key.number() == "26312000000000000018"),
        ("a short number", "<InvoiceNumber>26312000000000000018<", "<InvoiceNumber>2631200000000000001<", |d| {
            d.invoice.key == InvoiceKey::Other("2631200000000000001".to_owned())
        }),
        ("no declaration", "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>", "", |d| d.warnings.is_empty()),
        ("white space first", "<?xml", " \n<?xml", |d| d.warnings.is_empty()),
    ];
    for (what, from, to, expected) in cases {
        let read = document(&with(SPECIAL, from, to));
        assert!(expected(&read), "{what}: {read:?}");
    }
}

#[test]
fn the_kind_falls_back_to_the_file_name() {
    let silent = with(SPECIAL, "<LabelCode>01</LabelCode><LabelName>增值税专用发票</LabelName>", "<LabelCode></LabelCode>");
    let named = |name| read(name, silent.as_bytes()).unwrap();
    let known = named("5月/dzfp_26312000000000000018_增值税专用发票_20260519.xml");
    assert_eq!((known.invoice.kind.code(), known.sources[&Field::Kind]), ("81", Source::FileName));
    assert_eq!(known.warnings, [Warning::KindFromFileName]);
    let unknown = named("sample.xml");
    assert_eq!(unknown.invoice.kind.code(), "");
    assert!(!unknown.sources.contains_key(&Field::Kind));
    assert_eq!(unknown.warnings, [Warning::KindUnknown { label: String::new() }]);
    // What the document says counts more than its name.
    let told = read("普通发票.xml", SPECIAL.as_bytes()).unwrap();
    assert_eq!((told.invoice.kind.code(), told.sources[&Field::Kind]), ("81", Source::Xml));
}

#[test]
fn labels_tell_the_kind() {
    let label = "<LabelCode>01</LabelCode><LabelName>增值税专用发票</LabelName>";
    let medium = "<LabelCode>01</LabelCode><LabelName>电子发票</LabelName>";
    for (from, to, code) in [
        (label, "<LabelCode>02</LabelCode>", "82"),
        (label, "<LabelCode>03</LabelCode><LabelName>机动车销售统一发票</LabelName>", "83"),
        (label, "<LabelName>普通发票</LabelName>", "82"),
        (label, "<LabelCode>77</LabelCode><LabelName>样例票</LabelName>", ""),
        (medium, "<LabelCode>02</LabelCode><LabelName>纸质发票</LabelName>", "85"),
        (medium, "<LabelCode>02</LabelCode>", ""),
        (medium, "", "81"),
    ] {
        assert_eq!(document(&with(SPECIAL, from, to)).invoice.kind.code(), code, "{to}");
    }
    let odd = document(&with(SPECIAL, label, "<LabelCode>77</LabelCode><LabelName>样例票</LabelName>"));
    assert_eq!(odd.warnings, [Warning::KindUnknown { label: "77 样例票".to_owned() }]);
}

#[test]
fn a_file_named_after_another_invoice_is_noticed() {
    let read = read("dzfp_26312000000000000099_样例_20260519.xml", SPECIAL.as_bytes()).unwrap();
    assert_eq!(read.warnings, [Warning::FileNameNumber { in_name: "26312000000000000099".to_owned() }]);
}

#[test]
fn what_an_invoice_must_have_is_asked_for() {
    for (tag, field) in [("TotalTax-includedAmount", Field::Gross), ("TotalAmWithoutTax", Field::Net)] {
        let xml = without(&without(SPECIAL, "TotalTaxAm"), tag);
        assert_eq!(refusal(xml.as_bytes()), Refused::MissingField { field });
    }
    let nameless = without(&without(SPECIAL, "EIid"), "InvoiceNumber");
    assert_eq!(refusal(nameless.as_bytes()), Refused::MissingField { field: Field::Number });
    let dateless = without(&without(SPECIAL, "RequestTime"), "IssueTime");
    assert_eq!(refusal(dateless.as_bytes()), Refused::MissingField { field: Field::IssuedOn });
}

#[test]
fn wrong_values_are_named() {
    let long = "９".repeat(60);
    for (from, to, field, line, value) in [
        ("<TotalTaxAm>1299.66", "<TotalTaxAm>many", Field::Tax, None, "many"),
        ("<TotalTaxAm>1299.66", "<TotalTaxAm>99999999999999999999", Field::Tax, None, "99999999999999999999"),
        ("<RequestTime>2026-05-19 09:47:14", "<RequestTime>2026-13-01", Field::IssuedOn, None, "2026-13-01"),
        ("<InvoiceNumber>26312000000000000018", "<InvoiceNumber>../../x", Field::Number, None, "../../x"),
        ("<Amount>-622.64", "<Amount>-622,64元", Field::LineNet, Some(2), "-622,64元"),
        ("<ComTaxAm>80.604000", "<ComTaxAm>79228162514264337593543950335", Field::LineTax, Some(3), "79228162514264337593543950335"),
        (
            "<TotalTax-includedAmount>12620.41",
            &format!("<TotalTax-includedAmount>{long}"),
            Field::Gross,
            None,
            &format!("{}…", "９".repeat(40)),
        ),
    ] {
        let xml = with(SPECIAL, from, to);
        assert_eq!(refusal(xml.as_bytes()), Refused::BadValue { field, line, value: value.to_owned() }, "{to}");
    }
}

#[test]
fn flat_dialects_are_read() {
    let chinese = document(include_str!("fixtures/chinese-tags.xml")).invoice;
    assert_eq!((chinese.key.number(), chinese.kind.code()), ("26322000000000000042", "86"));
    assert_eq!(chinese.paper_key.unwrap().to_string(), "032002600105-00000042");
    assert_eq!([chinese.net, chinese.tax, chinese.gross].map(Money::fen), [100_000, 1_000, 101_000]);
    assert_eq!((chinese.issued_at.to_string().as_str(), chinese.seller.name.as_str()), ("2026-06-30T00:00:00", "样例销售方"));
    let pinyin = document(include_str!("fixtures/pinyin-tags.xml"));
    assert_eq!(pinyin.invoice.key.to_string(), "031002600111-00000051");
    assert_eq!((pinyin.invoice.kind.code(), pinyin.sources[&Field::Code]), ("10", Source::Xml));
    assert_eq!(pinyin.invoice.gross.fen(), 22_600);
}

#[test]
fn a_list_of_invoices_is_no_invoice() {
    let one = include_str!("fixtures/pinyin-tags.xml");
    let list = format!("<list>{one}{}</list>", with(one, "00000051", "00000052"));
    assert_eq!(refusal(list.as_bytes()), Refused::NotRecognised);
    assert_eq!(refusal(b"<page><body>26312000000000000018</body></page>"), Refused::NotRecognised);
}
