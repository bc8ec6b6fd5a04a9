//! A copy of the ledger on another disk (本机备份): what a stick that breaks or is lost takes along is then still here.
//!
//! The copy is a data folder without its index: `snap/N.bak` and `originals/`. It is opened like any other, or copied back.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use piaoxia_files::{DurableFile, FilesError, create_folder, durable_write_all, move_folder, remove_leftovers};

use crate::core::Core;
use crate::digest::Digest;
use crate::error::{Result, damaged};
use crate::keep::{Folders, SNAPSHOTS};
use crate::snapshot;
use crate::store::Store;

/// In a data folder: a backup that is being put back. Nothing of it counts before it has its second name.
const COMING: &str = "restoring";
/// The same, whole: it takes the ledger's place, now or at the next opening.
const COME: &str = "restored";
/// Originals that are synced together.
const TOGETHER: usize = 32;

/// What a backup came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BackedUp {
    /// [`Store::generation`] of the ledger in it.
    pub generation: u64,
    /// Originals that were copied this time.
    pub originals: u64,
    /// Originals that are not what they were when they were kept: they are left out, and what an earlier backup has of them stays.
    pub damaged: u64,
    /// False when it was stopped before every original was copied.
    pub whole: bool,
}

impl Store {
    /// Copies the ledger as it is now into a folder of another disk, durably; the two copies before it stay.
    ///
    /// # Errors
    /// Why the ledger cannot be read or the folder not be written.
    pub async fn back_up(&self, to: &Path) -> Result<BackedUp> {
        let to = to.to_path_buf();
        let generation = self.read(move |core| core.back_up(&to)).await?;
        Ok(BackedUp { generation, whole: true, ..BackedUp::default() })
    }
}

impl Core {
    fn back_up(&self, to: &Path) -> Result<u64> {
        let folders = Folders::of(to);
        create_folder(&folders.snapshots)?;
        remove_leftovers(&folders.snapshots)?;
        snapshot::write(&folders.snapshots, &self.state, self.engine()?, &self.setup.probe)?;
        let mut kept = snapshot::files(&folders.snapshots)?;
        let superfluous = kept.len().saturating_sub(SNAPSHOTS);
        for (_, path) in kept.drain(..superfluous) {
            fs::remove_file(&path).map_err(|error| FilesError::from_io(&path, error))?;
        }
        Ok(self.state.seq)
    }
}

/// Copies the originals that the backup does not have. `told` hears of each file looked at, and how many there are; it says
/// whether to go on. Blocks.
///
/// # Errors
/// Why a folder cannot be read, or the backup not be written.
pub fn back_up_originals(data: &Path, to: &Path, told: &mut dyn FnMut(u64, u64) -> bool) -> Result<BackedUp> {
    let (from, to) = (data.join("originals"), to.join("originals"));
    let mut files = Vec::new();
    if from.is_dir() {
        collect(&from, &mut files)?;
    }
    let mut done = BackedUp { whole: true, ..BackedUp::default() };
    let mut pending: Vec<(PathBuf, Vec<u8>)> = Vec::new();
    for (number, (path, digest)) in files.iter().enumerate() {
        if !told(number as u64, files.len() as u64) {
            done.whole = false;
            break;
        }
        let target = to.join(path.strip_prefix(&from).unwrap_or(path));
        if target.exists() {
            continue;
        }
        let bytes = fs::read(path).map_err(|error| FilesError::from_io(path, error))?;
        if Digest::of(&bytes) != *digest {
            done.damaged += 1;
            continue;
        }
        pending.push((target, bytes));
        if pending.len() == TOGETHER {
            done.originals += write(&mut pending)?;
        }
    }
    done.originals += write(&mut pending)?;
    Ok(done)
}

fn write(pending: &mut Vec<(PathBuf, Vec<u8>)>) -> Result<u64> {
    for (target, _) in &*pending {
        target.parent().map_or(Ok(()), create_folder)?;
    }
    let files: Vec<(PathBuf, &[u8])> = pending.iter().map(|(path, bytes)| (path.clone(), bytes.as_slice())).collect();
    durable_write_all(&files)?;
    let written = pending.len() as u64;
    pending.clear();
    Ok(written)
}

/// Files whose name is a hash, in folders below folders.
fn collect(folder: &Path, files: &mut Vec<(PathBuf, Digest)>) -> Result<()> {
    let explain = |error| FilesError::from_io(folder, error);
    for entry in fs::read_dir(folder).map_err(explain)? {
        let entry = entry.map_err(explain)?;
        let path = entry.path();
        if entry.file_type().map_err(explain)?.is_dir() {
            collect(&path, files)?;
        } else if let Some(digest) = entry.file_name().to_str().and_then(|name| name.parse().ok()) {
            files.push((path, digest));
        }
    }
    Ok(())
}

/// Puts a backup into a data folder, whose next opening builds the ledger from it. What the folder holds of a ledger is put
/// aside into `before-TIME/` first. `told` as in [`back_up_originals`]. Blocks. False when it was stopped: the ledger that was
/// there is then untouched, and the same can be asked again.
///
/// # Errors
/// Why the backup cannot be read or the folder not be written; [`crate::StoreError::Damaged`] when no copy in it is whole, before
/// anything is touched.
pub fn restore_backup(from: &Path, data: &Path, told: &mut dyn FnMut(u64, u64) -> bool) -> Result<bool> {
    let copies = snapshot::files(&Folders::of(from).snapshots)?;
    if !copies.iter().any(|(_, path)| snapshot::verify(path).is_ok()) {
        return Err(damaged(format!("no backup in {}", from.display())));
    }
    create_folder(data)?;
    if !back_up_originals(from, data, told)?.whole {
        return Ok(false);
    }
    let (coming, come) = (data.join(COMING), data.join(COME));
    remove_folder(&coming)?;
    let target = Folders::of(&coming).snapshots;
    create_folder(&target)?;
    for (_, path) in copies {
        if let Some(name) = path.file_name() {
            copy(&path, &target.join(name))?;
        }
    }
    move_folder(&coming, &come)?;
    finish_restoring(data)?;
    Ok(true)
}

/// Lets a backup that was put back take the ledger's place. Does nothing when there is none; begun and cut off, it goes on where
/// it was.
pub(crate) fn finish_restoring(data: &Path) -> Result<()> {
    let come = data.join(COME);
    let (new, place) = (Folders::of(&come).snapshots, Folders::of(data).snapshots);
    if new.is_dir() {
        put_ledger_aside(data)?;
        move_folder(&new, &place)?;
    }
    remove_folder(&come)
}

fn remove_folder(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(FilesError::from_io(folder, error).into()),
        _ => Ok(()),
    }
}

fn put_ledger_aside(data: &Path) -> Result<()> {
    let aside = data.join(format!("before-{}", Timestamp::now().as_millisecond()));
    for name in ["manifest", "rows", "journal", "snap", "db"] {
        let path = data.join(name);
        if path.exists() {
            create_folder(&aside)?;
            move_folder(&path, &aside.join(name))?;
        }
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let mut source = fs::File::open(from).map_err(|error| FilesError::from_io(from, error))?;
    let mut file = DurableFile::create(to)?;
    std::io::copy(&mut source, &mut file).map_err(|error| file.explain(error))?;
    file.finish()?;
    Ok(())
}
