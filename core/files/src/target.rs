//! Whether a target may be replaced: nobody may have it open.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::path::Path;

use crate::error::{FilesError, Result};

/// Fails when the file at `path` is open in another program. A missing file is fine.
///
/// An office program does not keep other programs from renaming over its file on Linux; the user's next save would then
/// undo the export. So the owner file that Excel (`~$NAME`), WPS (`.~NAME`) and LibreOffice (`.~lock.NAME#`) put beside
/// an open document counts too, on every system.
///
/// # Errors
/// [`FilesError::TargetBusy`].
pub fn check_target(path: &Path) -> Result<()> {
    if !path.exists() {
        return Ok(());
    }
    if has_owner_file(path) {
        return Err(FilesError::TargetBusy { path: path.to_path_buf() });
    }
    match OpenOptions::new().write(true).open(path).map_err(|error| FilesError::from_io(path, error)) {
        Err(busy @ FilesError::TargetBusy { .. }) => Err(busy),
        // Whatever else is wrong with the old file, only the replacing itself can tell whether it matters.
        _ => Ok(()),
    }
}

fn has_owner_file(path: &Path) -> bool {
    let Some(name) = path.file_name() else { return false };
    [("~$", ""), (".~", ""), (".~lock.", "#")].into_iter().any(|(before, after)| {
        let mut owner = OsString::from(before);
        owner.push(name);
        owner.push(after);
        path.with_file_name(owner).exists()
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn an_owner_file_makes_its_document_busy() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("发票.xlsx");
        for owner in ["~$发票.xlsx", ".~发票.xlsx", ".~lock.发票.xlsx#"] {
            let owner = dir.path().join(owner);
            std::fs::write(&owner, "").unwrap();
            check_target(&target).unwrap();
            std::fs::write(&target, "").unwrap();
            assert!(matches!(check_target(&target), Err(FilesError::TargetBusy { path }) if path == target));
            std::fs::remove_file(&owner).unwrap();
            check_target(&target).unwrap();
            std::fs::remove_file(&target).unwrap();
        }
    }
}
