//! An export as the user orders it.

use std::path::PathBuf;

use piaoxia_domain::{InvoiceFilter, InvoiceKey};
use piaoxia_export::{Column, LineColumn, PerSheet, PrintGroup};
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
    /// Originals merged into a .pdf for printing.
    Print,
}

/// How a selection is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PrintOrder {
    /// Pages of originals on a sheet of A4.
    pub per_sheet: PerSheet,
    /// In which order the invoices come.
    pub by: PrintBy,
    /// What starts a new sheet; invoices of a group stand together.
    pub group: PrintGroup,
    /// Count and sum at the foot of each sheet.
    pub footer: bool,
}

/// In which order invoices are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PrintBy {
    /// As the order's own `sort` says, as in the ledger.
    #[default]
    Ledger,
    /// 开票日期, the oldest first.
    Date,
    /// 销售方.
    Seller,
    /// 价税合计, the largest first.
    Amount,
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
    /// For a print.
    pub print: PrintOrder,
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
    /// Foot of a printed sheet, with `{count}`, `{gross}` and `{page}`.
    pub print_footer: String,
    /// Foot of an invoice that is printed from its record.
    pub print_note: String,
    /// Headings of the sheet with goods lines that are not the bureau's own.
    pub line_headings: Vec<(LineColumn, String)>,
}
