//! One commit as it lies in the journal.
//!
//! `magic (4) | payload length (4) | seq (8) | previous chain (32) | records (8) | sum (8) | crc32 of all but magic and itself
//! (4) | payload`. The payload is a row of changes: `1 | key length (2) | key | value length (4) | value` puts, `0 | key length
//! (2) | key` removes. Numbers are little-endian.

use crate::changes::{Changed, Records};
use crate::engine::Change;
use crate::error::{Result, StoreError, damaged};
use crate::state::{Chain, State, chained};

const MAGIC: &[u8; 4] = b"PXJ1";
const HEADER: usize = 68;

/// A commit read from the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame<'a> {
    /// Chain before this commit.
    pub previous: Chain,
    /// The state after this commit.
    pub state: State,
    payload: &'a [u8],
}

/// The payload for these records.
pub(crate) fn payload(records: &Records) -> Result<Vec<u8>> {
    let mut payload = Vec::new();
    for (key, Changed { new: record, .. }) in records {
        let too_large = || StoreError::TooLarge { what: "a commit".to_owned(), bytes: payload.len() };
        let key_length = u16::try_from(key.len()).map_err(|_| too_large())?;
        let value_length = u32::try_from(record.as_ref().map_or(0, Vec::len)).map_err(|_| too_large())?;
        payload.push(u8::from(record.is_some()));
        payload.extend(key_length.to_le_bytes());
        payload.extend(key);
        if let Some(record) = record {
            payload.extend(value_length.to_le_bytes());
            payload.extend(record);
        }
    }
    Ok(payload)
}

/// The bytes of a commit that leads to `state`.
pub(crate) fn encode(previous: &Chain, state: &State, payload: &[u8]) -> Result<Vec<u8>> {
    let length = u32::try_from(payload.len()).map_err(|_| StoreError::TooLarge { what: "a commit".to_owned(), bytes: payload.len() })?;
    let mut frame = Vec::with_capacity(HEADER + payload.len());
    frame.extend(MAGIC);
    frame.extend(length.to_le_bytes());
    frame.extend(state.seq.to_le_bytes());
    frame.extend(previous);
    frame.extend(state.records.to_le_bytes());
    frame.extend(state.sum.to_le_bytes());
    let crc = checksum(frame.get(MAGIC.len()..).unwrap_or_default(), payload);
    frame.extend(crc.to_le_bytes());
    frame.extend(payload);
    Ok(frame)
}

fn checksum(header: &[u8], payload: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(header);
    crc.update(payload);
    crc.finalize()
}

impl<'a> Frame<'a> {
    /// The frame at the start of these bytes and its length; none when there is no whole, undamaged one.
    fn parse(bytes: &'a [u8]) -> Option<(Self, usize)> {
        let header = bytes.get(MAGIC.len()..HEADER - 4)?;
        let rest = bytes.strip_prefix(MAGIC)?;
        let (length, rest) = rest.split_first_chunk()?;
        let (seq, rest) = rest.split_first_chunk()?;
        let (previous, rest) = rest.split_first_chunk()?;
        let (records, rest) = rest.split_first_chunk()?;
        let (sum, rest) = rest.split_first_chunk()?;
        let (crc, rest) = rest.split_first_chunk()?;
        let payload = rest.get(..u32::from_le_bytes(*length) as usize)?;
        if u32::from_le_bytes(*crc) != checksum(header, payload) {
            return None;
        }
        let seq = u64::from_le_bytes(*seq);
        let state =
            State { seq, chain: chained(previous, seq, payload), records: u64::from_le_bytes(*records), sum: u64::from_le_bytes(*sum) };
        Some((Self { previous: *previous, state, payload }, HEADER + payload.len()))
    }

    /// Its changes, in the order of their keys.
    pub(crate) fn changes(&self) -> Result<Vec<Change<'a>>> {
        let mut changes = Vec::new();
        let mut rest = self.payload;
        while !rest.is_empty() {
            let (change, after) = parse_change(rest).ok_or_else(|| damaged(format!("commit {} of the journal", self.state.seq)))?;
            changes.push(change);
            rest = after;
        }
        Ok(changes)
    }
}

fn parse_change(bytes: &[u8]) -> Option<(Change<'_>, &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    let (length, rest) = rest.split_first_chunk()?;
    let (key, rest) = rest.split_at_checked(u16::from_le_bytes(*length) as usize)?;
    match tag {
        0 => Some(((key, None), rest)),
        1 => {
            let (length, rest) = rest.split_first_chunk()?;
            let (value, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
            Some(((key, Some(value)), rest))
        }
        _ => None,
    }
}

/// The undamaged frames of a file. Bytes that are none are skipped: a bad frame costs itself and nothing else.
pub(crate) struct Frames<'a> {
    bytes: &'a [u8],
    at: usize,
    /// End of the last undamaged frame.
    pub clean_end: usize,
}

impl<'a> Frames<'a> {
    pub(crate) fn of(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, clean_end: 0 }
    }
}

impl<'a> Iterator for Frames<'a> {
    type Item = Frame<'a>;

    fn next(&mut self) -> Option<Frame<'a>> {
        loop {
            let rest = self.bytes.get(self.at..)?;
            if let Some((frame, length)) = Frame::parse(rest) {
                self.at += length;
                self.clean_end = self.at;
                return Some(frame);
            }
            let next = memchr::memmem::find(rest.get(1..)?, MAGIC)?;
            self.at += 1 + next;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;

    fn journal(commits: u8) -> (Vec<u8>, Vec<State>) {
        let (mut bytes, mut states) = (Vec::new(), vec![State::default()]);
        for number in 1..=commits {
            let put = Changed { old: None, new: Some(vec![number; 5]) };
            let remove = Changed { old: Some(vec![1]), new: None };
            let records = Records::from([(vec![number], put), (b"gone".to_vec(), remove)]);
            let payload = payload(&records).unwrap();
            let last = states.last().unwrap();
            let seq = u64::from(number);
            let state = State { seq, chain: chained(&last.chain, seq, &payload), records: seq, sum: 3 * seq };
            bytes.extend(encode(&last.chain, &state, &payload).unwrap());
            states.push(state);
        }
        (bytes, states)
    }

    #[test]
    fn frames_read_back_in_a_chain() {
        let (bytes, states) = journal(3);
        let frames: Vec<Frame<'_>> = Frames::of(&bytes).collect();
        assert_eq!(frames.iter().map(|frame| frame.state).collect::<Vec<_>>(), states[1..]);
        for (frame, before) in frames.iter().zip(&states) {
            assert_eq!(frame.previous, before.chain);
        }
        assert_eq!(frames[1].changes().unwrap(), [([2_u8].as_slice(), Some([2_u8; 5].as_slice())), (b"gone".as_slice(), None)]);
    }

    #[test]
    fn a_flipped_bit_costs_one_frame() {
        let (bytes, states) = journal(3);
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let found: Vec<u64> = Frames::of(&flipped).map(|frame| frame.state.seq).collect();
            let hit = (bit / 8) / (bytes.len() / 3) + 1;
            let expected: Vec<u64> = (1..states.len() as u64).filter(|seq| *seq != hit as u64).collect();
            assert_eq!(found, expected, "bit {bit}");
        }
    }

    #[test]
    fn a_torn_tail_is_dropped_at_every_length() {
        let (bytes, _) = journal(3);
        let one = bytes.len() / 3;
        for length in 0..bytes.len() {
            let mut frames = Frames::of(&bytes[..length]);
            assert_eq!(frames.by_ref().count(), length / one);
            assert_eq!(frames.clean_end, length / one * one);
        }
    }
}
