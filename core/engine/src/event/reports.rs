//! What imports and exports report.

use std::path::PathBuf;

use piaoxia_documents::{Refused, Warning};
use piaoxia_domain::Totals;

use crate::problem::FileFault;

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// New to the ledger.
    pub new: u64,
    /// Known already; a missing original or field may have been added.
    pub known: u64,
    /// Of those: the document is another original of its invoice, which had one or none; it was added.
    pub second_originals: u64,
    /// Files that could not be read, with the reason; and those that were imported in part, see [`Refused::is_partial`].
    pub refused: Vec<RefusedFile>,
    /// Files that the system would not give.
    pub unreadable: Vec<UnreadableFile>,
    /// What was not read of files that were: the first thousand notes.
    pub notes: Vec<FileNote>,
    /// How many notes there are.
    pub note_count: u64,
}

impl ImportReport {
    /// Files of which nothing was imported.
    #[must_use]
    pub fn not_imported(&self) -> u64 {
        (self.unreadable.len() + self.refused.len()) as u64 - self.partial()
    }

    /// Files, and rows of workbooks, that were imported in part or that are to be looked at.
    #[must_use]
    pub fn partial(&self) -> u64 {
        self.refused.iter().filter(|file| file.reason.is_partial()).count() as u64
    }
}

/// A file that the system would not give: no permission, gone, a pulled stick.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableFile {
    /// Path.
    pub file: String,
    /// Why.
    pub fault: FileFault,
}

/// A file that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedFile {
    /// Path, with the entry's name inside a ZIP.
    pub file: String,
    /// Why.
    pub reason: Refused,
}

/// Sheets or columns of a workbook that were not read. That is no fault: the bureau's own workbooks have sheets of single businesses
/// (特定业务), and the ledger has no place for every column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileNote {
    /// Path, with the workbook's name inside a ZIP.
    pub file: String,
    /// What was not read.
    pub note: Warning,
}

/// What an export wrote, as it was read back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExportReport {
    /// The files, or the folder.
    pub files: Vec<PathBuf>,
    /// Counts and sums.
    pub totals: Totals,
    /// 作废 invoices among them: their amounts are in the sums.
    pub voided: u64,
    /// Originals written.
    pub originals: u64,
    /// Invoices without any original.
    pub without_original: u64,
    /// Invoices of which an original is damaged or missing, by their numbers: the first hundred. It was left out.
    pub damaged: Vec<String>,
    /// How many such invoices there are.
    pub damaged_count: u64,
}
