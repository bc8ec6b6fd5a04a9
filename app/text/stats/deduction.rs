//! 抵扣汇总 as a table.

use piaoxia_domain::{Month, Used};
use piaoxia_export::Value;
use piaoxia_store::{DeductionSummary, DeductionTotals};

use super::behind::Narrow;
use super::table::{ColumnOf, StatColumn, StatRow, StatTable};
use crate::text::{Text, deduction_use};

/// The table of a tax period. What is not ticked is in no return: it stays out of the sums.
#[must_use]
pub fn deduction_table(text: &Text, summary: &DeductionSummary, period: Month) -> StatTable {
    let (common, words) = (&text.common, &text.deduction);
    let column = |heading: &str, width, key| StatColumn { heading: heading.to_owned(), width, key, of: ColumnOf::Row };
    let columns = vec![
        column(&words.col_use, 20, ""),
        column(&words.col_kind, 32, ""),
        column(&common.count, 10, "invoices"),
        column(&common.net, 18, "net"),
        column(&common.tax, 16, "tax"),
        column(&words.col_effective_tax, 16, "effective_tax"),
    ];
    let narrow = |ways: Vec<Used>| Narrow { used: Some((period, ways)), ..Narrow::default() };
    let rows = summary.iter().map(|((used, kind), totals)| {
        let heads = [deduction_use(words, *used), text.kind(kind)];
        let narrow = Narrow { kind: Some(kind.clone()), ..narrow(vec![*used]) };
        StatRow { values: values(heads, totals), words: Vec::new(), narrow }
    });
    let ticked = ticked(summary);
    let total = StatRow { values: values([&text.export.total, ""], &ticked), words: Vec::new(), narrow: narrow(Used::TICKED.to_vec()) };
    StatTable { columns, rows: rows.collect(), total }
}

/// What is ticked.
#[must_use]
pub fn ticked(summary: &DeductionSummary) -> DeductionTotals {
    let mut ticked = DeductionTotals::default();
    summary.iter().filter(|((used, _), _)| *used != Used::Open).for_each(|(_, totals)| ticked.merge(totals));
    ticked
}

fn values(heads: [&str; 2], totals: &DeductionTotals) -> Vec<Value> {
    let figures =
        [Value::Count(totals.invoices), Value::Amount(totals.net), Value::Amount(totals.tax), Value::Amount(totals.effective_tax)];
    heads.map(|head| Value::Text(head.to_owned())).into_iter().chain(figures).collect()
}
