//! Reading one file after the other, trying what is printed, and drawing pages of files, in processes of their own (this program again,
//! `piaoxia read-files`), so that a file which ends its reader, for want of memory or by a fault, costs that file alone.
//!
//! The process limits its own memory, see [`piaoxia_system::limit_memory`].

mod frame;
mod pages;
mod process;
mod serve;

use std::ffi::OsString;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Duration;

use piaoxia_documents::{Document, Entry, Field, Refused, Source, Warning, walk};
use piaoxia_domain::invoice::Format;
use piaoxia_domain::{Invoice, Money};
use tokio_util::sync::CancellationToken;

pub(crate) use pages::{Drawers, PageOrder};
use process::{Ended, Process};
pub use serve::serve;

/// Starts without an answer in a row after which files are read in this process instead.
const STARTS: u32 = 3;
/// Tries of a file. A reader can be ended from outside, too; what ends two of them is the file.
const TRIES: u32 = 2;

/// The program that reads files when it is started with these arguments: it calls [`serve()`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReaderProgram {
    /// Its executable, usually that of this process.
    pub program: PathBuf,
    /// What tells it to read files.
    pub arguments: Vec<OsString>,
}

/// What came of a file, or of an entry of it.
pub(crate) enum Parsed {
    Found(Box<ParsedInvoice>),
    Refused {
        /// Name of the entry, with its place in an archive or workbook.
        entry: String,
        reason: Refused,
    },
    /// Said beside an invoice: what of its workbook was not read, which is no fault.
    Noted {
        /// File name of the workbook.
        file: String,
        note: Warning,
    },
}

/// An invoice that was read.
pub(crate) struct ParsedInvoice {
    pub invoice: Invoice,
    /// Name of the entry, with its place in an archive or workbook.
    pub entry: String,
    /// File name of its document.
    pub file: String,
    /// The amounts that the document states, 价税合计 first: not those that were computed from others.
    pub stated: Vec<(Field, Money)>,
    /// What its document is kept as; none for a row of a workbook, and for the first of several invoices in a PDF.
    pub format: Option<Format>,
    /// The document's bytes; none where it is the whole file.
    pub bytes: Option<Vec<u8>>,
}

/// Takes results; a break ends the file.
pub(crate) type Each<'e> = dyn FnMut(Parsed) -> ControlFlow<()> + 'e;

/// Reads files in a process, which is started with the first of them.
pub(crate) struct Reader {
    program: Option<ReaderProgram>,
    process: Option<Process>,
    silence: Duration,
    halt: CancellationToken,
    failed_starts: u32,
}

impl Reader {
    /// Without a program, files are read in this process. A process that is silent for longer than `silence` is ended;
    /// when `halt` is called, too.
    pub(crate) fn new(program: Option<ReaderProgram>, silence: Duration, halt: CancellationToken) -> Self {
        Self { program, process: None, silence, halt, failed_starts: 0 }
    }

