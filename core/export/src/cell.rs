//! A cell of a table, before it is put into any format.

use std::borrow::Cow;

use jiff::Unit;
use jiff::civil::{Date, date};
use piaoxia_domain::Money;
use rust_decimal::Decimal;

use crate::text::cleaned;

/// The significant digits that a spreadsheet keeps; a number with more would be changed, so it stays text.
const DIGITS: u128 = 1_000_000_000_000_000;

/// The value of a cell.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell<'a> {
    Empty,
    Text(Cow<'a, str>),
    /// Digits that are a name, not a number: 发票号码, 识别号.
    Code(Cow<'a, str>),
    Amount(Money),
    /// 数量, 单价.
    Number(Decimal),
    Count(usize),
    Day(Date),
}

impl<'a> Cell<'a> {
    pub(crate) fn text(text: &'a str) -> Self {
        Self::Text(cleaned(text))
    }

    pub(crate) fn code(text: &'a str) -> Self {
        Self::Code(cleaned(text))
    }

    /// As a number of a spreadsheet, which is an IEEE double by the format's own rule (ECMA-376 part 1, 18.3.1.96); none
    /// for text and for numbers that a double of 15 shown digits does not hold exactly.
    pub(crate) fn as_number(&self) -> Option<f64> {
        let decimal = match self {
            Self::Amount(money) => money.to_decimal(),
            Self::Number(decimal) => *decimal,
            Self::Count(count) => Decimal::from(*count),
            Self::Day(day) => Decimal::from(serial_day(*day)?),
            Self::Empty | Self::Text(_) | Self::Code(_) => return None,
        };
        // The shortest text of a decimal with up to 15 digits, read as a double, gives back the same decimal.
        let exact = decimal.normalize().mantissa().unsigned_abs() < DIGITS;
        exact.then(|| decimal.to_string().parse().ok()).flatten()
    }

    /// As plain text; what is not text is written as a program reads it.
    pub(crate) fn into_plain(self) -> Cow<'a, str> {
        match self {
            Self::Empty => Cow::Borrowed(""),
            Self::Text(text) | Self::Code(text) => text,
            Self::Amount(money) => Cow::Owned(money.to_string()),
            Self::Number(decimal) => Cow::Owned(decimal.to_string()),
            Self::Count(count) => Cow::Owned(count.to_string()),
            Self::Day(day) => Cow::Owned(day.to_string()),
        }
    }

    /// The amount; nothing for any other value.
    pub(crate) fn amount(&self) -> Money {
        if let Self::Amount(money) = self { *money } else { Money::ZERO }
    }

    pub(crate) fn is_text(&self) -> bool {
        matches!(self, Self::Text(_) | Self::Code(_))
    }
}

/// The day as workbooks count it: 1900-03-01 is 61, after a 29 February that never was; none before that.
fn serial_day(day: Date) -> Option<i32> {
    let days = date(1899, 12, 30).until((Unit::Day, day)).ok()?.get_days();
    (days > 60).then_some(days)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn days_are_counted_as_workbooks_do() {
        assert_eq!(serial_day(date(1900, 3, 1)), Some(61));
        assert_eq!(serial_day(date(2026, 10, 8)), Some(46303));
        assert_eq!(serial_day(date(1900, 2, 28)), None);
    }

    #[test]
    fn a_number_with_too_many_digits_stays_text() {
        let number = |text: &str| Cell::Number(text.parse().unwrap()).as_number();
        assert_eq!(number("0.123456789012345"), Some(0.123456789012345));
        assert_eq!(number("1.1234567890123456"), None);
        assert_eq!(number("120.500000000000000000"), Some(120.5));
        assert_eq!(Cell::Amount(Money::from_fen(-1)).as_number(), Some(-0.01));
        assert_eq!(Cell::Amount(Money::from_fen(i64::MAX)).as_number(), None);
        assert_eq!(Cell::Amount(Money::from_fen(i64::MAX)).into_plain(), "92233720368547758.07");
    }

    proptest! {
        #[test]
        fn an_amount_survives_being_a_double(fen in -999_999_999_999_999i64..=999_999_999_999_999) {
            let money = Money::from_fen(fen);
            let double = Cell::Amount(money).as_number().unwrap();
            prop_assert_eq!(format!("{double:.2}"), money.to_string());
            let shortest: Decimal = double.to_string().parse().unwrap();
            prop_assert_eq!(shortest, money.to_decimal());
        }
    }
}
