//! One instance a folder.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use crate::durable::durable_write;
use crate::error::{FilesError, Result, at};
use crate::folder::create_folder;

const LOCK: &str = "LOCK";
const HOLDER: &str = "LOCK.holder";
/// A killed program may hold its lock for a moment longer.
const RETRIES: u32 = 3;
const PAUSE: Duration = Duration::from_millis(200);

/// The lock of a data folder. Released when dropped, and by the system when the program dies.
///
/// The lock itself is on `LOCK`; who holds it is told in `LOCK.holder` beside it, because Windows keeps every other
/// program from reading a locked file.
#[derive(Debug)]
pub struct FolderLock {
    dir: PathBuf,
    /// Holds the lock as long as it is open.
    _file: File,
}

/// Who holds a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Process id.
    pub pid: u32,
    /// What it announced, such as the port on which it can be told to come forward; empty before that.
    pub text: String,
}

impl FolderLock {
    /// Locks the folder, which is made if it is not there.
    ///
    /// # Errors
    /// [`FilesError::Locked`] when another instance holds it for more than 600 ms; [`FilesError::ReadOnly`] or
    /// [`FilesError::Denied`] where nothing can be written and so nobody else can either.
    pub fn acquire(dir: &Path) -> Result<Self> {
        create_folder(dir)?;
        let path = dir.join(LOCK);
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(at(&path))?;
        for attempt in 0..=RETRIES {
            match file.try_lock() {
                Ok(()) => {
                    let lock = Self { dir: dir.to_path_buf(), _file: file };
                    if let Err(error) = lock.announce("") {
                        // On a full disk the program must start nevertheless.
                        tracing::warn!(%error, "nobody can be told who holds the folder");
                    }
                    return Ok(lock);
                }
                Err(TryLockError::WouldBlock) if attempt < RETRIES => thread::sleep(PAUSE),
                Err(TryLockError::WouldBlock) => break,
                Err(TryLockError::Error(error)) => return Err(FilesError::from_io(&path, error)),
            }
        }
        Err(FilesError::Locked { path: dir.to_path_buf() })
    }

    /// Tells a second start how to reach this one: one line of text.
    ///
    /// # Errors
    /// What the system says of the file.
    pub fn announce(&self, text: &str) -> Result<()> {
        let line = text.lines().next().unwrap_or_default();
        durable_write(&self.dir.join(HOLDER), format!("{}\n{line}\n", std::process::id()).as_bytes())
    }

    /// Who holds the folder now; none when nobody does, or when the holder could not tell.
    #[must_use]
    pub fn holder(dir: &Path) -> Option<Holder> {
        let file = File::open(dir.join(LOCK)).ok()?;
        if !matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)) {
            return None;
        }
        let told = fs::read_to_string(dir.join(HOLDER)).ok()?;
        let mut lines = told.lines();
        let pid = lines.next()?.parse().ok()?;
        Some(Holder { pid, text: lines.next().unwrap_or_default().to_owned() })
    }
}

impl Drop for FolderLock {
    fn drop(&mut self) {
        // Only tidiness: whoever reads it looks at the lock first.
        if let Err(error) = fs::remove_file(self.dir.join(HOLDER)) {
            tracing::debug!(%error, "the holder file stays behind");
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn one_instance_a_folder() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("数据/Data");
        assert_eq!(FolderLock::holder(&data), None);
        let first = FolderLock::acquire(&data).unwrap();
        first.announce("127.0.0.1:5123\nsecond line").unwrap();
        assert!(matches!(FolderLock::acquire(&data), Err(FilesError::Locked { path }) if path == data));
        let expected = Holder { pid: std::process::id(), text: "127.0.0.1:5123".to_owned() };
        assert_eq!(FolderLock::holder(&data), Some(expected));
        drop(first);
        assert_eq!(FolderLock::holder(&data), None);
        FolderLock::acquire(&data).unwrap();
    }

    #[test]
    fn a_lock_that_is_freed_soon_is_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let first = FolderLock::acquire(dir.path()).unwrap();
        let release = thread::Builder::new().name("release".to_owned());
        let releasing = release.spawn(move || {
            thread::sleep(PAUSE);
            drop(first);
        });
        FolderLock::acquire(dir.path()).unwrap();
        releasing.unwrap().join().unwrap();
    }
}
