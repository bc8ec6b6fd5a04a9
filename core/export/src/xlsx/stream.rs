//! Rows into sheets, sheets into a ZIP, without keeping either.

use std::io::{self, Seek, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::packer::Packer;
use super::parts::{sheet_name, style};
use super::xml::{self, Place};
use crate::cell::Cell;
use crate::digits::push_number;
use crate::proof::Proof;
use crate::request::{LinesTable, Table};
use crate::text::{cut, is_formula_like, voided_note};
use crate::zip_out::ZipOut;

/// The most that a cell takes (Excel specifications and limits), in UTF-16 units.
pub(super) const CELL_UNITS: usize = 32_767;
const BUFFER: usize = 64 * 1024;

/// When a sheet is full.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// Rows without heading and sums.
    pub rows: u32,
    /// Bytes of XML; an entry of a plain ZIP takes 4 GiB.
    pub bytes: u64,
}

/// Rows of a sheet (Excel specifications and limits), with heading and sums.
pub(super) const SHEET_ROWS: u32 = 1_048_576;

impl Default for Limits {
    fn default() -> Self {
        Self { rows: SHEET_ROWS - 2, bytes: 3 << 30 }
    }
}

/// How a sheet looks.
pub(super) struct Layout {
    sheet: String,
    /// Its first sheet is the one that is seen first. Two of these would be edited together.
    is_front: bool,
    headings: Vec<String>,
    widths: Vec<u32>,
    summed: Vec<bool>,
    total: String,
    /// Behind it where voided invoices are in the sums.
    voided: String,
}

impl Layout {
    pub(super) fn of(table: &Table) -> Self {
        Self {
            sheet: sheet_name(&table.words.sheet),
            is_front: true,
            headings: table.columns.iter().map(|(_, heading)| heading.clone()).collect(),
            widths: table.columns.iter().map(|(column, _)| column.width()).collect(),
            summed: table.columns.iter().map(|(column, _)| column.is_summed()).collect(),
            total: table.words.total.clone(),
            voided: table.words.voided.clone(),
        }
    }

    pub(super) fn of_lines(lines: &LinesTable, table: &Table) -> Self {
        Self {
            sheet: sheet_name(&lines.sheet),
            is_front: false,
            headings: lines.columns.iter().map(|(_, heading)| heading.clone()).collect(),
            widths: lines.columns.iter().map(|(column, _)| column.width()).collect(),
            summed: lines.columns.iter().map(|(column, _)| column.is_summed()).collect(),
            total: table.words.total.clone(),
            voided: table.words.voided.clone(),
        }
    }

    /// A list of texts without sums; widths in characters.
    pub(super) fn of_list(sheet: &str, columns: &[(String, u32)]) -> Self {
        Self {
            sheet: sheet_name(sheet),
            is_front: true,
            headings: columns.iter().map(|(heading, _)| heading.clone()).collect(),
            widths: columns.iter().map(|(_, width)| *width).collect(),
            summed: vec![false; columns.len()],
            total: String::new(),
            voided: String::new(),
        }
    }

    /// The sums row, or none when there is nothing to sum up: the label stands in the first column without a sum.
    fn total_row(&self, proof: &Proof, voided: u64) -> Option<Vec<(style::Index, Cell<'static>)>> {
        let label = self.summed.iter().position(|summed| !summed);
        let words = format!("{}{}", self.total, voided_note(&self.voided, voided));
        let cells = self.summed.iter().enumerate().map(|(index, summed)| match summed {
            true => (style::TOTAL_AMOUNT, Cell::Amount(proof.sum(index))),
            false if label == Some(index) => (style::TOTAL, Cell::Text(words.clone().into())),
            false => (style::TOTAL, Cell::Empty),
        });
        self.summed.contains(&true).then(|| cells.collect())
    }
}

/// A finished sheet.
pub(super) struct Sheet {
    /// Wanted name.
    pub name: String,
    /// Letters of its last column.
    pub last_column: String,
    /// Rows with data.
    pub rows: u32,
}

/// A stream of rows, finished.
pub(super) struct Written<W: Write + Seek> {
    pub zip: ZipWriter<ZipOut<W>>,
    pub sheets: Vec<Sheet>,
    pub headings: Vec<String>,
    pub summed: Vec<bool>,
    pub proof: Proof,
    pub shortened: u64,
}

/// Rows on their way into one or more sheets of the same look.
pub(super) struct SheetStream<W: Write + Seek + Send + 'static> {
    packer: Packer<W>,
    layout: Layout,
    limits: Limits,
    /// What the cells of each column begin with.
    starts: Vec<Vec<u8>>,
    xml: Vec<u8>,
    /// XML of this sheet that has left the buffer.
    bytes: u64,
    /// Rows of this sheet so far, with the heading.
    row: u32,
    /// The same as digits.
    row_digits: Vec<u8>,
    /// Digits of the number at hand.
    number: Vec<u8>,
    sheets: Vec<Sheet>,
    proof: Proof,
    shortened: u64,
    /// Voided invoices whose amounts are in the sums.
    pub voided: u64,
}

