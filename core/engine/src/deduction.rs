//! 抵扣汇总: what the deduction lists say of one tax period, by use and kind.

pub use piaoxia_domain::Used;
pub use piaoxia_store::{DeductionSummary, DeductionTotals};

use piaoxia_domain::{Deduction, InvoiceFilter, Month, TaxNumber};

use crate::problem::Problem;
use crate::services::Services;

/// The invoices that a summary is made of; of one company, or of all.
#[must_use]
pub fn filter(company: Option<TaxNumber>) -> InvoiceFilter {
    InvoiceFilter { company, deductions: Deduction::ALL.to_vec(), ..InvoiceFilter::default() }
}

/// Sums up a period from the ledger; of one company, or of all.
///
/// # Errors
/// The ledger is closed.
pub async fn summary(services: &Services, company: Option<TaxNumber>, period: Month) -> Result<DeductionSummary, Problem> {
    Ok(services.store().deductions(filter(company), period).await?)
}
