//! Export (导出): the ledger's rows to files, and the names that a pattern gives.

mod headings;
mod print;

pub use headings::of_line as line_heading;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use piaoxia_domain::invoice::Format;
use piaoxia_domain::names::{NamePattern, PatternError};
use piaoxia_domain::{Invoice, InvoiceFilter, InvoiceKey, TaxNumber};
use piaoxia_export::{Expected, ExportError, LinesTable, OriginalFile, Output, Print, Request, Source, SourceError, Table, Words, export};
use piaoxia_files::FilesError;
use piaoxia_store::{Sort, Store, StoreError};
use tokio_util::sync::CancellationToken;

use crate::event::ExportReport;
use crate::export_order::{ExportKind, ExportOrder, Selection};
use crate::outbox::panic_problem;
use crate::problem::{Problem, StoreFault, What};
use crate::reader::Reader;
use crate::services::Services;

/// Invoices that are held at once.
const PAGE: usize = 500;
/// Names that a preview shows.
const NAMES: usize = 5;
/// Invoices with a damaged original that a report names; more are counted.
const DAMAGED: usize = 100;

/// Folder of the data folder that exports go to where none was chosen; made with the first of them.
pub const EXPORT_FOLDER: &str = "exports";

/// Told how far it is, of how many steps. Called from a worker thread.
pub type Progress = Arc<dyn Fn(u64, u64) + Send + Sync>;

/// Exports what the order says. Nothing appears at the target before all of it was read back and agrees. Originals that are damaged or
/// missing are left out, and the report names their invoices.
///
/// # Errors
/// Nothing selected, a pattern that cannot be used, the target, the ledger, a data folder that is gone, no original but damaged ones, or
/// `stop` was called.
pub async fn run(services: &Services, order: ExportOrder, progress: Progress, stop: &CancellationToken) -> Result<ExportReport, Problem> {
    let store = services.store().clone();
    let mut ids = ids(&store, &order.selection, order.sort).await?;
    if order.kind == ExportKind::Print {
        ids = print::arranged(&store, &ids, order.print);
    }
    // Originals are hostile: what is to be printed is tried in a process of its own.
    let reader =
        (order.kind == ExportKind::Print).then(|| Reader::new(services.reader().cloned(), services.pace().reader, stop.child_token()));
    let target = order.target.display().to_string();
    let expected = Expected { invoices: ids.len() as u64, original_bytes: 0 };
    let request = Request { output: output(&order).map_err(|error| pattern_problem(&error).1)?, target: order.target, expected };
    let stop = stop.clone();
    let company = order.company;
    let data = services.data().clone();
    let own_folder = data.join(EXPORT_FOLDER);
    let work = move || {
        let mut source = Rows { store, data, ids, company, next: 0, reader, damaged: Damaged::default() };
        let written = make_own(&own_folder, &request.target).and_then(|()| {
            export(&request, &mut source, &|done, total| {
                progress(done, total);
                !stop.is_cancelled()
            })
        });
        (written, source.damaged)
    };
    let (written, damaged) = tokio::task::spawn_blocking(work).await.map_err(|_| panic_problem())?;
    let report = written.map_err(|error| match error {
        ExportError::NoOriginals if damaged.count > 0 => damaged.problem(),
        error => problem_of(error, &target),
    })?;
    Ok(ExportReport {
        files: report.files,
        totals: report.totals,
        voided: report.voided,
        originals: report.originals,
        without_original: report.without_original,
        damaged: damaged.numbers,
        damaged_count: damaged.count,
    })
}

/// Any other folder that is not there may lie on a stick that was pulled: it is told of, not made.
fn make_own(own: &Path, target: &Path) -> Result<(), ExportError> {
    if target.parent() != Some(own) {
        return Ok(());
    }
    fs::create_dir_all(own).map_err(|error| FilesError::from_io(own, error).into())
}

/// Names that a pattern gives to the first invoices of a filter.
///
/// # Errors
/// Where the pattern is wrong (in characters), and how; or the ledger, at 0.
pub async fn preview_names(services: &Services, pattern: &str, filter: InvoiceFilter) -> Result<Vec<String>, (usize, Problem)> {
    let pattern = NamePattern::parse(pattern).map_err(|error| pattern_problem(&error))?;
    let ledger = |error: StoreError| (0, error.into());
    let view = services.store().view(filter, Sort::default()).await.map_err(ledger)?;
    let first = view.ids.get(..NAMES.min(view.ids.len())).unwrap_or_default();
    let invoices = services.store().invoices(first).await.map_err(ledger)?;
    Ok(pattern.preview(&invoices, NAMES))
}

fn pattern_problem(error: &PatternError) -> (usize, Problem) {
    let at = match error {
        PatternError::UnknownField { at, .. }
        | PatternError::Unbalanced { at }
        | PatternError::Character { at, .. }
        | PatternError::EmptyLevel { at }
        | PatternError::TooDeep { at } => *at,
        _ => 0,
    };
    (at, Problem::new(What::Pattern, error.to_string()))
}

