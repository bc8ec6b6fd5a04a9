//! The data folder: found, locked, its ledger opened.

use std::path::{Path, PathBuf};

use piaoxia_files::{Environment, FilesError, FolderLock, resolve};
use piaoxia_store::{OpenOptions, OpenReport, Store};

use super::BootError;

/// A file that every ledger has; a folder that can be written nowhere is of use only with it.
const MANIFEST: &str = "manifest";
/// A folder that every ledger has; it is there even when the manifest is lost.
const JOURNAL: &str = "journal";

/// The data folder, held against other starts of the program.
#[derive(Debug)]
pub struct Locked {
    path: PathBuf,
    /// None on a write-protected medium, where nobody can change anything anyway.
    lock: Option<FolderLock>,
}

/// The data folder with its ledger open.
pub struct Folder {
    /// The ledger.
    pub store: Store,
    /// What opening it found.
    pub report: OpenReport,
    /// Released when this is dropped, after the ledger.
    held: Locked,
}

/// The data folder that the user named, else the one that this installation uses.
///
/// # Errors
/// The program cannot find itself, or there is no current folder.
pub fn place(explicit: Option<PathBuf>) -> Result<PathBuf, BootError> {
    let exe = std::env::current_exe()?;
    let beside = exe.parent().unwrap_or(Path::new("."));
    // Absolute, because it is shown, kept and compared.
    Ok(std::path::absolute(resolve(beside, explicit, &Environment::of_process()).path)?)
}

/// On a Windows that looks for libraries in the program's folder first, one that somebody left there would run as part of the program.
///
/// # Errors
/// Such a library lies there.
pub fn refuse_planted_libraries() -> Result<(), BootError> {
    let exe = std::env::current_exe()?;
    let planted = piaoxia_system::lying_beside(exe.parent().unwrap_or(Path::new(".")));
    planted.into_iter().next().map_or(Ok(()), |library| Err(BootError::Planted(library)))
}

/// True when a ledger is kept there, whole or not.
#[must_use]
pub fn has_ledger(data: &Path) -> bool {
    [MANIFEST, JOURNAL].into_iter().any(|part| data.join(part).exists())
}

impl Locked {
    /// Finds the folder and takes its lock. Waits 600 ms for one that is being let go.
    ///
    /// # Errors
    /// In use, or neither written nor read.
    pub fn acquire(explicit: Option<PathBuf>) -> Result<Self, BootError> {
        let path = place(explicit)?;
        match FolderLock::acquire(&path) {
            Ok(lock) => Ok(Self { path, lock: Some(lock) }),
            Err(FilesError::Locked { path }) => Err(BootError::InUse { path }),
            Err(FilesError::ReadOnly { .. } | FilesError::Denied { .. }) if path.join(MANIFEST).exists() => Ok(Self { path, lock: None }),
            Err(error) => Err(error.into()),
        }
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// True on a write-protected medium.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.lock.is_none()
    }

    /// Leaves word for a second start; on a write-protected medium there is no place for it.
    ///
    /// # Errors
    /// What the system says of the file.
    pub fn announce(&self, text: &str) -> Result<(), FilesError> {
        self.lock.as_ref().map_or(Ok(()), |lock| lock.announce(text))
    }

    /// Opens the ledger. Blocks.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn open(self) -> Result<Folder, BootError> {
        let options = OpenOptions { read_only: self.is_read_only() };
        match Store::open(&self.path, options) {
            Ok(opened) => Ok(Folder { store: opened.store, report: opened.report, held: self }),
            Err(error) => Err(BootError::Ledger { path: self.path.clone(), error }),
        }
    }
}

impl Folder {
    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.held.path()
    }

    /// True on a write-protected medium.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.held.is_read_only()
    }

    /// Closes the ledger and lets the folder go.
    pub async fn close(self) {
        if let Err(error) = self.store.close().await {
            tracing::error!(%error, "the ledger was not closed in order; it is checked at the next start");
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]
    use super::*;

    #[test]
    fn a_second_start_on_one_folder_is_refused_until_the_first_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        let first = Locked::acquire(Some(dir.path().to_path_buf())).unwrap();
        let Err(BootError::InUse { path }) = Locked::acquire(Some(dir.path().to_path_buf())) else { panic!("not refused") };
        assert_eq!(path, first.path());
        drop(first);
        let folder = Locked::acquire(Some(dir.path().to_path_buf())).unwrap().open().unwrap();
        assert_eq!(folder.report, OpenReport::Fresh);
        assert!(!folder.is_read_only());
        piaoxia_store::wait(folder.close());
        assert!(Locked::acquire(Some(dir.path().to_path_buf())).is_ok());
    }
}
