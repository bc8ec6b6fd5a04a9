//! The rows in a file of their own, so that a start reads them at once instead of every invoice.
//!
//! `magic (4) | state (56) | rows | SHA-256 of everything before (32)`. It can always be made anew: whatever does not fit is
//! passed over. What was committed after it is taken from the journal.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use piaoxia_files::{DurableFile, FilesError};
use sha2::{Digest as _, Sha256};

use crate::error::Result;
use crate::ledger::index::Index;
use crate::state::{STATE_BYTES, State};

const MAGIC: &[u8; 4] = b"PXR4";
const NAME: &str = "rows";
const HASH: usize = 32;

fn path(dir: &Path) -> PathBuf {
    dir.join(NAME)
}

/// Writes the rows as they are after the commit of this state.
pub(crate) fn write(dir: &Path, state: &State, index: &Index) -> Result<()> {
    let path = path(dir);
    let explain = |error| FilesError::from_io(&path, error);
    let mut out = BufWriter::with_capacity(1 << 16, DurableFile::create(&path)?);
    let mut hash = Sha256::new();
    let mut write = |bytes: &[u8]| -> io::Result<()> {
        hash.update(bytes);
        out.write_all(bytes)
    };
    write(MAGIC).and_then(|()| write(&state.encode())).and_then(|()| index.write(&mut write)).map_err(explain)?;
    out.write_all(&hash.finalize()).map_err(explain)?;
    let file = out.into_inner().map_err(|error| explain(error.into_error()))?;
    file.finish()?;
    Ok(())
}

/// The rows and the state that they show; none when there are none or they are damaged.
pub(crate) fn read(dir: &Path) -> Option<(State, Index)> {
    let file = File::open(path(dir)).ok()?;
    let rows = file.metadata().ok()?.len().checked_sub((MAGIC.len() + STATE_BYTES + HASH) as u64)?;
    let mut input = Hashed { from: BufReader::with_capacity(1 << 16, file), hash: Sha256::new() };
    let (mut magic, mut state, mut sum) = ([0; MAGIC.len()], [0; STATE_BYTES], [0; HASH]);
    input.read_exact(&mut magic).ok().filter(|()| magic == *MAGIC)?;
    input.read_exact(&mut state).ok()?;
    let index = Index::read(&mut input, rows);
    let Hashed { mut from, hash } = input;
    let whole = from.read_exact(&mut sum).is_ok() && hash.finalize().as_slice() == sum;
    if !whole || index.is_none() {
        tracing::warn!("the file of the rows is damaged and passed over");
        return None;
    }
    Some((State::decode(&state)?, index?))
}

/// Hashes what is read.
struct Hashed {
    from: BufReader<File>,
    hash: Sha256,
}

impl Read for Hashed {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(into)?;
        self.hash.update(into.get(..count).unwrap_or_default());
        Ok(count)
    }
}
