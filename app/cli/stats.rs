//! `stats`: counts and sums by month and kind.

use piaoxia_domain::Totals;
use piaoxia_engine::Services;
use serde_json::{Value, json};

use super::args::{Mistake, Stats};
use super::ledger::{Need, with_ledger};
use super::table::{self, Column};
use super::{Cx, Ended, Fault, Outcome};

const COLUMNS: [Column; 6] = [Column::Left(7), Column::Left(32), Column::Right(9), Column::Right(18), Column::Right(16), Column::Right(18)];

pub(super) async fn run(cx: &Cx, options: &Stats) -> Ended {
    match (options.deduction, options.period) {
        (true, Some(period)) => return super::deduction::run(cx, options.filters.which.company.clone(), period).await,
        (true, None) => return Err(Fault::mistake(&Mistake::NoPeriod, cx.text)),
        (false, Some(_)) => return Err(Fault::mistake(&Mistake::IdlePeriod, cx.text)),
        (false, None) => {}
    }
    let filter = options.filters.filter().map_err(|mistake| Fault::mistake(&mistake, cx.text))?;
    with_ledger(cx, Need::Read, async |services: &Services| {
        let mut rows = services.store().totals_by(filter).await?;
        rows.sort_by(|a, b| (a.month, a.kind.code()).cmp(&(b.month, b.kind.code())));
        let words = &cx.text.cli;
        let head =
            [&words.col_month, &words.col_kind, &cx.text.common.count, &cx.text.common.net, &cx.text.common.tax, &cx.text.common.gross];
        cx.out.row(&table::line(&COLUMNS, &head.map(String::as_str)));
        let mut total = Totals::default();
        for row in &rows {
            total.merge(&row.totals);
            let month = row.month.strftime("%Y-%m").to_string();
            cx.out.row(&line(&month, cx.text.kind(&row.kind), &row.totals));
            let mut object = json!({"month": month, "kind": row.kind.code(), "kind_name": row.kind.name()});
            with_totals(&mut object, &row.totals);
            cx.out.record(&object);
        }
        cx.out.row(&line(&cx.text.export.total, "", &total));
        cx.out.record(&json!({"total": totals(&total)}));
        Ok(Outcome::Done)
    })
    .await
}

/// `{"invoices","net","tax","gross"}`.
pub(super) fn totals(totals: &Totals) -> Value {
    let mut object = json!({});
    with_totals(&mut object, totals);
    object
}

/// The same fields, put into an object.
pub(super) fn with_totals(object: &mut Value, totals: &Totals) {
    if let Value::Object(fields) = object {
        fields.insert("invoices".to_owned(), json!(totals.invoices));
        fields.insert("net".to_owned(), json!(totals.net));
        fields.insert("tax".to_owned(), json!(totals.tax));
        fields.insert("gross".to_owned(), json!(totals.gross));
    }
}

fn line(month: &str, kind: &str, totals: &Totals) -> String {
    let invoices = totals.invoices.to_string();
    table::line(&COLUMNS, &[month, kind, &invoices, &totals.net.grouped(), &totals.tax.grouped(), &totals.gross.grouped()])
}
