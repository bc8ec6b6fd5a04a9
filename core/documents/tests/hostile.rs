//! Files that mean harm or are broken: each is refused for its reason, none stops the program.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod support;

use piaoxia_documents::{Check, Field, Inspection, Position, Reason, Refused, Warning, Words, read_all};
use support::{Dice, PERSON, RED, SPECIAL, document, refusal, with, zip};

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
fn encodings_are_utf8_and_gb18030() {
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
    declared(&[b"\xFF\xFE", &utf16[..]].concat(), "UTF-16");
    declared(with(SPECIAL, "UTF-8", "Big5").as_bytes(), "Big5");
    declared(&encoding_rs::GB18030.encode(SPECIAL).0, "UTF-8");
    declared(&[with(SPECIAL, "UTF-8", "GBK").as_bytes(), b"<!--\xFF\xFF-->"].concat(), "GBK");
}

struct Nothing;

impl Words for Nothing {
    fn refused(&self, refused: &Refused) -> String {
        refused.to_string()
    }

    fn warning(&self, warning: &Warning) -> String {
        format!("{warning:?}")
    }

    fn reason(&self, _: Check, reason: &Reason) -> String {
        format!("{reason:?}")
    }
}

/// Does one harmful thing to a file, with no respect for its grammar.
fn damage(bytes: &mut Vec<u8>, dice: &mut Dice) {
    let at = dice.below(bytes.len());
    let length = dice.below(200).min(bytes.len() - at);
    let insert: Vec<u8> = match dice.below(8) {
        0 => {
            for _ in 0..=dice.below(8) {
                let place = dice.below(bytes.len());
                bytes[place] ^= 1 << dice.below(8);
            }
            return;
        }
        1 => return bytes.truncate(at.max(1)),
        2 => return drop(bytes.drain(at..at + length)),
        3 => bytes[at..at + length].to_vec(),
        4 => b"<a>".repeat(dice.below(120)),
        5 => format!("<b c=\"{}\"", "x".repeat(dice.below(5_000))).into_bytes(),
        6 => b"&#x41;&amp;&quot;<![CDATA[]]>".to_vec(),
        _ => (0..length).map(|_| dice.roll() as u8).collect(),
    };
    bytes.splice(at..at, insert);
}

/// Does one harmful thing that leaves XML well formed more often than not.
fn distort(bytes: &mut Vec<u8>, dice: &mut Dice) {
    const VALUES: [&str; 16] = [
        "",
        " ",
        "0",
        "-0.005",
        "--",
        "***",
        "1e9",
        "79228162514264337593543950335",
        "0.0000000000000000000000000001",
        "NaN",
        "2026-02-30",
        "9999-12-31T23:59:59Z",
        "-9999-01-01",
        "99%",
        "&#x7968;<![CDATA[<&]]>",
        "26312000000000000018",
    ];
    let starts: Vec<usize> =
        bytes.windows(2).enumerate().filter(|(_, pair)| pair[0] == b'>' && pair[1] != b'<').map(|(place, _)| place + 1).collect();
    match (dice.below(4), starts.is_empty()) {
        (0, _) => swap_elements(bytes, dice),
        (_, false) => {
            let start = starts[dice.below(starts.len())];
            let end = bytes[start..].iter().position(|byte| *byte == b'<').map_or(bytes.len(), |length| start + length);
            bytes.splice(start..end, VALUES[dice.below(VALUES.len())].bytes());
        }
        _ => {}
    }
}

/// Exchanges two pieces between angle brackets.
fn swap_elements(bytes: &mut Vec<u8>, dice: &mut Dice) {
    let starts: Vec<usize> = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'<').map(|(place, _)| place).collect();
    if starts.len() < 4 {
        return;
    }
    let mut cuts: Vec<usize> = (0..4).map(|_| starts[dice.below(starts.len())]).collect();
    cuts.sort_unstable();
    let [a, b, c, d] = cuts[..] else { return };
    *bytes = [&bytes[..a], &bytes[c..d], &bytes[b..c], &bytes[a..b], &bytes[d..]].concat();
}

/// Reads a file to the end: entries, verdicts, JSON.
fn survives(bytes: &[u8]) -> bool {
    let mut any = false;
    for (name, outcome) in read_all("mutant", bytes) {
        match outcome {
            Ok(document) => {
                let json = serde_json::to_value(Inspection::from_document(&name, &document, &Nothing)).unwrap();
                assert_eq!(json["verdicts"].as_array().unwrap().len(), 9);
                assert!(!document.invoice.key.number().is_empty());
                any = true;
            }
            Err(refused) => assert!(refused.to_string().len() < 400, "{refused}"),
        }
    }
    any
}

/// `count` files made of the seeds by up to three blows each; how many of them were read and refused.
fn mutants(seeds: &[Vec<u8>], count: u64, wrap: impl Fn(Vec<u8>) -> Vec<u8>, blow: fn(&mut Vec<u8>, &mut Dice)) -> (u64, u64) {
    let (mut read, mut refused) = (0, 0);
    for seed in 0..count {
        let mut dice = Dice::new(seed);
        let mut bytes = seeds[dice.below(seeds.len())].clone();
        for _ in 0..=dice.below(3) {
            if !bytes.is_empty() {
                blow(&mut bytes, &mut dice);
            }
        }
        if survives(&wrap(bytes)) { read += 1 } else { refused += 1 }
    }
    (read, refused)
}

fn seeds() -> Vec<Vec<u8>> {
    let plain = [SPECIAL, PERSON, RED, include_str!("fixtures/chinese-tags.xml"), include_str!("fixtures/pinyin-tags.xml")];
    let mut seeds: Vec<Vec<u8>> = plain.iter().map(|xml| xml.as_bytes().to_vec()).collect();
    seeds.push(encoding_rs::GB18030.encode(&with(SPECIAL, "UTF-8", "GB18030")).0.into_owned());
    seeds
}

// Both ways must be walked in each of the suites, or the mutants prove nothing.

#[test]
fn two_thousand_damaged_files_are_survived() {
    let (read, refused) = mutants(&seeds(), 2_000, |bytes| bytes, damage);
    assert!(read > 20 && refused > 1_000, "{read} read, {refused} refused");
}

#[test]
fn four_thousand_distorted_files_are_survived() {
    let (read, refused) = mutants(&seeds(), 4_000, |bytes| bytes, distort);
    assert!(read > 1_000 && refused > 1_000, "{read} read, {refused} refused");
}

#[test]
fn a_thousand_distorted_files_in_archives_are_survived() {
    let (read, refused) = mutants(&seeds(), 1_000, |bytes| zip(&[("inner.zip", &zip(&[("a.xml", &bytes)]))]), distort);
    assert!(read > 250 && refused > 250, "{read} read, {refused} refused");
}

#[test]
fn two_thousand_damaged_archives_are_survived() {
    let inner = zip(&[("r.xml", RED.as_bytes())]);
    let seeds = [
        zip(&[("s.xml", SPECIAL.as_bytes()), ("p.xml", PERSON.as_bytes()), ("inner.zip", &inner)]),
        zip(&[("OFD.xml", b"<OFD/>"), ("a.xml", RED.as_bytes())]),
    ];
    let (read, refused) = mutants(&seeds, 2_000, |bytes| bytes, damage);
    assert!(read > 15 && refused > 1_000, "{read} read, {refused} refused");
}
