//! Finding the files of an import.

use std::fs::{self, ReadDir};
use std::path::{Path, PathBuf};

use crate::event::UnreadableFile;
use crate::problem::FileFault;
use piaoxia_files::FilesError;

/// Most files of one import.
pub(super) const FILES: u64 = 1_000_000;
/// Deepest nesting of folders.
const DEPTH: usize = 64;

/// What lies at a path.
pub(super) enum At {
    File(PathBuf),
    Unreadable(UnreadableFile),
}

/// Walks files and folders, each folder in turn, at most [`FILES`]. Links inside folders are not followed, and what
/// operating systems leave in folders is passed over.
pub(super) struct Finder<'a> {
    given: std::slice::Iter<'a, PathBuf>,
    folders: Vec<ReadDir>,
    left: u64,
}

impl<'a> Finder<'a> {
    pub(super) fn new(paths: &'a [PathBuf]) -> Self {
        Self { given: paths.iter(), folders: Vec::new(), left: FILES }
    }

    /// A path that the user named: here a link is meant.
    fn named(&mut self, path: &Path) -> Option<At> {
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => self.enter(path),
            Ok(found) if found.is_file() => Some(At::File(path.to_path_buf())),
            // A pipe would be waited for without an end.
            Ok(_) => Some(unreadable(path, std::io::ErrorKind::InvalidInput.into())),
            Err(error) => Some(unreadable(path, error)),
        }
    }

    fn enter(&mut self, folder: &Path) -> Option<At> {
        if self.folders.len() >= DEPTH {
            return None;
        }
        match fs::read_dir(folder) {
            Ok(entries) => {
                self.folders.push(entries);
                None
            }
            Err(error) => Some(unreadable(folder, error)),
        }
    }

    fn listed(&mut self, entry: &fs::DirEntry) -> Option<At> {
        let path = entry.path();
        // What the folder's list says already: no file is touched to be counted.
        match entry.file_type() {
            Ok(found) if found.is_symlink() => None,
            Ok(found) if found.is_dir() => self.enter(&path),
            Ok(found) if found.is_file() && !is_litter(&path) => Some(At::File(path)),
            Ok(_) => None,
            Err(error) => Some(unreadable(&path, error)),
        }
    }
}

impl Iterator for Finder<'_> {
    type Item = At;

    fn next(&mut self) -> Option<At> {
        while self.left > 0 {
            let found = match self.folders.last_mut().map(Iterator::next) {
                Some(Some(Ok(entry))) => self.listed(&entry),
                // A folder that breaks off while it is listed is over; its files so far were found.
                Some(Some(Err(_)) | None) => {
                    self.folders.pop();
                    None
                }
                None => {
                    let path = self.given.next()?;
                    self.named(path)
                }
            };
            if found.is_some() {
                self.left -= 1;
                return found;
            }
        }
        None
    }
}

/// Why the system does not give a file.
pub(super) fn unreadable(path: &Path, error: std::io::Error) -> At {
    let fault = FileFault::from(&FilesError::from_io(path, error));
    At::Unreadable(UnreadableFile { file: path.display().to_string(), fault })
}

fn is_litter(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    name.starts_with('.') || name.starts_with("~$") || matches!(name.as_ref(), "Thumbs.db" | "desktop.ini")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    fn names(paths: &[PathBuf]) -> Vec<String> {
        let files = Finder::new(paths).map(|at| match at {
            At::File(path) => path.file_name().unwrap().to_string_lossy().into_owned(),
            At::Unreadable(file) => format!("{:?}", file.fault),
        });
        let mut names: Vec<String> = files.collect();
        names.sort();
        names
    }

    #[test]
    fn folders_are_walked_and_litter_is_left() {
        let root = tempfile::tempdir().unwrap();
        let inner = root.path().join("2026").join("十月");
        fs::create_dir_all(&inner).unwrap();
        for file in [root.path().join("a.xml"), inner.join("b.xml"), inner.join("Thumbs.db"), inner.join(".hidden")] {
            fs::write(file, "x").unwrap();
        }
        assert_eq!(names(&[root.path().to_path_buf()]), ["a.xml", "b.xml"]);
        assert_eq!(names(&[inner.join("b.xml"), root.path().join("gone.xml")]), ["Missing", "b.xml"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed_into_circles() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("a.xml"), "x").unwrap();
        std::os::unix::fs::symlink(root.path(), root.path().join("circle")).unwrap();
        assert_eq!(names(&[root.path().to_path_buf()]), ["a.xml"]);
    }
}
