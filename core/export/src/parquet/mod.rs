//! Parquet (Apache Parquet 2.6), for programs that analyse: a row an invoice, typed columns.
//!
//! Written by hand rather than through the `parquet` package, which brings twelve others, a second library of dates and one of
//! big numbers among them, and keeps a row group's pages as it likes. What is used of the format is little: flat columns, one
//! data page a column and row group, dictionaries where they pay, GZIP.

mod check;
mod chunk;
mod foot;
mod levels;
mod shape;
mod thrift;

use std::io::{self, BufWriter, Write};
use std::path::Path;

use jiff::civil::{Date, date};
use piaoxia_domain::names::Taken;
use piaoxia_files::DurableFile;

use crate::cell::Cell;
use crate::column::{Column, Record};
use crate::error::{ExportError, Report};
use crate::feed::Feed;
use crate::proof::Proof;
use crate::request::Table;
use chunk::{Chunk, Values};
use shape::{MAGIC, Shape, TOO_WIDE};

const BUFFER: usize = 64 * 1024;

/// When a row group is full; it is kept in memory until then.
#[derive(Clone, Copy)]
struct Limits {
    rows: u64,
    bytes: usize,
}

const LIMITS: Limits = Limits { rows: 32_768, bytes: 8 << 20 };

pub(crate) fn write(target: &Path, table: &Table, feed: Feed<'_>) -> Result<Report, ExportError> {
    write_within(target, table, feed, LIMITS)
}

fn write_within(target: &Path, table: &Table, feed: Feed<'_>, limits: Limits) -> Result<Report, ExportError> {
    if table.columns.is_empty() {
        return Err(ExportError::NoColumns);
    }
    let failed = ExportError::at(target);
    let mut file = DurableFile::create(target)?;
    let mut rows = Rows::start(BufWriter::with_capacity(BUFFER, &mut file), table, limits).map_err(&failed)?;
    let mut ordinal = 0;
    let (sums, steps) = feed.each(&mut |invoice, source| {
        let formats = table.formats(invoice, source)?;
        ordinal += 1;
        let record = Record { invoice, formats: &formats, words: &table.words, ordinal };
        for (index, (column, _)) in table.columns.iter().enumerate() {
            let cell = column.cell(&record);
            if is_too_wide(&cell) {
                return Err(ExportError::TooWide { number: invoice.key.to_string(), amount: cell.amount() });
            }
            rows.cell(index, cell).map_err(&failed)?;
        }
        rows.end_row().map_err(&failed)
    })?;
    let written = rows.finish().map_err(&failed)?;
    check::read_back(&mut file, target, &written, &steps)?;
    file.finish()?;
    steps.finished();
    Ok(Report::of_table(target, sums, 0))
}

/// A column of the file.
struct Field {
    name: String,
    shape: Shape,
}

/// Columns in their order. Readers take no two of the same name.
fn fields(table: &Table) -> Vec<Field> {
    let mut names = Taken::default();
    let name = |column: Column, heading: &str| if heading.trim().is_empty() { column.id().to_owned() } else { heading.trim().to_owned() };
    table
        .columns
        .iter()
        .map(|(column, heading)| Field { name: names.claim(&name(*column, heading), ""), shape: Shape::of(*column) })
        .collect()
}

/// A row group in the file.
struct Group {
    rows: i64,
    /// Offset of each chunk, and the chunk.
    chunks: Vec<(i64, Chunk)>,
}

/// What the file has to hold.
struct Written {
    fields: Vec<Field>,
    proofs: Vec<Proof>,
    foot: Vec<u8>,
}

/// Rows on their way into row groups.
struct Rows<W> {
    out: W,
    offset: i64,
    fields: Vec<Field>,
    limits: Limits,
    values: Vec<Values>,
    rows: u64,
    groups: Vec<Group>,
    /// One a column: that is how a file is read.
    proofs: Vec<Proof>,
}

impl<W: Write> Rows<W> {
    fn start(mut out: W, table: &Table, limits: Limits) -> io::Result<Self> {
        out.write_all(MAGIC)?;
        let fields = fields(table);
        let values = fields.iter().map(|field| Values::of(field.shape)).collect();
        let proofs = fields.iter().map(|_| Proof::with_columns(1)).collect();
        Ok(Self { out, offset: 4, fields, limits, values, rows: 0, groups: Vec::new(), proofs })
    }

