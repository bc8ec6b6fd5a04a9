//! Numbers and days as digits, written where they belong without a text of their own.

use std::io::Write;

use jiff::civil::Date;
use piaoxia_domain::Money;
use rust_decimal::Decimal;

pub(crate) fn push_number(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// Yuan with two decimals.
pub(crate) fn push_money(out: &mut Vec<u8>, money: Money) {
    let fen = money.fen().unsigned_abs();
    if money.fen() < 0 {
        out.push(b'-');
    }
    push_number(out, fen / 100);
    out.push(b'.');
    push_two(out, u8::try_from(fen % 100).unwrap_or_default());
}

/// With all its decimals; zero has no sign.
pub(crate) fn push_decimal(out: &mut Vec<u8>, decimal: Decimal) {
    let mantissa = decimal.mantissa();
    if mantissa < 0 {
        out.push(b'-');
    }
    let mut buffer = itoa::Buffer::new();
    let digits = buffer.format(mantissa.unsigned_abs()).as_bytes();
    let decimals = decimal.scale() as usize;
    let (whole, rest) = digits.split_at(digits.len().saturating_sub(decimals));
    out.extend_from_slice(if whole.is_empty() { b"0" } else { whole });
    if decimals > 0 {
        out.push(b'.');
        out.resize(out.len() + decimals - rest.len(), b'0');
        out.extend_from_slice(rest);
    }
}

/// `2026-10-08`.
pub(crate) fn push_day(out: &mut Vec<u8>, day: Date) {
    let Some(year) = u8::try_from(day.year() / 100).ok().filter(|_| day.year() >= 0) else {
        // Nothing is lost of a day that no invoice has.
        drop(write!(out, "{day}"));
        return;
    };
    push_two(out, year);
    push_two(out, u8::try_from(day.year() % 100).unwrap_or_default());
    for number in [day.month(), day.day()] {
        out.push(b'-');
        push_two(out, number.unsigned_abs());
    }
}

fn push_two(out: &mut Vec<u8>, number: u8) {
    out.extend_from_slice(&[b'0' + number / 10, b'0' + number % 10]);
}

/// Back from [`push_money`]; none for anything else.
pub(crate) fn read_money(text: &[u8]) -> Option<Money> {
    let (yuan, fen) = text.split_last_chunk::<2>().and_then(|(yuan, fen)| Some((yuan.strip_suffix(b".")?, fen)))?;
    let (is_negative, yuan) = yuan.strip_prefix(b"-").map_or((false, yuan), |yuan| (true, yuan));
    if yuan.is_empty() {
        return None;
    }
    // Downwards, where there is room for one more.
    let fen = yuan.iter().chain(fen).try_fold(0_i64, |sum, digit| {
        let digit = digit.is_ascii_digit().then(|| i64::from(digit - b'0'))?;
        sum.checked_mul(10)?.checked_sub(digit)
    })?;
    if is_negative { Some(Money::from_fen(fen)) } else { fen.checked_neg().map(Money::from_fen) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn written(push: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        push(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn days_are_written_as_the_library_does() {
        for day in [date(2026, 10, 8), date(1, 1, 1), date(9999, 12, 31), date(-1, 2, 3), Date::MIN] {
            assert_eq!(written(|out| push_day(out, day)), day.to_string());
        }
    }

    #[test]
    fn what_is_no_amount_is_none() {
        for text in ["", ".00", "-.00", "1", "1.0", "1,00.00", "+1.00", "1.0a", "--1.00", "92233720368547758.08"] {
            assert_eq!(read_money(text.as_bytes()), None, "{text}");
        }
        assert_eq!(written(|out| push_decimal(out, "-0.00".parse().unwrap())), "0.00");
    }

    proptest! {
        #[test]
        fn amounts_come_back(fen in any::<i64>()) {
            let money = Money::from_fen(fen);
            let text = written(|out| push_money(out, money));
            prop_assert_eq!(&text, &money.to_string());
            prop_assert_eq!(read_money(text.as_bytes()), Some(money));
        }

        #[test]
        fn decimals_are_written_as_the_library_does(mantissa in any::<i64>(), scale in 0_u32..=28) {
            let decimal = Decimal::new(mantissa, scale);
            prop_assert_eq!(written(|out| push_decimal(out, decimal)), decimal.to_string());
        }
    }
}