fn problem_of(error: ExportError, target: &str) -> Problem {
    let problem = Problem::from(error);
    // Some faults are of an invoice, which says more than the file.
    if problem.subject.is_some() { problem } else { problem.about(target) }
}

/// Four bytes an invoice: the only thing that grows with the selection.
async fn ids(store: &Store, selection: &Selection, sort: Sort) -> Result<Arc<[u32]>, Problem> {
    match selection {
        Selection::Filter(filter) => Ok(store.view(filter.as_ref().clone(), sort).await?.ids),
        Selection::Rows(ids) => Ok(Arc::clone(ids)),
    }
}

fn output(order: &ExportOrder) -> Result<Output, PatternError> {
    let table = || Table {
        columns: order.columns.clone(),
        words: Words {
            sheet: order.words.sheet.clone(),
            total: order.words.total.clone(),
            voided: order.words.voided.clone(),
            ..Words::default()
        },
    };
    let line_columns = || match order.line_columns.is_empty() {
        true => headings::of_lines(&order.columns, &order.words.line_headings),
        false => order.line_columns.clone(),
    };
    let lines = || order.lines_sheet.clone().map(|sheet| LinesTable { sheet, columns: line_columns() });
    Ok(match order.kind {
        ExportKind::Xlsx => Output::Xlsx { table: table(), lines: lines() },
        ExportKind::Csv => Output::Csv(table(), order.encoding),
        ExportKind::Jsonl => Output::Jsonl,
        ExportKind::Parquet => Output::Parquet(table()),
        ExportKind::OriginalsFolder => Output::OriginalsFolder(NamePattern::parse(&order.pattern)?),
        ExportKind::OriginalsZip => Output::OriginalsZip(NamePattern::parse(&order.pattern)?),
        ExportKind::Print => Output::Print(Print {
            per_sheet: order.print.per_sheet,
            group: order.print.group,
            footer: order.print.footer.then(|| order.words.print_footer.clone()),
            voided: order.words.voided.clone(),
            note: order.words.print_note.clone(),
        }),
    })
}

/// The ledger as the export reads it, on its worker thread.
struct Rows {
    store: Store,
    /// Data folder.
    data: PathBuf,
    ids: Arc<[u32]>,
    company: Option<TaxNumber>,
    next: usize,
    /// Tries the originals of a print.
    reader: Option<Reader>,
    damaged: Damaged,
}

/// Invoices of which an original is damaged or missing.
#[derive(Default)]
struct Damaged {
    numbers: Vec<String>,
    count: u64,
}

impl Damaged {
    fn add(&mut self, key: &InvoiceKey) {
        self.count += 1;
        if self.numbers.len() < DAMAGED {
            self.numbers.push(key.to_string());
        }
    }

    /// Nothing else was to be exported.
    fn problem(&self) -> Problem {
        let detail = format!("the originals of {} invoices are damaged or missing", self.count);
        let first = self.numbers.first().cloned().unwrap_or_default();
        Problem::new(What::Store(StoreFault::OriginalDamaged), detail).about(first)
    }
}

impl Source for Rows {
    fn next_page(&mut self) -> Result<Option<Vec<Invoice>>, SourceError> {
        let end = (self.next + PAGE).min(self.ids.len());
        let Some(page) = self.ids.get(self.next..end).filter(|page| !page.is_empty()) else { return Ok(None) };
        let invoices = piaoxia_store::wait(self.store.invoices(page)).map_err(ledger)?;
        self.next = end;
        Ok(Some(match &self.company {
            Some(company) => invoices.into_iter().map(|invoice| invoice.seen_by(company)).collect(),
            None => invoices,
        }))
    }

    fn originals(&mut self, key: &InvoiceKey) -> Result<Vec<OriginalFile>, SourceError> {
        let (mut files, mut is_whole) = (Vec::new(), true);
        for original in piaoxia_store::wait(self.store.originals_of(key)).map_err(ledger)? {
            // A print has no use for it.
            if self.reader.is_some() && original.format == Format::Xml {
                continue;
            }
            match piaoxia_store::wait(self.store.read_original(original.sha256)) {
                Ok(bytes) => files.push(OriginalFile { format: original.format, bytes }),
                Err(error @ (StoreError::OriginalMissing { .. } | StoreError::OriginalDamaged { .. })) => {
                    // With a medium that was pulled, all of them would be left out.
                    fs::metadata(&self.data).map_err(|error| ledger(FilesError::from_io(&self.data, error).into()))?;
                    tracing::warn!(%error, "an original is left out of an export");
                    is_whole = false;
                }
                Err(error) => return Err(ledger(error)),
            }
        }
        if !is_whole {
            self.damaged.add(key);
        }
        if let Some(reader) = &mut self.reader {
            files.retain(|file| reader.try_print(file.format, &file.bytes));
        }
        Ok(files)
    }

    fn formats(&mut self, key: &InvoiceKey) -> Result<Vec<Format>, SourceError> {
        let originals = piaoxia_store::wait(self.store.originals_of(key)).map_err(ledger)?;
        Ok(originals.into_iter().map(|original| original.format).collect())
    }
}

fn ledger(error: StoreError) -> SourceError {
    SourceError(Box::new(error))
}
