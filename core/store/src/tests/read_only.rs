//! A store that is only read: everything is shown, nothing is touched.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use piaoxia_domain::invoice::Format;
use piaoxia_files::FilesError;

use super::sample::{Bench, all, download, put, with_lines};
use crate::{Digest, OpenOptions, OpenReport, ReadOnlyReason, Store, StoreError, wait};

type Listing = BTreeMap<PathBuf, (u64, SystemTime)>;

fn listing(dir: &Path) -> Listing {
    let mut found = Listing::new();
    for entry in fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        let metadata = entry.metadata().unwrap();
        if metadata.is_dir() {
            found.extend(listing(&entry.path()));
        }
        found.insert(entry.path(), (metadata.len(), metadata.modified().unwrap()));
    }
    found
}

fn filled() -> Bench {
    let bench = Bench::on_sled().small_files();
    let store = bench.open().store;
    (0..40).for_each(|n| drop(put(&store, [with_lines(n, 2)])));
    wait(store.attach_original(&with_lines(1, 2).key, Format::Xml, "a.xml", b"<a/>".to_vec())).unwrap();
    wait(store.put_document("job", "1", &"x")).unwrap();
    wait(store.close()).unwrap();
    bench
}

#[test]
fn everything_is_shown_and_nothing_is_touched() {
    let bench = filled();
    let before = listing(bench.dir.path());
    let opened = Store::open(bench.dir.path(), OpenOptions { read_only: true }).unwrap();
    assert_eq!(opened.report, OpenReport::ReadOnly { invoices: 40, reason: ReadOnlyReason::Asked, lost_commits: 0 });
    let store = opened.store;
    assert_eq!(all(&store), (0..40).map(|n| with_lines(n, 2)).collect::<Vec<_>>());
    assert_eq!(wait(store.read_original(Digest::of(b"<a/>"))).unwrap(), b"<a/>");
    assert_eq!(wait(store.get_document::<String>("job", "1")).unwrap().as_deref(), Some("x"));
    let refused = [
        wait(store.upsert(vec![download(with_lines(99, 1))])).map(drop),
        wait(store.attach_original(&with_lines(1, 2).key, Format::Pdf, "a.pdf", b"%PDF".to_vec())).map(drop),
        wait(store.put_document("job", "2", &"y")),
        wait(store.delete_document("job", "1")).map(drop),
    ];
    assert!(refused.iter().all(|result| matches!(result, Err(StoreError::ReadOnly { .. }))), "{refused:?}");
    wait(store.close()).unwrap();
    assert_eq!(listing(bench.dir.path()), before);
}

#[test]
fn a_folder_that_is_not_there_is_missing() {
    let bench = Bench::on_sled();
    let opened = Store::open(&bench.path("gone"), OpenOptions { read_only: true });
    assert!(matches!(opened, Err(StoreError::Files(FilesError::Missing { .. }))));
}

/// Permissions keep everybody but root from writing.
#[cfg(unix)]
#[test]
fn a_write_protected_folder_is_noticed() {
    use std::os::unix::fs::PermissionsExt;
    let bench = filled();
    let allow = |mode| fs::set_permissions(bench.dir.path(), fs::Permissions::from_mode(mode)).unwrap();
    allow(0o555);
    let is_root = fs::write(bench.path("probe"), "").is_ok();
    if !is_root {
        let opened = bench.open();
        assert_eq!(opened.report, OpenReport::ReadOnly { invoices: 40, reason: ReadOnlyReason::Medium, lost_commits: 0 });
        wait(opened.store.close()).unwrap();
    }
    allow(0o755);
}
