//! The rows of a sheet, one after the other.

use std::cell::Cell as Shared;

use quick_xml::events::{BytesStart, Event};

use super::escape;
use super::part::{Package, Part, append, attribute};
use super::strings::Strings;
use crate::limits::{SHEET_COLUMNS, SHEET_ROWS};
use crate::refused::Refused;

/// What is in a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Content {
    /// Nothing.
    #[default]
    Blank,
    /// Text, also the result of a formula that is one.
    Text,
    /// A number as the file writes it; dates are numbers too.
    Number,
}

/// A cell. The text is as stored.
#[derive(Clone, Debug, Default)]
pub(super) struct Cell {
    pub content: Content,
    pub text: String,
}

impl Cell {
    fn clear(&mut self) {
        self.content = Content::Blank;
        self.text.clear();
    }
}

/// A row. Cells beyond [`SHEET_COLUMNS`] are left out.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    /// From 1, as the user sees it.
    pub number: u32,
    cells: Vec<Cell>,
    width: usize,
}

impl Row {
    /// The cells, up to the last one that the file has.
    pub(super) fn cells(&self) -> &[Cell] {
        self.cells.get(..self.width).unwrap_or_default()
    }

    /// Nothing is written in it.
    pub(super) fn is_blank(&self) -> bool {
        self.cells().iter().all(|cell| cell.text.trim().is_empty())
    }

    /// The cells' memory is used again.
    fn clear(&mut self) {
        self.width = 0;
    }

    /// The cell in a column, made blank.
    fn fresh(&mut self, column: usize) -> Option<&mut Cell> {
        if column >= SHEET_COLUMNS {
            return None;
        }
        while self.width <= column {
            match self.cells.get_mut(self.width) {
                Some(cell) => cell.clear(),
                None => self.cells.push(Cell::default()),
            }
            self.width += 1;
        }
        let cell = self.cells.get_mut(column)?;
        cell.clear();
        Some(cell)
    }
}

/// Reads a sheet's rows in the order of the file.
pub(super) struct Rows<'p, 'a> {
    part: Part<'p, 'a>,
    strings: &'p Strings,
    number: u32,
    column: usize,
}

/// Which element's text a cell is reading.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Nothing,
    Value,
    Phonetic,
}

impl<'p, 'a> Rows<'p, 'a> {
    /// Of the sheet whose part is at `index`.
    ///
    /// # Errors
    /// As [`Part::open`].
    pub(super) fn open(package: &'p mut Package<'a>, index: usize, strings: &'p Strings, budget: &'p Shared<u64>) -> Result<Self, Refused> {
        Ok(Self { part: Part::open(package, index, budget)?, strings, number: 0, column: 0 })
    }

    /// Reads the next row into `row`; false behind the last one.
    ///
    /// # Errors
    /// As [`Part::next`]: nothing can be read behind it.
    pub(super) fn next(&mut self, row: &mut Row) -> Result<bool, Refused> {
        row.clear();
        loop {
            let cell = match self.part.next()? {
                Event::Start(tag) => match tag.local_name().as_ref() {
                    "row" => {
                        let stated = attribute(&tag, "r").and_then(|number| number.parse().ok());
                        self.number = stated.unwrap_or(self.number.saturating_add(1));
                        self.column = 0;
                        if self.number > SHEET_ROWS {
                            return Err(Refused::DamagedPart);
                        }
                        row.clear();
                        continue;
                    }
                    "c" => CellHead::of(&tag, self.column),
                    _ => continue,
                },
                Event::End(tag) if tag.local_name().as_ref() == "row" => {
                    row.number = self.number;
                    return Ok(true);
                }
                Event::Eof => return Ok(false),
                _ => continue,
            };
            self.column = cell.column.saturating_add(1);
            self.cell(&cell, row)?;
        }
    }

    /// Reads a cell up to its end. A formula is passed over; its last result counts.
    fn cell(&mut self, head: &CellHead, row: &mut Row) -> Result<(), Refused> {
        let mut beyond = Cell::default();
        let cell = row.fresh(head.column).unwrap_or(&mut beyond);
        let (mut inside, mut start) = (Inside::Nothing, 0);
        loop {
            let event = self.part.next()?;
            match &event {
                Event::Start(tag) => match tag.local_name().as_ref() {
                    "v" | "t" if inside == Inside::Nothing => (inside, start) = (Inside::Value, cell.text.len()),
                    "rPh" => inside = Inside::Phonetic,
                    _ => {}
                },
                Event::End(tag) => match tag.local_name().as_ref() {
                    "c" => break,
                    "rPh" => inside = Inside::Nothing,
                    "v" | "t" if inside == Inside::Value => {
                        escape::decode(&mut cell.text, start);
                        inside = Inside::Nothing;
                    }
                    _ => {}
                },
                Event::Eof => return Err(Refused::DamagedPart),
                other if inside == Inside::Value => append(other, &mut cell.text),
                _ => {}
            }
        }
        head.kind.settle(cell, self.strings)
    }
}

/// What a cell's tag says.
struct CellHead {
    column: usize,
    kind: Kind,
}

/// How a cell's value is written (ISO/IEC 29500-1, 18.18.11).
#[derive(Clone, Copy)]
enum Kind {
    Shared,
    Text,
    Truth,
    Number,
    /// A formula that came to nothing (`#N/A`).
    Fault,
}

impl CellHead {
    fn of(tag: &BytesStart<'_>, next: usize) -> Self {
        let column = attribute(tag, "r").and_then(|place| column(&place)).unwrap_or(next);
        let kind = match attribute(tag, "t").as_deref() {
            Some("s") => Kind::Shared,
            Some("inlineStr" | "str" | "d") => Kind::Text,
            Some("e") => Kind::Fault,
            Some("b") => Kind::Truth,
            _ => Kind::Number,
        };
        Self { column, kind }
    }
}

impl Kind {
    fn settle(self, cell: &mut Cell, strings: &Strings) -> Result<(), Refused> {
        if cell.text.is_empty() {
            return Ok(());
        }
        cell.content = Content::Text;
        match self {
            Self::Shared => {
                let text = cell.text.trim().parse().ok().and_then(|number| strings.get(number)).ok_or(Refused::DamagedPart)?;
                text.clone_into(&mut cell.text);
            }
            Self::Truth => {
                let truth = if cell.text.trim() == "1" { "是" } else { "否" };
                truth.clone_into(&mut cell.text);
            }
            Self::Number => cell.content = Content::Number,
            Self::Text => {}
            Self::Fault => cell.clear(),
        }
        Ok(())
    }
}

/// The column of `BC12`, from 0.
fn column(place: &str) -> Option<usize> {
    let letters = place.bytes().take_while(u8::is_ascii_uppercase);
    let mut column = 0_usize;
    for letter in letters {
        column = column.checked_mul(26)?.checked_add(usize::from(letter - b'A') + 1)?;
    }
    column.checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::column;

    #[test]
    fn columns_count_from_a() {
        assert_eq!(["A1", "Z9", "AA1", "XFD1048576"].map(column), [Some(0), Some(25), Some(26), Some(16_383)]);
        assert_eq!([column("12"), column(""), column("AAAAAAAAAAAAAAAAAAAAAAAAAA1")], [None, None, None]);
    }
}
