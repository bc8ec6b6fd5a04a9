//! What a commit leaves behind: its number, the hash of everything before, and how many records there are.

use sha2::{Digest as _, Sha256};

/// Hash that chains the commits.
pub(crate) type Chain = [u8; 32];

/// Bytes of an encoded [`State`].
pub(crate) const STATE_BYTES: usize = 56;

/// Where the store stands after a commit. Journal, sled, snapshots and manifest each carry one; that is how a file that opens
/// without an error and is empty or old is found out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct State {
    /// Number of the commit; 0 before the first.
    pub seq: u64,
    /// SHA-256 over all commits up to this one.
    pub chain: Chain,
    /// Number of records.
    pub records: u64,
    /// Sum of [`print()`] over all records, modulo 2^64: independent of their order.
    pub sum: u64,
}

impl State {
    /// Counts a record in.
    pub(crate) fn count(&mut self, key: &[u8], value: &[u8]) {
        self.records = self.records.wrapping_add(1);
        self.sum = self.sum.wrapping_add(print(key, value));
    }

    /// Counts a record out.
    pub(crate) fn discount(&mut self, key: &[u8], value: &[u8]) {
        self.records = self.records.wrapping_sub(1);
        self.sum = self.sum.wrapping_sub(print(key, value));
    }

    /// Counts in what another one has counted.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.records = self.records.wrapping_add(other.records);
        self.sum = self.sum.wrapping_add(other.sum);
    }

    /// True when both count the same records.
    pub(crate) fn counts_like(&self, other: &Self) -> bool {
        (self.records, self.sum) == (other.records, other.sum)
    }

    pub(crate) fn encode(&self) -> [u8; STATE_BYTES] {
        let mut bytes = [0; STATE_BYTES];
        let parts = [self.seq.to_le_bytes().as_slice(), &self.chain, &self.records.to_le_bytes(), &self.sum.to_le_bytes()].concat();
        bytes.copy_from_slice(&parts);
        bytes
    }

    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let (seq, rest) = bytes.split_first_chunk()?;
        let (chain, rest) = rest.split_first_chunk()?;
        let (records, rest) = rest.split_first_chunk()?;
        let (sum, rest) = rest.split_first_chunk()?;
        let state =
            Self { seq: u64::from_le_bytes(*seq), chain: *chain, records: u64::from_le_bytes(*records), sum: u64::from_le_bytes(*sum) };
        rest.is_empty().then_some(state)
    }
}

/// The chain after a commit with this payload.
pub(crate) fn chained(previous: &Chain, seq: u64, payload: &[u8]) -> Chain {
    let mut hash = Sha256::new();
    hash.update(previous);
    hash.update(seq.to_le_bytes());
    hash.update(payload);
    hash.finalize().into()
}

/// 64 bits that stand for a record.
fn print(key: &[u8], value: &[u8]) -> u64 {
    let mixed = (u64::from(crc32fast::hash(key)) << 32) | u64::from(crc32fast::hash(value));
    // The finaliser of SplitMix64: without it two swapped values would give the same sum.
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counting_is_undone_and_independent_of_order() {
        let (mut one, mut two) = (State::default(), State::default());
        one.count(b"a", b"1");
        one.count(b"b", b"2");
        two.count(b"b", b"2");
        two.count(b"x", b"y");
        two.count(b"a", b"1");
        assert!(!one.counts_like(&two));
        two.discount(b"x", b"y");
        assert!(one.counts_like(&two));
        let mut swapped = State::default();
        swapped.count(b"a", b"2");
        swapped.count(b"b", b"1");
        assert!(!one.counts_like(&swapped));
    }

    #[test]
    fn reads_back() {
        let state = State { seq: 7, chain: chained(&[1; 32], 7, b"x"), records: 9, sum: u64::MAX };
        assert_eq!(State::decode(&state.encode()), Some(state));
        assert_eq!(State::decode(&state.encode()[1..]), None);
    }
}
