//! Reading a workbook back, cell by cell.

use std::io::{self, BufReader, Read, Seek};
use std::path::Path;

use calamine::{DataRef, Reader, Xlsx, XlsxError};
use piaoxia_domain::Money;
use zip::ZipArchive;

use super::stream::Sheet;
use crate::error::ExportError;
use crate::feed::Steps;
use crate::proof::Proof;
use crate::zip_out::io_error;

/// One stream of rows as it was written: its sheets by their final names, what of them is summed up, and the proof.
pub(super) struct Expected {
    pub sheets: Vec<(String, Sheet)>,
    pub summed: Vec<bool>,
    pub proof: Proof,
}

/// Compares the workbook with what was written.
///
/// By the cells reader alone: `worksheet_range` reserves memory for the whole used area, which aborts the process on a
/// sheet with two cells far apart.
pub(super) fn read_back<F: Read + Seek>(mut file: F, target: &Path, streams: &[Expected], steps: &Steps<'_>) -> Result<(), ExportError> {
    file.rewind().map_err(ExportError::at(target))?;
    let unreadable = |error: XlsxError| match error {
        XlsxError::Io(error) => ExportError::unreadable(target)(error),
        other => ExportError::differs(target, other.to_string()),
    };
    let mut book = Xlsx::new(BufReader::new(&mut file)).map_err(unreadable)?;
    for (index, stream) in streams.iter().enumerate() {
        let mut read = Proof::with_columns(stream.summed.len());
        for (name, sheet) in &stream.sheets {
            let mut cells = book.worksheet_cells_reader(name).map_err(unreadable)?;
            let mut last = 0;
            while let Some(cell) = cells.next_cell().map_err(unreadable)? {
                let (row, column) = cell.get_position();
                if row != last && row <= sheet.rows {
                    read.row();
                    // Only the first stream has a row an invoice.
                    if index == 0 { steps.check(read.rows())? } else { steps.check_aside(read.rows())? }
                }
                last = row;
                let is_summed =
                    (1..=sheet.rows).contains(&row) && usize::try_from(column).is_ok_and(|c| stream.summed.get(c) == Some(&true));
                add(&mut read, row, column, is_summed, cell.get_value()).map_err(|what| ExportError::differs(target, what))?;
            }
        }
        if let Some(what) = stream.proof.difference(&read) {
            return Err(ExportError::differs(target, what));
        }
    }
    drop(book);
    sound_to_the_end(file, target)
}

/// The cells reader stops behind the last row; each entry's CRC is compared at its end.
fn sound_to_the_end<F: Read + Seek>(file: F, target: &Path) -> Result<(), ExportError> {
    let damaged = ExportError::unreadable(target);
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(io_error).map_err(&damaged)?;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(io_error).map_err(&damaged)?;
        io::copy(&mut entry, &mut io::sink()).map_err(&damaged)?;
    }
    Ok(())
}

fn add(read: &mut Proof, row: u32, column: u32, is_summed: bool, value: &DataRef<'_>) -> Result<(), String> {
    let place = u64::from(row);
    let column = usize::try_from(column).map_err(|error| error.to_string())?;
    let text = match value {
        DataRef::Float(number) => {
            read.number(place, column, *number);
            number.to_string()
        }
        DataRef::DateTime(moment) => {
            read.number(place, column, moment.as_f64());
            return Ok(());
        }
        DataRef::String(text) => {
            read.value(place, column, text.as_str());
            text.clone()
        }
        DataRef::Empty => return Ok(()),
        other => return Err(format!("an unexpected value {other:?}")),
    };
    if is_summed {
        let amount: Money = text.parse().map_err(|_| format!("{text:?} is no amount"))?;
        read.add(column, amount);
    }
    Ok(())
}
