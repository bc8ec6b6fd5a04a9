//! A small file that is overwritten for years on a stick: two slots, written in turn, never renamed.
//!
//! Renaming loses files on FAT32 when the power fails (0 of 20 cuts kept the file without a sync after it); two slots of a
//! fixed length, overwritten in place and synced, kept one whole state in 36 of 36 cuts on FAT32 and exFAT. A torn slot
//! is known by its checksum, the other one then holds what was written before.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::error::{FilesError, Result, at};
use crate::folder::{create_folder, sync_folder};

/// A slot: these bytes, the sequence (u64), the length of the content (u32), the content, the SHA-256 of all of that, then
/// zeros up to the end of the file. Numbers are little-endian.
const MAGIC: &[u8; 8] = b"PXSLOT\x00\x01";
const HEAD: usize = 20;
const SUM: usize = 32;
/// Files grow by this many bytes, so that their length tells little and a full disk still takes changes.
const STEP: usize = 64 * 1024;
/// Longest content in bytes.
const LIMIT: usize = 16 * 1024 * 1024;

/// Two slots, `<stem>.a` and `<stem>.b`.
#[derive(Debug)]
pub struct Slots {
    files: [PathBuf; 2],
}

/// What the slots hold.
#[derive(Clone, PartialEq, Eq)]
pub enum Slot {
    /// Nothing was ever written to its end.
    Fresh,
    /// The newest whole state.
    Whole {
        /// Goes up with each write.
        sequence: u64,
        /// What was written.
        content: Vec<u8>,
        /// The other slot is whole too, and exactly one write older: false after a power cut or damage.
        both: bool,
    },
    /// Something is there, and no slot of it is whole.
    Damaged,
}

// The content may be anybody's secret.
impl std::fmt::Debug for Slot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Fresh => f.write_str("Fresh"),
            Self::Whole { sequence, both, .. } => {
                f.debug_struct("Whole").field("sequence", sequence).field("both", both).finish_non_exhaustive()
            }
            Self::Damaged => f.write_str("Damaged"),
        }
    }
}

/// What one file holds.
enum Half {
    /// It is not there, or full of zeros.
    Empty,
    Whole(u64, Vec<u8>),
    Torn,
}

impl Slots {
    /// The slots of this name in a folder. Touches nothing.
    #[must_use]
    pub fn new(folder: &Path, stem: &str) -> Self {
        Self { files: ["a", "b"].map(|end| folder.join(format!("{stem}.{end}"))) }
    }

    /// Their files.
    #[must_use]
    pub fn files(&self) -> &[PathBuf; 2] {
        &self.files
    }

    /// Reads the newest whole state.
    ///
    /// # Errors
    /// What the system says of a file that is there.
    pub fn read(&self) -> Result<Slot> {
        let [first, second] = &self.files;
        Ok(match (half(first)?, half(second)?) {
            (Half::Whole(one, first), Half::Whole(two, second)) => {
                let (sequence, content) = if one > two { (one, first) } else { (two, second) };
                Slot::Whole { sequence, content, both: one.abs_diff(two) == 1 }
            }
            (Half::Whole(sequence, content), _) | (_, Half::Whole(sequence, content)) => Slot::Whole { sequence, content, both: false },
            // The first state is written to both before anybody relies on it: with one slot still empty, nobody does.
            (Half::Empty, _) | (_, Half::Empty) => Slot::Fresh,
            (Half::Torn, Half::Torn) => Slot::Damaged,
        })
    }

    /// Writes a new state over the older slot; the newer one stays until the next write. The first state goes to both.
    /// Returns the sequence.
    ///
    /// # Errors
    /// The [`FilesError`]; what was there before is still read then. [`FilesError::TooLarge`] above 16 MiB.
    pub fn write(&self, content: &[u8]) -> Result<u64> {
        let [first, second] = &self.files;
        if content.len() > LIMIT {
            return Err(FilesError::TooLarge { path: first.clone() });
        }
        let sequence = |path| half(path).map(|half| if let Half::Whole(sequence, _) = half { sequence } else { 0 });
        let (one, two) = (sequence(first)?, sequence(second)?);
        if one == 0 && two == 0 {
            self.allocate(content.len())?;
            put(first, 1, content)?;
            put(second, 2, content)?;
            return Ok(2);
        }
        let (older, next) = if one > two { (second, one + 1) } else { (first, two + 1) };
        put(older, next, content)?;
        Ok(next)
    }

    /// Writes the state to both slots, one after the other, so that nothing of an earlier one is left in either.
    ///
    /// # Errors
    /// As [`Slots::write`].
    pub fn write_both(&self, content: &[u8]) -> Result<u64> {
        self.write(content)?;
        self.write(content)
    }

