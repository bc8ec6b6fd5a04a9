//! Ranges of days and months, Asia/Shanghai.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Longest range that one query of 全量发票查询 takes, in days.
pub const QUERY_DAYS: i32 = 31;

/// Days from `from` to `to`, both included. Never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct DateRange {
    /// First day.
    #[cfg_attr(feature = "schema", schema(value_type = String, format = Date))]
    from: Date,
    /// Last day.
    #[cfg_attr(feature = "schema", schema(value_type = String, format = Date))]
    to: Date,
}

impl DateRange {
    /// None when `to` lies before `from`.
    #[must_use]
    pub fn new(from: Date, to: Date) -> Option<Self> {
        (from <= to).then_some(Self { from, to })
    }

    /// One day.
    #[must_use]
    pub fn day(day: Date) -> Self {
        Self { from: day, to: day }
    }

    /// A whole month; none when there is no such month.
    #[must_use]
    pub fn month(year: i16, month: i8) -> Option<Self> {
        let from = Date::new(year, month, 1).ok()?;
        Some(Self { from, to: from.last_of_month() })
    }

    /// First day.
    #[must_use]
    pub fn from(&self) -> Date {
        self.from
    }

    /// Last day.
    #[must_use]
    pub fn to(&self) -> Date {
        self.to
    }

    /// Number of days, at least 1.
    #[must_use]
    pub fn days(&self) -> i32 {
        self.from.until(self.to).map_or(1, |span| span.get_days() + 1)
    }

    /// True when the day lies within.
    #[must_use]
    pub fn contains(&self, day: Date) -> bool {
        self.from <= day && day <= self.to
    }

    /// The days that both ranges hold.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Option<Self> {
        Self::new(self.from.max(other.from), self.to.min(other.to))
    }

    /// Pieces that end with a month at the latest: the bureau never answers across months, and no month is longer than
    /// [`QUERY_DAYS`].
    #[must_use]
    pub fn split_by_month(&self) -> Vec<Self> {
        let mut pieces = Vec::new();
        let mut from = self.from;
        loop {
            let to = from.last_of_month().min(self.to);
            pieces.push(Self { from, to });
            match to.checked_add(1.day()) {
                Ok(next) if next <= self.to => from = next,
                _ => return pieces,
            }
        }
    }

    /// Two halves, for a range that held too many invoices; none for a single day.
    #[must_use]
    pub fn halves(&self) -> Option<(Self, Self)> {
        let days = self.days();
        if days < 2 {
            return None;
        }
        let middle = self.from.checked_add((days / 2 - 1).days()).ok()?;
        let next = middle.checked_add(1.day()).ok()?;
        Some((Self { from: self.from, to: middle }, Self { from: next, to: self.to }))
    }
}

/// A calendar month, such as 税款所属期. Written `2026-10`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    first: Date,
}

/// A text that is no month.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a month: {0:?}")]
pub struct MonthError(pub String);

impl Month {
    /// The month that a day lies in.
    #[must_use]
    pub fn of(day: Date) -> Self {
        Self { first: day.first_of_month() }
    }

    /// Its first day.
    #[must_use]
    pub fn first(self) -> Date {
        self.first
    }

    /// Its last day.
    #[must_use]
    pub fn last(self) -> Date {
        self.first.last_of_month()
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.first.year(), self.first.month())
    }
}

impl FromStr for Month {
    type Err = MonthError;

    /// `2026-10`, `202610`, `2026/10` or `2026年10月`; years 2000 to 2099.
    fn from_str(text: &str) -> Result<Self, MonthError> {
        let wrong = || MonthError(text.chars().take(20).collect());
        let plain = text.trim().trim_end_matches('月');
        let (year, month) = plain.split_once(['-', '/', '年']).or_else(|| plain.split_at_checked(4)).ok_or_else(wrong)?;
        if year.len() != 4 || !(1..=2).contains(&month.len()) || !year.bytes().chain(month.bytes()).all(|b| b.is_ascii_digit()) {
            return Err(wrong());
        }
        let (year, month) = (year.parse().map_err(|_| wrong())?, month.parse().map_err(|_| wrong())?);
        if !(2000..2100).contains(&year) {
            return Err(wrong());
        }
        Date::new(year, month, 1).map(|first| Self { first }).map_err(|_| wrong())
    }
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(feature = "schema")]
impl utoipa::PartialSchema for Month {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        String::schema()
    }
}

#[cfg(feature = "schema")]
impl utoipa::ToSchema for Month {}

/// The calendar day in Asia/Shanghai. China keeps one zone, UTC+8, without summer time since 1992, so no time zone data
/// is needed on the machine.
#[must_use]
pub fn shanghai_day(now: Timestamp) -> Date {
    now.to_zoned(TimeZone::fixed(jiff::tz::offset(8))).date()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn range(from: Date, to: Date) -> DateRange {
        DateRange::new(from, to).unwrap()
    }

    #[test]
    fn months_are_split_at_their_ends() {
        let pieces = range(date(2026, 1, 30), date(2026, 3, 2)).split_by_month();
        assert_eq!(
            pieces,
            [
                range(date(2026, 1, 30), date(2026, 1, 31)),
                range(date(2026, 2, 1), date(2026, 2, 28)),
                range(date(2026, 3, 1), date(2026, 3, 2))
            ]
        );
    }

    #[test]
    fn months_are_read_in_every_spelling() {
        for text in ["2026-10", "202610", "2026/10", "2026年10月", " 2026-10 "] {
            assert_eq!(text.parse::<Month>().unwrap().to_string(), "2026-10", "{text}");
        }
        for text in ["2026", "2026-13", "2026-1-1", "20261001", "26-10", "二〇二六年十月", "", "年", "+026-1"] {
            assert!(text.parse::<Month>().is_err(), "{text}");
        }
        assert_eq!(Month::of(date(2026, 2, 5)).last(), date(2026, 2, 28));
    }

    #[test]
    fn a_day_cannot_be_halved() {
        assert_eq!(range(date(2026, 5, 1), date(2026, 5, 1)).halves(), None);
        assert_eq!(DateRange::new(date(2026, 5, 2), date(2026, 5, 1)), None);
    }

    #[test]
    fn the_day_is_that_of_shanghai() {
        assert_eq!(shanghai_day("2026-10-31T16:00:00Z".parse().unwrap()), date(2026, 11, 1));
        assert_eq!(shanghai_day("2026-10-31T15:59:59Z".parse().unwrap()), date(2026, 10, 31));
    }

    proptest! {
        #[test]
        fn pieces_cover_the_range_once(start in 0i32..4000, days in 0i32..800) {
            let from = date(2018, 1, 1).checked_add(start.days()).unwrap();
            let whole = range(from, from.checked_add(days.days()).unwrap());
            let pieces = whole.split_by_month();
            prop_assert_eq!(pieces.iter().map(DateRange::days).sum::<i32>(), whole.days());
            prop_assert!(pieces.iter().all(|piece| piece.days() <= QUERY_DAYS));
            if let Some((left, right)) = whole.halves() {
                prop_assert_eq!(left.days() + right.days(), whole.days());
                prop_assert_eq!(left.to().tomorrow().unwrap(), right.from());
            }
        }
    }
}
