//! Data folders that earlier versions of the program left (`old/`, one a form of the records) open as they are.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::Path;

use piaoxia_domain::{Invoice, Status};

use super::sample::{Bench, all, copy_folder, invoice, put, with_lines};
use crate::{OpenReport, RebuildReason, Store, wait};

/// What each of them holds: twelve invoices, a long one, a change, an original, a document.
fn expected() -> Vec<Invoice> {
    let mut invoices: Vec<Invoice> = (0..12).map(|number| with_lines(number, 3)).collect();
    if let Some(second) = invoices.get_mut(1) {
        second.status = Status::Void;
    }
    invoices.push(with_lines(20, 60));
    invoices
}

fn holds_everything(store: &Store) {
    assert_eq!(all(store), expected());
    assert_eq!(wait(store.history(&invoice(1).key)).unwrap().len(), 1);
    let original = wait(store.originals_of(&invoice(2).key)).unwrap().remove(0);
    assert_eq!(wait(store.read_original(original.sha256)).unwrap(), b"<invoice>2</invoice>");
    assert_eq!(wait(store.get_document::<String>("jobs", "1")).unwrap().as_deref(), Some("a document"));
}

fn opens(old: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tests/old").join(old);
    let bench = Bench::on_sled();
    copy_folder(&folder, bench.dir.path());
    let opened = bench.open();
    assert_eq!(opened.report, OpenReport::Clean { invoices: 13 });
    holds_everything(&opened.store);
    // Written to by this version, and written anew from what the old one left.
    put(&opened.store, [Invoice { status: Status::Normal, ..invoice(1) }]);
    put(&opened.store, [Invoice { status: Status::Void, ..invoice(1) }]);
    assert_eq!(all(&opened.store), expected(), "lines that a list does not tell stay");
    wait(opened.store.close()).unwrap();
    fs::remove_dir_all(bench.dir.path()).unwrap();
    copy_folder(&folder, bench.dir.path());
    fs::remove_dir_all(bench.path("db")).unwrap();
    let rebuilt = bench.open();
    assert_eq!(rebuilt.report, OpenReport::Rebuilt { invoices: 13, reason: RebuildReason::Missing, lost_commits: 0 });
    holds_everything(&rebuilt.store);
    wait(rebuilt.store.close()).unwrap();
}

#[test]
fn plain_records_with_lines_of_their_own() {
    opens("1-plain");
}

#[test]
fn invoices_that_know_their_use() {
    opens("2-purpose");
}

#[test]
fn packed_records_with_their_lines() {
    opens("3-packed");
}
