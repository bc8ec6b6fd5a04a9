//! Which copies of a backup stay. A ledger that is worked with is copied many times a day; a mistake of today must not cost what was
//! there yesterday, nor one that is noticed late what was there a week ago.

use jiff::{SignedDuration, Timestamp};
use piaoxia_domain::period::shanghai_day;

/// The age at which the oldest copy is worth most.
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Those of the `earlier` copies, made at these times, that stay beside the `newest`, by their place. First the latest one of an earlier
/// day, or the latest at all where none is of an earlier day; then, of the others, the one whose age is nearest to a week. The second
/// one grows old until another is nearer, so that there is one of some days before as soon as the first copy is that old.
pub(crate) fn stay(newest: Timestamp, earlier: &[Timestamp]) -> [Option<usize>; 2] {
    let today = shanghai_day(newest);
    let all = || earlier.iter().copied().enumerate();
    let of_before = all().filter(|(_, at)| shanghai_day(*at) < today).max_by_key(|(_, at)| *at);
    let first = of_before.or_else(|| all().max_by_key(|(_, at)| *at)).map(|(place, _)| place);
    let from_week = |at: Timestamp| (newest.duration_since(at) - WEEK).abs();
    let second = all().filter(|(place, _)| Some(*place) != first).min_by_key(|(_, at)| from_week(*at)).map(|(place, _)| place);
    [first, second]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("{text}+08").parse().unwrap()
    }

    /// The copies that are there after one was made now.
    fn made(copies: &mut Vec<Timestamp>, now: Timestamp) {
        let staying = stay(now, copies);
        let mut left: Vec<Timestamp> = staying.into_iter().flatten().filter_map(|place| copies.get(place).copied()).collect();
        left.sort();
        left.push(now);
        *copies = left;
    }

    #[test]
    fn one_of_an_earlier_day_and_one_of_a_week_before_outlast_many_of_today() {
        let [week, yesterday] = [at("2026-11-03T10:00:00"), at("2026-11-09T23:59:00")];
        let mut copies = vec![week, at("2026-11-09T09:00:00"), yesterday];
        let first = at("2026-11-10T00:01:00");
        for copy in 0..100 {
            made(&mut copies, first + SignedDuration::from_secs(copy * 60));
            assert_eq!(copies.iter().copied().take(2).collect::<Vec<_>>(), [week, yesterday], "after {copy} more");
        }
    }

    #[test]
    fn on_the_first_day_the_first_and_the_last_two_are_there() {
        let times = ["09:00", "09:01", "12:00", "17:00"].map(|time| at(&format!("2026-11-10T{time}:00")));
        let mut copies = Vec::new();
        for time in times {
            made(&mut copies, time);
        }
        let [first, _, third, fourth] = times;
        assert_eq!(copies, [first, third, fourth]);
        assert_eq!(stay(first, &[]), [None, None]);
    }

    #[test]
    fn day_after_day_there_is_always_one_of_some_days_before() {
        let start = at("2026-11-10T09:00:00");
        let mut copies = Vec::new();
        for day in 0..60 {
            for hour in [0, 3, 8] {
                let now = start + SignedDuration::from_hours(day * 24 + hour);
                made(&mut copies, now);
                let ages: Vec<i64> = copies.iter().map(|copy| now.duration_since(*copy).as_hours()).collect();
                assert!(copies.len() <= 3, "{ages:?}");
                // That of 17:00 the day before.
                assert!(day < 1 || ages.contains(&(16 + hour)), "day {day}: {ages:?}");
                assert!(day < 2 || ages.iter().any(|hours| (36..=13 * 24).contains(hours)), "day {day}: {ages:?}");
            }
        }
    }

    #[test]
    fn a_copy_of_a_clock_that_was_ahead_goes_first() {
        let future = at("2099-01-01T00:00:00");
        let earlier = [at("2026-11-03T10:00:00"), at("2026-11-09T10:00:00"), future];
        assert_eq!(stay(at("2026-11-10T10:00:00"), &earlier), [Some(1), Some(0)]);
    }
}