    /// Reads a file for nothing but to learn whether it ends or hangs its reader, and gives that refusal: what has not may be read in
    /// this process. At most so many results are waited for.
    pub(crate) fn try_out(&mut self, name: &str, bytes: &[u8], results: usize) -> Option<Refused> {
        let (mut number, mut harmful) = (0, None);
        self.read(name, bytes, &mut |parsed| {
            match parsed {
                Parsed::Refused { reason: reason @ (Refused::ReaderEnded | Refused::ReaderHung { .. }), .. } => harmful = Some(reason),
                // Told beside the document, which was counted.
                Parsed::Refused { reason: Refused::OtherInvoices { .. } | Refused::OtherDocuments { .. }, .. } | Parsed::Noted { .. } => {
                    return ControlFlow::Continue(());
                }
                _ => {}
            }
            number += 1;
            if number < results { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        harmful
    }

    /// Has an original read as a print reads it, and tells whether that ended well: then it may be printed by this process.
    pub(crate) fn try_print(&mut self, format: Format, bytes: &[u8]) -> bool {
        for _ in 0..TRIES {
            let Some(process) = self.process() else { return true };
            match process.try_print(format, bytes) {
                Ended::Done => return true,
                Ended::Silent => {
                    self.process = None;
                    break;
                }
                Ended::Stopped | Ended::Dead => self.process = None,
            }
            if self.halt.is_cancelled() {
                return false;
            }
        }
        tracing::warn!(?format, "an original that ends or hangs its reader is not printed");
        false
    }

    /// Reads a file and hands out what it holds. Every file ends with a result at least.
    pub(crate) fn read(&mut self, name: &str, bytes: &[u8], each: &mut Each<'_>) {
        let mut handed = 0;
        for _ in 0..TRIES {
            let Some(process) = self.process() else {
                return in_process(name, bytes, &mut skipping(handed, each));
            };
            // What was handed out before the reader ended comes again from the next one.
            let mut number = 0;
            let ended = process.read(name, bytes, &mut |parsed| {
                number += 1;
                if number <= handed {
                    return ControlFlow::Continue(());
                }
                handed = number;
                each(parsed)
            });
            match ended {
                Ended::Done => return,
                Ended::Stopped => return self.process = None,
                Ended::Silent => {
                    self.process = None;
                    let reason = Refused::ReaderHung { seconds: self.silence.as_secs() };
                    return refuse(name, reason, each);
                }
                Ended::Dead => self.process = None,
            }
            if self.halt.is_cancelled() {
                return;
            }
        }
        refuse(name, Refused::ReaderEnded, each);
    }

    fn process(&mut self) -> Option<&mut Process> {
        while self.process.is_none() {
            let program = self.program.as_ref()?;
            match Process::start(program, self.silence, &self.halt) {
                Ok(process) => {
                    self.process = Some(process);
                    self.failed_starts = 0;
                }
                Err(error) => {
                    tracing::warn!(program = %program.program.display(), %error, "the reading process does not start");
                    self.failed_starts += 1;
                    if self.failed_starts >= STARTS || self.halt.is_cancelled() {
                        self.program = None;
                    }
                }
            }
        }
        self.process.as_mut()
    }
}

fn refuse(name: &str, reason: Refused, each: &mut Each<'_>) {
    // The file is over either way.
    let _ended = each(Parsed::Refused { entry: name.to_owned(), reason });
}

fn skipping<'e>(handed: u64, each: &'e mut Each<'_>) -> impl FnMut(Parsed) -> ControlFlow<()> + 'e {
    let mut number = 0;
    move |parsed| {
        number += 1;
        if number <= handed { ControlFlow::Continue(()) } else { each(parsed) }
    }
}

fn in_process(name: &str, bytes: &[u8], each: &mut Each<'_>) {
    walk(name, bytes, &mut |entry| {
        let beside = unread(&entry);
        let mut flow = each(parsed(name, entry));
        for told in beside {
            if flow.is_continue() {
                flow = each(told);
            }
        }
        flow
    });
}

/// What the file of a document holds beside it, which nobody reads. Further invoices are told as a refusal, so that no import passes
/// for whole; sheets and columns as a note, since the bureau's own workbooks have some that the ledger has no place for.
fn unread(entry: &Entry<'_>) -> Vec<Parsed> {
    let Ok(document) = &entry.outcome else { return Vec::new() };
    let refused = |reason| Some(Parsed::Refused { entry: entry.name.clone(), reason });
    let told = document.warnings.iter().filter_map(|warning| match warning {
        Warning::OtherInvoices { next, count } => refused(Refused::OtherInvoices { next: next.clone(), count: *count }),
        Warning::OtherDocuments { count } => refused(Refused::OtherDocuments { count: *count }),
        Warning::SheetsLeftOut { .. } | Warning::ColumnsLeftOut { .. } | Warning::NumberRounded { .. } => {
            Some(Parsed::Noted { file: entry.file.to_owned(), note: warning.clone() })
        }
        _ => None,
    });
    told.collect()
}

fn stated(document: &Document) -> Vec<(Field, Money)> {
    let invoice = &document.invoice;
    let is_stated = |field| document.sources.get(&field).is_some_and(|source| *source != Source::Computed);
    let amounts = [(Field::Gross, invoice.gross), (Field::Net, invoice.net), (Field::Tax, invoice.tax)];
    amounts.into_iter().filter(|(field, _)| is_stated(*field)).collect()
}

fn parsed(name: &str, entry: Entry<'_>) -> Parsed {
    match entry.outcome {
        Ok(document) => {
            // A file of several invoices is no original of its first: it would be shown and printed with all of them. An OFD is
            // shown by its first document alone, and cannot be divided without breaking its seals.
            let is_shared = document.warnings.iter().any(|warning| matches!(warning, Warning::OtherInvoices { .. }));
            let format = document.format.original().filter(|_| !is_shared);
            let bytes = (format.is_some() && entry.name != name).then(|| entry.bytes.to_vec());
            let stated = stated(&document);
            let file = entry.file.to_owned();
            Parsed::Found(Box::new(ParsedInvoice { invoice: document.invoice, entry: entry.name, file, stated, format, bytes }))
        }
        Err(reason) => Parsed::Refused { entry: entry.name, reason },
    }
}
