//! A copy on another disk: whole, incremental, opened and put back.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use piaoxia_domain::invoice::Format;
use piaoxia_files::move_folder;

use super::sample::{Bench, all, copy_folder, invoice, put};
use crate::{Digest, OpenReport, RebuildReason, Store, StoreError, back_up_originals, restore_backup, wait};

fn attach(store: &Store, number: u32) -> Vec<u8> {
    let bytes = format!("<original>{number}</original>").into_bytes();
    wait(store.attach_original(&invoice(number).key, Format::Xml, "a.xml", bytes.clone())).unwrap();
    bytes
}

fn copy_all(from: &std::path::Path, to: &std::path::Path) -> crate::BackedUp {
    back_up_originals(from, to, &mut |_, _| true).unwrap()
}

fn put_back(from: &Bench, to: &Bench) -> crate::BackedUp {
    restore_backup(from.dir.path(), to.dir.path(), &mut |_, _| true).unwrap()
}

/// Where a folder has an original.
fn place(bench: &Bench, sha256: Digest) -> PathBuf {
    let name = sha256.to_string();
    bench.path("originals").join(name.get(..2).unwrap()).join(&name)
}

#[test]
fn a_backup_is_opened_like_any_folder_and_put_back_into_an_empty_one() {
    let (stick, pc, other) = (Bench::on_sled(), Bench::on_sled(), Bench::on_sled());
    let store = stick.open().store;
    for round in 0..5 {
        put(&store, (round * 10..round * 10 + 10).map(invoice));
        attach(&store, round * 10);
        let made = wait(store.back_up(pc.dir.path())).unwrap();
        assert_eq!(made.generation, store.generation());
        assert_eq!(copy_all(stick.dir.path(), pc.dir.path()).originals, 1, "what is there is not copied again");
    }
    assert_eq!(pc.files("snap").len(), 3);
    let expected = all(&store);
    wait(store.close()).unwrap();

    // Into a folder that has a small ledger already.
    let store = other.open().store;
    put(&store, [invoice(900)]);
    wait(store.close()).unwrap();
    let restored = put_back(&pc, &other);
    assert!(restored.whole && restored.originals == 5 && restored.damaged == 0, "{restored:?}");
    for bench in [&other, &pc] {
        let opened = bench.open();
        assert_eq!(opened.report, OpenReport::Rebuilt { invoices: 50, reason: RebuildReason::Missing, lost_commits: 0 });
        assert_eq!(all(&opened.store), expected);
        let original = wait(opened.store.originals_of(&invoice(40).key)).unwrap().remove(0);
        assert_eq!(wait(opened.store.read_original(original.sha256)).unwrap(), b"<original>40</original>");
        wait(opened.store.close()).unwrap();
    }
    let aside = other.files("").into_iter().find(|path| path.to_string_lossy().contains("before-")).unwrap();
    assert!(aside.join("manifest").exists(), "what was there is put aside, not thrown away");
}

#[test]
fn a_restore_that_was_cut_off_anywhere_is_finished_by_the_next_opening() {
    let (pc, whole) = (Bench::on_sled(), Bench::on_sled());
    let store = whole.open().store;
    put(&store, (0..20).map(invoice));
    wait(store.back_up(pc.dir.path())).unwrap();
    let expected = all(&store);
    wait(store.close()).unwrap();
    // What was moved away when the power went, in the order of the moves.
    let steps = ["manifest", "rows", "journal", "snap", "db"];
    for cut in 0..=steps.len() + 1 {
        let bench = Bench::on_sled();
        let store = bench.open().store;
        put(&store, [invoice(900)]);
        wait(store.back_up(bench.dir.path())).unwrap();
        wait(store.close()).unwrap();
        let copied = bench.path("restored/snap");
        fs::create_dir_all(&copied).unwrap();
        for file in pc.files("snap") {
            fs::copy(&file, copied.join(file.file_name().unwrap())).unwrap();
        }
        for name in steps.iter().take(cut) {
            fs::create_dir_all(bench.path("before-1")).unwrap();
            // A ledger without a file of rows has none to move.
            if bench.path(name).exists() {
                move_folder(&bench.path(name), &bench.path("before-1").join(name)).unwrap();
            }
        }
        if cut > steps.len() {
            move_folder(&copied, &bench.path("snap")).unwrap();
        }
        let opened = bench.open();
        assert_eq!(all(&opened.store), expected, "cut off after {cut} moves");
        assert!(!bench.path("restored").exists());
        wait(opened.store.close()).unwrap();
    }
    // Before it was whole it does not count.
    let bench = Bench::on_sled();
    let store = bench.open().store;
    put(&store, [invoice(900)]);
    wait(store.close()).unwrap();
    fs::create_dir_all(bench.path("restoring/snap")).unwrap();
    let opened = bench.open();
    assert_eq!(opened.report, OpenReport::Clean { invoices: 1 });
    wait(opened.store.close()).unwrap();
}

