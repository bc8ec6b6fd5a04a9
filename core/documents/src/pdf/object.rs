//! The objects of a PDF (ISO 32000-1, 7.3).

use std::ops::Range;

use super::crypt::Of;

/// A value.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Object {
    /// `null`, and whatever cannot be read.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number; an integer where it has no point.
    Number(f64),
    /// `/Name`, its `#xx` resolved.
    Name(Vec<u8>),
    /// `(literal)` or `<hexadecimal>`, unpacked.
    Text(Vec<u8>),
    /// `[...]`.
    Array(Vec<Object>),
    /// `<<...>>`.
    Dict(Dict),
    /// A dictionary with bytes of the file behind it, still packed.
    Stream(Stream),
    /// `N G R`: the number of an indirect object.
    Ref(u32),
}

/// A dictionary, in the file's order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Dict(pub Vec<(Vec<u8>, Object)>);

/// A stream.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stream {
    /// Its dictionary.
    pub dict: Dict,
    /// Its packed bytes within the file.
    pub range: Range<usize>,
    /// Number and generation of its object, which its key is made of where the file is encrypted.
    pub of: Of,
}

impl Dict {
    /// The value of a key as it stands; [`Object::Null`] where there is none.
    pub(super) fn get(&self, key: &[u8]) -> &Object {
        const NOTHING: &Object = &Object::Null;
        self.0.iter().find(|(name, _)| name == key).map_or(NOTHING, |(_, value)| value)
    }
}

impl Object {
    /// A whole number that an index or a count can be.
    pub(super) fn index(&self) -> Option<usize> {
        match self {
            // A cast saturates; the range is checked first.
            Self::Number(number) if *number >= 0.0 && *number <= f64::from(u32::MAX) => Some(*number as usize),
            _ => None,
        }
    }

    /// A number that a page can hold: finite and within a million points.
    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) if number.is_finite() => Some(number.clamp(-1e6, 1e6)),
            _ => None,
        }
    }

    /// The bytes of a name.
    pub(super) fn name(&self) -> Option<&[u8]> {
        match self {
            Self::Name(name) => Some(name),
            _ => None,
        }
    }

    /// The bytes of a string.
    pub(super) fn text(&self) -> Option<&[u8]> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The items of an array.
    pub(super) fn array(&self) -> Option<&[Self]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The dictionary, also that of a stream.
    pub(super) fn dict(&self) -> Option<&Dict> {
        match self {
            Self::Dict(dict) => Some(dict),
            Self::Stream(stream) => Some(&stream.dict),
            _ => None,
        }
    }
}

/// A text string of the file's own (7.9.2.2): UTF-16 or UTF-8 behind a byte order mark, else taken as Latin letters.
/// Chinese programs also write bare GBK; bytes beyond ASCII that make valid GB18030 are read as that.
pub(super) fn text_string(bytes: &[u8]) -> String {
    if let Some(units) = bytes.strip_prefix(b"\xFE\xFF") {
        return encoding_rs::UTF_16BE.decode_without_bom_handling(units).0.into_owned();
    }
    if let Some(units) = bytes.strip_prefix(b"\xFF\xFE") {
        return encoding_rs::UTF_16LE.decode_without_bom_handling(units).0.into_owned();
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => match encoding_rs::GB18030.decode_without_bom_handling_and_without_replacement(bytes) {
            Some(text) => text.into_owned(),
            None => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_strings_come_in_four_encodings() {
        for bytes in [&b"\xFE\xFF\x79\x68\x63\x6E"[..], b"\xFF\xFE\x68\x79\x6E\x63", "\u{FEFF}票据".as_bytes(), b"\xC6\xB1\xBE\xDD"] {
            assert_eq!(text_string(bytes), "票据", "{bytes:?}");
        }
        assert_eq!(text_string(b"26312000000000000001"), "26312000000000000001");
    }
}
