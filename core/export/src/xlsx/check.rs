//! Reading a workbook back.
//!
//! A library opens it, finds the sheets by their names and reads their headings. Every cell is then read from the unpacked sheets: what is
//! not exactly a row of texts and numbers (a formula, an attribute, another element) is a difference.

use std::io::{self, BufReader, Read, Seek};
use std::path::Path;

use calamine::{DataRef, Reader, Xlsx, XlsxError};
use memchr::memchr;
use memchr::memmem::{Finder, find};
use zip::ZipArchive;

use super::stream::{CELL_UNITS, Sheet, sheet_entry};
use super::xml::{self, unescape};
use crate::ahead::read_ahead;
use crate::digits::{push_number, read_money};
use crate::error::ExportError;
use crate::feed::Steps;
use crate::proof::Proof;
use crate::text::cut;
use crate::zip_out::io_error;

const BUFFER: usize = 64 * 1024;

/// One stream of rows as it was written: its sheets by their final names, what of them is summed up, and the proof.
pub(super) struct Expected {
    pub sheets: Vec<(String, Sheet)>,
    pub headings: Vec<String>,
    pub summed: Vec<bool>,
    pub proof: Proof,
}

/// Compares the workbook with what was written.
pub(super) fn read_back<F: Read + Seek + Send>(
    mut file: F,
    target: &Path,
    streams: &[Expected],
    steps: &Steps<'_>,
) -> Result<(), ExportError> {
    file.rewind().map_err(ExportError::at(target))?;
    open(BufReader::new(&mut file), target, streams)?;
    let damaged = ExportError::unreadable(target);
    let mut archive = ZipArchive::new(BufReader::with_capacity(BUFFER, file)).map_err(io_error).map_err(&damaged)?;
    let mut number = 0;
    for (index, stream) in streams.iter().enumerate() {
        let mut read = Proof::with_columns(stream.summed.len());
        for (_, sheet) in &stream.sheets {
            number += 1;
            let entry = archive.by_name(&sheet_entry(number)).map_err(io_error).map_err(&damaged)?;
            let mut cells = Cells::of(stream, sheet, &mut read);
            read_ahead(entry, &damaged, &mut |piece| {
                // Only the first stream has a row an invoice.
                let mut look = |rows| if index == 0 { steps.check(rows) } else { steps.check_aside(rows) };
                cells.take(piece, &mut look)?.map_err(|what| ExportError::differs(target, what))
            })?;
            cells.end().map_err(|what| ExportError::differs(target, what))?;
        }
        if let Some(what) = stream.proof.difference(&read) {
            return Err(ExportError::differs(target, what));
        }
    }
    the_others(&mut archive, number).map_err(&damaged)
}

/// As every reader of workbooks does. By the cells reader alone: `worksheet_range` reserves memory for the whole used area, which
/// aborts the process on a sheet with two cells far apart.
fn open<F: Read + Seek>(file: F, target: &Path, streams: &[Expected]) -> Result<(), ExportError> {
    let unreadable = |error: XlsxError| match error {
        XlsxError::Io(error) => ExportError::unreadable(target)(error),
        other => ExportError::differs(target, other.to_string()),
    };
    let mut book = Xlsx::new(file).map_err(unreadable)?;
    for stream in streams {
        for (name, _) in &stream.sheets {
            let mut cells = book.worksheet_cells_reader(name).map_err(unreadable)?;
            for (column, heading) in stream.headings.iter().enumerate().filter(|(_, heading)| !heading.is_empty()) {
                let cell = cells.next_cell().map_err(unreadable)?;
                let is_it = cell.is_some_and(|cell| {
                    let text = if let DataRef::String(text) = cell.get_value() { text.as_str() } else { "" };
                    cell.get_position() == (0, u32::try_from(column).unwrap_or(u32::MAX)) && text == cut(heading.into(), CELL_UNITS).0
                });
                if !is_it {
                    return Err(ExportError::differs(target, format!("sheet {name} without the heading {heading}")));
                }
            }
        }
    }
    Ok(())
}

