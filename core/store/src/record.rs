//! How a value lies in the engine: versioned, checked, in parts of less than 4 KiB.
//!
//! A record is `version (1) | parts (2) | crc32 of key, version, parts and payload (4) | payload`. A value that is too long
//! continues in part records; its first record tells how many. The first record's version tells how the value is written:
//! as it is (1), or packed (2, see [`crate::pack`]). A value that gains nothing by it is not packed.

use crate::error::{Result, StoreError, damaged};
use crate::pack::{pack, unpack};

/// The value as it is. Also of every part.
const PLAIN: u8 = 1;
/// The value packed.
const PACKED: u8 = 2;
const HEADER: usize = 7;
/// Payload of one record. sled rewrites whole pages: with large values it wastes a multiple of them.
const PART: usize = 3_900;
/// Largest value: an invoice with 10,000 lines has about 3 MB.
const LIMIT: usize = 16 << 20;

/// First byte of a key: what the record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Space {
    /// 发票代码-发票号码 of a 数电纸质 invoice: its 20-digit key. An invoice lies under the former only where a version without aliases has
    /// written since; the two become one when either comes in, or at the next opening.
    Aliases = b'a',
    /// collection, 0, id: JSON of the engine's documents.
    Documents = b'd',
    /// invoice key, 0, commit, number: a change of its state.
    History = b'h',
    /// invoice key: the invoice.
    Invoices = b'i',
    /// invoice key: its lines, as older versions wrote them.
    Lines = b'l',
    /// invoice key, 0, SHA-256: an original of it.
    Originals = b'o',
    /// blue invoice's key, 0, red invoice's key: nothing.
    Reds = b'r',
    /// invoice key, 0, commit, number: a claim of it. Behind the invoices in the order of the keys.
    Claims = b'u',
}

/// Where the state of the store itself lies; not counted as a record.
pub(crate) const STATE_KEY: &[u8] = &[0];
const PARTS: u8 = b'x';

/// The key of a record: the space, then the pieces with a zero byte between.
pub(crate) fn key(space: Space, pieces: &[&[u8]]) -> Vec<u8> {
    let mut key = vec![space as u8];
    key.extend(pieces.join(&0));
    key
}

/// All keys of a space whose first piece is this one.
pub(crate) fn prefix(space: Space, piece: &[u8]) -> Vec<u8> {
    key(space, &[piece, &[]])
}

/// What follows the first piece and its zero byte.
pub(crate) fn last_piece(key: &[u8]) -> Option<&str> {
    let piece = key.splitn(2, |byte| *byte == 0).nth(1)?;
    std::str::from_utf8(piece).ok()
}

/// Key of a part of a long value: parts count from 1.
pub(crate) fn part_key(key: &[u8], part: u16) -> Vec<u8> {
    [&[PARTS], key, &[0], &part.to_be_bytes()].concat()
}

/// The key of the value that a record belongs to: its own, unless it is a part.
pub(crate) fn whole_key(key: &[u8]) -> &[u8] {
    let part = key.strip_prefix(&[PARTS]).and_then(|rest| rest.split_last_chunk::<3>());
    part.map_or(key, |(whole, _)| whole)
}

/// The records of a value, the first one under `key` itself.
pub(crate) fn split(key: &[u8], value: &[u8]) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
    let too_large = || StoreError::TooLarge { what: String::from_utf8_lossy(key).into_owned(), bytes: value.len() };
    if value.len() > LIMIT {
        return Err(too_large());
    }
    let packed = pack(value);
    let (version, written) = packed.as_deref().map_or((PLAIN, value), |packed| (PACKED, packed));
    let first = written.get(..written.len().min(PART)).unwrap_or_default();
    let rest = written.get(first.len()..).unwrap_or_default();
    let parts = u16::try_from(rest.len().div_ceil(PART)).map_err(|_| too_large())?;
    let mut records = vec![(key.to_vec(), encode(key, version, parts, first))];
    for (part, payload) in (1..=parts).zip(rest.chunks(PART)) {
        let key = part_key(key, part);
        let record = encode(&key, PLAIN, 0, payload);
        records.push((key, record));
    }
    Ok(records)
}

