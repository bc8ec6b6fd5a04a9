//! `stats --deduction`: 抵扣汇总 of a tax period.

use piaoxia_domain::{Month, TaxNumber};
use piaoxia_engine::Services;
use piaoxia_engine::deduction::{DeductionTotals, Used, summary};
use serde_json::{Value, json};

use super::ledger::{Need, with_ledger};
use super::table::{self, Column};
use super::{Cx, Ended, Outcome};
use crate::text::deduction_use;
use crate::text::stats::deducted;

const COLUMNS: [Column; 6] =
    [Column::Left(20), Column::Left(32), Column::Right(9), Column::Right(18), Column::Right(16), Column::Right(16)];

pub(super) async fn run(cx: &Cx, company: Option<TaxNumber>, period: Month) -> Ended {
    with_ledger(cx, Need::Read, async |services: &Services| {
        let summary = summary(services, company, period).await?;
        let month = period.to_string();
        if summary.is_empty() {
            cx.say(&cx.text.deduction.nothing, &[("period", &month)]);
        } else {
            let common = &cx.text.common;
            let words = &cx.text.deduction;
            let head = [&words.col_use, &words.col_kind, &common.count, &common.net, &common.tax, &words.col_effective_tax];
            cx.out.row(&table::line(&COLUMNS, &head.map(String::as_str)));
        }
        for ((used, kind), totals) in &summary {
            cx.out.row(&line([deduction_use(&cx.text.deduction, *used), cx.text.kind_short(kind)], totals, *used == Used::Deduct));
            let mut object = json!({"period": month, "use": used.word(), "kind": kind.code(), "kind_name": kind.name()});
            with_totals(&mut object, totals);
            cx.out.record(&object);
        }
        let deducted = deducted(&summary);
        if !summary.is_empty() {
            cx.out.row(&line([&cx.text.deduction.total, ""], &deducted, true));
        }
        let mut total = json!({});
        with_totals(&mut total, &deducted);
        cx.out.record(&json!({"period": month, "total": total}));
        Ok(Outcome::Done)
    })
    .await
}

fn with_totals(object: &mut Value, totals: &DeductionTotals) {
    if let Value::Object(fields) = object {
        fields.insert("invoices".to_owned(), json!(totals.invoices));
        fields.insert("net".to_owned(), json!(totals.net));
        fields.insert("tax".to_owned(), json!(totals.tax));
        fields.insert("effective_tax".to_owned(), json!(totals.effective_tax));
        fields.insert("effective_tax_assumed".to_owned(), json!(totals.assumed));
    }
}

/// A tax is deductible only where the invoice is ticked for it.
fn line(heads: [&str; 2], totals: &DeductionTotals, is_deducted: bool) -> String {
    let (invoices, net) = (totals.invoices.to_string(), totals.net.grouped());
    let effective_tax = if is_deducted { totals.effective_tax.grouped() } else { String::new() };
    let [used, kind] = heads;
    table::line(&COLUMNS, &[used, kind, &invoices, &net, &totals.tax.grouped(), &effective_tax])
}
