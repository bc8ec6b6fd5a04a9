//! Files of others, read where they are at hand: they are not part of this project.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "a test may panic and says what it skipped")]

use std::fs;
use std::path::PathBuf;

use piaoxia_documents::{FileFormat, Outcome, Refused, read, read_all, verdicts};

/// The folder beside the workspace; none with a word where it is absent.
fn samples() -> Option<PathBuf> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/samples"));
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: no samples at {}", folder.display());
    None
}

#[test]
fn the_published_sample_is_read() {
    let Some(folder) = samples() else { return };
    let bytes = fs::read(folder.join("einvoice-xml/sample_einvoice.xml")).unwrap();
    let document = read("sample_einvoice.xml", &bytes).unwrap();
    let invoice = &document.invoice;
    assert_eq!(invoice.key.to_string(), "99990000000000000001");
    assert_eq!((invoice.kind.code(), invoice.issued_on().to_string().as_str()), ("81", "2026-05-19"));
    let amounts = [invoice.net, invoice.tax, invoice.gross].map(|amount| amount.to_string());
    assert_eq!(amounts, ["1000.00", "130.00", "1130.00"]);
    assert_eq!(invoice.lines.len(), 2);
    let results: Vec<_> = verdicts(&document).into_iter().map(|verdict| verdict.result).collect();
    let (pass, fail, open) = (Outcome::Pass, Outcome::Fail, Outcome::NotChecked);
    // Its tax numbers are invented.
    assert_eq!(results, [pass, pass, pass, fail, fail, pass, pass, open, open]);
}

#[test]
fn other_formats_are_recognised() {
    let Some(folder) = samples() else { return };
    for (folder, extension, format) in [
        (folder.join("ofdrw"), "ofd", FileFormat::Ofd),
        (folder.join("ofdrw"), "pdf", FileFormat::Pdf),
        (folder.join("derived"), "xlsx", FileFormat::Xlsx),
    ] {
        let files: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|e| e == extension))
            .collect();
        assert!(!files.is_empty(), "{extension}");
        for file in files {
            let outcome = read("sample", &fs::read(&file).unwrap());
            assert_eq!(outcome, Err(Refused::NotYetReadable(format)), "{}", file.display());
        }
    }
}

#[test]
fn nothing_else_is_taken_for_an_invoice() {
    let Some(folder) = samples() else { return };
    for part in ["ofdrw/extracted", "ofdrw/seals", "xbrl"] {
        for entry in fs::read_dir(folder.join(part)).unwrap() {
            let path = entry.unwrap().path();
            for (_, outcome) in read_all("sample", &fs::read(&path).unwrap()) {
                assert_eq!(outcome, Err(Refused::NotRecognised), "{}", path.display());
            }
        }
    }
}