fn encode(key: &[u8], version: u8, parts: u16, payload: &[u8]) -> Vec<u8> {
    let mut record = Vec::with_capacity(HEADER + payload.len());
    record.push(version);
    record.extend(parts.to_le_bytes());
    record.extend(checksum(key, version, parts, payload).to_le_bytes());
    record.extend(payload);
    record
}

fn checksum(key: &[u8], version: u8, parts: u16, payload: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(key);
    crc.update(&[version]);
    crc.update(&parts.to_le_bytes());
    crc.update(payload);
    crc.finalize()
}

/// One record, checked.
pub(crate) struct Record<'a> {
    /// Number of further parts.
    pub parts: u16,
    /// What is joined with that of the parts, and then unpacked.
    pub payload: &'a [u8],
    packed: bool,
}

impl Record<'_> {
    /// The value of which these are all the payloads, of the first record and its parts.
    pub(crate) fn value(&self, key: &[u8], joined: Vec<u8>) -> Result<Vec<u8>> {
        if !self.packed {
            return Ok(joined);
        }
        unpack(&joined, LIMIT).ok_or_else(|| damaged(format!("record {}", String::from_utf8_lossy(key))))
    }
}

/// False for a record of a newer version, and for one whose version is damaged.
pub(crate) fn is_of_known_version(record: &[u8]) -> bool {
    matches!(record.first(), Some(&(PLAIN | PACKED)))
}

/// Reads and checks one record.
pub(crate) fn decode<'a>(key: &[u8], record: &'a [u8]) -> Result<Record<'a>> {
    let broken = || damaged(format!("record {}", String::from_utf8_lossy(key)));
    let (version, rest) = record.split_first().ok_or_else(broken)?;
    let (parts, rest) = rest.split_first_chunk().ok_or_else(broken)?;
    let (crc, payload) = rest.split_first_chunk().ok_or_else(broken)?;
    let parts = u16::from_le_bytes(*parts);
    if u32::from_le_bytes(*crc) != checksum(key, *version, parts, payload) {
        return Err(broken());
    }
    if !is_of_known_version(record) {
        return Err(StoreError::TooNew { version: *version });
    }
    Ok(Record { parts, payload, packed: *version == PACKED })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;

    #[test]
    fn long_values_are_split_below_4_kib() {
        let key = key(Space::Lines, &[b"26312000000000000001"]);
        for length in [0, 1, PART, PART + 1, 3 * PART, 1_000_000] {
            // Not to be packed: no byte tells the next.
            let value = crate::tests::sample::noise(length);
            let records = split(&key, &value).unwrap();
            assert!(records.iter().all(|(part, _)| whole_key(part) == key));
            assert!(records.iter().all(|(key, record)| key.len() + record.len() < 4_096));
            let first = decode(&records[0].0, &records[0].1).unwrap();
            assert_eq!(usize::from(first.parts), records.len() - 1);
            let joined: Vec<u8> = records.iter().flat_map(|(key, record)| decode(key, record).unwrap().payload.to_vec()).collect();
            assert_eq!(first.value(&key, joined).unwrap(), value);
        }
        assert!(matches!(split(&key, &vec![0; LIMIT + 1]), Err(StoreError::TooLarge { .. })));
    }

    #[test]
    fn a_flipped_bit_or_a_moved_record_is_found_out() {
        let key = key(Space::Invoices, &[b"1"]);
        let record = encode(&key, PLAIN, 0, b"payload");
        for bit in 0..record.len() * 8 {
            let mut flipped = record.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(matches!(decode(&key, &flipped), Err(StoreError::Damaged { .. })), "bit {bit}");
        }
        assert!(decode(b"i2", &record).is_err());
        assert!((0..record.len()).all(|length| decode(&key, &record[..length]).is_err()));
    }

    #[test]
    fn a_record_of_a_newer_version_is_told_from_damage() {
        let mut record = encode(b"i1", PLAIN, 0, b"payload");
        record[0] = 3;
        let crc = checksum(b"i1", 3, 0, b"payload").to_le_bytes();
        record[3..7].copy_from_slice(&crc);
        assert!(matches!(decode(b"i1", &record), Err(StoreError::TooNew { version: 3 })));
    }
}
