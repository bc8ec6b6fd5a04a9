//! Where the invoices come from, and who watches.

use std::error::Error;

use piaoxia_domain::invoice::{Format, Invoice};
use piaoxia_domain::key::InvoiceKey;

/// The selection, page by page.
pub trait Source {
    /// The next invoices in the order of the export; none after the last. A page may be empty.
    ///
    /// # Errors
    /// Whatever the ledger says.
    fn next_page(&mut self) -> Result<Option<Vec<Invoice>>, SourceError>;

    /// The kept originals (版式文件) of an invoice.
    ///
    /// # Errors
    /// Whatever the ledger says, such as an original that is damaged.
    fn originals(&mut self, key: &InvoiceKey) -> Result<Vec<OriginalFile>, SourceError>;

    /// The formats in which originals of an invoice are kept. Asked only for [`crate::Column::Originals`].
    ///
    /// # Errors
    /// Whatever the ledger says.
    fn formats(&mut self, key: &InvoiceKey) -> Result<Vec<Format>, SourceError>;
}

/// One original.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginalFile {
    /// Its format, which becomes its extension.
    pub format: Format,
    /// The file, byte for byte.
    pub bytes: Vec<u8>,
}

/// An error of the ledger, handed through untouched.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct SourceError(pub Box<dyn Error + Send + Sync>);

/// Hears of the progress and can stop the work.
pub trait Progress {
    /// `done` of about `total` steps; false cancels.
    fn step(&self, done: u64, total: u64) -> bool;
}

impl<F: Fn(u64, u64) -> bool> Progress for F {
    fn step(&self, done: u64, total: u64) -> bool {
        self(done, total)
    }
}