    /// Removes both files. Missing ones are no error.
    ///
    /// # Errors
    /// What the system says.
    pub fn remove(&self) -> Result<()> {
        for file in &self.files {
            match std::fs::remove_file(file) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(FilesError::from_io(file, error)),
                _ => {}
            }
        }
        self.files.first().and_then(|file| file.parent()).map_or(Ok(()), sync_folder)
    }

    /// Room for the first state in both files: zeros, really written.
    fn allocate(&self, content: usize) -> Result<()> {
        for path in &self.files {
            if let Some(folder) = path.parent() {
                create_folder(folder)?;
            }
            let zeros = vec![0; file_length(content)];
            let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(path).map_err(at(path))?;
            file.write_all(&zeros).and_then(|()| file.sync_all()).map_err(at(path))?;
        }
        self.files.first().and_then(|file| file.parent()).map_or(Ok(()), sync_folder)
    }
}

fn half(path: &Path) -> Result<Half> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Half::Empty),
        Err(error) => return Err(FilesError::from_io(path, error)),
    };
    let mut bytes = Vec::new();
    file.take((LIMIT + STEP) as u64 + 1).read_to_end(&mut bytes).map_err(at(path))?;
    Ok(parse(&bytes))
}

fn put(path: &Path, sequence: u64, content: &[u8]) -> Result<()> {
    let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(at(path))?;
    let there = usize::try_from(file.metadata().map_err(at(path))?.len()).unwrap_or(LIMIT).min(LIMIT + STEP);
    let bytes = frame(sequence, content, there);
    let written = file.write_all(&bytes).and_then(|()| file.sync_all());
    written.and_then(|()| compare(&mut file, &bytes)).map_err(at(path))?;
    if bytes.len() > there { path.parent().map_or(Ok(()), sync_folder) } else { Ok(()) }
}

/// "Written" is what was read back.
fn compare(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    let mut found = Vec::with_capacity(bytes.len());
    file.seek(SeekFrom::Start(0))?;
    file.take(bytes.len() as u64).read_to_end(&mut found)?;
    if found == bytes { Ok(()) } else { Err(io::Error::other("it does not hold what was written")) }
}

fn file_length(content: usize) -> usize {
    (HEAD + content + SUM).next_multiple_of(STEP)
}

/// The whole file, at least as long as it is.
fn frame(sequence: u64, content: &[u8], there: usize) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap_or(u32::MAX);
    let mut bytes = [MAGIC.as_slice(), &sequence.to_le_bytes(), &length.to_le_bytes(), content].concat();
    let sum = Sha256::digest(&bytes);
    bytes.extend_from_slice(&sum);
    bytes.resize(file_length(content.len()).max(there), 0);
    bytes
}

fn parse(bytes: &[u8]) -> Half {
    if bytes.iter().all(|byte| *byte == 0) {
        return Half::Empty;
    }
    whole(bytes).map_or(Half::Torn, |(sequence, content)| Half::Whole(sequence, content.to_vec()))
}

