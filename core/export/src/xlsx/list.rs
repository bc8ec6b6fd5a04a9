//! A list of texts as a workbook: reports; and a table as a page shows it.

use std::path::Path;

use piaoxia_domain::Money;
use piaoxia_files::DurableFile;

use super::check;
use super::join;
use super::parts::style;
use super::stream::{Layout, Limits, SheetStream};
use crate::cell::Cell;
use crate::error::ExportError;
use crate::feed::Steps;

/// Writes a workbook of one sheet; every cell is text and never a formula. `columns` are headings and their widths in
/// characters. As with an export, nothing appears at the target before it was read back.
///
/// # Errors
/// [`ExportError`]; an older file at the target is as it was then.
pub fn write_list<'r>(
    target: &Path,
    sheet: &str,
    columns: &[(String, u32)],
    rows: impl Iterator<Item = Vec<&'r str>>,
) -> Result<(), ExportError> {
    let failed = ExportError::at(target);
    let mut stream =
        SheetStream::start(DurableFile::create(target)?, Layout::of_list(sheet, columns), Limits::default()).map_err(&failed)?;
    for row in rows {
        stream.row(row.into_iter().map(Cell::text)).map_err(&failed)?;
    }
    let (mut file, expected) = join(vec![stream.finish().map_err(&failed)?]).map_err(&failed)?;
    check::read_back(&mut file, target, &expected, &Steps::unseen())?;
    file.finish()?;
    Ok(())
}

/// A value of a table that is written as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    Empty,
    /// A text, never a formula.
    Text(String),
    /// Digits that are a name, such as 识别号: they stay text.
    Code(String),
    /// A number of things.
    Count(u64),
    /// Yuan.
    Amount(Money),
}

impl Value {
    fn cell(&self) -> Cell<'_> {
        match self {
            Self::Empty => Cell::Empty,
            Self::Text(text) => Cell::text(text),
            Self::Code(text) => Cell::code(text),
            Self::Count(count) => Cell::Number((*count).into()),
            Self::Amount(amount) => Cell::Amount(*amount),
        }
    }

    fn total(&self) -> (style::Index, Cell<'static>) {
        match self {
            Self::Empty => (style::TOTAL, Cell::Empty),
            Self::Text(text) | Self::Code(text) => (style::TOTAL, Cell::Text(text.clone().into())),
            Self::Count(count) => (style::TOTAL, Cell::Number((*count).into())),
            Self::Amount(amount) => (style::TOTAL_AMOUNT, Cell::Amount(*amount)),
        }
    }
}

/// A table with its sums, as a page shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShownTable {
    /// Name of the sheet.
    pub sheet: String,
    /// Headings, and widths in characters.
    pub columns: Vec<(String, u32)>,
    /// Rows of as many values as there are columns.
    pub rows: Vec<Vec<Value>>,
    /// The sums row; empty for none. They are the page's, since an invoice may stand in two rows.
    pub total: Vec<Value>,
}

/// Writes a workbook of one sheet. As with an export, nothing appears at the target before it was read back.
///
/// # Errors
/// [`ExportError`]; an older file at the target is as it was then.
pub fn write_table(target: &Path, table: &ShownTable) -> Result<(), ExportError> {
    let failed = ExportError::at(target);
    let layout = Layout::of_list(&table.sheet, &table.columns);
    let mut stream = SheetStream::start(DurableFile::create(target)?, layout, Limits::default()).map_err(&failed)?;
    for row in &table.rows {
        stream.row(row.iter().map(Value::cell)).map_err(&failed)?;
    }
    let total = (!table.total.is_empty()).then(|| table.total.iter().map(Value::total).collect());
    let (mut file, expected) = join(vec![stream.finish_with(total).map_err(&failed)?]).map_err(&failed)?;
    check::read_back(&mut file, target, &expected, &Steps::unseen())?;
    file.finish()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use calamine::{DataRef, Reader, Xlsx};

    use super::*;

    #[test]
    fn a_list_comes_back_as_text() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("报告.xlsx");
        let columns = [("文件".to_owned(), 40), ("原因".to_owned(), 60)];
        let rows = [vec!["=1+1.xml", "文件是空的"], vec!["b.xml", ""]];
        write_list(&target, "导入报告", &columns, rows.into_iter()).unwrap();
        let mut book: Xlsx<_> = calamine::open_workbook(&target).unwrap();
        assert_eq!(book.sheet_names(), ["导入报告"]);
        let mut cells = book.worksheet_cells_reader("导入报告").unwrap();
        let mut texts = Vec::new();
        while let Some(cell) = cells.next_cell().unwrap() {
            if let DataRef::String(text) = cell.get_value() {
                texts.push(text.clone());
            }
        }
        assert_eq!(texts, ["文件", "原因", "=1+1.xml", "文件是空的", "b.xml"]);
    }

    #[test]
    fn a_table_comes_back_with_its_sums() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("统计.xlsx");
        let amount = |fen| Value::Amount(Money::from_fen(fen));
        let table = ShownTable {
            sheet: "按月".to_owned(),
            columns: vec![("月份".to_owned(), 10), ("张数".to_owned(), 8), ("税额".to_owned(), 16)],
            rows: vec![
                vec![Value::Text("2026-10".to_owned()), Value::Count(12), amount(-12_345)],
                vec![Value::Code("007".to_owned()), Value::Empty, amount(i64::MAX)],
            ],
            total: vec![Value::Text("合计".to_owned()), Value::Count(12), amount(5)],
        };
        write_table(&target, &table).unwrap();
        let mut book: Xlsx<_> = calamine::open_workbook(&target).unwrap();
        let mut cells = book.worksheet_cells_reader("按月").unwrap();
        let mut found = Vec::new();
        while let Some(cell) = cells.next_cell().unwrap() {
            match cell.get_value() {
                DataRef::String(text) => found.push(text.clone()),
                DataRef::Float(number) => found.push(format!("#{number}")),
                _ => {}
            }
        }
        let expected = ["月份", "张数", "税额", "2026-10", "#12", "#-123.45", "007", "92233720368547758.07", "合计", "#12", "#0.05"];
        assert_eq!(found, expected);
    }
}
