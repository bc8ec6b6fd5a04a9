//! What can go wrong with a file, in words that a person can act on.

use std::io;
use std::path::{Path, PathBuf};

/// Result of everything in this package.
pub type Result<T> = std::result::Result<T, FilesError>;

/// Why a file could not be written or read. Each names the file or folder.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FilesError {
    /// 磁盘已满.
    #[error("no space left for {}", path.display())]
    DiskFull {
        /// What was being written.
        path: PathBuf,
        /// Bytes that it needs, where that is known.
        needed: Option<u64>,
    },
    /// The target is open in another program (文件被占用).
    #[error("{} is open in another program", path.display())]
    TargetBusy {
        /// The target.
        path: PathBuf,
    },
    /// The medium is write-protected (只读).
    #[error("{} is on a read-only medium", path.display())]
    ReadOnly {
        /// File or folder.
        path: PathBuf,
    },
    /// No right to do that (没有权限).
    #[error("no permission for {}", path.display())]
    Denied {
        /// File or folder.
        path: PathBuf,
    },
    /// The file, its folder or the whole stick is gone.
    #[error("{} is not there", path.display())]
    Missing {
        /// File or folder.
        path: PathBuf,
    },
    /// Larger than the file system takes: 4 GiB - 1 on FAT32.
    #[error("{} is too large for its file system", path.display())]
    TooLarge {
        /// The target.
        path: PathBuf,
    },
    /// Another instance of the program holds the folder.
    #[error("{} is held by another instance", path.display())]
    Locked {
        /// The folder.
        path: PathBuf,
    },
    /// Anything else.
    #[error("{}: {source}", path.display())]
    Io {
        /// File or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// What an error of the system means, before it is joined with a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    DiskFull,
    Busy,
    ReadOnly,
    Denied,
    Missing,
    TooLarge,
    Other,
}

impl FilesError {
    /// Reads what an error of the system means for this path.
    #[must_use]
    pub fn from_io(path: &Path, error: io::Error) -> Self {
        let path = path.to_path_buf();
        match meaning(&error, cfg!(windows)) {
            Meaning::DiskFull => Self::DiskFull { path, needed: None },
            Meaning::Busy => Self::TargetBusy { path },
            Meaning::ReadOnly => Self::ReadOnly { path },
            Meaning::Denied => Self::Denied { path },
            Meaning::Missing => Self::Missing { path },
            Meaning::TooLarge => Self::TooLarge { path },
            Meaning::Other => Self::Io { path, source: error },
        }
    }

    /// The file or folder it is about.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::DiskFull { path, .. }
            | Self::TargetBusy { path }
            | Self::ReadOnly { path }
            | Self::Denied { path }
            | Self::Missing { path }
            | Self::TooLarge { path }
            | Self::Locked { path }
            | Self::Io { path, .. } => path,
        }
    }
}

/// For `map_err`: joins an error of the system with its path.
pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> FilesError + '_ {
    move |error| FilesError::from_io(path, error)
}

// The kind is looked at last: the standard library gives many of these codes no kind, and a pulled stick the wrong one.
fn meaning(error: &io::Error, windows: bool) -> Meaning {
    let by_code = match error.raw_os_error() {
        Some(code) if windows => windows_meaning(code),
        Some(code) => unix_meaning(code),
        None => Meaning::Other,
    };
    if by_code == Meaning::Other { kind_meaning(error.kind()) } else { by_code }
}

/// Codes of `winerror.h`.
fn windows_meaning(code: i32) -> Meaning {
    match code {
        39 | 112 => Meaning::DiskFull,
        32 | 33 => Meaning::Busy,
        19 => Meaning::ReadOnly,
        5 => Meaning::Denied,
        // Not found, and the six codes that were seen when a stick is pulled: not ready, device gone, volume changed.
        2 | 3 | 21 | 55 | 433 | 1006 | 1117 | 1167 => Meaning::Missing,
        223 => Meaning::TooLarge,
        _ => Meaning::Other,
    }
}

/// Codes of Linux' `errno.h`.
fn unix_meaning(code: i32) -> Meaning {
    match code {
        28 | 122 => Meaning::DiskFull,
        16 | 26 => Meaning::Busy,
        30 => Meaning::ReadOnly,
        1 | 13 => Meaning::Denied,
        // ENOENT, ENXIO, ENODEV, and what a FUSE file system says when its device is gone: ENOTCONN.
        2 | 6 | 19 | 107 => Meaning::Missing,
        27 => Meaning::TooLarge,
        _ => Meaning::Other,
    }
}

fn kind_meaning(kind: io::ErrorKind) -> Meaning {
    match kind {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Meaning::DiskFull,
        io::ErrorKind::ResourceBusy | io::ErrorKind::ExecutableFileBusy => Meaning::Busy,
        io::ErrorKind::ReadOnlyFilesystem => Meaning::ReadOnly,
        io::ErrorKind::PermissionDenied => Meaning::Denied,
        io::ErrorKind::NotFound => Meaning::Missing,
        io::ErrorKind::FileTooLarge => Meaning::TooLarge,
        _ => Meaning::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_both_systems_are_read() {
        let cases = [
            (Meaning::DiskFull, [112, 39].as_slice(), [28, 122].as_slice()),
            (Meaning::Busy, &[32, 33], &[16, 26]),
            (Meaning::ReadOnly, &[19], &[30]),
            (Meaning::Denied, &[5], &[1, 13]),
            (Meaning::Missing, &[2, 3, 21, 55, 433, 1006, 1117, 1167], &[2, 6, 19, 107]),
            (Meaning::TooLarge, &[223], &[27]),
            (Meaning::Other, &[87], &[5, 22]),
        ];
        for (expected, on_windows, on_unix) in cases {
            assert!(on_windows.iter().all(|code| windows_meaning(*code) == expected), "{expected:?}");
            assert!(on_unix.iter().all(|code| unix_meaning(*code) == expected), "{expected:?}");
        }
    }

    #[test]
    fn an_error_without_a_code_is_read_by_its_kind() {
        let path = Path::new("x");
        let full = FilesError::from_io(path, io::Error::from(io::ErrorKind::StorageFull));
        assert!(matches!(full, FilesError::DiskFull { .. }));
        assert_eq!(full.path(), path);
        let other = FilesError::from_io(path, io::Error::other("odd"));
        assert!(matches!(&other, FilesError::Io { source, .. } if source.to_string() == "odd"));
    }
}
