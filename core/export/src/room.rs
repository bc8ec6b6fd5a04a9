//! Whether the result will fit.

use std::path::Path;

use piaoxia_files::{FilesError, check_target, free_space};

use crate::error::ExportError;
use crate::request::{Output, Request};

/// Fails before any work is done when the target is open elsewhere or the disk is clearly too small.
pub(crate) fn check(request: &Request) -> Result<(), ExportError> {
    check_target(&request.target)?;
    let parent = request.target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !parent.is_dir() {
        return Err(FilesError::Missing { path: parent.to_path_buf() }.into());
    }
    let needed = least_bytes(request);
    if free_space(parent)? < needed {
        return Err(FilesError::DiskFull { path: request.target.clone(), needed: Some(needed) }.into());
    }
    Ok(())
}

/// A low estimate: what would fit by a hair is tried, and the writing itself tells.
fn least_bytes(request: &Request) -> u64 {
    let expected = request.expected;
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let bytes_each = match &request.output {
        Output::Csv(table, _) => count(table.columns.len()) * 8,
        Output::Xlsx { table, lines: None } => count(table.columns.len()) * 3,
        // The goods lines are collected in a file of their own first.
        Output::Xlsx { table, lines: Some(lines) } => count(table.columns.len()) * 3 + count(lines.columns.len()) * 6,
        Output::Jsonl => 500,
        // Dictionaries and GZIP leave little of most columns.
        Output::Parquet(table) => count(table.columns.len()),
        Output::OriginalsFolder(_) | Output::OriginalsZip(_) | Output::Print(_) => return expected.original_bytes,
    };
    expected.invoices.saturating_mul(bytes_each)
}
