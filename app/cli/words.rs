//! Words among which an option chooses.

use clap::ValueEnum;
use piaoxia_domain::{Direction, Scope};
use piaoxia_export::Encoding;

/// Whether an invoice was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ClaimedWord {
    /// 已报销.
    Used,
    /// 未报销.
    Unused,
}

/// What an export writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportWord {
    /// Excel.
    Xlsx,
    /// Comma-separated.
    Csv,
    /// One JSON object a line.
    Jsonl,
    /// Apache Parquet.
    Parquet,
    /// XML, OFD, PDF as the bureau made them.
    Originals,
    /// One PDF for printing.
    Print,
    /// 入账信息结构化数据文件 (XBRL), one an invoice.
    Posting,
}

/// How the text of a CSV file is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EncodingWord {
    /// UTF-8 with a byte order mark.
    #[value(name = "utf-8", alias = "utf8")]
    Utf8,
    /// GB18030.
    Gb18030,
}

/// Pages of originals on a sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PerPageWord {
    /// One.
    #[value(name = "1")]
    One,
    /// Two.
    #[value(name = "2")]
    Two,
    /// Four.
    #[value(name = "4")]
    Four,
}

/// Order of printed invoices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OrderWord {
    /// As the ledger lists them.
    Ledger,
    /// 开票日期.
    Date,
    /// 销售方.
    Seller,
    /// 价税合计.
    Amount,
}

/// What starts a new sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum GroupWord {
    /// Nothing.
    None,
    /// 销售方.
    Seller,
    /// 开票月份.
    Month,
}

impl From<EncodingWord> for Encoding {
    fn from(word: EncodingWord) -> Self {
        match word {
            EncodingWord::Utf8 => Self::Utf8,
            EncodingWord::Gb18030 => Self::Gb18030,
        }
    }
}

/// 开具 or 取得.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum DirectionWord {
    /// 开具发票.
    Issued,
    /// 取得发票.
    Received,
}

/// What a download asks for.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ScopeWord {
    /// 发票勾选确认.
    Deductible,
    /// 开具发票.
    Issued,
    /// 取得发票.
    Received,
}

impl From<ScopeWord> for Scope {
    fn from(word: ScopeWord) -> Self {
        match word {
            ScopeWord::Deductible => Self::Deductible,
            ScopeWord::Issued => Self::Issued,
            ScopeWord::Received => Self::Received,
        }
    }
}

impl From<DirectionWord> for Direction {
    fn from(word: DirectionWord) -> Self {
        match word {
            DirectionWord::Issued => Self::Issued,
            DirectionWord::Received => Self::Received,
        }
    }
}
