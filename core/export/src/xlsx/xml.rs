//! The XML of a sheet (ECMA-376 part 1, 18.3), piece by piece into a buffer.

use std::io::{self, Write};

use super::parts::style;

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

pub(super) fn open_row(out: &mut Vec<u8>, row: u32) -> io::Result<()> {
    write!(out, "<row r=\"{row}\">")
}

pub(super) fn close_row(out: &mut Vec<u8>) {
    out.extend_from_slice(b"</row>");
}

/// A text cell. Its type is `inlineStr`, never a formula, whatever the text says.
pub(super) fn text(out: &mut Vec<u8>, column: &str, row: u32, style: style::Index, text: &str) -> io::Result<()> {
    open_cell(out, column, row, style)?;
    out.extend_from_slice(b" t=\"inlineStr\"><is><t");
    let blank = [' ', '\t', '\n'];
    if text.starts_with(blank) || text.ends_with(blank) {
        out.extend_from_slice(b" xml:space=\"preserve\"");
    }
    out.push(b'>');
    escape(out, text);
    out.extend_from_slice(b"</t></is></c>");
    Ok(())
}

/// A number cell; `number` is a plain decimal number.
pub(super) fn number(out: &mut Vec<u8>, column: &str, row: u32, style: style::Index, number: impl std::fmt::Display) -> io::Result<()> {
    open_cell(out, column, row, style)?;
    write!(out, "><v>{number}</v></c>")
}

/// The reference may be left out by the standard, but Gnumeric refuses such files.
fn open_cell(out: &mut Vec<u8>, column: &str, row: u32, style: style::Index) -> io::Result<()> {
    write!(out, "<c r=\"{column}{row}\"")?;
    if style == style::GENERAL { Ok(()) } else { write!(out, " s=\"{style}\"") }
}

/// Escapes markup, and what a spreadsheet would take for one of its own escapes: `_x0041_` stands for `A`.
pub(super) fn escape(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    for (index, byte) in bytes.iter().enumerate() {
        match byte {
            b'&' => out.extend_from_slice(b"&amp;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' => out.extend_from_slice(b"&gt;"),
            b'"' => out.extend_from_slice(b"&quot;"),
            b'_' if is_escape(bytes.get(index..index + 7)) => out.extend_from_slice(b"_x005F_"),
            other => out.push(*other),
        }
    }
}

fn is_escape(bytes: Option<&[u8]>) -> bool {
    matches!(bytes, Some([b'_', b'x', hex @ .., b'_']) if hex.iter().all(u8::is_ascii_hexdigit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_as_spreadsheets_do() {
        assert_eq!([0, 25, 26, 51, 701, 702].map(letters), ["A", "Z", "AA", "AZ", "ZZ", "AAA"]);
    }

    #[test]
    fn markup_and_spreadsheet_escapes_are_escaped() {
        let mut out = Vec::new();
        escape(&mut out, "<a & \"b\">_x0041_ _x41_ _x00411_ 税_");
        assert_eq!(String::from_utf8_lossy(&out), "&lt;a &amp; &quot;b&quot;&gt;_x005F_x0041_ _x41_ _x00411_ 税_");
    }
}
