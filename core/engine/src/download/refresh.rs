//! 状态刷新: invoices that were taken in before and have become something else since - red, void, ticked.
//!
//! The bureau counts by state what it has now, the ledger what it knew; where the two disagree for a month, the invoices of that
//! state are fetched again. A month that agrees costs nothing but the question.

use jiff::ToSpan;
use jiff::civil::Date;
use piaoxia_domain::{DateRange, Deduction, Scope, Status};
use piaoxia_service::contract::Query;

use super::ask::{Halt, Run};
use super::marks::Mark;
use super::record::{Look, Part};
use super::{Difference, Download, DownloadOrder};
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
            let differing = months(&self.look_at(&narrow).await?, days);
            self.collect_of(&differing, |parts, month| look_again(parts, &look, month)).await?;
            // Those that still differ have left this state at the bureau: only the whole month tells what they are now.
            let differing = months(&self.look_at(&narrow).await?, days);
            self.collect_of(&differing, ask_again).await?;
        }
        Ok(())
    }

    /// Collects the parts that `ask` makes of months. The list is written down first: what pages change is kept by a part's place in it.
    async fn collect_of(&mut self, months: &[DateRange], ask: impl Fn(&mut Vec<Part>, DateRange)) -> Result<(), Halt> {
        if months.is_empty() {
            return Ok(());
        }
        months.iter().for_each(|month| ask(&mut self.record.parts, *month));
        self.save().await?;
        self.collect_all().await
    }

    async fn look_at(&mut self, narrow: &DownloadOrder) -> Result<Vec<Difference>, Halt> {
        let counted = self.count(&narrow.query).await?;
        self.open_differences(narrow, &counted).await
    }
}

/// Puts a part that looks at a month in the place of those of an earlier run of this download. Its attempt is one that they did not have:
/// under the key of theirs the service would give what it found then.
fn look_again(parts: &mut Vec<Part>, look: &Look, month: DateRange) {
    let is_earlier = |part: &Part| part.look.as_ref() == Some(look) && part.dates.intersect(&month).is_some();
    let attempt = parts.iter().filter(|part| is_earlier(part)).map(|part| part.attempt + 1).max().unwrap_or(0);
    parts.retain(|part| !is_earlier(part));
    parts.push(Part { look: Some(look.clone()), attempt, ..Part::new(month) });
}

/// Has a whole month asked for: what of it was asked for before, again, and what was not. Of a month that grew that is its beginning, see
/// [`super::plan`].
fn ask_again(parts: &mut Vec<Part>, month: DateRange) {
    let mut begun: Option<Date> = None;
    for part in parts.iter_mut().filter(|part| part.is_of(&month)) {
        part.restart();
        begun = Some(begun.map_or(part.dates.from(), |first| first.min(part.dates.from())));
    }
    let missing = match begun {
        Some(first) => first.yesterday().ok().and_then(|last| DateRange::new(month.from(), last)),
        None => Some(month),
    };
    parts.extend(missing.map(Part::new));
}

/// The months of the differences, each once.
fn months(differences: &[Difference], within: DateRange) -> Vec<DateRange> {
    let differs = |month: &DateRange| differences.iter().any(|difference| difference.month == month.from().first_of_month());
    within.split_by_month().into_iter().filter(differs).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use jiff::civil::date;

    use super::super::plan;
    use super::*;

    fn days(from: i8, to: i8) -> DateRange {
        DateRange::new(date(2026, 10, from), date(2026, 10, to)).unwrap()
    }

    fn of(parts: &[Part]) -> Vec<(DateRange, u32, bool)> {
        parts.iter().map(|part| (part.dates, part.attempt, part.done)).collect()
    }

    #[test]
    fn a_month_of_which_only_the_end_was_asked_for_is_asked_for_from_its_beginning() {
        let mut parts = vec![Part { done: true, ..Part::new(days(13, 20)) }, Part { done: true, ..Part::new(days(21, 31)) }];
        ask_again(&mut parts, days(1, 31));
        assert_eq!(of(&parts), [(days(13, 20), 1, false), (days(21, 31), 1, false), (days(1, 12), 0, false)]);
        ask_again(&mut parts, days(1, 31));
        assert_eq!(of(&parts), [(days(13, 20), 2, false), (days(21, 31), 2, false), (days(1, 12), 1, false)]);
        let mut none = Vec::new();
        ask_again(&mut none, days(1, 31));
        assert_eq!(of(&none), [(days(1, 31), 0, false)]);
    }

    #[test]
    fn what_an_earlier_run_looked_at_is_asked_for_under_another_key_and_the_list_does_not_grow() {
        let (void, red) = (Look::Status(Status::Void), Look::Status(Status::RedFull));
        let mut parts = vec![Part::new(days(1, 31))];
        look_again(&mut parts, &void, days(1, 31));
        look_again(&mut parts, &red, days(1, 31));
        // It was too much for one query.
        assert!(plan::halve(&mut parts, 1));
        parts.iter_mut().for_each(|part| part.done = true);
        look_again(&mut parts, &void, days(1, 31));
        assert_eq!(of(&parts), [(days(1, 31), 0, true), (days(1, 31), 0, true), (days(1, 31), 1, false)]);
        // Halved again, the halves have other keys than those before.
        assert!(plan::halve(&mut parts, 2));
        assert!(parts.iter().filter(|part| part.look.as_ref() == Some(&void)).all(|part| part.attempt == 1));
    }
}