    fn cell(&mut self, index: usize, cell: Cell<'_>) -> io::Result<()> {
        let (Some(values), Some(proof)) = (self.values.get_mut(index), self.proofs.get_mut(index)) else { return Ok(()) };
        proof.row();
        match cell {
            Cell::Day(day) => {
                let days = days(day);
                proof.value(proof.rows(), 0, days);
                values.number(&days.to_le_bytes());
            }
            Cell::Amount(money) => {
                proof.add(0, money);
                proof.value(proof.rows(), 0, money.fen());
                values.number(&money.fen().to_le_bytes());
            }
            Cell::Count(count) => {
                let count = i32::try_from(count).map_err(io::Error::other)?;
                proof.value(proof.rows(), 0, count);
                values.number(&count.to_le_bytes());
            }
            text => {
                let text = text.into_plain();
                let text = Some(&*text).filter(|text| !text.is_empty());
                proof.value(proof.rows(), 0, text);
                values.text(text)?;
            }
        }
        Ok(())
    }

    fn end_row(&mut self) -> io::Result<()> {
        self.rows += 1;
        let is_full = self.rows == self.limits.rows || self.values.iter().map(Values::bytes).sum::<usize>() >= self.limits.bytes;
        if is_full { self.end_group() } else { Ok(()) }
    }

    fn end_group(&mut self) -> io::Result<()> {
        let mut group = Group { rows: i64::try_from(self.rows).map_err(io::Error::other)?, chunks: Vec::new() };
        for values in &mut self.values {
            let chunk = values.write(&mut self.out)?;
            let start = self.offset;
            self.offset += chunk.compressed;
            group.chunks.push((start, chunk));
        }
        self.groups.push(group);
        self.rows = 0;
        Ok(())
    }

    fn finish(mut self) -> io::Result<Written> {
        if self.rows > 0 {
            self.end_group()?;
        }
        let foot = foot::write(&self.fields, &self.groups);
        self.out.write_all(&foot)?;
        self.out.write_all(&u32::try_from(foot.len()).map_err(io::Error::other)?.to_le_bytes())?;
        self.out.write_all(MAGIC)?;
        self.out.flush()?;
        Ok(Written { fields: self.fields, proofs: self.proofs, foot })
    }
}

/// Days since 1970-01-01.
fn days(day: Date) -> i32 {
    // No two dates of the calendar are further apart than 32 bits count, and days need no rounding.
    day.since((jiff::Unit::Day, date(1970, 1, 1))).map_or(0, |span| span.get_days())
}

