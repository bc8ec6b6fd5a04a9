//! JSON Lines.

use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, Write};
use std::path::Path;

use piaoxia_domain::{Invoice, Totals};
use piaoxia_files::DurableFile;

use crate::error::{ExportError, Report};
use crate::feed::{Feed, Steps};
use crate::proof::Proof;

const BUFFER: usize = 64 * 1024;

pub(crate) fn write(target: &Path, feed: Feed<'_>) -> Result<Report, ExportError> {
    let mut file = DurableFile::create(target)?;
    let mut written = Proof::default();
    let mut out = BufWriter::with_capacity(BUFFER, &mut file);
    let (sums, steps) = feed.each(&mut |invoice, _| line(&mut out, &mut written, invoice).map_err(ExportError::at(target)))?;
    out.flush().map_err(ExportError::at(target))?;
    drop(out);
    let (read, read_totals) = read_back(&mut file, target, &steps)?;
    if let Some(what) = written.difference(&read) {
        return Err(ExportError::differs(target, what));
    }
    if read_totals != sums.totals {
        return Err(ExportError::differs(target, format!("sums of {} instead of {}", read_totals.gross, sums.totals.gross)));
    }
    file.finish()?;
    steps.finished();
    Ok(Report::of_table(target, sums, 0))
}

fn line<W: Write>(mut out: W, proof: &mut Proof, invoice: &Invoice) -> io::Result<()> {
    let mut line = serde_json::to_vec(invoice)?;
    proof.value(proof.rows(), 0, &line);
    proof.row();
    line.push(b'\n');
    out.write_all(&line)
}

fn read_back<F: Read + Seek>(mut file: F, target: &Path, steps: &Steps<'_>) -> Result<(Proof, Totals), ExportError> {
    file.rewind().map_err(ExportError::at(target))?;
    let mut proof = Proof::default();
    let mut totals = Totals::default();
    for line in BufReader::with_capacity(BUFFER, file).split(b'\n') {
        let line = line.map_err(ExportError::at(target))?;
        steps.check(proof.rows())?;
        let invoice: Invoice = serde_json::from_slice(&line).map_err(|error| ExportError::differs(target, error.to_string()))?;
        proof.value(proof.rows(), 0, &line);
        proof.row();
        totals.add(&invoice);
    }
    Ok((proof, totals))
}
