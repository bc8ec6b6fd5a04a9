//! What can go wrong in the store.

use std::path::PathBuf;

use piaoxia_domain::InvoiceKey;
use piaoxia_files::FilesError;

use crate::digest::Digest;

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A file could not be written or read: full disk, pulled stick.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// Another handle in this or another process has the same folder open.
    #[error("{} is open already", dir.display())]
    InUse {
        /// Data folder.
        dir: PathBuf,
    },
    /// The store was opened for reading only.
    #[error("{} is open for reading only", dir.display())]
    ReadOnly {
        /// Data folder.
        dir: PathBuf,
    },
    /// Something kept cannot be read back.
    #[error("damaged: {what}")]
    Damaged {
        /// Where, for the log.
        what: String,
    },
    /// Written by a newer version of the program.
    #[error("written by a newer version of the program (format {version})")]
    TooNew {
        /// Version of the record.
        version: u8,
    },
    /// More than one record may hold.
    #[error("{what} has {bytes} bytes, more than a record holds")]
    TooLarge {
        /// Which invoice or document.
        what: String,
        /// Its size.
        bytes: usize,
    },
    /// No such original on disk.
    #[error("the original {sha256} is not there")]
    OriginalMissing {
        /// Its hash.
        sha256: Digest,
    },
    /// The original on disk is no longer what was put there.
    #[error("the original {sha256} is damaged")]
    OriginalDamaged {
        /// Its hash.
        sha256: Digest,
    },
    /// An original for an invoice that the ledger does not hold.
    #[error("invoice {key} is not in the ledger")]
    UnknownInvoice {
        /// The invoice.
        key: InvoiceKey,
    },
    /// A collection or document id that is empty, longer than 200 bytes or holds control characters.
    #[error("not a name for a document: {name:?}")]
    BadName {
        /// The name.
        name: String,
    },
    /// A document that is not what its reader expects.
    #[error("document {collection}/{id}: {source}")]
    Document {
        /// Collection.
        collection: String,
        /// Id within it.
        id: String,
        /// What does not fit.
        source: serde_json::Error,
    },
    /// The store has been closed.
    #[error("the store is closed")]
    Closed,
}

/// Result of everything in this package.
pub type Result<T> = std::result::Result<T, StoreError>;

/// For what was read and is not what was written.
pub(crate) fn damaged(what: impl Into<String>) -> StoreError {
    StoreError::Damaged { what: what.into() }
}

impl StoreError {
    /// True when it is the space that is missing.
    #[must_use]
    pub fn is_disk_full(&self) -> bool {
        matches!(self, Self::Files(FilesError::DiskFull { .. }))
    }
}
