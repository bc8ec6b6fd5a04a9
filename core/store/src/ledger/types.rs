//! What goes into the ledger and what comes back.

use jiff::Timestamp;
use piaoxia_domain::invoice::Format;
use piaoxia_domain::{Invoice, InvoiceKey};
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::draft::Content;

/// Most invoices of one commit.
pub const BATCH_INVOICES: usize = 500;

/// An invoice on its way into the ledger (台账).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// As the source states it.
    pub invoice: Invoice,
    /// Who states it.
    pub source: Source,
}

/// Who states something: decides what may be overwritten.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Source {
    /// The bureau (下载): its word on status, deduction and risk is final until its next word. With the account or company.
    Download(String),
    /// A document or an export file (导入), with its name: fills what is missing.
    Import(String),
}

impl Source {
    /// True for the bureau.
    #[must_use]
    pub fn is_bureau(&self) -> bool {
        matches!(self, Self::Download(_))
    }
}

/// What became of one incoming invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The invoice, by the key that the ledger has it under: its 20 digits also where it came in by code and number of its paper.
    pub key: InvoiceKey,
    /// What became of it.
    pub what: What,
}

/// What an incoming invoice did to the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// It was not there.
    New,
    /// Nothing changed.
    Same,
    /// Something changed. The changes of tracked fields; none when only gaps were filled.
    Changed(Vec<Change>),
}

/// A field whose changes are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Field {
    /// 发票状态.
    Status,
    /// 抵扣状态.
    Deduction,
    /// 被红冲蓝字发票.
    RedOf,
    /// 发票风险等级.
    Risk,
    /// 金额, without tax.
    Net,
    /// 税额.
    Tax,
    /// 价税合计.
    Gross,
}

/// One change of an invoice's state, or of an amount that was corrected (状态变更记录).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// When the ledger learned of it, UTC.
    pub at: Timestamp,
    /// What changed.
    pub field: Field,
    /// Value before: the stable word of status and deduction, the key of an invoice, the risk as worded, an amount in yuan (`-1234.50`);
    /// empty for none.
    pub from: String,
    /// Value after.
    pub to: String,
    /// Who said so.
    pub source: Source,
}

/// An original (原件) on its way in.
#[derive(Debug)]
pub struct NewOriginal {
    /// Its invoice, which must be in the ledger.
    pub key: InvoiceKey,
    /// 版式.
    pub format: Format,
    /// File name at its source.
    pub name: String,
    /// Kept byte for byte.
    pub content: Content,
}

/// What became of an original.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attached {
    /// It was not there.
    New,
    /// The same bytes were attached to this invoice before.
    Known,
}

/// An original of an invoice. A second, different one of the same format stands beside the first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Original {
    /// 版式.
    pub format: Format,
    /// Hash of its bytes, and its name in the store.
    pub sha256: Digest,
    /// Bytes.
    pub size: u64,
    /// File name at its source.
    pub name: String,
    /// When it came in, UTC.
    pub added_at: Timestamp,
}