/// The entries that are no sheets; their CRC is compared at their end, as that of the sheets.
fn the_others<F: Read + Seek>(archive: &mut ZipArchive<F>, sheets: usize) -> io::Result<()> {
    let names: Vec<String> = (1..=sheets).map(sheet_entry).collect();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(io_error)?;
        let is_sheet = names.contains(&entry.name().map_err(io_error)?.into_owned());
        if !is_sheet {
            io::copy(&mut entry, &mut io::sink())?;
        }
    }
    Ok(())
}

/// Reads the XML of a sheet, which comes in pieces.
struct Cells<'a> {
    expected: &'a Expected,
    sheet: &'a Sheet,
    proof: &'a mut Proof,
    /// What was not read yet: it begins with a row, once it is open.
    text: Vec<u8>,
    is_open: bool,
    row_end: Finder<'static>,
    /// Rows so far, with the heading, and their number as digits.
    row: u32,
    digits: Vec<u8>,
}

const ROW_END: &[u8] = b"</row>";

impl<'a> Cells<'a> {
    fn of(expected: &'a Expected, sheet: &'a Sheet, proof: &'a mut Proof) -> Self {
        let row_end = Finder::new(ROW_END);
        Self { expected, sheet, proof, text: Vec::new(), is_open: false, row_end, row: 0, digits: Vec::new() }
    }

    /// Reads the rows that are whole now. `look` hears of the rows with data.
    fn take(&mut self, piece: &[u8], look: &mut dyn FnMut(u64) -> Result<(), ExportError>) -> Result<Result<(), String>, ExportError> {
        let mut text = std::mem::take(&mut self.text);
        text.extend_from_slice(piece);
        let mut at = 0;
        if !self.is_open {
            const OPEN: &[u8] = b"<sheetData>";
            let open = find(&text, OPEN);
            self.is_open = open.is_some();
            at = open.map_or(0, |open| open + OPEN.len());
        }
        while let Some(rest) = text.get(at..).filter(|_| self.is_open)
            && let Some(length) = self.row_end.find(rest)
        {
            look(self.proof.rows())?;
            let read = self.row(rest.get(..length).unwrap_or_default());
            if read.is_none() {
                return Ok(Err(format!("row {} is another one", self.row)));
            }
            at += length + ROW_END.len();
        }
        text.drain(..at);
        self.text = text;
        Ok(Ok(()))
    }

    /// Everything was taken.
    fn end(self) -> Result<(), String> {
        let mut end = Vec::new();
        xml::close(&mut end, &self.sheet.last_column, self.sheet.rows + 1).map_err(|error| error.to_string())?;
        if self.text == end { Ok(()) } else { Err(format!("another end behind row {}", self.row)) }
    }

    /// None for what is no row as it is written.
    fn row(&mut self, text: &[u8]) -> Option<()> {
        let place = self.row;
        self.row += 1;
        self.digits.clear();
        push_number(&mut self.digits, self.row.into());
        let is_data = (1..=self.sheet.rows).contains(&place);
        if is_data {
            self.proof.row();
        }
        let mut rest = text.strip_prefix(b"<row r=\"")?.strip_prefix(self.digits.as_slice())?.strip_prefix(b"\">")?;
        while !rest.is_empty() {
            rest = self.cell(rest, place.into(), is_data)?;
        }
        Some(())
    }

