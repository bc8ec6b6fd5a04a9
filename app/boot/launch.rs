//! Which version runs: this one, or a newer one beside the portable executable. This comes before anything is opened.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::LazyLock;

use jiff::Timestamp;
use piaoxia_engine::update::{Updater, Version};
use piaoxia_files::{Environment, resolve};
use piaoxia_update::{Launched, Launcher, Report, Shelf, Stamp, Start, UpdaterConfig};

static STAMP: LazyLock<Option<Stamp>> = LazyLock::new(Stamp::of_this_program);

/// The version of this program: the one of its stamp, else the one that it was built as.
#[must_use]
pub fn version() -> Version {
    let built = || env!("CARGO_PKG_VERSION").parse().unwrap_or(Version::new(0, 0, 0));
    STAMP.as_ref().map_or_else(built, |stamp| stamp.version)
}

/// Version and, in a build from a checkout, its commit.
#[must_use]
pub fn build() -> &'static str {
    static BUILD: LazyLock<String> = LazyLock::new(|| format!("{}{}", version(), env!("PIAOXIA_COMMIT")));
    &BUILD
}

/// When this program was made, where that is known: a clock that is behind it is wrong.
#[must_use]
pub fn built() -> Option<Timestamp> {
    let seconds = env!("PIAOXIA_BUILT").parse().ok()?;
    Timestamp::from_second(seconds).ok().filter(|at| *at > Timestamp::UNIX_EPOCH)
}

/// What is to be done with this process.
pub enum First {
    /// This program runs.
    Run(Launch),
    /// Another version ran; this process ends as it did.
    Ended(ExitCode),
}

/// How this process came to run.
#[derive(Clone, Debug, Default)]
pub struct Launch {
    /// What the user started it with, the program's name first.
    pub arguments: Vec<OsString>,
    /// By which launcher; none when it is the portable executable itself.
    launched: Option<Launched>,
    /// A newer version was to run, and did not start.
    pub fell_back: Option<Version>,
    /// What the current folder was then: paths among the arguments may start there.
    folder: Option<PathBuf>,
}

/// Starts the version that is to run, or finds that it is this one. Without a stamp, or without versions beside it, this
/// looks at nothing but one folder.
#[must_use]
pub fn first(arguments: impl Iterator<Item = OsString>) -> First {
    let folder = std::env::current_dir().ok();
    let (launched, arguments) = Launched::take(arguments.collect());
    if let Some(launched) = launched {
        let fell_back = launched.fell_back;
        return First::Run(Launch { arguments, launched: Some(launched), fell_back, folder });
    }
    let start = match (&*STAMP, std::env::current_exe()) {
        (Some(stamp), Ok(portable)) => {
            let shelf = Shelf::of(&data_beside(&portable));
            Launcher::new(stamp.clone(), shelf, portable).start(arguments.get(1..).unwrap_or_default())
        }
        _ => Start::Here { fell_back: None },
    };
    match start {
        Start::Here { fell_back } => First::Run(Launch { arguments, launched: None, fell_back, folder }),
        Start::Ended(code) => First::Ended(code.into()),
    }
}

/// The data folder of an installation. Its versions lie there, whatever folder `--data` names.
fn data_beside(portable: &Path) -> PathBuf {
    resolve(portable.parent().unwrap_or(Path::new(".")), None, &Environment::of_process()).path
}

impl Launch {
    /// The data folder: the one that the user named, else the one of the portable executable, which a version beside it
    /// could not find from where it lies itself.
    #[must_use]
    pub fn data(&self, named: Option<PathBuf>) -> Option<PathBuf> {
        named.or_else(|| self.launched.as_ref().map(|launched| data_beside(&launched.portable)))
    }

    /// Tells the launcher how this version does, if one waits.
    pub fn report(&self, report: Report) {
        if let Some(launched) = &self.launched {
            launched.report(report);
        }
    }

    /// What checks, downloads and installs updates; none where the program does not find itself.
    #[must_use]
    pub fn updater(&self) -> Option<Updater> {
        let portable = match &self.launched {
            Some(launched) => launched.portable.clone(),
            None => std::env::current_exe().ok()?,
        };
        let shelf = Shelf::of(&data_beside(&portable));
        let mut config = UpdaterConfig::new(version(), STAMP.clone(), shelf, self.launched.clone());
        config.fell_back = self.fell_back;
        Some(Updater::new(config))
    }

    /// Starts the program again, as the user started it: the version that is to run now runs. Everything is closed before.
    #[must_use]
    pub fn again(&self) -> ExitCode {
        let portable = match &self.launched {
            Some(launched) => Ok(launched.portable.clone()),
            None => std::env::current_exe(),
        };
        let started = portable.and_then(|portable| {
            let mut command = std::process::Command::new(portable);
            command.args(self.arguments.get(1..).unwrap_or_default());
            if let Some(folder) = &self.folder {
                command.current_dir(folder);
            }
            become_it(command)
        });
        match started {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                tracing::error!(%error, "the program cannot start itself again");
                ExitCode::FAILURE
            }
        }
    }
}

/// This process goes on as the program. Returns only if that cannot be.
#[cfg(unix)]
fn become_it(mut command: std::process::Command) -> std::io::Result<()> {
    use std::os::unix::process::CommandExt as _;
    Err(command.exec())
}

/// The program starts beside this process, which ends.
#[cfg(not(unix))]
fn become_it(mut command: std::process::Command) -> std::io::Result<()> {
    command.spawn().map(drop)
}
