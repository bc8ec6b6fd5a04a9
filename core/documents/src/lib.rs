//! Reads what a user holds in his hand - 数电 XML, 税控 XML, XBRL vouchers, OFD, PDF, the bureau's workbooks, and ZIP archives
//! of them - into invoices, and proves what can be proved offline. Nothing is written and nothing is fetched.
//!
//! Every file is hostile until it is read: sizes, depths and counts are bounded (`limits`), no entity is expanded, no
//! archive is unpacked to disk, and what cannot be read says why ([`Refused`]). What a reader had to guess is said too
//! ([`Warning`], [`Source`]).

mod archive;
mod container;
mod document;
mod einvoice;
mod encoding;
mod field;
mod file_name;
mod format;
mod inspection;
mod leaves;
mod limits;
mod lines;
mod markup;
mod ofd;
mod outline;
mod pdf;
mod qr;
mod raster;
mod refused;
mod seals;
mod shown;
mod statement;
mod values;
mod verdict;
mod workbook;
mod xml;

pub use archive::{Entry, read_all, walk};
pub use document::{Document, Source, Warning};
pub use field::Field;
pub use format::FileFormat;
pub use inspection::{InspectedLine, InspectedParty, InspectedSeal, InspectedVerdict, Inspection, Refusal, Words};
pub use ofd::{OfdPackage, PartName};
pub use refused::{OfdFault, PdfFault, Position, Refused, ZipFault};
pub use seals::examine_ofd;
pub use verdict::{Check, LineFault, LinePart, Outcome, Reason, SealReason, Verdict, against, verdicts, verdicts_trusting};

/// Reads one document. `name` is its file name: it is consulted where the document does not say its own kind.
///
/// # Errors
/// [`Refused`]; a ZIP is [`Refused::Archive`] and a workbook [`Refused::Workbook`]: both belong to [`read_all`] or [`walk`].
pub fn read(name: &str, bytes: &[u8]) -> Result<Document, Refused> {
    if bytes.is_empty() {
        return Err(Refused::Empty);
    }
    let format = format::of(bytes).ok_or(Refused::NotRecognised)?;
    let mut document = format::reader(format)(name, bytes)?;
    if format == FileFormat::Ofd {
        document.evidence.seals = examine_ofd(bytes)?;
    }
    Ok(document)
}
