//! Is a file on the disk the one that was signed?

use std::fs::File;
use std::io::Read;
use std::path::Path;

use piaoxia_files::FilesError;
use sha2::{Digest, Sha256};

use crate::error::{Refusal, UpdateError};
use crate::manifest::{FileEntry, hex};

/// Read at once.
const PIECE: usize = 256 << 10;

/// Reads the whole file and compares length and hash.
///
/// # Errors
/// [`Refusal::WrongSize`], [`Refusal::WrongHash`], or what the system says.
pub(crate) fn prove_file(path: &Path, entry: &FileEntry) -> Result<(), UpdateError> {
    let (hash, length) = hash_file(path)?;
    compare(&hash, length, entry).map_err(UpdateError::from)
}

/// Length and hash are those of the entry.
pub(crate) fn compare(hash: &Sha256, length: u64, entry: &FileEntry) -> Result<(), Refusal> {
    if length != entry.size {
        return Err(Refusal::WrongSize { name: entry.name.clone() });
    }
    if hex(&hash.clone().finalize()) == entry.sha256 { Ok(()) } else { Err(Refusal::WrongHash { name: entry.name.clone() }) }
}

/// The hash of what is there, so that it can go on, and its length.
pub(crate) fn hash_file(path: &Path) -> Result<(Sha256, u64), FilesError> {
    let explain = |error| FilesError::from_io(path, error);
    let mut file = File::open(path).map_err(explain)?;
    let (mut hash, mut length, mut piece) = (Sha256::new(), 0, vec![0; PIECE]);
    loop {
        let count = file.read(&mut piece).map_err(explain)?;
        let Some(read) = piece.get(..count).filter(|read| !read.is_empty()) else { return Ok((hash, length)) };
        hash.update(read);
        length += count as u64;
    }
}
