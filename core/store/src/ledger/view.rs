//! What is shown: sorted views, their sums, light rows.

use std::sync::Arc;

use jiff::civil::{Date, DateTime};
use piaoxia_domain::invoice::{Books, Format};
use piaoxia_domain::{Deduction, Direction, InvoiceKey, Kind, Money, Month, Status, TaxNumber, Totals};

/// By what a view is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SortKey {
    /// 开票日期 with its time.
    #[default]
    Date,
    /// 发票号码.
    Number,
    /// 发票票种, by code.
    Kind,
    /// Name of the party that is not us.
    Counterparty,
    /// 金额.
    Net,
    /// 税额.
    Tax,
    /// 价税合计.
    Gross,
    /// 发票状态, in the bureau's order.
    Status,
    /// 开具 before 取得.
    Direction,
    /// 抵扣状态, in the order of the work.
    Deduction,
    /// Number of the formats that there are.
    Originals,
}

impl SortKey {
    /// All.
    pub const ALL: [Self; 11] = [
        Self::Date,
        Self::Number,
        Self::Kind,
        Self::Counterparty,
        Self::Net,
        Self::Tax,
        Self::Gross,
        Self::Status,
        Self::Direction,
        Self::Deduction,
        Self::Originals,
    ];
}

/// Order of a view; what is equal stands in the order in which it came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sort {
    /// By what.
    pub by: SortKey,
    /// Largest, newest first.
    pub descending: bool,
}

impl Default for Sort {
    fn default() -> Self {
        Self { by: SortKey::Date, descending: true }
    }
}

/// By what a view is grouped (分组).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GroupBy {
    /// Month of 开票日期.
    Month,
    /// Our own company.
    Company,
    /// 发票票种.
    Kind,
    /// The party that is not us, whatever its spellings.
    Counterparty,
    /// 发票状态.
    Status,
}

/// What the invoices of a group have in common.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum GroupKey {
    /// Month of 开票日期.
    Month(Month),
    /// Our own company; none where neither party is known to be ours.
    Company(Option<TaxNumber>),
    /// 发票票种.
    Kind(Kind),
    /// The other party, by its newest spelling.
    Counterparty(PartyLabel),
    /// 发票状态.
    Status(Status),
}

/// Invoices that stand together in a view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What they have in common.
    pub key: GroupKey,
    /// How many they are, and their sums.
    pub totals: Totals,
}

/// The invoices that a filter means, in order, and their sums.
#[derive(Clone, Debug)]
pub struct View {
    /// Rows of the ledger; they name the same invoices as long as the store is open.
    pub ids: Arc<[u32]>,
    /// Over all of them.
    pub totals: Totals,
    /// Of these 已作废.
    pub voided: u64,
    /// One after the other they are all of the ids, in this order; none in a view that is not grouped.
    pub groups: Arc<[Group]>,
    /// Of the ledger when it was computed, see [`crate::Store::generation`].
    pub generation: u64,
}

/// Sums of rows, as a table shows them: what is 已作废 is in them, as it is among the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowSums {
    /// Over all of them.
    pub totals: Totals,
    /// Of these 已作废.
    pub voided: u64,
}

/// Name and number of a party, shared by all its invoices.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PartyLabel {
    /// 名称.
    pub name: String,
    /// 纳税人识别号.
    pub tax_no: TaxNumber,
}

/// One line of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its id.
    pub id: u32,
    /// The invoice.
    pub key: InvoiceKey,
    /// 发票票种.
    pub kind: Kind,
    /// 开具 or 取得.
    pub direction: Option<Direction>,
    /// Seller and buyer are both ours (内部往来); the direction is 开具 then.
    pub both_sides: bool,
    /// 开票日期, to the second.
    pub issued_at: DateTime,
    /// 销售方.
    pub seller: Arc<PartyLabel>,
    /// 购买方.
    pub buyer: Arc<PartyLabel>,
    /// 金额.
    pub net: Money,
    /// 税额.
    pub tax: Money,
    /// 价税合计.
    pub gross: Money,
    /// 发票状态.
    pub status: Status,
    /// 抵扣状态.
    pub deduction: Option<Deduction>,
    /// Formats of its originals.
    pub originals: Formats,
    /// True when the bureau has told its status; false while it is only known from documents.
    pub by_bureau: bool,
    /// 已报销: a claim of it counts.
    pub is_claimed: bool,
}

impl Row {
    /// 开具 or 取得 as this company sees it.
    #[must_use]
    pub fn side_of(&self, company: Option<&TaxNumber>) -> Option<Direction> {
        self.books().side_of(company)
    }

    /// 抵扣状态 as this company sees it: what the buyer ticked is nothing to a seller of ours.
    #[must_use]
    pub fn deduction_of(&self, company: Option<&TaxNumber>) -> Option<Deduction> {
        self.deduction.filter(|_| !self.books().is_sale_of(company))
    }

    fn books(&self) -> Books<'_> {
        Books { direction: self.direction, both_sides: self.both_sides, seller: &self.seller.tax_no, buyer: &self.buyer.tax_no }
    }

    /// The row as it stands in the books of this company.
    #[must_use]
    pub fn seen_by(mut self, company: Option<&TaxNumber>) -> Self {
        (self.direction, self.deduction) = (self.side_of(company), self.deduction_of(company));
        self
    }
}

/// A set of formats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Formats(u8);

impl Formats {
    pub(crate) fn from_bits(bits: u8) -> Self {
        Self(bits & 0b111)
    }

    pub(crate) fn bits(self) -> u8 {
        self.0
    }

    /// With this one too.
    #[must_use]
    pub fn with(self, format: Format) -> Self {
        Self(self.0 | bit(format))
    }

    /// True when it is in the set.
    #[must_use]
    pub fn contains(self, format: Format) -> bool {
        self.0 & bit(format) != 0
    }

    /// True when there are none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Those in the set, the legal original first.
    pub fn iter(self) -> impl Iterator<Item = Format> {
        Format::ALL.into_iter().filter(move |format| self.contains(*format))
    }
}

fn bit(format: Format) -> u8 {
    match format {
        Format::Xml => 1,
        Format::Ofd => 2,
        Format::Pdf => 4,
    }
}

/// Sums of one kind in one month, for comparing with the bureau's (对账).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindMonth {
    /// 发票票种.
    pub kind: Kind,
    /// First day of the month.
    pub month: Date,
    /// 张数 and sums.
    pub totals: Totals,
}
