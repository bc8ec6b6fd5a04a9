//! A cell of a table, before it is put into any format.

use std::borrow::Cow;

use jiff::civil::Date;
use piaoxia_domain::Money;
use rust_decimal::Decimal;

use crate::digits::{push_day, push_decimal, push_money, push_number};
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

    /// True for a number that a spreadsheet keeps as it is. Its numbers are IEEE doubles by the format's own rule (ECMA-376
    /// part 1, 18.3.1.96), and the shortest text of a decimal with up to 15 digits, read as a double, gives back the same decimal.
    pub(crate) fn is_number(&self) -> bool {
        match self {
            Self::Amount(money) => u128::from(money.fen().unsigned_abs()) < DIGITS || fits(money.to_decimal()),
            Self::Number(decimal) => fits(*decimal),
            Self::Count(count) => fits(Decimal::from(*count)),
            Self::Day(day) => serial_day(*day).is_some(),
            Self::Empty | Self::Text(_) | Self::Code(_) => false,
        }
    }

    /// Writes a value that is no text, as a program reads it.
    pub(crate) fn push_plain(&self, out: &mut Vec<u8>) {
        match self {
            Self::Empty => {}
            Self::Text(text) | Self::Code(text) => out.extend_from_slice(text.as_bytes()),
            Self::Amount(money) => push_money(out, *money),
            Self::Number(decimal) => push_decimal(out, *decimal),
            Self::Count(count) => push_number(out, *count as u64),
            Self::Day(day) => push_day(out, *day),
        }
    }

    /// Writes a [number](Self::is_number) as a spreadsheet has it: the decimal digits themselves, so that nothing is rounded on the way;
    /// a day as workbooks count it.
    pub(crate) fn push_number(&self, out: &mut Vec<u8>) {
        match self {
            Self::Day(day) => push_number(out, serial_day(*day).unwrap_or_default()),
            other => other.push_plain(out),
        }
    }

    /// As plain text; what is not text is written as a program reads it.
    pub(crate) fn into_plain(self) -> Cow<'a, str> {
        match self {
            Self::Text(text) | Self::Code(text) => text,
            other => {
                let mut plain = Vec::new();
                other.push_plain(&mut plain);
                Cow::Owned(String::from_utf8(plain).unwrap_or_default())
            }
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

fn fits(decimal: Decimal) -> bool {
    let is_short = |decimal: Decimal| decimal.mantissa().unsigned_abs() < DIGITS;
    is_short(decimal) || is_short(decimal.normalize())
}

/// The day as workbooks count it: 1900-03-01 is 61, after a 29 February that never was; none before that.
fn serial_day(day: Date) -> Option<u64> {
    // Years that begin in March, so that the leap day is their last: 146,097 days in 400 of them.
    let (year, month) = (i64::from(day.year()), i64::from(day.month()));
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + (153 * month + 2) / 5 + i64::from(day.day());
    // 1899-12-30 counted so.
    u64::try_from(days - 693_900).ok().filter(|days| *days > 60)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use jiff::Unit;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn number(cell: &Cell<'_>) -> Option<f64> {
        let mut digits = Vec::new();
        cell.push_number(&mut digits);
        cell.is_number().then(|| String::from_utf8(digits).unwrap().parse().unwrap())
    }

    #[test]
    fn days_are_counted_as_workbooks_do() {
        assert_eq!(serial_day(date(1900, 3, 1)), Some(61));
        assert_eq!(serial_day(date(2026, 10, 8)), Some(46303));
        assert_eq!(serial_day(date(1900, 2, 28)), None);
    }

    #[test]
    fn a_number_with_too_many_digits_stays_text() {
        let of = |text: &str| number(&Cell::Number(text.parse().unwrap()));
        assert_eq!(of("0.123456789012345"), Some(0.123456789012345));
        assert_eq!(of("1.1234567890123456"), None);
        assert_eq!(of("120.500000000000000000"), Some(120.5));
        assert_eq!(number(&Cell::Amount(Money::from_fen(-1))), Some(-0.01));
        assert_eq!(number(&Cell::Amount(Money::from_fen(i64::MAX))), None);
        assert_eq!(Cell::Amount(Money::from_fen(i64::MAX)).into_plain(), "92233720368547758.07");
    }

    proptest! {
        #[test]
        fn an_amount_survives_being_a_double(fen in -999_999_999_999_999i64..=999_999_999_999_999) {
            let money = Money::from_fen(fen);
            let double = number(&Cell::Amount(money)).unwrap();
            prop_assert_eq!(format!("{double:.2}"), money.to_string());
            let shortest: Decimal = double.to_string().parse().unwrap();
            prop_assert_eq!(shortest, money.to_decimal());
        }

        #[test]
        fn every_day_is_counted(days in 61_i32..100_000) {
            let day = date(1899, 12, 30).checked_add(jiff::Span::new().days(days)).unwrap();
            prop_assert_eq!(serial_day(day), u64::try_from(days).ok());
            prop_assert_eq!(date(1899, 12, 30).until((Unit::Day, day)).unwrap().get_days(), days);
        }
    }
}
