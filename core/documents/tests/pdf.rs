//! PDF originals of the sandbox, read back.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stderr, reason = "a test may panic")]

#[path = "support/invoices.rs"]
mod invoices;

use invoices::{KINDS, invoice, original};
use piaoxia_documents::read;
use piaoxia_domain::invoice::Format;

#[test]
fn dump() {
    for (kind, _) in KINDS {
        let pdf = original(&invoice(kind, 3), Format::Pdf);
        std::fs::write(format!("/tmp/pdf-{kind}.pdf"), &pdf).unwrap();
        let start = std::time::Instant::now();
        let read = read("a.pdf", &pdf);
        eprintln!("{kind} {} {:?}", pdf.len(), start.elapsed());
        match read {
            Ok(document) => eprintln!("{:#?}", (document.invoice, document.sources, document.warnings)),
            Err(refused) => eprintln!("{refused:?}"),
        }
    }
    let sample = std::fs::read("/work/shared/samples/ofdrw/xbrl-001.pdf").unwrap();
    eprintln!("{:#?}", read("a.pdf", &sample));
}
