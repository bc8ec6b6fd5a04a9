//! Imports: the report of the last one.

use piaoxia_engine::event::ImportReport;

/// Imports.
#[derive(Clone, Debug, Default)]
pub struct Imports {
    /// The report of the last import, until it is closed.
    pub report: Option<ImportReport>,
}
