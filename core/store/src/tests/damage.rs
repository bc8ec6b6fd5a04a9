//! Whatever is done to the database, the store opens and everything acknowledged is there.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

use std::fs;
use std::path::Path;

use piaoxia_domain::{Invoice, Status};
use piaoxia_files::{FilesError, FolderLock, move_folder};

use super::sample::{Bench, all, copy_folder, counted, invoice, put, with_lines};
use crate::engine::{Engine, SledEngine};
use crate::{OpenOptions, OpenReport, RebuildReason, Store, StoreError, wait};

/// A closed store with these invoices, in small files, so that there are snapshots and several journal files.
fn filled(invoices: u32) -> (Bench, Vec<Invoice>) {
    let bench = Bench::on_sled().small_files();
    let store = bench.open().store;
    let made: Vec<Invoice> = (0..invoices).map(|n| with_lines(n, 1)).collect();
    for some in made.chunks(5) {
        put(&store, some.to_vec());
    }
    wait(store.close()).unwrap();
    (bench, made)
}

/// Opens, compares everything, writes once more, and finds it all clean the next time.
fn opens_whole(bench: &Bench, expected: &[Invoice]) -> OpenReport {
    let opened = bench.open();
    assert_eq!(all(&opened.store), expected);
    wait(opened.store.put_document("after", "1", &1)).unwrap();
    let again = bench.reopen(&opened.store);
    assert_eq!(again.report, OpenReport::Clean { invoices: expected.len() as u64 });
    assert_eq!(wait(again.store.get_document::<u32>("after", "1")).unwrap(), Some(1));
    assert_eq!(all(&again.store), expected);
    wait(again.store.close()).unwrap();
    opened.report
}

fn rebuilt(invoices: usize, reason: RebuildReason) -> OpenReport {
    OpenReport::Rebuilt { invoices: invoices as u64, reason, lost_commits: 0 }
}

#[test]
fn a_database_that_is_gone_is_built_anew() {
    let (bench, made) = filled(60);
    fs::remove_dir_all(bench.path("db")).unwrap();
    assert_eq!(opens_whole(&bench, &made), rebuilt(60, RebuildReason::Missing));
}

#[test]
fn an_empty_database_that_opens_fine_is_found_out() {
    let (bench, made) = filled(60);
    fs::remove_dir_all(bench.path("db")).unwrap();
    drop(SledEngine::open(&bench.path("db")).unwrap());
    assert_eq!(opens_whole(&bench, &made), rebuilt(60, RebuildReason::Behind));
    assert!(bench.files("").iter().any(|path| path.to_string_lossy().contains("db.corrupt-")));
}

#[test]
fn an_older_database_is_found_out() {
    let (bench, mut made) = filled(20);
    copy_folder(&bench.path("db"), &bench.path("older"));
    let store = bench.open().store;
    put(&store, [invoice(900)]);
    wait(store.close()).unwrap();
    made.push(invoice(900));
    fs::remove_dir_all(bench.path("db")).unwrap();
    move_folder(&bench.path("older"), &bench.path("db")).unwrap();
    assert_eq!(opens_whole(&bench, &made), rebuilt(21, RebuildReason::Behind));
}

#[test]
fn a_missing_or_a_foreign_record_is_found_out() {
    let (bench, made) = filled(30);
    for change in [("i26312000000000000007", None), ("dx", Some(b"?".as_slice()))] {
        let mut engine = SledEngine::open(&bench.path("db")).unwrap();
        engine.apply(&[(change.0.as_bytes(), change.1)]).unwrap();
        engine.flush().unwrap();
        drop(engine);
        let opened = bench.open();
        assert_eq!(opened.report, rebuilt(30, RebuildReason::Disagrees));
        assert_eq!(all(&opened.store), made);
        wait(opened.store.close()).unwrap();
    }
}

/// Pseudo-random positions, the same in every run.
fn positions(count: u64, below: u64) -> impl Iterator<Item = u64> {
    (1..=count).map(move |n| n.wrapping_mul(0x9E37_79B9_7F4A_7C15) % below)
}

fn damaging(times: u64, damage: impl Fn(&Path, u64)) {
    let (bench, made) = filled(120);
    let db = bench.path("db");
    let whole = bench.path("whole");
    copy_folder(&db, &whole);
    let length = fs::metadata(db.join("db")).unwrap().len();
    for position in positions(times, length) {
        fs::remove_dir_all(&db).unwrap();
        copy_folder(&whole, &db);
        damage(&db.join("db"), position);
        let opened = bench.open();
        assert_eq!(all(&opened.store), made, "{position}: {:?}", opened.report);
        wait(opened.store.close()).unwrap();
    }
}

