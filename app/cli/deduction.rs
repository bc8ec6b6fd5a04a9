//! `stats --deduction`: 抵扣汇总 of a tax period.

use piaoxia_domain::{Month, TaxNumber};
use piaoxia_engine::Services;
use piaoxia_engine::deduction::{DeductionTotals, Used, summary};
use serde_json::{Value, json};

use super::ledger::{Need, with_ledger};
use super::table::{self, Column};
use super::{Cx, Ended, Outcome};
use crate::text::deduction_use;

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
        // What is not ticked is in no return: it stays out of the sum.
        let mut ticked = DeductionTotals::default();
        for ((used, kind), totals) in &summary {
            if *used != Used::Open {
                ticked.merge(totals);
            }
            cx.out.row(&line(deduction_use(&cx.text.deduction, *used), cx.text.kind(kind), totals));
            let mut object = json!({"period": month, "use": used.word(), "kind": kind.code(), "kind_name": kind.name()});
            with_totals(&mut object, totals);
            cx.out.record(&object);
        }
        if !summary.is_empty() {
            cx.out.row(&line(&cx.text.export.total, "", &ticked));
        }
        let mut total = json!({});
        with_totals(&mut total, &ticked);
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

fn line(used: &str, kind: &str, totals: &DeductionTotals) -> String {
    let (invoices, net) = (totals.invoices.to_string(), totals.net.grouped());
    table::line(&COLUMNS, &[used, kind, &invoices, &net, &totals.tax.grouped(), &totals.effective_tax.grouped()])
}
