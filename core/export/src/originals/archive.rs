//! Originals in a ZIP, or in several when one would grow too large.

use std::fs;
use std::io::{BufReader, Read, Seek, Write};
use std::path::{Path, PathBuf};

use piaoxia_domain::Invoice;
use piaoxia_domain::invoice::Format;
use piaoxia_domain::names::NamePattern;
use piaoxia_files::DurableFile;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use super::shelf::Shelf;
use crate::error::{ExportError, Report};
use crate::feed::{Feed, Steps};
use crate::proof::Proof;
use crate::source::OriginalFile;
use crate::zip_out::{ZipOut, io_error};

/// When a part is full: below the 4 GiB of a file on FAT32, and below the 65,535 entries of a plain ZIP.
#[derive(Clone, Copy)]
struct Limits {
    bytes: u64,
    entries: u64,
}

const LIMITS: Limits = Limits { bytes: 2_000_000_000, entries: 60_000 };

pub(crate) fn write(target: &Path, pattern: &NamePattern, feed: Feed<'_>) -> Result<Report, ExportError> {
    write_within(target, pattern, feed, LIMITS)
}

fn write_within(target: &Path, pattern: &NamePattern, feed: Feed<'_>, limits: Limits) -> Result<Report, ExportError> {
    let label = target.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let mut shelf = Shelf::new(pattern, &label, 0);
    let mut parts = Parts { target, limits, open: None, done: Vec::new() };
    let mut originals = 0;
    let mut without_original = 0;
    let (sums, steps) = feed.each(&mut |invoice, source| {
        let files = source.originals(&invoice.key)?;
        without_original += u64::from(files.is_empty());
        for (path, file) in shelf.place(invoice, &files).iter().zip(&files) {
            parts.add(path, invoice, file)?;
            originals += 1;
        }
        Ok(())
    })?;
    if originals == 0 {
        return Err(ExportError::NoOriginals);
    }
    let files = finish(parts.close()?, sums.totals.invoices, originals, &steps)?;
    steps.finished();
    Ok(Report::of_originals(files, sums, originals, without_original))
}

/// The parts of the archive. None of them is at its place yet.
struct Parts<'a> {
    target: &'a Path,
    limits: Limits,
    open: Option<Part>,
    done: Vec<Done>,
}

struct Part {
    zip: ZipWriter<ZipOut<DurableFile>>,
    path: PathBuf,
    bytes: u64,
    proof: Proof,
}

/// A part with its directory at the end, and what must be found in it.
struct Done {
    file: DurableFile,
    proof: Proof,
}

impl Part {
    fn close(self) -> Result<Done, ExportError> {
        let file = self.zip.finish().map_err(io_error).map_err(ExportError::at(&self.path))?.into_inner();
        Ok(Done { file, proof: self.proof })
    }
}

impl Parts<'_> {
    fn add(&mut self, path: &str, invoice: &Invoice, file: &OriginalFile) -> Result<(), ExportError> {
        // Headers hold the name twice; what compressing may add is far less than the limit leaves.
        let size = file.bytes.len().saturating_add(path.len().saturating_mul(2)).saturating_add(256);
        let size = u64::try_from(size).unwrap_or(u64::MAX);
        let part = self.part(size)?;
        part.bytes = part.bytes.saturating_add(size);
        part.proof.value(part.proof.rows(), 0, (path, &file.bytes));
        part.proof.row();
        let entry = part.zip.start_file(path, options(invoice, file)).map_err(io_error);
        entry.and_then(|()| part.zip.write_all(&file.bytes)).map_err(ExportError::at(&part.path))
    }

    /// The part that takes so many more bytes.
    fn part(&mut self, size: u64) -> Result<&mut Part, ExportError> {
        let Limits { bytes, entries } = self.limits;
        let is_full = |part: &Part| part.proof.rows() >= entries || part.bytes.saturating_add(size) > bytes;
        if let Some(full) = self.open.take_if(|part| is_full(part)) {
            self.done.push(full.close()?);
        }
        match &mut self.open {
            Some(part) => Ok(part),
            none => {
                let path = part_path(self.target, self.done.len() + 1);
                let file = DurableFile::create(&path)?;
                Ok(none.insert(Part { zip: ZipWriter::new(ZipOut::new(file)), path, bytes: 0, proof: Proof::default() }))
            }
        }
    }

    fn close(mut self) -> Result<Vec<Done>, ExportError> {
        if let Some(last) = self.open.take() {
            self.done.push(last.close()?);
        }
        Ok(self.done)
    }
}

/// Reads all parts back, then puts them in place.
fn finish(mut parts: Vec<Done>, invoices: u64, originals: u64, steps: &Steps<'_>) -> Result<Vec<PathBuf>, ExportError> {
    let mut seen = 0;
    for Done { file, proof: written } in &mut parts {
        let path = file.path().to_path_buf();
        let mut look = || {
            seen += 1;
            steps.check(invoices.saturating_mul(seen) / originals.max(1))
        };
        let read = read_back(file, &path, &mut look)?;
        if let Some(what) = written.difference(&read) {
            return Err(ExportError::differs(&path, what));
        }
    }
    let mut finished: Vec<PathBuf> = Vec::new();
    for Done { file, .. } in parts {
        let path = file.path().to_path_buf();
        if let Err(error) = file.finish() {
            // Half of an archive is worse than none: whoever finds it takes it for the whole.
            finished.iter().for_each(|part| drop(fs::remove_file(part)));
            return Err(error.into());
        }
        finished.push(path);
    }
    Ok(finished)
}

