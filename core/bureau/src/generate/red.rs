//! Which red invoice (红字发票) cancels which blue one: a fixed pairing of positions, computed in both directions.
//!
//! Positions are cut into blocks of 30; the last of each block may hold a red invoice. Blocks form groups of about ten days.
//! The red ones of a group cancel one invoice in each block of the group before, in shuffled order, so that a red invoice
//! comes a few days to a few weeks after its blue one, and no blue one is cancelled twice.

use super::calendar::Calendar;
use crate::dice::Dice;

/// One red invoice in about thirty.
const BLOCK: u64 = 30;
/// Days between two groups.
const GROUP_DAYS: u64 = 10;

/// The pairing of one lane.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pairing {
    seed: u64,
    lane: u64,
    /// Blocks in a group, a power of two.
    group: u64,
}

impl Pairing {
    pub(crate) fn new(seed: u64, lane: u64, total: u64, calendar: &Calendar) -> Self {
        let days = calendar.anchor().max(1) as u64;
        let blocks = total * GROUP_DAYS / days / BLOCK;
        Self { seed, lane, group: blocks.max(1).next_power_of_two() }
    }

    /// The blue position that the invoice at `index` cancels, if `index` is a place for a red one.
    pub(crate) fn blue_of(&self, index: u64) -> Option<u64> {
        let (block, place) = (index / BLOCK, index % BLOCK);
        if place != BLOCK - 1 {
            return None;
        }
        let (group, within) = (block / self.group, block % self.group);
        let (factor, shift) = self.shuffle(group);
        let cancelled = group.checked_sub(1)? * self.group + (within.wrapping_mul(factor).wrapping_add(shift) & (self.group - 1));
        Some(cancelled * BLOCK + self.cancelled_place(cancelled))
    }

    /// The red position that cancels the invoice at `index`, if any does.
    pub(crate) fn red_of(&self, index: u64) -> Option<u64> {
        let (block, place) = (index / BLOCK, index % BLOCK);
        if place != self.cancelled_place(block) {
            return None;
        }
        let (group, within) = (block / self.group + 1, block % self.group);
        let (factor, shift) = self.shuffle(group);
        let red = within.wrapping_sub(shift).wrapping_mul(inverse(factor)) & (self.group - 1);
        Some((group * self.group + red) * BLOCK + BLOCK - 1)
    }

    /// Odd factor and shift that shuffle a group's blocks.
    fn shuffle(&self, group: u64) -> (u64, u64) {
        let mut dice = Dice::new(self.seed, &[0x4ED, self.lane, group]);
        (dice.next() | 1, dice.next())
    }

    fn cancelled_place(&self, block: u64) -> u64 {
        Dice::new(self.seed, &[0xB1E, self.lane, block]).below(BLOCK - 1)
    }
}

/// Inverse of an odd number modulo 2^64, by Newton's iteration: each round doubles the bits that are right.
fn inverse(odd: u64) -> u64 {
    (0..6).fold(odd, |x, _| x.wrapping_mul(2u64.wrapping_sub(odd.wrapping_mul(x))))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn blue_and_red_name_each_other(seed: u64, total in 1u64..2_000_000, index in 0u64..2_000_000) {
            let pairing = Pairing::new(seed, 3, total, &Calendar::new(date(2026, 8, 1)));
            if let Some(blue) = pairing.blue_of(index) {
                prop_assert!(blue < index);
                prop_assert_eq!(pairing.red_of(blue), Some(index));
                prop_assert_eq!(pairing.blue_of(blue), None, "a red invoice is not cancelled");
            }
            if let Some(red) = pairing.red_of(index) {
                prop_assert_eq!(pairing.blue_of(red), Some(index));
            }
        }
    }

    #[test]
    fn one_in_thirty_is_red() {
        let pairing = Pairing::new(1, 0, 30_000, &Calendar::new(date(2026, 8, 1)));
        let reds = (0..30_000).filter(|index| pairing.blue_of(*index).is_some()).count();
        assert!((950..=1000).contains(&reds), "{reds}");
    }
}
