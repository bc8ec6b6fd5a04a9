//! 抵扣汇总: what the deduction lists say of one tax period, by use and kind.

use std::collections::BTreeMap;

use piaoxia_domain::{Deduction, Invoice, InvoiceFilter, Kind, Money, Month, Purpose, TaxNumber};
use piaoxia_store::{Sort, SortKey};

use crate::problem::Problem;
use crate::services::Services;

/// Invoices that are read from the ledger at a time.
const PAGE: usize = 500;

/// What became of an invoice's input tax in the period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Used {
    /// 抵扣.
    Deduct,
    /// 不抵扣.
    NotDeduct,
    /// 退税, also 代办退税.
    Refund,
    /// Ticked for a use of another name.
    Other,
    /// Ticked, and nothing tells in which period: neither 税款所属期 nor 勾选时间.
    Undated,
    /// 未勾选, and issued by the end of the period.
    Open,
}

impl Used {
    /// Stable word for JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Deduct => "deduct",
            Self::NotDeduct => "notDeduct",
            Self::Refund => "refund",
            Self::Other => "other",
            Self::Undated => "undated",
            Self::Open => "open",
        }
    }

    /// In the period; none when the invoice belongs to another one.
    fn of(invoice: &Invoice, period: Month) -> Option<Self> {
        let usage = invoice.usage.as_ref();
        let by_then = invoice.issued_on() <= period.last();
        match (invoice.deduction?, usage.and_then(|usage| usage.month())) {
            (Deduction::Open, _) => by_then.then_some(Self::Open),
            (_, None) => by_then.then_some(Self::Undated),
            (_, Some(month)) if month != period => None,
            (_, Some(_)) => Some(match usage.and_then(|usage| usage.purpose.as_ref()) {
                Some(Purpose::Deduct) | None => Self::Deduct,
                Some(Purpose::NotDeduct) => Self::NotDeduct,
                Some(Purpose::Refund | Purpose::AgentRefund) => Self::Refund,
                Some(Purpose::Other(_)) => Self::Other,
            }),
        }
    }
}

/// Counts and sums.
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
    fn add(&mut self, invoice: &Invoice) {
        let stated = invoice.usage.as_ref().and_then(|usage| usage.effective_tax);
        self.invoices += 1;
        self.net += invoice.net;
        self.tax += invoice.tax;
        self.effective_tax += stated.unwrap_or(invoice.tax);
        self.assumed += u64::from(stated.is_none());
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

/// The summary, in the order of [`Used`] and then of the kinds' codes. No row is empty.
pub type DeductionSummary = BTreeMap<(Used, Kind), DeductionTotals>;

/// Sums up a period from the ledger; of one company, or of all.
///
/// # Errors
/// The ledger cannot be read.
pub async fn summary(services: &Services, company: Option<TaxNumber>, period: Month) -> Result<DeductionSummary, Problem> {
    let filter = InvoiceFilter { company, deductions: Deduction::ALL.to_vec(), ..InvoiceFilter::default() };
    let sort = Sort { by: SortKey::Number, descending: false };
    let view = services.store().view(filter, sort).await?;
    let mut summary = DeductionSummary::new();
    for ids in view.ids.chunks(PAGE) {
        for invoice in services.store().invoices(ids).await? {
            if let Some(used) = Used::of(&invoice, period) {
                summary.entry((used, invoice.kind.clone())).or_default().add(&invoice);
            }
        }
    }
    Ok(summary)
}
