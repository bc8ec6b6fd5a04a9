//! Which invoice falls on which day: by arithmetic, without a list.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday, date};

/// First day of every company's history.
pub(crate) const FIRST_DAY: Date = date(2025, 1, 1);

/// Days after the sandbox was made that it goes on for.
const FUTURE_DAYS: usize = 5 * 366;

/// A day by its number since [`FIRST_DAY`].
pub(crate) type Day = usize;

/// How busy the days are, relative to each other, summed up.
#[derive(Debug)]
pub(crate) struct Calendar {
    /// `before[d]`: weight of all days before day `d`.
    before: Vec<u64>,
    /// Day on which the sandbox was made.
    anchor: Day,
}

/// The invoices of one company and direction, spread over the days.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    /// Invoices before the anchor.
    total: u64,
}

impl Calendar {
    pub(crate) fn new(anchor: Date) -> Self {
        let anchor = day_number(anchor).unwrap_or(0);
        let mut before = vec![0];
        let mut sum = 0;
        let days = FIRST_DAY.series(1.day()).take(anchor + FUTURE_DAYS);
        before.extend(days.map(|day| {
            sum += weight(day);
            sum
        }));
        Self { before, anchor }
    }

    /// Number of days of history when the sandbox was made.
    pub(crate) fn anchor(&self) -> Day {
        self.anchor
    }

    /// The first day that the calendar no longer holds.
    pub(crate) fn end(&self) -> Day {
        self.before.len() - 1
    }
}

impl Spread {
    pub(crate) const fn new(total: u64) -> Self {
        Self { total }
    }

    /// Number of invoices before a day; of all days when the calendar ends earlier.
    pub(crate) fn before(self, calendar: &Calendar, day: Day) -> u64 {
        let weight = |day: Day| calendar.before.get(day).or(calendar.before.last()).copied().unwrap_or(0);
        let whole = weight(calendar.anchor);
        if whole == 0 {
            return 0;
        }
        (u128::from(self.total) * u128::from(weight(day)) / u128::from(whole)) as u64
    }

    /// The day of an invoice by its position; none after the calendar's end.
    pub(crate) fn day_of(self, calendar: &Calendar, index: u64) -> Option<Day> {
        let (mut low, mut high) = (0, calendar.end());
        if index >= self.before(calendar, high) {
            return None;
        }
        // Invariant: before(low) <= index < before(high).
        while high - low > 1 {
            let middle = low.midpoint(high);
            if self.before(calendar, middle) <= index { low = middle } else { high = middle }
        }
        Some(low)
    }
}

/// Busy at month ends, quiet on weekends and holidays.
fn weight(day: Date) -> u64 {
    let usual = match day.weekday() {
        Weekday::Saturday => 4,
        Weekday::Sunday => 2,
        _ => 10,
    };
    match (day.month(), day.day()) {
        (10, 1..=7) | (1, 1) | (5, 1..=3) => 1,
        _ if day.day() + 4 > day.days_in_month() => usual * 2,
        _ => usual,
    }
}

/// None before [`FIRST_DAY`].
pub(crate) fn day_number(day: Date) -> Option<Day> {
    let days = FIRST_DAY.until(day).ok()?.get_days();
    Day::try_from(days).ok()
}

/// The date of a day; the last date there is for numbers beyond it.
pub(crate) fn date_of(day: Day) -> Date {
    FIRST_DAY.saturating_add(i32::try_from(day).unwrap_or(i32::MAX).days())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_history_holds_exactly_what_was_asked() {
        for (anchor, total) in [(date(2026, 10, 31), 1_000_000), (date(2025, 1, 2), 7), (date(2025, 3, 1), 1), (date(2026, 1, 1), 0)] {
            let calendar = Calendar::new(anchor);
            let spread = Spread::new(total);
            assert_eq!(spread.before(&calendar, calendar.anchor()), total);
            assert_eq!(spread.before(&calendar, 0), 0);
        }
    }

    #[test]
    fn a_sandbox_made_before_the_first_day_is_empty() {
        for anchor in [FIRST_DAY, date(1999, 1, 1)] {
            let calendar = Calendar::new(anchor);
            assert_eq!(Spread::new(1000).before(&calendar, calendar.end()), 0);
            assert_eq!(Spread::new(1000).day_of(&calendar, 0), None);
        }
    }

    #[test]
    fn days_and_dates_agree() {
        assert_eq!(day_number(date(2024, 12, 31)), None);
        for day in [0, 1, 364, 365, 700] {
            assert_eq!(day_number(date_of(day)), Some(day));
        }
    }

    proptest! {
        #[test]
        fn an_index_lies_on_its_day(total in 1u64..3_000_000, index in 0u64..3_000_000) {
            let calendar = Calendar::new(date(2026, 6, 30));
            let spread = Spread::new(total);
            if let Some(day) = spread.day_of(&calendar, index) {
                prop_assert!(spread.before(&calendar, day) <= index && index < spread.before(&calendar, day + 1));
            } else {
                prop_assert!(index >= spread.before(&calendar, calendar.end()));
            }
        }
    }
}
