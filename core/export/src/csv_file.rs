//! CSV (RFC 4180).

use std::borrow::Cow;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use memchr::{memchr, memchr2};
use piaoxia_files::DurableFile;

use crate::cell::Cell;
use crate::column::Record;
use crate::digits::read_money;
use crate::error::{ExportError, Report};
use crate::feed::{Feed, Steps};
use crate::proof::Proof;
use crate::request::{Encoding, Table};
use crate::text::{guarded, has};

const BUFFER: usize = 64 * 1024;

pub(crate) fn write(target: &Path, table: &Table, encoding: Encoding, feed: Feed<'_>) -> Result<Report, ExportError> {
    if table.columns.is_empty() {
        return Err(ExportError::NoColumns);
    }
    let mut file = DurableFile::create(target)?;
    let mut rows = Rows::start(&mut file, table, encoding).map_err(ExportError::at(target))?;
    let mut ordinal = 0;
    let (sums, steps) = feed.each(&mut |invoice, source| {
        let formats = table.formats(invoice, source)?;
        ordinal += 1;
        let record = Record { invoice, formats: &formats, words: &table.words, ordinal };
        rows.row(&record).map_err(ExportError::at(target))
    })?;
    let written = rows.finish().map_err(ExportError::at(target))?;
    let read = read_back(&mut file, target, table, encoding, &steps)?;
    if let Some(what) = written.difference(&read) {
        return Err(ExportError::differs(target, what));
    }
    file.finish()?;
    steps.finished();
    Ok(Report::of_table(target, sums, 0))
}

struct Rows<'a, W: Write> {
    table: &'a Table,
    encoding: Encoding,
    out: W,
    /// Rows that are not written yet.
    bytes: Vec<u8>,
    proof: Proof,
}

impl<'a, W: Write> Rows<'a, W> {
    fn start(mut out: W, table: &'a Table, encoding: Encoding) -> io::Result<Self> {
        out.write_all(encoding.mark())?;
        let bytes = Vec::with_capacity(BUFFER + BUFFER / 4);
        let mut rows = Self { table, encoding, out, bytes, proof: Proof::with_columns(table.columns.len()) };
        for (index, (_, heading)) in table.columns.iter().enumerate() {
            rows.text(index, heading.as_str().into());
        }
        rows.end()?;
        Ok(rows)
    }

    fn row(&mut self, record: &Record<'_>) -> io::Result<()> {
        self.proof.row();
        for (index, (column, _)) in self.table.columns.iter().enumerate() {
            let cell = column.cell(record);
            if column.is_summed() {
                self.proof.add(index, cell.amount());
            }
            if cell.is_text() || cell == Cell::Empty {
                self.text(index, guarded(cell.into_plain()));
            } else {
                // Digits, which need no quotes.
                self.separate(index);
                let start = self.bytes.len();
                cell.push_plain(&mut self.bytes);
                self.proof.bytes(self.proof.rows(), index, self.bytes.get(start..).unwrap_or_default());
            }
        }
        self.end()
    }

    fn text(&mut self, index: usize, text: Cow<'_, str>) {
        self.separate(index);
        let text = self.encoding.fitted(text);
        self.proof.bytes(self.proof.rows(), index, text.as_bytes());
        let encoded = self.encoding.encoded(&text);
        // A row of one empty field would be an empty line, which readers skip.
        let is_blank = encoded.is_empty() && self.table.columns.len() == 1;
        if !is_blank && !has(&encoded, |byte| matches!(byte, b'"' | b',' | b'\r' | b'\n')) {
            return self.bytes.extend_from_slice(&encoded);
        }
        self.bytes.push(b'"');
        for (number, piece) in encoded.split(|byte| *byte == b'"').enumerate() {
            self.bytes.extend_from_slice(if number == 0 { b"" } else { b"\"\"" });
            self.bytes.extend_from_slice(piece);
        }
        self.bytes.push(b'"');
    }

    fn separate(&mut self, index: usize) {
        if index > 0 {
            self.bytes.push(b',');
        }
    }

    fn end(&mut self) -> io::Result<()> {
        self.bytes.extend_from_slice(b"\r\n");
        if self.bytes.len() >= BUFFER { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.write_all(&self.bytes)?;
        self.bytes.clear();
        Ok(())
    }

    fn finish(mut self) -> io::Result<Proof> {
        self.flush()?;
        self.out.flush()?;
        Ok(self.proof)
    }
}

fn read_back<F: Read + Seek>(
    mut file: F,
    target: &Path,
    table: &Table,
    encoding: Encoding,
    steps: &Steps<'_>,
) -> Result<Proof, ExportError> {
    let after_mark = u64::try_from(encoding.mark().len()).unwrap_or_default();
    file.seek(SeekFrom::Start(after_mark)).map_err(ExportError::at(target))?;
    let mut reading = Reading {
        encoding,
        summed: table.columns.iter().map(|(column, _)| column.is_summed()).collect(),
        proof: Proof::with_columns(table.columns.len()),
        is_heading: true,
        fields: Vec::new(),
    };
    let (mut bytes, mut filled) = (vec![0; BUFFER], 0);
    loop {
        let read = file.read(bytes.get_mut(filled..).unwrap_or_default());
        let read = match read {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read.map_err(ExportError::at(target))?,
        };
        filled += read;
        let mut at = 0;
        while let Some(length) = reading.record(bytes.get(at..filled).unwrap_or_default()) {
            steps.check(reading.proof.rows())?;
            let record = bytes.get(at..at + length).unwrap_or_default();
            reading.prove(record).map_err(|what| ExportError::differs(target, what))?;
            at += length;
        }
        bytes.copy_within(at..filled, 0);
        filled -= at;
        match read {
            0 if filled == 0 => return Ok(reading.proof),
            0 => return Err(ExportError::differs(target, "it ends within a row")),
            // A row that is longer than the buffer.
            _ if filled == bytes.len() => bytes.resize(2 * filled, 0),
            _ => {}
        }
    }
}

/// Reads records as they are written, and nothing else.
struct Reading {
    encoding: Encoding,
    summed: Vec<bool>,
    proof: Proof,
    is_heading: bool,
    /// Where the fields of the record lie, without their quotes.
    fields: Vec<(usize, usize)>,
}

impl Reading {
    /// Finds the fields of the first record. Returns its length, or none when its end is not there yet.
    fn record(&mut self, bytes: &[u8]) -> Option<usize> {
        self.fields.clear();
        let mut at = 0;
        loop {
            let (from, to, end) = match bytes.get(at)? {
                b'"' => {
                    let closing = closing_quote(bytes, at + 1)?;
                    (at + 1, closing, closing + 1)
                }
                _ => {
                    let end = at + memchr2(b',', b'\r', bytes.get(at..)?)?;
                    (at, end, end)
                }
            };
            self.fields.push((from, to));
            at = end + 1;
            match bytes.get(end)? {
                // A line end is two bytes.
                b'\r' => return bytes.get(at).map(|_| at + 1),
                b',' => {}
                // Skipped, and found out by the number of fields.
                _ => self.fields.push((from, from)),
            }
        }
    }

