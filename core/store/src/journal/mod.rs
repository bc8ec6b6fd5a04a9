//! The journal: every commit, in append-only files that are synced before anything else knows of it.

mod frame;

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use piaoxia_files::{FilesError, sync_folder};

pub(crate) use frame::{Frame, Frames, encode, payload};

use crate::error::Result;
use crate::probe::{Probe, Step};

const EXTENSION: &str = "jnl";

/// A file of the journal: the first commit in it, and where it is.
pub(crate) type JournalFile = (u64, PathBuf);

/// The writing end.
pub(crate) struct Journal {
    dir: PathBuf,
    /// The file that is written to; none when the next commit begins a new one.
    open: Option<Open>,
    probe: Probe,
    rotate_bytes: u64,
    /// A failed write could not be taken back: nothing may follow it.
    stuck: bool,
}

struct Open {
    file: File,
    path: PathBuf,
    length: u64,
}

impl Journal {
    /// Goes on in a file that ends with a whole frame, or begins a new one with the next commit.
    pub(crate) fn resume(dir: &Path, last: Option<&Path>, probe: Probe, rotate_bytes: u64) -> Result<Self> {
        let open = last.map(Open::at_end).transpose()?;
        Ok(Self { dir: dir.to_path_buf(), open, probe, rotate_bytes, stuck: false })
    }

    /// Appends a frame durably, or leaves the journal as it was.
    pub(crate) fn append(&mut self, seq: u64, frame: &[u8]) -> Result<()> {
        if self.stuck {
            let source = std::io::Error::other("an earlier write could not be taken back");
            return Err(FilesError::Io { path: self.dir.clone(), source }.into());
        }
        if self.open.as_ref().is_none_or(|open| open.length >= self.rotate_bytes) {
            self.open = Some(Open::create(&self.dir, seq)?);
        }
        let Some(open) = &mut self.open else { return Ok(()) };
        let written = open.write(frame, &self.probe);
        if written.is_err() && open.take_back().is_err() {
            self.stuck = true;
        }
        written?;
        open.length += frame.len() as u64;
        Ok(())
    }

    /// Ends the file, so that older ones can be removed.
    pub(crate) fn rotate(&mut self) {
        self.open = None;
    }
}

impl Open {
    fn at_end(path: &Path) -> Result<Self> {
        let opened = OpenOptions::new().write(true).open(path).and_then(|mut file| {
            let length = file.seek(SeekFrom::End(0))?;
            Ok(Self { file, path: path.to_path_buf(), length })
        });
        Ok(opened.map_err(|error| FilesError::from_io(path, error))?)
    }

    fn create(dir: &Path, seq: u64) -> Result<Self> {
        let path = dir.join(format!("{seq:020}.{EXTENSION}"));
        // A file of this name holds no whole frame: else its commit would have been found and this one had another number.
        let file = File::create(&path).map_err(|error| FilesError::from_io(&path, error))?;
        sync_folder(dir)?;
        Ok(Self { file, path, length: 0 })
    }

    fn write(&mut self, frame: &[u8], probe: &Probe) -> Result<()> {
        let written = probe
            .pass(Step::JournalWrite)
            .and_then(|()| self.file.write_all(frame))
            .and_then(|()| probe.pass(Step::JournalSync))
            .and_then(|()| self.file.sync_all());
        Ok(written.map_err(|error| FilesError::from_io(&self.path, error))?)
    }

    fn take_back(&mut self) -> std::io::Result<()> {
        self.file.set_len(self.length)?;
        self.file.seek(SeekFrom::Start(self.length))?;
        self.file.sync_all()
    }
}

/// The files of the journal, oldest first.
pub(crate) fn files(dir: &Path) -> Result<Vec<JournalFile>> {
    numbered(dir, EXTENSION)
}

/// Files named by a number, smallest first. A folder that is not there has none.
pub(crate) fn numbered(dir: &Path, extension: &str) -> Result<Vec<(u64, PathBuf)>> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(FilesError::from_io(dir, error).into()),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| FilesError::from_io(dir, error))?.path();
        let number = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse().ok());
        if let Some(number) = number.filter(|_| path.extension().is_some_and(|found| found == extension)) {
            files.push((number, path));
        }
    }
    files.sort();
    Ok(files)
}

/// A whole file of the journal. They are little longer than the size at which they are ended.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|mut file| file.read_to_end(&mut bytes));
    read.map_err(|error| FilesError::from_io(path, error))?;
    Ok(bytes)
}

/// Bytes of all files.
pub(crate) fn size(files: &[JournalFile]) -> u64 {
    files.iter().filter_map(|(_, path)| fs::metadata(path).ok()).map(|metadata| metadata.len()).sum()
}
