//! The medium that a folder lies on. A stick is pulled, and may come back under another letter.

use std::fs;
use std::path::{Path, PathBuf};

use crate::durable::durable_write;
use crate::error::Result;

/// A file of this name tells which folder it is, wherever it lies.
const NAME: &str = "folder";
/// Longest content that is one.
const LIMIT: u64 = 64;

/// A folder that is found again wherever its medium is put in.
#[derive(Clone, Debug)]
pub struct Medium {
    path: PathBuf,
    /// None on a medium that never got one, as when it is write-protected: then the path alone counts.
    id: Option<String>,
    /// The path below the drive or mount point.
    below: PathBuf,
}

impl Medium {
    /// Notes where the folder is and which it is. The first time it gets an id made of `random`.
    ///
    /// # Errors
    /// What the system says of the file; a write-protected medium is no error.
    pub fn of(path: &Path, random: u128) -> Result<Self> {
        let id = match id_of(path) {
            Some(id) => Some(id),
            None => make_id(path, random)?,
        };
        Ok(Self { path: path.to_path_buf(), id, below: below_root(path) })
    }

    /// A folder that could be given no id: its path alone tells it.
    #[must_use]
    pub fn by_path(path: PathBuf) -> Self {
        Self { path, id: None, below: PathBuf::new() }
    }

    /// Where the folder was last.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// False when the folder is gone from its path, or another medium lies there now. Blocks as long as the medium does.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.is_at(&self.path)
    }

    /// Looks for the folder where it was, then at the same path below every other drive or mount point. False when it is not found.
    #[must_use]
    pub fn find(&mut self) -> bool {
        if self.is_there() {
            return true;
        }
        // Without an id any folder of that name would do.
        let found = self.id.is_some().then(|| roots().into_iter().map(|root| root.join(&self.below)).find(|path| self.is_at(path)));
        match found.flatten() {
            Some(path) => {
                self.path = path;
                true
            }
            None => false,
        }
    }

    fn is_at(&self, path: &Path) -> bool {
        match &self.id {
            Some(id) => id_of(path).as_ref() == Some(id),
            None => path.is_dir(),
        }
    }
}

fn id_of(folder: &Path) -> Option<String> {
    let path = folder.join(NAME);
    if fs::metadata(&path).ok()?.len() > LIMIT {
        return None;
    }
    let id = fs::read_to_string(path).ok()?.trim().to_owned();
    (!id.is_empty()).then_some(id)
}

fn make_id(folder: &Path, random: u128) -> Result<Option<String>> {
    use crate::error::FilesError::{Denied, DiskFull, ReadOnly};
    let id = format!("{random:032x}");
    match durable_write(&folder.join(NAME), format!("{id}\n").as_bytes()) {
        Ok(()) => Ok(Some(id)),
        // Such a folder is of use nevertheless.
        Err(ReadOnly { .. } | Denied { .. } | DiskFull { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// `E:\Piaoxia\Data` without `E:\`; `/media/li/STICK/Data` without the mount point.
fn below_root(path: &Path) -> PathBuf {
    let roots = roots();
    let root = root_of(&roots, path);
    root.and_then(|root| path.strip_prefix(root).ok()).unwrap_or(path).to_path_buf()
}

/// True when both paths lie below the same drive or mount point.
#[must_use]
pub fn on_one_medium(one: &Path, other: &Path) -> bool {
    have_one_root(&roots(), one, other)
}

fn have_one_root(roots: &[PathBuf], one: &Path, other: &Path) -> bool {
    root_of(roots, one).is_some_and(|root| root_of(roots, other) == Some(root))
}

/// The drive or mount point that a path lies below.
fn root_of<'r>(roots: &'r [PathBuf], path: &Path) -> Option<&'r PathBuf> {
    roots.iter().filter(|root| path.starts_with(root)).max_by_key(|root| root.components().count())
}

/// Drives that a stick may be. A: and B: are those of disks that make a noise when they are asked.
#[cfg(windows)]
fn roots() -> Vec<PathBuf> {
    ('C'..='Z').map(|letter| PathBuf::from(format!("{letter}:\\"))).collect()
}

/// Mount points of devices and of what a program serves; a network share that hangs is none of them.
#[cfg(not(windows))]
fn roots() -> Vec<PathBuf> {
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    mounts.lines().filter_map(mount_point).collect()
}

#[cfg(not(windows))]
fn mount_point(line: &str) -> Option<PathBuf> {
    let mut words = line.split(' ');
    let (device, folder, kind) = (words.next()?, words.next()?, words.next()?);
    let may_be_a_stick = device.starts_with("/dev/") || kind.starts_with("fuse");
    may_be_a_stick.then(|| PathBuf::from(unescape(folder)))
}

/// Spaces and tabs of a mount point are written as `\040`.
#[cfg(not(windows))]
fn unescape(text: &str) -> String {
    let mut parts = text.split('\\');
    let mut plain: Vec<u8> = parts.next().unwrap_or_default().bytes().collect();
    for part in parts {
        let escaped = part.split_at_checked(3).and_then(|(digits, rest)| Some((u8::from_str_radix(digits, 8).ok()?, rest)));
        match escaped {
            Some((byte, rest)) => {
                plain.push(byte);
                plain.extend(rest.bytes());
            }
            None => {
                plain.push(b'\\');
                plain.extend(part.bytes());
            }
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn a_folder_is_known_by_its_id() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("Data");
        fs::create_dir(&data).unwrap();
        let mut medium = Medium::of(&data, 7).unwrap();
        assert_eq!(Medium::of(&data, 8).unwrap().id, medium.id, "the id is made once");
        assert!(medium.is_there() && medium.find());
        let away = dir.path().join("away");
        crate::move_folder(&data, &away).unwrap();
        assert!(!medium.is_there() && !medium.find());
        // Another stick under the same letter.
        fs::create_dir(&data).unwrap();
        assert!(!medium.find());
        Medium::of(&data, 9).unwrap();
        assert!(!medium.is_there());
        fs::remove_dir_all(&data).unwrap();
        crate::move_folder(&away, &data).unwrap();
        assert!(medium.find());
    }

    #[test]
    fn paths_lie_on_one_medium_below_the_same_root() {
        let roots = ["/", "/media/li/STICK"].map(PathBuf::from);
        let one = |one: &str, other: &str| have_one_root(&roots, Path::new(one), Path::new(other));
        assert!(one("/media/li/STICK/piaoxia", "/media/li/STICK/Data") && one("/opt/piaoxia", "/home/li/Data"));
        assert!(!one("/opt/piaoxia", "/media/li/STICK/Data") && !one("/media/li/STICK/piaoxia", "/media/li/Data"));
        assert!(!have_one_root(&[], Path::new("/a"), Path::new("/a")), "a share has none");
    }

    #[cfg(not(windows))]
    #[test]
    fn mount_points_are_read() {
        assert_eq!(mount_point("/dev/sdb1 /media/li/U\\040盘 exfat rw 0 0"), Some("/media/li/U 盘".into()));
        assert_eq!(mount_point("stick /mnt/e fuseblk rw 0 0"), Some("/mnt/e".into()));
        assert_eq!(mount_point("server:/x /srv nfs rw 0 0"), None);
        assert_eq!(unescape("a\\9\\134b\\04"), "a\\9\\b\\04");
    }
}
