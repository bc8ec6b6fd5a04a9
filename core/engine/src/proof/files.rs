//! Documents on the user's disk, read and proved without being kept.

use std::ops::ControlFlow;
use std::path::PathBuf;

use piaoxia_documents::{Document, Entry, Refused, walk};
use piaoxia_domain::Invoice;
use piaoxia_files::FilesError;

use super::{PaperFindings, PaperProof, trust};
use crate::event::UnreadableFile;
use crate::import::read_limited;
use crate::outbox::panic_problem;
use crate::problem::{FileFault, Problem};
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
/// # Errors
/// The ledger cannot be read.
pub async fn prove_files(services: &Services, paths: Vec<PathBuf>) -> Result<FilesProof, Problem> {
    let (seen, mut proof) = tokio::task::spawn_blocking(move || read_all(&paths)).await.map_err(|_| panic_problem())?;
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

fn read_all(paths: &[PathBuf]) -> (Vec<Seen>, FilesProof) {
    let (mut seen, mut proof) = (Vec::new(), FilesProof::default());
    for path in paths {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        match read_limited(path) {
            Ok(Ok(bytes)) => walk(&name, &bytes, &mut |entry: Entry<'_>| {
                if seen.len() == SHOWN {
                    proof.more = true;
                    return ControlFlow::Break(());
                }
                let name = if entry.name == name { entry.name } else { format!("{name}/{}", entry.name) };
                seen.push(Seen { name, outcome: entry.outcome });
                ControlFlow::Continue(())
            }),
            Ok(Err(refused)) => seen.push(Seen { name, outcome: Err(refused) }),
            Err(error) => proof.unreadable.push(UnreadableFile { file: name, fault: FileFault::from(&FilesError::from_io(path, error)) }),
        }
    }
    (seen, proof)
}
