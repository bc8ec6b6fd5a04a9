//! Writes the few types of distinguished encoding (X.690, DER) that signatures and the sandbox's certificates have.

/// A value with its tag.
pub(crate) fn value(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    let digits: Vec<u8> = body.len().to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
    match digits.as_slice() {
        [] => out.push(0),
        [short] if *short < 0x80 => out.push(*short),
        long => {
            // At most eight bytes of length, so the cast keeps the count.
            out.push(0x80 | long.len() as u8);
            out.extend(long);
        }
    }
    out.extend(body);
    out
}

/// SEQUENCE of encoded parts.
pub(crate) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    value(0x30, &parts.concat())
}

/// INTEGER from an unsigned big-endian number.
pub(crate) fn integer(bytes: &[u8]) -> Vec<u8> {
    let mut body: Vec<u8> = bytes.iter().copied().skip_while(|byte| *byte == 0).collect();
    if body.first().is_none_or(|first| *first >= 0x80) {
        body.insert(0, 0);
    }
    value(0x02, &body)
}

/// BIT STRING of whole bytes.
pub(crate) fn bits(bytes: &[u8]) -> Vec<u8> {
    value(0x03, &[&[0], bytes].concat())
}

/// Explicit context tag `[number]`.
pub(crate) fn explicit(number: u8, part: &[u8]) -> Vec<u8> {
    value(0xA0 | number, part)
}

/// Reads `SEQUENCE { INTEGER, INTEGER }`, each at most 32 bytes, into 64 bytes.
pub(crate) fn two_numbers(encoded: &[u8]) -> Option<[u8; 64]> {
    let [0x30, length, rest @ ..] = encoded else { return None };
    if usize::from(*length) != rest.len() || *length >= 0x80 {
        return None;
    }
    let mut out = [0; 64];
    let (first, second) = out.split_at_mut(32);
    let rest = number(rest, first)?;
    number(rest, second)?.is_empty().then_some(out)
}

fn number<'a>(encoded: &'a [u8], into: &mut [u8]) -> Option<&'a [u8]> {
    let [0x02, length, rest @ ..] = encoded else { return None };
    let (body, rest) = rest.split_at_checked(usize::from(*length))?;
    let body = match body {
        [0, second, ..] if *second < 0x80 => return None,
        [0, tail @ ..] if !tail.is_empty() => tail,
        [first, ..] if *first < 0x80 => body,
        _ => return None,
    };
    let start = into.len().checked_sub(body.len())?;
    into.get_mut(start..)?.copy_from_slice(body);
    Some(rest)
}
