//! Into which parts a range is divided.

use jiff::civil::Date;
use piaoxia_domain::DateRange;
use piaoxia_service::contract::SummaryRow;

use super::Difference;
use super::record::Part;

/// Invoices that one query of the bureau gives at most (全量发票查询, 导出).
pub(super) const PART_LIMIT: u64 = 5_000;

/// What a plan is made of.
pub(crate) struct Grounds<'a> {
    /// The days that were ordered.
    pub range: DateRange,
    /// What the bureau counts.
    pub expected: &'a [SummaryRow],
    /// Where it disagrees with the ledger.
    pub differences: &'a [Difference],
    /// Most invoices of one query; none where a month is one package, whatever it holds (增值税发票综合服务平台).
    pub limit: Option<u64>,
    /// For an order that wants only what is new.
    pub known: Option<Known>,
}

/// What was taken in before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    /// Days that need not be asked again while ledger and bureau agree.
    pub settled: DateRange,
    /// In the month of this day, whatever is new is first looked for from here on.
    pub fresh_from: Date,
}

/// What is to be done after a count: months without invoices are left out, and for an order that wants only what is new those
/// that agree; months that a run has never begun are divided, months that are finished but disagree with the ledger are asked
/// for again, and the rest goes on.
pub(crate) fn plan(parts: &mut Vec<Part>, grounds: &Grounds<'_>) {
    for month in grounds.range.split_by_month() {
        let first = month.from().first_of_month();
        let differs = grounds.differences.iter().any(|difference| difference.month == first);
        let count = count_of(grounds.expected, first);
        if parts.iter().any(|part| part.is_of(&month)) {
            let finished = parts.iter().filter(|part| part.is_of(&month)).all(|part| part.done);
            if finished && differs {
                parts.iter_mut().filter(|part| part.is_of(&month)).for_each(Part::restart);
            }
        } else if count > 0
            && let Some(days) = grounds.known.map_or(Some(month), |known| known.days_of(month, differs))
        {
            divide(days, share(count, &days, &month), grounds.limit.unwrap_or(u64::MAX), parts);
        }
    }
    parts.sort_by_key(|part| part.dates.from());
    // What stood in the way may be gone.
    parts.iter_mut().for_each(|part| part.problem = None);
}

impl Known {
    /// The days of a month that are to be asked for.
    fn days_of(&self, month: DateRange, differs: bool) -> Option<DateRange> {
        let is_settled = self.settled.intersect(&month) == Some(month);
        match DateRange::new(self.fresh_from.max(month.from()), month.to()) {
            _ if is_settled && !differs => None,
            // The days before are complete. Should they have changed too, the month is asked for as a whole later.
            Some(tail) if self.settled.contains(month.from()) && self.settled.contains(self.fresh_from) => Some(tail),
            _ => Some(month),
        }
    }
}

/// Adds the heads of months of which only the end was asked for, where ledger and bureau still disagree. False when there is none.
pub(crate) fn widen(parts: &mut Vec<Part>, grounds: &Grounds<'_>) -> bool {
    let before = parts.len();
    for month in grounds.range.split_by_month() {
        let first = month.from().first_of_month();
        let begun = parts.iter().filter(|part| part.is_of(&month)).map(|part| part.dates.from()).min();
        let head = begun.and_then(|begun| begun.yesterday().ok()).and_then(|last| DateRange::new(month.from(), last));
        if let Some(head) = head
            && grounds.differences.iter().any(|difference| difference.month == first)
        {
            let count = share(count_of(grounds.expected, first), &head, &month);
            divide(head, count, grounds.limit.unwrap_or(u64::MAX), parts);
        }
    }
    parts.sort_by_key(|part| part.dates.from());
    parts.len() > before
}

/// Puts two halves in the place of a part that held too many invoices; false for a single day.
pub(crate) fn halve(parts: &mut Vec<Part>, index: usize) -> bool {
    let Some(part) = parts.get(index) else { return false };
    let Some(halves) = part.dates.halves() else { return false };
    // With the attempt of the whole, so that the keys of their jobs are new.
    let (look, attempt) = (part.look.clone(), part.attempt);
    parts.splice(index..=index, [halves.0, halves.1].map(|dates| Part { look: look.clone(), attempt, ..Part::new(dates) }));
    true
}

fn count_of(expected: &[SummaryRow], month: Date) -> u64 {
    expected.iter().filter(|row| row.month == month).map(|row| row.totals.invoices).sum()
}

/// The invoices of some days of a range, were they spread evenly.
fn share(count: u64, days: &DateRange, of: &DateRange) -> u64 {
    (count * days.days().unsigned_abs() as u64).div_ceil(of.days().unsigned_abs() as u64)
}

