//! How drawing ends when there is no picture, and how it is stopped.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use piaoxia_domain::invoice::Format;

/// Why there is no picture.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PreviewError {
    /// The format has no pages: XML.
    #[error("a file of format {} has no pages", .0.extension())]
    NotPaged(Format),
    /// The file cannot be read; what is wrong, for the log.
    #[error("the file cannot be read: {0}")]
    Damaged(String),
    /// The file is protected by a password.
    #[error("the file is protected by a password")]
    Protected,
    /// More of something than is drawn.
    #[error("too many or too large: {0}")]
    TooMuch(&'static str),
    /// There is no such page.
    #[error("no page {page} of {pages}")]
    NoPage {
        /// Asked for, from 0.
        page: usize,
        /// How many there are.
        pages: usize,
    },
    /// The picture would be larger than is drawn, or have no pixel.
    #[error("a picture of {width} x {height} pixels is not drawn")]
    Size {
        /// Pixels across.
        width: u64,
        /// Pixels down.
        height: u64,
    },
    /// Nobody wants the picture any more.
    #[error("cancelled")]
    Cancelled,
    /// The drawing code failed; caught, and the program goes on.
    #[error("the drawing code failed")]
    Failed,
}

/// Stops drawing from another thread. Clones stop together.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Drawing ends soon with [`PreviewError::Cancelled`].
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// [`Cancel::cancel`] was called.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn check(&self) -> Result<(), PreviewError> {
        if self.is_cancelled() { Err(PreviewError::Cancelled) } else { Ok(()) }
    }
}
