//! An export as the user orders it.

use std::path::PathBuf;
use std::sync::Arc;

use piaoxia_domain::{InvoiceFilter, TaxNumber};
use piaoxia_export::{Column, Encoding, LineColumn, PerSheet, PrintGroup};
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
    /// .parquet.
    Parquet,
    /// Originals in a folder.
    OriginalsFolder,
    /// Originals in a .zip.
    OriginalsZip,
    /// Originals merged into a .pdf for printing.
    Print,
}

impl ExportKind {
    /// All, in the order in which the window offers them.
    pub const ALL: [Self; 7] = [Self::Xlsx, Self::Csv, Self::Jsonl, Self::Parquet, Self::OriginalsFolder, Self::OriginalsZip, Self::Print];

    /// Stable name, for templates.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::Parquet => "parquet",
            Self::OriginalsFolder => "originalsFolder",
            Self::OriginalsZip => "originalsZip",
            Self::Print => "print",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.id() == id)
    }
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
    /// These rows of a view, by their ids: they hold as long as the ledger is open.
    Rows(Arc<[u32]>),
}

/// An export.
#[derive(Clone, Debug)]
pub struct ExportOrder {
    /// What to write.
    pub kind: ExportKind,
    /// Which invoices.
    pub selection: Selection,
    /// The company whose books they are in, where one was chosen: a sale between two of ours is 开具 for one and 取得 for the other.
    pub company: Option<TaxNumber>,
    /// In which order.
    pub sort: Sort,
    /// Columns with their headings; for tables (xlsx, csv, parquet).
    pub columns: Vec<(Column, String)>,
    /// How text is kept; for csv.
    pub encoding: Encoding,
    /// A second sheet with the goods lines and its heading; for xlsx.
    pub lines_sheet: Option<String>,
    /// Columns of that sheet with their headings; none: those of the bureau's own list.
    pub line_columns: Vec<(LineColumn, String)>,
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
    /// Behind that label, and behind the sum of a printed sheet, where voided invoices are in the sums: with `{n}` for their number.
    pub voided: String,
    /// Foot of a printed sheet, with `{count}`, `{gross}` and `{page}`.
    pub print_footer: String,
    /// Foot of an invoice that is printed from its record.
    pub print_note: String,
    /// Headings of the sheet with goods lines that are not the bureau's own.
    pub line_headings: Vec<(LineColumn, String)>,
}
