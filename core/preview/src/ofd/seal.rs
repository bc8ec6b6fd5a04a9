//! The picture of an electronic seal (GB/T 38540-2020, 6.3): found in the signature value or the seal file, whichever
//! version its structure has. Whether the seal is genuine is settled elsewhere.

/// Nested structures that are looked into.
const DEPTH: usize = 16;
/// Elements that are looked at.
const ELEMENTS: usize = 20_000;

const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const UTF8: u8 = 0x0C;
const IA5: u8 = 0x16;
const SEQUENCE: u8 = 0x30;
const CONSTRUCTED: u8 = 0x20;

/// The picture file in a seal: `SES_ESPictrueInfo ::= SEQUENCE { type IA5String, data OCTET STRING, width INTEGER, height
/// INTEGER }`. None when there is none.
pub(super) fn picture(bytes: &[u8]) -> Option<&[u8]> {
    find(bytes, DEPTH, &mut { ELEMENTS })
}

fn find<'a>(mut bytes: &'a [u8], depth: usize, left: &mut usize) -> Option<&'a [u8]> {
    while let Some(element) = Element::take(&mut bytes) {
        *left = left.checked_sub(1)?;
        if element.tag == SEQUENCE
            && let Some(data) = element.picture()
        {
            return Some(data);
        }
        // An octet string may hold a structure of its own, as SES seals do inside certificates' containers.
        let is_nested = element.tag & CONSTRUCTED != 0 || (element.tag == OCTETS && element.content.first() == Some(&SEQUENCE));
        if is_nested
            && depth > 0
            && let Some(data) = find(element.content, depth - 1, left)
        {
            return Some(data);
        }
    }
    None
}

/// One element of DER.
struct Element<'a> {
    tag: u8,
    content: &'a [u8],
}

impl<'a> Element<'a> {
    /// Takes the next element off; none at the end and for what is no DER.
    fn take(bytes: &mut &'a [u8]) -> Option<Self> {
        let (&tag, rest) = bytes.split_first()?;
        let (&first, mut rest) = rest.split_first()?;
        let length = if first < 0x80 {
            usize::from(first)
        } else {
            let (digits, after) = rest.split_at_checked(usize::from(first & 0x7F)).filter(|(digits, _)| (1..=4).contains(&digits.len()))?;
            rest = after;
            digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit))
        };
        let (content, rest) = rest.split_at_checked(length)?;
        *bytes = rest;
        Some(Self { tag, content })
    }

    fn picture(&self) -> Option<&'a [u8]> {
        let mut bytes = self.content;
        let kind = Self::take(&mut bytes).filter(|kind| matches!(kind.tag, IA5 | UTF8))?;
        let data = Self::take(&mut bytes).filter(|data| data.tag == OCTETS)?;
        let is_size = |element: Option<Self>| element.is_some_and(|element| element.tag == INTEGER);
        let is_picture = kind.content.len() <= 16 && is_size(Self::take(&mut bytes)) && is_size(Self::take(&mut bytes));
        is_picture.then_some(data.content)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Builds one element.
    fn der(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = content.len();
        [&[tag, 0x82, (length >> 8) as u8, length as u8], content].concat()
    }

    #[test]
    fn the_picture_is_found_and_nothing_else() {
        let info = [der(IA5, b"png"), der(OCTETS, b"PICTURE"), der(INTEGER, &[30]), der(INTEGER, &[20])].concat();
        let seal = der(
            SEQUENCE,
            &[der(INTEGER, &[4]), der(SEQUENCE, &[der(IA5, b"ES"), der(INTEGER, &[4])].concat()), der(SEQUENCE, &info)].concat(),
        );
        assert_eq!(picture(&seal), Some(&b"PICTURE"[..]));
        assert_eq!(picture(&der(SEQUENCE, &seal)), Some(&b"PICTURE"[..]));
        assert_eq!(picture(&der(SEQUENCE, &der(IA5, b"png"))), None);
    }

    #[test]
    fn rubbish_ends() {
        let mut deep = Vec::new();
        for _ in 0..5_000 {
            deep = der(SEQUENCE, &deep);
            deep.truncate(60_000);
        }
        for bytes in [&deep[..], &[SEQUENCE, 0x84, 0xFF, 0xFF, 0xFF, 0xFF], &[SEQUENCE, 0x80], &[SEQUENCE], &[0; 50_000]] {
            assert_eq!(picture(bytes), None);
        }
    }
}