/// Reads every entry to its end, where the library compares its CRC.
fn read_back<F: Read + Seek>(mut file: F, path: &Path, look: &mut dyn FnMut() -> Result<(), ExportError>) -> Result<Proof, ExportError> {
    let damaged = ExportError::unreadable(path);
    file.rewind().map_err(ExportError::at(path))?;
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(io_error).map_err(&damaged)?;
    let mut proof = Proof::default();
    let mut bytes = Vec::new();
    for index in 0..archive.len() {
        look()?;
        let mut entry = archive.by_index(index).map_err(io_error).map_err(&damaged)?;
        bytes.clear();
        entry.read_to_end(&mut bytes).map_err(&damaged)?;
        let name = entry.name().map_err(io_error).map_err(&damaged)?.into_owned();
        proof.value(proof.rows(), 0, (name.as_str(), &bytes));
        proof.row();
    }
    Ok(proof)
}

/// `x.zip`, `x-2.zip`, `x-3.zip`.
pub(crate) fn part_path(target: &Path, number: usize) -> PathBuf {
    if number == 1 {
        return target.to_path_buf();
    }
    let mut name = target.file_stem().unwrap_or_default().to_os_string();
    name.push(format!("-{number}"));
    if let Some(extension) = target.extension() {
        name.push(".");
        name.push(extension);
    }
    target.with_file_name(name)
}

/// XML shrinks to a fifth; PDF and OFD are compressed already. The time of an entry is that of the invoice.
fn options(invoice: &Invoice, file: &OriginalFile) -> SimpleFileOptions {
    let method = match file.format {
        Format::Xml => CompressionMethod::Deflated,
        Format::Ofd | Format::Pdf => CompressionMethod::Stored,
    };
    let options = SimpleFileOptions::default().compression_method(method);
    match moment(invoice) {
        Some(time) => options.last_modified_time(time),
        None => options,
    }
}

/// None for a time that a ZIP cannot hold: before 1980.
fn moment(invoice: &Invoice) -> Option<DateTime> {
    let at = invoice.issued_at;
    let year = u16::try_from(at.year()).ok()?;
    let small = |number: i8| u8::try_from(number).ok();
    DateTime::from_date_and_time(year, small(at.month())?, small(at.day())?, small(at.hour())?, small(at.minute())?, small(at.second())?)
        .ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::common::{self, Ledger, originals, tree};
    use crate::source::SourceError;

    fn zipped(dir: &Path, ledger: &mut Ledger, limits: Limits) -> Result<Report, ExportError> {
        let feed = Feed::open(ledger, &common::go_on, 0).unwrap();
        write_within(&dir.join("原件.zip"), &NamePattern::parse("{number}").unwrap(), feed, limits)
    }

    #[test]
    fn a_full_archive_goes_on_in_the_next() {
        for limits in [Limits { entries: 16, ..LIMITS }, Limits { bytes: 60_000, ..LIMITS }] {
            let dir = tempfile::tempdir().unwrap();
            let report = zipped(dir.path(), &mut Ledger::of(25), limits).unwrap();
            let parts = ["原件.zip", "原件-2.zip", "原件-3.zip", "原件-4.zip"].map(|name| dir.path().join(name));
            assert_eq!(report.files, parts);
            let mut sizes = Vec::new();
            for part in parts {
                assert!(fs::metadata(&part).unwrap().len() <= limits.bytes);
                sizes.push(ZipArchive::new(fs::File::open(part).unwrap()).unwrap().len());
            }
            assert_eq!(sizes.iter().sum::<usize>(), 50);
            assert!(limits.entries != 16 || sizes == [16, 16, 16, 2], "{sizes:?}");
        }
    }

    #[test]
    fn a_failure_in_a_later_part_leaves_none() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("原件.zip"), "old").unwrap();
        let mut ledger = Ledger::of(1_000);
        ledger.before_page = Box::new(|first| if first == 400 { Err(SourceError(Box::from("gone"))) } else { Ok(()) });
        let result = zipped(dir.path(), &mut ledger, Limits { entries: 100, ..LIMITS });
        assert!(matches!(result, Err(ExportError::Source(_))), "{result:?}");
        assert_eq!((tree(dir.path()), fs::read(dir.path().join("原件.zip")).unwrap()), (vec!["原件.zip".to_owned()], b"old".to_vec()));
    }

    #[test]
    fn a_part_that_cannot_be_placed_takes_the_placed_ones_along() {
        let dir = tempfile::tempdir().unwrap();
        // A folder in the place of the second part.
        fs::create_dir(dir.path().join("原件-2.zip")).unwrap();
        let result = zipped(dir.path(), &mut Ledger::of(25), Limits { entries: 30, ..LIMITS });
        assert!(matches!(result, Err(ExportError::Files(_))), "{result:?}");
        assert_eq!(tree(dir.path()), Vec::<String>::new());
    }

    #[test]
    fn a_changed_byte_is_found() {
        let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let key = "26310000000000000001".parse().unwrap();
        let file = originals(&key).pop().unwrap();
        zip.start_file("a.pdf", options(&common::invoice(1), &file)).unwrap();
        zip.write_all(&file.bytes).unwrap();
        let mut cursor = zip.finish().unwrap();
        let mut look = || Ok(());
        read_back(&mut cursor, Path::new("a.zip"), &mut look).unwrap();
        *cursor.get_mut().get_mut(300).unwrap() ^= 1;
        let result = read_back(&mut cursor, Path::new("a.zip"), &mut look);
        assert!(matches!(&result, Err(ExportError::Verification { what, .. }) if what.contains("checksum")), "{result:?}");
    }
}
