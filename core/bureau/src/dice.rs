//! Numbers that look random and follow from a seed.

/// A stream of numbers from a seed and a place.
///
/// SplitMix64 (Steele, Lea, Flood 2014), written out here because the invoices of a seed must never change, not even when a
/// library changes its generator.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    /// The stream that belongs to this place; other places have streams of their own.
    pub(crate) fn new(seed: u64, place: &[u64]) -> Self {
        let mut state = mix(seed ^ 0x5EED_0F71_CE75_A1ED);
        for part in place {
            state = mix(state ^ part.wrapping_mul(0xD6E8_FEB8_6659_FD93));
        }
        Self(state)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// A number from 0 up to and without `limit`; 0 when the limit is 0.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(limit)) >> 64) as u64
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below(high.abs_diff(low) + 1) as i64
    }

    /// A number from `low` to `high` that is more often small: amounts of trade are.
    pub(crate) fn skewed(&mut self, low: i64, high: i64) -> i64 {
        let part = i128::from(self.below(10_001) as i64);
        low + (i128::from(high - low) * part * part * part / 1_000_000_000_000) as i64
    }

    /// True this many times in a thousand.
    pub(crate) fn chance(&mut self, per_mille: u64) -> bool {
        self.below(1000) < per_mille
    }

    /// One of the values; an empty list does not compile.
    #[expect(clippy::indexing_slicing, reason = "below(N) lies within a list of N")]
    pub(crate) fn pick<'a, T, const N: usize>(&mut self, from: &'a [T; N]) -> &'a T {
        const { assert!(N > 0) };
        &from[self.below(N as u64) as usize]
    }

    /// One of the values, each as often as its weight says; none when all weights are 0.
    pub(crate) fn weighted<T: Copy>(&mut self, from: &[(T, u32)]) -> Option<T> {
        let all = from.iter().map(|(_, weight)| u64::from(*weight)).sum();
        let mut left = self.below(all);
        for (value, weight) in from {
            match left.checked_sub(u64::from(*weight)) {
                Some(rest) => left = rest,
                None => return Some(*value),
            }
        }
        None
    }

    /// Decimal digits.
    pub(crate) fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'0' + self.below(10) as u8)).collect()
    }
}

fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;

    #[test]
    fn the_stream_of_a_seed_never_changes() {
        // First output of the published SplitMix64 for state 0.
        assert_eq!(Dice(0).next(), 0xE220_A839_7B1D_CDAF);
        assert_eq!(Dice::new(2026, &[1, 2, 3]).next(), 527_387_750_405_454_589);
    }

    #[test]
    fn every_face_comes_up_and_no_other() {
        let mut dice = Dice::new(1, &[]);
        let mut seen = [0u32; 6];
        for _ in 0..6000 {
            seen[dice.below(6) as usize] += 1;
        }
        assert!(seen.iter().all(|count| (800..1200).contains(count)), "{seen:?}");
        let weights = [('a', 0), ('b', 3), ('c', 1)];
        let picked: String = (0..400).filter_map(|_| dice.weighted(&weights)).collect();
        assert!(!picked.contains('a') && picked.matches('b').count() > 2 * picked.matches('c').count());
        assert_eq!(Dice::new(1, &[]).weighted(&[('a', 0)]), None);
    }

    #[test]
    fn ranges_hold_their_ends() {
        let mut dice = Dice::new(7, &[]);
        let values: Vec<i64> = (0..500).map(|_| dice.between(-2, 2)).collect();
        assert_eq!((values.iter().min(), values.iter().max()), (Some(&-2), Some(&2)));
        assert!((0..500).all(|_| (10..=90).contains(&dice.skewed(10, 90))));
    }
}
