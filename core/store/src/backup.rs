//! A copy of the ledger on another disk (本机备份): what a stick that breaks or is lost takes along is then still here.
//!
//! The copy is a data folder without its index: `snap/N.bak` and `originals/`. It is opened like any other, or copied back.
//!
//! A ledger that was put back from a backup shares its folder on other PCs with the ledger that it was copied from. The copy with the
//! highest number is always that of the ledger that was backed up last.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use piaoxia_files::{DurableFile, FilesError, create_folder, durable_write_all, move_folder, remove_leftovers};

use crate::core::Core;
use crate::digest::Digest;
use crate::error::{Result, damaged};
use crate::keep::Folders;
use crate::snapshot;
use crate::store::Store;
use crate::thin::stay;

/// In a data folder: a backup that is being put back. Nothing of it counts before it has its second name.
const COMING: &str = "restoring";
/// The same, whole: it takes the ledger's place, now or at the next opening.
const COME: &str = "restored";
/// In a backup: copies of a ledger that went on elsewhere, as `N.bak`. Nothing puts them back but a person who knows.
const ASIDE: &str = "aside";
/// Originals that are synced together.
const TOGETHER: usize = 32;

/// What a backup came to, or putting it back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BackedUp {
    /// [`Store::generation`] of the ledger in it.
    pub generation: u64,
    /// Originals that were copied this time.
    pub originals: u64,
    /// Originals that are not what they were when they were kept: they are left out, and what is there of them stays.
    pub damaged: u64,
    /// False when it was stopped before every original was copied.
    pub whole: bool,
}

impl Store {
    /// Copies the ledger as it is now into a folder of another disk, durably. Two earlier copies stay: one of an earlier day and one of
    /// about a week before, as far as there are such.
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
        let (folder, aside) = (Folders::of(to).snapshots, to.join(ASIDE));
        create_folder(&folder)?;
        remove_leftovers(&folder)?;
        self.keep_namesake(&folder, &aside)?;
        snapshot::write(&folder, &self.state, self.engine()?, &self.setup.probe)?;
        put_others_aside(&folder, self.state.seq, &aside)?;
        thin(&folder)?;
        thin(&aside)?;
        Ok(self.state.seq)
    }

    /// Copies aside what another ledger has left under the name that the next copy gets.
    fn keep_namesake(&self, folder: &Path, aside: &Path) -> Result<()> {
        let namesake = snapshot::files(folder)?.into_iter().find(|(seq, _)| *seq == self.state.seq);
        let Some((_, path)) = namesake.filter(|(_, path)| snapshot::verify(path).is_ok_and(|state| state != self.state)) else {
            return Ok(());
        };
        create_folder(aside)?;
        remove_leftovers(aside)?;
        path.file_name().map_or(Ok(()), |name| copy(&path, &aside.join(name)))
    }
}

/// Moves away what has a higher number than the copy just written: this ledger never came so far. The highest is the last to go, so that
/// a backup that is cut off leaves the ledger of before as the newest.
fn put_others_aside(folder: &Path, seq: u64, aside: &Path) -> Result<()> {
    for (_, path) in snapshot::files(folder)?.into_iter().filter(|(number, _)| *number > seq) {
        let Some(name) = path.file_name() else { continue };
        create_folder(aside)?;
        let target = aside.join(name);
        if target.exists() {
            remove_file(&target)?;
        }
        move_folder(&path, &target)?;
    }
    Ok(())
}

/// Removes the copies that need not stay beside the one with the highest number.
fn thin(folder: &Path) -> Result<()> {
    let mut copies = snapshot::files(folder)?;
    let Some((_, newest)) = copies.pop() else { return Ok(()) };
    let times: Vec<Timestamp> = copies.iter().map(|(_, path)| made_at(path)).collect();
    let staying = stay(made_at(&newest), &times);
    for (number, (_, path)) in copies.iter().enumerate() {
        if !staying.contains(&Some(number)) {
            remove_file(path)?;
        }
    }
    Ok(())
}

/// When a copy was written. One that was copied aside has the time of that, and one whose time cannot be told counts as old.
fn made_at(path: &Path) -> Timestamp {
    let modified = fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    modified.and_then(|at| Timestamp::try_from(at).ok()).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn remove_file(path: &Path) -> Result<()> {
    Ok(fs::remove_file(path).map_err(|error| FilesError::from_io(path, error))?)
}

/// Copies the originals that the backup does not have. `told` hears of each file looked at, and how many there are; it says
/// whether to go on. Blocks.
///
/// # Errors
/// Why a folder cannot be read, or the backup not be written.
pub fn back_up_originals(data: &Path, to: &Path, told: &mut dyn FnMut(u64, u64) -> bool) -> Result<BackedUp> {
    copy_originals(data, to, |target, _| target.exists(), told)
}

/// Copies the originals of `data` of which `has` does not say that they are at their place in `to` already.
fn copy_originals(data: &Path, to: &Path, has: fn(&Path, &Digest) -> bool, told: &mut dyn FnMut(u64, u64) -> bool) -> Result<BackedUp> {
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
        if has(&target, digest) {
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

/// True for an original that can be read and is what its name says.
fn is_whole(path: &Path, digest: &Digest) -> bool {
    fs::read(path).is_ok_and(|bytes| Digest::of(&bytes) == *digest)
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
/// aside into `before-TIME/` first; originals that are there and damaged are put right. `told` as in [`back_up_originals`]. Blocks.
/// Not whole when it was stopped: the ledger that was there is then untouched, and the same can be asked again.
///
/// # Errors
/// Why the backup cannot be read or the folder not be written; [`crate::StoreError::Damaged`] when no copy in it is whole, before
/// anything is touched.
pub fn restore_backup(from: &Path, data: &Path, told: &mut dyn FnMut(u64, u64) -> bool) -> Result<BackedUp> {
    let copies = snapshot::files(&Folders::of(from).snapshots)?;
    let Some(state) = copies.iter().rev().find_map(|(_, path)| snapshot::verify(path).ok()) else {
        return Err(damaged(format!("no backup in {}", from.display())));
    };
    create_folder(data)?;
    let done = BackedUp { generation: state.seq, ..copy_originals(from, data, is_whole, told)? };
    if !done.whole {
        return Ok(done);
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
    Ok(done)
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
