//! What was written and what was read back, made comparable.

use std::hash::{DefaultHasher, Hash, Hasher};

use piaoxia_domain::Money;

/// Count, sums and a hash of all values of a file. Made twice: while writing from the invoices, while reading back from
/// the file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Proof {
    rows: u64,
    sums: Vec<Money>,
    values: DefaultHasher,
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
        (row, column).hash(&mut self.values);
        value.hash(&mut self.values);
    }

    /// A number of a workbook, bit for bit.
    pub(crate) fn number(&mut self, row: u64, column: usize, number: f64) {
        self.value(row, column, number.to_bits());
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

#[cfg(test)]
mod tests {
    use super::*;

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
