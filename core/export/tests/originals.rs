//! Originals come out byte for byte, under names that hold everywhere.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod common;

use std::fs::{self, File};
use std::io::Read;

use common::{Ledger, go_on, invoice, originals, request, tree};
use piaoxia_domain::invoice::{Format, Invoice};
use piaoxia_domain::names::NamePattern;
use piaoxia_export::{ExportError, OriginalFile, Output, export};
use piaoxia_files::FilesError;

fn pattern(text: &str) -> NamePattern {
    NamePattern::parse(text).unwrap()
}

#[test]
fn a_folder_holds_the_originals_byte_for_byte() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("原件");
    let mut ledger = Ledger::of(150);
    ledger.originals = Box::new(|key| if key.number().ends_with('5') { Vec::new() } else { originals(key) });
    let report = export(&request(Output::OriginalsFolder(pattern("{month}/{number}")), &target), &mut ledger, &go_on).unwrap();
    assert_eq!((report.invoices, report.originals, report.without_original), (150, 270, 15));
    assert_eq!(report.files, std::slice::from_ref(&target));
    let mut expected = Vec::new();
    for invoice in (0..150).map(invoice).filter(|invoice| !invoice.key.number().ends_with('5')) {
        for file in originals(&invoice.key) {
            let name = format!("{}/{}.{}", invoice.issued_on().strftime("%Y-%m"), invoice.key.number(), file.format.extension());
            assert_eq!(fs::read(target.join(&name)).unwrap(), file.bytes, "{name}");
            expected.push(name);
        }
    }
    expected.sort();
    assert_eq!(tree(&target), expected);
}

#[test]
fn exporting_again_adds_only_what_is_new_and_overwrites_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let run = |count: u64| {
        let output = Output::OriginalsFolder(pattern("{number}"));
        export(&request(output, dir.path()), &mut Ledger::of(count), &go_on).unwrap();
        tree(dir.path())
    };
    let first = run(5);
    let changed = dir.path().join(&first[0]);
    fs::write(&changed, "edited by hand").unwrap();
    fs::write(dir.path().join("notes.txt"), "mine").unwrap();
    let second = run(6);
    assert_eq!(second.len(), 12 + 2, "{second:?}");
    assert_eq!(fs::read(&changed).unwrap(), b"edited by hand");
    assert!(second.contains(&first[0].replace(".pdf", " (2).pdf")), "{second:?}");
    assert_eq!(run(6), second);
}

#[cfg(unix)]
#[test]
fn a_link_below_the_target_is_not_followed() {
    let dir = tempfile::tempdir().unwrap();
    let outside = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(outside.path(), dir.path().join("2026")).unwrap();
    let result = export(&request(Output::OriginalsFolder(pattern("{year}/{number}")), dir.path()), &mut Ledger::of(1), &go_on);
    assert!(matches!(&result, Err(ExportError::Files(FilesError::Io { path, .. })) if path.ends_with("2026")), "{result:?}");
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
}

#[test]
fn a_zip_holds_the_originals_byte_for_byte() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("原件.zip");
    let report = export(&request(Output::OriginalsZip(pattern("{seller}/{number}")), &target), &mut Ledger::of(30), &go_on).unwrap();
    assert_eq!((report.files, report.originals, report.without_original), (vec![target.clone()], 60, 0));
    let mut archive = zip::ZipArchive::new(File::open(&target).unwrap()).unwrap();
    assert_eq!(archive.len(), 60);
    for invoice in (0..30).map(invoice) {
        for file in originals(&invoice.key) {
            let name = format!("{}/{}.{}", invoice.seller.name, invoice.key.number(), file.format.extension());
            let mut entry = archive.by_name(&name).unwrap();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            assert_eq!(bytes, file.bytes, "{name}");
            let time = entry.last_modified().unwrap();
            assert_eq!((time.month(), time.day(), time.hour()), (invoice.issued_at.month() as u8, invoice.issued_at.day() as u8, 9));
        }
    }
    // The names are marked as UTF-8 (general purpose bit 11), so that no program reads them as GBK.
    let bytes = fs::read(&target).unwrap();
    assert_eq!((bytes[0..4].to_vec(), bytes[7] & 0x08), (b"PK\x03\x04".to_vec(), 0x08));
}

#[test]
fn equal_and_hostile_names_stay_apart_and_inside() {
    let dir = tempfile::tempdir().unwrap();
    let sellers = ["甲公司", "甲公司", "../../etc", "..", "CON", "a/b\\c", "ABC", "abc", "名\u{202e}fdp"];
    let invoices: Vec<_> = sellers
        .iter()
        .zip(0..)
        .map(|(seller, number)| {
            let mut invoice = invoice(number);
            invoice.seller.name = (*seller).to_owned();
            invoice
        })
        .collect();
    let two_pdfs = |key: &piaoxia_domain::InvoiceKey| [originals(key), originals(key)].concat();
    for zipped in [false, true] {
        let target = dir.path().join(if zipped { "原件.zip" } else { "原件" });
        let mut ledger = Ledger::with(invoices.clone());
        ledger.originals = Box::new(two_pdfs);
        let pattern = pattern("{seller}");
        let output = if zipped { Output::OriginalsZip(pattern) } else { Output::OriginalsFolder(pattern) };
        assert_eq!(export(&request(output, &target), &mut ledger, &go_on).unwrap().originals, 36);
        let names: Vec<String> = if zipped {
            zip::ZipArchive::new(File::open(&target).unwrap()).unwrap().file_names().map(|name| name.unwrap().to_string()).collect()
        } else {
            tree(&target)
        };
        let folded: std::collections::HashSet<_> = names.iter().map(|name| name.to_lowercase()).collect();
        assert_eq!(folded.len(), 36, "{names:?}");
        assert!(names.iter().all(|name| !name.contains('/') && !name.contains('\\') && !name.starts_with('.')), "{names:?}");
        for name in ["甲公司.pdf", "甲公司 (2).pdf", "甲公司 (2) (2).pdf", "_CON.xml", "abc (2) (2).xml", "名fdp.pdf"] {
            assert!(names.iter().any(|found| found == name), "{name} of {names:?}");
        }
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
}

#[test]
fn invoices_without_any_original_are_said_to_have_none() {
    let dir = tempfile::tempdir().unwrap();
    for (output, name) in
        [(Output::OriginalsFolder(NamePattern::default()), "原件"), (Output::OriginalsZip(NamePattern::default()), "原件.zip")]
    {
        let mut ledger = Ledger::of(3);
        ledger.originals = Box::new(|_| Vec::new());
        let result = export(&request(output, dir.path().join(name)), &mut ledger, &go_on);
        assert!(matches!(result, Err(ExportError::NoOriginals)), "{result:?}");
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn a_deep_target_leaves_shorter_names() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("深".repeat(60));
    let long =
        Invoice { seller: piaoxia_domain::invoice::Party { name: "很长的公司名称".repeat(14), ..Default::default() }, ..invoice(1) };
    let mut ledger = Ledger::with(vec![long]);
    ledger.originals = Box::new(|_| vec![OriginalFile { format: Format::Ofd, bytes: b"x".to_vec() }]);
    export(&request(Output::OriginalsFolder(pattern("{seller}/{seller}_{number}")), &target), &mut ledger, &go_on).unwrap();
    let path = target.join(&tree(&target)[0]);
    assert!(path.to_string_lossy().encode_utf16().count() <= 240, "{}", path.display());
}
