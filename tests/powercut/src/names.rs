//! Which name leads to which file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Number of a file, whatever its name.
pub(crate) type FileId = usize;

/// One change of names.
#[derive(Clone, Debug)]
pub(crate) enum Renaming {
    File { path: PathBuf, file: FileId },
    Folder { path: PathBuf },
    Rename { from: PathBuf, to: PathBuf },
    Remove { path: PathBuf },
}

impl Renaming {
    /// The folders whose sync makes it last.
    pub(crate) fn is_in(&self, folder: &Path) -> bool {
        let within = |path: &Path| path.parent() == Some(folder);
        match self {
            Self::File { path, .. } | Self::Folder { path } | Self::Remove { path } => within(path),
            Self::Rename { from, to } => within(from) || within(to),
        }
    }

    /// True when the file that is synced under this name is meant.
    pub(crate) fn leads_to(&self, name: &Path) -> bool {
        match self {
            Self::File { path, .. } => path == name,
            Self::Rename { to, .. } => to == name,
            Self::Folder { .. } | Self::Remove { .. } => false,
        }
    }
}

/// Names of files and folders (none).
#[derive(Clone, Debug, Default)]
pub(crate) struct Names(pub BTreeMap<PathBuf, Option<FileId>>);

impl Names {
    pub(crate) fn file(&self, path: &Path) -> Option<FileId> {
        self.0.get(path).copied().flatten()
    }

    /// False for what lies in a folder that is not there.
    pub(crate) fn leads_to(&self, path: &Path) -> bool {
        path.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty()).all(|folder| self.0.contains_key(folder))
    }

    /// With `keep_old`, a rename leaves the old name too.
    pub(crate) fn apply(&mut self, renaming: &Renaming, keep_old: bool) {
        match renaming {
            Renaming::File { path, file } => drop(self.0.insert(path.clone(), Some(*file))),
            Renaming::Folder { path } => drop(self.0.insert(path.clone(), None)),
            Renaming::Remove { path } => drop(self.0.remove(path)),
            Renaming::Rename { from, to } => self.rename(from, to, keep_old),
        }
    }

    fn rename(&mut self, from: &Path, to: &Path, keep_old: bool) {
        let moved: Vec<(PathBuf, Option<FileId>)> =
            self.0.iter().filter(|(path, _)| path.starts_with(from)).map(|(path, file)| (path.clone(), *file)).collect();
        let is_file = moved.first().is_some_and(|(_, file)| file.is_some());
        for (path, file) in moved {
            if !(keep_old && is_file) {
                self.0.remove(&path);
            }
            let below = path.strip_prefix(from).unwrap_or(Path::new(""));
            let target = if below.as_os_str().is_empty() { to.to_path_buf() } else { to.join(below) };
            self.0.insert(target, file);
        }
    }
}
