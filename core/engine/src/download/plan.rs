//! Into which parts a range is divided.

use jiff::civil::Date;
use piaoxia_domain::DateRange;
use piaoxia_service::contract::SummaryRow;

use super::Difference;
use super::record::Part;

/// Invoices that one query of the bureau gives at most (全量发票查询, 导出).
pub(super) const PART_LIMIT: u64 = 5_000;

/// What is to be done after a count: months without invoices are left out, months that a run has never begun are
/// divided, months that are finished but disagree with the ledger are asked for again, and the rest goes on.
///
/// `limit` is the most invoices of one query; none where a month is one package, whatever it holds (增值税发票综合服务平台).
pub(crate) fn plan(parts: &mut Vec<Part>, range: DateRange, expected: &[SummaryRow], differences: &[Difference], limit: Option<u64>) {
    for month in range.split_by_month() {
        let first = month.from().first_of_month();
        if parts.iter().any(|part| month.contains(part.dates.from())) {
            let finished = parts.iter().filter(|part| month.contains(part.dates.from())).all(|part| part.done);
            if finished && differences.iter().any(|difference| difference.month == first) {
                parts.iter_mut().filter(|part| month.contains(part.dates.from())).for_each(Part::restart);
            }
        } else {
            let count = count_of(expected, first);
            if count > 0 {
                divide(month, count, limit.unwrap_or(u64::MAX), parts);
            }
        }
    }
    parts.sort_by_key(|part| part.dates.from());
    // What stood in the way may be gone.
    parts.iter_mut().for_each(|part| part.problem = None);
}

/// Puts two halves in the place of a part that held too many invoices; false for a single day.
pub(crate) fn halve(parts: &mut Vec<Part>, index: usize) -> bool {
    let Some((left, right)) = parts.get(index).and_then(|part| part.dates.halves()) else { return false };
    parts.splice(index..=index, [Part::new(left), Part::new(right)]);
    true
}

fn count_of(expected: &[SummaryRow], month: Date) -> u64 {
    expected.iter().filter(|row| row.month == month).map(|row| row.totals.invoices).sum()
}

/// Halves until the invoices, spread evenly over the days, stay within the limit. Where they are not spread evenly, the
/// bureau says so and the part is halved again.
fn divide(dates: DateRange, count: u64, limit: u64, parts: &mut Vec<Part>) {
    match dates.halves() {
        Some((left, right)) if count > limit => {
            let share = |half: &DateRange| (count * half.days().unsigned_abs() as u64).div_ceil(dates.days().unsigned_abs() as u64);
            let (of_left, of_right) = (share(&left), share(&right));
            divide(left, of_left, limit, parts);
            divide(right, of_right, limit, parts);
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
        Difference { kind: row.kind, month: row.month, bureau: row.totals, ledger: Totals::default() }
    }

    #[test]
    fn empty_months_are_left_out_and_full_ones_divided() {
        let mut parts = Vec::new();
        plan(&mut parts, range(), &[row(1, 10), row(3, 12_000), row(3, 500)], &[], Some(PART_LIMIT));
        let dates: Vec<(Date, Date)> = parts.iter().map(|part| (part.dates.from(), part.dates.to())).collect();
        assert_eq!(dates[0], (date(2026, 1, 15), date(2026, 1, 31)));
        assert_eq!(dates.len(), 5);
        assert_eq!((dates[1].0, dates[4].1), (date(2026, 3, 1), date(2026, 3, 31)));
    }

    #[test]
    fn a_month_of_the_platform_stays_whole() {
        let mut parts = Vec::new();
        plan(&mut parts, range(), &[row(3, 12_000)], &[], None);
        assert_eq!(parts.iter().map(|part| part.dates.days()).collect::<Vec<_>>(), [31]);
    }

    #[test]
    fn what_was_begun_goes_on_and_what_disagrees_begins_again() {
        let mut parts = Vec::new();
        plan(&mut parts, range(), &[row(1, 10), row(2, 10)], &[], Some(PART_LIMIT));
        parts[0].done = true;
        parts[1].cursor = Some("100".to_owned());
        plan(&mut parts, range(), &[row(1, 11), row(2, 11), row(4, 1)], &[difference(1), difference(2)], Some(PART_LIMIT));
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
}
