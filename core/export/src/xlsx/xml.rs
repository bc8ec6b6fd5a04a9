//! The XML of a sheet (ECMA-376 part 1, 18.3), piece by piece into a buffer.

use std::borrow::Cow;
use std::io::{self, Write};

use super::parts::style;
use crate::text::has;

/// `A` for 0, `AA` for 26.
pub(super) fn letters(index: usize) -> String {
    let mut rest = index;
    let mut name = Vec::new();
    loop {
        name.push(char::from(b'A' + u8::try_from(rest % 26).unwrap_or_default()));
        match (rest / 26).checked_sub(1) {
            Some(next) => rest = next,
            None => return name.into_iter().rev().collect(),
        }
    }
}

/// Everything up to the first row: the first row stays in sight, columns have their widths.
pub(super) fn open(out: &mut Vec<u8>, widths: &[u32], is_first: bool) -> io::Result<()> {
    out.extend_from_slice(b"<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n");
    out.extend_from_slice(b"<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetViews><sheetView ");
    out.extend_from_slice(if is_first { b"tabSelected=\"1\" " } else { b"" });
    out.extend_from_slice(
        b"workbookViewId=\"0\"><pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews>\
          <sheetFormatPr defaultRowHeight=\"15\"/><cols>",
    );
    for (index, width) in (1..).zip(widths) {
        write!(out, "<col min=\"{index}\" max=\"{index}\" width=\"{width}\" customWidth=\"1\"/>")?;
    }
    out.extend_from_slice(b"</cols><sheetData>");
    Ok(())
}

/// Everything behind the last row. `rows` counts from 1 and is the last that the filter arrows cover.
pub(super) fn close(out: &mut Vec<u8>, last_column: &str, rows: u32) -> io::Result<()> {
    write!(out, "</sheetData><autoFilter ref=\"A1:{last_column}{rows}\"/>")?;
    // Otherwise Excel marks every 20-digit number with a green corner.
    write!(out, "<ignoredErrors><ignoredError sqref=\"A1:{last_column}{rows}\" numberStoredAsText=\"1\"/></ignoredErrors></worksheet>")
}

pub(super) fn close_row(out: &mut Vec<u8>) {
    out.extend_from_slice(b"</row>");
}

/// Row and column of a cell, as its reference has them, the column behind what every cell begins with: `<c r="AB`.
///
/// The reference may be left out by the standard, but Gnumeric refuses such files.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub column: &'a [u8],
    pub row: &'a [u8],
}

/// What the cells of a column begin with.
pub(super) fn cell_start(index: usize) -> Vec<u8> {
    format!("<c r=\"{}", letters(index)).into_bytes()
}

pub(super) fn open_row(out: &mut Vec<u8>, row: &[u8]) {
    out.extend_from_slice(b"<row r=\"");
    out.extend_from_slice(row);
    out.extend_from_slice(b"\">");
}

/// A text cell. Its type is `inlineStr`, never a formula, whatever the text says.
pub(super) fn text(out: &mut Vec<u8>, place: Place<'_>, style: style::Index, text: &str) {
    open_cell(out, place, style);
    let blank = [' ', '\t', '\n'];
    out.extend_from_slice(match text.starts_with(blank) || text.ends_with(blank) {
        true => b" t=\"inlineStr\"><is><t xml:space=\"preserve\">",
        false => b" t=\"inlineStr\"><is><t>",
    });
    escape(out, text);
    out.extend_from_slice(b"</t></is></c>");
}

/// A number cell.
pub(super) fn number(out: &mut Vec<u8>, place: Place<'_>, style: style::Index, digits: &[u8]) {
    open_cell(out, place, style);
    out.extend_from_slice(b"><v>");
    out.extend_from_slice(digits);
    out.extend_from_slice(b"</v></c>");
}

fn open_cell(out: &mut Vec<u8>, place: Place<'_>, style: style::Index) {
    out.extend_from_slice(place.column);
    out.extend_from_slice(place.row);
    match style {
        style::GENERAL => out.push(b'"'),
        style => out.extend_from_slice(&[b'"', b' ', b's', b'=', b'"', b'0' + style, b'"']),
    }
}

/// Escapes markup, and what a spreadsheet would take for one of its own escapes: `_x0041_` stands for `A`.
pub(super) fn escape(out: &mut Vec<u8>, text: &str) {
    let mut rest = text.as_bytes();
    if !has(rest, |byte| matches!(byte, b'&' | b'<' | b'>' | b'"' | b'_')) {
        return out.extend_from_slice(rest);
    }
    while let Some(at) = rest.iter().position(|byte| matches!(byte, b'&' | b'<' | b'>' | b'"' | b'_')) {
        let (plain, special) = rest.split_at(at);
        out.extend_from_slice(plain);
        out.extend_from_slice(match special.first() {
            Some(b'&') => b"&amp;",
            Some(b'<') => b"&lt;",
            Some(b'>') => b"&gt;",
            Some(b'"') => b"&quot;",
            _ if is_escape(special.get(..7)) => b"_x005F_",
            _ => b"_",
        });
        rest = special.get(1..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
}

/// Back from [`escape`]; none when it is not what that writes.
pub(super) fn unescape(text: &[u8]) -> Option<Cow<'_, [u8]>> {
    let is_special = |byte: &u8| matches!(byte, b'&' | b'_' | b'>' | b'"');
    if !has(text, |byte| is_special(&byte)) {
        return Some(Cow::Borrowed(text));
    }
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.iter().position(is_special) {
        let (before, special) = rest.split_at(at);
        plain.extend_from_slice(before);
        let known: [(&[u8], u8); 5] = [(b"&amp;", b'&'), (b"&lt;", b'<'), (b"&gt;", b'>'), (b"&quot;", b'"'), (b"_x005F_", b'_')];
        let found = known.into_iter().find_map(|(name, byte)| Some((byte, special.strip_prefix(name)?)));
        // Any other escape of a spreadsheet would be read as another character.
        let underscore = || special.strip_prefix(b"_").filter(|_| !is_escape(special.get(..7))).map(|rest| (b'_', rest));
        let (byte, after) = found.or_else(underscore)?;
        plain.push(byte);
        rest = after;
    }
    plain.extend_from_slice(rest);
    Some(Cow::Owned(plain))
}

fn is_escape(bytes: Option<&[u8]>) -> bool {
    matches!(bytes, Some([b'_', b'x', hex @ .., b'_']) if hex.iter().all(u8::is_ascii_hexdigit))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn columns_are_named_as_spreadsheets_do() {
        assert_eq!([0, 25, 26, 51, 701, 702].map(letters), ["A", "Z", "AA", "AZ", "ZZ", "AAA"]);
    }

    #[test]
    fn markup_and_spreadsheet_escapes_are_escaped() {
        let mut out = Vec::new();
        escape(&mut out, "<a & \"b\">_x0041_ _x41_ _x00411_ 税_");
        assert_eq!(String::from_utf8_lossy(&out), "&lt;a &amp; &quot;b&quot;&gt;_x005F_x0041_ _x41_ _x00411_ 税_");
        assert_eq!(unescape(&out).unwrap(), "<a & \"b\">_x0041_ _x41_ _x00411_ 税_".as_bytes());
        for foreign in ["&apos;", "a&", "\"", ">", "_x000D_", "&#65;"] {
            assert_eq!(unescape(foreign.as_bytes()), None, "{foreign}");
        }
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in "[&<>\"_x0Fa税]{0,24}|.*") {
            let mut out = Vec::new();
            escape(&mut out, &text);
            prop_assert_eq!(unescape(&out).unwrap(), text.as_bytes());
        }
    }
}
