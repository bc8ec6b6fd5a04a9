//! Files that mean harm or are broken: each is refused for its reason, none stops the program.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod support;

use piaoxia_documents::{Field, Position, Refused};
use support::{SPECIAL, document, refusal, with};

const MIB: usize = 1024 * 1024;

#[test]
fn document_types_are_refused() {
    let laughs: String = (1..10).map(|level| format!("<!ENTITY l{level} \"{}\">", format!("&l{};", level - 1).repeat(10))).collect();
    for declaration in [
        format!("<!DOCTYPE EInvoice [<!ENTITY l0 \"ha\">{laughs}]>"),
        "<!DOCTYPE EInvoice SYSTEM \"file:///etc/hostname\">".to_owned(),
        "<!doctype x>".to_owned(),
        "<!DOCTYPE>".to_owned(),
        "<!DOCTYPE x [".to_owned(),
    ] {
        let xml = with(SPECIAL, "<EInvoice>", &format!("{declaration}<EInvoice>"));
        assert_eq!(refusal(xml.as_bytes()), Refused::Doctype, "{declaration}");
    }
}

#[test]
fn entities_are_not_expanded() {
    for text in ["&l9;", "&#0;", "&#x1;", "&#xFFFFFFFF;", "&#;", "&", "&lt", "&样;"] {
        let xml = with(SPECIAL, "<Drawer>样例开票人", &format!("<Drawer>{text}"));
        assert!(matches!(refusal(xml.as_bytes()), Refused::NotWellFormed { .. }), "{text}");
    }
}

#[test]
fn nesting_and_attributes_are_bounded() {
    let nested = |depth: usize| with(SPECIAL, "<ptbh/>", &format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth)));
    assert!(document(&nested(63)).warnings.is_empty());
    assert_eq!(refusal(nested(64).as_bytes()), Refused::TooDeep { limit: 64 });
    assert_eq!(refusal("<a>".repeat(MIB).as_bytes()), Refused::TooDeep { limit: 64 });
    let attributes = |count: usize| {
        let all: String = (0..count).map(|number| format!(" a{number}=\"1\"")).collect();
        with(SPECIAL, "<ptbh/>", &format!("<ptbh{all}/>"))
    };
    assert!(document(&attributes(256)).warnings.is_empty());
    assert_eq!(refusal(attributes(257).as_bytes()), Refused::TooManyAttributes { limit: 256 });
    assert_eq!(refusal(attributes(80_000).as_bytes()), Refused::TooManyAttributes { limit: 256 });
    let value = with(SPECIAL, "<ptbh/>", &format!("<ptbh a=\"{}\"/>", "x".repeat(8 * MIB)));
    assert!(document(&value).warnings.is_empty());
}

#[test]
fn sizes_are_bounded() {
    let huge = with(SPECIAL, "<ptbh/>", &format!("<ptbh>{}</ptbh>", " ".repeat(10 * MIB)));
    assert_eq!(refusal(huge.as_bytes()), Refused::TooLarge { size: huge.len() as u64, limit: 10 * MIB as u64 });
    let parts = with(SPECIAL, "<ptbh/>", &"<a/>".repeat(2_000_000));
    assert_eq!(refusal(parts.as_bytes()), Refused::TooManyParts { limit: 2_000_000 });
    let remark = with(SPECIAL, "<Remark>", &format!("<Remark>{}", "票".repeat(6_000)));
    assert_eq!(refusal(remark.as_bytes()), Refused::TextTooLong { field: Field::Remark, limit: 16 * 1024 });
    let pieces = with(SPECIAL, "<Remark>", &format!("<Remark>{}", "&amp;".repeat(20_000)));
    assert_eq!(refusal(pieces.as_bytes()), Refused::TextTooLong { field: Field::Remark, limit: 16 * 1024 });
    let line = "<IssuItemInformation><ItemName>a</ItemName></IssuItemInformation>";
    let lines = with(SPECIAL, "<SpecificInformation>", &format!("{}<SpecificInformation>", line.repeat(20_000)));
    assert_eq!(refusal(lines.as_bytes()), Refused::TooManyLines { limit: 20_000 });
}

#[test]
fn broken_xml_says_where() {
    let at = |line, column| Refused::NotWellFormed { position: Position { line, column } };
    assert_eq!(refusal(b"<EInvoice>\n  <Header></Headed>\n</EInvoice>"), at(2, 11));
    assert_eq!(refusal("<EInvoice>\n票票\u{1}".as_bytes()), at(2, 3));
    assert_eq!(refusal(b"<EInvoice><Header>"), at(1, 19));
    let broken: [&[u8]; 9] = [
        b"<EInvoice/><EInvoice/>",
        b"<EInvoice/>text",
        b"<EInvoice a=1/>",
        b"<EInvoice a=\"1\" a=\"1\"/>",
        b"<EInvoice><![CDATA[</EInvoice>",
        b"<EInvoice></EInvoice",
        b"<EInvoice><?xml version=\"1.0\"?></EInvoice>",
        b"<>",
        b"<!-- only a comment -->",
    ];
    for xml in broken {
        assert!(matches!(refusal(xml), Refused::NotWellFormed { .. }), "{}", String::from_utf8_lossy(xml));
    }
}

#[test]
fn encodings_are_utf8_utf16_and_gb18030() {
    let marked = format!("\u{FEFF}{SPECIAL}");
    assert_eq!(document(&marked).invoice, document(SPECIAL).invoice);
    for declared in ["GB18030", "gbk", "GB2312"] {
        let xml = with(SPECIAL, "UTF-8", declared);
        let (bytes, _, lossy) = encoding_rs::GB18030.encode(&xml);
        assert!(!lossy);
        assert_eq!(piaoxia_documents::read("a.xml", &bytes).unwrap().invoice, document(SPECIAL).invoice, "{declared}");
    }
    let declared = |xml: &[u8], name: &str| assert_eq!(refusal(xml), Refused::Encoding { declared: name.to_owned() });
    let utf16: Vec<u8> = SPECIAL.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked = [b"\xFF\xFE", &utf16[..]].concat();
    assert_eq!(piaoxia_documents::read("a.xml", &marked).unwrap().invoice, document(SPECIAL).invoice);
    declared(&[&marked[..], b"\x00\xD8<\0"].concat(), "UTF-16");
    let (_, silent) = SPECIAL.split_once("?>").unwrap();
    let unmarked = encoding_rs::GB18030.encode(silent).0;
    assert_eq!(piaoxia_documents::read("a.xml", &unmarked).unwrap().invoice, document(SPECIAL).invoice);
    declared(with(SPECIAL, "UTF-8", "Big5").as_bytes(), "Big5");
    declared(&encoding_rs::GB18030.encode(SPECIAL).0, "UTF-8");
    declared(&[with(SPECIAL, "UTF-8", "GBK").as_bytes(), b"<!--\xFF\xFF-->"].concat(), "GBK");
}