#[test]
fn a_damaged_original_does_not_replace_the_good_one_of_the_backup() {
    let (stick, pc) = (Bench::on_sled(), Bench::on_sled());
    let store = stick.open().store;
    put(&store, [invoice(1), invoice(2)]);
    let sha256 = Digest::of(&attach(&store, 1));
    copy_all(stick.dir.path(), pc.dir.path());
    fs::write(place(&stick, sha256), b"rotten").unwrap();
    assert_eq!(copy_all(stick.dir.path(), pc.dir.path()).damaged, 0, "it is there already");
    assert_eq!(fs::read(place(&pc, sha256)).unwrap(), b"<original>1</original>");
    fs::remove_file(place(&pc, sha256)).unwrap();
    let copied = copy_all(stick.dir.path(), pc.dir.path());
    assert_eq!((copied.damaged, copied.originals), (1, 0));
    assert!(!place(&pc, sha256).exists());
    wait(store.close()).unwrap();
}

#[test]
fn a_restore_puts_a_damaged_original_right_and_counts_what_is_damaged_in_the_backup() {
    let (stick, pc) = (Bench::on_sled(), Bench::on_sled());
    let store = stick.open().store;
    put(&store, [invoice(1), invoice(2), invoice(3)]);
    let [first, second, third] = [1, 2, 3].map(|number| Digest::of(&attach(&store, number)));
    wait(store.back_up(pc.dir.path())).unwrap();
    copy_all(stick.dir.path(), pc.dir.path());
    wait(store.close()).unwrap();
    fs::write(place(&stick, first), b"rotten").unwrap();
    fs::remove_file(place(&stick, second)).unwrap();
    fs::write(place(&pc, second), b"rotten").unwrap();
    // Whole on the stick: the backup's is not needed.
    fs::write(place(&pc, third), b"rotten").unwrap();
    let restored = put_back(&pc, &stick);
    assert_eq!((restored.whole, restored.originals, restored.damaged), (true, 1, 1));
    let store = stick.open().store;
    assert_eq!(wait(store.read_original(first)).unwrap(), b"<original>1</original>");
    assert!(matches!(wait(store.read_original(second)), Err(StoreError::OriginalMissing { .. })));
    assert_eq!(wait(store.read_original(third)).unwrap(), b"<original>3</original>");
    wait(store.close()).unwrap();
}

#[test]
fn the_ledger_that_was_backed_up_last_is_put_back_whatever_another_one_has_left_there() {
    let (stick, home, office) = (Bench::on_sled(), Bench::on_sled(), Bench::on_sled());
    let store = stick.open().store;
    put(&store, [invoice(0)]);
    wait(store.back_up(home.dir.path())).unwrap();
    for number in 1..4 {
        put(&store, [invoice(number)]);
        wait(store.back_up(office.dir.path())).unwrap();
    }
    wait(store.close()).unwrap();
    // The stick is lost, put back from the older backup at home, and comes to the office again. With no commit more its number is below
    // all three that lie there, then it is one of theirs, at last above them.
    for (commits, aside) in [(0, 3), (1, 3), (2, 2), (3, 1), (4, 0)] {
        let (new, pc, last) = (Bench::on_sled(), Bench::on_sled(), Bench::on_sled());
        copy_folder(office.dir.path(), pc.dir.path());
        put_back(&home, &new);
        let store = new.open().store;
        for number in 0..commits {
            put(&store, [invoice(900 + number)]);
        }
        let made = wait(store.back_up(pc.dir.path())).unwrap();
        let expected = all(&store);
        wait(store.close()).unwrap();
        assert_eq!(put_back(&pc, &last).generation, made.generation);
        let opened = last.open();
        assert_eq!(all(&opened.store), expected, "{commits} commits later");
        wait(opened.store.close()).unwrap();
        let left = fs::read_dir(pc.path("aside")).map_or(0, Iterator::count);
        assert_eq!(left, aside, "{commits} commits later: nothing of the other ledger is lost");
    }
}

#[test]
fn many_copies_of_today_leave_one_of_yesterday_and_one_of_last_week() {
    let (stick, pc) = (Bench::on_sled(), Bench::on_sled());
    let store = stick.open().store;
    for (number, days) in [(1, 7), (2, 1)] {
        put(&store, [invoice(number)]);
        wait(store.back_up(pc.dir.path())).unwrap();
        let newest = fs::File::options().write(true).open(pc.files("snap").pop().unwrap()).unwrap();
        newest.set_modified(SystemTime::now() - Duration::from_secs(days * 86_400)).unwrap();
    }
    let older = pc.files("snap");
    for number in 3..9 {
        put(&store, [invoice(number)]);
        wait(store.back_up(pc.dir.path())).unwrap();
        let kept = pc.files("snap");
        assert!(kept.starts_with(&older) && kept.len() == 3, "{kept:?}");
    }
    wait(store.close()).unwrap();
}

#[test]
fn what_is_no_backup_or_is_stopped_touches_nothing() {
    let (stick, pc, other) = (Bench::on_sled(), Bench::on_sled(), Bench::on_sled());
    let store = stick.open().store;
    put(&store, [invoice(1)]);
    attach(&store, 1);
    let target = other.open().store;
    put(&target, [invoice(7)]);
    wait(target.close()).unwrap();
    assert!(matches!(restore_backup(pc.dir.path(), other.dir.path(), &mut |_, _| true), Err(StoreError::Damaged { .. })));
    wait(store.back_up(pc.dir.path())).unwrap();
    copy_all(stick.dir.path(), pc.dir.path());
    assert!(!restore_backup(pc.dir.path(), other.dir.path(), &mut |_, _| false).unwrap().whole);
    let opened = other.open();
    assert_eq!(opened.report, OpenReport::Clean { invoices: 1 });
    wait(opened.store.close()).unwrap();
    wait(store.close()).unwrap();
}
