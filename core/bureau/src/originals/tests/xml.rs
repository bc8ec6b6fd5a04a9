//! The 数电 XML, read back.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::reader::{Element, issued_by, verifies};
use super::*;

fn read(invoice: &Invoice) -> Element {
    let bytes = file(invoice, Format::Xml);
    assert!(bytes.starts_with(b"<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?><EInvoice><Header>"));
    Element::parse(&bytes)
}

#[test]
fn states_the_invoice() {
    let invoice = invoice("81", 3);
    let xml = read(&invoice);
    for (path, text) in [
        ("Header/EIid", "26312000000000000081"),
        ("Header/EInvoiceTag", "SWEI3100"),
        ("Header/InherentLabel/InIssuType/LabelCode", "Y"),
        ("Header/InherentLabel/EInvoiceType/LabelCode", "01"),
        ("Header/InherentLabel/GeneralOrSpecialVAT/LabelCode", "01"),
        ("Header/InherentLabel/GeneralOrSpecialVAT/LabelName", "增值税专用发票"),
        ("Header/InherentLabel/TaxpayerType/LabelCode", "1"),
        ("Header/UndefinedLabel/Label/LabelType", "发票开具方式标签"),
        ("EInvoiceData/SellerInformation/SellerIdNum", "91310115MA1K35JX4G"),
        ("EInvoiceData/SellerInformation/SellerName", "上海云栖数字科技有限公司"),
        ("EInvoiceData/SellerInformation/SellerAddr", "上海市浦东新区张江路88号"),
        ("EInvoiceData/SellerInformation/SellerTelNum", "021-50801234"),
        ("EInvoiceData/SellerInformation/SellerBankName", "招商银行上海张江支行"),
        ("EInvoiceData/SellerInformation/SellerBankAccNum", "121909876543210"),
        ("EInvoiceData/BuyerInformation/BuyerIdNum", "91330106MA2CE71F65"),
        ("EInvoiceData/BasicInformation/TotalAmWithoutTax", "2654.91"),
        ("EInvoiceData/BasicInformation/TotalTaxAm", "345.12"),
        ("EInvoiceData/BasicInformation/TotalTax-includedAmount", "3000.03"),
        ("EInvoiceData/BasicInformation/TotalTax-includedAmountInChinese", "叁仟圆零叁分"),
        ("EInvoiceData/BasicInformation/Drawer", "林知远"),
        ("EInvoiceData/BasicInformation/RequestTime", "2026-05-19 09:47:14"),
        ("EInvoiceData/SpecificInformation", ""),
        ("EInvoiceData/AdditionalInformation/Remark", "合同号：HT-2026-0519"),
        ("SellerAuthentication/AuthenticationMethods", "01"),
        ("TaxSupervisionInfo/InvoiceNumber", "26312000000000000081"),
        ("TaxSupervisionInfo/IssueTime", "2026-05-19"),
        ("TaxSupervisionInfo/TaxBureauCode", "13100000000"),
        ("TaxSupervisionInfo/TaxBureauName", "国家税务总局上海市税务局"),
        ("TaxBureauSignature/SignatureAlgorithm", "1.2.156.10197.1.501"),
        ("TaxBureauSignature/SignatureFormat", "DETACH"),
    ] {
        assert_eq!(xml.text_at(path), text, "{path}");
    }
}

#[test]
fn lines_add_up() {
    for invoice in [invoice("82", 1), invoice("81", 40), red(invoice("81", 8))] {
        let xml = read(&invoice);
        let lines = xml.all("IssuItemInformation");
        assert_eq!(lines.len(), invoice.lines.len());
        let sum = |name: &str| -> Money { lines.iter().map(|line| line.text_at(name).parse::<Money>().unwrap()).sum() };
        assert_eq!((sum("Amount"), sum("ComTaxAm"), sum("TotaltaxIncludedAmount")), (invoice.net, invoice.tax, invoice.gross));
        let rate: f64 = lines[0].text_at("TaxRate").parse().unwrap();
        assert!((rate - 0.13).abs() < 1e-9);
        assert_eq!(lines[0].text_at("TaxClassificationCode").len(), 19);
    }
}

