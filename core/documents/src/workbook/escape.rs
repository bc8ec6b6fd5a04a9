//! `_xHHHH_`: how Excel writes what XML cannot hold, a UTF-16 unit an escape (ISO/IEC 29500-1, 22.9.2.19, ST_Xstring).

/// Decodes the escapes behind `from`, a place in `text`: once, from left to right, so that `_x005F_x0041_` is `_x0041_`. Line ends
/// become line feeds, and control characters that come out are dropped, as the export drops them.
pub(super) fn decode(text: &mut String, from: usize) {
    let Some(escaped) = text.get(from..).filter(|escaped| escaped.contains("_x")) else { return };
    let decoded = decoded(escaped);
    text.truncate(from);
    text.push_str(&decoded);
}

fn decoded(text: &str) -> String {
    let (mut decoded, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find("_x") {
        let (before, behind) = rest.split_at(at);
        decoded.push_str(before);
        if let Some((c, behind)) = character(behind) {
            if !c.is_control() || matches!(c, '\t' | '\n' | '\r') {
                decoded.push(c);
            }
            rest = behind;
        } else {
            decoded.push('_');
            rest = behind.get(1..).unwrap_or_default();
        }
    }
    decoded.push_str(rest);
    if decoded.contains('\r') { decoded.replace("\r\n", "\n").replace('\r', "\n") } else { decoded }
}

/// The character that `text` begins with an escape of, and what is behind it. Beyond U+FFFF it takes two.
fn character(text: &str) -> Option<(char, &str)> {
    let (first, behind) = unit(text)?;
    if let Some(c) = char::from_u32(u32::from(first)) {
        return Some((c, behind));
    }
    let pair = unit(behind).and_then(|(second, behind)| Some((char::decode_utf16([first, second]).next()?.ok()?, behind)));
    Some(pair.unwrap_or((char::REPLACEMENT_CHARACTER, behind)))
}

fn unit(text: &str) -> Option<(u16, &str)> {
    let (digits, behind) = text.strip_prefix("_x")?.split_at_checked(4)?;
    let behind = behind.strip_prefix('_')?;
    // A sign would be taken, too.
    let unit = u16::from_str_radix(digits, 16).ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    Some((unit, behind))
}

#[cfg(test)]
mod tests {
    use super::decode;

    fn read(text: &str) -> String {
        let mut text = text.to_owned();
        decode(&mut text, 0);
        text
    }

    #[test]
    fn escapes_are_decoded_once_from_left_to_right() {
        for (escaped, text) in [
            ("a_x0041_b", "aAb"),
            ("a_x005F_x0041_b", "a_x0041_b"),
            ("_x005F_x005F_x005F_x0041_", "_x005F_x0041_"),
            ("_x005f__x7A0e_", "_税"),
            ("__x0041__", "_A_"),
            ("_x0041_x0042_", "Ax0042_"),
            ("_xD842__xDFB7_野家", "𠮷野家"),
        ] {
            assert_eq!(read(escaped), text, "{escaped}");
        }
        let mut cell = "_x0041_ _x0042_".to_owned();
        decode(&mut cell, 8);
        assert_eq!(cell, "_x0041_ B");
    }

    #[test]
    fn what_is_no_escape_stays() {
        for text in ["", "_", "_x", "_x41_", "_x00411_", "_X0041_", "_x+041_", "_x004_", "_x004税_", "_x0041", "税_税"] {
            assert_eq!(read(text), text);
        }
    }

    #[test]
    fn line_ends_are_line_feeds_and_control_characters_are_dropped() {
        for (escaped, text) in [
            ("一_x000D_\n二", "一\n二"),
            ("一_x000D__x000A_二", "一\n二"),
            ("一_x000D_二_x0009_三", "一\n二\t三"),
            ("一_x0000__x001B__x0085_二", "一二"),
            ("_xD842_一_xDFB7_", "\u{FFFD}一\u{FFFD}"),
        ] {
            assert_eq!(read(escaped), text, "{escaped}");
        }
    }
}
