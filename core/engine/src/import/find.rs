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
/// operating systems leave in folders is passed over. What is not walked is told: a folder that breaks off, one that lies too deep, and
/// where the limit was.
pub(super) struct Finder<'a> {
    given: std::slice::Iter<'a, PathBuf>,
    folders: Vec<(PathBuf, ReadDir)>,
    /// Files that are still taken; none when the limit was told.
    left: Option<u64>,
}

impl<'a> Finder<'a> {
    pub(super) fn new(paths: &'a [PathBuf]) -> Self {
        Self { given: paths.iter(), folders: Vec::new(), left: Some(FILES) }
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
            return Some(left_out(folder, FileFault::TooDeep));
        }
        match fs::read_dir(folder) {
            Ok(entries) => {
                self.folders.push((folder.to_path_buf(), entries));
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

    fn walk(&mut self) -> Option<At> {
        loop {
            let found = match self.folders.last_mut().map(|(_, entries)| entries.next()) {
                Some(Some(Ok(entry))) => self.listed(&entry),
                // A folder that breaks off while it is listed: its files so far were found, the others are not known.
                Some(Some(Err(error))) => self.folders.pop().map(|(folder, _)| unreadable(&folder, error)),
                Some(None) => {
                    self.folders.pop();
                    None
                }
                None => {
                    let path = self.given.next()?;
                    self.named(path)
                }
            };
            if found.is_some() {
                return found;
            }
        }
    }
}

impl Iterator for Finder<'_> {
    type Item = At;

    fn next(&mut self) -> Option<At> {
        let left = self.left?;
        let found = self.walk()?;
        self.left = left.checked_sub(1);
        if self.left.is_some() {
            return Some(found);
        }
        Some(match found {
            At::File(path) => left_out(&path, FileFault::TooMany),
            At::Unreadable(file) => At::Unreadable(UnreadableFile { fault: FileFault::TooMany, ..file }),
        })
    }
}

fn left_out(path: &Path, fault: FileFault) -> At {
    At::Unreadable(UnreadableFile { file: path.display().to_string(), fault })
}

/// Why the system does not give a file.
pub(super) fn unreadable(path: &Path, error: std::io::Error) -> At {
    left_out(path, FileFault::from(&FilesError::from_io(path, error)))
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
        names_of(Finder::new(paths))
    }

    fn names_of(finder: Finder<'_>) -> Vec<String> {
        let files = finder.map(|at| match at {
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

    #[test]
    fn what_lies_too_deep_and_beyond_the_limit_is_told() {
        let root = tempfile::tempdir().unwrap();
        let deep = root.path().join(vec!["d"; DEPTH].join("/"));
        fs::create_dir_all(&deep).unwrap();
        fs::write(deep.join("b.xml"), "x").unwrap();
        fs::write(root.path().join("a.xml"), "x").unwrap();
        assert_eq!(names(&[root.path().to_path_buf()]), ["TooDeep", "a.xml"]);

        let paths = vec![root.path().join("a.xml"); 3];
        assert_eq!(names_of(Finder { left: Some(1), ..Finder::new(&paths) }), ["TooMany", "a.xml"]);
        assert_eq!(names_of(Finder { left: Some(3), ..Finder::new(&paths) }), ["a.xml"; 3]);
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
