//! `export`: invoices of the ledger to files.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use piaoxia_domain::InvoiceFilter;
use piaoxia_domain::names::DEFAULT_PATTERN;
use piaoxia_engine::event::ExportReport;
use piaoxia_engine::{ExportKind, ExportOrder, PrintOrder, Selection, Services, export};
use piaoxia_export::Column;
use piaoxia_store::Sort;
use serde_json::json;

use super::args::{Export, ExportWord, Mistake};
use super::ledger::{Need, with_ledger};
use super::stats::with_totals;
use super::{Cx, Ended, Fault, Outcome};
use crate::reduce::{export_words, heading};
use crate::text::{Text, fill};

/// Pause between two lines of progress.
pub(super) const PROGRESS: Duration = Duration::from_secs(2);

pub(super) async fn run(cx: &Cx, options: &Export) -> Ended {
    let mistake = |mistake| Fault::mistake(&mistake, cx.text);
    match (options.format, &options.postings) {
        (ExportWord::Posting, Some(table)) => return super::posting::run(cx, options, table).await,
        (ExportWord::Posting, None) => return Err(mistake(Mistake::NoPostings)),
        (_, Some(_)) => return Err(mistake(Mistake::IdlePostings)),
        (_, None) => {}
    }
    let (target, last_day) = options.target_and_last_day().map_err(mistake)?;
    let filter = options.which.filter(last_day).map_err(mistake)?;
    let target = std::path::absolute(&target).unwrap_or(target);
    let kind = kind(options.format, &target);
    let pattern = options.pattern.clone().unwrap_or_else(|| DEFAULT_PATTERN.to_owned());
    let order = ExportOrder { print: options.print.order(), ..order(cx.text, kind, filter, pattern, target) };
    with_ledger(cx, Need::Read, async |services: &Services| {
        let report = export::run(services, order, progress(cx), &cx.stop).await?;
        tell(cx, options.format, &report);
        let all = options.format != ExportWord::Originals || report.without_original == 0;
        Ok(if all { Outcome::Done } else { Outcome::SomeRefused })
    })
    .await
}

/// An export as the window orders it, with the columns that it offers first.
pub(super) fn order(text: &Text, kind: ExportKind, filter: InvoiceFilter, pattern: String, target: PathBuf) -> ExportOrder {
    ExportOrder {
        kind,
        selection: Selection::Filter(Box::new(filter)),
        sort: Sort::default(),
        columns: Column::DEFAULT.into_iter().map(|column| (column, heading(text, column).to_owned())).collect(),
        lines_sheet: None,
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

fn tell(cx: &Cx, format: ExportWord, report: &ExportReport) {
    let (count, gross) = (report.totals.invoices.to_string(), report.totals.gross.grouped());
    cx.say(&cx.text.cli.exported, &[("n", &count), ("gross", &gross)]);
    if matches!(format, ExportWord::Originals | ExportWord::Print) {
        let (originals, without) = (report.originals.to_string(), report.without_original.to_string());
        cx.say(&cx.text.export.done_originals, &[("n", &originals), ("without", &without)]);
    }
    for file in &report.files {
        cx.out.say(&file.display().to_string());
    }
    let word = clap::ValueEnum::to_possible_value(&format).map(|value| value.get_name().to_owned());
    let mut object = json!({
        "format": word,
        "files": report.files,
        "originals": report.originals,
        "without_original": report.without_original,
    });
    with_totals(&mut object, &report.totals);
    cx.out.object(&object);
}
