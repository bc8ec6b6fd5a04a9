//! Files that are there whole or not at all, whatever fails in between.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::{FilesError, Result, at};
use crate::folder::{rename, sync_folder};
use crate::target::check_target;

/// Temporary files start and end so; [`crate::remove_leftovers`] knows them by it.
pub(crate) const PREFIX: &str = ".piaoxia-";
pub(crate) const SUFFIX: &str = ".part";

/// A process may have 1,024 files open on a plain Linux.
const OPEN_AT_ONCE: usize = 64;

/// Writes a whole file: temporary file in the same folder, sync, rename, sync of the final file, sync of the folder.
///
/// # Errors
/// The [`FilesError`]; the old file, if any, is still there whole unless the last two syncs failed.
pub fn durable_write(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = DurableFile::create(path)?;
    file.write_all(bytes).map_err(|error| file.explain(error))?;
    file.finish().map(drop)
}

/// Writes many files with the same promise as [`durable_write`]; each folder is synced once.
///
/// # Errors
/// The first [`FilesError`]; any of the files may be there then, each of them whole.
pub fn durable_write_all(files: &[(PathBuf, &[u8])]) -> Result<()> {
    let mut folders = Folders::default();
    for some in files.chunks(OPEN_AT_ONCE) {
        let mut written = Vec::with_capacity(some.len());
        for (path, bytes) in some {
            let mut file = DurableFile::create(path)?;
            file.write_all(bytes).map_err(|error| file.explain(error))?;
            file.sync_temporary()?;
            written.push(file);
        }
        folders.settle(written)?;
    }
    folders.sync()
}

/// Finishes many files with the same promise as [`DurableFile::finish`]; each folder is synced once.
///
/// # Errors
/// The first [`FilesError`]; any of the files may be in place then, each of them whole, and the others are gone.
pub fn durable_finish_all(mut files: Vec<DurableFile>) -> Result<()> {
    let mut folders = Folders::default();
    files.iter_mut().try_for_each(DurableFile::sync_temporary)?;
    folders.settle(files)?;
    folders.sync()
}

/// Folders whose names are to be made durable.
#[derive(Default)]
struct Folders {
    /// Which files came out of.
    left: BTreeSet<PathBuf>,
    /// Which files came into.
    entered: BTreeSet<PathBuf>,
}

impl Folders {
    /// Puts files that are synced in their places.
    fn settle(&mut self, files: Vec<DurableFile>) -> Result<()> {
        for mut file in files {
            let length = file.put_in_place()?;
            file.verify(length)?;
            self.left.insert(folder_of(&file.temporary).to_path_buf());
            self.entered.insert(folder_of(&file.target).to_path_buf());
        }
        Ok(())
    }

    /// First those that files came out of: where a file system keeps no journal, an old name that outlived the new one would lead to
    /// the same file, and whoever removes it as a leftover would give that file's room away.
    fn sync(&self) -> Result<()> {
        let entered = self.entered.iter().filter(|folder| !self.left.contains(*folder));
        self.left.iter().chain(entered).try_for_each(|folder| sync_folder(folder))
    }
}

/// A file that is written step by step and appears at its target only when it is finished.
///
/// Dropped unfinished, its temporary file is removed and the target stays as it was.
#[derive(Debug)]
pub struct DurableFile {
    target: PathBuf,
    temporary: PathBuf,
    /// None once it is in place.
    file: Option<File>,
    /// A write that failed once has left a hole, even if the caller's writer swallowed the error.
    failed: bool,
}

impl DurableFile {
    /// Starts a file for this target, whose folder must exist.
    ///
    /// # Errors
    /// [`FilesError::TargetBusy`] when the target is open elsewhere, else what the system says of the folder.
    pub fn create(path: &Path) -> Result<Self> {
        check_target(path)?;
        let temporary = path.with_file_name(temporary_name());
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(&temporary).map_err(at(path))?;
        Ok(Self { target: path.to_path_buf(), temporary, file: Some(file), failed: false })
    }

