//! From bytes to text: UTF-8, UTF-16 by its mark, or GB18030 where the XML declaration says so or says nothing.

use std::borrow::Cow;

use crate::refused::{Position, Refused, shortened};

/// How far into a file an XML declaration may reach.
const DECLARATION_WITHIN: usize = 256;

/// The text of an XML file. UTF-8, with or without byte order mark, is borrowed; GB2312 and GBK are subsets of GB18030.
///
/// # Errors
/// [`Refused::Encoding`] for any other encoding and for bytes that are not of theirs; [`Refused::NotWellFormed`] for
/// control characters (XML 1.0, section 2.2).
pub(crate) fn text(bytes: &[u8]) -> Result<Cow<'_, str>, Refused> {
    // What some programs fill a file up with.
    let text = decoded(filled(bytes))?;
    match control_character(text.as_bytes()) {
        Some(offset) => Err(Refused::NotWellFormed { position: Position::of(&text, offset) }),
        None => Ok(text),
    }
}

/// The bytes without the zeros and end marks behind them. The low byte of UTF-16 may be zero, too: there they stay.
fn filled(bytes: &[u8]) -> &[u8] {
    let is_wide = bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF");
    let end = if is_wide { None } else { bytes.iter().rposition(|byte| !matches!(byte, 0 | 0x1A)) };
    end.and_then(|end| bytes.get(..=end)).unwrap_or(bytes)
}

/// Where the first control character other than tab, line feed and carriage return is.
fn control_character(bytes: &[u8]) -> Option<usize> {
    const BLOCK: usize = 64;
    let forbidden = |byte: &u8| *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r');
    // A block without an early end is compared many bytes at a time.
    let block = bytes.chunks(BLOCK).position(|block| block.iter().fold(false, |found, byte| found | forbidden(byte)))?;
    let start = block * BLOCK;
    bytes.get(start..)?.iter().position(forbidden).map(|offset| start + offset)
}

fn decoded(bytes: &[u8]) -> Result<Cow<'_, str>, Refused> {
    for (mark, encoding) in [(b"\xFF\xFE", encoding_rs::UTF_16LE), (b"\xFE\xFF", encoding_rs::UTF_16BE)] {
        if let Some(rest) = bytes.strip_prefix(mark) {
            let text = encoding.decode_without_bom_handling_and_without_replacement(rest);
            return text.ok_or_else(|| Refused::Encoding { declared: "UTF-16".to_owned() });
        }
    }
    let (bytes, marked) = match bytes.strip_prefix(b"\xEF\xBB\xBF") {
        Some(rest) => (rest, true),
        None => (bytes, false),
    };
    let declared = if marked { Some("UTF-8") } else { declared(bytes) };
    // Old programs write GBK and do not say so. Where UTF-8 is declared, other bytes are damage.
    if declared.is_none() && std::str::from_utf8(bytes).is_err() {
        let text = encoding_rs::GB18030.decode_without_bom_handling_and_without_replacement(bytes);
        return text.ok_or_else(|| Refused::Encoding { declared: "UTF-8".to_owned() });
    }
    let declared = declared.unwrap_or("UTF-8");
    let refused = || Refused::Encoding { declared: shortened(declared) };
    match declared.to_ascii_lowercase().as_str() {
        "utf-8" | "utf8" | "us-ascii" => std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|_| refused()),
        "gb18030" | "gbk" | "gb2312" => encoding_rs::GB18030.decode_without_bom_handling_and_without_replacement(bytes).ok_or_else(refused),
        _ => Err(refused()),
    }
}

/// The encoding that the XML declaration names; the declaration itself is ASCII in every encoding that is read here.
fn declared(bytes: &[u8]) -> Option<&str> {
    let head = bytes.get(..DECLARATION_WITHIN).unwrap_or(bytes).trim_ascii_start();
    let end = head.windows(2).position(|window| window == b"?>")?;
    let declaration = std::str::from_utf8(head.get(..end)?).ok()?.strip_prefix("<?xml")?;
    let (_, value) = declaration.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    value.get(1..)?.split(quote).next()
}

/// An entry's name: UTF-8, else GB18030, whatever the flags of the ZIP say (the bureau's batch archives carry GBK names
/// without any mark). Control characters are replaced: the name is shown.
pub(crate) fn entry_name(raw: &[u8]) -> String {
    let name = match std::str::from_utf8(raw) {
        Ok(name) => Cow::Borrowed(name),
        Err(_) => encoding_rs::GB18030.decode_without_bom_handling(raw).0,
    };
    name.chars()
        .map(|c| match c {
            '\\' => '/',
            c if c.is_control() => char::REPLACEMENT_CHARACTER,
            c => c,
        })
        .collect()
}
