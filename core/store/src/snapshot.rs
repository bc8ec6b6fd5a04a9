//! Snapshots: all records in one file, from which the database is rebuilt together with the journal since.
//!
//! `magic (4) | state (56) | crc32 of it (4)`, then for each record `key length (2) | value length (4) | crc32 of key and value
//! (4) | key | value`, then `0xFFFF | number of records (8) | SHA-256 of everything before (32)`.

use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use piaoxia_files::{DurableFile, FilesError};
use sha2::{Digest as _, Sha256};

use crate::engine::{Each, Engine};
use crate::error::{Result, damaged};
use crate::journal::numbered;
use crate::probe::{Probe, Step};
use crate::record::STATE_KEY;
use crate::state::{STATE_BYTES, State};

const MAGIC: &[u8; 4] = b"PXS1";
const HEADER: usize = 4 + STATE_BYTES + 4;
const END: u16 = u16::MAX;
const EXTENSION: &str = "bak";
/// Longer keys and records are not written, so whatever looks like one is damage.
const LONGEST: usize = 8_192;

/// Writes everything the engine holds. Returns the length of the file.
pub(crate) fn write(dir: &Path, state: &State, engine: &dyn Engine, probe: &Probe) -> Result<u64> {
    let path = dir.join(format!("{:020}.{EXTENSION}", state.seq));
    let explain = |error| FilesError::from_io(&path, error);
    probe.pass(Step::SnapshotBegin).map_err(explain)?;
    let mut out = Hashing { hash: Sha256::new(), out: BufWriter::with_capacity(1 << 16, DurableFile::create(&path)?) };
    let mut header = [MAGIC.as_slice(), &state.encode()].concat();
    header.extend(crc32fast::hash(&header).to_le_bytes());
    out.write(&header).map_err(explain)?;
    let mut count: u64 = 0;
    engine.scan(&[], &mut |key, value| {
        if key == STATE_KEY {
            return Ok(());
        }
        count += 1;
        Ok(out.record(key, value).map_err(explain)?)
    })?;
    out.write(&[END.to_le_bytes().as_slice(), &count.to_le_bytes()].concat()).map_err(explain)?;
    let sum = out.hash.finalize();
    out.out.write_all(&sum).map_err(explain)?;
    let file = out.out.into_inner().map_err(|error| explain(error.into_error()))?;
    probe.pass(Step::SnapshotFinish).map_err(explain)?;
    Ok(file.finish()?)
}

struct Hashing {
    hash: Sha256,
    out: BufWriter<DurableFile>,
}

impl Hashing {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.hash.update(bytes);
        self.out.write_all(bytes)
    }

    fn record(&mut self, key: &[u8], value: &[u8]) -> std::io::Result<()> {
        let lengths = u16::try_from(key.len()).ok().zip(u32::try_from(value.len()).ok());
        let Some((key_length, value_length)) = lengths.filter(|_| key.len() + value.len() <= LONGEST) else {
            return Err(std::io::Error::other("a record longer than any"));
        };
        self.write(&key_length.to_le_bytes())?;
        self.write(&value_length.to_le_bytes())?;
        self.write(&checksum(key, value).to_le_bytes())?;
        self.write(key)?;
        self.write(value)
    }
}

fn checksum(key: &[u8], value: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(key);
    crc.update(value);
    crc.finalize()
}

/// The snapshots of a folder, oldest first.
pub(crate) fn files(dir: &Path) -> Result<Vec<(u64, PathBuf)>> {
    numbered(dir, EXTENSION)
}

/// The state of a snapshot that is whole: its count and hash fit.
pub(crate) fn verify(path: &Path) -> Result<State> {
    let length = fs::metadata(path).map_err(|error| FilesError::from_io(path, error))?.len();
    let body = length.checked_sub(32).ok_or_else(|| broken(path))?;
    let file = File::open(path).map_err(|error| FilesError::from_io(path, error))?;
    let mut input = BufReader::with_capacity(1 << 16, file);
    let mut hash = Sha256::new();
    let mut left = body;
    let mut block = vec![0; 1 << 16];
    let mut header = Vec::new();
    while left > 0 {
        let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(block.len());
        let piece = block.get_mut(..wanted).ok_or_else(|| broken(path))?;
        input.read_exact(piece).map_err(|error| FilesError::from_io(path, error))?;
        hash.update(&*piece);
        let missing = HEADER.saturating_sub(header.len());
        header.extend(piece.iter().take(missing));
        left -= wanted as u64;
    }
    let mut sum = [0; 32];
    input.read_exact(&mut sum).map_err(|error| FilesError::from_io(path, error))?;
    if hash.finalize().as_slice() != sum {
        return Err(broken(path));
    }
    parse_header(&header).ok_or_else(|| broken(path))
}