    /// Starts a file whose name follows from what will be in it. It waits in this folder, which must exist and lie on the volume of
    /// the target, until [`DurableFile::aim`] says where it belongs; unnamed, it cannot be finished.
    ///
    /// # Errors
    /// What the system says of the folder.
    pub fn create_unnamed(folder: &Path) -> Result<Self> {
        let temporary = folder.join(temporary_name());
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(&temporary).map_err(at(folder))?;
        Ok(Self { target: folder.to_path_buf(), temporary, file: Some(file), failed: false })
    }

    /// Says where the file belongs.
    ///
    /// # Errors
    /// [`FilesError::TargetBusy`] when the target is open elsewhere.
    pub fn aim(&mut self, path: &Path) -> Result<()> {
        check_target(path)?;
        self.target = path.to_path_buf();
        Ok(())
    }

    /// The target; the folder of one that is not named yet.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.target
    }

    /// What a failed write means: for writers of archives and tables that wrap this one and hand its errors back.
    #[must_use]
    pub fn explain(&self, error: io::Error) -> FilesError {
        FilesError::from_io(&self.target, error)
    }

    /// Puts the file at its target. Returns its length in bytes, read from the finished file.
    ///
    /// # Errors
    /// The [`FilesError`]. The target is untouched unless only the syncs after the rename failed.
    pub fn finish(mut self) -> Result<u64> {
        self.sync_temporary()?;
        let length = self.put_in_place()?;
        self.verify(length)?;
        let (left, entered) = (folder_of(&self.temporary), folder_of(&self.target));
        if left != entered {
            sync_folder(left)?;
        }
        sync_folder(entered)?;
        Ok(length)
    }

    fn sync_temporary(&mut self) -> Result<()> {
        if self.failed {
            return Err(FilesError::Io { path: self.target.clone(), source: io::Error::other("a part of it could not be written") });
        }
        self.open_file().and_then(|file| file.sync_all()).map_err(at(&self.target))
    }

    /// Renames; returns the length that was written.
    fn put_in_place(&mut self) -> Result<u64> {
        let length = self.open_file().and_then(|file| file.metadata()).map_err(at(&self.target))?.len();
        // Closed first: Windows does not rename an open file.
        self.file = None;
        if let Err(error) = check_target(&self.target).and_then(|()| rename(&self.temporary, &self.target)) {
            self.remove_temporary();
            return Err(error);
        }
        Ok(length)
    }

    /// Syncs the final file and compares its length.
    fn verify(&self, length: u64) -> Result<()> {
        let file = OpenOptions::new().read(true).write(true).open(&self.target).map_err(at(&self.target))?;
        file.sync_all().map_err(at(&self.target))?;
        let found = file.metadata().map_err(at(&self.target))?.len();
        if found == length {
            return Ok(());
        }
        let source = io::Error::other(format!("{found} bytes are there, {length} were written"));
        Err(FilesError::Io { path: self.target.clone(), source })
    }

    fn open_file(&self) -> io::Result<&File> {
        self.file.as_ref().ok_or_else(|| io::Error::other("already finished"))
    }

    fn remove_temporary(&self) {
        if let Err(error) = std::fs::remove_file(&self.temporary) {
            tracing::warn!(path = %self.temporary.display(), %error, "a temporary file stays behind");
        }
    }

    fn noting<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        self.failed |= result.as_ref().is_err_and(|error| error.kind() != io::ErrorKind::Interrupted);
        result
    }
}

impl Write for DurableFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let result = self.open_file().and_then(|mut file| file.write(bytes));
        self.noting(result)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.open_file().and_then(|mut file| file.flush())
    }
}

impl Read for DurableFile {
    /// So that a writer can compare what it wrote before it replaces the target.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.open_file().and_then(|mut file| file.read(buffer))
    }
}

impl Seek for DurableFile {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.open_file().and_then(|mut file| file.seek(position))
    }
}

impl Drop for DurableFile {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            self.remove_temporary();
        }
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Not derived from the target: a name of 255 bytes leaves no room for more.
fn temporary_name() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("{PREFIX}{}-{}{SUFFIX}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}
