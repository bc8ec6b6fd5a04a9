//! What people paste where a number is meant: from a chat, a mail, a PDF or a table, with blanks between the digits, in full width,
//! with separators of thousands, a currency sign and characters that nobody sees.

use crate::tax_number::half_width;

/// Digits and letters of what is printed in groups: an 8-digit number, a 12-digit code, a tax number, a 20-digit number.
const GROUPED: [usize; 4] = [8, 12, 18, 20];
/// Characters of a printed group at most.
const GROUP: usize = 5;

/// A character that comes along unseen when something is copied.
#[must_use]
pub fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// One number: its digits and Latin letters in half width, a hyphen between them. What stands before or behind it
/// (发票号码：…) and between its groups is left out.
#[must_use]
pub fn number(text: &str) -> String {
    let kept = |letter: &char| letter.is_ascii_alphanumeric() || *letter == '-';
    let number: String = text.chars().map(half_width).filter(kept).collect();
    number.trim_matches('-').to_owned()
}

/// The words of a search. Words that are numbers or amounts are read as such, `￥1,234.50元` as `1234.50`, and a number that is
/// printed in groups is one word; all others stay as they are, because names are searched as they are written.
#[must_use]
pub fn search(text: &str) -> String {
    let seen: String = text.chars().filter(|letter| !is_invisible(*letter)).collect();
    let words: Vec<String> = seen.split_whitespace().map(word).collect();
    if let Some(whole) = grouped(&words) {
        return whole;
    }
    words.join(" ")
}

/// The groups of one number, put together.
fn grouped(words: &[String]) -> Option<String> {
    let is_group = |word: &String| word.len() <= GROUP && word.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let digits = |word: &String| word.bytes().filter(u8::is_ascii_digit).count();
    let length: usize = words.iter().map(String::len).sum();
    // Mostly digits: three short English words are no number.
    let of_digits = words.iter().map(digits).sum::<usize>() * 2 > length;
    (words.len() > 1 && GROUPED.contains(&length) && of_digits && words.iter().all(is_group)).then(|| words.concat())
}

fn word(word: &str) -> String {
    let half: String = word.chars().map(half_width).collect();
    if let Some(amount) = amount(&half) {
        return amount;
    }
    let is_number = half.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') && half.bytes().any(|byte| byte.is_ascii_digit());
    if is_number { half } else { word.to_owned() }
}

/// An amount without its sign of currency and separators; none for anything else.
fn amount(text: &str) -> Option<String> {
    let bare = text.trim_start_matches(['¥', '￥']).trim_end_matches('元').replace('。', ".");
    let (sign, digits) = bare.strip_prefix('-').map_or(("", bare.as_str()), |digits| ("-", digits));
    let (yuan, fen) = digits.split_once('.').map_or((digits, None), |(yuan, fen)| (yuan, Some(fen)));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let mut groups = yuan.split(',');
    let first = groups.next()?;
    let rest: Vec<&str> = groups.collect();
    let fits = is_digits(first)
        && (rest.is_empty() || first.len() <= 3)
        && rest.iter().all(|group| group.len() == 3 && is_digits(group))
        && fen.is_none_or(|fen| fen.is_empty() || is_digits(fen));
    let point = if fen.is_some() { "." } else { "" };
    fits.then(|| format!("{sign}{first}{}{point}{}", rest.concat(), fen.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_whatever_came_with_it() {
        for dirty in [
            "26312000000123456789",
            " 2631 2000 0001 2345 6789\r\n",
            "２６３１２００００００１２３４５６７８９",
            "发票号码：26312000000123456789",
            "26312000\u{200b}000123456789\u{feff}",
            "2631\u{a0}2000\u{3000}0001\t2345 6789",
            "26,312,000,000,123,456,789",
        ] {
            assert_eq!(number(dirty), "26312000000123456789", "{dirty:?}");
        }
        assert_eq!(number(" 0110019001－12345678 "), "0110019001-12345678");
        assert_eq!(number("№ "), "");
    }

    #[test]
    fn a_search_reads_numbers_and_leaves_names() {
        for (dirty, meant) in [
            ("2631 2000 0001 2345 6789", "26312000000123456789"),
            ("２６３１２００００００１２３４５６７８９", "26312000000123456789"),
            ("2631200000\u{200b}0123456789\n", "26312000000123456789"),
            ("9131 0115 MA1K 35JX 4G", "91310115MA1K35JX4G"),
            ("1234 5678", "12345678"),
            ("￥1,234.50元", "1234.50"),
            ("¥１，２３４．５０", "1234.50"),
            ("-1,234,567。80", "-1234567.80"),
            ("88.00", "88.00"),
        ] {
            assert_eq!(search(dirty), meant, "{dirty:?}");
        }
        // Two words, each of which must occur.
        for same in
            ["上海（集团）有限公司", "示例 88.00", "1,2号楼", "１０１室", "011001900111 12345678", "2026 88", "A4 B5 C6", "ＡＢＣ", "12,34"]
        {
            assert_eq!(search(same), same);
        }
        assert_eq!(search(" \u{200b}\r\n"), "");
    }
}
