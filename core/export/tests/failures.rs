//! An export that fails or is cancelled leaves everything as it was.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod common;

use std::cell::Cell;
use std::fs;
use std::path::Path;

use common::{Ledger, go_on, lines_table, originals, request, table, tree};
use piaoxia_domain::names::NamePattern;
use piaoxia_export::{Column, Encoding, Expected, ExportError, LineColumn, Output, Request, SourceError, export};
use piaoxia_files::FilesError;

/// Every output with the name of its target.
fn outputs() -> Vec<(Output, &'static str)> {
    vec![
        (Output::Xlsx { table: table(&Column::ALL), lines: Some(lines_table(&LineColumn::DEFAULT)) }, "发票.xlsx"),
        (Output::Csv(table(&Column::DEFAULT), Encoding::Utf8), "发票.csv"),
        (Output::Csv(table(&Column::DEFAULT), Encoding::Gb18030), "发票-gb.csv"),
        (Output::Jsonl, "发票.jsonl"),
        (Output::Parquet(table(&Column::ALL)), "发票.parquet"),
        (Output::OriginalsFolder(NamePattern::default()), "原件"),
        (Output::OriginalsZip(NamePattern::default()), "原件.zip"),
    ]
}

/// Every tenth invoice has an original: writing each of them durably takes its time.
fn ledger(count: u64) -> Ledger {
    let mut ledger = Ledger::of(count);
    ledger.originals = Box::new(|key| if key.number().ends_with('0') { originals(key) } else { Vec::new() });
    ledger
}

fn is_table_or_zip(target: &Path) -> bool {
    target.extension().is_some()
}

