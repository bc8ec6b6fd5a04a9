//! An export as the user orders it.

use std::path::PathBuf;

use piaoxia_domain::{InvoiceFilter, InvoiceKey};
use piaoxia_export::Column;
use piaoxia_store::Sort;

/// What to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportKind {
    /// .xlsx.
    Xlsx,
    /// .csv.
    Csv,
    /// .jsonl.
    Jsonl,
    /// Originals in a folder.
    OriginalsFolder,
    /// Originals in a .zip.
    OriginalsZip,
}

/// Which invoices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// All that match.
    Filter(Box<InvoiceFilter>),
    /// These.
    Keys(Vec<InvoiceKey>),
}

/// An export.
#[derive(Clone, Debug)]
pub struct ExportOrder {
    /// What to write.
    pub kind: ExportKind,
    /// Which invoices.
    pub selection: Selection,
    /// In which order.
    pub sort: Sort,
    /// Columns with their headings; for tables.
    pub columns: Vec<(Column, String)>,
    /// A second sheet with the goods lines and its heading; for xlsx.
    pub lines_sheet: Option<String>,
    /// Words of the table that are not headings: sheet name, sums row.
    pub words: ExportWords,
    /// 命名规则, for originals.
    pub pattern: String,
    /// File, or folder for originals.
    pub target: PathBuf,
}

/// Words in the exported file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExportWords {
    /// Name of the sheet.
    pub sheet: String,
    /// Label of the sums row.
    pub total: String,
}
