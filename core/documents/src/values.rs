//! Texts of documents as values.

use std::borrow::Cow;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use piaoxia_domain::InvoiceKey;
use piaoxia_domain::tax_number::half_width;
use rust_decimal::Decimal;

/// What documents print where a number has no meaning.
const BLANKS: [&str; 4] = ["--", "-", "***", "——"];

/// A text as it should have been typed: digits, letters and signs in half width, and nothing that nobody sees.
pub(crate) fn typed(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text.trim());
    }
    let is_seen = |c: &char| !matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}' | '\u{FEFF}');
    let seen: String = text.chars().filter(is_seen).map(half_width).collect();
    Cow::Owned(seen.trim().to_owned())
}

/// A number that identifies something: digits may be printed in groups, and a quote before them keeps Excel from rounding.
pub(crate) fn identifier(text: &str) -> Cow<'_, str> {
    let text = typed(text);
    let is_part = |c: char| !c.is_whitespace() && !matches!(c, '\'' | '‘' | '’' | '`');
    if text.chars().all(is_part) { text } else { Cow::Owned(text.chars().filter(|c| is_part(*c)).collect()) }
}

/// A decimal number; none inside where the document says that there is no number.
pub(crate) fn decimal(text: &str) -> Option<Option<Decimal>> {
    if let Some(number) = plain_decimal(text) {
        return Some(Some(number));
    }
    let text = typed(text);
    if BLANKS.contains(&text.as_ref()) {
        return Some(None);
    }
    money(&text).map(Some)
}

/// An amount as people write it: `¥1,234.50`, `-¥5`, `￥ -5`, `(5.00)` for less than nothing, `5元`.
fn money(text: &str) -> Option<Decimal> {
    let bracketed = text.strip_prefix('(').and_then(|text| text.strip_suffix(')'));
    let (mut rest, mut negative) = (bracketed.unwrap_or(text).trim(), bracketed.is_some());
    for currency in [false, true, false] {
        match rest.strip_prefix(if currency { ['¥', '￥'] } else { ['-', '−'] }) {
            Some(_) if !currency && negative => return None,
            Some(behind) => (rest, negative) = (behind.trim_start(), negative || !currency),
            None => {}
        }
    }
    let rest = rest.strip_suffix(['元', '圆']).unwrap_or(rest).trim_end();
    let starts_well = rest.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let number = plain_decimal(&ungrouped(rest)?).filter(|_| starts_well)?;
    Some(if negative { -number } else { number })
}

/// Without commas between groups of three digits, or of four as counted in 万. Any other comma is a decimal sign or a mistake.
fn ungrouped(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains(',') {
        return Some(Cow::Borrowed(text));
    }
    let (whole, _) = text.split_once('.').unwrap_or((text, ""));
    let mut groups = whole.split(',').map(str::len);
    let first = groups.next()?;
    let sizes: Vec<usize> = groups.collect();
    let even = [3, 4].into_iter().any(|size| (1..=size).contains(&first) && sizes.iter().all(|found| *found == size));
    even.then(|| Cow::Owned(text.replace(',', "")))
}

/// Digits, a sign and a point: the exponents and underscores that `Decimal` also takes are no way to write money.
fn plain_decimal(text: &str) -> Option<Decimal> {
    let plain = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+'));
    if plain { Decimal::from_str(text).ok() } else { None }
}

/// 开票日期 with its time of day: `yyyy-MM-dd`, `yyyy/MM/dd`, `yyyy.MM.dd`, `yyyyMMdd[HHmmss]` or `yyyy年MM月dd日`, then nothing
/// or, behind a space or `T`, `HH:mm`, `HH:mm:ss` or `HH:mm:ss.f`. A moment with an offset is told in Shanghai's time.
pub(crate) fn issued_at(text: &str) -> Option<DateTime> {
    let text = typed(text);
    let text = text.as_ref();
    if let Ok(moment) = Timestamp::from_str(text) {
        return Some(TimeZone::fixed(SHANGHAI).to_datetime(moment));
    }
    // The one number in which tax-control programs write day and time.
    if let Some(digits) = text.as_bytes().get(..14).filter(|_| text.len() == 14 && text.bytes().all(|b| b.is_ascii_digit())) {
        let two = |at: usize| digits.get(at..at + 2).and_then(|two| std::str::from_utf8(two).ok()).and_then(|two| two.parse().ok());
        return Some(date(text.get(..8)?)?.to_datetime(Time::new(two(8)?, two(10)?, two(12)?, 0).ok()?));
    }
    let split = text.find([' ', 'T']);
    let (day, time) = match split {
        Some(at) => (text.get(..at)?, text.get(at + 1..)?.trim()),
        None => (text, ""),
    };
    Some(date(day)?.to_datetime(time_of_day(time)?))
}

const SHANGHAI: Offset = jiff::tz::offset(8);

fn date(text: &str) -> Option<Date> {
    let mut parts = [""; 3];
    if text.len() == 8 && !text.contains(['-', '/']) {
        parts = [text.get(..4)?, text.get(4..6)?, text.get(6..)?];
    } else {
        let text = text.strip_suffix('日').unwrap_or(text);
        let mut split = text.splitn(3, ['-', '/', '.', '年', '月']);
        for part in &mut parts {
            *part = split.next()?;
        }
    }
    let [year, month, day] = parts.map(number);
    Date::new(year?, i8::try_from(month?).ok()?, i8::try_from(day?).ok()?).ok()
}

