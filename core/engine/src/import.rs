//! Import (导入): documents from files and folders into the ledger.

mod find;
mod read;
mod report;

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use piaoxia_documents::{Field, Refused};
use piaoxia_domain::{Direction, Invoice, InvoiceKey, Money, TaxNumber};
use piaoxia_store::{Attached, Incoming, NewOriginal, Outcome, Source, StoreError, What as Became};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::event::{ImportReport, RefusedFile};
use crate::outbox::panic_problem;
use crate::problem::Problem;
use crate::reader::Reader;
use crate::services::Services;
pub use read::read_limited;
use read::{Files, Found, FoundOriginal, Read};
pub use report::{ReportWords, write_report};

/// Invoices and bytes of originals that one commit takes.
const BATCH: usize = 100;
const BATCH_BYTES: usize = 8 << 20;
/// Files that a report names as refused; a folder with more of them is the wrong folder, and the import ends there.
const REFUSED: usize = 100_000;
/// Notes of a report; more are counted.
const NOTES: usize = 1_000;

/// Told how many files are done, of how many; 0 while they are being counted. Called from a worker thread.
pub type Progress = Arc<dyn Fn(u64, u64) + Send + Sync>;

/// Reads files and folders into the ledger, with the documents themselves as originals. Which side of the deal we are on
/// is told by the companies that the service last named. What was read before a cancellation stays.
///
/// # Errors
/// The ledger cannot keep it, or `stop` was called. A file that is refused is no error: the report names it.
pub async fn run(services: &Services, paths: Vec<PathBuf>, progress: Progress, stop: &CancellationToken) -> Result<ImportReport, Problem> {
    let ours = services.known_companies().await?.into_iter().map(|company| company.tax_no).collect();
    let mut import = Import { services, ours, batch: Vec::new(), bytes: 0, report: ImportReport::default() };
    // Short, because each document on its way is held in memory.
    let (sender, mut read) = mpsc::channel(4);
    let halt = stop.child_token();
    let work = {
        let halt = halt.clone();
        let mut reader = Reader::new(services.reader().cloned(), services.pace().reader, halt.clone());
        tokio::task::spawn_blocking(move || Files { paths: &paths, sender, progress, halt }.read_all(&mut reader))
    };
    // Whatever ends this, the reader is not left behind.
    let _halt = halt.drop_guard();
    while let Some(one) = read.recv().await {
        import.take(one).await?;
        if import.report.refused.len() >= REFUSED {
            break;
        }
    }
    drop(read);
    import.keep().await?;
    work.await.map_err(|_| panic_problem())?;
    if stop.is_cancelled() { Err(Problem::cancelled()) } else { Ok(import.report) }
}

struct Import<'a> {
    services: &'a Services,
    ours: HashSet<TaxNumber>,
    batch: Vec<Found>,
    bytes: usize,
    report: ImportReport,
}

/// A document whose invoice is on its way into the ledger.
struct Paper {
    path: String,
    /// The amounts that it states.
    stated: Vec<(Field, Money)>,
    original: Option<FoundOriginal>,
}

