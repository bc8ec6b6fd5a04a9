//! Character maps: codes of a font to text (ToUnicode, ISO 32000-1, 9.10.3), and how long the codes of a string are (9.7.6.2).

use super::object::Object;
use super::parser::{Parser, Token};
use crate::limits::PDF_MAPPED;

/// Characters that one code may stand for.
const LIGATURE: usize = 8;

/// A map from codes to text.
#[derive(Debug, Default)]
pub(super) struct ToUnicode {
    /// Sorted by their first code.
    ranges: Vec<Mapped>,
}

/// Codes in a row, whose texts are in a row too.
#[derive(Debug)]
struct Mapped {
    first: u32,
    last: u32,
    /// The text of the first; that of the n-th has its last character n further.
    text: String,
}

/// Lengths of codes, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Codes {
    /// One byte each.
    One,
    /// Two bytes each.
    Two,
    /// GBK, GB 2312: one byte up to 0x80 and for 0xFF, else two.
    Gbk,
    /// UTF-16 in big-endian order.
    Utf16,
    /// By the ranges that a map of the file's own gives: length, first, last.
    Spaces(Vec<(usize, u32, u32)>),
}

impl Codes {
    /// The first code of a string, and its length.
    pub(super) fn first(&self, text: &[u8]) -> Option<(u32, usize)> {
        let lead = *text.first()?;
        let length = match self {
            Self::One => 1,
            Self::Two => 2,
            Self::Gbk if lead <= 0x80 || lead == 0xFF => 1,
            Self::Gbk => 2,
            Self::Utf16 if (0xD8..0xDC).contains(&lead) => 4,
            Self::Utf16 => 2,
            Self::Spaces(spaces) => {
                let fits = |(length, first, last): &&(usize, u32, u32)| {
                    text.get(..*length).is_some_and(|code| (*first..=*last).contains(&number(code)))
                };
                spaces.iter().find(fits).map_or(1, |(length, ..)| *length)
            }
        };
        let code = text.get(..length.min(text.len()))?;
        Some((number(code), code.len()))
    }
}

impl ToUnicode {
    /// Reads a map; what is broken in it is left out.
    pub(super) fn read(bytes: &[u8]) -> Self {
        let mut ranges = Vec::new();
        let mut operands: Vec<Object> = Vec::new();
        let mut parser = Parser::new(bytes);
        while let Some(token) = parser.token() {
            match token {
                Token::Value(value) if operands.len() < PDF_MAPPED => operands.push(value),
                Token::Value(_) => break,
                Token::Word(word) => {
                    match word.as_slice() {
                        b"endbfchar" => operands.chunks_exact(2).for_each(|pair| character(pair, &mut ranges)),
                        b"endbfrange" => operands.chunks_exact(3).for_each(|triple| range(triple, &mut ranges)),
                        _ => {}
                    }
                    operands.clear();
                    if ranges.len() > PDF_MAPPED {
                        break;
                    }
                }
            }
        }
        ranges.sort_by_key(|mapped| mapped.first);
        Self { ranges }
    }

    /// The text of a code.
    pub(super) fn text(&self, code: u32) -> Option<String> {
        let behind = self.ranges.partition_point(|mapped| mapped.first <= code);
        let mapped = self.ranges.get(behind.checked_sub(1)?).filter(|mapped| code <= mapped.last)?;
        let mut text = mapped.text.clone();
        if code > mapped.first {
            let last = text.pop()?;
            text.push(char::from_u32(u32::from(last).checked_add(code - mapped.first)?)?);
        }
        Some(text)
    }
}

fn character(pair: &[Object], ranges: &mut Vec<Mapped>) {
    if let [Object::Text(code), Object::Text(target)] = pair {
        let code = number(code);
        ranges.push(Mapped { first: code, last: code, text: utf16(target) });
    }
}

