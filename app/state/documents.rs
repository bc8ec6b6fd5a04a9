//! 核验文件: documents that the user picked to be read and proved, and are not kept.

use piaoxia_engine::proof::FilesProof;

use crate::loadable::Loadable;

/// Files that are looked at without being imported.
#[derive(Clone, Debug, Default)]
pub struct Documents {
    /// The dialog is open.
    pub open: bool,
    /// What was found in them.
    pub found: Loadable<FilesProof>,
}
