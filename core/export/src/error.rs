//! How an export ends.

use std::io;
use std::path::{Path, PathBuf};

use piaoxia_domain::{Money, Totals};
use piaoxia_files::FilesError;

use crate::feed::Sums;
use crate::source::SourceError;

/// A finished export, as it was read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What was written: one file, the parts of a ZIP, or the folder.
    pub files: Vec<PathBuf>,
    /// 张数.
    pub invoices: u64,
    /// Sums over them.
    pub totals: Totals,
    /// 作废 invoices among them: their amounts are in the sums.
    pub voided: u64,
    /// Originals written; none in tables.
    pub originals: u64,
    /// Invoices without any original; none in tables.
    pub without_original: u64,
    /// Texts cut to the 32,767 characters that an Excel cell takes.
    pub shortened: u64,
}

impl Report {
    pub(crate) fn of_table(target: &Path, sums: Sums, shortened: u64) -> Self {
        Self { shortened, ..Self::of_originals(vec![target.to_path_buf()], sums, 0, 0) }
    }

    pub(crate) fn of_originals(files: Vec<PathBuf>, sums: Sums, originals: u64, without_original: u64) -> Self {
        let Sums { totals, voided } = sums;
        Self { files, invoices: totals.invoices, totals, voided, originals, without_original, shortened: 0 }
    }
}

/// Why nothing was exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The selection holds no invoice.
    #[error("the selection holds no invoice")]
    Empty,
    /// A table without columns.
    #[error("a table needs at least one column")]
    NoColumns,
    /// None of the invoices has an original.
    #[error("none of the invoices has an original")]
    NoOriginals,
    /// An amount with more digits than the format takes: Parquet's DECIMAL(18, 2).
    #[error("the amount {amount} of invoice {number} has more digits than the format takes")]
    TooWide {
        /// 发票号码.
        number: String,
        /// The amount.
        amount: Money,
    },
    /// The user cancelled.
    #[error("cancelled")]
    Cancelled,
    /// The target: full disk, open elsewhere, write-protected, gone.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// The ledger.
    #[error("the ledger cannot be read: {0}")]
    Source(#[from] SourceError),
    /// What was read back is not what was written.
    #[error("{} does not hold what was written: {what}", path.display())]
    Verification {
        /// The target.
        path: PathBuf,
        /// In what it differs.
        what: String,
    },
}

impl ExportError {
    /// For `map_err`: what an error of the system means for the target.
    pub(crate) fn at(path: &Path) -> impl Fn(io::Error) -> Self + '_ {
        move |error| Self::Files(FilesError::from_io(path, error))
    }

    /// For `map_err` while reading back: the system's own errors are about the medium, all others about the content.
    pub(crate) fn unreadable(path: &Path) -> impl Fn(io::Error) -> Self + '_ {
        move |error| match error.raw_os_error() {
            Some(_) => Self::at(path)(error),
            None => Self::differs(path, error.to_string()),
        }
    }

    pub(crate) fn differs(path: &Path, what: impl Into<String>) -> Self {
        Self::Verification { path: path.to_path_buf(), what: what.into() }
    }
}