impl<W: Write + Seek + Send + 'static> SheetStream<W> {
    pub(super) fn start(out: W, layout: Layout, limits: Limits) -> io::Result<Self> {
        let columns = layout.headings.len();
        let mut stream = Self {
            packer: Packer::start(out)?,
            starts: (0..columns).map(xml::cell_start).collect(),
            layout,
            limits,
            xml: Vec::with_capacity(BUFFER * 2),
            bytes: 0,
            row: 0,
            row_digits: Vec::new(),
            number: Vec::new(),
            sheets: Vec::new(),
            proof: Proof::with_columns(columns),
            shortened: 0,
            voided: 0,
        };
        stream.open_sheet()?;
        Ok(stream)
    }

    /// Adds a row; `cells` has as many as the layout has columns.
    pub(super) fn row<'c>(&mut self, cells: impl Iterator<Item = Cell<'c>>) -> io::Result<()> {
        if self.row > self.limits.rows || self.bytes >= self.limits.bytes {
            self.close_sheet(None)?;
            self.open_sheet()?;
        }
        self.proof.row();
        self.open_row();
        for (index, cell) in cells.enumerate() {
            if self.layout.summed.get(index) == Some(&true) {
                self.proof.add(index, cell.amount());
            }
            let style = match &cell {
                Cell::Code(_) => style::TEXT,
                Cell::Text(text) if is_formula_like(text) => style::TEXT,
                Cell::Amount(_) => style::AMOUNT,
                Cell::Day(_) => style::DAY,
                Cell::Empty | Cell::Text(_) | Cell::Number(_) | Cell::Count(_) => style::GENERAL,
            };
            self.cell(index, style, cell);
        }
        self.close_row()
    }

    /// Adds the sums row and ends the last sheet.
    pub(super) fn finish(self) -> io::Result<Written<W>> {
        let total = self.layout.total_row(&self.proof, self.voided);
        self.finish_with(total)
    }

    /// The same with a sums row of the caller's.
    pub(super) fn finish_with(mut self, total: Option<Vec<(style::Index, Cell<'static>)>>) -> io::Result<Written<W>> {
        self.close_sheet(total)?;
        let Self { packer, sheets, proof, shortened, layout, .. } = self;
        Ok(Written { zip: packer.finish()?, sheets, headings: layout.headings, summed: layout.summed, proof, shortened })
    }

    fn open_sheet(&mut self) -> io::Result<()> {
        let number = self.sheets.len() + 1;
        self.packer.entry(sheet_entry(number))?;
        self.bytes = 0;
        self.row = 0;
        xml::open(&mut self.xml, &self.layout.widths, self.layout.is_front && number == 1)?;
        self.open_row();
        for index in 0..self.layout.headings.len() {
            let heading = self.layout.headings.get(index).cloned().unwrap_or_default();
            self.cell(index, style::HEADING, Cell::Text(heading.into()));
        }
        self.close_row()
    }

    fn close_sheet(&mut self, total: Option<Vec<(style::Index, Cell<'static>)>>) -> io::Result<()> {
        let last = self.row;
        if let Some(cells) = total {
            self.open_row();
            for (index, (style, cell)) in cells.into_iter().enumerate() {
                self.cell(index, style, cell);
            }
            self.close_row()?;
        }
        let last_column = xml::letters(self.layout.headings.len().saturating_sub(1));
        xml::close(&mut self.xml, &last_column, last)?;
        self.flush()?;
        self.sheets.push(Sheet { name: self.layout.sheet.clone(), last_column, rows: last.saturating_sub(1) });
        Ok(())
    }

    fn open_row(&mut self) {
        self.row += 1;
        self.row_digits.clear();
        push_number(&mut self.row_digits, self.row.into());
        xml::open_row(&mut self.xml, &self.row_digits);
    }

    fn close_row(&mut self) -> io::Result<()> {
        xml::close_row(&mut self.xml);
        if self.xml.len() >= BUFFER { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.bytes = self.bytes.saturating_add(u64::try_from(self.xml.len()).unwrap_or(u64::MAX));
        self.packer.take(&mut self.xml)
    }

    fn cell(&mut self, index: usize, style: style::Index, cell: Cell<'_>) {
        let Some(column) = self.starts.get(index) else { return };
        let place = Place { column, row: &self.row_digits };
        let row = u64::from(self.row) - 1;
        if cell.is_number() {
            self.number.clear();
            cell.push_number(&mut self.number);
            self.proof.number(row, index, &self.number);
            return xml::number(&mut self.xml, place, style, &self.number);
        }
        let style = if cell.is_text() { style } else { style::TEXT };
        let (text, is_short) = cut(cell.into_plain(), CELL_UNITS);
        if text.is_empty() {
            return;
        }
        self.shortened += u64::from(is_short);
        self.proof.bytes(row, index, text.as_bytes());
        xml::text(&mut self.xml, place, style, &text);
    }
}

/// Name of a sheet in the ZIP; `number` counts from 1.
pub(super) fn sheet_entry(number: usize) -> String {
    format!("xl/worksheets/sheet{number}.xml")
}

/// Level 2 is where speed and size meet: level 1 makes a file a third larger, level 5 one a quarter smaller in twice the time.
pub(super) fn options() -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).compression_level(Some(2))
}
