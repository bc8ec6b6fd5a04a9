//! The manifest: where the store stood after its last acknowledged commit, in two slots that are overwritten in turn.
//!
//! Never renamed: on FAT32 a slot overwritten in place and synced survived every power cut (26 of 26), and when one slot is
//! torn the other one still holds the commit before.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use piaoxia_files::{FilesError, durable_write};

use crate::error::Result;
use crate::probe::{Probe, Step};
use crate::state::{STATE_BYTES, State};

const MAGIC: &[u8; 4] = b"PXM1";
/// A sector: torn writes do not reach into the other slot.
const SLOT: usize = 512;
const NAME: &str = "manifest";

/// The writing end.
pub(crate) struct Manifest {
    path: PathBuf,
    file: File,
    probe: Probe,
}

impl Manifest {
    /// Opens or creates.
    pub(crate) fn open(dir: &Path, probe: Probe) -> Result<Self> {
        let path = dir.join(NAME);
        let whole = std::fs::metadata(&path).is_ok_and(|metadata| metadata.len() == 2 * SLOT as u64);
        if !whole {
            durable_write(&path, &[0; 2 * SLOT])?;
        }
        let file = OpenOptions::new().read(true).write(true).open(&path).map_err(|error| FilesError::from_io(&path, error))?;
        Ok(Self { path, file, probe })
    }

    /// Notes a state durably, over the older of the two.
    pub(crate) fn write(&mut self, state: &State) -> Result<()> {
        let slot = encode(state);
        let position = SeekFrom::Start((state.seq % 2) * SLOT as u64);
        let written = self
            .probe
            .pass(Step::ManifestWrite)
            .and_then(|()| self.file.seek(position))
            .and_then(|_| self.file.write_all(&slot))
            .and_then(|()| self.file.sync_all());
        Ok(written.map_err(|error| FilesError::from_io(&self.path, error))?)
    }
}

/// True once a store was opened for writing in this folder.
pub(crate) fn is_there(dir: &Path) -> bool {
    dir.join(NAME).exists()
}

/// False when another program wrote to this folder since (a second PC with the same share, a stick that was away): what is known
/// of it is then no longer true.
pub(crate) fn is_as_left(dir: &Path, state: &State) -> Result<bool> {
    let path = dir.join(NAME);
    let found = newest(&path).map_err(|error| FilesError::from_io(&path, error))?;
    Ok(found == Some(*state))
}

/// The newest state noted; none when there is no manifest or both slots are damaged.
pub(crate) fn read(dir: &Path) -> Option<State> {
    newest(&dir.join(NAME)).ok()?
}

fn newest(path: &Path) -> io::Result<Option<State>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(2 * SLOT as u64).read_to_end(&mut bytes)?;
    Ok(bytes.chunks(SLOT).filter_map(decode).max_by_key(|state| state.seq))
}

fn encode(state: &State) -> Vec<u8> {
    let mut slot = [MAGIC.as_slice(), &state.encode()].concat();
    slot.extend(crc32fast::hash(&slot).to_le_bytes());
    slot.resize(SLOT, 0);
    slot
}

fn decode(slot: &[u8]) -> Option<State> {
    let (checked, rest) = slot.split_at_checked(MAGIC.len() + STATE_BYTES)?;
    let (crc, _) = rest.split_first_chunk()?;
    let whole = u32::from_le_bytes(*crc) == crc32fast::hash(checked);
    State::decode(checked.strip_prefix(MAGIC)?).filter(|_| whole)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;

    fn state(seq: u64) -> State {
        State { seq, chain: [seq as u8; 32], records: 2 * seq, sum: 9 }
    }

    #[test]
    fn a_torn_slot_leaves_the_state_before() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(read(dir.path()), None);
        let mut manifest = Manifest::open(dir.path(), Probe::default()).unwrap();
        assert_eq!(read(dir.path()), None);
        for seq in 1..=5 {
            manifest.write(&state(seq)).unwrap();
            assert_eq!(read(dir.path()), Some(state(seq)));
        }
        drop(manifest);
        let path = dir.path().join(NAME);
        let whole = std::fs::read(&path).unwrap();
        for byte in SLOT..SLOT + 64 {
            let mut torn = whole.clone();
            torn[byte] ^= 0x10;
            std::fs::write(&path, &torn).unwrap();
            assert_eq!(read(dir.path()), Some(state(4)), "byte {byte}");
        }
        std::fs::write(&path, &whole[..SLOT]).unwrap();
        let mut manifest = Manifest::open(dir.path(), Probe::default()).unwrap();
        manifest.write(&state(6)).unwrap();
        assert_eq!(read(dir.path()), Some(state(6)));
    }
}