fn flip(db: &Path, position: u64) {
    let mut bytes = fs::read(db).unwrap();
    bytes[position as usize] ^= 1 << (position % 8);
    fs::write(db, bytes).unwrap();
}

fn zero(db: &Path, position: u64) {
    let mut bytes = fs::read(db).unwrap();
    bytes.iter_mut().skip(position as usize).take(4_096).for_each(|byte| *byte = 0);
    fs::write(db, bytes).unwrap();
}

fn cut(db: &Path, position: u64) {
    fs::OpenOptions::new().write(true).open(db).unwrap().set_len(position).unwrap();
}

#[test]
fn flipped_bits_lose_nothing() {
    damaging(40, flip);
}

#[test]
fn zeroed_pages_lose_nothing() {
    damaging(40, zero);
}

#[test]
fn a_cut_database_loses_nothing() {
    damaging(40, cut);
}

#[test]
#[ignore = "a gate: `make gates`"]
fn gate_750_damages_lose_nothing() {
    [flip, zero, cut].into_iter().for_each(|damage| damaging(250, damage));
}

#[test]
fn damaged_small_files_of_the_engine_lose_nothing() {
    let (bench, made) = filled(30);
    for name in ["conf", "db"] {
        for content in [b"".as_slice(), b"garbage"] {
            fs::write(bench.path("db").join(name), content).unwrap();
            let opened = bench.open();
            assert_eq!(all(&opened.store), made);
            wait(opened.store.close()).unwrap();
        }
    }
    let aside = bench.files("").iter().filter(|path| path.to_string_lossy().contains("db.corrupt-")).count();
    assert_eq!(aside, 2, "no more than two damaged databases are kept");
}

#[test]
fn an_unfinished_snapshot_of_the_engine_is_removed() {
    let (bench, made) = filled(30);
    let left = bench.path("db").join("snap.0000000000001234.generating");
    fs::write(&left, b"half").unwrap();
    assert_eq!(opens_whole(&bench, &made), OpenReport::Clean { invoices: 30 });
    assert!(!left.exists());
}

#[test]
fn the_database_makes_up_for_a_lost_journal() {
    let (bench, made) = filled(60);
    fs::remove_dir_all(bench.path("journal")).unwrap();
    fs::remove_dir_all(bench.path("snap")).unwrap();
    assert_eq!(opens_whole(&bench, &made), OpenReport::Clean { invoices: 60 });
    // What the journal no longer tells, a snapshot does now.
    fs::remove_dir_all(bench.path("db")).unwrap();
    assert_eq!(opens_whole(&bench, &made), rebuilt(60, RebuildReason::Missing));
}

#[test]
fn a_lost_manifest_costs_nothing() {
    let (bench, made) = filled(60);
    fs::remove_file(bench.path("manifest")).unwrap();
    assert_eq!(opens_whole(&bench, &made), OpenReport::Clean { invoices: 60 });
}

#[test]
fn a_damaged_snapshot_is_passed_over() {
    let (bench, made) = filled(120);
    for damaged in (1..=bench.files("snap").len()).rev() {
        for path in bench.files("snap").iter().rev().take(damaged) {
            let mut bytes = fs::read(path).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            fs::write(path, bytes).unwrap();
        }
        fs::remove_dir_all(bench.path("db")).unwrap();
        let opened = bench.open();
        let found = all(&opened.store);
        let whole = opened.report == rebuilt(120, RebuildReason::Missing);
        // With all of them damaged one record of one snapshot is lost, and that is told.
        assert!(if whole { found == made } else { damaged == 3 && found.len() >= 119 }, "{damaged}: {:?}", opened.report);
        wait(opened.store.close()).unwrap();
    }
}

#[test]
fn a_damaged_commit_costs_itself_and_is_told() {
    let bench = Bench::on_sled();
    let store = bench.open().store;
    (0..10).for_each(|n| drop(put(&store, [invoice(n)])));
    wait(store.close()).unwrap();
    let journal = bench.files("journal").remove(0);
    let mut bytes = fs::read(&journal).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&journal, bytes).unwrap();
    // As long as the database is whole, nothing is lost.
    let store = bench.open().store;
    assert_eq!(all(&store).len(), 10);
    wait(store.close()).unwrap();
    fs::remove_dir_all(bench.path("db")).unwrap();
    let opened = bench.open();
    assert_eq!(opened.report, OpenReport::Rebuilt { invoices: 9, reason: RebuildReason::Missing, lost_commits: 1 });
    assert_eq!(all(&opened.store).len(), 9);
    put(&opened.store, (0..10).map(invoice));
    let again = bench.reopen(&opened.store);
    assert_eq!(again.report, OpenReport::Clean { invoices: 10 });
}

