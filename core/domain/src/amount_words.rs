//! Amounts in capital Chinese numerals (大写金额).

use crate::money::Money;

const DIGITS: [char; 10] = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'];
const PLACES: [&str; 4] = ["", "拾", "佰", "仟"];
const GROUPS: [&str; 4] = ["", "万", "亿", "万亿"];

/// The amount as an invoice prints it: `壹仟壹佰叁拾圆整`; red amounts carry `（负数）` in front.
///
/// Rules of 支付结算办法 annex 1: one 零 for a run of zeros inside the number, none at the end of a group of four, 整 after
/// 圆 or 角, nothing after 分.
#[must_use]
pub fn in_words(amount: Money) -> String {
    let fen = amount.fen().unsigned_abs();
    let mut words = String::from(if amount.is_negative() { "（负数）" } else { "" });
    let yuan = whole(fen / 100);
    let (jiao, fen) = (fen / 10 % 10, fen % 10);
    if !yuan.is_empty() {
        words += &yuan;
        words.push('圆');
    }
    match (jiao, fen) {
        (0, 0) if yuan.is_empty() => words += "零圆整",
        (0, 0) => words.push('整'),
        (0, _) if yuan.is_empty() => words.extend([digit(fen), '分']),
        (0, _) => words.extend(['零', digit(fen), '分']),
        (_, 0) => words.extend([digit(jiao), '角', '整']),
        _ => words.extend([digit(jiao), '角', digit(fen), '分']),
    }
    words
}

/// A whole number in words, empty for zero.
fn whole(number: u64) -> String {
    let groups: Vec<u64> = std::iter::successors(Some(number), |rest| Some(rest / 10_000)).take_while(|rest| *rest > 0).collect();
    let mut words = String::new();
    let mut gap = false;
    for (rank, rest) in groups.iter().enumerate().rev() {
        let group = rest % 10_000;
        if group == 0 {
            gap = true;
            continue;
        }
        if !words.is_empty() && (gap || group < 1000) {
            words.push('零');
        }
        gap = false;
        words += &four(group);
        words += GROUPS.get(rank).copied().unwrap_or_default();
    }
    // 万亿 closes with 亿 once: 壹万亿, but 壹万贰仟亿.
    match words.split_once("万亿") {
        Some((high, low)) if low.contains('亿') => format!("{high}万{low}"),
        _ => words,
    }
}

/// One to 9999 in words, without leading or closing zeros.
fn four(group: u64) -> String {
    let mut words = String::new();
    let mut gap = false;
    for (place, unit) in PLACES.iter().enumerate().rev() {
        let value = group / 10_u64.pow(u32::try_from(place).unwrap_or_default()) % 10;
        if value == 0 {
            gap = !words.is_empty();
            continue;
        }
        if gap {
            words.push('零');
            gap = false;
        }
        words.push(digit(value));
        words += unit;
    }
    words
}

fn digit(value: u64) -> char {
    usize::try_from(value).ok().and_then(|value| DIGITS.get(value).copied()).unwrap_or('零')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_as_printed() {
        for (fen, words) in [
            (113_000, "壹仟壹佰叁拾圆整"),
            (1_060_000, "壹万零陆佰圆整"),
            (31_800, "叁佰壹拾捌圆整"),
            (444_900, "肆仟肆佰肆拾玖圆整"),
            (0, "零圆整"),
            (5, "伍分"),
            (50, "伍角整"),
            (1_005, "壹拾圆零伍分"),
            (51_068, "伍佰壹拾圆陆角捌分"),
            (1_050, "壹拾圆伍角整"),
            (100_100, "壹仟零壹圆整"),
            (10_050_000, "壹拾万零伍佰圆整"),
            (100_000_000, "壹佰万圆整"),
            (10_001_000_000, "壹亿零壹万圆整"),
            (10_000_100_000, "壹亿零壹仟圆整"),
            (12_000_000_000, "壹亿贰仟万圆整"),
            (100_000_000_000_000, "壹万亿圆整"),
            (99_999_999_999_999, "玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖圆玖角玖分"),
            (-1, "（负数）壹分"),
            (-113_000, "（负数）壹仟壹佰叁拾圆整"),
        ] {
            assert_eq!(in_words(Money::from_fen(fen)), words, "{fen}");
        }
        assert_eq!(whole(1_200_000_000_000), "壹万贰仟亿");
    }
}
