//! Text that goes into cells: cleaned, and never taken for a formula.

use std::borrow::Cow;

use piaoxia_domain::names::is_invisible;

/// True when one of the bytes is wanted. Looks at all of them: most texts have none, and without a way out the processor takes many at
/// a time.
#[inline]
pub(crate) fn has(bytes: &[u8], wanted: impl Fn(u8) -> bool) -> bool {
    bytes.iter().fold(false, |found, byte| found | wanted(*byte))
}

/// Line ends become `\n`; control characters, which neither XML nor a spreadsheet takes, are dropped.
pub(crate) fn cleaned(text: &str) -> Cow<'_, str> {
    // Bytes that no dropped character has: nearly every text is done here.
    if !has(text.as_bytes(), |byte| matches!(byte, 0..0x20 | 0x7F | 0xC2 | 0xEF)) {
        return Cow::Borrowed(text);
    }
    let is_kept = |c: char| matches!(c, '\t' | '\n') || !(c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}'));
    if text.chars().all(is_kept) {
        return Cow::Borrowed(text);
    }
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    Cow::Owned(lines.chars().filter(|c| is_kept(*c)).collect())
}

/// True for text that a spreadsheet could run as a formula when a person opens the file or edits the cell: it starts with
/// `= + - @`, their full-width or small forms, a tab or a line end; spaces, quotes and invisible characters before them
/// do not count.
pub(crate) fn is_formula_like(text: &str) -> bool {
    // Nearly every text begins with a digit, a letter or a Chinese character.
    if text.starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '\u{4E00}'..='\u{9FFF}' | '*')) {
        return false;
    }
    const QUOTES: [char; 9] = ['\'', '"', '`', '‘', '’', '“', '”', '＂', '＇'];
    const STARTS: [char; 13] = ['=', '+', '-', '@', '＝', '＋', '－', '＠', '﹦', '﹢', '﹣', '﹫', '−'];
    let is_skipped = |c: char| c.is_whitespace() || c.is_control() || is_invisible(c) || QUOTES.contains(&c);
    text.starts_with(['\t', '\r', '\n']) || text.trim_start_matches(is_skipped).starts_with(STARTS)
}

/// The text with a leading `'` where a spreadsheet could take it for a formula.
pub(crate) fn guarded(text: Cow<'_, str>) -> Cow<'_, str> {
    if is_formula_like(&text) { Cow::Owned(format!("'{text}")) } else { text }
}

/// What stands behind a sum with voided invoices (作废) in it; nothing where there are none. `words` have `{n}` for their number.
pub(crate) fn voided_note(words: &str, voided: u64) -> String {
    if voided == 0 { String::new() } else { words.replace("{n}", &voided.to_string()) }
}

/// Cuts to so many UTF-16 units, the last of which is then `…`. True when something was cut.
pub(crate) fn cut(text: Cow<'_, str>, limit: usize) -> (Cow<'_, str>, bool) {
    // A unit takes at least one byte.
    if text.len() <= limit || text.encode_utf16().count() <= limit {
        return (text, false);
    }
    let mut room = limit.saturating_sub(1);
    let mut short: String = text
        .chars()
        .take_while(|c| {
            let fits = c.len_utf16() <= room;
            room = room.saturating_sub(c.len_utf16());
            fits
        })
        .collect();
    short.push('…');
    (Cow::Owned(short), true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_dropped_and_lines_kept() {
        assert_eq!(cleaned("a\0b\u{1b}c\u{85}\u{ffff}"), "abc");
        assert_eq!(cleaned("一\r\n二\r三\n四\t五"), "一\n二\n三\n四\t五");
    }

    #[test]
    fn formulas_are_known_through_their_disguises() {
        for text in ["=1", "  =1", "\u{3000}＝1", "\"=1", "'@x", "\u{200b}+1", "\u{feff}-1", "\tx", "\nx", "“－1", "﹦1", "\u{0}=1"] {
            assert!(is_formula_like(text), "{text:?}");
        }
        for text in ["", "上海=1", "1-2", "（-1）", "\u{200b}x", "'"] {
            assert!(!is_formula_like(text), "{text:?}");
        }
        assert_eq!(guarded(Cow::Borrowed("=1")), "'=1");
        assert_eq!(guarded(Cow::Borrowed("甲")), "甲");
    }

    #[test]
    fn a_cut_text_says_so() {
        assert_eq!(cut(Cow::Borrowed("一二三"), 3), (Cow::Borrowed("一二三"), false));
        assert_eq!(cut(Cow::Borrowed("一二三四"), 3), (Cow::Borrowed("一二…"), true));
        assert_eq!(cut(Cow::Borrowed("一\u{20000}三四"), 3), (Cow::Borrowed("一…"), true));
    }
}
