//! Excel workbooks (ISO/IEC 29500, transitional), written as a stream.
//!
//! Written by hand rather than through `rust_xlsxwriter`, which in its constant-memory mode keeps every sheet uncompressed
//! in a temporary file and panics when that file's disk is full.

mod check;
mod list;
mod packer;
mod parts;
mod stream;
mod xml;

use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use piaoxia_domain::names::Taken;
use piaoxia_domain::{Invoice, Status};
use piaoxia_files::DurableFile;
use zip::ZipArchive;

use crate::column::{Column, LineColumn, Record};
use crate::error::{ExportError, Report};
use crate::feed::Feed;
use crate::request::{LinesTable, Table};
use crate::zip_out::io_error;
use check::Expected;
pub use list::{ShownTable, Value, write_list, write_table};
use stream::{Layout, Limits, Sheet, SheetStream, Written, options, sheet_entry};

pub(crate) fn write(target: &Path, table: &Table, lines: Option<&LinesTable>, feed: Feed<'_>) -> Result<Report, ExportError> {
    write_within(target, table, lines, feed, Limits::default())
}

fn write_within(target: &Path, table: &Table, lines: Option<&LinesTable>, feed: Feed<'_>, limits: Limits) -> Result<Report, ExportError> {
    if table.columns.is_empty() || lines.is_some_and(|lines| lines.columns.is_empty()) {
        return Err(ExportError::NoColumns);
    }
    let failed = ExportError::at(target);
    let mut book = SheetStream::start(DurableFile::create(target)?, Layout::of(table), limits).map_err(&failed)?;
    // A ZIP holds one entry after the other, so the second sheet grows in a file of its own, compressed.
    let mut goods = match lines {
        Some(lines) => {
            let layout = Layout::of_lines(lines, table);
            let stream = SheetStream::start(DurableFile::create(&aside(target))?, layout, limits).map_err(&failed)?;
            Some((lines, stream))
        }
        None => None,
    };
    let by_lines = lines.is_some_and(|lines| lines.columns.iter().any(|(column, _)| *column == LineColumn::Invoice(Column::Originals)));
    let mut ordinal = 0;
    let (sums, steps) = feed.each(&mut |invoice, source| {
        let formats = if by_lines { source.formats(&invoice.key)? } else { table.formats(invoice, source)? };
        ordinal += 1;
        let record = Record { invoice, formats: &formats, words: &table.words, ordinal };
        book.row(table.columns.iter().map(|(column, _)| column.cell(&record))).map_err(&failed)?;
        book.voided += u64::from(invoice.status == Status::Void);
        match &mut goods {
            Some((lines, stream)) => goods_rows(stream, lines, &record, invoice).map_err(&failed),
            None => Ok(()),
        }
    })?;

    let mut streams = vec![book.finish().map_err(&failed)?];
    if let Some((_, stream)) = goods {
        streams.push(stream.finish().map_err(&failed)?);
    }
    let shortened = streams.iter().map(|stream| stream.shortened).sum();
    let (mut file, expected) = join(streams).map_err(&failed)?;
    check::read_back(&mut file, target, &expected, &steps)?;
    file.finish()?;
    steps.finished();
    Ok(Report::of_table(target, sums, shortened))
}

