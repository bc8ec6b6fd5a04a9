//! Cells as the texts that a document would print.

use std::borrow::Cow;

use jiff::ToSpan;
use jiff::civil::{DateTime, date};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::rows::{Cell, Content};
use crate::values;

/// Excel keeps 15 digits of a number; what follows is noise of its binary form.
const EXCEL_DIGITS: u32 = 15;

/// From which day a sheet counts its dates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Epoch {
    /// 1900, with the 29 February that year did not have.
    #[default]
    Year1900,
    /// 1904 (old Macs).
    Year1904,
}

/// A cell of text, amounts or quantities.
pub(super) fn plain(cell: &Cell) -> Cow<'_, str> {
    match cell.content {
        Content::Number => number(&cell.text).map_or(Cow::Borrowed(cell.text.trim()), |number| Cow::Owned(number.to_string())),
        Content::Text | Content::Blank => Cow::Borrowed(cell.text.trim()),
    }
}

fn number(text: &str) -> Option<Decimal> {
    let text = text.trim();
    let exact = if text.contains(['e', 'E']) { Decimal::from_scientific(text).ok()? } else { text.parse().ok()? };
    Some(exact.round_sf(EXCEL_DIGITS)?.normalize())
}

/// A date, or a date with its time: Excel's count of days becomes `yyyy-MM-dd HH:mm:ss`.
pub(super) fn moment(cell: &Cell, epoch: Epoch) -> Cow<'_, str> {
    // A count of days may have become a text, too.
    let counts =
        |text: &str| text.split('.').next().is_some_and(|days| days.len() == 5) && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if cell.content != Content::Number && !counts(cell.text.trim()) {
        return Cow::Borrowed(cell.text.trim());
    }
    serial(cell.text.trim(), epoch).map_or_else(|| plain(cell), |moment| Cow::Owned(moment.strftime("%Y-%m-%d %H:%M:%S").to_string()))
}

/// None for numbers that are no count of days between 1982 and 2119, such as 20260302.
fn serial(text: &str, epoch: Epoch) -> Option<DateTime> {
    const DAYS: std::ops::Range<i64> = 28_000..80_000;
    let days = number(text)?;
    let whole = days.trunc().to_i64().filter(|days| DAYS.contains(days))?;
    let seconds = days.fract().checked_mul(Decimal::from(86_400))?.round().to_i64()?;
    let first = match epoch {
        Epoch::Year1900 => date(1899, 12, 30),
        Epoch::Year1904 => date(1904, 1, 1),
    };
    first.at(0, 0, 0, 0).checked_add(whole.days().seconds(seconds)).ok()
}

/// The text is a date.
pub(super) fn is_moment(cell: &Cell, epoch: Epoch) -> bool {
    values::issued_at(&moment(cell, epoch)).is_some()
}

/// A number of many digits. None where it was stored as a number of more digits than the 15 that Excel keeps: its end is lost.
pub(super) fn digits(cell: &Cell) -> Option<Cow<'_, str>> {
    if cell.content != Content::Number {
        return Some(values::identifier(&cell.text));
    }
    let exact = number(&cell.text).filter(|number| number.is_integer() && *number < Decimal::from(10_u64.pow(EXCEL_DIGITS)));
    exact.map(|number| Cow::Owned(number.to_string()))
}

/// 发票代码 (10 or 12 digits) or 发票号码 (8) as [`digits`] has it: the zeros at the front that a number cell has lost come back.
pub(super) fn padded<'c>(cell: &'c Cell, lengths: &[usize]) -> Option<Cow<'c, str>> {
    let digits = digits(cell)?;
    let longer = lengths.iter().find(|length| **length >= digits.len());
    Some(match longer {
        Some(length) if cell.content == Content::Number => Cow::Owned(format!("{digits:0>length$}")),
        _ => digits,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    fn cell(text: &str) -> Cell {
        Cell { content: Content::Number, text: text.to_owned() }
    }

    #[test]
    fn numbers_lose_the_noise_of_binary() {
        for (stored, printed) in [("38.390000000000001", "38.39"), ("1E-3", "0.001"), ("1.5E+3", "1500"), ("-200", "-200"), ("0", "0")] {
            assert_eq!(plain(&cell(stored)), printed);
        }
        assert_eq!(plain(&cell("nonsense")), "nonsense");
    }

    #[test]
    fn days_are_counted() {
        let at = |text, epoch| moment(&cell(text), epoch).into_owned();
        assert_eq!(at("46083", Epoch::Year1900), "2026-03-02 00:00:00");
        assert_eq!(at("46083.427430555556", Epoch::Year1900), "2026-03-02 10:15:30");
        assert_eq!(at("44621", Epoch::Year1904), "2026-03-02 00:00:00");
        assert_eq!(at("20260302", Epoch::Year1900), "20260302");
        // Rounded up to the next day.
        assert_eq!(at("46083.9999999", Epoch::Year1900), "2026-03-03 00:00:00");
    }

    #[test]
    fn long_numbers_are_not_believed_and_short_ones_filled_up() {
        for rounded in ["2.6112000000099E+19", "26112000000099000001", "911101085658269920"] {
            assert_eq!(digits(&cell(rounded)), None, "{rounded}");
        }
        assert_eq!(padded(&cell("12235358"), &[8]).unwrap(), "12235358");
        assert_eq!(padded(&cell("1"), &[8]).unwrap(), "00000001");
        assert_eq!(padded(&cell("11002600111"), &[10, 12]).unwrap(), "011002600111");
        assert_eq!(padded(&cell("1100261130"), &[10, 12]).unwrap(), "1100261130");
        let text = Cell { content: Content::Text, text: "1".to_owned() };
        assert_eq!(padded(&text, &[8]).unwrap(), "1");
    }
}
