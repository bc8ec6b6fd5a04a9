//! 抵扣汇总 of a tax period, from the deduction lists that were imported or downloaded.

use piaoxia_domain::{Month, TaxNumber};
use piaoxia_engine::deduction::DeductionSummary;
use piaoxia_widgets::big_table::TableState;

use crate::loadable::Loadable;
use crate::text::Language;
use crate::text::stats::StatTable;

/// Tax periods that can be chosen, the current one first.
pub const PERIODS: usize = 24;

/// The tab 抵扣汇总 of the statistics; the company is that of the page.
#[derive(Clone, Debug, Default)]
pub struct Deduction {
    /// 税款所属期; none until the user chooses one: the month before, which is declared now.
    pub chosen: Option<Month>,
    /// What the last summary was asked with; another one means: ask again.
    pub asked: Option<(Option<TaxNumber>, Month)>,
    /// The ledger has changed since.
    pub stale: bool,
    /// The summary.
    pub summary: Loadable<DeductionSummary>,
    /// The summary as a table.
    pub table: Option<StatTable>,
    /// In which language that is.
    pub language: Option<Language>,
    /// What the table remembers.
    pub looked_at: TableState,
}