fn is_too_wide(cell: &Cell<'_>) -> bool {
    matches!(cell, Cell::Amount(money) if money.fen().unsigned_abs() >= TOO_WIDE)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use std::io::Cursor;

    use piaoxia_domain::invoice::Format;
    use piaoxia_domain::{Invoice, Money};

    use super::*;
    use crate::common::{self, Ledger, invoice};
    use crate::source::Source;

    /// The file in memory, and what it has to hold.
    fn written(invoices: &[Invoice], columns: &[Column], limits: Limits) -> (Vec<u8>, Written) {
        let (table, mut bytes) = (common::table(columns), Vec::new());
        let mut rows = Rows::start(&mut bytes, &table, limits).unwrap();
        for invoice in invoices {
            let record = Record { invoice, formats: &[Format::Xml, Format::Pdf], words: &table.words, ordinal: 1 };
            for (index, column) in columns.iter().enumerate() {
                rows.cell(index, column.cell(&record)).unwrap();
            }
            rows.end_row().unwrap();
        }
        let written = rows.finish().unwrap();
        (bytes, written)
    }

    fn reads_back(bytes: &[u8], written: &Written) -> Result<(), ExportError> {
        let mut ledger = Ledger::of(1);
        let (_, steps) = Feed::open(&mut ledger, &common::go_on, 0).unwrap().each(&mut |_, _| Ok(())).unwrap();
        check::read_back(Cursor::new(bytes), Path::new("a.parquet"), written, &steps)
    }

    #[test]
    fn row_groups_end_by_rows_and_by_bytes_and_hold_the_same() {
        let invoices: Vec<_> = (0..3_000).map(invoice).collect();
        for limits in [LIMITS, Limits { rows: 700, ..LIMITS }, Limits { bytes: 20_000, ..LIMITS }, Limits { rows: 1, ..LIMITS }] {
            let (bytes, written) = written(&invoices, &Column::ALL, limits);
            reads_back(&bytes, &written).unwrap();
            let groups = check::groups(&bytes).unwrap();
            assert_eq!(groups.iter().sum::<i64>(), 3_000);
            assert!(groups.iter().all(|rows| *rows <= i64::try_from(limits.rows).unwrap()));
            assert_eq!(groups.len() > 1, limits.rows < 3_000 || limits.bytes < 100_000);
        }
    }

    #[test]
    fn a_changed_byte_is_found() {
        let columns = [Column::Number, Column::SellerName, Column::Gross, Column::Remark];
        let invoices: Vec<_> = (0..60).map(invoice).collect();
        let (bytes, written) = written(&invoices, &columns, LIMITS);
        reads_back(&bytes, &written).unwrap();
        let mut silent = 0;
        for at in 0..bytes.len() {
            let mut bytes = bytes.clone();
            bytes[at] ^= 0x10;
            silent += usize::from(reads_back(&bytes, &written).is_ok());
        }
        // The heads of gzip say when and where they were made.
        assert!(silent < 15 * 6, "{silent} of {}", bytes.len());
        for length in [0, 4, 8, bytes.len() / 2, bytes.len() - 1] {
            assert!(reads_back(&bytes[..length], &written).is_err(), "{length}");
        }
    }

    #[test]
    fn an_amount_with_too_many_digits_is_said_with_its_invoice() {
        let dir = tempfile::tempdir().unwrap();
        let export = |fen: i64| {
            let mut ledger = Ledger::with(vec![invoice(1), Invoice { gross: Money::from_fen(fen), ..invoice(2) }]);
            let feed = Feed::open(&mut ledger, &common::go_on, 0).unwrap();
            write(&dir.path().join("a.parquet"), &common::table(&[Column::Gross]), feed)
        };
        let most = 999_999_999_999_999_999;
        for fen in [most, -most] {
            export(fen).unwrap();
        }
        for fen in [most + 1, -most - 1, i64::MIN] {
            let error = export(fen).unwrap_err();
            assert!(matches!(&error, ExportError::TooWide { number, .. } if *number == invoice(2).key.to_string()), "{error}");
        }
    }

    #[test]
    fn headings_that_are_equal_or_empty_get_names_of_their_own() {
        let mut table = common::table(&[Column::Net, Column::Tax, Column::Gross]);
        table.columns.iter_mut().take(2).for_each(|(_, heading)| "金额".clone_into(heading));
        table.columns[2].1 = " ".to_owned();
        let names: Vec<String> = fields(&table).into_iter().map(|field| field.name).collect();
        assert_eq!(names, ["金额", "金额 (2)", "gross"]);
    }

    #[test]
    fn days_are_counted_from_1970() {
        assert_eq!([date(1970, 1, 1), date(1969, 12, 31), date(2026, 10, 8)].map(days), [0, -1, 20_734]);
    }

    #[test]
    fn memory_does_not_grow_with_the_selection() {
        // What waits for its row group is bounded, whatever the texts.
        let table = common::table(&Column::ALL);
        let mut rows = Rows::start(io::sink(), &table, LIMITS).unwrap();
        let mut most = 0;
        let mut ledger = Ledger::of(4_000);
        ledger.make = Box::new(|number| Invoice { remark: format!("{number} {}", "长".repeat(3_000)), ..invoice(number) });
        while let Some(page) = ledger.next_page().unwrap() {
            for invoice in &page {
                let record = Record { invoice, formats: &[], words: &table.words, ordinal: 1 };
                for (index, column) in Column::ALL.into_iter().enumerate() {
                    rows.cell(index, column.cell(&record)).unwrap();
                }
                rows.end_row().unwrap();
                most = most.max(rows.values.iter().map(Values::bytes).sum());
            }
        }
        assert!(rows.groups.len() > 3 && most < LIMITS.bytes + (1 << 20), "{} groups, {most} bytes", rows.groups.len());
    }
}