fn time_of_day(text: &str) -> Option<Time> {
    if text.is_empty() {
        return Some(Time::midnight());
    }
    // Excel in Chinese writes 下午3:04:05.
    let (text, afternoon) = match (text.strip_prefix("上午"), text.strip_prefix("下午")) {
        (Some(rest), _) => (rest.trim_start(), Some(false)),
        (_, Some(rest)) => (rest.trim_start(), Some(true)),
        (None, None) => (text, None),
    };
    let whole = text.split('.').next()?;
    let mut parts = whole.splitn(3, ':').map(number);
    let (hour, minute) = (parts.next()??, parts.next()??);
    let hour = match afternoon {
        Some(true) if hour < 12 => hour + 12,
        Some(false) if hour == 12 => 0,
        _ => hour,
    };
    let second = parts.next().unwrap_or(Some(0))?;
    Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, i8::try_from(second).ok()?, 0).ok()
}

/// Up to four plain digits.
fn number(text: &str) -> Option<i16> {
    let plain = !text.is_empty() && text.len() <= 4 && text.bytes().all(|b| b.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

/// 税率 as invoices print it: `0.06` and `0.060000` are `6%`; a percentage loses its idle zeros; words (免税, 不征税, `***`) stay.
pub(crate) fn rate(text: &str) -> String {
    let typed = typed(text);
    let percent = match typed.strip_suffix('%') {
        Some(percent) => plain_decimal(percent.trim()),
        // No rate reaches 100 %: what is not a fraction already counts percents.
        None => {
            plain_decimal(&typed).and_then(|value| if value < Decimal::ONE { value.checked_mul(Decimal::ONE_HUNDRED) } else { Some(value) })
        }
    };
    percent.map_or_else(|| text.to_owned(), |percent| format!("{}%", percent.normalize()))
}

/// The blue invoice that a red one names in its remark: `被红冲蓝字数电发票号码：<20 digits>`, or code and number of a legacy one.
pub(crate) fn red_of(remark: &str) -> Option<InvoiceKey> {
    let after = |label: &str| {
        let (_, rest) = remark.split_once(label)?;
        let rest = rest.trim_start_matches(['：', ':', ' ']);
        let digits = rest.get(..rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()))?;
        (!digits.is_empty()).then_some(digits)
    };
    let labels = ["被红冲蓝字数电发票号码", "被红冲蓝字数电票号码", "被红冲蓝字全电发票号码", "被红冲蓝字发票号码"];
    let number = labels.into_iter().find_map(after)?;
    let key = InvoiceKey::new(None, after("被红冲蓝字发票代码"), Some(number)).ok()?;
    (!matches!(key, InvoiceKey::Other(_))).then_some(key)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use jiff::civil::date as day;

    use super::*;

    #[test]
    fn every_spelling_of_a_date_is_read() {
        let whole = day(2026, 5, 19).at(9, 47, 14, 0);
        for text in [
            "2026-05-19 09:47:14",
            "2026-05-19T09:47:14",
            "2026/05/19 09:47:14.123",
            "2026-05-19T09:47:14+08:00",
            "2026-05-19T01:47:14Z",
            "20260519094714",
        ] {
            assert_eq!(issued_at(text), Some(whole), "{text}");
        }
        for text in [
            "2026年5月19日 09:47:14",
            "2026-05-1９ 09:47:14",
            "２０２６－０５－１９　０９：４７：１４",
            "2026/5/19 上午9:47:14",
            "2026.5.19 9:47:14",
        ] {
            assert_eq!(issued_at(text), Some(whole), "{text}");
        }
        assert_eq!(issued_at("2026/5/19 下午9:47:14"), Some(day(2026, 5, 19).at(21, 47, 14, 0)));
        for text in ["2026-05-19", "2026/5/19", "2026.05.19", "20260519", "2026年05月19日", "2026-05-19 00:00"] {
            assert_eq!(issued_at(text), Some(day(2026, 5, 19).at(0, 0, 0, 0)), "{text}");
        }
        for text in
            ["", "2026-02-30", "2026-05", "19.05.2026", "2026-05-19 25:00:00", "2026-05-19 09", "二〇二六", "-2026-05-19", "20260519096714"]
        {
            assert_eq!(issued_at(text), None, "{text}");
        }
    }

    #[test]
    fn rates_read_as_printed() {
        for (text, printed) in [
            ("0.06", "6%"),
            ("0.060000", "6%"),
            ("0.130", "13%"),
            ("0.015", "1.5%"),
            ("0", "0%"),
            ("13", "13%"),
            ("13.00%", "13%"),
            ("9％", "9%"),
            ("免税", "免税"),
            ("***", "***"),
            ("不征税", "不征税"),
        ] {
            assert_eq!(rate(text), printed, "{text}");
        }
    }

    #[test]
    fn numbers_may_be_blank() {
        assert_eq!(decimal("--"), Some(None));
        for (text, number) in [
            ("¥1,234.50", "1234.50"),
            ("￥ 1,234,567.89", "1234567.89"),
            ("１，２３４．５０", "1234.50"),
            ("-¥1,234.50", "-1234.50"),
            ("¥-0.01", "-0.01"),
            ("(1,234.50)", "-1234.50"),
            ("（5.00）", "-5.00"),
            ("1234.5元", "1234.5"),
            ("12,3456.00", "123456.00"),
            ("\u{A0}7.00\u{200B}", "7.00"),
        ] {
            assert_eq!(decimal(text).unwrap().unwrap().to_string(), number, "{text}");
        }
        for text in ["abc", "NaN", "1e5", "1_000", "1 2", "0x10", "622,64", "1,23,456", "--5", "(-5)", "¥", "元", "(", "1,", ",1", "五"]
        {
            assert_eq!(decimal(text), None, "{text}");
        }
    }
}
