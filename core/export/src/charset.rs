//! Text as bytes of the encoding that was asked for.

use std::borrow::Cow;

use encoding_rs::GB18030;

use crate::request::Encoding;

impl Encoding {
    /// What the file begins with.
    pub(crate) fn mark(self) -> &'static [u8] {
        match self {
            Self::Utf8 => "\u{FEFF}".as_bytes(),
            Self::Gb18030 => &[],
        }
    }

    /// The text with the characters that this encoding has.
    pub(crate) fn fitted(self, text: Cow<'_, str>) -> Cow<'_, str> {
        if self == Self::Utf8 || !text.chars().any(is_replaced) {
            return text;
        }
        // The encoder writes what the standard has in place of the others.
        let known = text.replace('\u{E5E5}', "\u{FFFD}");
        let (bytes, _, _) = GB18030.encode(&known);
        let (text, _) = GB18030.decode_without_bom_handling(&bytes);
        Cow::Owned(text.into_owned())
    }

    /// A [fitted](Self::fitted) text as bytes. None of them is a quote, a comma or a line end that is none in the text.
    pub(crate) fn encoded(self, text: &str) -> Cow<'_, [u8]> {
        match self {
            Self::Utf8 => Cow::Borrowed(text.as_bytes()),
            Self::Gb18030 => GB18030.encode(text).0,
        }
    }

    /// The text that the bytes are; none when they are none.
    pub(crate) fn decoded(self, bytes: &[u8]) -> Option<Cow<'_, str>> {
        match self {
            Self::Utf8 => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
            Self::Gb18030 => GB18030.decode_without_bom_handling_and_without_replacement(bytes),
        }
    }
}

/// Characters for private use among which are all that GB18030 has no code for.
fn is_replaced(c: char) -> bool {
    matches!(c, '\u{E5E5}' | '\u{E78D}'..='\u{E796}' | '\u{E81E}'..='\u{E864}')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn gb18030_holds_all_of_unicode_but_what_it_says() {
        let gb = Encoding::Gb18030;
        let mut replaced = 0;
        for c in ('\0'..=char::MAX).filter(|c| !c.is_control()) {
            let text = c.to_string();
            let fitted = gb.fitted(Cow::Borrowed(&text));
            replaced += usize::from(fitted != text);
            let bytes = gb.encoded(&fitted);
            assert_eq!(gb.decoded(&bytes).unwrap(), fitted, "U+{:04X}", u32::from(c));
            let is_syntax = |byte: &u8| matches!(byte, b'"' | b',' | b'\r' | b'\n');
            assert_eq!(bytes.iter().any(is_syntax), matches!(c, '"' | ','), "U+{:04X}", u32::from(c));
        }
        assert_eq!(replaced, 19);
    }

    #[test]
    fn what_is_replaced_becomes_what_the_standard_has() {
        let fitted = |text: &'static str| Encoding::Gb18030.fitted(Cow::Borrowed(text)).into_owned();
        assert_eq!(fitted("价\u{E81E}款\u{E78D}税\u{E5E5}"), "价\u{9FB4}款\u{FE10}税\u{FFFD}");
        assert_eq!(fitted("\u{E81F}𠮷野家"), "\u{E81F}𠮷野家");
        assert_eq!(Encoding::Utf8.fitted(Cow::Borrowed("\u{E5E5}")), "\u{E5E5}");
        assert!(Encoding::Gb18030.decoded(&[0xFF]).is_none() && Encoding::Utf8.decoded(&[0xFF]).is_none());
    }
}