/// Halves until the invoices, spread evenly over the days, stay within the limit. Where they are not spread evenly, the
/// bureau says so and the part is halved again.
fn divide(dates: DateRange, count: u64, limit: u64, parts: &mut Vec<Part>) {
    match dates.halves() {
        Some((left, right)) if count > limit => {
            divide(left, share(count, &left, &dates), limit, parts);
            divide(right, share(count, &right, &dates), limit, parts);
        }
        _ => parts.push(Part::new(dates)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use jiff::civil::date;
    use piaoxia_domain::{Kind, Totals};

    use super::*;

    fn row(month: i8, invoices: u64) -> SummaryRow {
        let totals = Totals { invoices, ..Totals::default() };
        SummaryRow { kind: Kind::from_code("82"), month: date(2026, month, 1), totals }
    }

    fn range() -> DateRange {
        DateRange::new(date(2026, 1, 15), date(2026, 4, 30)).unwrap()
    }

    fn difference(month: i8) -> Difference {
        let row = row(month, 1);
        Difference { kind: row.kind, month: row.month, bureau: row.totals, ledger: Totals::default(), findings: None }
    }

    fn plan_of(parts: &mut Vec<Part>, expected: &[SummaryRow], differences: &[Difference], limit: Option<u64>) {
        plan(parts, &Grounds { range: range(), expected, differences, limit, known: None });
    }

    fn days(parts: &[Part]) -> Vec<(Date, Date)> {
        parts.iter().map(|part| (part.dates.from(), part.dates.to())).collect()
    }

    #[test]
    fn empty_months_are_left_out_and_full_ones_divided() {
        let mut parts = Vec::new();
        plan_of(&mut parts, &[row(1, 10), row(3, 12_000), row(3, 500)], &[], Some(PART_LIMIT));
        let dates = days(&parts);
        assert_eq!(dates[0], (date(2026, 1, 15), date(2026, 1, 31)));
        assert_eq!(dates.len(), 5);
        assert_eq!((dates[1].0, dates[4].1), (date(2026, 3, 1), date(2026, 3, 31)));
    }

    #[test]
    fn a_month_of_the_platform_stays_whole() {
        let mut parts = Vec::new();
        plan_of(&mut parts, &[row(3, 12_000)], &[], None);
        assert_eq!(parts.iter().map(|part| part.dates.days()).collect::<Vec<_>>(), [31]);
    }

    #[test]
    fn what_was_begun_goes_on_and_what_disagrees_begins_again() {
        let mut parts = Vec::new();
        plan_of(&mut parts, &[row(1, 10), row(2, 10)], &[], Some(PART_LIMIT));
        parts[0].done = true;
        parts[1].cursor = Some("100".to_owned());
        plan_of(&mut parts, &[row(1, 11), row(2, 11), row(4, 1)], &[difference(1), difference(2)], Some(PART_LIMIT));
        assert_eq!(parts.len(), 3);
        assert_eq!((parts[0].attempt, parts[0].done), (1, false));
        assert_eq!((parts[1].attempt, parts[1].cursor.as_deref()), (0, Some("100")));
        assert_eq!(parts[2].dates.from(), date(2026, 4, 1));
    }

    #[test]
    fn a_part_is_halved_down_to_a_day() {
        let mut parts = vec![Part::new(DateRange::new(date(2026, 3, 1), date(2026, 3, 3)).unwrap())];
        assert!(halve(&mut parts, 0) && halve(&mut parts, 1));
        assert!(!halve(&mut parts, 1));
        assert!(parts.iter().all(|part| part.dates.days() == 1));
        assert_eq!(parts.len(), 3);
    }

    fn only_new(parts: &mut Vec<Part>, differences: &[Difference], settled: (Date, Date)) -> Vec<(Date, Date)> {
        let expected = [row(1, 10), row(2, 10), row(3, 10), row(4, 10)];
        let settled = DateRange::new(settled.0, settled.1).unwrap();
        let known = Some(Known { settled, fresh_from: settled.to().checked_sub(jiff::ToSpan::days(7)).unwrap() });
        let grounds = Grounds { range: range(), expected: &expected, differences, limit: Some(PART_LIMIT), known };
        if parts.is_empty() {
            plan(parts, &grounds)
        } else {
            assert!(widen(parts, &grounds))
        }
        days(parts)
    }

    #[test]
    fn of_what_is_known_only_the_new_end_is_asked_for() {
        let (mut parts, settled) = (Vec::new(), (date(2025, 12, 1), date(2026, 3, 20)));
        assert_eq!(
            only_new(&mut parts, &[difference(3), difference(4)], settled),
            [(date(2026, 3, 13), date(2026, 3, 31)), (date(2026, 4, 1), date(2026, 4, 30))]
        );
        // It was not the end alone that grew.
        assert_eq!(only_new(&mut parts, &[difference(3)], settled)[0], (date(2026, 3, 1), date(2026, 3, 12)));
    }

    #[test]
    fn a_settled_month_that_grew_is_asked_for_whole_and_one_that_is_not_settled_always() {
        let settled = (date(2026, 2, 1), date(2026, 4, 30));
        assert_eq!(
            only_new(&mut Vec::new(), &[difference(2)], settled),
            [(date(2026, 1, 15), date(2026, 1, 31)), (date(2026, 2, 1), date(2026, 2, 28))]
        );
    }
}
