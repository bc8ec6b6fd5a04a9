//! `stats`: counts and sums by month and kind, and the statistics of the window.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use piaoxia_domain::{InvoiceFilter, Month, Totals};
use piaoxia_engine::{Problem, Services};
use piaoxia_export::write_table;
use serde_json::{Value, json};

use super::args::{Filters, Mistake};
use super::ledger::{Need, with_ledger};
use super::table::{self, Column};
use super::{Cx, Ended, Fault, Outcome};
use crate::text::stats::{Breakdown, StatRow, StatTable, table as breakdown, value_text};

/// Options of `stats`.
#[derive(Debug, Args)]
pub struct Options {
    /// The deduction summary of a tax period instead (抵扣汇总).
    #[arg(long, conflicts_with_all = ["by", "export"])]
    pub deduction: bool,
    /// 税款所属期, yyyy-MM.
    #[arg(long, value_name = "yyyy-MM")]
    pub period: Option<Month>,
    /// By what, as the window's page 统计 has it; without it by month and kind. As there, 作废 does not count unless a status asks for it.
    #[arg(long, value_name = "month|rate|party|balance")]
    pub by: Option<ByWord>,
    /// How many parties of each direction are named.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub top: u32,
    /// Write the table to this workbook, too.
    #[arg(long, value_name = "FILE.xlsx")]
    pub export: Option<PathBuf>,
    /// The filters.
    #[command(flatten)]
    pub filters: Filters,
}

/// By what figures are broken down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ByWord {
    /// Month, direction and kind.
    Month,
    /// Month, direction and rate.
    Rate,
    /// 对方.
    Party,
    /// Output and input of each month.
    Balance,
}

impl From<ByWord> for Breakdown {
    fn from(word: ByWord) -> Self {
        match word {
            ByWord::Month => Self::Month,
            ByWord::Rate => Self::Rate,
            ByWord::Party => Self::Party,
            ByWord::Balance => Self::Balance,
        }
    }
}

const COLUMNS: [Column; 6] = [Column::Left(7), Column::Left(32), Column::Right(9), Column::Right(18), Column::Right(16), Column::Right(18)];

pub(super) async fn run(cx: &Cx, options: &Options) -> Ended {
    let mut filter = options.filters.filter().map_err(|mistake| Fault::mistake(&mistake, cx.text))?;
    match (options.deduction, options.period) {
        (true, Some(period)) => {
            let company = filter.company.take();
            if filter != InvoiceFilter::default() {
                return Err(Fault::mistake(&Mistake::DeductionFilters, cx.text));
            }
            return super::deduction::run(cx, company, period).await;
        }
        (true, None) => return Err(Fault::mistake(&Mistake::NoPeriod, cx.text)),
        (false, Some(_)) => return Err(Fault::mistake(&Mistake::IdlePeriod, cx.text)),
        (false, None) => {}
    }
    // 作废 does not count unless a status asks for it.
    filter.behind.without_void = filter.statuses.is_empty();
    if options.by.is_some() || options.export.is_some() {
        return figures(cx, options, filter).await;
    }
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

/// The statistics as the window shows them.
async fn figures(cx: &Cx, options: &Options, filter: InvoiceFilter) -> Ended {
    let of = options.by.map_or(Breakdown::Month, Breakdown::from);
    with_ledger(cx, Need::Read, async |services: &Services| {
        let figures = services.store().figures(filter, options.top as usize).await?;
        let table = breakdown(cx.text, &figures, of, None);
        if let Some(path) = &options.export {
            export(path, &table, of.name(cx.text), cx)?;
        }
        let columns: Vec<Column> = table
            .columns
            .iter()
            .map(|column| {
                let width = column.width as usize;
                if column.key.is_empty() { Column::Left(width) } else { Column::Right(width) }
            })
            .collect();
        let line = |cells: &[String]| table::line(&columns, &cells.iter().map(String::as_str).collect::<Vec<_>>());
        let cells = |row: &StatRow| row.values.iter().map(value_text).collect::<Vec<_>>();
        cx.out.row(&line(&table.columns.iter().map(|column| column.heading.clone()).collect::<Vec<_>>()));
        for row in &table.rows {
            cx.out.row(&line(&cells(row)));
            cx.out.record(&table.object(row));
        }
        cx.out.row(&line(&cells(&table.total)));
        cx.out.record(&json!({"total": table.object(&table.total)}));
        Ok(Outcome::Done)
    })
    .await
}

fn export(path: &Path, table: &StatTable, name: &str, cx: &Cx) -> Result<(), Fault> {
    write_table(path, &table.to_shown(name)).map_err(Problem::from)?;
    cx.say(&cx.text.stats.saved, &[("file", &path.display().to_string())]);
    Ok(())
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
