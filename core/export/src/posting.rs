//! 入账信息结构化数据文件 (电子凭证会计数据标准, 财会〔2025〕9号): what a company booked for a 数电 invoice that it received, as an XBRL
//! instance of the taxonomy 2023-12-31. One file an invoice; each balances.

mod instance;
mod proof;
mod table;

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use piaoxia_domain::names::safe_file_name;
use piaoxia_domain::{Invoice, Kind, Money, Month};
use piaoxia_files::durable_write;

use crate::error::ExportError;
pub use table::{CellFault, PostedInvoice, RowFault, TableFault, read_postings};

/// What was booked for an invoice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Posting {
    /// 记账凭证, at least one.
    pub vouchers: Vec<Voucher>,
    /// 是否已入账.
    pub booked: bool,
    /// 是否已付款; none where nobody says.
    pub paid: Option<bool>,
    /// 合同编号; empty where nobody says, and then the invoice's remark may.
    pub contract: String,
    /// 银行电子回单编号 of the payment; empty where nobody says.
    pub bank_receipt: String,
}

/// 记账凭证.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voucher {
    /// 凭证号.
    pub number: String,
    /// 入账日期.
    pub date: Date,
    /// 会计期间.
    pub period: Month,
    /// 摘要.
    pub summary: String,
    /// 分录.
    pub entries: Vec<PostingEntry>,
}

/// 分录.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostingEntry {
    /// 借 or 贷.
    pub side: Side,
    /// 总账科目.
    pub subject: String,
    /// 明细科目; often empty.
    pub sub_subject: String,
    /// 金额, negative in red postings.
    pub amount: Money,
}

/// 借贷方向.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// 借方.
    Debit,
    /// 贷方.
    Credit,
}

/// Why an invoice gets no posting file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PostingFault {
    /// Only 数电专票 and 数电普票 have one.
    #[error("invoices of kind {0} have no posting file")]
    Kind(Kind),
    /// The buyer's tax number is not known: it is the accounting entity.
    #[error("the accounting entity is not known")]
    NoEntity,
    /// A voucher has only one side.
    #[error("voucher {voucher} has one side only")]
    OneSided {
        /// 凭证号.
        voucher: String,
    },
    /// 借方 is not 贷方.
    #[error("voucher {voucher}: debit {debit} is not credit {credit}")]
    Unbalanced {
        /// 凭证号.
        voucher: String,
        /// Sum of 借方.
        debit: Money,
        /// Sum of 贷方.
        credit: Money,
    },
}

/// A posting file before it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostingFile {
    /// `<configId>_<yyyyMMdd>_<发票号码>.xml`, the day being that of the first voucher.
    pub name: String,
    /// The instance, UTF-8.
    pub xml: String,
}

/// Makes the posting file of an invoice.
///
/// # Errors
/// The [`PostingFault`].
pub fn posting_file(invoice: &Invoice, posting: &Posting) -> Result<PostingFile, PostingFault> {
    let config = config_id(&invoice.kind).ok_or_else(|| PostingFault::Kind(invoice.kind.clone()))?;
    if invoice.buyer.tax_no.is_empty() {
        return Err(PostingFault::NoEntity);
    }
    posting.vouchers.iter().try_for_each(balanced)?;
    let first = posting.vouchers.first().ok_or_else(|| PostingFault::OneSided { voucher: String::new() })?;
    let name = safe_file_name(&format!("{config}_{}_{}.xml", first.date.strftime("%Y%m%d"), invoice.key.number()));
    Ok(PostingFile { name, xml: instance::of(invoice, posting, first.date) })
}

/// Writes a posting file into a folder, which must exist. What stands on the disk was proved before: the set and order of
/// the elements, their contexts, units and decimals, and every value.
///
/// # Errors
/// [`ExportError`]; an older file is as it was then.
pub fn write_posting(folder: &Path, file: &PostingFile, invoice: &Invoice, posting: &Posting) -> Result<PathBuf, ExportError> {
    let target = folder.join(&file.name);
    proof::prove(&file.xml, &instance::facts(invoice, posting)).map_err(|what| ExportError::differs(&target, what))?;
    durable_write(&target, file.xml.as_bytes())?;
    Ok(target)
}

/// `einv_spcl_receiver` of 数电专票, `einv_ord_receiver` of 数电普票.
fn config_id(kind: &Kind) -> Option<&'static str> {
    match kind.code() {
        "81" => Some("einv_spcl_receiver"),
        "82" => Some("einv_ord_receiver"),
        _ => None,
    }
}

fn balanced(voucher: &Voucher) -> Result<(), PostingFault> {
    let of = |side| voucher.entries.iter().filter(move |entry| entry.side == side);
    if of(Side::Debit).next().is_none() || of(Side::Credit).next().is_none() {
        return Err(PostingFault::OneSided { voucher: voucher.number.clone() });
    }
    let sum = |side| of(side).map(|entry| entry.amount).sum::<Money>();
    let (debit, credit) = (sum(Side::Debit), sum(Side::Credit));
    if debit == credit { Ok(()) } else { Err(PostingFault::Unbalanced { voucher: voucher.number.clone(), debit, credit }) }
}
