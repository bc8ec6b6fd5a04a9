//! Originals that come piece by piece: what is cut leaves nothing, what is whole is there byte for byte, whatever its size.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use piaoxia_domain::invoice::Format;

use super::sample::{Bench, invoice, noise, put};
use crate::probe::{Probe, Step};
use crate::{Attached, Content, Digest, Draft, NewOriginal, Result, Store, StoreError, wait};

/// What [`Bench::small_files`] holds of an original.
const HELD: usize = 1_000;

fn bench() -> Bench {
    Bench::in_memory().small_files()
}

/// A store with ten invoices.
fn filled(bench: &Bench) -> Store {
    let store = bench.open().store;
    put(&store, (0..10).map(invoice));
    store
}

fn written(store: &Store, bytes: &[u8], piece: usize) -> Result<Draft> {
    wait(async {
        let mut draft = store.draft();
        for piece in bytes.chunks(piece) {
            draft.write(piece).await?;
        }
        Ok(draft)
    })
}

fn content(store: &Store, bytes: &[u8], piece: usize) -> Result<Content> {
    wait(written(store, bytes, piece)?.finish())
}

fn attach(store: &Store, number: u32, contents: Vec<Content>) -> Result<Vec<Attached>> {
    let new = |content| NewOriginal { key: invoice(number).key, format: Format::Pdf, name: "a.pdf".to_owned(), content };
    wait(store.attach_originals(contents.into_iter().map(new).collect()))
}

/// Files that lie in `originals/` itself.
fn temporary(bench: &Bench) -> usize {
    let folder = bench.path("originals");
    if folder.is_dir() { bench.files("originals").iter().filter(|path| path.is_file()).count() } else { 0 }
}

#[test]
fn whatever_the_size_and_the_pieces_it_is_kept_byte_for_byte() {
    let bench = bench();
    let store = filled(&bench);
    let mut number = 0;
    for size in [0, 1, 499, HELD - 1, HELD, HELD + 1, 2 * HELD, 12_345] {
        for piece in [1, 7, 512, HELD, 5_000] {
            let bytes = noise(size + number);
            let draft = written(&store, &bytes, piece).unwrap();
            let spilled = bytes.len() > HELD;
            assert_eq!(temporary(&bench), usize::from(spilled), "{size} in pieces of {piece}");
            assert!(draft.end().len() <= HELD && bytes.ends_with(draft.end()));
            assert!(draft.end().len() >= bytes.len().min(HELD / 2), "{} of {}", draft.end().len(), bytes.len());
            assert_eq!(draft.head(), &bytes[..bytes.len().min(16)]);
            let whole = wait(draft.finish()).unwrap();
            assert_eq!(whole.weight(), if spilled { Draft::END } else { bytes.len() });
            assert_eq!(attach(&store, 1, vec![whole]).unwrap(), [Attached::New]);
            assert_eq!(wait(store.read_original(Digest::of(&bytes))).unwrap(), bytes, "{size} in pieces of {piece}");
            assert_eq!(temporary(&bench), 0);
            number += 1;
        }
    }
    let kept = wait(store.originals_of(&invoice(1).key)).unwrap();
    assert_eq!(kept.len(), number);
    assert!(kept.iter().all(|original| wait(store.read_original(original.sha256)).unwrap().len() as u64 == original.size));
}

#[test]
fn one_that_is_given_up_at_whatever_moment_leaves_nothing() {
    let bench = bench();
    let store = filled(&bench);
    let bytes = noise(5_000);
    drop(written(&store, &bytes, 600).unwrap());
    drop(content(&store, &bytes, 600).unwrap());
    // Not attached, because its invoice is not there.
    let unknown = attach(&store, 99, vec![content(&store, &bytes, 600).unwrap()]);
    assert!(matches!(unknown, Err(StoreError::UnknownInvoice { .. })), "{unknown:?}");
    let late = written(&store, &bytes, 600).unwrap();
    wait(store.close()).unwrap();
    assert_eq!(temporary(&bench), 1, "of the draft that is there still");
    assert!(matches!(wait(late.finish()), Err(StoreError::Closed)));
    assert_eq!(temporary(&bench), 0);
}

