//! What is done to sound files: the same blows in every run, as many as the caller wants.
#![allow(dead_code, clippy::unwrap_used, clippy::indexing_slicing, reason = "shared by several suites; a test may panic")]

use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::Dice;

/// How many mutants a suite makes: `PIAOXIA_MUTANTS`, else what it asks for; at most 100,000.
pub fn count(default: u64) -> u64 {
    let wanted = std::env::var("PIAOXIA_MUTANTS").ok().and_then(|text| text.parse().ok());
    wanted.unwrap_or(default).min(100_000)
}

/// One blow at the bytes of any file.
pub fn damage(bytes: &mut Vec<u8>, dice: &mut Dice) {
    if bytes.is_empty() {
        return;
    }
    let at = dice.below(bytes.len());
    match dice.below(7) {
        0 => bytes[at] ^= 1 << dice.below(8),
        1 => bytes.truncate(at),
        2 => {
            let end = (at + dice.below(64)).min(bytes.len());
            bytes.drain(at..end);
        }
        3 => {
            let from = dice.below(bytes.len());
            let piece = bytes[from..(from + dice.below(64)).min(bytes.len())].to_vec();
            bytes.splice(at..at, piece);
        }
        4 => bytes[at] = *[0x00, 0xFF, b'<', b'&', b'P'].get(dice.below(5)).unwrap(),
        // A huge count or length somewhere.
        5 => {
            for byte in bytes.iter_mut().skip(at).take(4) {
                *byte = 0xFF;
            }
        }
        _ => {
            let end = (at + 1 + dice.below(32)).min(bytes.len());
            bytes[at..end].reverse();
        }
    }
}

/// One blow at the structure of an XML: it stays text and mostly stays XML.
pub fn distort(bytes: &mut Vec<u8>, dice: &mut Dice) {
    let starts: Vec<usize> = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'<').map(|(at, _)| at).collect();
    let Some(at) = starts.get(dice.below(starts.len())).copied() else { return damage(bytes, dice) };
    let insert: Vec<u8> = match dice.below(9) {
        0 => b"<a>".repeat(1 + dice.below(200)),
        1 => b"&bomb;".to_vec(),
        2 => b"<!DOCTYPE x [<!ENTITY a \"b\">]>".to_vec(),
        3 => b"<![CDATA[<x>&]]>".to_vec(),
        4 => {
            let many: String = (0..dice.below(400)).map(|number| format!(" a{number}=\"1\"")).collect();
            format!("<x{many}/>").into_bytes()
        }
        5 => b"99999999999999999999999999".to_vec(),
        6 => "../..\\C:\u{0}".as_bytes().to_vec(),
        // Another piece of the same document once more.
        7 => {
            let from = starts[dice.below(starts.len())];
            bytes[from..(from + 1 + dice.below(400)).min(bytes.len())].to_vec()
        }
        _ => {
            let from = starts[dice.below(starts.len())];
            let (from, to) = (from.min(at), from.max(at));
            bytes.drain(from..to);
            return;
        }
    };
    bytes.splice(at..at, insert);
}

/// One blow at the values of an XML, which stays well formed more often than not.
pub fn revalue(bytes: &mut Vec<u8>, dice: &mut Dice) {
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

/// Entries of a ZIP, names and bytes.
pub type Entries = Vec<(String, Vec<u8>)>;

pub fn unpacked(bytes: &[u8]) -> Entries {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut all = Vec::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).unwrap();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        all.push((entry.name().unwrap().into_owned(), bytes));
    }
    all
}

pub fn packed(entries: &Entries, dice: &mut Dice) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        let method = if dice.below(2) == 0 { CompressionMethod::Stored } else { CompressionMethod::Deflated };
        // The writer refuses a name that it has had; the mutant then has one entry less.
        if writer.start_file(name.as_str(), SimpleFileOptions::default().compression_method(method)).is_ok() {
            writer.write_all(bytes).unwrap();
        }
    }
    writer.finish().unwrap().into_inner()
}

/// One blow at a package as a package: parts changed, swapped, lost, doubled, renamed, nested.
pub fn rearrange(entries: &mut Entries, dice: &mut Dice) {
    let Some(at) = (!entries.is_empty()).then(|| dice.below(entries.len())) else { return };
    let other = dice.below(entries.len());
    match dice.below(10) {
        0 | 1 => distort(&mut entries[at].1, dice),
        2 => revalue(&mut entries[at].1, dice),
        3 if !entries[at].1.is_empty() => damage(&mut entries[at].1, dice),
        4 => {
            let bytes = std::mem::take(&mut entries[at].1);
            entries[at].1 = std::mem::replace(&mut entries[other].1, bytes);
        }
        5 => drop(entries.remove(at)),
        6 => {
            let (name, bytes) = entries[at].clone();
            let twin = [name.to_uppercase(), format!("./{name}"), name.replace('/', "\\")];
            entries.push((twin[dice.below(3)].clone(), bytes));
        }
        7 => entries[at].0 = ["../../x.xml", "C:\\x", "/OFD.xml", "con", "数据/票.xml"][dice.below(5)].to_owned(),
        8 => {
            let nested = packed(entries, dice);
            entries[at].1 = nested;
        }
        _ => {
            let bytes = entries[other].1.clone();
            entries[at].1.extend(bytes);
        }
    }
}