    /// Notes the record whose fields were found.
    fn prove(&mut self, record: &[u8]) -> Result<(), String> {
        if !self.is_heading {
            self.proof.row();
        }
        let rows = self.proof.rows();
        if self.fields.len() != self.summed.len() || !record.ends_with(b"\r\n") {
            return Err(format!("row {rows} is another one"));
        }
        for (index, ((from, to), is_summed)) in self.fields.iter().zip(&self.summed).enumerate() {
            let field = unquoted(record.get(*from..*to).unwrap_or_default());
            let text = match self.encoding {
                Encoding::Utf8 => field,
                Encoding::Gb18030 => match self.encoding.decoded(&field).ok_or("bytes that are no text")? {
                    Cow::Borrowed(_) => field,
                    Cow::Owned(text) => Cow::Owned(text.into_bytes()),
                },
            };
            self.proof.bytes(rows, index, &text);
            if *is_summed && !self.is_heading {
                let amount = read_money(&text).ok_or_else(|| format!("{:?} is no amount", String::from_utf8_lossy(&text)))?;
                self.proof.add(index, amount);
            }
        }
        self.is_heading = false;
        Ok(())
    }
}

/// The quote that ends a field; two of them are one that belongs to it.
fn closing_quote(bytes: &[u8], mut from: usize) -> Option<usize> {
    loop {
        let quote = from + memchr(b'"', bytes.get(from..)?)?;
        if *bytes.get(quote + 1)? != b'"' {
            return Some(quote);
        }
        from = quote + 2;
    }
}

fn unquoted(field: &[u8]) -> Cow<'_, [u8]> {
    if memchr(b'"', field).is_none() {
        return Cow::Borrowed(field);
    }
    let mut plain = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some(quote) = memchr(b'"', rest) {
        let (before, after) = rest.split_at(quote + 1);
        plain.extend_from_slice(before);
        // A lone one stays, and is found out by the proof.
        rest = after.strip_prefix(b"\"").unwrap_or(after);
    }
    plain.extend_from_slice(rest);
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use std::io::Cursor;

    use super::*;
    use crate::column::Column;
    use crate::common;

    /// A file of these remarks, and its proof.
    fn written(remarks: &[&str], encoding: Encoding) -> (Vec<u8>, Table, Proof) {
        let table = common::table(&[Column::Remark, Column::Net]);
        let mut bytes = Vec::new();
        let mut rows = Rows::start(&mut bytes, &table, encoding).unwrap();
        for (number, remark) in (0..).zip(remarks) {
            let invoice = piaoxia_domain::Invoice { remark: (*remark).to_owned(), ..common::invoice(number) };
            rows.row(&Record { invoice: &invoice, formats: &[], words: &table.words, ordinal: 1 }).unwrap();
        }
        let proof = rows.finish().unwrap();
        (bytes, table, proof)
    }

    fn read(bytes: &[u8], table: &Table, encoding: Encoding) -> Result<Proof, ExportError> {
        read_back(Cursor::new(bytes), Path::new("a.csv"), table, encoding, &Steps::unseen())
    }

    #[test]
    fn a_row_of_any_length_comes_back() {
        let long = "长\"，\n".repeat(40_000);
        let remarks = ["", "\"", "\"\"", ",", "a\nb", "=1", &long, "\",\"", "x\"y"];
        for encoding in [Encoding::Utf8, Encoding::Gb18030] {
            let (bytes, table, proof) = written(&remarks, encoding);
            assert_eq!(proof.difference(&read(&bytes, &table, encoding).unwrap()), None, "{encoding:?}");
        }
    }

    #[test]
    fn every_changed_byte_is_found() {
        for encoding in [Encoding::Utf8, Encoding::Gb18030] {
            let (bytes, table, proof) = written(&["甲,\"乙\"", "丙", "a\nb"], encoding);
            for at in encoding.mark().len()..bytes.len() {
                for bit in 0..8 {
                    let mut changed = bytes.clone();
                    changed[at] ^= 1 << bit;
                    let same = read(&changed, &table, encoding).is_ok_and(|read| proof.difference(&read).is_none());
                    assert!(!same, "bit {bit} of byte {at}");
                }
                assert!(read(&bytes[..at], &table, encoding).map_or(true, |read| proof.difference(&read).is_some()), "cut at {at}");
            }
        }
    }
}
