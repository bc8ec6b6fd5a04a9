//! Where the data folder is.

use std::env;
use std::path::{Path, PathBuf};

/// A file of this name beside the executable makes the program portable (便携版).
const MARKER: &str = "portable.txt";

/// What of the surroundings decides where data goes.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// Windows, else the rules of the XDG base directory specification.
    pub windows: bool,
    /// `%LOCALAPPDATA%`.
    pub local_app_data: Option<PathBuf>,
    /// `$XDG_DATA_HOME`.
    pub xdg_data_home: Option<PathBuf>,
    /// `$HOME`.
    pub home: Option<PathBuf>,
}

impl Environment {
    /// Of this process.
    #[must_use]
    pub fn of_process() -> Self {
        let folder = |name| env::var_os(name).map(PathBuf::from);
        Self {
            windows: cfg!(windows),
            local_app_data: folder("LOCALAPPDATA"),
            xdg_data_home: folder("XDG_DATA_HOME"),
            home: folder("HOME"),
        }
    }

    /// The folder of this user for this program. The specification says that a relative path is to be ignored.
    fn per_user(&self) -> Option<PathBuf> {
        let absolute = |folder: &Option<PathBuf>| folder.clone().filter(|folder| self.windows || folder.is_absolute());
        if self.windows {
            return absolute(&self.local_app_data).map(|folder| folder.join("Piaoxia"));
        }
        let share = absolute(&self.xdg_data_home).or_else(|| absolute(&self.home).map(|home| home.join(".local").join("share")));
        share.map(|share| share.join("piaoxia"))
    }
}

/// The data folder (数据目录).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataFolder {
    /// Not necessarily there yet.
    pub path: PathBuf,
    /// True when it lies beside the executable and travels with it.
    pub portable: bool,
}

/// Finds the data folder: the explicit one, else `Data` beside an executable that has `portable.txt` beside it, else the
/// user's own. Where there is no user's folder at all (a bare service account), beside the executable.
#[must_use]
pub fn resolve(exe_dir: &Path, explicit: Option<PathBuf>, environment: &Environment) -> DataFolder {
    if let Some(path) = explicit {
        return DataFolder { path, portable: false };
    }
    let beside = DataFolder { path: exe_dir.join("Data"), portable: true };
    if exe_dir.join(MARKER).exists() {
        return beside;
    }
    environment.per_user().map_or(beside, |path| DataFolder { path, portable: false })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[cfg(windows)]
    #[test]
    fn the_marker_wins_over_the_user() {
        let exe = tempfile::tempdir().unwrap();
        let li = Environment { windows: true, local_app_data: Some("C:\\Users\\li\\AppData\\Local".into()), ..Environment::default() };
        let path = || resolve(exe.path(), None, &li);
        assert_eq!(path(), DataFolder { path: "C:\\Users\\li\\AppData\\Local\\Piaoxia".into(), portable: false });
        std::fs::write(exe.path().join(MARKER), "").unwrap();
        assert_eq!(path(), DataFolder { path: exe.path().join("Data"), portable: true });
    }

    #[cfg(not(windows))]
    fn linux() -> Environment {
        Environment { home: Some("/home/li".into()), ..Environment::default() }
    }

    // Paths without a drive are absolute on Linux alone.
    #[cfg(not(windows))]
    #[test]
    fn explicit_wins_over_the_marker_over_the_user() {
        let exe = tempfile::tempdir().unwrap();
        assert_eq!(resolve(exe.path(), None, &linux()), DataFolder { path: "/home/li/.local/share/piaoxia".into(), portable: false });
        std::fs::write(exe.path().join(MARKER), "").unwrap();
        assert_eq!(resolve(exe.path(), None, &linux()), DataFolder { path: exe.path().join("Data"), portable: true });
        let explicit = DataFolder { path: "/srv/ledger".into(), portable: false };
        assert_eq!(resolve(exe.path(), Some("/srv/ledger".into()), &linux()), explicit);
    }

    #[cfg(not(windows))]
    #[test]
    fn each_system_has_its_folder() {
        let exe = tempfile::tempdir().unwrap();
        let path = |environment: &Environment| resolve(exe.path(), None, environment).path;
        let share = Environment { xdg_data_home: Some("/data".into()), ..linux() };
        assert_eq!(path(&share), Path::new("/data/piaoxia"));
        let relative = Environment { xdg_data_home: Some("data".into()), ..linux() };
        assert_eq!(path(&relative), Path::new("/home/li/.local/share/piaoxia"));
        let windows = Environment { windows: true, local_app_data: Some("C:\\Users\\li\\AppData\\Local".into()), ..linux() };
        assert_eq!(path(&windows), Path::new("C:\\Users\\li\\AppData\\Local").join("Piaoxia"));
        assert_eq!(path(&Environment::default()), exe.path().join("Data"));
    }
}
