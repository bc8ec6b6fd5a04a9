//! Text from elsewhere, shown as what it is: what is hidden in a name becomes visible.
//!
//! A name with a zero-width space looks like the name without it, and direction marks let programs that reorder text show digits
//! elsewhere than they stand. egui lays characters out in their order, so nothing of that kind can move another column here; the
//! mark says that something is wrong with the name, in the window and on the terminal.

use std::borrow::Cow;

/// Stands for a character that is not seen. The embedded font has it.
pub const MARK: char = '□';

/// The text with a [`MARK`] for every control character (line ends and tabs apart), direction mark and other character without
/// a picture. As long in characters as before.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_hidden) {
        return Cow::Owned(text.chars().map(|c| if is_hidden(c) { MARK } else { c }).collect());
    }
    Cow::Borrowed(text)
}

/// Control characters, and `Default_Ignorable_Code_Point` with the interlinear marks (Unicode 16).
#[must_use]
pub fn is_hidden(c: char) -> bool {
    match c {
        '\n' | '\t' | ' '..='~' => false,
        '\u{2028}' | '\u{2029}' => true,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}' => true,
        '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' => true,
        '\u{FE00}'..='\u{FE0F}' | '\u{FFF0}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' => true,
        '\u{E0000}'..='\u{E0FFF}' => true,
        other => other.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_is_marked_and_the_rest_stays() {
        let table = [
            ("上海票匣贸易有限公司", "上海票匣贸易有限公司"),
            ("上海\u{200b}票匣", "上海□票匣"),
            ("发票\u{202e}00.1", "发票□00.1"),
            ("\u{1b}[31m甲\u{7}", "□[31m甲□"),
            ("\u{2067}乙\u{2069}", "□乙□"),
            ("一\r\n二\t三", "一□\n二\t三"),
        ];
        for (text, shown) in table {
            assert_eq!(visible(text), shown, "{text:?}");
            assert_eq!(visible(shown), shown, "shown again");
        }
        assert!(matches!(visible("甲"), Cow::Borrowed(_)), "nothing is copied for nothing");
    }
}
