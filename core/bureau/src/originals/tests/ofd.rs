//! The OFD container, read back: parts, references, tags, digests and the seal.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::reader::{Der, Element, issued_by, unpack, verifies};
use super::*;
use crate::originals::digest::sm3;

type Files = BTreeMap<String, Vec<u8>>;

const SIGN: &str = "Doc_0/Signs/Sign_0/";

fn open(invoice: &Invoice) -> Files {
    unpack(&file(invoice, Format::Ofd))
}

fn part(files: &Files, path: &str) -> Element {
    Element::parse(files.get(path).unwrap_or_else(|| panic!("{path}")))
}

/// Texts of all text objects by identifier; checks that identifiers are unique and within the document's limit.
fn texts(files: &Files) -> BTreeMap<String, String> {
    let document = part(files, "Doc_0/Document.xml");
    let last: u32 = document.text_at("ofd:CommonData/ofd:MaxUnitID").parse().unwrap();
    let mut seen = BTreeSet::new();
    let mut texts = BTreeMap::new();
    for name in ["ofd:Page", "ofd:TemplatePage"] {
        for reference in document.all(name) {
            assert!(seen.insert(reference.attribute("ID").to_owned()));
            let content = part(files, &format!("Doc_0/{}", reference.attribute("BaseLoc")));
            for kind in ["ofd:TextObject", "ofd:PathObject", "ofd:ImageObject", "ofd:Layer"] {
                for object in content.all(kind) {
                    let id = object.attribute("ID");
                    assert!(seen.insert(id.to_owned()) && id.parse::<u32>().unwrap() <= last, "{id}");
                    if kind == "ofd:TextObject" {
                        texts.insert(id.to_owned(), object.text_at("ofd:TextCode").to_owned());
                    }
                }
            }
        }
    }
    texts
}

/// What the tag file says of an element, its objects' texts joined.
fn tagged(tags: &Element, texts: &BTreeMap<String, String>, path: &str) -> String {
    tags.find(path).unwrap_or_else(|| panic!("{path}")).children.iter().map(|reference| texts[&reference.text].as_str()).collect()
}

#[test]
fn digital_tags_lead_to_the_facts() {
    let invoice = invoice("81", 3);
    let files = open(&invoice);
    let texts = texts(&files);
    assert_eq!(part(&files, "Doc_0/Tags/CustomTags.xml").find("ofd:CustomTag").unwrap().attribute("TypeID"), "root");
    let tags = part(&files, "Doc_0/Tags/CustomTag.xml");
    for (path, text) in [
        ("ofd:InvoiceNo", "26312000000000000081"),
        ("ofd:IssueDate", "2026年05月19日"),
        ("ofd:Buyer/ofd:BuyerName", "杭州青禾进出口贸易有限公司"),
        ("ofd:Buyer/ofd:BuyerTaxID", "91330106MA2CE71F65"),
        ("ofd:Seller/ofd:SellerTaxID", "91310115MA1K35JX4G"),
        ("ofd:TaxExclusiveTotalAmount", "¥2654.91"),
        ("ofd:TaxTotalAmount", "¥345.12"),
        ("ofd:TaxInclusiveTotalAmount", "¥3000.03"),
        ("ofd:InvoiceClerk", "林知远"),
        ("ofd:Note", "合同号：HT-2026-0519"),
    ] {
        assert_eq!(tagged(&tags, &texts, path), text, "{path}");
    }
    assert_eq!(tags.find("ofd:TaxInclusiveTotalAmount").unwrap().children.len(), 2, "¥ is an object of its own");
    let items: Vec<String> =
        tags.all("ofd:Item").iter().map(|item| item.children.iter().map(|reference| texts[&reference.text].as_str()).collect()).collect();
    assert_eq!(items, invoice.lines.iter().map(|line| line.name.clone()).collect::<Vec<_>>());
}

