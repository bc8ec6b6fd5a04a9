//! 抵扣汇总 of a tax period, from the deduction lists that were imported or downloaded.

use piaoxia_domain::{Month, TaxNumber};
use piaoxia_engine::deduction::DeductionSummary;

use crate::loadable::Loadable;

/// Tax periods that can be chosen, the current one first.
pub const PERIODS: usize = 24;

/// The dialog.
#[derive(Clone, Debug)]
pub struct Deduction {
    /// Of one company; none means all.
    pub company: Option<TaxNumber>,
    /// 税款所属期.
    pub period: Month,
    /// What the last summary was asked with; another one means: ask again.
    pub asked: Option<(Option<TaxNumber>, Month)>,
    /// The summary.
    pub summary: Loadable<DeductionSummary>,
}
