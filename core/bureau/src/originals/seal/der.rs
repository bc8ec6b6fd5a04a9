//! Distinguished encoding (X.690, DER) of the few types that certificates and seals use.

/// A value with its tag; lengths up to 64 KiB and beyond.
pub(super) fn value(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() + 6);
    out.push(tag);
    let length = body.len().to_be_bytes();
    let significant = length.iter().copied().skip_while(|byte| *byte == 0).collect::<Vec<_>>();
    match significant.as_slice() {
        [] => out.push(0),
        [short] if *short < 0x80 => out.push(*short),
        long => {
            // At most eight length bytes, so the cast keeps the count.
            out.push(0x80 | long.len() as u8);
            out.extend(long);
        }
    }
    out.extend(body);
    out
}

/// SEQUENCE of encoded parts.
pub(super) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    value(0x30, &parts.concat())
}

/// SET of one encoded part.
pub(super) fn set(part: &[u8]) -> Vec<u8> {
    value(0x31, part)
}

/// Explicit context tag `[number]` around an encoded part.
pub(super) fn explicit(number: u8, part: &[u8]) -> Vec<u8> {
    value(0xA0 | number, part)
}

/// BOOLEAN TRUE.
pub(super) fn yes() -> Vec<u8> {
    value(0x01, &[0xFF])
}

/// INTEGER from an unsigned big-endian number of any length.
pub(super) fn integer(bytes: &[u8]) -> Vec<u8> {
    let mut body: Vec<u8> = bytes.iter().copied().skip_while(|byte| *byte == 0).collect();
    if body.first().is_none_or(|first| *first >= 0x80) {
        body.insert(0, 0);
    }
    value(0x02, &body)
}

/// BIT STRING of whole bytes.
pub(super) fn bits(bytes: &[u8]) -> Vec<u8> {
    value(0x03, &[&[0], bytes].concat())
}

/// BIT STRING of the first `used` bits of one byte.
pub(super) fn flags(byte: u8, used: u8) -> Vec<u8> {
    value(0x03, &[8 - used.min(8), byte])
}

/// OCTET STRING.
pub(super) fn octets(bytes: &[u8]) -> Vec<u8> {
    value(0x04, bytes)
}

/// NULL.
pub(super) fn null() -> Vec<u8> {
    value(0x05, &[])
}

/// OBJECT IDENTIFIER from its dotted form.
pub(super) fn oid(dotted: &str) -> Vec<u8> {
    let mut arcs = dotted.split('.').filter_map(|arc| arc.parse::<u32>().ok());
    let first = arcs.next().unwrap_or_default() * 40 + arcs.next().unwrap_or_default();
    let mut body = Vec::new();
    for arc in std::iter::once(first).chain(arcs) {
        let sevens = (0..5).rev().map(|at| (arc >> (7 * at)) & 0x7F).skip_while(|seven| *seven == 0).collect::<Vec<_>>();
        let last = sevens.len().saturating_sub(1);
        if sevens.is_empty() {
            body.push(0);
        }
        // Each group has seven bits, so the cast keeps it.
        body.extend(sevens.iter().enumerate().map(|(at, seven)| if at < last { *seven as u8 | 0x80 } else { *seven as u8 }));
    }
    value(0x06, &body)
}

/// UTF8String.
pub(super) fn utf8(text: &str) -> Vec<u8> {
    value(0x0C, text.as_bytes())
}

/// PrintableString.
pub(super) fn printable(text: &str) -> Vec<u8> {
    value(0x13, text.as_bytes())
}

/// IA5String.
pub(super) fn ia5(text: &str) -> Vec<u8> {
    value(0x16, text.as_bytes())
}

/// UTCTime `yyMMddHHmmssZ`.
pub(super) fn utc_time(text: &str) -> Vec<u8> {
    value(0x17, text.as_bytes())
}

/// GeneralizedTime `yyyyMMddHHmmssZ`.
pub(super) fn generalized_time(text: &str) -> Vec<u8> {
    value(0x18, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_of_the_standard() {
        assert_eq!(oid("1.2.156.10197.1.501"), [0x06, 0x08, 0x2A, 0x81, 0x1C, 0xCF, 0x55, 0x01, 0x83, 0x75]);
        assert_eq!(oid("2.5.29.19"), [0x06, 0x03, 0x55, 0x1D, 0x13]);
        assert_eq!(oid("1.2.840.0.1"), [0x06, 0x05, 0x2A, 0x86, 0x48, 0x00, 0x01]);
        assert_eq!(integer(&[0, 0x80]), [0x02, 0x02, 0x00, 0x80]);
        assert_eq!(integer(&[0]), [0x02, 0x01, 0x00]);
        assert_eq!(integer(&[0, 0, 4]), [0x02, 0x01, 0x04]);
        assert_eq!(flags(0x06, 7), [0x03, 0x02, 0x01, 0x06]);
        assert_eq!(value(0x04, &[7; 127]).get(..3), Some(&[0x04, 127, 7][..]));
        assert_eq!(value(0x04, &[7; 128]).get(..4), Some(&[0x04, 0x81, 128, 7][..]));
        assert_eq!(value(0x04, &[7; 300]).get(..5), Some(&[0x04, 0x82, 1, 44, 7][..]));
        assert_eq!(sequence(&[&null(), &yes()]), [0x30, 0x05, 0x05, 0x00, 0x01, 0x01, 0xFF]);
    }
}
