//! Folders: syncing, moving, free space, leftovers.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use crate::durable::{PREFIX, SUFFIX};
use crate::error::{FilesError, Result, at};

/// Makes the names in a folder durable. Windows has no such call and needs none: there a name is durable with its file.
///
/// # Errors
/// What the system says of the folder.
pub fn sync_folder(dir: &Path) -> Result<()> {
    if cfg!(windows) {
        return Ok(());
    }
    match File::open(dir).and_then(|folder| folder.sync_all()) {
        // Some FUSE file systems have no sync of folders at all.
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
        result => result.map_err(at(dir)),
    }
}

/// Makes a folder, and those above it, durably. One that is there is left alone.
///
/// # Errors
/// What the system says of the folder.
pub fn create_folder(dir: &Path) -> Result<()> {
    let missing = dir.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists()).count();
    fs::create_dir_all(dir).map_err(at(dir))?;
    // A name is durable once the folder that holds it is synced.
    dir.ancestors()
        .skip(1)
        .take(missing)
        .try_for_each(|above| sync_folder(if above.as_os_str().is_empty() { Path::new(".") } else { above }))
}

/// Moves a folder within its file system and makes that durable. `to` must not exist.
///
/// # Errors
/// What the system says; [`FilesError::TargetBusy`] or [`FilesError::Denied`] while a file within is open on Windows.
pub fn move_folder(from: &Path, to: &Path) -> Result<()> {
    rename(from, to)?;
    from.parent().into_iter().chain(to.parent()).try_for_each(sync_folder)
}

/// The only rename of the workspace; both callers sync afterwards.
#[expect(clippy::disallowed_methods, reason = "the one place: durable_write and move_folder sync what they renamed")]
pub(crate) fn rename(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to).map_err(at(to))
}

/// Free bytes for this user on the disk of `path`, or of its nearest existing parent.
///
/// # Errors
/// What the system says of the folder.
pub fn free_space(path: &Path) -> Result<u64> {
    let existing = path.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("."));
    fs4::available_space(existing).map_err(at(path))
}

/// False when the folder is write-protected, so that the program can start and say so. Writes and removes an empty file.
///
/// # Errors
/// [`FilesError`] of any other kind, such as a full disk or a stick that is gone.
pub fn is_writable(dir: &Path) -> Result<bool> {
    let probe = dir.join(format!("{PREFIX}probe-{}{SUFFIX}", std::process::id()));
    let made = File::create(&probe).map(drop).and_then(|()| fs::remove_file(&probe));
    match made.map_err(at(dir)) {
        Ok(()) => Ok(true),
        Err(FilesError::ReadOnly { .. } | FilesError::Denied { .. }) => Ok(false),
        Err(other) => Err(other),
    }
}

/// Removes the temporary files that a killed program left in a folder. Returns how many. To be called under the lock
/// of the folder: the files of a running program look the same.
///
/// # Errors
/// What the system says of the folder or a file.
pub fn remove_leftovers(dir: &Path) -> Result<usize> {
    let mut removed = 0;
    for entry in fs::read_dir(dir).map_err(at(dir))? {
        let entry = entry.map_err(at(dir))?;
        let name = entry.file_name();
        let ours = name.to_str().is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX));
        if ours {
            fs::remove_file(entry.path()).map_err(at(&entry.path()))?;
            removed += 1;
        }
    }
    Ok(removed)
}