/// One workbook of streams that each have a file: the first file becomes it, the sheets of the others are copied as they
/// are, compressed.
fn join<W: Read + Write + Seek>(streams: Vec<Written<W>>) -> io::Result<(W, Vec<Expected>)> {
    let mut names = Taken::default();
    let mut expected = Vec::new();
    let mut book = None;
    let mut count = 0;
    for Written { zip, sheets, headings, summed, proof, .. } in streams {
        let sheets: Vec<_> = sheets.into_iter().map(|sheet| (names.claim(&sheet.name, ""), sheet)).collect();
        match &mut book {
            None => book = Some(zip),
            Some(book) => {
                let mut others = ZipArchive::new(zip.finish().map_err(io_error)?.into_inner()).map_err(io_error)?;
                for index in 0..sheets.len() {
                    let entry = others.by_index_raw(index).map_err(io_error)?;
                    book.raw_copy_file_rename(entry, sheet_entry(count + index + 1)).map_err(io_error)?;
                }
            }
        }
        count += sheets.len();
        expected.push(Expected { sheets, headings, summed, proof });
    }
    let Some(mut book) = book else { return Err(io::Error::other("no sheet")) };
    let sheets: Vec<_> = expected.iter().flat_map(|stream| &stream.sheets).collect();
    let range = |sheet: &Sheet| format!("$A$1:${}${}", sheet.last_column, sheet.rows + 1);
    let named: Vec<(&str, String)> = sheets.iter().map(|(name, sheet)| (name.as_str(), range(sheet))).collect();
    for (entry, text) in [
        ("[Content_Types].xml", parts::content_types(count)),
        ("_rels/.rels", parts::package_relations()),
        ("xl/workbook.xml", parts::workbook(&named)),
        ("xl/_rels/workbook.xml.rels", parts::workbook_relations(count)),
        ("xl/styles.xml", parts::STYLES.to_owned()),
    ] {
        book.start_file(entry, options()).map_err(io_error)?;
        book.write_all(text.as_bytes())?;
    }
    let file = book.finish().map_err(io_error)?.into_inner();
    Ok((file, expected))
}

/// Beside the target, on the same disk; the temporary file of this name is removed unfinished.
fn aside(target: &Path) -> PathBuf {
    target.with_extension("lines")
}

