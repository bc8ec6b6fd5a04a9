//! What is remembered of an installed version: how its starts went. It lies in the version's own folder and goes with it.

use std::path::Path;

use piaoxia_files::{FilesError, durable_write};
use serde::{Deserialize, Serialize};

/// Name of the file in a version's folder.
pub(crate) const MARK: &str = "mark.json";
/// Starts without a report after which a version is not tried again.
pub(crate) const STARTS: u32 = 2;

/// How the starts of a version went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Mark {
    /// Starts of which nothing was heard, one after the other. Counted before the start: a PC that froze counts, too.
    pub(crate) starts: u32,
    /// A window of it was open with the ledger in it.
    pub(crate) window: bool,
    /// A command of it ran.
    pub(crate) command: bool,
    /// The user went back to the version before.
    pub(crate) aside: bool,
}

impl Mark {
    /// What is remembered; of a version that was never started, nothing. A damaged file counts as that.
    pub(crate) fn read(folder: &Path) -> Self {
        std::fs::read(folder.join(MARK)).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
    }

    pub(crate) fn write(self, folder: &Path) -> Result<(), FilesError> {
        let path = folder.join(MARK);
        let bytes = serde_json::to_vec(&self).map_err(|error| FilesError::from_io(&path, error.into()))?;
        durable_write(&path, &bytes)
    }

    /// It was tried often enough and did not start.
    pub(crate) fn is_bad(self) -> bool {
        self.starts >= STARTS && !self.window
    }
}
