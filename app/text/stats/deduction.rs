//! 抵扣汇总 as a table.

use piaoxia_domain::{Month, Used};
use piaoxia_export::Value;
use piaoxia_store::{DeductionSummary, DeductionTotals};

use super::behind::Narrow;
use super::table::{ColumnOf, StatColumn, StatRow, StatTable};
use crate::text::{Text, deduction_use};

/// The table of a tax period. Its last row is what the return deducts: nothing but what is ticked for 抵扣 is in it, and only there a tax
/// counts as deductible.
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
        let heads = [deduction_use(words, *used), text.kind_short(kind)];
        let narrow = Narrow { kind: Some(kind.clone()), ..narrow(vec![*used]) };
        StatRow { values: values(heads, totals, *used == Used::Deduct), words: Vec::new(), narrow }
    });
    let heads = [&*words.total, ""];
    let total = StatRow { values: values(heads, &deducted(summary), true), words: Vec::new(), narrow: narrow(vec![Used::Deduct]) };
    StatTable { columns, rows: rows.collect(), total }
}

/// 抵扣: what is ticked for it in this tax period.
#[must_use]
pub fn deducted(summary: &DeductionSummary) -> DeductionTotals {
    let mut deducted = DeductionTotals::default();
    summary.iter().filter(|((used, _), _)| *used == Used::Deduct).for_each(|(_, totals)| deducted.merge(totals));
    deducted
}

fn values(heads: [&str; 2], totals: &DeductionTotals, is_deducted: bool) -> Vec<Value> {
    let effective_tax = if is_deducted { Value::Amount(totals.effective_tax) } else { Value::Empty };
    let figures = [Value::Count(totals.invoices), Value::Amount(totals.net), Value::Amount(totals.tax), effective_tax];
    heads.map(|head| Value::Text(head.to_owned())).into_iter().chain(figures).collect()
}
