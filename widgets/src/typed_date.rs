//! What people type where a date is wanted: whole dates, months, quarters, and words of the calendar (上月, 本季, last month).

use jiff::ToSpan;
use jiff::civil::Date;

use crate::calendar::parse_date;
use crate::field::half_width;

/// First and last day of what was typed; the same twice for a day.
pub type Days = (Date, Date);

/// Reads what was typed on a day: every form of [`parse_date`]; `202603`, `2026-3`, `2026年3月`; `2026Q1`, `2026年1季度`; `3-1`, `3月1日` of this
/// year, or of the last one where it is not yet; and the words.
#[must_use]
pub fn parse_days(text: &str, today: Option<Date>) -> Option<Days> {
    let text = half_width(text).trim().to_lowercase();
    if let Some(day) = parse_date(&text) {
        return Some((day, day));
    }
    month(&text).or_else(|| quarter(&text)).or_else(|| words(&text, today?)).or_else(|| day_of_year(&text, today?))
}

fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    let text = text.trim();
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

fn year(text: &str) -> Option<i16> {
    number(text).filter(|year| text.trim().len() == 4 && (1900..=2199).contains(year))
}

fn whole_month(year: i16, month: i8) -> Option<Days> {
    let first = Date::new(year, month, 1).ok()?;
    Some((first, first.last_of_month()))
}

fn whole_quarter(year: i16, quarter: i8) -> Option<Days> {
    let (first, _) = whole_month(year, (1..=4).contains(&quarter).then_some(quarter * 3 - 2)?)?;
    Some((first, first.saturating_add(2.months()).last_of_month()))
}

fn whole_year(year: i16) -> Option<Days> {
    Some((Date::new(year, 1, 1).ok()?, Date::new(year, 12, 31).ok()?))
}

fn month(text: &str) -> Option<Days> {
    if text.len() == 6
        && let (Some(of), Some(month)) = (text.get(..4).and_then(year), text.get(4..).and_then(number))
    {
        return whole_month(of, month);
    }
    let (of, month) = text.trim_end_matches('月').split_once(['-', '/', '.', '年', '。'])?;
    whole_month(year(of)?, number(month)?)
}

fn quarter(text: &str) -> Option<Days> {
    let text = text.trim_end_matches("季度").trim_end_matches('季');
    let (of, quarter) = text.split_once(['q', '年'])?;
    let quarter = match quarter.trim().trim_start_matches('第') {
        "一" => 1,
        "二" => 2,
        "三" => 3,
        "四" => 4,
        digit => number(digit)?,
    };
    whole_quarter(year(of)?, quarter)
}

fn words(text: &str, today: Date) -> Option<Days> {
    let month = |back: i32| {
        let day = today.first_of_month().saturating_sub(back.months());
        Some((day, day.last_of_month()))
    };
    let quarter = |back: i32| {
        let day = today.saturating_sub((3 * back).months());
        whole_quarter(day.year(), (day.month() - 1) / 3 + 1)
    };
    let day = |back: i32| Some((today.saturating_sub(back.days()), today.saturating_sub(back.days())));
    match text {
        "今天" | "today" => day(0),
        "昨天" | "yesterday" => day(1),
        "本月" | "当月" | "这个月" | "this month" => month(0),
        "上月" | "上个月" | "last month" => month(1),
        "本季" | "本季度" | "this quarter" => quarter(0),
        "上季" | "上季度" | "last quarter" => quarter(1),
        "今年" | "本年" | "this year" => whole_year(today.year()),
        "去年" | "上年" | "last year" => whole_year(today.year() - 1),
        _ => None,
    }
}

fn day_of_year(text: &str, today: Date) -> Option<Days> {
    let (month, day) = text.trim_end_matches(['日', '号']).split_once(['-', '/', '.', '月', '。'])?;
    let (month, day) = (number(month)?, number(day)?);
    let of = |year: i16| Date::new(year, month, day).ok();
    let day = of(today.year()).filter(|day| *day <= today).or_else(|| of(today.year() - 1))?;
    Some((day, day))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const TODAY: Date = date(2026, 5, 31);

    fn read(text: &str) -> Option<Days> {
        parse_days(text, Some(TODAY))
    }

    #[test]
    fn months_quarters_and_years_are_understood() {
        let march = Some((date(2026, 3, 1), date(2026, 3, 31)));
        for text in ["202603", "2026-3", "2026-03", "2026/3", "2026.3", "2026年3月", "２０２６０３", " 2026年3月 "] {
            assert_eq!(read(text), march, "{text}");
        }
        let first = Some((date(2026, 1, 1), date(2026, 3, 31)));
        for text in ["2026Q1", "2026年1季度", "2026年第一季度", "2026年一季", "2026 q1", "上季", "上季度", "Last Quarter"] {
            assert_eq!(read(text), first, "{text}");
        }
        assert_eq!(read("去年"), Some((date(2025, 1, 1), date(2025, 12, 31))));
        assert_eq!(read("202402"), Some((date(2024, 2, 1), date(2024, 2, 29))));
    }

    #[test]
    fn words_count_from_today() {
        assert_eq!(read("上月"), Some((date(2026, 4, 1), date(2026, 4, 30))));
        assert_eq!(read("本月"), Some((date(2026, 5, 1), date(2026, 5, 31))));
        assert_eq!(read("本季"), Some((date(2026, 4, 1), date(2026, 6, 30))));
        assert_eq!(read("昨天"), Some((date(2026, 5, 30), date(2026, 5, 30))));
        assert_eq!(parse_days("上月", None), None);
        assert_eq!(parse_days("上月", Some(date(2026, 1, 3))), Some((date(2025, 12, 1), date(2025, 12, 31))));
    }

    #[test]
    fn a_day_without_its_year_is_the_last_such_day() {
        for text in ["3-1", "3/1", "3月1日", "03.01", "3月1号"] {
            assert_eq!(read(text), Some((date(2026, 3, 1), date(2026, 3, 1))), "{text}");
        }
        assert_eq!(read("12-31"), Some((date(2025, 12, 31), date(2025, 12, 31))));
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "x",
            "2026",
            "202613",
            "2026-13",
            "2026Q5",
            "2026Q",
            "13-1",
            "2-30",
            "-",
            "年月",
            "1899-01",
            "明天",
            "2026-03-01x",
            "٢٠٢٦٠٣",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
