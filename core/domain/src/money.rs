//! Amounts of money (金额): exact yuan with two decimals.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub};
use std::str::FromStr;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Largest amount a document may state, in 分: 10,000 亿元. Beyond it a file is wrong, and sums stay far from overflow.
const LIMIT_FEN: i64 = 100_000_000_000_000;

/// An amount in yuan, kept as a whole number of 分 (1/100 yuan). Negative on red invoices.
///
/// Written and read as text with two decimals (`"1234.50"`), never as a float.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i64);

/// Why a text is not an amount.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not a decimal number.
    #[error("not an amount: {0:?}")]
    NotANumber(String),
    /// Larger than any invoice can be.
    #[error("amount out of range: {0:?}")]
    OutOfRange(String),
}

impl Money {
    /// No money.
    pub const ZERO: Self = Self(0);

    /// From a whole number of 分.
    #[must_use]
    pub const fn from_fen(fen: i64) -> Self {
        Self(fen)
    }

    /// As a whole number of 分.
    #[must_use]
    pub const fn fen(self) -> i64 {
        self.0
    }

    /// From a decimal number of yuan, rounded half away from zero to 分 (四舍五入), the rule of the bureau's forms.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] beyond 10,000 亿元.
    pub fn from_decimal(yuan: Decimal) -> Result<Self, MoneyError> {
        let out_of_range = || MoneyError::OutOfRange(yuan.to_string());
        let fen = yuan
            .checked_mul(Decimal::ONE_HUNDRED)
            .ok_or_else(out_of_range)?
            .round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
        let fen = i64::try_from(fen).map_err(|_| out_of_range())?;
        if fen.abs() > LIMIT_FEN { Err(out_of_range()) } else { Ok(Self(fen)) }
    }

    /// As a decimal number of yuan with two decimals.
    #[must_use]
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(self.0, 2)
    }

    /// Distance from zero.
    #[must_use]
    pub const fn abs(self) -> Self {
        Self(self.0.saturating_abs())
    }

    /// True for red (negative) amounts.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// With thousands separators, for the screen: `-1,234,567.80`.
    #[must_use]
    pub fn grouped(self) -> String {
        let plain = self.abs().to_string();
        let (yuan, fen) = plain.split_once('.').unwrap_or((&plain, "00"));
        let mut out = String::with_capacity(plain.len() + plain.len() / 3 + 1);
        if self.is_negative() {
            out.push('-');
        }
        for (position, digit) in yuan.chars().enumerate() {
            if position > 0 && (yuan.len() - position) % 3 == 0 {
                out.push(',');
            }
            out.push(digit);
        }
        out.push('.');
        out.push_str(fen);
        out
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let fen = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", fen / 100, fen % 100)
    }
}

impl FromStr for Money {
    type Err = MoneyError;

    /// Reads `1234.5`, `-0.01`, `¥1,234.50`; more than two decimals are rounded half up (real files carry six).
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let clean: String = text.trim().trim_start_matches(['¥', '￥']).chars().filter(|c| *c != ',').collect();
        let not_a_number = || MoneyError::NotANumber(text.chars().take(40).collect());
        // Documents print amounts in full; `1e5` is a mistake of theirs, not an amount.
        if !clean.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'+' | b'.')) {
            return Err(not_a_number());
        }
        let yuan = Decimal::from_str(&clean).map_err(|_| not_a_number())?;
        Self::from_decimal(yuan)
    }
}

// Sums saturate: a hostile ledger may show a silly total, it may not stop the program.
impl Add for Money {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Money {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Neg for Money {
    type Output = Self;
    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_what_documents_print() {
        for (text, fen) in
            [("1130.00", 113_000), ("-0.01", -1), ("¥1,234.5", 123_450), ("0.120000", 12), ("0.125", 13), ("-0.125", -13), (" 7 ", 700)]
        {
            assert_eq!(text.parse::<Money>().unwrap().fen(), fen, "{text}");
        }
        assert!(matches!("12a".parse::<Money>(), Err(MoneyError::NotANumber(_))));
        assert!(matches!("1e5".parse::<Money>(), Err(MoneyError::NotANumber(_))));
        assert!(matches!("NaN".parse::<Money>(), Err(MoneyError::NotANumber(_))));
        assert!(matches!("99999999999999999".parse::<Money>(), Err(MoneyError::OutOfRange(_))));
    }

    #[test]
    fn groups_thousands() {
        assert_eq!(Money::from_fen(-123_456_780).grouped(), "-1,234,567.80");
        assert_eq!(Money::from_fen(99_999).grouped(), "999.99");
        assert_eq!(Money::from_fen(100_000).grouped(), "1,000.00");
    }

    proptest! {
        #[test]
        fn text_round_trips(fen in -LIMIT_FEN..=LIMIT_FEN) {
            let money = Money::from_fen(fen);
            prop_assert_eq!(money.to_string().parse::<Money>().unwrap(), money);
            let json = serde_json::to_string(&money).unwrap();
            prop_assert_eq!(serde_json::from_str::<Money>(&json).unwrap(), money);
        }
    }
}
