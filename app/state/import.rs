//! Imports: the report of the last one.

use std::collections::VecDeque;

use piaoxia_engine::event::ImportReport;

/// Imports.
#[derive(Clone, Debug, Default)]
pub struct Imports {
    /// The report of an import, until it is closed.
    pub report: Option<ImportReport>,
    /// The report that a file dialog asks a place for.
    pub saving: Option<ImportReport>,
    /// Reports of later imports, which are shown one after another when that one is closed.
    pub queued: VecDeque<ImportReport>,
}