#[test]
fn digital_files_name_six_facts_and_attach_the_xml() {
    let invoice = invoice("82", 1);
    let files = open(&invoice);
    let ofd = part(&files, "OFD.xml");
    let data: BTreeMap<&str, &str> = ofd.all("ofd:CustomData").iter().map(|data| (data.attribute("Name"), data.text.as_str())).collect();
    assert_eq!(
        (data["发票号码"], data["合计金额"], data["合计税额"], data["开票日期"]),
        ("26312000000000000082", "884.96", "115.04", "2026年05月19日")
    );
    assert!(!data.contains_key("购买方名称") && !data.contains_key("价税合计"));
    assert_eq!(files["Doc_0/Attachs/original_invoice.xml"], file(&invoice, Format::Xml));
    let attachment = part(&files, "Doc_0/Attachs/Attachments.xml");
    let attachment = attachment.find("ofd:Attachment").unwrap();
    assert_eq!((attachment.attribute("Name"), attachment.attribute("Format")), ("original_invoice", "xml"));
}

#[test]
fn older_files_carry_the_2019_schema() {
    let mut invoice = red(invoice("10", 3));
    invoice.red_of = Some("031002600111-10000001".parse().unwrap());
    let files = open(&invoice);
    let attached = part(&files, "Doc_0/Attachs/original_invoice.xml");
    for (path, text) in [
        ("fp:InvoiceCode", "031002600111"),
        ("fp:InvoiceNo", "10000010"),
        ("fp:IssueDate", "2026年05月19日"),
        ("fp:InvoiceCheckCode", "16630282980991510014"),
        ("fp:OriginalInvoiceNo", "10000001"),
        ("fp:Buyer/fp:BuyerName", "杭州青禾进出口贸易有限公司"),
        ("fp:Seller/fp:SellerTaxID", "91310115MA1K35JX4G"),
        ("fp:TaxInclusiveTotalAmount", "-3000.03"),
        ("fp:TaxExclusiveTotalAmount", "-2654.91"),
        ("fp:TaxTotalAmount", "-345.12"),
        ("fp:InvoiceClerk", "林知远"),
        ("fp:GoodsInfos/fp:GoodsInfo/fp:TaxScheme", "13%"),
    ] {
        assert_eq!(attached.text_at(path), text, "{path}");
    }
    assert!(attached.text_at("fp:GraphCode").starts_with("01,10,031002600111,10000010,-2654.91,20260519,16630282980991510014,"));
    assert_eq!(attached.text_at("fp:TaxControlCode").len(), 112);
    assert_eq!(attached.all("fp:GoodsInfo").len(), 3);
    let (texts, tags) = (texts(&files), part(&files, "Doc_0/Tags/Tag_Invoice.xml"));
    assert_eq!(tagged(&tags, &texts, "fp:InvoiceCheckCode"), "16630 28298 09915 10014");
    assert_eq!(tagged(&tags, &texts, "fp:TaxInclusiveTotalAmount"), "¥-3000.03");
    assert_eq!(tagged(&tags, &texts, "fp:Seller/fp:SellerAddrTel"), invoice.seller.contact);
    let ofd = part(&files, "OFD.xml");
    let data: BTreeMap<&str, &str> = ofd.all("ofd:CustomData").iter().map(|data| (data.attribute("Name"), data.text.as_str())).collect();
    assert_eq!((data["发票代码"], data["价税合计"], data["购买方名称"]), ("031002600111", "-3000.03", "杭州青禾进出口贸易有限公司"));
}

#[test]
fn the_sellers_signature_in_the_attachment_holds() {
    let files = open(&invoice("08", 1));
    let text = std::str::from_utf8(&files["Doc_0/Attachs/original_invoice.xml"]).unwrap();
    let value = STANDARD.decode(Element::parse(text.as_bytes()).text_at("fp:Signature")).unwrap();
    let content = Der::one(&value).part(1).part(0);
    let signer = content.part(3).part(0);
    let signed = &text[..text.find("<fp:Signature>").unwrap()];
    let seal = Der::one(&files[&format!("{SIGN}SignedValue.dat")]);
    let certificate = seal.part(1).body;
    assert!(verifies(certificate, signed.as_bytes(), signer.part(4).body));
    assert_eq!(signer.part(1).part(1).whole, Der::one(certificate).part(0).part(1).whole, "serial number");
}

