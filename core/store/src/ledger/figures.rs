//! What the statistics (统计) show: sums of a filter by month and kind, by month and rate, by party, and what was ticked.

use std::collections::BTreeMap;

use piaoxia_domain::{Counterparty, Direction, Kind, Money, Month, Rate, Totals, Used};

/// Counts and sums. Red invoices count in 张数 and take their amounts away, as they state them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// 张数, and sums in yuan.
    pub totals: Totals,
    /// 红字 among them.
    pub reds: u64,
}

impl Sums {
    /// Adds others.
    pub fn merge(&mut self, other: &Self) {
        self.totals.merge(&other.totals);
        self.reds += other.reds;
    }
}

/// 开具, 取得, or none while the direction is not known.
pub type Side = Option<Direction>;

/// Sums of a kind in a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindFigure {
    /// Of 开票日期.
    pub month: Month,
    /// 方向.
    pub side: Side,
    /// 发票票种.
    pub kind: Kind,
    /// Of all its invoices.
    pub sums: Sums,
}

/// Sums of what is taxed at a rate in a month. An invoice of several rates counts once at each of them, with the share there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateFigure {
    /// Of 开票日期.
    pub month: Month,
    /// 方向.
    pub side: Side,
    /// 税率.
    pub rate: Rate,
    /// Of the shares.
    pub sums: Sums,
}

/// Sums of a party of the other side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartyFigure {
    /// 方向.
    pub side: Side,
    /// Who.
    pub party: Counterparty,
    /// Its newest name.
    pub name: String,
    /// Of all its invoices.
    pub sums: Sums,
}

/// Sums of all parties that are not named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OthersFigure {
    /// 方向.
    pub side: Side,
    /// How many they are.
    pub parties: u64,
    /// Of all their invoices.
    pub sums: Sums,
}

/// Output and input of a month (销项, 进项), by 开票日期. A figure of the ledger, no tax return.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BalanceFigure {
    /// Of 开票日期.
    pub month: Month,
    /// 开具.
    pub output: Totals,
    /// 取得.
    pub input: Totals,
    /// Of these 已勾选 or 已抵扣.
    pub ticked: Totals,
    /// Neither: the direction is not known.
    pub unknown: Totals,
}

/// Counts and sums of what was ticked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeductionTotals {
    /// 张数.
    pub invoices: u64,
    /// 金额.
    pub net: Money,
    /// 票面税额.
    pub tax: Money,
    /// 有效抵扣税额.
    pub effective_tax: Money,
    /// Invoices of which no list states 有效抵扣税额: 票面税额 counts for them.
    pub assumed: u64,
}

impl DeductionTotals {
    /// Counts one more invoice.
    pub fn add(&mut self, net: Money, tax: Money, effective_tax: Option<Money>) {
        let effective = effective_tax.unwrap_or(tax);
        self.merge(&Self { invoices: 1, net, tax, effective_tax: effective, assumed: u64::from(effective_tax.is_none()) });
    }

    /// Adds other totals.
    pub fn merge(&mut self, other: &Self) {
        self.invoices += other.invoices;
        self.net += other.net;
        self.tax += other.tax;
        self.effective_tax += other.effective_tax;
        self.assumed += other.assumed;
    }
}

/// 抵扣汇总, in the order of [`Used`] and then of the kinds' codes. No row is empty.
pub type DeductionSummary = BTreeMap<(Used, Kind), DeductionTotals>;

/// The figures of a filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Over all.
    pub all: Sums,
    /// By month, then 开具, 取得, neither, then kind.
    pub kinds: Vec<KindFigure>,
    /// By month, direction, rate (the highest first).
    pub rates: Vec<RateFigure>,
    /// By direction (never none), then 价税合计, the largest first.
    pub parties: Vec<PartyFigure>,
    /// What [`Figures::parties`] does not name, at most one a direction; all invoices without a direction are one of them.
    pub others: Vec<OthersFigure>,
    /// By month.
    pub balance: Vec<BalanceFigure>,
    /// Invoices of more than one rate.
    pub of_several_rates: u64,
    /// Of the ledger when they were computed, see [`crate::Store::generation`].
    pub generation: u64,
}
