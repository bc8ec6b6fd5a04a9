//! 状态刷新: invoices that were taken in before and have become something else since - red, void, ticked.
//!
//! The bureau counts by state what it has now, the ledger what it knew; where the two disagree for a month, the invoices of that
//! state are fetched again. A month that agrees costs nothing but the question.

use jiff::ToSpan;
use piaoxia_domain::{DateRange, Deduction, Scope, Status};
use piaoxia_service::contract::Query;

use super::ask::{Halt, Run};
use super::marks::Mark;
use super::record::{Look, Part};
use super::{Difference, Download, DownloadOrder, reconcile};
use crate::observe::Observe;

/// Months back from the end of the order; older invoices change by no usual business.
const MONTHS: i32 = 12;

/// States that an invoice can take on later.
pub(super) fn looks(scope: Scope) -> Vec<Look> {
    match scope {
        Scope::Deductible => [Deduction::Ticked, Deduction::Confirmed].map(Look::Deduction).to_vec(),
        Scope::Issued | Scope::Received => [Status::Void, Status::RedFull, Status::RedPart].map(Look::Status).to_vec(),
    }
}

impl<O: Observe<Download>> Run<O> {
    /// Looks at what was taken in before, back to a year.
    pub(super) async fn refresh(&mut self) -> Result<(), Halt> {
        let order = self.record.download.order.clone();
        let mark = Mark::load(self.services.store(), &order.company.tax_no, order.query.scope, order.disk.is_some()).await?;
        let last = order.query.dates.to();
        let year = last.first_of_month().checked_sub(MONTHS.months()).ok().and_then(|from| DateRange::new(from, last));
        // Where nothing was ever taken in whole, nothing is known that could have changed.
        let Some(days) = mark.and_then(|mark| year?.intersect(&mark.rows)) else { return Ok(()) };
        let query = Query { dates: days, kinds: Vec::new(), statuses: Vec::new(), deductions: Vec::new(), ..order.query.clone() };
        for look in looks(query.scope) {
            let narrow = DownloadOrder { query: look.narrow(&query), ..order.clone() };
            for month in months(&self.look_at(&narrow).await?, days) {
                self.record.parts.push(Part { look: Some(look.clone()), ..Part::new(month) });
            }
            self.collect_all().await?;
            // What is left is no such state any more at the bureau: only the whole month tells what it is now.
            for month in months(&self.look_at(&narrow).await?, days) {
                self.ask_again(month);
            }
            self.collect_all().await?;
        }
        Ok(())
    }

    async fn look_at(&mut self, narrow: &DownloadOrder) -> Result<Vec<Difference>, Halt> {
        let counted = self.count(&narrow.query).await?;
        Ok(reconcile::differences(self.services.store(), narrow, &counted).await?)
    }

    fn ask_again(&mut self, month: DateRange) {
        let mut begun = self.record.parts.iter_mut().filter(|part| part.is_of(&month)).peekable();
        if begun.peek().is_none() {
            self.record.parts.push(Part::new(month));
        } else {
            begun.for_each(Part::restart);
        }
    }
}

/// The months of the differences, each once.
fn months(differences: &[Difference], within: DateRange) -> Vec<DateRange> {
    let differs = |month: &DateRange| differences.iter().any(|difference| difference.month == month.from().first_of_month());
    within.split_by_month().into_iter().filter(differs).collect()
}
