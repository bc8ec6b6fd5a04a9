//! What was written and what was read back, made comparable.

use std::hash::{Hash, Hasher};

use piaoxia_domain::Money;

/// Count, sums and a hash of all values of a file. Made twice: while writing from the invoices, while reading back from
/// the file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Proof {
    rows: u64,
    sums: Vec<Money>,
    values: Folded,
}

impl Proof {
    /// For a table with so many columns.
    pub(crate) fn with_columns(columns: usize) -> Self {
        Self { sums: vec![Money::ZERO; columns], ..Self::default() }
    }

    /// A row, record or entry begins.
    pub(crate) fn row(&mut self) {
        self.rows += 1;
    }

    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    /// A value at its place.
    pub(crate) fn value(&mut self, row: u64, column: usize, value: impl Hash) {
        self.place(row, column);
        value.hash(&mut self.values);
    }

    /// A value's bytes at their place.
    pub(crate) fn bytes(&mut self, row: u64, column: usize, bytes: &[u8]) {
        self.place(row, column);
        self.values.write(bytes);
    }

    /// The digits of a number at their place.
    pub(crate) fn number(&mut self, row: u64, column: usize, digits: &[u8]) {
        self.bytes(row, column, digits);
        self.values.write_u64(1);
    }

    fn place(&mut self, row: u64, column: usize) {
        // No table has so many columns that two places come to one number.
        self.values.write_u64((row << 16) ^ column as u64);
    }

    /// Adds to the sum of a column.
    pub(crate) fn add(&mut self, column: usize, amount: Money) {
        if let Some(sum) = self.sums.get_mut(column) {
            *sum += amount;
        }
    }

    /// Sum of a column.
    pub(crate) fn sum(&self, column: usize) -> Money {
        self.sums.get(column).copied().unwrap_or_default()
    }

    /// In what the file that was read differs; none when it holds what was written.
    pub(crate) fn difference(&self, read: &Self) -> Option<String> {
        if self.rows != read.rows {
            return Some(format!("{} rows instead of {}", read.rows, self.rows));
        }
        if let Some((written, read)) = self.sums.iter().zip(&read.sums).find(|(written, read)| written != read) {
            return Some(format!("a sum of {read} instead of {written}"));
        }
        (self.values.finish() != read.values.finish()).then(|| "a changed value".to_owned())
    }
}

/// Eight bytes at a time, each folded into a product of 128 bits: it has to find what went wrong, not who meant harm, and every value of
/// an export passes through it twice.
#[derive(Clone, Debug, Default)]
struct Folded(u64);

impl Folded {
    fn fold(&mut self, word: u64) {
        // Odd, half of its bits set: the golden ratio.
        let product = u128::from(self.0 ^ word ^ 0xA076_1D64_78BD_642F) * u128::from(0x9E37_79B9_7F4A_7C15_u64);
        self.0 = product as u64 ^ (product >> 64) as u64;
    }
}

impl Hasher for Folded {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.fold(u64::from_le_bytes(*word));
        }
        let last = match (rest.first_chunk::<4>(), rest.last_chunk::<4>()) {
            (Some(first), Some(last)) => u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last)),
            _ => rest.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)),
        };
        self.fold(last);
        // What ends in zeros is another text than without them.
        self.fold(bytes.len() as u64);
    }

    fn write_u64(&mut self, number: u64) {
        self.fold(number);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_any_length_are_told_apart() {
        let of = |bytes: &[u8]| {
            let mut proof = Proof::default();
            proof.bytes(1, 1, bytes);
            proof
        };
        for length in 0..40 {
            let text = vec![0_u8; length];
            assert!(of(&text).difference(&of(&vec![0; length + 1])).is_some());
            for bit in 0..length * 8 {
                let mut other = text.clone();
                if let Some(byte) = other.get_mut(bit / 8) {
                    *byte ^= 1 << (bit % 8);
                }
                assert!(of(&text).difference(&of(&other)).is_some(), "bit {bit} of {length} bytes");
            }
        }
    }

    #[test]
    fn every_difference_is_seen() {
        let proof = |rows: u64, fen: i64, text: &str| {
            let mut proof = Proof::with_columns(2);
            (0..rows).for_each(|_| proof.row());
            proof.add(1, Money::from_fen(fen));
            proof.value(0, 0, text);
            proof
        };
        let written = proof(2, 100, "甲");
        assert_eq!(written.difference(&proof(2, 100, "甲")), None);
        assert!(written.difference(&proof(1, 100, "甲")).is_some_and(|what| what.contains("rows")));
        assert!(written.difference(&proof(2, 101, "甲")).is_some_and(|what| what.contains("1.01")));
        assert!(written.difference(&proof(2, 100, "乙")).is_some_and(|what| what.contains("value")));
    }
}