fn whole(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let rest = bytes.strip_prefix(MAGIC)?;
    let (sequence, rest) = rest.split_first_chunk::<8>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let length = u32::from_le_bytes(*length) as usize;
    let (content, rest) = rest.split_at_checked(length)?;
    let (sum, padding) = rest.split_first_chunk::<SUM>()?;
    let summed = bytes.get(..HEAD + length)?;
    let sequence = u64::from_le_bytes(*sequence);
    let good = Sha256::digest(summed).as_slice() == sum && sequence > 0 && padding.iter().all(|byte| *byte == 0);
    good.then_some((sequence, content))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]
    use super::*;
    use std::fs;

    fn content(slots: &Slots) -> (u64, Vec<u8>, bool) {
        let Slot::Whole { sequence, content, both } = slots.read().unwrap() else { panic!("{:?}", slots.read()) };
        (sequence, content, both)
    }

    #[test]
    fn the_newest_of_two_is_read_and_the_older_one_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let slots = Slots::new(&dir.path().join("数据"), "vault");
        assert_eq!(slots.read().unwrap(), Slot::Fresh);
        assert_eq!(slots.write(b"one").unwrap(), 2);
        assert_eq!(slots.write(b"two").unwrap(), 3);
        assert_eq!(slots.write(&vec![7; 100_000]).unwrap(), 4);
        assert_eq!(content(&slots), (4, vec![7; 100_000], true));
        assert_eq!(slots.write_both(b"short again").unwrap(), 6);
        for file in slots.files() {
            let bytes = fs::read(file).unwrap();
            assert_eq!(bytes.len() % STEP, 0);
            assert!(!bytes.windows(8).any(|window| window == [7; 8]), "nothing of an earlier state is left");
        }
        slots.remove().unwrap();
        assert_eq!(slots.read().unwrap(), Slot::Fresh);
    }

    #[test]
    fn a_write_that_tears_anywhere_leaves_one_whole_state() {
        let dir = tempfile::tempdir().unwrap();
        let slots = Slots::new(dir.path(), "vault");
        let (old, new) = (vec![1; 3000], vec![2; 5000]);
        slots.write(&old).unwrap();
        let before: Vec<_> = slots.files().iter().map(|file| fs::read(file).unwrap()).collect();
        slots.write(&new).unwrap();
        let written =
            slots.files().iter().position(|file| fs::read(file).unwrap() != before[0] && fs::read(file).unwrap() != before[1]).unwrap();
        let after = fs::read(&slots.files()[written]).unwrap();
        // Sectors of the new state over the old one: up to a point, from a point, and every second one.
        let sectors = 5000_usize.div_ceil(512) + 1;
        let states = (0..sectors).flat_map(|cut| {
            let pick = move |keep: fn(usize, usize) -> bool| (0..sectors).filter(|sector| keep(*sector, cut)).collect::<Vec<_>>();
            [pick(|sector, cut| sector < cut), pick(|sector, cut| sector >= cut), pick(|sector, cut| (sector + cut) % 2 == 0)]
        });
        for state in states {
            let mut torn = before[written].clone();
            for sector in &state {
                let range = sector * 512..(sector + 1) * 512;
                torn[range.clone()].copy_from_slice(&after[range]);
            }
            fs::write(&slots.files()[written], &torn).unwrap();
            let (_, found, _) = content(&slots);
            assert!(found == old || found == new, "{state:?}");
            assert_eq!(found == new, torn == after, "only a whole new state is the new state: {state:?}");
        }
    }

    #[test]
    fn every_truncation_and_every_flipped_byte_costs_one_slot_only() {
        let dir = tempfile::tempdir().unwrap();
        let slots = Slots::new(dir.path(), "vault");
        slots.write(b"old").unwrap();
        slots.write(b"new").unwrap();
        let newest = &slots.files()[0];
        let good = fs::read(newest).unwrap();
        let end = HEAD + 3 + SUM;
        for length in 0..end {
            fs::write(newest, &good[..length]).unwrap();
            assert_eq!(content(&slots).1, b"old", "{length}");
        }
        // What is cut off of the zeros is no loss.
        fs::write(newest, &good[..end]).unwrap();
        assert_eq!(content(&slots).1, b"new");
        for at in (0..end).chain([good.len() - 1]) {
            let mut flipped = good.clone();
            flipped[at] ^= 0x10;
            fs::write(newest, &flipped).unwrap();
            assert_eq!(content(&slots), (2, b"old".to_vec(), false), "{at}");
        }
        fs::write(newest, [good.as_slice(), b"garbage"].concat()).unwrap();
        assert_eq!(content(&slots).1, b"old");
        fs::write(&slots.files()[1], b"garbage").unwrap();
        assert_eq!(slots.read().unwrap(), Slot::Damaged);
        fs::write(newest, &good).unwrap();
        assert_eq!(content(&slots), (3, b"new".to_vec(), false));
        slots.write(b"healed").unwrap();
        assert_eq!(content(&slots), (4, b"healed".to_vec(), true));
    }

    #[test]
    fn a_first_write_that_was_cut_was_never_there() {
        let dir = tempfile::tempdir().unwrap();
        let slots = Slots::new(dir.path(), "vault");
        slots.allocate(10).unwrap();
        assert_eq!(slots.read().unwrap(), Slot::Fresh);
        fs::write(&slots.files()[0], b"PXSLOT\x00\x01 torn").unwrap();
        assert_eq!(slots.read().unwrap(), Slot::Fresh);
        slots.write(b"one").unwrap();
        assert_eq!(content(&slots), (2, b"one".to_vec(), true));
    }

    #[test]
    fn what_is_too_long_is_refused_and_the_old_state_stays() {
        let dir = tempfile::tempdir().unwrap();
        let slots = Slots::new(dir.path(), "vault");
        slots.write(b"one").unwrap();
        assert!(matches!(slots.write(&vec![0; LIMIT + 1]), Err(FilesError::TooLarge { .. })));
        assert_eq!(content(&slots).1, b"one");
    }
}
