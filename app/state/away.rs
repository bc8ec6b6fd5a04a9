//! The data folder is closed: its stick was pulled, or is about to be.

use piaoxia_engine::Away;

/// Where the data folder is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Folder {
    /// Open.
    #[default]
    Here,
    /// 安全移除 was pressed while something is at work, and waits for the answer.
    Asking,
    /// Being written and closed.
    Closing,
    /// Closed.
    Away(Away),
    /// Closed, and to be opened again where it is.
    Opening,
}

impl Folder {
    /// True while there is no ledger to show.
    #[must_use]
    pub fn is_away(&self) -> bool {
        matches!(self, Self::Closing | Self::Away(_) | Self::Opening)
    }
}
