//! Distinguished names (X.501) for people, and texts of hostile files made fit to show.

use crate::der::{DerFault, OID, Reader, SEQUENCE, SET, Value};
use crate::limits::{NAME_PARTS, SHOWN};
use crate::oid;

/// A distinguished name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    /// DER, to compare with.
    pub encoded: Vec<u8>,
    /// The common name, or else the smallest unit that is named.
    pub short: String,
    /// `CN=…, OU=…, O=…`.
    pub full: String,
}

impl Name {
    /// Of a `Name` value.
    pub fn read(value: Value<'_>) -> Result<Self, DerFault> {
        if value.tag != SEQUENCE {
            return Err(DerFault::Type);
        }
        let mut found: Vec<(&[u8], String)> = Vec::new();
        let mut sets = value.parts();
        while !sets.is_empty() {
            let mut set = sets.of(SET)?.parts();
            while !set.is_empty() {
                let mut pair = set.of(SEQUENCE)?.parts();
                let kind = pair.of(OID)?.body;
                found.push((kind, text(pair.value()?)));
                if found.len() > NAME_PARTS {
                    return Err(DerFault::Value);
                }
            }
        }
        let of = |wanted: &[u8]| found.iter().rev().find(|(kind, _)| *kind == wanted).map(|(_, text)| text.clone());
        let short = of(oid::COMMON_NAME).or_else(|| of(oid::UNIT)).or_else(|| of(oid::ORGANISATION)).unwrap_or_default();
        let parts: Vec<String> = found.iter().rev().map(|(kind, text)| format!("{}={text}", label(kind))).collect();
        let full = parts.join(", ");
        let short = if short.is_empty() { full.chars().take(SHOWN).collect() } else { short };
        Ok(Self { encoded: value.whole.to_vec(), short, full })
    }

    /// Its parts of this kind, in their order.
    pub fn parts(&self, wanted: &[u8]) -> Vec<String> {
        let mut found = Vec::new();
        // What was read once is read again: no part can be malformed here.
        let Ok(whole) = Value::only_of(SEQUENCE, &self.encoded) else { return found };
        let mut sets = whole.parts();
        while let Ok(set) = sets.of(SET) {
            let mut pairs = set.parts();
            while let Ok(pair) = pairs.of(SEQUENCE) {
                let mut pair = pair.parts();
                if let (Ok(kind), Ok(value)) = (pair.of(OID), pair.value())
                    && kind.body == wanted
                {
                    found.push(text(value));
                }
            }
        }
        found
    }
}

fn label(kind: &[u8]) -> String {
    match kind {
        oid::COMMON_NAME => "CN".to_owned(),
        oid::UNIT => "OU".to_owned(),
        oid::ORGANISATION => "O".to_owned(),
        oid::LOCALITY => "L".to_owned(),
        oid::PROVINCE => "ST".to_owned(),
        oid::COUNTRY => "C".to_owned(),
        other => oid::dotted(other),
    }
}

/// A string value for showing: UTF8String, PrintableString, IA5String, BMPString; what cannot be read becomes `�`.
pub(crate) fn text(value: Value<'_>) -> String {
    const BMP: u8 = 0x1E;
    let head = value.body.get(..8 * SHOWN).unwrap_or(value.body);
    if value.tag == BMP {
        let units = head.chunks_exact(2).map(|pair| pair.iter().fold(0_u16, |unit, byte| (unit << 8) | u16::from(*byte)));
        return shown(&char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect::<String>());
    }
    shown(&String::from_utf8_lossy(head))
}

/// Fit to show: no control characters, nothing that turns the reading direction, not too long.
pub(crate) fn shown(text: &str) -> String {
    let harmless = |c: &char| {
        !c.is_control() && !matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
    };
    text.trim().chars().filter(harmless).take(SHOWN).collect()
}

/// Parts of a sequence of strings, the `n`th first; for seals that nest texts.
pub(crate) fn next_text(parts: &mut Reader<'_>) -> Result<String, DerFault> {
    const STRINGS: [u8; 5] = [0x0C, 0x13, 0x14, 0x16, 0x1E];
    let value = parts.value()?;
    if STRINGS.contains(&value.tag) { Ok(text(value)) } else { Err(DerFault::Type) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn names_are_shown_smallest_part_first() {
        let encoded = [
            &[0x30, 0x1C][..],
            &[0x31, 0x0B, 0x30, 0x09, 0x06, 0x03, 0x55, 0x04, 0x06, 0x13, 0x02, b'C', b'N'],
            &[0x31, 0x0D, 0x30, 0x0B, 0x06, 0x03, 0x55, 0x04, 0x03, 0x1E, 0x04, 0x7A, 0x0E, 0x52, 0xA1],
        ]
        .concat();
        let name = Name::read(Value::only(&encoded).unwrap()).unwrap();
        assert_eq!((name.short.as_str(), name.full.as_str()), ("税务", "CN=税务, C=CN"));
        assert_eq!(name.encoded, encoded);
    }

    #[test]
    fn texts_are_made_harmless() {
        assert_eq!(shown(" a\u{1B}[31m\u{202E}b\n "), "a[31mb");
        assert_eq!(shown(&"长".repeat(SHOWN + 9)).chars().count(), SHOWN);
        let bytes = [0xFF, b'x'];
        assert_eq!(text(Value { tag: 0x0C, body: &bytes, whole: &bytes }), "\u{FFFD}x");
    }
}
