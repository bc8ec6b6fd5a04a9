//! One state of a disk after a cut.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What is on the disk, and what the program had said before the cut.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Files by their paths below the folder; none for a folder.
    pub files: BTreeMap<PathBuf, Option<Vec<u8>>>,
    /// Everything that was written to standard output.
    pub said: String,
    /// The cut came after so many changes.
    pub after: usize,
}

impl State {
    /// Makes this state in an empty or missing folder.
    ///
    /// # Errors
    /// What the system says.
    pub fn put_into(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        for (path, content) in &self.files {
            let path = folder.join(path);
            match content {
                None => fs::create_dir_all(&path)?,
                Some(bytes) => {
                    path.parent().map_or(Ok(()), fs::create_dir_all)?;
                    fs::write(&path, bytes)?;
                }
            }
        }
        Ok(())
    }
}
