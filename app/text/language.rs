//! The language of the window and of the command line.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

/// A language that all texts exist in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// 简体中文.
    #[default]
    ZhCn,
    /// English.
    En,
}

/// The same for the whole process.
static CURRENT: AtomicU8 = AtomicU8::new(0);
/// It was named at the start.
static NAMED: AtomicBool = AtomicBool::new(false);

impl Language {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 2] = [Self::ZhCn, Self::En];

    /// As it is typed and kept: `zh-CN`, `en`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::ZhCn => "zh-CN",
            Self::En => "en",
        }
    }

    /// What it calls itself: who looks for it may read no other.
    #[must_use]
    pub fn own_name(self) -> &'static str {
        match self {
            Self::ZhCn => "简体中文",
            Self::En => "English",
        }
    }

    /// The language with this code, in capitals or not.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code().eq_ignore_ascii_case(code.trim()))
    }

    /// The language for a user of a system in this locale, `en-US` or `zh_CN.UTF-8`. One that says nothing is a Chinese one.
    #[must_use]
    pub fn of_locale(locale: &str) -> Self {
        let main = locale.split(['-', '_', '.']).next().unwrap_or_default().to_ascii_lowercase();
        match main.as_str() {
            "" | "c" | "posix" | "zh" => Self::ZhCn,
            _ => Self::En,
        }
    }

    /// The language for this system's user.
    #[must_use]
    pub fn of_system() -> Self {
        sys_locale::get_locale().map_or_else(Self::default, |locale| Self::of_locale(&locale))
    }

    pub(super) fn current() -> Self {
        let place = usize::from(CURRENT.load(Ordering::Relaxed));
        Self::ALL.get(place).copied().unwrap_or_default()
    }

    pub(super) fn make_current(self) {
        CURRENT.store(self as u8, Ordering::Relaxed);
    }

    pub(super) fn is_named() -> bool {
        NAMED.load(Ordering::Relaxed)
    }

    pub(super) fn name(self) {
        self.make_current();
        NAMED.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_and_written() {
        for language in Language::ALL {
            assert_eq!(Language::from_code(language.code()), Some(language));
        }
        assert_eq!(Language::from_code(" ZH-cn"), Some(Language::ZhCn));
        assert_eq!(Language::from_code("fr"), None);
    }

    #[test]
    fn a_system_that_is_not_chinese_begins_in_english() {
        for locale in ["zh", "zh-CN", "zh_TW.UTF-8", "zh-Hans-CN", "C", "C.UTF-8", "POSIX", ""] {
            assert_eq!(Language::of_locale(locale), Language::ZhCn, "{locale}");
        }
        for locale in ["en", "en-US", "de_DE.UTF-8", "ja-JP"] {
            assert_eq!(Language::of_locale(locale), Language::En, "{locale}");
        }
    }
}