/// Reads every record of a snapshot that [`verify`] found whole.
pub(crate) fn load(path: &Path, each: &mut Each<'_>) -> Result<()> {
    let file = File::open(path).map_err(|error| FilesError::from_io(path, error))?;
    let mut input = BufReader::with_capacity(1 << 16, file);
    let explain = |error| FilesError::from_io(path, error);
    let mut header = [0; HEADER];
    input.read_exact(&mut header).map_err(explain)?;
    let (mut key_length, mut value_length, mut crc) = ([0; 2], [0; 4], [0; 4]);
    let (mut key, mut value) = (Vec::new(), Vec::new());
    let mut count: u64 = 0;
    loop {
        input.read_exact(&mut key_length).map_err(explain)?;
        if u16::from_le_bytes(key_length) == END {
            break;
        }
        input.read_exact(&mut value_length).map_err(explain)?;
        input.read_exact(&mut crc).map_err(explain)?;
        key.resize(usize::from(u16::from_le_bytes(key_length)), 0);
        value.resize((u32::from_le_bytes(value_length) as usize).min(LONGEST), 0);
        input.read_exact(&mut key).map_err(explain)?;
        input.read_exact(&mut value).map_err(explain)?;
        each(&key, &value)?;
        count += 1;
    }
    let mut expected = [0; 8];
    input.read_exact(&mut expected).map_err(explain)?;
    if u64::from_le_bytes(expected) == count { Ok(()) } else { Err(broken(path)) }
}

/// Reads the records of a damaged snapshot that are themselves undamaged, and its state if its header is.
pub(crate) fn salvage(path: &Path, each: &mut Each<'_>) -> Result<Option<State>> {
    let bytes = fs::read(path).map_err(|error| FilesError::from_io(path, error))?;
    let state = bytes.get(..HEADER).and_then(parse_header);
    let mut at = HEADER;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        match parse_record(rest) {
            Some((key, value)) => {
                each(key, value)?;
                at += 10 + key.len() + value.len();
            }
            None => at += 1,
        }
    }
    Ok(state)
}

fn parse_record(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (key_length, rest) = bytes.split_first_chunk()?;
    let (value_length, rest) = rest.split_first_chunk()?;
    let (crc, rest) = rest.split_first_chunk()?;
    let key_length = usize::from(u16::from_le_bytes(*key_length));
    let value_length = u32::from_le_bytes(*value_length) as usize;
    if key_length == 0 || key_length.saturating_add(value_length) > LONGEST {
        return None;
    }
    let (key, rest) = rest.split_at_checked(key_length)?;
    let value = rest.get(..value_length)?;
    (u32::from_le_bytes(*crc) == checksum(key, value)).then_some((key, value))
}

fn parse_header(header: &[u8]) -> Option<State> {
    let (checked, rest) = header.split_at_checked(HEADER - 4)?;
    let (crc, _) = rest.split_first_chunk()?;
    let whole = u32::from_le_bytes(*crc) == crc32fast::hash(checked);
    State::decode(checked.strip_prefix(MAGIC)?).filter(|_| whole)
}

fn broken(path: &Path) -> crate::error::StoreError {
    damaged(format!("snapshot {}", path.display()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;
    use crate::engine::MemoryEngine;

    const RECORDS: u8 = 12;

    fn made(dir: &Path) -> (PathBuf, State, usize) {
        let mut engine = MemoryEngine::default();
        for number in 0..RECORDS {
            engine.apply(&[(&[b'i', number], Some(&vec![number; usize::from(number) * 3]))]).unwrap();
        }
        engine.apply(&[(STATE_KEY, Some(b"not a record"))]).unwrap();
        let state = State { seq: 12, chain: [3; 32], records: RECORDS.into(), sum: 1 };
        write(dir, &state, &engine, &Probe::default()).unwrap();
        (files(dir).unwrap()[0].1.clone(), state, RECORDS.into())
    }

    #[test]
    fn reads_back_whole() {
        let dir = tempfile::tempdir().unwrap();
        let (path, state, records) = made(dir.path());
        assert_eq!(verify(&path).unwrap(), state);
        let mut keys = Vec::new();
        load(&path, &mut |key, value| {
            assert_eq!(value, vec![key[1]; usize::from(key[1]) * 3]);
            keys.push(key.to_vec());
            Ok(())
        })
        .unwrap();
        assert_eq!(keys.len(), records);
    }

    #[test]
    fn every_damaged_byte_is_noticed_and_costs_one_record() {
        let dir = tempfile::tempdir().unwrap();
        let (path, _, records) = made(dir.path());
        let whole = fs::read(&path).unwrap();
        for byte in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[byte] ^= 0x40;
            fs::write(&path, &damaged).unwrap();
            assert!(verify(&path).is_err(), "byte {byte}");
            let mut saved = 0;
            salvage(&path, &mut |_, _| {
                saved += 1;
                Ok(())
            })
            .unwrap();
            assert!(saved >= records - 1, "byte {byte}: {saved} of {records}");
        }
        for length in (0..whole.len()).step_by(7) {
            fs::write(&path, &whole[..length]).unwrap();
            assert!(verify(&path).is_err(), "length {length}");
        }
    }
}
