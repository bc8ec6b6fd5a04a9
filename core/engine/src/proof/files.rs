//! Documents on the user's disk, read and proved without being kept.

use std::ops::ControlFlow;
use std::path::PathBuf;

use piaoxia_documents::{Document, Entry, Refused, walk};
use piaoxia_domain::Invoice;
use piaoxia_files::FilesError;
use tokio_util::sync::CancellationToken;

use super::{PaperFindings, PaperProof, trust};
use crate::event::UnreadableFile;
use crate::import::read_limited;
use crate::outbox::panic_problem;
use crate::problem::{FileFault, Problem};
use crate::reader::Reader;
use crate::services::Services;

/// Documents that are shown; an archive can hold thousands, which are for the import.
const SHOWN: usize = 100;

/// What was found in files that the user picked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilesProof {
    /// One entry a document, also of those within archives and workbooks.
    pub papers: Vec<PaperProof>,
    /// Files that the system would not give.
    pub unreadable: Vec<UnreadableFile>,
    /// There are more documents than are shown.
    pub more: bool,
}

/// A document before the ledger was asked for its invoice.
struct Seen {
    name: String,
    outcome: Result<Document, Refused>,
}

/// Reads files and puts what is in them to every check; the ledger is compared with where it knows the invoice. Nothing is kept.
///
/// A file is first tried out in the reading process: what ends or hangs that is refused, and never read in this one.
///
/// # Errors
/// The ledger cannot be read, or `stop` was called.
pub async fn prove_files(services: &Services, paths: Vec<PathBuf>, stop: &CancellationToken) -> Result<FilesProof, Problem> {
    let halt = stop.child_token();
    let reader = Reader::new(services.reader().cloned(), services.pace().reader, halt.clone());
    let reading = Reading { reader, seen: Vec::new(), proof: FilesProof::default(), halt: halt.clone() };
    // Whatever ends this, the reader is not left behind.
    let _halt = halt.drop_guard();
    let (seen, mut proof) = tokio::task::spawn_blocking(move || reading.all(&paths)).await.map_err(|_| panic_problem())?;
    if stop.is_cancelled() {
        return Err(Problem::cancelled());
    }
    let mut invoices = Vec::new();
    for Seen { outcome, .. } in &seen {
        invoices.push(match outcome {
            Ok(document) => services.store().get(&document.invoice.key).await?,
            Err(_) => None,
        });
    }
    let (data, authorities) = (services.data().to_path_buf(), services.authorities().to_vec());
    let work = move || {
        let trust = trust(&data, &authorities);
        let examine = |(Seen { name, outcome }, invoice): (Seen, Option<Invoice>)| {
            let found = outcome.map(|document| PaperFindings::of(document, invoice.as_ref(), &trust));
            PaperProof { name, found }
        };
        seen.into_iter().zip(invoices).map(examine).collect()
    };
    proof.papers = tokio::task::spawn_blocking(work).await.map_err(|_| panic_problem())?;
    Ok(proof)
}

struct Reading {
    reader: Reader,
    seen: Vec<Seen>,
    proof: FilesProof,
    halt: CancellationToken,
}

impl Reading {
    fn all(mut self, paths: &[PathBuf]) -> (Vec<Seen>, FilesProof) {
        for path in paths {
            if self.halt.is_cancelled() || self.proof.more {
                break;
            }
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            match read_limited(path) {
                Ok(Ok(bytes)) => self.one(&name, &bytes),
                Ok(Err(refused)) => self.seen.push(Seen { name, outcome: Err(refused) }),
                Err(error) => {
                    let fault = FileFault::from(&FilesError::from_io(path, error));
                    self.proof.unreadable.push(UnreadableFile { file: name, fault });
                }
            }
        }
        (self.seen, self.proof)
    }

    fn one(&mut self, name: &str, bytes: &[u8]) {
        let room = SHOWN - self.seen.len().min(SHOWN);
        if let Some(harmful) = self.reader.try_out(name, bytes, room + 1) {
            self.seen.push(Seen { name: name.to_owned(), outcome: Err(harmful) });
            return;
        }
        walk(name, bytes, &mut |entry: Entry<'_>| {
            if self.halt.is_cancelled() {
                return ControlFlow::Break(());
            }
            if self.seen.len() >= SHOWN {
                self.proof.more = true;
                return ControlFlow::Break(());
            }
            let name = if entry.name == name { entry.name } else { format!("{name}/{}", entry.name) };
            self.seen.push(Seen { name, outcome: entry.outcome });
            ControlFlow::Continue(())
        });
    }
}