#[test]
fn what_a_killed_program_left_is_removed_at_the_start() {
    let bench = bench();
    let store = filled(&bench);
    attach(&store, 1, vec![content(&store, &noise(3_000), 600).unwrap()]).unwrap();
    wait(store.close()).unwrap();
    let left = bench.path("originals/.piaoxia-1-7.part");
    std::fs::write(&left, noise(10)).unwrap();
    let store = bench.open().store;
    assert!(!left.exists());
    assert_eq!(wait(store.read_original(Digest::of(&noise(3_000)))).unwrap(), noise(3_000));
}

#[test]
fn the_same_again_changes_nothing_and_what_is_damaged_is_put_right() {
    let bench = bench();
    let store = filled(&bench);
    let bytes = noise(4_000);
    let sha256 = Digest::of(&bytes);
    let twice = vec![content(&store, &bytes, 600).unwrap(), content(&store, &bytes, 900).unwrap()];
    assert_eq!(attach(&store, 1, twice).unwrap(), [Attached::New, Attached::Known]);
    let name = sha256.to_string();
    let place = bench.path("originals").join(&name[..2]).join(&name);
    let at = std::fs::metadata(&place).unwrap().modified().unwrap();
    assert_eq!(attach(&store, 2, vec![content(&store, &bytes, 600).unwrap()]).unwrap(), [Attached::New]);
    assert_eq!(std::fs::metadata(&place).unwrap().modified().unwrap(), at);
    let mut flipped = bytes.clone();
    flipped[2_000] ^= 1;
    for damage in [flipped, bytes[..3_999].to_vec()] {
        std::fs::write(&place, damage).unwrap();
        assert!(wait(store.read_original(sha256)).is_err());
        attach(&store, 1, vec![content(&store, &bytes, 600).unwrap()]).unwrap();
        assert_eq!(wait(store.read_original(sha256)).unwrap(), bytes);
    }
    wait(store.close()).unwrap();
    assert_eq!(temporary(&bench), 0);
}

#[test]
fn a_disk_that_fills_while_one_comes_is_told_and_costs_nothing_else() {
    let mut bench = bench();
    let full = Arc::new(AtomicBool::new(false));
    let is_full = Arc::clone(&full);
    bench.setup.probe = Probe::new(move |step| {
        let refused = step == Step::DraftWrite && is_full.load(Ordering::Relaxed);
        if refused { Err(io::Error::from(io::ErrorKind::StorageFull)) } else { Ok(()) }
    });
    let store = filled(&bench);
    attach(&store, 1, vec![content(&store, &noise(3_000), 600).unwrap()]).unwrap();
    let mut begun = written(&store, &noise(2_000), 600).unwrap();
    full.store(true, Ordering::Relaxed);
    for draft in [written(&store, &noise(5_000), 600), wait(begun.write(&noise(3_000))).map(|()| store.draft())] {
        let error = draft.unwrap_err();
        assert!(error.is_disk_full(), "{error}");
    }
    assert!(wait(begun.finish()).is_err(), "a part of it is nowhere");
    // A small one does not need the disk before it is kept.
    attach(&store, 1, vec![content(&store, &noise(500), 600).unwrap()]).unwrap();
    full.store(false, Ordering::Relaxed);
    attach(&store, 1, vec![content(&store, &noise(5_000), 600).unwrap()]).unwrap();
    for size in [3_000, 500, 5_000] {
        assert_eq!(wait(store.read_original(Digest::of(&noise(size)))).unwrap(), noise(size));
    }
    wait(store.close()).unwrap();
    assert_eq!(temporary(&bench), 0);
}

#[test]
fn a_store_that_is_only_read_writes_no_draft() {
    let mut bench = bench();
    wait(filled(&bench).close()).unwrap();
    bench.setup.read_only = true;
    let store = bench.open().store;
    assert!(matches!(content(&store, &noise(5_000), 600), Err(StoreError::ReadOnly { .. })));
    assert!(!bench.path("originals").exists());
}
