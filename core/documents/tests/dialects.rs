//! XML as other programs write it: other prefixes and places, flat dialects with goods lines, and files that are no XML at all.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod support;

use piaoxia_documents::{Foreign, Refused, Source, Warning, read};
use piaoxia_domain::Money;
use support::{PERSON, RED, SPECIAL, document, refusal, with, without};

#[test]
fn a_prefix_a_wrapper_and_a_small_letter_change_nothing() {
    let (head, person) = PERSON.split_once("?>").unwrap();
    let prefixed = person.replace("</", "</e:").replace('<', "<e:").replace("<e:/e:", "</e:").replace("<e:!", "<!");
    let prefixed = format!("{head}?>{}", prefixed.replacen("<e:EInvoice", "<e:EInvoice xmlns:e=\"urn:x\"", 1));
    assert_eq!(document(&prefixed).invoice, document(PERSON).invoice);
    let plain = document(SPECIAL).invoice;
    let (_, body) = SPECIAL.split_once("?>").unwrap();
    assert_eq!(document(&format!("<answer><data>{body}</data></answer>")).invoice, plain);
    assert_eq!(document(&SPECIAL.replace("EInvoice>", "eInvoice>")).invoice, plain);
}

#[test]
fn what_stands_in_a_wrong_place_counts_where_the_right_one_is_silent() {
    let number = "26312000000000000018";
    let moved = without(&without(SPECIAL, "EIid"), "TaxSupervisionInfo");
    let moved = with(&moved, "<BasicInformation>", &format!("<BasicInformation><InvoiceNumber>{number}</InvoiceNumber>"));
    assert_eq!(document(&moved).invoice.key.number(), number);
    let flat = "<EInvoice><EIid>26312000000000000018</EIid><IssueTime>2026-05-19</IssueTime>\
        <GeneralOrSpecialVAT><LabelName>普通发票</LabelName></GeneralOrSpecialVAT><InIssuType><LabelCode>Y</LabelCode></InIssuType>\
        <TotalTax-includedAmount>106.00</TotalTax-includedAmount><TotalAmWithoutTax>100.00</TotalAmWithoutTax>\
        <TotalTaxAm>6.00</TotalTaxAm><SellerName>样例销售方</SellerName><BuyerName>样例购买方</BuyerName></EInvoice>";
    let read = document(flat);
    assert_eq!(
        (read.invoice.kind.code(), read.invoice.gross.fen(), read.warnings.as_slice()),
        ("82", 10_600, &[Warning::IssueTimeUsed][..])
    );
    // Another number in a remark of the program's own contradicts nobody.
    let more = with(SPECIAL, "<AdditionalInformation>", "<AdditionalInformation><InvoiceNumber>26312000000000000099</InvoiceNumber>");
    assert_eq!(document(&more).warnings, []);
}

#[test]
fn a_red_invoice_names_the_blue_one_in_its_own_element() {
    let stated = "<SpecificInformation><RedEInvoice><OriginalInvoiceCode>26112000000000000011</OriginalInvoiceCode>\
        <CreditNoteNumber>11010826051002615708</CreditNoteNumber></RedEInvoice></SpecificInformation>";
    let silent = without(RED, "AdditionalInformation");
    let red = document(&with(&silent, "</EInvoiceData>", &format!("{stated}</EInvoiceData>"))).invoice;
    assert_eq!(red.red_of.unwrap().number(), "26112000000000000011");
    let remark = with(RED, "被红冲蓝字数电发票号码", "被红冲蓝字数电票号码");
    assert_eq!(document(&remark).invoice.red_of.unwrap().number(), "26112000000000000011");
}

