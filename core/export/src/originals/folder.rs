//! Originals as files in a folder.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::thread;

use piaoxia_domain::names::NamePattern;
use piaoxia_files::durable_write_all;

use super::shelf::Shelf;
use crate::error::{ExportError, Report};
use crate::feed::Feed;
use crate::source::OriginalFile;

/// What is written, synced and read back at once.
const BATCH_FILES: usize = 128;
const BATCH_BYTES: usize = 16 << 20;
/// Syncing waits for the disk, and the disk takes several together: eight writers are three times as fast as one.
const WRITERS: usize = 8;

pub(crate) fn write(target: &Path, pattern: &NamePattern, feed: Feed<'_>) -> Result<Report, ExportError> {
    let label = target.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let units = std::path::absolute(target).map_err(ExportError::at(target))?.to_string_lossy().encode_utf16().count() + 1;
    let mut shelf = Shelf::new(pattern, &label, units);
    let mut writing = Writing { target, made: Made::default(), known: HashSet::new(), batch: Vec::new(), bytes: 0 };
    let mut originals = 0;
    let mut without_original = 0;
    let (sums, steps) = feed.each(&mut |invoice, source| {
        let files = source.originals(&invoice.key)?;
        without_original += u64::from(files.is_empty());
        let paths = shelf.place(invoice, &files);
        for (path, file) in paths.into_iter().zip(files) {
            writing.add(path, file, &mut shelf)?;
            originals += 1;
        }
        Ok(())
    })?;
    if originals == 0 {
        return Err(ExportError::NoOriginals);
    }
    writing.flush()?;
    writing.made.keep();
    steps.finished();
    Ok(Report::of_originals(vec![target.to_path_buf()], sums, originals, without_original))
}

struct Writing<'a> {
    target: &'a Path,
    made: Made,
    /// Folders that are known to be there.
    known: HashSet<PathBuf>,
    batch: Vec<(PathBuf, Vec<u8>)>,
    bytes: usize,
}

impl Writing<'_> {
    /// Takes a file. A file with the same bytes that is there already is kept, so that exporting again into the same
    /// folder adds only what is new; a different one is never overwritten.
    fn add(&mut self, mut path: String, file: OriginalFile, shelf: &mut Shelf<'_>) -> Result<(), ExportError> {
        let mut place = self.open_folders(&path)?;
        while place.symlink_metadata().is_ok() {
            if is_same(&place, &file.bytes) {
                return Ok(());
            }
            path = shelf.place_again(&path, &file);
            place = self.target.join(&path);
        }
        self.bytes = self.bytes.saturating_add(file.bytes.len());
        self.batch.push((place, file.bytes));
        if self.batch.len() >= BATCH_FILES || self.bytes >= BATCH_BYTES { self.flush() } else { Ok(()) }
    }

    /// Makes the target and the folders below it. Never through a link: what is below the target stays below it.
    fn open_folders(&mut self, path: &str) -> Result<PathBuf, ExportError> {
        let mut place = self.target.to_path_buf();
        self.open_folder(&place)?;
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for name in folder.split('/').filter(|name| !name.is_empty()) {
            place.push(name);
            self.open_folder(&place)?;
        }
        Ok(self.target.join(path))
    }

    fn open_folder(&mut self, folder: &Path) -> Result<(), ExportError> {
        if self.known.contains(folder) {
            return Ok(());
        }
        match fs::create_dir(folder) {
            Ok(()) => self.made.folders.push(folder.to_path_buf()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                // The target itself may be a link: it is what the user chose.
                let found = if folder == self.target { folder.metadata() } else { folder.symlink_metadata() };
                if !found.map_err(ExportError::at(folder))?.is_dir() {
                    return Err(ExportError::at(folder)(io::Error::from(io::ErrorKind::NotADirectory)));
                }
            }
            Err(error) => return Err(ExportError::at(folder)(error)),
        }
        self.known.insert(folder.to_path_buf());
        Ok(())
    }

    /// Writes the batch and reads it back.
    fn flush(&mut self) -> Result<(), ExportError> {
        let batch = std::mem::take(&mut self.batch);
        self.bytes = 0;
        self.made.files.extend(batch.iter().map(|(path, _)| path.clone()));
        let files: Vec<(PathBuf, &[u8])> = batch.iter().map(|(path, bytes)| (path.clone(), bytes.as_slice())).collect();
        write_side_by_side(&files)?;
        match batch.iter().find(|(path, bytes)| !is_same(path, bytes)) {
            Some((path, _)) => Err(ExportError::differs(path, "other bytes than the original")),
            None => Ok(()),
        }
    }
}

fn write_side_by_side(files: &[(PathBuf, &[u8])]) -> Result<(), ExportError> {
    let share = files.len().div_ceil(WRITERS).max(1);
    thread::scope(|scope| {
        let mut writers = Vec::new();
        for files in files.chunks(share) {
            let writer = thread::Builder::new().name("export-originals".to_owned());
            match writer.spawn_scoped(scope, move || durable_write_all(files)) {
                Ok(writer) => writers.push(writer),
                // No thread to be had: this one does it.
                Err(_) => durable_write_all(files)?,
            }
        }
        writers.into_iter().try_for_each(|writer| writer.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })?;
    Ok(())
}

/// True for a regular file with exactly these bytes.
fn is_same(path: &Path, bytes: &[u8]) -> bool {
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let is_candidate = path.symlink_metadata().is_ok_and(|found| found.is_file() && found.len() == length);
    is_candidate && fs::read(path).is_ok_and(|found| found == bytes)
}

/// What was made so far; removed again unless it is kept.
#[derive(Default)]
struct Made {
    files: Vec<PathBuf>,
    folders: Vec<PathBuf>,
}

impl Made {
    fn keep(&mut self) {
        self.files.clear();
        self.folders.clear();
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        // Best effort: the export has failed already, and its own error is the one to tell.
        self.files.iter().for_each(|file| drop(fs::remove_file(file)));
        self.folders.iter().rev().for_each(|folder| drop(fs::remove_dir(folder)));
    }
}
