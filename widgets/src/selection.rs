//! Selected rows kept as ranges: ten million selected rows cost one range.

use std::ops::Range;

/// A set of row numbers as sorted, disjoint, non-touching ranges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    ranges: Vec<Range<u64>>,
}

impl Selection {
    /// Nothing selected.
    pub const fn new() -> Self {
        Self { ranges: Vec::new() }
    }

    /// The ranges in ascending order.
    pub fn ranges(&self) -> &[Range<u64>] {
        &self.ranges
    }

    /// All selected rows in ascending order.
    pub fn rows(&self) -> impl Iterator<Item = u64> + '_ {
        self.ranges.iter().cloned().flatten()
    }

    /// How many rows are selected.
    pub fn count(&self) -> u64 {
        self.ranges.iter().map(|range| range.end - range.start).sum()
    }

    /// Whether nothing is selected.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// The only selected row, if there is exactly one.
    pub fn single(&self) -> Option<u64> {
        match self.ranges.as_slice() {
            [only] if only.end - only.start == 1 => Some(only.start),
            _ => None,
        }
    }

    /// Whether a row is selected.
    pub fn contains(&self, row: u64) -> bool {
        let after = self.ranges.partition_point(|range| range.end <= row);
        self.ranges.get(after).is_some_and(|range| range.contains(&row))
    }

    /// Nothing stays selected.
    pub fn clear(&mut self) {
        self.ranges.clear();
    }

    /// Exactly these rows are selected.
    pub fn set(&mut self, rows: Range<u64>) {
        self.ranges.clear();
        if rows.start < rows.end {
            self.ranges.push(rows);
        }
    }

    /// These rows are selected too.
    pub fn add(&mut self, rows: Range<u64>) {
        if rows.start >= rows.end {
            return;
        }
        // Touching ranges grow together, so that the number of ranges stays small.
        let first = self.ranges.partition_point(|range| range.end < rows.start);
        let last = self.ranges.partition_point(|range| range.start <= rows.end);
        let touched = self.ranges.get(first..last).unwrap_or_default();
        let start = touched.first().map_or(rows.start, |range| range.start.min(rows.start));
        let end = touched.last().map_or(rows.end, |range| range.end.max(rows.end));
        self.ranges.splice(first..last.max(first), std::iter::once(start..end));
    }

    /// These rows are no longer selected.
    pub fn remove(&mut self, rows: Range<u64>) {
        if rows.start >= rows.end {
            return;
        }
        let cut = |range: Range<u64>| {
            let before = range.start..range.end.min(rows.start);
            let after = range.start.max(rows.end)..range.end;
            [before, after].into_iter().filter(|part| part.start < part.end)
        };
        self.ranges = std::mem::take(&mut self.ranges).into_iter().flat_map(cut).collect();
    }

    /// Selects a row, or takes it out of the selection.
    pub fn toggle(&mut self, row: u64) {
        if self.contains(row) {
            self.remove(row..row + 1);
        } else {
            self.add(row..row + 1);
        }
    }

    /// Rows from `rows` on do not exist any more.
    pub fn truncate(&mut self, rows: u64) {
        self.remove(rows..u64::MAX);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn behaves_like_a_set() {
        let mut selection = Selection::new();
        let mut model = BTreeSet::new();
        let mut seed = 7_u64;
        for _ in 0..2_000 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let start = (seed >> 33) % 60;
            let rows = start..start + (seed >> 50) % 9;
            match (seed >> 60) % 3 {
                0 => {
                    model.extend(rows.clone());
                    selection.add(rows);
                }
                1 => {
                    model.retain(|row| !rows.contains(row));
                    selection.remove(rows);
                }
                _ => {
                    if !model.remove(&start) {
                        model.insert(start);
                    }
                    selection.toggle(start);
                }
            }
            assert!(selection.rows().eq(model.iter().copied()));
            assert!((0..70).all(|row| selection.contains(row) == model.contains(&row)));
            let apart = selection.ranges().windows(2).all(|pair| matches!(pair, [a, b] if a.end < b.start));
            assert!(apart, "{:?}", selection.ranges());
        }
    }

    #[test]
    fn everything_is_one_range() {
        let mut selection = Selection::new();
        selection.set(0..10_000_000);
        assert_eq!(selection.count(), 10_000_000);
        selection.toggle(5_000_000);
        assert_eq!(selection.ranges(), [0..5_000_000, 5_000_001..10_000_000]);
        selection.truncate(3);
        assert_eq!(selection.count(), 3);
    }
}