impl Import<'_> {
    async fn take(&mut self, one: Read) -> Result<(), Problem> {
        match one {
            Read::Refused(file) => self.report.refused.push(file),
            Read::Unreadable(file) => self.report.unreadable.push(file),
            Read::Noted(note) => {
                self.report.note_count += 1;
                if self.report.notes.len() < NOTES {
                    self.report.notes.push(note);
                }
            }
            Read::Found(found) => {
                self.bytes += found.original.as_ref().map_or(0, |original| original.bytes.len());
                self.batch.push(*found);
                if self.batch.len() >= BATCH || self.bytes >= BATCH_BYTES {
                    self.keep().await?;
                }
            }
        }
        Ok(())
    }

    async fn keep(&mut self) -> Result<(), Problem> {
        self.bytes = 0;
        let batch = std::mem::take(&mut self.batch);
        if batch.is_empty() {
            return Ok(());
        }
        let (incoming, papers): (Vec<Incoming>, Vec<Paper>) = batch.into_iter().map(|found| self.apart(found)).unzip();
        match self.services.store().upsert(incoming.clone()).await {
            Ok(outcomes) => self.kept(outcomes, papers).await,
            // One of them is: the others are kept, and the files behind them are read.
            Err(StoreError::TooLarge { .. }) => self.keep_one_by_one(incoming, papers).await,
            Err(error) => Err(error.into()),
        }
    }

    async fn keep_one_by_one(&mut self, incoming: Vec<Incoming>, papers: Vec<Paper>) -> Result<(), Problem> {
        for (one, paper) in incoming.into_iter().zip(papers) {
            match self.services.store().upsert(vec![one]).await {
                Ok(outcomes) => self.kept(outcomes, vec![paper]).await?,
                Err(StoreError::TooLarge { .. }) => {
                    self.report.refused.push(RefusedFile { file: paper.path, reason: Refused::MoreThanKept });
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// The invoice as the ledger takes it, and its document.
    fn apart(&self, found: Found) -> (Incoming, Paper) {
        let Found { mut invoice, name, path, stated, original } = found;
        // A deduction list knows that its invoices were received, even of a company that we do not.
        let received = invoice.direction == Some(Direction::Received) || self.ours.contains(&invoice.buyer.tax_no);
        invoice.both_sides = self.ours.contains(&invoice.seller.tax_no) && received && invoice.seller.tax_no != invoice.buyer.tax_no;
        invoice.direction = self.direction(&invoice).or(invoice.direction);
        (Incoming { invoice, source: Source::Import(name) }, Paper { path, stated, original })
    }

    /// Once their invoices are in the ledger: compares documents with it, and keeps the originals.
    async fn kept(&mut self, outcomes: Vec<Outcome>, papers: Vec<Paper>) -> Result<(), Problem> {
        let new = outcomes.iter().filter(|outcome| matches!(outcome.what, Became::New)).count() as u64;
        self.report.new += new;
        self.report.known += outcomes.len() as u64 - new;
        let (mut attach, mut was_known) = (Vec::new(), Vec::new());
        for (outcome, paper) in outcomes.into_iter().zip(papers) {
            let is_known = !matches!(outcome.what, Became::New);
            if is_known {
                self.compare(&outcome.key, &paper).await?;
            }
            let Some(original) = paper.original else { continue };
            was_known.push(is_known);
            // Under the key that the ledger gave it.
            attach.push(NewOriginal { key: outcome.key, format: original.format, name: original.name, content: original.bytes.into() });
        }
        let attached = self.services.store().attach_originals(attach).await?;
        let second = attached.iter().zip(was_known).filter(|(attached, known)| *known && **attached == Attached::New);
        self.report.second_originals += second.count() as u64;
        self.services.touch(new);
        Ok(())
    }

    /// Tells of a document that states another amount than the ledger: one of them was tampered with or misread.
    async fn compare(&mut self, key: &InvoiceKey, paper: &Paper) -> Result<(), Problem> {
        if paper.stated.is_empty() {
            return Ok(());
        }
        let Some(invoice) = self.services.store().get(key).await? else { return Ok(()) };
        let known = |field| match field {
            Field::Net => invoice.net,
            Field::Tax => invoice.tax,
            _ => invoice.gross,
        };
        if let Some((field, stated)) = paper.stated.iter().copied().find(|(field, stated)| known(*field) != *stated) {
            let reason = Refused::OtherAmount { field, ledger: known(field), file: stated, kept: paper.original.is_some() };
            self.report.refused.push(RefusedFile { file: paper.path.clone(), reason });
        }
        Ok(())
    }

    /// A sale between two of our own companies is an issued invoice and stands in the books of both.
    fn direction(&self, invoice: &Invoice) -> Option<Direction> {
        if self.ours.contains(&invoice.seller.tax_no) {
            return Some(Direction::Issued);
        }
        self.ours.contains(&invoice.buyer.tax_no).then_some(Direction::Received)
    }
}
