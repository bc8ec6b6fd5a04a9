//! The fields of a naming pattern (命名规则) in the language of the window. What is kept has the English words, so that it stays
//! the same in either language.

use piaoxia_domain::names::{Field, NamePattern};

use super::Language;

/// What a field is called between braces.
#[must_use]
pub fn field_word(language: Language) -> fn(Field) -> &'static str {
    match language {
        Language::ZhCn => Field::chinese,
        Language::En => Field::word,
    }
}

/// The pattern as the window shows it; one that cannot be read stays as it was typed.
#[must_use]
pub fn pattern_shown(pattern: &str, language: Language) -> String {
    spelled(pattern, field_word(language))
}

/// The pattern as it is kept.
#[must_use]
pub fn pattern_kept(pattern: &str) -> String {
    spelled(pattern, Field::word)
}

fn spelled(pattern: &str, word: fn(Field) -> &'static str) -> String {
    NamePattern::parse(pattern).map_or_else(|_| pattern.to_owned(), |read| read.spelled(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use piaoxia_domain::names::DEFAULT_PATTERN;

    #[test]
    fn a_pattern_is_shown_in_the_language_of_the_window_and_kept_in_one() {
        let shown = pattern_shown(DEFAULT_PATTERN, Language::ZhCn);
        assert_eq!(shown, "{开票月份}/{开票日期}_{票种}_{对方}_{发票号码}_{价税合计}");
        assert_eq!((pattern_kept(&shown), pattern_shown(&shown, Language::En)), (DEFAULT_PATTERN.to_owned(), DEFAULT_PATTERN.to_owned()));
        assert_eq!((pattern_shown("{日期", Language::ZhCn), pattern_kept("{what}")), ("{日期".to_owned(), "{what}".to_owned()));
    }
}