fn goods_rows<W: Write + Seek + Send + 'static>(
    stream: &mut SheetStream<W>,
    lines: &LinesTable,
    record: &Record<'_>,
    invoice: &Invoice,
) -> io::Result<()> {
    for (index, line) in invoice.lines.iter().enumerate() {
        stream.row(lines.columns.iter().map(|(column, _)| column.cell(record, line, index)))?;
    }
    stream.voided += u64::from(invoice.status == Status::Void && !invoice.lines.is_empty());
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use std::io::{Cursor, SeekFrom};

    use calamine::{DataRef, Reader, Xlsx};

    use piaoxia_domain::Money;

    use super::*;
    use crate::cell::Cell;
    use crate::column::{Column, LineColumn};
    use crate::common::{self, Ledger, invoice, lines_table};

    const MANY: Limits = Limits { rows: u32::MAX, bytes: u64::MAX };

    fn split(limits: Limits) -> Vec<(String, u32, bool)> {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("a.xlsx");
        let mut ledger = Ledger::of(2_500);
        let feed = Feed::open(&mut ledger, &common::go_on, 0).unwrap();
        let table = common::table(&[Column::Date, Column::Number, Column::Gross]);
        write_within(&target, &table, Some(&lines_table(&[LineColumn::Name, LineColumn::Net])), feed, limits).unwrap();
        let mut book: Xlsx<_> = calamine::open_workbook(&target).unwrap();
        let names = book.sheet_names();
        let described = names.into_iter().map(|name| {
            let mut cells = book.worksheet_cells_reader(&name).unwrap();
            let (mut last, mut has_total) = (0, false);
            while let Some(cell) = cells.next_cell().unwrap() {
                last = cell.get_position().0;
                has_total |= matches!(cell.get_value(), DataRef::String(text) if text == "合计");
            }
            (name, last, has_total)
        });
        described.collect()
    }

    #[test]
    fn a_full_sheet_goes_on_in_the_next_and_the_sums_stand_at_the_end() {
        let lines = u32::try_from((0..2_500).map(|number| invoice(number).lines.len()).sum::<usize>()).unwrap();
        let sheet = |name: &str, last: u32, has_total: bool| (name.to_owned(), last, has_total);
        let expected = [
            sheet("发票基础信息", 1_000, false),
            sheet("发票基础信息 (2)", 1_000, false),
            sheet("发票基础信息 (3)", 501, true),
            sheet("货物清单", 1_000, false),
            sheet("货物清单 (2)", 1_000, false),
            sheet("货物清单 (3)", 1_000, false),
            sheet("货物清单 (4)", 1_000, false),
            sheet("货物清单 (5)", 1_000, false),
            sheet("货物清单 (6)", 1_000, false),
            sheet("货物清单 (7)", lines - 6_000 + 1, true),
        ];
        assert_eq!(split(Limits { rows: 1_000, ..MANY }), expected);
        assert!(split(Limits { bytes: 200_000, ..MANY }).len() > 3);
    }

    #[test]
    fn a_sheet_takes_as_many_rows_as_excel_does() {
        assert_eq!(Limits::default().rows + 2, 1_048_576);
        let layout = Layout::of(&common::table(&[Column::Lines, Column::Gross]));
        let limits = Limits { rows: 10, ..MANY };
        let mut book = SheetStream::start(Cursor::new(Vec::new()), layout, limits).unwrap();
        for count in 0..10 {
            book.row([Cell::Count(count), Cell::Amount(Money::from_fen(1))].into_iter()).unwrap();
        }
        let written = book.finish().unwrap();
        assert_eq!(written.sheets.iter().map(|sheet| sheet.rows).collect::<Vec<_>>(), [10], "sums need no sheet of their own");
    }

    /// A file on a disk with so many bytes left.
    struct Disk {
        file: Cursor<Vec<u8>>,
        left: usize,
    }

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.left = self.left.checked_sub(bytes.len()).ok_or(io::ErrorKind::StorageFull)?;
            self.file.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Seek for Disk {
        fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
            self.file.seek(position)
        }
    }

    impl Read for Disk {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.file.read(buffer)
        }
    }

    /// A workbook of 500 invoices with their lines, on a disk for each of the two sheets.
    fn book_on(disks: [usize; 2]) -> io::Result<Vec<u8>> {
        let table = common::table(&Column::ALL);
        let lines = lines_table(&LineColumn::DEFAULT);
        let [disk, aside] = disks.map(|left| Disk { file: Cursor::new(Vec::new()), left });
        let mut book = SheetStream::start(disk, Layout::of(&table), MANY)?;
        let mut goods = SheetStream::start(aside, Layout::of_lines(&lines, &table), MANY)?;
        for invoice in (0..500).map(invoice) {
            let record = Record { invoice: &invoice, formats: &[], words: &table.words, ordinal: 1 };
            book.row(table.columns.iter().map(|(column, _)| column.cell(&record)))?;
            goods_rows(&mut goods, &lines, &record, &invoice)?;
        }
        let (disk, _) = join(vec![book.finish()?, goods.finish()?])?;
        Ok(disk.file.into_inner())
    }

    #[test]
    fn a_disk_that_fills_up_anywhere_is_said_to_be_full() {
        let whole = book_on([usize::MAX; 2]).unwrap().len();
        for left in (0..whole).step_by(whole / 25) {
            for disks in [[left, usize::MAX], [usize::MAX, left]] {
                match book_on(disks) {
                    Err(error) => assert_eq!(error.kind(), io::ErrorKind::StorageFull, "{disks:?}"),
                    // The disk of the second sheet needs less than the whole.
                    Ok(_) => assert!(disks.first() == Some(&usize::MAX) && left > whole / 3, "{disks:?}"),
                }
            }
        }
    }

    #[test]
    fn a_changed_byte_is_found() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("a.xlsx");
        let table = common::table(&[Column::Number, Column::Gross]);
        let (mut file, expected) = {
            let disk = Disk { file: Cursor::new(Vec::new()), left: usize::MAX };
            let mut book = SheetStream::start(disk, Layout::of(&table), MANY).unwrap();
            for invoice in (0..20).map(invoice) {
                let record = Record { invoice: &invoice, formats: &[], words: &table.words, ordinal: 1 };
                book.row(table.columns.iter().map(|(column, _)| column.cell(&record))).unwrap();
            }
            join(vec![book.finish().unwrap()]).unwrap()
        };
        let mut ledger = Ledger::of(1);
        let (_, steps) = Feed::open(&mut ledger, &common::go_on, 0).unwrap().each(&mut |_, _| Ok(())).unwrap();
        check::read_back(&mut file, &target, &expected, &steps).unwrap();
        // Anywhere in the compressed sheet, behind the entry's header.
        for at in (60..600).step_by(20) {
            *file.file.get_mut().get_mut(at).unwrap() ^= 1;
            let result = check::read_back(&mut file, &target, &expected, &steps);
            assert!(matches!(result, Err(ExportError::Verification { .. })), "{at}: {result:?}");
            *file.file.get_mut().get_mut(at).unwrap() ^= 1;
        }
    }
}
