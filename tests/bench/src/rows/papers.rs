//! Reading OFD and PDF originals: a folder of files into full records, signatures and checks left out.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use jiff::civil::date;
use piaoxia_bureau::originals::Originals;
use piaoxia_bureau::{Bureau, BureauConfig, Query};
use piaoxia_domain::invoice::Format;
use piaoxia_domain::{DateRange, Invoice, Money, Scope};

use super::{PYTHON, peer_file, works};
use crate::row::{Meter, PLAIN, Peer, Row, Task};

pub const READ_OFD: Row = Row {
    name: "read_ofd",
    count: 200,
    tiny: 5,
    prepare: |task| write_originals(task, Format::Ofd),
    ours,
    peers: &[Peer::Program { name: "ofd-core", command: ofd_core }, Peer::Program { name: "zipfile", command: zipfile }],
    ..PLAIN
};

pub const READ_PDF: Row = Row {
    name: "read_pdf",
    count: 200,
    tiny: 5,
    prepare: |task| write_originals(task, Format::Pdf),
    ours,
    peers: &[Peer::Program { name: "pymupdf", command: pymupdf }, Peer::Program { name: "pdftotext", command: pdftotext }],
    ..PLAIN
};

/// As many originals of a format as the task counts, of the first company of a simulated bureau.
pub(super) fn write_originals(task: &Task, format: Format) -> Result<()> {
    let today = date(2026, 6, 1);
    let bureau = Bureau::new(BureauConfig::new(5, 3 * task.count + 400, today));
    let originals = Originals::new(5)?;
    let dates = DateRange::new(date(2025, 1, 1), date(2026, 5, 31)).context("no range")?;
    let company = bureau.companies().first().context("no company")?;
    let mut written = 0;
    for scope in [Scope::Received, Scope::Issued] {
        let query = Query { scope, dates, kinds: Vec::new(), statuses: Vec::new(), deductions: Vec::new() };
        // In the text of a page the peers know a number by its twenty digits.
        let is_told = |invoice: &Invoice| format != Format::Pdf || invoice.key.code().is_none();
        let has_file = |invoice: &Invoice| Originals::formats(invoice).contains(&format) && is_told(invoice);
        let with_file = bureau.invoices(company.no, &query, today).filter(has_file);
        for invoice in with_file {
            if written == task.count {
                return Ok(());
            }
            let Some(region) = invoice.seller.tax_no.region() else { continue };
            let file = task.input.join(Originals::file_name(&invoice, format));
            fs::write(file, originals.file(&invoice, region, format)?)?;
            written += 1;
        }
    }
    anyhow::bail!("the bureau has only {written} invoices with a file of this format")
}

pub(super) fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<std::io::Result<Vec<_>>>()?;
    files.sort();
    Ok(files)
}

/// Count of invoices, a sum over the last nine digits of their numbers, and that of 价税合计 in 分.
fn ours(task: &Task, _meter: &mut Meter) -> Result<String> {
    let (mut count, mut numbers, mut gross) = (0, 0_u64, Money::ZERO);
    for file in files(&task.input)? {
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let document = piaoxia_documents::read(name, &fs::read(&file)?).map_err(|refused| anyhow::anyhow!("{name}: {refused:?}"))?;
        let number = document.invoice.key.number();
        numbers += number.get(number.len().saturating_sub(9)..).unwrap_or_default().parse::<u64>().context("a number")?;
        gross += document.invoice.gross;
        count += 1;
    }
    Ok(format!("{count} invoices, {numbers}, {}", gross.fen()))
}

/// Fewer files are not worth compiling a peer.
const WORTH_COMPILING: u64 = 100;

/// A crate of its own, compiled beside the input when it is not there yet.
fn ofd_core(task: &Task) -> Result<Option<Vec<String>>> {
    let target = task.input.with_file_name("ofd-core");
    let program = target.join("release/ofd-core-read");
    let (manifest, folder) = (peer_file("ofd-core/Cargo.toml"), target.display().to_string());
    let build = ["cargo", "build", "--quiet", "--release", "--locked", "--manifest-path", &manifest, "--target-dir", &folder];
    let built = task.count >= WORTH_COMPILING && (program.exists() || works(&build));
    Ok(built.then(|| vec![program.display().to_string(), task.input.display().to_string()]))
}

/// Python's own libraries on the attachment, which is less than we read: no page, no custom tags.
fn zipfile(task: &Task) -> Result<Option<Vec<String>>> {
    python(task, "ofd_read.py", "zipfile")
}

fn pymupdf(task: &Task) -> Result<Option<Vec<String>>> {
    python(task, "pdf_read.py", "fitz")
}

/// Poppler, started once for each file: its price includes the starts.
fn pdftotext(task: &Task) -> Result<Option<Vec<String>>> {
    if !works(&["pdftotext", "-v"]) {
        return Ok(None);
    }
    python(task, "pdf_poppler.py", "subprocess")
}

fn python(task: &Task, script: &str, needs: &str) -> Result<Option<Vec<String>>> {
    let there = works(&[PYTHON, "-c", &format!("import {needs}")]);
    Ok(there.then(|| vec![PYTHON.to_owned(), peer_file(script), task.input.display().to_string()]))
}