#[test]
fn nothing_selected_is_said_and_nothing_written() {
    let dir = tempfile::tempdir().unwrap();
    for (output, name) in outputs() {
        let result = export(&request(output, dir.path().join(name)), &mut Ledger::of(0), &go_on);
        assert!(matches!(result, Err(ExportError::Empty)), "{name}: {result:?}");
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn a_table_without_columns_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let lines = Some(lines_table(&[]));
    for output in [
        Output::Csv(table(&[]), Encoding::Utf8),
        Output::Parquet(table(&[])),
        Output::Xlsx { table: table(&[]), lines: None },
        Output::Xlsx { table: table(&[Column::Net]), lines },
    ] {
        let result = export(&request(output, dir.path().join("a")), &mut Ledger::of(1), &go_on);
        assert!(matches!(result, Err(ExportError::NoColumns)), "{result:?}");
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

/// Cancels at the step `at` and returns how often the program looked at the button, and how the export ended.
fn cancelled_at(output: &Output, target: &Path, at: u64) -> (u64, Result<(), ExportError>) {
    let looks = Cell::new(0);
    let progress = |_: u64, _: u64| {
        looks.set(looks.get() + 1);
        looks.get() <= at
    };
    let result = export(&request(output.clone(), target), &mut ledger(450), &progress);
    (looks.get(), result.map(drop))
}

#[test]
fn cancelling_at_any_step_leaves_nothing_behind() {
    for (output, name) in outputs() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join(name);
        let (steps, whole) = cancelled_at(&output, &target, u64::MAX);
        whole.unwrap();
        let old = tree(dir.path());
        assert!(steps >= 6, "{name}: {steps}");
        for at in 0..steps - 1 {
            let fresh = tempfile::tempdir().unwrap();
            let (_, result) = cancelled_at(&output, &fresh.path().join(name), at);
            assert!(matches!(result, Err(ExportError::Cancelled)), "{name} at {at}: {result:?}");
            assert_eq!(fs::read_dir(fresh.path()).unwrap().count(), 0, "{name} at {at}");
        }
        // The last word comes when everything is in place.
        cancelled_at(&output, &target, steps - 1).1.unwrap();
        assert_eq!(tree(dir.path()), old);
    }
}

#[test]
fn the_button_is_looked_at_every_200_invoices() {
    for (output, name) in outputs() {
        let dir = tempfile::tempdir().unwrap();
        let last = Cell::new(0);
        let progress = |done: u64, total: u64| {
            assert!(done - last.get() <= 200 || done == total, "{name}: from {} to {done}", last.get());
            assert!(done >= last.get() && done <= total, "{name}: {done} of {total}");
            last.set(done);
            true
        };
        let mut ledger = ledger(1_000);
        ledger.page = 1_000;
        let expected = Expected { invoices: 1_000, original_bytes: 0 };
        export(&Request { expected, ..request(output, dir.path().join(name)) }, &mut ledger, &progress).unwrap();
        assert_eq!(last.get(), 2_000, "{name}");
    }
}

#[test]
fn an_error_of_the_ledger_comes_through_and_the_old_file_stays() {
    for (output, name) in outputs() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join(name);
        if is_table_or_zip(&target) {
            fs::write(&target, "old").unwrap();
        }
        let before = tree(dir.path());
        let mut ledger = ledger(1_000);
        ledger.before_page = Box::new(|first| if first == 600 { Err(SourceError(Box::from("damaged"))) } else { Ok(()) });
        let result = export(&request(output, &target), &mut ledger, &go_on);
        assert!(matches!(&result, Err(ExportError::Source(error)) if error.to_string() == "damaged"), "{name}: {result:?}");
        assert_eq!(tree(dir.path()), before, "{name}");
        assert_eq!(fs::read(&target).ok(), is_table_or_zip(&target).then(|| b"old".to_vec()));
    }
}

#[test]
fn a_disk_that_is_clearly_too_small_is_refused_beforehand() {
    let dir = tempfile::tempdir().unwrap();
    for (output, name) in outputs() {
        let expected = Expected { invoices: u64::MAX / 4, original_bytes: u64::MAX / 4 };
        let mut ledger = Ledger::of(1);
        ledger.before_page = Box::new(|_| Err(SourceError(Box::from("not to be asked"))));
        let result = export(&Request { expected, ..request(output, dir.path().join(name)) }, &mut ledger, &go_on);
        assert!(matches!(&result, Err(ExportError::Files(FilesError::DiskFull { needed: Some(_), .. }))), "{name}: {result:?}");
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn a_target_that_is_open_elsewhere_is_left_alone() {
    for (owner_of, output, name) in outputs().into_iter().flat_map(|(output, name)| {
        [("~$", ""), (".~lock.", "#")].map(|(before, after)| (format!("{before}{name}{after}"), output.clone(), name))
    }) {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join(name);
        if !is_table_or_zip(&target) {
            continue;
        }
        fs::write(&target, "old").unwrap();
        // Opened while the export runs: seen before the target is replaced.
        let owner = dir.path().join(&owner_of);
        let mut ledger = ledger(500);
        let created = owner.clone();
        ledger.before_page =
            Box::new(move |first| if first == 200 { fs::write(&created, "").map_err(|e| SourceError(Box::new(e))) } else { Ok(()) });
        let late = export(&request(output.clone(), &target), &mut ledger, &go_on);
        assert!(matches!(&late, Err(ExportError::Files(FilesError::TargetBusy { path })) if *path == target), "{owner_of}: {late:?}");
        // Opened before: seen before any work is done.
        let mut ledger = Ledger::of(1);
        ledger.before_page = Box::new(|_| Err(SourceError(Box::from("not to be asked"))));
        let early = export(&request(output, &target), &mut ledger, &go_on);
        assert!(matches!(&early, Err(ExportError::Files(FilesError::TargetBusy { .. }))), "{owner_of}: {early:?}");
        assert_eq!(fs::read(&target).unwrap(), b"old");
        assert_eq!(tree(dir.path()).len(), 2, "{owner_of}");
    }
}

#[test]
fn a_folder_that_is_gone_is_named() {
    for (output, name) in outputs() {
        let dir = tempfile::tempdir().unwrap();
        let absent = export(&request(output.clone(), dir.path().join("nowhere").join(name)), &mut Ledger::of(1), &go_on);
        assert!(
            matches!(&absent, Err(ExportError::Files(FilesError::Missing { path })) if path.ends_with("nowhere")),
            "{name}: {absent:?}"
        );
        // Pulled out half-way.
        let stick = dir.path().join("stick");
        fs::create_dir(&stick).unwrap();
        let mut ledger = ledger(1_000);
        let pulled = stick.clone();
        ledger.before_page =
            Box::new(move |first| if first == 400 { fs::remove_dir_all(&pulled).map_err(|e| SourceError(Box::new(e))) } else { Ok(()) });
        let result = export(&request(output, stick.join(name)), &mut ledger, &go_on);
        assert!(matches!(&result, Err(ExportError::Files(FilesError::Missing { .. }))), "{name}: {result:?}");
        assert!(!stick.exists());
    }
}
