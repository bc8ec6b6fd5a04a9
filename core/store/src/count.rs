//! All records counted (清点): what a start of a large ledger takes longest for, so that several threads do it.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::engine::Engine;
use crate::error::{Result, StoreError, damaged};
use crate::ledger::index::Index;
use crate::record::{STATE_KEY, Space, decode, is_of_known_version};
use crate::state::State;

/// Threads at once, at most: more would only wait for the disk.
const THREADS: usize = 4;
/// Parts of a space that has a record of every invoice: more than threads, for they are not of one size.
const PARTS: usize = 8;
/// Rows that are looked at to find where parts of one size begin.
const SAMPLE: usize = 512;

/// The keys at which the parts begin, but for the first one.
pub(crate) fn cuts(index: &Index) -> Vec<Vec<u8>> {
    let step = index.len().div_ceil(SAMPLE).max(1);
    let mut sample: Vec<&str> = (0..index.len()).step_by(step).map(|row| index.key_text(row)).collect();
    sample.sort_unstable();
    sample.dedup();
    let firsts: Vec<&str> = sample.chunks(sample.len().div_ceil(PARTS).max(1)).filter_map(<[_]>::first).copied().collect();
    // In the order of the keys.
    let spaces = [Space::Invoices, Space::Originals];
    spaces.iter().flat_map(|space| firsts.iter().map(|first| [&[*space as u8], first.as_bytes()].concat())).collect()
}

/// Counts every record; none when some are in pieces.
pub(crate) fn count(engine: &dyn Engine, cuts: &[Vec<u8>]) -> Result<Option<State>> {
    let next = AtomicUsize::new(0);
    let work = || -> Result<State> {
        let mut counted = State::default();
        loop {
            let part = next.fetch_add(1, Ordering::Relaxed);
            if part > cuts.len() {
                return Ok(counted);
            }
            let from = part.checked_sub(1).and_then(|before| cuts.get(before)).map_or(&[][..], Vec::as_slice);
            engine.scan_between(from, cuts.get(part).map(Vec::as_slice), &mut |key, record| {
                if key != STATE_KEY {
                    counted.count(key, record);
                    if !is_of_known_version(record) {
                        decode(key, record)?;
                    }
                }
                Ok(())
            })?;
        }
    };
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(THREADS).min(cuts.len() + 1);
    let parts = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut parts = vec![work()];
        // sled panics on some damaged pages.
        parts.extend(others.into_iter().map(|other| other.join().unwrap_or_else(|_| Err(damaged("the engine panicked")))));
        parts
    });
    let mut all = State::default();
    for part in parts {
        match part {
            Ok(part) => all.merge(&part),
            Err(StoreError::Damaged { .. }) => return Ok(None),
            Err(error) => return Err(error),
        }
    }
    Ok(Some(all))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::engine::{Change, MemoryEngine, SledEngine};
    use crate::tests::sample::invoice;

    const MANY: u32 = 900;

    /// Records of several spaces, some of them of invoices that have no row, and the state.
    fn fill(engine: &mut dyn Engine) -> State {
        let mut expected = State::default();
        let mut put = |key: Vec<u8>, record: Vec<u8>| {
            expected.count(&key, &record);
            engine.apply(&[(&key, Some(&record))]).unwrap();
        };
        for number in 0..MANY + 50 {
            let key = invoice(number).key.to_string();
            for space in [Space::Aliases, Space::Documents, Space::Invoices, Space::Originals, Space::Claims] {
                put([&[space as u8], key.as_bytes(), &[0, 1]].concat(), vec![1, number as u8]);
            }
        }
        let state: Change<'_> = (STATE_KEY, Some(&[0; 4]));
        engine.apply(&[state]).unwrap();
        expected
    }

    #[test]
    fn every_record_is_counted_once_however_the_parts_are_cut() {
        let folder = tempfile::tempdir().unwrap();
        let mut engines: [Box<dyn Engine>; 2] = [Box::<MemoryEngine>::default(), Box::new(SledEngine::open(folder.path()).unwrap())];
        for engine in &mut engines {
            let expected = fill(engine.as_mut());
            let mut index = Index::default();
            assert_eq!(count(engine.as_ref(), &cuts(&index)).unwrap(), Some(expected), "of one part");
            for rows in [1, 7, MANY] {
                (0..rows).for_each(|number| index.put(&invoice(number), true));
                let cuts = cuts(&index);
                assert!(cuts.is_sorted() && cuts.len() <= 2 * PARTS);
                assert_eq!(count(engine.as_ref(), &cuts).unwrap(), Some(expected), "of {} parts", cuts.len() + 1);
            }
            // A record in pieces in some part of it.
            let key = [&[Space::Originals as u8], invoice(MANY / 2).key.to_string().as_bytes()].concat();
            engine.apply(&[(&key, Some(&[9, 9]))]).unwrap();
            assert_eq!(count(engine.as_ref(), &cuts(&index)).unwrap(), None);
        }
    }
}
