//! Fonts: what the codes of a string say and how wide they are (ISO 32000-1, 9.6 to 9.8).

use encoding_rs::{GB18030, WINDOWS_1252};

use super::cmap::{self, Codes, ToUnicode};
use super::file::File;
use super::object::{Dict, Object};

/// Width of a letter where a font does not say, in thousandths of the size.
const LETTER: f64 = 500.0;
/// Width of a hanzi.
const HANZI: f64 = 1000.0;

/// A font, as far as its text can be told and placed.
pub(super) struct Font {
    codes: Codes,
    to_unicode: Option<ToUnicode>,
    letters: Letters,
    widths: Widths,
    /// Written from top to bottom.
    pub vertical: bool,
}

/// What a code means where the font has no map of its own.
enum Letters {
    /// Nobody knows: a number of the font's own.
    Unknown,
    /// Latin letters (WinAnsi), with the font's exceptions.
    Latin(Vec<(u32, char)>),
    /// UCS-2 or UTF-16.
    Unicode,
    /// GB 2312, GBK or GB 18030.
    Gbk,
}

#[derive(Default)]
struct Widths {
    /// First code, last code, widths: one for all, or one each.
    ranges: Vec<(u32, u32, Vec<f64>)>,
    usual: Option<f64>,
    /// The widths are by codes of the string, and not by numbers that only the predefined map knows.
    by_code: bool,
}

/// A code of a string.
pub(super) struct Shown {
    /// What it says; empty where nobody knows.
    pub text: String,
    /// Advance in thousandths of the font's size.
    pub width: f64,
    /// The single-byte code 32, to which word spacing applies (9.3.3).
    pub space: bool,
}

impl Font {
    /// Reads a font's dictionary.
    pub(super) fn new(file: &File<'_>, dict: &Dict) -> Self {
        let to_unicode = match file.value(dict, b"ToUnicode") {
            Object::Stream(stream) => file.unpacked(&stream).ok().map(|bytes| ToUnicode::read(&bytes)),
            _ => None,
        };
        let encoding = file.value(dict, b"Encoding");
        if file.value(dict, b"Subtype").name() != Some(b"Type0") {
            let letters = Letters::Latin(exceptions(file, encoding.dict()));
            return Self { codes: Codes::One, to_unicode, letters, widths: Widths::simple(file, dict), vertical: false };
        }
        let own = match &encoding {
            Object::Stream(stream) => file.unpacked(stream).ok(),
            _ => None,
        };
        let name = encoding.name().map(String::from_utf8_lossy).unwrap_or_default().into_owned();
        let (codes, letters) = match name.as_str() {
            _ if own.is_some() => (cmap::codes(&own.unwrap_or_default()), Letters::Unknown),
            name if name.starts_with("UniGB-UCS2") => (Codes::Two, Letters::Unicode),
            name if name.starts_with("UniGB-UTF16") => (Codes::Utf16, Letters::Unicode),
            name if name.starts_with("GB") => (Codes::Gbk, Letters::Gbk),
            _ => (Codes::Two, Letters::Unknown),
        };
        let mut widths = Widths::composite(file, dict);
        widths.by_code = matches!(letters, Letters::Unknown);
        Self { codes, to_unicode, letters, widths, vertical: name.ends_with("-V") }
    }

    /// Cuts a string into its codes.
    pub(super) fn show<'s>(&'s self, text: &'s [u8]) -> impl Iterator<Item = Shown> + 's {
        let mut rest = text;
        std::iter::from_fn(move || {
            let (code, length) = self.codes.first(rest)?;
            let (bytes, behind) = rest.split_at(length);
            rest = behind;
            let text = self.text(code, bytes);
            Some(Shown { width: self.widths.of(code, &text), space: length == 1 && code == 32, text })
        })
    }

    fn text(&self, code: u32, bytes: &[u8]) -> String {
        if let Some(text) = self.to_unicode.as_ref().and_then(|map| map.text(code)) {
            return text;
        }
        match &self.letters {
            Letters::Unknown => String::new(),
            Letters::Unicode => encoding_rs::UTF_16BE.decode_without_bom_handling(bytes).0.into_owned(),
            Letters::Gbk => GB18030.decode_without_bom_handling(bytes).0.into_owned(),
            Letters::Latin(exceptions) => match exceptions.iter().find(|(exception, _)| *exception == code) {
                Some((_, character)) => character.to_string(),
                None => WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
            },
        }
    }
}

impl Widths {
    /// Of a font with one byte a code.
    fn simple(file: &File<'_>, dict: &Dict) -> Self {
        let first = file.value(dict, b"FirstChar").index().and_then(|first| u32::try_from(first).ok()).unwrap_or_default();
        let widths = file.value(dict, b"Widths");
        let widths: Vec<f64> = widths.array().unwrap_or_default().iter().take(256).map(|width| number(file, width)).collect();
        let last = first.saturating_add(255);
        Self { ranges: vec![(first, last, widths)], usual: None, by_code: true }
    }