fn range(triple: &[Object], ranges: &mut Vec<Mapped>) {
    let [Object::Text(first), Object::Text(last), target] = triple else { return };
    let (first, last) = (number(first), number(last));
    match target {
        Object::Text(target) => ranges.push(Mapped { first, last, text: utf16(target) }),
        Object::Array(targets) => {
            for (target, code) in targets.iter().zip(first..=last) {
                ranges.push(Mapped { first: code, last: code, text: utf16(target.text().unwrap_or_default()) });
            }
        }
        _ => {}
    }
}

/// Lengths of codes by the `codespacerange`s of an encoding of the file's own; two bytes where it gives none.
pub(super) fn codes(bytes: &[u8]) -> Codes {
    let mut spaces = Vec::new();
    let mut operands = Vec::new();
    let mut parser = Parser::new(bytes);
    while let Some(token) = parser.token() {
        match token {
            Token::Value(Object::Text(text)) if operands.len() < 512 => operands.push(text),
            Token::Value(_) => {}
            Token::Word(word) => {
                if word == b"endcodespacerange" {
                    let space = |pair: &[Vec<u8>]| Some((pair.first()?.len(), number(pair.first()?), number(pair.get(1)?)));
                    spaces.extend(operands.chunks_exact(2).filter_map(space).filter(|(length, ..)| (1..=4).contains(length)));
                }
                operands.clear();
            }
        }
    }
    spaces.truncate(256);
    if spaces.is_empty() { Codes::Two } else { Codes::Spaces(spaces) }
}

fn number(code: &[u8]) -> u32 {
    code.iter().take(4).fold(0, |value, byte| (value << 8) | u32::from(*byte))
}

fn utf16(bytes: &[u8]) -> String {
    let units = bytes.chunks_exact(2).map(|pair| pair.iter().fold(0_u16, |unit, byte| (unit << 8) | u16::from(*byte)));
    // One byte alone is a writer's short form of the character.
    let units = units.chain((bytes.len() == 1).then(|| bytes.first().copied().map(u16::from)).flatten());
    char::decode_utf16(units).take(LIGATURE).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_become_text() {
        let map = ToUnicode::read(
            b"1 begincodespacerange <0000> <FFFF> endcodespacerange 2 beginbfchar <0001> <7968> <0002> <D842DFB7> endbfchar
              3 beginbfrange <0010> <0012> <0041> <0020><0021> [<0066006C> <5F>] <0030> <0031> /x endbfrange endcmap",
        );
        for (code, text) in [(1, "票"), (2, "𠮷"), (0x10, "A"), (0x12, "C"), (0x20, "fl"), (0x21, "_")] {
            assert_eq!(map.text(code).as_deref(), Some(text), "{code}");
        }
        for code in [0, 3, 0x13, 0x22, 0x30, u32::MAX] {
            assert_eq!(map.text(code), None, "{code}");
        }
    }

    #[test]
    fn strings_are_cut_into_codes() {
        assert_eq!(Codes::Gbk.first(b"\xC6\xB1A"), Some((0xC6B1, 2)));
        assert_eq!(Codes::Gbk.first(b"A\xC6\xB1"), Some((0x41, 1)));
        assert_eq!(Codes::Two.first(b"\x01"), Some((1, 1)));
        assert_eq!(Codes::Utf16.first(b"\xD8\x42\xDF\xB7"), Some((0xD842_DFB7, 4)));
        assert_eq!(Codes::One.first(b""), None);
        let own = codes(b"2 begincodespacerange <00> <80> <8140> <FEFE> endcodespacerange");
        assert_eq!(own, Codes::Spaces(vec![(1, 0, 0x80), (2, 0x8140, 0xFEFE)]));
        assert_eq!((own.first(b"A"), own.first(b"\xC6\xB1")), (Some((0x41, 1)), Some((0xC6B1, 2))));
        assert_eq!(codes(b"endcmap"), Codes::Two);
    }
}
