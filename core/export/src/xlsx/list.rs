//! A list of texts as a workbook: reports.

use std::path::Path;

use piaoxia_files::DurableFile;

use super::check;
use super::join;
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
}
