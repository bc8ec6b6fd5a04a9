//! `export`: invoices of the ledger to files.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use piaoxia_domain::InvoiceFilter;
use piaoxia_domain::names::DEFAULT_PATTERN;
use piaoxia_engine::event::ExportReport;
use piaoxia_engine::{ExportKind, ExportOrder, PrintOrder, Selection, Services, export, templates};
use piaoxia_export::{Column, Encoding};
use piaoxia_store::Sort;
use serde_json::json;

use super::args::{Export, ExportWord, Mistake};
use super::ledger::{Need, with_ledger};
use super::stats::with_totals;
use super::{Cx, Ended, Fault, Outcome};
use crate::reduce::{export_words, heading};
use crate::text::{Text, damaged_text, fill, voided_text};

/// Pause between two lines of progress.
pub(super) const PROGRESS: Duration = Duration::from_secs(2);

pub(super) async fn run(cx: &Cx, options: &Export) -> Ended {
    let mistake = |mistake| Fault::mistake(&mistake, cx.text);
    match (options.format, &options.postings) {
        (Some(ExportWord::Posting), Some(table)) => return super::posting::run(cx, options, table).await,
        (Some(ExportWord::Posting), None) => return Err(mistake(Mistake::NoPostings)),
        (_, Some(_)) => return Err(mistake(Mistake::IdlePostings)),
        (_, None) => {}
    }
    let (target, last_day) = options.target_and_last_day().map_err(mistake)?;
    let filter = options.which.filter(last_day).map_err(mistake)?;
    let target = std::path::absolute(&target).unwrap_or(target);
    with_ledger(cx, Need::Read, async |services: &Services| {
        let order = ordered(cx, services, options, filter, target).await?;
        let kind = order.kind;
        let report = export::run(services, order, progress(cx), &cx.stop).await?;
        tell(cx, kind, &report);
        let is_originals = matches!(kind, ExportKind::OriginalsFolder | ExportKind::OriginalsZip);
        let all = report.damaged_count == 0 && !(is_originals && report.without_original > 0);
        Ok(if all { Outcome::Done } else { Outcome::SomeRefused })
    })
    .await
}

/// What the template says, and over it what was typed.
async fn ordered(cx: &Cx, services: &Services, options: &Export, filter: InvoiceFilter, target: PathBuf) -> Result<ExportOrder, Fault> {
    let mistake = |mistake| Fault::mistake(&mistake, cx.text);
    let typed = options.format.map(|format| kind(format, &target));
    let pattern = options.pattern.clone().unwrap_or_else(|| DEFAULT_PATTERN.to_owned());
    let mut order = order(cx.text, typed.unwrap_or(ExportKind::Xlsx), filter, pattern.clone(), target);
    order.print = options.print.order();
    if let Some(name) = &options.template {
        let Some(template) = templates::find(services, name).await? else {
            let kept = templates::kept(services).await?;
            let names = kept.iter().chain(templates::built_in()).map(|template| template.name.clone()).collect();
            return Err(mistake(Mistake::NoTemplate { wanted: name.clone(), names }));
        };
        if template.kind().is_none() && typed.is_none() {
            return Err(mistake(Mistake::NewerTemplate { name: template.name, format: template.format }));
        }
        order.lines_sheet = Some(cx.text.export.lines_sheet_name.clone());
        template.fill(&mut order, |column| heading(cx.text, column).to_owned());
        order.kind = typed.unwrap_or(order.kind);
        if options.pattern.is_some() {
            order.pattern = pattern;
        }
    }
    if let Some(encoding) = options.encoding {
        if order.kind != ExportKind::Csv {
            return Err(mistake(Mistake::IdleEncoding));
        }
        order.encoding = encoding.into();
    }
    Ok(order)
}

/// An export as the window orders it, with the columns that it offers first.
pub(super) fn order(text: &Text, kind: ExportKind, filter: InvoiceFilter, pattern: String, target: PathBuf) -> ExportOrder {
    ExportOrder {
        kind,
        company: filter.company.clone(),
        selection: Selection::Filter(Box::new(filter)),
        sort: Sort::default(),
        columns: Column::DEFAULT.into_iter().map(|column| (column, heading(text, column).to_owned())).collect(),
        encoding: Encoding::default(),
        lines_sheet: None,
        line_columns: Vec::new(),
        words: export_words(text),
        pattern,
        print: PrintOrder::default(),
        target,
    }
}

fn kind(format: ExportWord, target: &Path) -> ExportKind {
    match format {
        ExportWord::Xlsx => ExportKind::Xlsx,
        ExportWord::Csv => ExportKind::Csv,
        ExportWord::Jsonl => ExportKind::Jsonl,
        ExportWord::Parquet => ExportKind::Parquet,
        ExportWord::Print => ExportKind::Print,
        ExportWord::Originals if target.extension().is_some_and(|found| found.eq_ignore_ascii_case("zip")) => ExportKind::OriginalsZip,
        ExportWord::Originals | ExportWord::Posting => ExportKind::OriginalsFolder,
    }
}

/// A line every other second, for people.
pub(super) fn progress(cx: &Cx) -> export::Progress {
    let (out, template) = (cx.out.clone(), cx.text.cli.progress.clone());
    let told = Mutex::new(Instant::now());
    Arc::new(move |done, total| {
        let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.elapsed() >= PROGRESS {
            *told = Instant::now();
            out.say(&fill(&template, &[("done", &done.to_string()), ("total", &total.to_string())]));
        }
    })
}

fn tell(cx: &Cx, kind: ExportKind, report: &ExportReport) {
    let (count, gross) = (report.totals.invoices.to_string(), report.totals.gross.grouped());
    let said = fill(&cx.text.cli.exported, &[("n", &count), ("gross", &gross)]);
    cx.out.say(&format!("{said}{}", voided_text(cx.text, report.voided)));
    let word = word(kind);
    if matches!(word, ExportWord::Originals | ExportWord::Print) {
        let (originals, without) = (report.originals.to_string(), report.without_original.to_string());
        cx.say(&cx.text.export.done_originals, &[("n", &originals), ("without", &without)]);
    }
    if let Some(damaged) = damaged_text(cx.text, report) {
        cx.out.say(&damaged);
    }
    for file in &report.files {
        cx.out.say(&file.display().to_string());
    }
    let word = clap::ValueEnum::to_possible_value(&word).map(|value| value.get_name().to_owned());
    let mut object = json!({
        "format": word,
        "files": report.files,
        "voided": report.voided,
        "originals": report.originals,
        "without_original": report.without_original,
        "damaged": report.damaged,
        "damaged_count": report.damaged_count,
    });
    with_totals(&mut object, &report.totals);
    cx.out.object(&object);
}

fn word(kind: ExportKind) -> ExportWord {
    match kind {
        ExportKind::Xlsx => ExportWord::Xlsx,
        ExportKind::Csv => ExportWord::Csv,
        ExportKind::Jsonl => ExportWord::Jsonl,
        ExportKind::Parquet => ExportWord::Parquet,
        ExportKind::Print => ExportWord::Print,
        ExportKind::OriginalsFolder | ExportKind::OriginalsZip => ExportWord::Originals,
    }
}
