//! Proof (核验): what the originals of an invoice say of themselves, and whether they say what the ledger says.

mod files;

use std::path::Path;

use piaoxia_documents::{Document, Field, Refused, Source, Verdict, against, read, verdicts_trusting};
use piaoxia_domain::{Invoice, InvoiceKey};
use piaoxia_seals::Trust;
use piaoxia_store::{Original, StoreError};
use tokio_util::sync::CancellationToken;

use crate::outbox::panic_problem;
use crate::problem::Problem;
use crate::reader::Reader;
use crate::services::Services;
use crate::trust::trusted;

pub use files::{FilesProof, prove_files};

/// One document after it was put to every check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaperProof {
    /// File name as it came.
    pub name: String,
    /// What was found, or why it cannot be read.
    pub found: Result<PaperFindings, Refused>,
}

/// What was found in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaperFindings {
    /// What it says, where each field came from, its seals.
    pub document: Box<Document>,
    /// Its fields one below the other, see [`Document::stated`].
    pub stated: Vec<(Field, String, Source)>,
    /// One verdict a check; the last one compares it with the ledger, where the ledger knows the invoice.
    pub verdicts: Vec<Verdict>,
}

impl PaperFindings {
    /// Puts a document to every check.
    #[must_use]
    pub fn of(document: Document, invoice: Option<&Invoice>, trust: &Trust) -> Self {
        let mut verdicts = verdicts_trusting(&document, trust);
        verdicts.extend(invoice.map(|invoice| against(&document, invoice)));
        Self { stated: document.stated(), document: Box::new(document), verdicts }
    }
}

/// Puts every original of an invoice to every check, in the order in which they came.
///
/// # Errors
/// The ledger does not know the invoice or cannot read an original.
pub async fn prove(services: &Services, key: &InvoiceKey) -> Result<Vec<PaperProof>, Problem> {
    let store = services.store();
    let unknown = || Problem::from(StoreError::UnknownInvoice { key: key.clone() });
    let invoice = store.get(key).await?.ok_or_else(unknown)?;
    let mut papers = Vec::new();
    for original in store.originals_of(&invoice.key).await? {
        let bytes = store.read_original(original.sha256).await?;
        papers.push((original, bytes));
    }
    let (data, authorities) = (services.data().to_path_buf(), services.authorities().to_vec());
    let halt = CancellationToken::new();
    let mut reader = Reader::new(services.reader().cloned(), services.pace().reader, halt.clone());
    // Whatever ends this, the reader is not left behind.
    let _halt = halt.drop_guard();
    let work = move || {
        let trust = trust(&data, &authorities);
        papers.iter().map(|(original, bytes)| examine(&mut reader, original, bytes, &invoice, &trust)).collect()
    };
    tokio::task::spawn_blocking(work).await.map_err(|_| panic_problem())
}

/// What the user trusts, and the authorities that the program was started with. A certificate that is refused is told by
/// `inspect`; here it is only not trusted.
fn trust(data: &Path, authorities: &[Vec<u8>]) -> Trust {
    trusted(data).0.with(Trust::from_certificates(authorities.iter().map(Vec::as_slice)).0)
}

/// What ends or hangs the reading process is never read in this one.
fn examine(reader: &mut Reader, original: &Original, bytes: &[u8], invoice: &Invoice, trust: &Trust) -> PaperProof {
    // Stops after two results: an original is one document.
    let document = match reader.try_out(&original.name, bytes, 2) {
        Some(harmful) => Err(harmful),
        None => read(&original.name, bytes),
    };
    let found = document.map(|document| PaperFindings::of(document, Some(invoice), trust));
    PaperProof { name: original.name.clone(), found }
}