#[test]
fn flat_dialects_have_parties_and_goods_lines() {
    let chinese = "<发票><发票票种>数电票（增值税专用发票）</发票票种><发票号码>26312000000000000018</发票号码><开票日期>2026年05月19日</开票日期>\
        <购买方><名称>样例购买方</名称><纳税人识别号>91440300MA0TE5T02Y</纳税人识别号></购买方>\
        <销售方><名称>样例销售方</名称><统一社会信用代码>91310115MA0TE5T016</统一社会信用代码></销售方>\
        <合计金额>100.00</合计金额><合计税额>6.00</合计税额><价税合计>106.00</价税合计>\
        <项目明细><项目><项目名称>*样例*服务</项目名称><数量>2</数量><单价>50</单价><金额>100.00</金额><税率>6%</税率><税额>6.00</税额>\
        <价税合计>106.00</价税合计></项目></项目明细></发票>";
    let pinyin = "<business><FPHM>26312000000000000018</FPHM><KPRQ>20260519094714</KPRQ><XSF_MC>样例销售方</XSF_MC>\
        <XSF_NSRSBH>91310115MA0TE5T016</XSF_NSRSBH><GMF_MC>样例购买方</GMF_MC><GMF_NSRSBH>91440300MA0TE5T02Y</GMF_NSRSBH>\
        <HJJE>100.00</HJJE><HJSE>6.00</HJSE><JSHJ>106.00</JSHJ><COMMON_FPKJ_XMXXS><COMMON_FPKJ_XMXX><XMMC>*样例*服务</XMMC><XMSL>2</XMSL>\
        <XMDJ>50</XMDJ><XMJE>100.00</XMJE><SL>0.06</SL><SE>6.00</SE></COMMON_FPKJ_XMXX></COMMON_FPKJ_XMXXS></business>";
    let other = pinyin.replace("XMSL", "SL").replace("<SL>0.06</SL>", "<SLV>0.06</SLV>").replace("XMMC", "SPMC");
    for text in [chinese, pinyin, &other] {
        let read = document(text);
        let invoice = &read.invoice;
        assert_eq!((invoice.seller.name.as_str(), invoice.seller.tax_no.as_str()), ("样例销售方", "91310115MA0TE5T016"), "{text}");
        assert_eq!((invoice.buyer.name.as_str(), invoice.buyer.tax_no.as_str()), ("样例购买方", "91440300MA0TE5T02Y"));
        assert_eq!([invoice.net, invoice.tax, invoice.gross].map(Money::fen), [10_000, 600, 10_600]);
        let [line] = invoice.lines.as_slice() else { panic!("{:?}", invoice.lines) };
        assert_eq!((line.name.as_str(), line.rate.as_str(), line.net.fen(), line.tax.fen()), ("*样例*服务", "6%", 10_000, 600));
        assert_eq!(line.quantity.unwrap().to_string(), "2", "{text}");
        assert!(read.sources.values().all(|source| *source == Source::Xml));
        assert!(!read.warnings.iter().any(|warning| matches!(warning, Warning::Repeated { .. })), "{:?}", read.warnings);
    }
    // Of one line, its cells at the root are the totals.
    let single = "<fp><FPHM>26312000000000000018</FPHM><KPRQ>2026-05-19</KPRQ><JE>100.00</JE><SE>6.00</SE></fp>";
    assert_eq!(document(single).invoice.gross.fen(), 10_600);
}

#[test]
fn what_is_taken_for_an_invoice_says_what_it_is() {
    let table = "序号,数电发票号码,开票日期,金额\n1,26312000000000000018,2026-05-19,100\n";
    let gbk = encoding_rs::GB18030.encode(table).0.into_owned();
    for (bytes, what) in [
        (table.as_bytes(), Foreign::Csv),
        (&gbk, Foreign::Csv),
        ("发票号码\t开票日期\t金额\t税额".as_bytes(), Foreign::Csv),
        (b"<!DOCTYPE html><html><body>login</body></html>", Foreign::WebPage),
        (b"  <HTML><table><tr><td>1</td></tr></table>", Foreign::WebPage),
        (b"\x89PNG\r\n\x1A\n and nothing", Foreign::Picture),
        (b"\xFF\xD8\xFF\xE0", Foreign::Picture),
        (b"Rar!\x1A\x07\x01\0", Foreign::Archive),
        (b"7z\xBC\xAF\x27\x1C\0", Foreign::Archive),
    ] {
        assert_eq!(refusal(bytes), Refused::Foreign(what));
    }
    let saved = "<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\"/>";
    assert!(matches!(refusal(saved.as_bytes()), Refused::OtherWorkbook(_)));
    assert_eq!(read("notes.txt", "发票号码在附件里".as_bytes()), Err(Refused::NotRecognised));
}
