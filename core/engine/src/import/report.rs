//! The report of an import as a workbook.

use std::path::Path;

use piaoxia_documents::{Refused, Warning};
use piaoxia_export::write_list;

use crate::event::ImportReport;
use crate::problem::{FileFault, Problem};

/// What the report needs of the language.
pub trait ReportWords {
    /// Name of the sheet.
    fn sheet(&self) -> String;
    /// Headings: result, file, reason.
    fn headings(&self) -> [String; 3];
    /// Lines at the top: what was counted, and how much of it.
    fn counts(&self, report: &ImportReport) -> Vec<(String, u64)>;
    /// Result of a file that was not read.
    fn refused(&self) -> String;
    /// Result of a file that was imported in part, or that is to be looked at.
    fn partial(&self) -> String;
    /// Why a file was not read.
    fn reason(&self, reason: &Refused) -> String;
    /// Why the system would not give a file.
    fn fault(&self, fault: FileFault) -> String;
    /// Result of a file that was not read in all its parts.
    fn noted(&self) -> String;
    /// What was not read of a file.
    fn note(&self, note: &Warning) -> String;
}

/// Writes counts, a row for every file that was not read, and one for every note. Blocks.
///
/// # Errors
/// The file cannot be written; an older one is as it was then.
pub fn write_report(path: &Path, report: &ImportReport, words: &dyn ReportWords) -> Result<(), Problem> {
    const WIDTHS: [u32; 3] = [24, 70, 60];
    let columns: Vec<(String, u32)> = words.headings().into_iter().zip(WIDTHS).collect();
    let counts = words.counts(report).into_iter().map(|(what, count)| [what, count.to_string(), String::new()]);
    let (result, partial, noted) = (words.refused(), words.partial(), words.noted());
    let unreadable = report.unreadable.iter().map(|file| [result.clone(), file.file.clone(), words.fault(file.fault)]);
    let result_of = |reason: &Refused| if reason.is_partial() { partial.clone() } else { result.clone() };
    let refused = report.refused.iter().map(|file| [result_of(&file.reason), file.file.clone(), words.reason(&file.reason)]);
    let notes = report.notes.iter().map(|file| [noted.clone(), file.file.clone(), words.note(&file.note)]);
    let rows: Vec<[String; 3]> = counts.chain(unreadable).chain(refused).chain(notes).collect();
    write_list(path, &words.sheet(), &columns, rows.iter().map(|row| row.iter().map(String::as_str).collect()))?;
    Ok(())
}