#[test]
fn everything_lost_but_the_manifest_is_told() {
    let (bench, _) = filled(20);
    for folder in ["db", "journal", "snap"] {
        fs::remove_dir_all(bench.path(folder)).unwrap();
    }
    let opened = bench.open();
    assert!(matches!(opened.report, OpenReport::Rebuilt { invoices: 0, lost_commits: 4, .. }), "{:?}", opened.report);
    put(&opened.store, [invoice(1)]);
    assert_eq!(counted(bench.reopen(&opened.store).report), 1);
}

#[test]
fn a_torn_tail_of_the_journal_is_dropped() {
    let (bench, made) = filled(20);
    let journal = bench.files("journal").pop().unwrap();
    let whole = fs::read(&journal).unwrap();
    // A commit that was being written when the power failed: never acknowledged.
    fs::write(&journal, [whole.as_slice(), &whole[..whole.len() / 2]].concat()).unwrap();
    assert_eq!(opens_whole(&bench, &made), OpenReport::Clean { invoices: 20 });
    fs::remove_dir_all(bench.path("db")).unwrap();
    assert_eq!(opens_whole(&bench, &made), rebuilt(20, RebuildReason::Missing));
}

#[test]
fn a_second_opener_is_refused_and_disturbs_nothing() {
    let bench = Bench::on_sled();
    let _lock = FolderLock::acquire(bench.dir.path()).unwrap();
    let store = bench.open().store;
    put(&store, [invoice(1)]);
    assert!(matches!(FolderLock::acquire(bench.dir.path()), Err(FilesError::Locked { .. })));
    // Without asking for the lock, too.
    assert!(matches!(Store::open(bench.dir.path(), OpenOptions::default()), Err(StoreError::InUse { .. })));
    put(&store, [invoice(2)]);
    assert_eq!(bench.reopen(&store).report, OpenReport::Clean { invoices: 2 });
}

#[test]
fn a_record_of_a_newer_version_is_not_thrown_away() {
    let (bench, made) = filled(5);
    // Turns the format of one invoice in the database to 3, with a checksum that fits.
    let mut engine = SledEngine::open(&bench.path("db")).unwrap();
    let key = format!("i{}", made[0].key).into_bytes();
    let mut record = engine.get(&key).unwrap().unwrap();
    record[0] = 3;
    let crc = crc32fast::hash(&[key.as_slice(), &[3], &record[1..3], &record[7..]].concat());
    record[3..7].copy_from_slice(&crc.to_le_bytes());
    engine.apply(&[(&key, Some(&record))]).unwrap();
    engine.flush().unwrap();
    drop(engine);
    let opened = Store::open_with(bench.dir.path(), bench.setup.clone());
    assert!(matches!(opened, Err(StoreError::TooNew { version: 3 })), "{opened:?}");
    assert!(!bench.files("").iter().any(|path| path.to_string_lossy().contains("corrupt")));
}

#[test]
fn damage_while_open_is_mended() {
    let bench = Bench::on_sled();
    let store = bench.open().store;
    put(&store, (0..20).map(|n| with_lines(n, 1)));
    let key = invoice(7).key;
    // As if a page had been lost: the record is gone from under the open store.
    wait(store.write(move |core| {
        let lines = format!("l{}", invoice(7).key);
        core.engine.as_mut().unwrap().apply(&[(lines.as_bytes(), None)])
    }))
    .unwrap();
    assert_eq!(wait(store.get(&key)).unwrap(), Some(with_lines(7, 1)));
    // And as if the engine had panicked.
    let panicked = std::sync::atomic::AtomicBool::new(false);
    let found = wait(store.read(move |core| {
        assert!(panicked.swap(true, std::sync::atomic::Ordering::Relaxed), "on purpose");
        core.get(&invoice(8).key)
    }));
    assert_eq!(found.unwrap(), Some(with_lines(8, 1)));
    put(&store, [Invoice { status: Status::Void, ..invoice(7) }]);
    assert_eq!(bench.reopen(&store).report, OpenReport::Clean { invoices: 20 });
}
