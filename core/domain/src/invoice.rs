//! The invoice (发票): what every source is read into, what is kept and exported.

use jiff::civil::{Date, DateTime};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::key::InvoiceKey;
use crate::kind::Kind;
use crate::money::Money;
use crate::status::{Deduction, Direction, Status};
use crate::tax_number::TaxNumber;
use crate::usage::Usage;

/// Seller (销售方) or buyer (购买方).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Party {
    /// 名称.
    pub name: String,
    /// 纳税人识别号; empty for a natural person.
    #[serde(default, skip_serializing_if = "TaxNumber::is_empty")]
    pub tax_no: TaxNumber,
    /// 地址、电话.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub contact: String,
    /// 开户行及账号.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub bank: String,
}

impl Default for TaxNumber {
    fn default() -> Self {
        Self::from_document("")
    }
}

/// One line of goods or services (货物或应税劳务、服务).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct InvoiceLine {
    /// 项目名称, `*税收分类简称*名称`.
    pub name: String,
    /// 规格型号.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub spec: String,
    /// 单位.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// 数量.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub quantity: Option<Decimal>,
    /// 单价, without tax.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub price: Option<Decimal>,
    /// 金额, without tax; negative on discount and red lines.
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub net: Money,
    /// 税率 as printed: `13%`, `免税`, `不征税`, `***`.
    pub rate: String,
    /// 税额.
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub tax: Money,
    /// 税收分类编码, 19 digits.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub class_code: String,
}

/// One invoice as the ledger keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Invoice {
    /// Natural key.
    pub key: InvoiceKey,
    /// 发票代码 and 发票号码 of a 数电纸质 invoice, beside its 20-digit key: `code-number`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub paper_key: Option<InvoiceKey>,
    /// 发票票种.
    pub kind: Kind,
    /// 开具 or 取得, seen from the company whose ledger it is; none while nobody of ours is a party.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// Seller and buyer are both companies of ours and the books of both hold it (内部往来); `direction` is 开具 then. The ledger's own
    /// knowledge: no source states it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "schema", schema(ignore))]
    pub both_sides: bool,
    /// The buyer issued it (收购发票, 反向开票): the bureau lists it among what that company issued, and it is a purchase all the same, with
    /// `direction` 取得. The ledger's own knowledge: it follows from whose list brought it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "schema", schema(ignore))]
    pub self_billed: bool,
    /// 开票日期 with its time of day (midnight where a source gives none), Asia/Shanghai.
    #[cfg_attr(feature = "schema", schema(value_type = String, example = "2026-10-08T09:30:00"))]
    pub issued_at: DateTime,
    /// 销售方.
    pub seller: Party,
    /// 购买方.
    pub buyer: Party,
    /// 金额 (合计金额, without tax).
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub net: Money,
    /// 税额 (合计税额).
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub tax: Money,
    /// 价税合计.
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub gross: Money,
    /// 发票状态.
    pub status: Status,
    /// 抵扣状态; none where the kind cannot be deducted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deduction: Option<Deduction>,
    /// 用途 and what belongs to it; none until a deduction file of the bureau states it, or a register its 有效抵扣税额.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// On a red invoice: the blue one it cancels (被红冲蓝字发票).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub red_of: Option<InvoiceKey>,
    /// 发票风险等级 as the source words it (正常, 异常凭证, 疑点发票).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub risk: String,
    /// 发票来源 as the source words it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// 开票人.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub drawer: String,
    /// 备注.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub remark: String,
    /// 校验码 of legacy electronic invoices, 20 digits.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub check_code: String,
    /// Goods lines; empty where the source has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<InvoiceLine>,
}

impl Invoice {
    /// 开票日期.
    #[must_use]
    pub fn issued_on(&self) -> Date {
        self.issued_at.date()
    }

    /// 是否正数发票: false for red invoices.
    #[must_use]
    pub fn is_blue(&self) -> bool {
        !self.gross.is_negative()
    }

