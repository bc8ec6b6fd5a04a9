//! A damaged database is put aside, not thrown away.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use piaoxia_files::{FilesError, Result, move_folder};

/// Damaged databases that are kept.
const KEPT: usize = 2;
/// Windows moves no folder while a thread of the engine still has a file in it open.
const RETRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(100);

/// Moves `name` to `name.corrupt-TIME`. A folder that is not there needs no moving.
pub(crate) fn put_aside(dir: &Path, name: &str) -> Result<()> {
    let from = dir.join(name);
    if !from.exists() {
        return Ok(());
    }
    let prefix = format!("{name}.corrupt-");
    let to = dir.join(format!("{prefix}{}", Timestamp::now().as_millisecond()));
    let mut attempt = 0;
    while let Err(error) = move_folder(&from, &to) {
        let open = matches!(error, FilesError::TargetBusy { .. } | FilesError::Denied { .. });
        if !open || attempt >= RETRIES {
            return Err(error);
        }
        attempt += 1;
        thread::sleep(PAUSE);
    }
    remove_old(dir, &prefix)
}

fn remove_old(dir: &Path, prefix: &str) -> Result<()> {
    let entries = fs::read_dir(dir).map_err(|error| FilesError::from_io(dir, error))?;
    let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let mut kept: Vec<String> = names.filter(|name| name.starts_with(prefix)).collect();
    kept.sort();
    for name in kept.iter().rev().skip(KEPT) {
        let path = dir.join(name);
        fs::remove_dir_all(&path).map_err(|error| FilesError::from_io(&path, error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn the_two_newest_are_kept() {
        let dir = tempfile::tempdir().unwrap();
        for old in ["db.corrupt-1000000000001", "db.corrupt-1000000000002", "db.corrupt-1000000000003"] {
            fs::create_dir(dir.path().join(old)).unwrap();
        }
        put_aside(dir.path(), "db").unwrap();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 3);
        fs::create_dir(dir.path().join("db")).unwrap();
        put_aside(dir.path(), "db").unwrap();
        let left: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left.len(), 2, "{left:?}");
        assert!(dir.path().join("db.corrupt-1000000000003").exists());
    }
}