#[test]
fn numbers_have_the_decimals_of_real_files() {
    let mut seen = std::collections::BTreeSet::new();
    for serial in 0..40 {
        let mut invoice = invoice("81", 1);
        invoice.key = format!("263120000000{serial:08}").parse().unwrap();
        invoice.lines[0].rate = "1.5%".to_owned();
        let xml = read(&invoice);
        let line = xml.find("EInvoiceData/IssuItemInformation").unwrap();
        seen.insert([line.text_at("TaxRate"), line.text_at("ComTaxAm"), xml.text_at("Header/Version")].map(str::to_owned));
    }
    let expected =
        [["0.015", "115.04", "0.31"], ["0.015", "115.04", "0.32"], ["0.015000", "115.040000", "0.33"], ["0.015000", "115.040000", "0.35"]];
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn words_stay_words_and_red_is_marked() {
    let mut invoice = red(invoice("82", 2));
    invoice.lines[0].rate = "免税".to_owned();
    invoice.lines[1].rate = "***".to_owned();
    let xml = read(&invoice);
    let rates: Vec<&str> = xml.all("TaxRate").iter().map(|rate| rate.text.as_str()).collect();
    assert_eq!(rates, ["免税", "***"]);
    assert_eq!(xml.text_at("Header/InherentLabel/InIssuType/LabelCode"), "N");
    assert_eq!(xml.text_at("Header/InherentLabel/GeneralOrSpecialVAT/LabelCode"), "02");
    assert!(xml.text_at("EInvoiceData/BasicInformation/TotalTax-includedAmountInChinese").starts_with("（负数）"));
    assert!(xml.text_at("EInvoiceData/AdditionalInformation/Remark").starts_with("被红冲蓝字数电发票号码：26312000000000000001"));
}

#[test]
fn special_elements_follow_the_kind() {
    for code in ["51", "61"] {
        let xml = read(&invoice(code, 1));
        let trip = xml.find("EInvoiceData/SpecificInformation/PassengerTransportation").unwrap();
        assert_ne!(trip.text_at("Departure"), trip.text_at("Destination"));
        assert!(trip.text_at("TravelDate") <= "2026-05-19");
        assert!(trip.text_at("ValidIDNumber").contains("****"), "no identity number of a person");
    }
    let xml = read(&invoice("59", 1));
    let toll = xml.find("EInvoiceData/SpecificInformation/Toll").unwrap();
    assert!(toll.text_at("StartDatesOfPassage") < toll.text_at("EndDatesOfPassage"));
    assert_eq!(toll.text_at("EndDatesOfPassage").len(), 17);
    assert_eq!(read(&invoice("86", 1)).text_at("Header/InherentLabel/EInvoiceType/LabelCode"), "02");
}

#[test]
fn any_text_comes_back() {
    let invoice = hostile("82");
    let xml = read(&invoice);
    assert_eq!(xml.text_at("EInvoiceData/SellerInformation/SellerName"), invoice.seller.name);
    assert_eq!(xml.text_at("EInvoiceData/BuyerInformation/BuyerName"), HOSTILE);
    assert!(xml.find("EInvoiceData/BuyerInformation/BuyerIdNum").is_none(), "a natural person has no number");
    assert_eq!(xml.text_at("EInvoiceData/IssuItemInformation/ItemName"), invoice.lines[0].name);
    assert_eq!(xml.text_at("EInvoiceData/BasicInformation/Drawer"), "<>&\"'");
    let remark = xml.text_at("EInvoiceData/AdditionalInformation/Remark");
    assert!(remark.starts_with("一\r\n二\t\u{FFFD}\u{FFFD}\u{FFFD}]]>很长"), "{remark:?}");
}

#[test]
fn the_bureau_signed_it() {
    let bytes = file(&invoice("81", 3), Format::Xml);
    let text = String::from_utf8(bytes).unwrap();
    let xml = Element::parse(text.as_bytes());
    let signed = &text[text.find("<Header>").unwrap()..text.find("<TaxBureauSignature>").unwrap()];
    let decode = |path: &str| STANDARD.decode(xml.text_at(path)).unwrap();
    let (value, certificate) = (decode("TaxBureauSignature/SignatureValue"), decode("TaxBureauSignature/KeyInfo"));
    assert!(verifies(&certificate, signed.as_bytes(), &value));
    assert!(!verifies(&certificate, signed.replace("3000.03", "9000.03").as_bytes(), &value));
    assert!(issued_by(&certificate, ORIGINALS.root_certificate()));
    assert!(xml.find("TaxBureauSignature/Reference").unwrap().attribute("URI").starts_with("/Einvoice/Header|"));
}