#[test]
fn many_lines_go_to_further_pages() {
    for (code, lines, pages, forms) in [("81", 1, 1, 1), ("81", 40, 13, 1), ("10", 6, 1, 1), ("10", 40, 3, 2)] {
        let files = open(&invoice(code, lines));
        let document = part(&files, "Doc_0/Document.xml");
        assert_eq!((document.all("ofd:Page").len(), document.all("ofd:TemplatePage").len()), (pages, forms), "{code} {lines}");
        let texts = texts(&files);
        let amounts = texts.values().filter(|text| text.starts_with("885.") || text.starts_with("884.")).count();
        assert!(amounts >= lines, "{code}: {amounts} of {lines}");
        let tag_file = if code == "81" { "CustomTag" } else { "Tag_Invoice" };
        let tags = part(&files, &format!("Doc_0/Tags/{tag_file}.xml"));
        let number = if code == "81" { "ofd:InvoiceNo" } else { "fp:InvoiceNo" };
        assert_eq!(tagged(&tags, &texts, number), invoice(code, 0).key.number(), "stated once, however many pages show it");
        assert_eq!(tags.all(if code == "81" { "ofd:Amount" } else { "fp:Amount" }).len(), lines);
    }
}

#[test]
fn every_part_is_well_formed_whatever_the_texts() {
    for code in ["82", "61", "10", "14"] {
        let invoice = hostile(code);
        let files = open(&invoice);
        for (path, bytes) in files.iter().filter(|(path, _)| path.ends_with(".xml")) {
            assert!(!Element::parse(bytes).name.is_empty(), "{path}");
        }
        assert!(texts(&files).into_values().any(|text| text == HOSTILE), "{code}");
    }
}

#[test]
fn digests_and_both_signatures_hold() {
    for invoice in [invoice("81", 3), red(invoice("59", 1)), invoice("10", 40), hostile("61")] {
        let files = open(&invoice);
        let signature = part(&files, &format!("{SIGN}Signature.xml"));
        let references = signature.all("ofd:Reference");
        let covered: BTreeSet<&str> = references.iter().map(|reference| &reference.attribute("FileRef")[1..]).collect();
        let expected: BTreeSet<&str> =
            files.keys().map(String::as_str).filter(|path| *path != "OFD.xml" && !path.contains("/Signs/")).collect();
        assert_eq!(covered, expected);
        for reference in &references {
            let digest = STANDARD.encode(sm3(&[&files[&reference.attribute("FileRef")[1..]]]));
            assert_eq!(reference.text_at("ofd:CheckValue"), digest);
        }
        sealed(&files);
        let pages = part(&files, "Doc_0/Document.xml").all("ofd:Page").len();
        assert!(signature.all("ofd:StampAnnot").len() <= pages);
        assert_eq!(signature.all("ofd:StampAnnot")[0].attribute("Boundary"), "90.0 8.0 30.0 20.0");
    }
}

/// GB/T 38540-2020: seven checks of a signature with a seal.
fn sealed(files: &Files) {
    let value = Der::one(&files[&format!("{SIGN}SignedValue.dat")]);
    let (to_sign, certificate) = (value.part(0), value.part(1).body);
    assert_eq!(to_sign.part(0).body, [4]);
    assert_eq!(to_sign.part(2).text(), "20260519014714Z");
    assert_eq!(to_sign.part(3).bits(), sm3(&[&files[&format!("{SIGN}Signature.xml")]]));
    assert_eq!(to_sign.part(4).text(), "/Doc_0/Signs/Sign_0/Signature.xml");
    assert!(verifies(certificate, to_sign.whole, value.part(3).bits()));
    let seal = to_sign.part(1);
    let (info, maker) = (seal.part(0), seal.part(1).body);
    assert!(verifies(maker, info.whole, seal.part(3).bits()));
    assert_eq!((info.part(0).part(0).text(), info.part(0).part(1).body), ("ES", &[4][..]));
    let property = info.part(2);
    assert_eq!((property.part(2).body, property.part(3).part(0).body), (&[1][..], certificate));
    assert!(property.part(5).text() < to_sign.part(2).text() && to_sign.part(2).text() < property.part(6).text());
    assert!(issued_by(certificate, ORIGINALS.root_certificate()) && issued_by(maker, ORIGINALS.root_certificate()));
    let root = Der::one(ORIGINALS.root_certificate());
    assert!(root.part(0).part(5).part(2).part(0).part(1).text().contains("票匣沙箱测试CA"));
    let picture = image::load_from_memory(info.part(3).part(1).body).unwrap().into_rgba8();
    assert_eq!((picture.dimensions(), picture.get_pixel(0, 0)[3], picture.get_pixel(180, 3)[3]), ((360, 240), 0, 255));
}