    /// Returns what follows.
    fn cell<'t>(&mut self, text: &'t [u8], row: u64, is_data: bool) -> Option<&'t [u8]> {
        let rest = text.strip_prefix(b"<c r=\"")?;
        let letters = rest.iter().position(|byte| !byte.is_ascii_uppercase())?;
        let (name, rest) = rest.split_at(letters);
        // A is 1 here, as in a number without a zero.
        let column = name.iter().try_fold(0_usize, |sum, letter| sum.checked_mul(26)?.checked_add(usize::from(letter - b'A') + 1))?;
        let column = column.checked_sub(1)?;
        let rest = rest.strip_prefix(self.digits.as_slice())?.strip_prefix(b"\"")?;
        let rest = if let [b' ', b's', b'=', b'"', b'0'..=b'9', b'"', rest @ ..] = rest { rest } else { rest };
        let (value, rest, is_number) = match rest.strip_prefix(b" t=\"inlineStr\"><is><t") {
            Some(rest) => {
                let rest = rest.strip_prefix(b" xml:space=\"preserve\"").unwrap_or(rest).strip_prefix(b">")?;
                let (value, rest) = rest.split_at(memchr(b'<', rest)?);
                (unescape(value)?, rest.strip_prefix(b"</t></is></c>")?, false)
            }
            None => {
                let rest = rest.strip_prefix(b"><v>")?;
                let (value, rest) = rest.split_at(memchr(b'<', rest)?);
                (value.into(), rest.strip_prefix(b"</v></c>")?, true)
            }
        };
        match is_number {
            true => self.proof.number(row, column, &value),
            false => self.proof.bytes(row, column, &value),
        }
        if is_data && self.expected.summed.get(column) == Some(&true) {
            self.proof.add(column, read_money(&value)?);
        }
        Some(rest)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    /// What comes of a sheet with this row below its heading, taken in pieces of so many bytes.
    fn read(row: &str, piece: usize) -> Result<Proof, String> {
        let expected = Expected { sheets: Vec::new(), headings: vec!["a".to_owned()], summed: vec![false, true], proof: Proof::default() };
        let sheet = Sheet { name: String::new(), last_column: "B".to_owned(), rows: 1 };
        let mut text = b"<worksheet><sheetData><row r=\"1\"></row>".to_vec();
        text.extend(row.as_bytes());
        xml::close(&mut text, "B", 2).unwrap();
        let mut proof = Proof::with_columns(2);
        let mut cells = Cells::of(&expected, &sheet, &mut proof);
        for piece in text.chunks(piece) {
            cells.take(piece, &mut |_| Ok(())).unwrap()?;
        }
        cells.end()?;
        Ok(proof)
    }

    #[test]
    fn a_row_is_read_in_whatever_pieces_it_comes() {
        let row = r#"<row r="2"><c r="A2" s="2" t="inlineStr"><is><t xml:space="preserve"> 甲&amp;乙</t></is></c><c r="B2" s="3"><v>-12.30</v></c></row>"#;
        let whole = read(row, 1_000).unwrap();
        assert_eq!((whole.rows(), whole.sum(1)), (1, "-12.30".parse().unwrap()));
        for piece in 1..80 {
            assert_eq!(whole.difference(&read(row, piece).unwrap()), None, "{piece}");
        }
        let other = read(&row.replace("s=\"3\"><v>-12.30</v>", "s=\"3\" t=\"inlineStr\"><is><t>-12.30</t></is>"), 1_000).unwrap();
        assert!(whole.difference(&other).is_some(), "a number is no text");
    }

    #[test]
    fn what_is_no_text_or_number_is_a_difference() {
        for cell in [
            r#"<c r="A2"><f>1+1</f><v>2</v></c>"#,
            r#"<c r="A2" t="str"><v>2</v></c>"#,
            r#"<c r="A3"><v>2</v></c>"#,
            r#"<c r="A2" t="inlineStr"><is><t>a</t></is></c><x/>"#,
            r#"<c r="A2" t="inlineStr"><is><r><t>a</t></r></is></c>"#,
            r#"<c r="A2" t="inlineStr"><is><t>&apos;</t></is></c>"#,
            r#"<c r="B2"><v>many</v></c>"#,
            r#"<c r="2"><v>2</v></c>"#,
        ] {
            assert!(read(&format!("<row r=\"2\">{cell}</row>"), 50).is_err(), "{cell}");
        }
        assert!(read("", 50).is_ok_and(|proof| proof.rows() == 0), "a row that is missing is seen by its count");
        assert!(read("<row r=\"3\"></row>", 50).is_err());
    }
}
