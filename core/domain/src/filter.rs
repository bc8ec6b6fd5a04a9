//! One filter for the ledger, the export and the command line.

use crate::invoice::Invoice;
use crate::kind::Kind;
use crate::period::DateRange;
use crate::status::{Deduction, Direction, Status};
use crate::tax_number::TaxNumber;

/// Which invoices of the ledger are meant. An empty list or none means: all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InvoiceFilter {
    /// Company whose ledger it is; of invoices without a direction, a company that is a party to them.
    pub company: Option<TaxNumber>,
    /// 开票日期.
    pub dates: Option<DateRange>,
    /// 发票票种.
    pub kinds: Vec<Kind>,
    /// 开具 or 取得.
    pub direction: Option<Direction>,
    /// 发票状态.
    pub statuses: Vec<Status>,
    /// 抵扣状态.
    pub deductions: Vec<Deduction>,
    /// Words that must all occur in number, names, tax numbers, remark or amount; separated by spaces.
    pub text: String,
}

impl InvoiceFilter {
    /// True when the invoice is meant.
    #[must_use]
    pub fn matches(&self, invoice: &Invoice) -> bool {
        self.company.as_ref().is_none_or(|company| invoice.concerns(company))
            && self.dates.is_none_or(|dates| dates.contains(invoice.issued_on()))
            && (self.kinds.is_empty() || self.kinds.contains(&invoice.kind))
            && self.direction.is_none_or(|direction| invoice.direction == Some(direction))
            && (self.statuses.is_empty() || self.statuses.contains(&invoice.status))
            && (self.deductions.is_empty() || invoice.deduction.is_some_and(|d| self.deductions.contains(&d)))
            && self.text_matches(invoice)
    }

    fn text_matches(&self, invoice: &Invoice) -> bool {
        let text = self.text.to_lowercase();
        text.split_whitespace().all(|word| {
            let has = |field: &str| field.to_lowercase().contains(word);
            has(&invoice.key.to_string())
                || has(&invoice.seller.name)
                || has(&invoice.buyer.name)
                || has(invoice.seller.tax_no.as_str())
                || has(invoice.buyer.tax_no.as_str())
                || has(&invoice.remark)
                || has(&invoice.gross.to_string())
                || has(&invoice.net.to_string())
        })
    }
}
