//! A ZIP in memory: opened and unpacked within limits, whatever it holds.

use std::collections::HashSet;
use std::io::{Cursor, Read};

use zip::read::ZipFile;
use zip::{CompressionMethod, ZipArchive};

use crate::encoding::entry_name;
use crate::limits::{ZIP_BYTES, ZIP_ENTRIES, ZIP_ENTRY_BYTES, ZIP_NAME_BYTES, ZIP_RATIO, ZIP_RATIO_FLOOR};
use crate::refused::{Refused, ZipFault};

/// An opened ZIP.
pub(crate) type Container<'a> = ZipArchive<Cursor<&'a [u8]>>;

/// Opens a ZIP's directory.
///
/// # Errors
/// [`Refused::TooLarge`], [`ZipFault::Unreadable`], [`ZipFault::TooManyEntries`].
pub(crate) fn open(bytes: &[u8]) -> Result<Container<'_>, Refused> {
    if bytes.len() > ZIP_BYTES {
        return Err(Refused::TooLarge { size: bytes.len() as u64, limit: ZIP_BYTES as u64 });
    }
    bounded_directory(bytes)?;
    let container = ZipArchive::new(Cursor::new(bytes)).map_err(|_| ZipFault::Unreadable)?;
    if container.len() > ZIP_ENTRIES {
        return Err(ZipFault::TooManyEntries { entries: container.len(), limit: ZIP_ENTRIES }.into());
    }
    Ok(container)
}

/// Opening keeps a few hundred bytes for every record in the directory, before anybody can count them; so the records'
/// marks are counted first. Archives stored within the archive have such marks too, hence the leeway.
fn bounded_directory(bytes: &[u8]) -> Result<(), ZipFault> {
    const MARK: &[u8] = b"PK\x01\x02";
    const SMALLEST_RECORD: usize = 46;
    const MOST: usize = 16 * ZIP_ENTRIES;
    if bytes.len() / SMALLEST_RECORD <= MOST {
        return Ok(());
    }
    let entries = bytes.windows(MARK.len()).filter(|window| *window == MARK).count();
    if entries > MOST { Err(ZipFault::TooManyEntries { entries, limit: ZIP_ENTRIES }) } else { Ok(()) }
}

/// Every entry has a name and bytes of its own.
///
/// # Errors
/// [`ZipFault::DuplicateNames`], [`ZipFault::Overlapping`], [`ZipFault::Unreadable`].
pub(crate) fn check(container: &mut Container<'_>) -> Result<(), ZipFault> {
    let mut seen = HashSet::with_capacity(container.len());
    let unique = container.file_names_raw().all(|raw| seen.insert(entry_name(raw).to_lowercase()));
    if !unique || container.has_duplicate_names() {
        return Err(ZipFault::DuplicateNames);
    }
    if container.has_overlapping_files().map_err(|_| ZipFault::Unreadable)? {
        return Err(ZipFault::Overlapping);
    }
    Ok(())
}

/// Unpacks an entry of at most `room` bytes. What was unpacked before something turned out wrong stays in `into`: it was
/// worked for and counts.
///
/// # Errors
/// [`ZipFault`] of one entry; more than `room` is [`ZipFault::EntryTooLarge`].
pub(crate) fn unpack(container: &mut Container<'_>, index: usize, room: usize, into: &mut Vec<u8>) -> Result<(), ZipFault> {
    into.clear();
    let entry = container.by_index_data(index).map_err(|_| ZipFault::Damaged)?;
    let (packed, stated) = (entry.compressed_size(), entry.size());
    if entry.name_raw().len() > ZIP_NAME_BYTES {
        return Err(ZipFault::NameTooLong { limit: ZIP_NAME_BYTES });
    }
    if entry.encrypted() {
        return Err(ZipFault::Encrypted);
    }
    if !matches!(entry.compression(), CompressionMethod::Stored | CompressionMethod::Deflated) {
        return Err(ZipFault::Method);
    }
    let entry = container.by_index(index).map_err(|_| ZipFault::Damaged)?;
    // Not more than the ratio allows, whatever the entry claims; a vector that doubles would take twice the bytes.
    into.reserve_exact(usize::try_from(stated.min(packed.saturating_mul(ZIP_RATIO))).unwrap_or(room).min(room));
    inflate(entry, packed, room, into)
}

/// Unpacks in pieces, so that a bomb is noticed when it has become too large and not when it has gone off.
fn inflate(entry: ZipFile<'_, Cursor<&[u8]>>, packed: u64, room: usize, into: &mut Vec<u8>) -> Result<(), ZipFault> {
    let mut entry = entry.take(room as u64 + 1);
    loop {
        let read = entry.by_ref().take(ZIP_RATIO_FLOOR as u64).read_to_end(into).map_err(|_| ZipFault::Damaged)?;
        if into.len() > ZIP_RATIO_FLOOR && into.len() as u64 > packed.saturating_mul(ZIP_RATIO) {
            return Err(ZipFault::Bomb { ratio: ZIP_RATIO });
        }
        if into.len() > room {
            return Err(ZipFault::EntryTooLarge { limit: ZIP_ENTRY_BYTES });
        }
        if read == 0 {
            return Ok(());
        }
    }
}
