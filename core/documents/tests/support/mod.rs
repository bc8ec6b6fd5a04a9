//! Fixtures and what is done to them. Everything in them is fictional.
#![allow(dead_code, clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "shared by several suites; a test may panic")]

pub mod allocations;
pub mod mutator;

use std::io::{Cursor, Write};

pub mod workbook;

use piaoxia_documents::{Document, Refused, read};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// 数电专票, four lines, everything filled in, signed.
pub const SPECIAL: &str = include_str!("../fixtures/special.xml");
/// 数电普票 to a natural person, version 0.2, parts in another order.
pub const PERSON: &str = include_str!("../fixtures/person.xml");
/// A red invoice.
pub const RED: &str = include_str!("../fixtures/red.xml");

/// `xml` with the first `from` replaced, which must be there.
pub fn with(xml: &str, from: &str, to: &str) -> String {
    assert!(xml.contains(from), "the fixture does not hold {from:?}");
    xml.replacen(from, to, 1)
}

/// `xml` without `<tag>...</tag>`, the first of them.
pub fn without(xml: &str, tag: &str) -> String {
    let close = format!("</{tag}>");
    let start = xml.find(&format!("<{tag}>")).unwrap_or_else(|| panic!("no {tag}"));
    let end = xml.get(start..).unwrap().find(&close).unwrap() + start + close.len();
    format!("{}{}", xml.get(..start).unwrap(), xml.get(end..).unwrap())
}

pub fn document(xml: &str) -> Document {
    read("sample.xml", xml.as_bytes()).unwrap_or_else(|refused| panic!("{refused}\n{xml}"))
}

pub fn refusal(bytes: &[u8]) -> Refused {
    match read("sample.xml", bytes) {
        Ok(document) => panic!("was read: {document:?}"),
        Err(refused) => refused,
    }
}

/// A deflated ZIP.
pub fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        writer.start_file(*name, SimpleFileOptions::default()).expect("an entry");
        writer.write_all(bytes).expect("its bytes");
    }
    writer.finish().expect("a ZIP").into_inner()
}

/// Numbers that look random and are the same in every run.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// SplitMix64.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.roll() % (limit.max(1) as u64)).unwrap()
    }
}
