//! sled 0.34.7, with what it needs to be trusted (measured on FAT32, exFAT and ext4 with cut power).

use std::fs::{self, File, OpenOptions};
use std::io::ErrorKind;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use piaoxia_files::{FilesError, sync_folder};

use super::{Change, Each, Engine};
use crate::error::{Result, StoreError, damaged};

/// More costs memory and saves no time: the system has the file in its own cache (measured with 4, 8 and 32 MiB, up to 200,000 invoices).
const CACHE_BYTES: u64 = 4 << 20;
/// sled's own threads may hold its lock for a moment after it was dropped or killed.
const LOCK_RETRIES: u32 = 20;
const LOCK_PAUSE: Duration = Duration::from_millis(100);

/// sled in a folder of its own. One tree: its batches are atomic within a tree only.
pub(crate) struct SledEngine {
    db: sled::Db,
    dir: PathBuf,
    /// Second handles: sled's flush does not store the length of its file on Linux, and never its `conf`.
    synced: [File; 2],
}

impl SledEngine {
    /// Opens or creates. May panic on a damaged file; the caller catches that.
    pub(crate) fn open(dir: &Path) -> Result<Self> {
        remove_unfinished_snapshots(dir)?;
        let db = open_when_free(dir)?;
        let handle = |name: &str| {
            let path = dir.join(name);
            OpenOptions::new().read(true).write(true).open(&path).map_err(|error| FilesError::from_io(&path, error))
        };
        let synced = [handle("db")?, handle("conf")?];
        let mut engine = Self { db, dir: dir.to_path_buf(), synced };
        engine.flush()?;
        dir.parent().map_or(Ok(()), sync_folder)?;
        Ok(engine)
    }

    fn explain(&self, error: sled::Error) -> StoreError {
        explain(&self.dir, error)
    }
}

/// A program that was killed while sled opened leaves `snap.*.generating` behind, and sled never opens again.
fn remove_unfinished_snapshots(dir: &Path) -> Result<()> {
    let Ok(entries) = fs::read_dir(dir) else { return Ok(()) };
    for entry in entries.flatten() {
        let name = entry.file_name();
        if name.to_str().is_some_and(|name| name.starts_with("snap.") && name.ends_with(".generating")) {
            fs::remove_file(entry.path()).map_err(|error| FilesError::from_io(&entry.path(), error))?;
        }
    }
    Ok(())
}

fn open_when_free(dir: &Path) -> Result<sled::Db> {
    let config = sled::Config::new().path(dir).cache_capacity(CACHE_BYTES).flush_every_ms(None);
    let mut attempt = 0;
    loop {
        match config.open() {
            Ok(db) => return Ok(db),
            Err(error) if is_locked(&error) && attempt < LOCK_RETRIES => thread::sleep(LOCK_PAUSE),
            Err(error) => return Err(explain(dir, error)),
        }
        attempt += 1;
    }
}

/// sled has no kind for this.
fn is_locked(error: &sled::Error) -> bool {
    matches!(error, sled::Error::Io(error) if error.to_string().starts_with("could not acquire lock"))
}

fn explain(dir: &Path, error: sled::Error) -> StoreError {
    if is_locked(&error) {
        return StoreError::InUse { dir: dir.to_path_buf() };
    }
    match error {
        // It reads beyond the end of a file that was cut short.
        sled::Error::Io(error) if matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::InvalidData | ErrorKind::InvalidInput) => {
            damaged(format!("sled: {error}"))
        }
        sled::Error::Io(error) => FilesError::from_io(dir, error).into(),
        other => damaged(format!("sled: {other}")),
    }
}

impl Engine for SledEngine {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        let value = self.db.get(key).map_err(|error| self.explain(error))?;
        Ok(value.map(|value| value.to_vec()))
    }

    fn scan(&self, prefix: &[u8], each: &mut Each<'_>) -> Result<()> {
        for record in self.db.scan_prefix(prefix) {
            let (key, value) = record.map_err(|error| self.explain(error))?;
            each(&key, &value)?;
        }
        Ok(())
    }

    fn scan_between(&self, from: &[u8], to: Option<&[u8]>, each: &mut Each<'_>) -> Result<()> {
        let range = (Bound::Included(from), to.map_or(Bound::Unbounded, Bound::Excluded));
        for record in self.db.range::<&[u8], _>(range) {
            let (key, value) = record.map_err(|error| self.explain(error))?;
            each(&key, &value)?;
        }
        Ok(())
    }

    fn apply(&mut self, changes: &[Change<'_>]) -> Result<()> {
        let mut batch = sled::Batch::default();
        for (key, value) in changes {
            match value {
                Some(value) => batch.insert(*key, *value),
                None => batch.remove(*key),
            }
        }
        self.db.apply_batch(batch).map_err(|error| self.explain(error))
    }

    fn flush(&mut self) -> Result<()> {
        self.db.flush().map_err(|error| self.explain(error))?;
        for file in &self.synced {
            file.sync_all().map_err(|error| FilesError::from_io(&self.dir, error))?;
        }
        Ok(sync_folder(&self.dir)?)
    }
}
