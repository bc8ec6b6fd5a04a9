//! A full disk: nothing acknowledged is lost, the store still opens, and writing goes on once there is room.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use piaoxia_domain::Invoice;

use super::sample::{Bench, all, download, invoice};
use crate::probe::{Probe, Step};
use crate::{OpenReport, ReadOnlyReason, RebuildReason, StoreError, wait};

/// How many steps there is room for, and for how many none after that.
#[derive(Clone)]
struct Room(Arc<AtomicU64>, u64);

/// The disk stays full until room is made.
const FOR_GOOD: u64 = u64::MAX >> 1;
const PLENTY: u64 = u64::MAX;

impl Room {
    fn for_steps(steps: u64, full_for: u64) -> Self {
        Self(Arc::new(AtomicU64::new(full_for.saturating_add(steps))), full_for)
    }

    fn make(&self, steps: u64) {
        self.0.store(self.1.saturating_add(steps), Ordering::Relaxed);
    }

    fn probe(&self) -> Probe {
        let left = self.clone();
        Probe::new(move |step| {
            // Removing needs no room.
            if step == Step::Remove {
                return Ok(());
            }
            let before = left.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).unwrap_or(PLENTY);
            if before <= left.1 { Err(io::Error::from(io::ErrorKind::StorageFull)) } else { Ok(()) }
        })
    }
}

/// Enough for a journal file to be ended and a snapshot to be made.
const COMMITS: u32 = 9;

fn fills_up_at_every_step(full_for: u64) {
    for steps in 0.. {
        let mut bench = Bench::on_sled().small_files();
        let room = Room::for_steps(PLENTY, full_for);
        bench.setup.probe = room.probe();
        let store = bench.open().store;
        room.make(steps);
        let mut acknowledged: Vec<Invoice> = Vec::new();
        for number in 0..COMMITS {
            match wait(store.upsert(vec![download(invoice(number))])) {
                Ok(_) => acknowledged.push(invoice(number)),
                Err(error) => assert!(error.is_disk_full(), "{steps}: {error}"),
            }
            // Whatever happened, what was acknowledged can be read.
            if let Some(last) = acknowledged.last() {
                assert!(wait(store.get(&last.key)).unwrap().is_some(), "{steps}");
            }
        }
        let found = all(&store);
        assert!(acknowledged.iter().all(|invoice| found.contains(invoice)), "{steps}");
        let was_never_full = room.0.load(Ordering::Relaxed) > full_for;
        room.make(PLENTY);
        wait(store.upsert((0..COMMITS).map(|n| download(invoice(n))).collect())).unwrap();
        let store = bench.reopen(&store).store;
        assert_eq!(all(&store).len(), COMMITS as usize, "{steps}");
        wait(store.close()).unwrap();
        // The journal tells the same, without the database.
        std::fs::remove_dir_all(bench.path("db")).unwrap();
        let rebuilt = bench.open();
        let expected = OpenReport::Rebuilt { invoices: u64::from(COMMITS), reason: RebuildReason::Missing, lost_commits: 0 };
        assert_eq!(rebuilt.report, expected, "{steps}");
        if was_never_full {
            assert!(steps > 30, "{steps}");
            return;
        }
    }
}

#[test]
fn the_disk_is_full_for_good_at_whatever_step() {
    fills_up_at_every_step(FOR_GOOD);
}

#[test]
fn the_disk_is_full_once_at_whatever_step() {
    fills_up_at_every_step(1);
}

#[test]
fn a_store_opens_on_a_full_disk() {
    let mut bench = Bench::on_sled();
    let store = bench.open().store;
    wait(store.upsert((0..30).map(|n| download(invoice(n))).collect())).unwrap();
    wait(store.close()).unwrap();
    assert!(bench.path("ballast.bin").exists());
    let room = Room::for_steps(0, FOR_GOOD);
    bench.setup.probe = room.probe();
    let opened = bench.open();
    assert_eq!(opened.report, OpenReport::ReadOnly { invoices: 30, reason: ReadOnlyReason::DiskFull, lost_commits: 0 });
    assert!(!bench.path("ballast.bin").exists(), "the ballast is given back");
    assert_eq!(all(&opened.store).len(), 30);
    let refused = wait(opened.store.upsert(vec![download(invoice(99))]));
    assert!(matches!(&refused, Err(error) if error.is_disk_full()), "{refused:?}");
    // There is room again: no restart is needed, and rows keep their ids.
    room.make(PLENTY);
    let ids: Vec<u32> = (0..30).collect();
    let before = opened.store.rows(&ids);
    wait(opened.store.upsert(vec![download(invoice(99))])).unwrap();
    assert_eq!(opened.store.rows(&ids), before);
    let reopened = bench.reopen(&opened.store);
    assert_eq!(reopened.report, OpenReport::Clean { invoices: 31 });
    assert!(bench.path("ballast.bin").exists());
}

#[test]
fn a_stick_that_was_pulled_and_put_back_is_written_to_again() {
    let mut bench = Bench::on_sled();
    let pulled = Arc::new(AtomicU64::new(0));
    let gone = Arc::clone(&pulled);
    bench.setup.probe =
        Probe::new(move |_| if gone.load(Ordering::Relaxed) == 1 { Err(io::Error::from(io::ErrorKind::NotFound)) } else { Ok(()) });
    let store = bench.open().store;
    wait(store.upsert(vec![download(invoice(1))])).unwrap();
    pulled.store(1, Ordering::Relaxed);
    for _ in 0..3 {
        let missing = wait(store.upsert(vec![download(invoice(2))]));
        assert!(matches!(missing, Err(StoreError::Files(piaoxia_files::FilesError::Missing { .. }))), "{missing:?}");
    }
    pulled.store(0, Ordering::Relaxed);
    wait(store.upsert(vec![download(invoice(3))])).unwrap();
    assert_eq!(all(&bench.reopen(&store).store), [invoice(1), invoice(3)]);
}
