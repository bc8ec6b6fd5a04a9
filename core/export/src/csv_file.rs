//! CSV (RFC 4180).

use std::borrow::Cow;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use csv::{ByteRecord, ErrorKind, ReaderBuilder, Terminator, Writer, WriterBuilder};
use piaoxia_domain::Money;
use piaoxia_files::DurableFile;

use crate::column::{Column, Record};
use crate::error::{ExportError, Report};
use crate::feed::{Feed, Steps};
use crate::proof::Proof;
use crate::request::{Encoding, Table};
use crate::text::guarded;

const BUFFER: usize = 64 * 1024;

pub(crate) fn write(target: &Path, table: &Table, encoding: Encoding, feed: Feed<'_>) -> Result<Report, ExportError> {
    if table.columns.is_empty() {
        return Err(ExportError::NoColumns);
    }
    let mut file = DurableFile::create(target)?;
    let mut rows = Rows::start(&mut file, table, encoding).map_err(ExportError::at(target))?;
    let mut ordinal = 0;
    let (totals, steps) = feed.each(&mut |invoice, source| {
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
    Ok(Report::of_table(target, totals, 0))
}

struct Rows<'a, W: Write> {
    table: &'a Table,
    encoding: Encoding,
    out: Writer<W>,
    proof: Proof,
}

impl<'a, W: Write> Rows<'a, W> {
    fn start(mut out: W, table: &'a Table, encoding: Encoding) -> io::Result<Self> {
        out.write_all(encoding.mark())?;
        let out = WriterBuilder::new().terminator(Terminator::CRLF).buffer_capacity(BUFFER).from_writer(out);
        let mut rows = Self { table, encoding, out, proof: Proof::with_columns(table.columns.len()) };
        for (index, (_, heading)) in table.columns.iter().enumerate() {
            rows.field(index, heading.as_str().into())?;
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
            let is_text = cell.is_text();
            let plain = cell.into_plain();
            self.field(index, if is_text { guarded(plain) } else { plain })?;
        }
        self.end()
    }

    fn field(&mut self, index: usize, text: Cow<'_, str>) -> io::Result<()> {
        let text = self.encoding.fitted(text);
        self.proof.value(self.proof.rows(), index, &*text);
        self.out.write_field(self.encoding.encoded(&text)).map_err(io_error)
    }

    fn end(&mut self) -> io::Result<()> {
        self.out.write_record(None::<&[u8]>).map_err(io_error)
    }

    fn finish(mut self) -> io::Result<Proof> {
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
    let mut reader = ReaderBuilder::new().has_headers(false).buffer_capacity(BUFFER).from_reader(file);
    let mut proof = Proof::with_columns(table.columns.len());
    let mut record = ByteRecord::new();
    let mut is_heading = true;
    while reader.read_byte_record(&mut record).map_err(|error| unreadable(target, error))? {
        steps.check(proof.rows())?;
        if !is_heading {
            proof.row();
        }
        for (index, field) in record.iter().enumerate() {
            let text = encoding.decoded(field).ok_or_else(|| ExportError::differs(target, "bytes that are no text"))?;
            proof.value(proof.rows(), index, &*text);
            let is_summed = table.columns.get(index).is_some_and(|(column, _): &(Column, String)| column.is_summed());
            if is_summed && !is_heading {
                let amount: Money = text.parse().map_err(|_| ExportError::differs(target, format!("{text:?} is no amount")))?;
                proof.add(index, amount);
            }
        }
        is_heading = false;
    }
    Ok(proof)
}

fn unreadable(target: &Path, error: csv::Error) -> ExportError {
    let what = error.to_string();
    match error.into_kind() {
        ErrorKind::Io(error) => ExportError::at(target)(error),
        _ => ExportError::differs(target, what),
    }
}

/// The library's own conversion hides which error of the system it was.
fn io_error(error: csv::Error) -> io::Error {
    let what = error.to_string();
    match error.into_kind() {
        ErrorKind::Io(error) => error,
        _ => io::Error::other(what),
    }
}