    /// The party that is not us: the buyer of what we issue, the seller of what we receive.
    #[must_use]
    pub fn counterparty(&self) -> &Party {
        match self.direction {
            Some(Direction::Issued) => &self.buyer,
            Some(Direction::Received) | None => &self.seller,
        }
    }

    /// The company whose ledger holds it: seller of an issued, buyer of a received invoice.
    #[must_use]
    pub fn owner(&self) -> Option<&TaxNumber> {
        match self.direction? {
            Direction::Issued => Some(&self.seller.tax_no),
            Direction::Received => Some(&self.buyer.tax_no),
        }
    }

    /// 开具 or 取得 as this company sees it. Without a company an invoice between two of ours is the seller's: it counts once.
    #[must_use]
    pub fn side_of(&self, company: Option<&TaxNumber>) -> Option<Direction> {
        self.books().side_of(company)
    }

    /// In which list of the bureau this company finds it (开具发票, 取得发票).
    #[must_use]
    pub fn list_of(&self, company: Option<&TaxNumber>) -> Option<Direction> {
        if self.self_billed { Some(Direction::Issued) } else { self.side_of(company) }
    }

    /// 抵扣状态 as this company sees it: what the buyer ticked is nothing to a seller of ours.
    #[must_use]
    pub fn deduction_of(&self, company: Option<&TaxNumber>) -> Option<Deduction> {
        self.deduction.filter(|_| !self.books().is_sale_of(company))
    }

    fn books(&self) -> Books<'_> {
        Books { direction: self.direction, both_sides: self.both_sides, seller: &self.seller.tax_no, buyer: &self.buyer.tax_no }
    }

    /// The invoice as it stands in the books of this company.
    #[must_use]
    pub fn seen_by(mut self, company: &TaxNumber) -> Self {
        (self.direction, self.deduction) = (self.side_of(Some(company)), self.deduction_of(Some(company)));
        self
    }

    /// True in this company's ledger. While the direction is unknown, as for what was imported before any company was known,
    /// either party will do: whose it is, is not said yet. An invoice between two of ours is in both.
    #[must_use]
    pub fn concerns(&self, company: &TaxNumber) -> bool {
        match self.owner().filter(|_| !self.both_sides) {
            Some(owner) => owner == company,
            None => self.seller.tax_no == *company || self.buyer.tax_no == *company,
        }
    }
}

/// In whose books an invoice is: the one place that says how a company sees a sale between two of ours (内部往来).
#[derive(Clone, Copy, Debug)]
pub struct Books<'a> {
    /// See [`Invoice::direction`].
    pub direction: Option<Direction>,
    /// See [`Invoice::both_sides`].
    pub both_sides: bool,
    /// Its 纳税人识别号.
    pub seller: &'a TaxNumber,
    /// Its 纳税人识别号.
    pub buyer: &'a TaxNumber,
}

impl Books<'_> {
    /// See [`Invoice::side_of`].
    #[must_use]
    pub fn side_of(self, company: Option<&TaxNumber>) -> Option<Direction> {
        let bought = self.both_sides && company.is_some_and(|company| company == self.buyer && company != self.seller);
        if bought { Some(Direction::Received) } else { self.direction }
    }

    /// True for the selling company of a sale between two of ours.
    #[must_use]
    pub fn is_sale_of(self, company: Option<&TaxNumber>) -> bool {
        self.both_sides && company.is_some() && self.side_of(company) == Some(Direction::Issued)
    }
}

/// Formats in which the bureau hands out an original (版式文件).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum Format {
    /// 数电 XML, the legal original (财会〔2025〕9号).
    Xml,
    /// OFD (GB/T 33190-2016).
    Ofd,
    /// PDF.
    Pdf,
}

impl Format {
    /// All three, the legal original first.
    pub const ALL: [Self; 3] = [Self::Xml, Self::Ofd, Self::Pdf];

    /// File extension without the dot.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Xml => "xml",
            Self::Ofd => "ofd",
            Self::Pdf => "pdf",
        }
    }
}
