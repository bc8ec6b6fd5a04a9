//! Words on our pages and in our messages: foreign ones are shortened and visible, times are those of Beijing.

use jiff::Timestamp;
use jiff::tz::{TimeZone, offset};
use piaoxia_domain::names::is_invisible;

/// A name as it may be shown: no control or direction characters and none without a picture, at most `longest` characters, trimmed.
pub(crate) fn shown(text: &str, longest: usize) -> String {
    let kept = text.chars().filter(|c| !c.is_control() && !is_hidden(*c)).take(longest).collect::<String>();
    kept.trim().to_owned()
}

/// Beijing time, to the minute.
pub(crate) fn beijing(at: Timestamp) -> String {
    at.to_zoned(TimeZone::fixed(offset(8))).strftime("%Y-%m-%d %H:%M").to_string()
}

/// Characters without a picture that can reorder or hide others, and line ends that are no control characters.
fn is_hidden(c: char) -> bool {
    is_invisible(c) || matches!(c, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_play_tricks() {
        assert_eq!(shown("  财务\u{202E}室\n\u{200B}1  ", 64), "财务室1");
        assert_eq!(shown("一二三四", 2), "一二");
    }
}
