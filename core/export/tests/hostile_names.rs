//! Names that have made trouble somewhere, written to a real folder and a real ZIP.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use std::collections::HashSet;
use std::fs::{self, File};

use common::{Ledger, go_on, invoice, request, tree};
use piaoxia_domain::invoice::{Format, Invoice};
use piaoxia_domain::names::NamePattern;
use piaoxia_export::{OriginalFile, Output, export};

#[rustfmt::skip]
const NASTY: &[&str] = &[
    // Out of the folder.
    "..", "../../etc/passwd", "..\\..\\Windows", "/etc/passwd", "\\\\server\\share", "C:\\evil.exe", "C:evil", "\\\\?\\C:\\x", "\\\\.\\COM1",
    "./x", "a/../../b", "~", "~/x", "~root", "%TEMP%\\x", "$HOME/x", "${IFS}x", "`id`", "$(id)", "file:///etc/passwd", "a/b", "a\\b",
    // Devices of Windows, in every writing.
    "CON", "con", "Con.pdf", "PRN", "AUX.tar.gz", "NUL", "nul ", "COM0", "COM1", "com9.txt", "LPT1", "lpt0 .txt", "COM¹", "LPT²", "com³.ofd",
    "CONIN$", "CONOUT$", "CLOCK$", "NUL:", "CON::$DATA", "x::$DATA", "x:stream",
    // Ends and beginnings that are dropped or hidden.
    "", " ", ".", "...", ". .", "name.", "name ", "name. . ", ".hidden", "-rf", "--help", "~$lock.xlsx", "desktop.ini", "Thumbs.db",
    // Characters that are refused, or that nobody sees.
    "a<b>c", "a|b", "a?b*c", "a\"b", "a\tb", "a\r\nb", "a\u{0}b", "a\u{1b}[31mb", "a\u{7f}b", "a\u{85}b", "发票\u{202e}fdp.exe", "a\u{200b}b",
    "\u{feff}a", "a\u{2066}b\u{2069}", "a\u{2028}b", "a\u{e0041}b", "\u{fffe}", "\u{fdd0}",
    // The same to some file system.
    "ABC", "abc", "Abc (2)", "e\u{301}", "é", "ſ", "Ａ", "ａ",
];

/// The names, and three that are too long for a constant.
fn nasty() -> Vec<String> {
    let long = [format!("{}.pdf", "长".repeat(300)), "x".repeat(400), format!("{}.{}", "a".repeat(118), "b".repeat(8))];
    NASTY.iter().map(|name| (*name).to_owned()).chain(long).collect()
}

fn ledger() -> Ledger {
    let named = |(name, number): (String, u64)| {
        let mut invoice: Invoice = invoice(number);
        invoice.seller.name = name;
        invoice
    };
    let mut ledger = Ledger::with(nasty().into_iter().zip(0..).map(named).collect());
    ledger.originals = Box::new(|key| vec![OriginalFile { format: Format::Pdf, bytes: key.to_string().into_bytes() }]);
    ledger
}

fn pattern() -> NamePattern {
    NamePattern::parse("{seller}_").unwrap()
}

/// What any file system may take for the same.
fn distinct(names: &[String]) -> usize {
    names.iter().map(|name| name.to_uppercase()).collect::<HashSet<_>>().len()
}

#[test]
fn every_nasty_name_becomes_a_file_of_its_own_in_the_folder() {
    let dir = tempfile::tempdir().unwrap();
    let count = nasty().len();
    for (pattern, name) in [(pattern(), "with a tail"), (NamePattern::parse("{seller}").unwrap(), "bare")] {
        let target = dir.path().join(name);
        let report = export(&request(Output::OriginalsFolder(pattern), &target), &mut ledger(), &go_on).unwrap();
        let names = tree(&target);
        assert_eq!((report.originals, names.len(), distinct(&names)), (count as u64, count, count), "{names:?}");
        let keys: HashSet<String> = names.iter().map(|name| fs::read_to_string(target.join(name)).unwrap()).collect();
        assert_eq!(keys.len(), count, "each holds its own original");
        assert!(names.iter().all(|name| !name.contains('/') && !name.contains(char::is_control)), "{names:?}");
        assert!(names.iter().all(|name| target.join(name).to_string_lossy().encode_utf16().count() <= 240), "{names:?}");
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2, "nothing beside the targets");
}

#[test]
fn every_nasty_name_becomes_an_entry_that_unpacks_below_its_folder() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("原件.zip");
    export(&request(Output::OriginalsZip(pattern()), &target), &mut ledger(), &go_on).unwrap();
    let mut archive = zip::ZipArchive::new(File::open(&target).unwrap()).unwrap();
    let names: Vec<String> = archive.file_names().map(|name| name.unwrap().to_string()).collect();
    assert_eq!((names.len(), distinct(&names)), (nasty().len(), nasty().len()));
    let unpacked = dir.path().join("unpacked");
    archive.extract(&unpacked).unwrap();
    let mut found = tree(&unpacked);
    let mut expected = names;
    found.sort();
    expected.sort();
    assert_eq!(found, expected, "another program's unpacking finds the same names");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2, "nothing beside the archive and what was unpacked");
}