    /// Of a composite font: `c [w ...]` and `first last w` (9.7.4.3).
    fn composite(file: &File<'_>, dict: &Dict) -> Self {
        let descendants = file.value(dict, b"DescendantFonts");
        let descendant = descendants.array().and_then(<[Object]>::first).map(|font| file.resolve(font)).unwrap_or_default();
        let nothing = Dict::default();
        let descendant = descendant.dict().unwrap_or(&nothing);
        let usual = file.value(descendant, b"DW").number();
        let mut ranges = Vec::new();
        let listed = file.value(descendant, b"W");
        let mut items = listed.array().unwrap_or_default().iter().map(|item| file.resolve(item));
        let code = |item: &Object| item.index().and_then(|code| u32::try_from(code).ok());
        while let Some(first) = items.next().as_ref().and_then(code) {
            match items.next() {
                Some(Object::Array(widths)) => {
                    let widths: Vec<f64> = widths.iter().map(|width| number(file, width)).collect();
                    let last = first.saturating_add(u32::try_from(widths.len()).unwrap_or(u32::MAX));
                    ranges.push((first, last, widths));
                }
                Some(last) => {
                    let (Some(last), Some(width)) = (code(&last), items.next()) else { break };
                    ranges.push((first, last, vec![number(file, &width)]));
                }
                None => break,
            }
        }
        // Sorted, since a hostile file has many ranges and many letters.
        ranges.sort_by_key(|(first, ..)| *first);
        Self { ranges, usual: Some(usual.unwrap_or(HANZI)), by_code: true }
    }

    fn of(&self, code: u32, text: &str) -> f64 {
        let stated = |(first, _, widths): &(u32, u32, Vec<f64>)| match widths.as_slice() {
            [width] => Some(*width),
            widths => widths.get((code - first) as usize).copied(),
        };
        let behind = self.ranges.partition_point(|(first, ..)| *first <= code);
        let range = behind.checked_sub(1).and_then(|at| self.ranges.get(at)).filter(|(_, last, _)| code <= *last);
        if let Some(width) = range.filter(|_| self.by_code).and_then(stated) {
            return width;
        }
        match self.usual {
            // The predefined maps give letters half a hanzi.
            Some(_) if !self.by_code && text.is_ascii() => LETTER,
            Some(usual) => usual,
            None => LETTER,
        }
    }
}

fn number(file: &File<'_>, object: &Object) -> f64 {
    file.resolve(object).number().unwrap_or_default()
}

/// The codes that a font's encoding gives another meaning (9.6.6.1).
fn exceptions(file: &File<'_>, encoding: Option<&Dict>) -> Vec<(u32, char)> {
    let Some(encoding) = encoding else { return Vec::new() };
    let listed = file.value(encoding, b"Differences");
    let mut code = 0_u32;
    let mut exceptions = Vec::new();
    for item in listed.array().unwrap_or_default().iter().take(1024) {
        match item {
            Object::Number(_) => code = item.index().and_then(|code| u32::try_from(code).ok()).unwrap_or_default(),
            Object::Name(name) => {
                exceptions.extend(glyph(name).map(|character| (code, character)));
                code = code.saturating_add(1);
            }
            _ => {}
        }
    }
    exceptions
}

/// The character of a glyph name: one letter, `uniXXXX`, and those that amounts, dates and numbers are written with.
fn glyph(name: &[u8]) -> Option<char> {
    const NAMES: [(&str, char); 30] = [
        ("zero", '0'),
        ("one", '1'),
        ("two", '2'),
        ("three", '3'),
        ("four", '4'),
        ("five", '5'),
        ("six", '6'),
        ("seven", '7'),
        ("eight", '8'),
        ("nine", '9'),
        ("period", '.'),
        ("comma", ','),
        ("hyphen", '-'),
        ("minus", '-'),
        ("plus", '+'),
        ("slash", '/'),
        ("backslash", '\\'),
        ("percent", '%'),
        ("colon", ':'),
        ("semicolon", ';'),
        ("parenleft", '('),
        ("parenright", ')'),
        ("bracketleft", '['),
        ("bracketright", ']'),
        ("asterisk", '*'),
        ("less", '<'),
        ("greater", '>'),
        ("underscore", '_'),
        ("yen", '¥'),
        ("space", ' '),
    ];
    let name = std::str::from_utf8(name).ok()?;
    let mut characters = name.chars();
    if let (Some(letter), None) = (characters.next(), characters.next()) {
        return Some(letter);
    }
    if let Some(digits) = name.strip_prefix("uni").filter(|digits| digits.len() == 4) {
        return char::from_u32(u32::from_str_radix(digits, 16).ok()?);
    }
    NAMES.iter().find(|(known, _)| *known == name).map(|(_, character)| *character)
}
