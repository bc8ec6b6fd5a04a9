//! What is to be exported, and how.

use std::path::PathBuf;

use piaoxia_domain::invoice::{Format, Invoice};
use piaoxia_domain::names::NamePattern;

use crate::column::{Column, LineColumn};
use crate::source::{Source, SourceError};

/// An export.
#[derive(Clone, Debug)]
pub struct Request {
    /// What to write.
    pub output: Output,
    /// The file; for [`Output::OriginalsFolder`] the folder, whose parent must exist. A ZIP beyond 2 GB goes on in
    /// `name-2.zip`, `name-3.zip`; so does a print of more than 1,000 sheets.
    pub target: PathBuf,
    /// What the ledger knows of the selection beforehand.
    pub expected: Expected,
}

/// Size of the selection, for progress and for the check of the free space. Zero where it is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// 张数.
    pub invoices: u64,
    /// Bytes of all originals; for the outputs that hold them.
    pub original_bytes: u64,
}

/// What to write.
#[derive(Clone, Debug)]
pub enum Output {
    /// An Excel workbook (ISO/IEC 29500, transitional).
    Xlsx {
        /// The sheet with a row an invoice.
        table: Table,
        /// A further sheet with a row a goods line.
        lines: Option<LinesTable>,
    },
    /// Comma-separated values (RFC 4180).
    ///
    /// Numbers of 20 digits are written plain: CSV has no types. Excel, opening the file by a double click, shows them as
    /// 2.6312E+19; tricks against that (`="..."`, a leading tab) would spoil the value for every other program. Whoever
    /// works in Excel takes [`Output::Xlsx`], where they are text. Text that a spreadsheet could take for a formula gets
    /// a leading `'`; amounts never do.
    Csv(Table, Encoding),
    /// One invoice an object and line, as the service contract has it: camelCase, amounts as text, ISO dates.
    Jsonl,
    /// Apache Parquet: texts as STRING (empty ones are null), dates as DATE, amounts as DECIMAL(18, 2), counts as INT32; GZIP.
    /// Columns of the same heading get a number behind it, which readers need. There is no sums row.
    Parquet(Table),
    /// Originals byte for byte, as files in a folder, at most 2,000 a folder.
    OriginalsFolder(NamePattern),
    /// Originals byte for byte in a ZIP.
    OriginalsZip(NamePattern),
    /// Originals merged into one PDF for printing (ISO 32000-1, PDF 1.7).
    Print(Print),
}

/// How the text of a CSV file is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8 with a byte order mark, which Excel needs to read Chinese.
    #[default]
    Utf8,
    /// GB18030, for programs that know nothing else; of common characters it is GBK. It has all of Unicode but U+E5E5, which becomes
    /// U+FFFD; 18 characters for private use that older editions had become those that the edition of 2022 has in their place.
    Gb18030,
}

/// How a selection is printed. The order of the invoices is that of the source; it also keeps the groups together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Print {
    /// Pages of originals on a sheet of A4.
    pub per_sheet: PerSheet,
    /// What starts a new sheet.
    pub group: PrintGroup,
    /// Line at the foot of each sheet, with `{count}` and `{gross}` of the invoices that begin on it and the sheet's number
    /// `{page}`.
    pub footer: Option<String>,
    /// Behind the sum at the foot where voided invoices (作废) are in it, with `{n}` for their number.
    pub voided: String,
    /// Line at the foot of an invoice that is drawn from its record.
    pub note: String,
}

/// Pages of originals on a sheet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PerSheet {
    /// One, upright.
    One,
    /// Two, one below the other.
    #[default]
    Two,
    /// Four, upright or lying, as they are larger.
    Four,
}

impl PerSheet {
    /// The number.
    #[must_use]
    pub fn count(self) -> usize {
        match self {
            Self::One => 1,
            Self::Two => 2,
            Self::Four => 4,
        }
    }
}

/// What starts a new sheet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PrintGroup {
    /// Nothing: sheets are filled.
    #[default]
    None,
    /// Another seller (销售方).
    Seller,
    /// Another month of issue (开票月份).
    Month,
}

/// A table with a row an invoice.
#[derive(Clone, Debug)]
pub struct Table {
    /// Columns with their headings, left to right.
    pub columns: Vec<(Column, String)>,
    /// Words in it that are not headings.
    pub words: Words,
}

impl Table {
    /// Formats of the invoice's originals, when a column asks for them.
    pub(crate) fn formats(&self, invoice: &Invoice, source: &mut dyn Source) -> Result<Vec<Format>, SourceError> {
        let wanted = self.columns.iter().any(|(column, _)| *column == Column::Originals);
        if wanted { source.formats(&invoice.key) } else { Ok(Vec::new()) }
    }
}

/// A sheet with a row a goods line (货物清单).
#[derive(Clone, Debug)]
pub struct LinesTable {
    /// Name of the sheet.
    pub sheet: String,
    /// Columns with their headings, left to right.
    pub columns: Vec<(LineColumn, String)>,
}

/// Words in a table that are not headings. The default has the words of the bureau's own exports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// Name of the sheet.
    pub sheet: String,
    /// Label of the sums row.
    pub total: String,
    /// Behind that label where voided invoices (作废) are in the sums, with `{n}` for their number.
    pub voided: String,
    /// 开具.
    pub issued: String,
    /// 取得.
    pub received: String,
    /// 未勾选.
    pub open: String,
    /// 已勾选未确认.
    pub ticked: String,
    /// 已勾选已确认.
    pub confirmed: String,
    /// What was sold, in one cell: `{first}` of `{n}` goods lines.
    pub goods: String,
    /// 已勾选.
    pub yes: String,
    /// 未勾选.
    pub no: String,
    /// Of a blue invoice, in the column 是否正数发票.
    pub blue: String,
    /// Of a red invoice.
    pub red: String,
}

impl Default for Words {
    fn default() -> Self {
        let text = str::to_owned;
        Self {
            sheet: text("发票基础信息"),
            total: text("合计"),
            voided: text("（含作废 {n} 张）"),
            issued: text("开具"),
            received: text("取得"),
            open: text("未勾选"),
            ticked: text("已勾选未确认"),
            confirmed: text("已勾选已确认"),
            goods: text("{first} 等 {n} 项"),
            yes: text("是"),
            no: text("否"),
            blue: text("是"),
            red: text("否"),
        }
    }
}
