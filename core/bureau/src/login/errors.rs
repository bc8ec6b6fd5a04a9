//! Errors of a day, and the lock that follows.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use piaoxia_domain::period::shanghai_day;

use super::{ERRORS_A_DAY, midnight_after};
use crate::people::AccountNo;
use crate::register::CompanyNo;

/// Names that nobody has are counted too, but not without end.
const MOST_DOORS: usize = 1_000;

/// What somebody tried to enter by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Door {
    Account(AccountNo),
    /// A login name that the company does not have: it locks like any other, so that trying tells nothing.
    Unknown(CompanyNo, String),
}

/// Errors by door, of the day they were made on.
#[derive(Debug, Default)]
pub(super) struct Errors(BTreeMap<Door, (Date, u32)>);

impl Errors {
    /// Errors left today.
    pub(super) fn left(&self, door: &Door, now: Timestamp) -> u32 {
        let today = shanghai_day(now);
        let made = self.0.get(door).filter(|(day, _)| *day == today).map_or(0, |(_, made)| *made);
        ERRORS_A_DAY.saturating_sub(made)
    }

    /// End of the lock, if there is one.
    pub(super) fn locked_until(&self, door: &Door, now: Timestamp) -> Option<Timestamp> {
        (self.left(door, now) == 0).then(|| midnight_after(shanghai_day(now)))
    }

    /// Counts one more error and says how many are left.
    pub(super) fn add(&mut self, door: Door, now: Timestamp) -> u32 {
        let today = shanghai_day(now);
        if self.0.len() >= MOST_DOORS {
            self.0.retain(|_, (day, _)| *day == today);
        }
        if self.0.len() >= MOST_DOORS && !self.0.contains_key(&door) {
            self.0.pop_last();
        }
        let made = self.0.entry(door.clone()).or_insert((today, 0));
        *made = if made.0 == today { (today, made.1 + 1) } else { (today, 1) };
        self.left(&door, now)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn five_errors_lock_until_midnight() {
        let mut errors = Errors::default();
        let door = Door::Account(AccountNo(1));
        let evening: Timestamp = "2026-05-01T15:59:59Z".parse().unwrap();
        let lefts: Vec<u32> = (0..5).map(|_| errors.add(door.clone(), evening)).collect();
        assert_eq!(lefts, [4, 3, 2, 1, 0]);
        let midnight: Timestamp = "2026-05-01T16:00:00Z".parse().unwrap();
        assert_eq!(errors.locked_until(&door, evening), Some(midnight));
        assert_eq!(errors.locked_until(&door, midnight), None);
        assert_eq!(errors.left(&door, midnight), 5);
        assert_eq!(errors.add(door.clone(), midnight), 4, "yesterday's errors are forgotten");
        assert_eq!(errors.locked_until(&Door::Account(AccountNo(2)), evening), None);
    }

    #[test]
    fn guessing_names_takes_no_memory() {
        let mut errors = Errors::default();
        let now: Timestamp = "2026-05-01T01:00:00Z".parse().unwrap();
        for number in 0..3_000 {
            errors.add(Door::Unknown(CompanyNo(0), number.to_string()), now);
        }
        assert!(errors.0.len() <= MOST_DOORS);
    }
}
