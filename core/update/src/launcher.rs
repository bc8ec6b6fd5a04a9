//! The portable executable starts the newest version that is proved, and helps itself when that does not start.
//!
//! It is never replaced: on FAT a running program can often not be renamed, and a program that replaced itself half would be
//! none. A version whose window was never open is watched: it has to report that its window stands with the ledger in it (or
//! that its command runs). One that ends or stays silent before that is ended, and the version before is started at once, at
//! last the portable executable itself. After two such starts a version is not tried again. A version that has proved itself
//! takes this process over where the system can do that, and is waited for where it cannot.

mod watch;

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::{Refusal, UpdateError};
use crate::mark::Mark;
use crate::probe::Step;
use crate::shelf::{Shelf, Shelved};
use crate::stamp::Stamp;
use crate::version::Version;
use watch::{Heard, watch};

/// First argument of a started version, followed by four of the launcher's and those that the user gave.
const STARTED_BY: &str = "started-by";
/// Stands for nothing among the launcher's arguments.
const NOTHING: &str = "-";
/// How long a version may be silent before it counts as one that does not start: a slow stick, a virus scanner, a ledger
/// that is rebuilt.
const PATIENCE: Duration = Duration::from_secs(90);

/// Starts versions.
#[derive(Clone, Debug)]
pub struct Launcher {
    /// The version of the portable executable: older ones are not started.
    pub version: Version,
    /// Its stamp: the keys that it believes.
    pub stamp: Stamp,
    /// The versions.
    pub shelf: Shelf,
    /// The portable executable.
    pub portable: PathBuf,
    /// How long a version may be silent.
    pub patience: Duration,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// This very program is to run.
    Here {
        /// Because this version did not start, or was found damaged.
        fell_back: Option<Version>,
    },
    /// Another version ran, and ended with this code.
    Ended(u8),
}

/// What a started version knows of its launcher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launched {
    /// The portable executable.
    pub portable: PathBuf,
    /// Its version.
    pub version: Version,
    /// Where it waits for a report, if it does.
    pub report: Option<PathBuf>,
    /// A newer version did not start.
    pub fell_back: Option<Version>,
}

/// What a started version reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// The window is open with the ledger in it.
    Window,
    /// A command was understood and runs.
    Command,
    /// It ended for a reason that is not its own: another window has the ledger, the disk is full.
    Excused,
}

impl Report {
    const ALL: [Self; 3] = [Self::Window, Self::Command, Self::Excused];

    fn word(self) -> &'static str {
        match self {
            Self::Window => "window",
            Self::Command => "command",
            Self::Excused => "excused",
        }
    }

    fn read(path: &Path) -> Option<Self> {
        let word = std::fs::read_to_string(path).ok()?;
        Self::ALL.into_iter().find(|report| report.word() == word)
    }
}

impl Launched {
    /// Takes the launcher's arguments from those of the process, the program's name first.
    #[must_use]
    pub fn take(arguments: Vec<OsString>) -> (Option<Self>, Vec<OsString>) {
        match Self::read(&arguments) {
            Some(launched) => {
                let own = arguments.into_iter().enumerate().filter(|(at, _)| !(1..=5).contains(at));
                (Some(launched), own.map(|(_, argument)| argument).collect())
            }
            None => (None, arguments),
        }
    }

    fn read(arguments: &[OsString]) -> Option<Self> {
        let [_, word, portable, version, report, fell_back, ..] = arguments else { return None };
        if word != STARTED_BY {
            return None;
        }
        let some = |argument: &OsStr| (argument != NOTHING).then(|| argument.to_os_string());
        Some(Self {
            portable: portable.into(),
            version: version.to_str()?.parse().ok()?,
            report: some(report).map(PathBuf::from),
            fell_back: some(fell_back).and_then(|text| text.to_str()?.parse().ok()),
        })
    }

    fn arguments(&self) -> [OsString; 5] {
        let nothing = || OsString::from(NOTHING);
        let report = self.report.clone().map_or_else(nothing, PathBuf::into_os_string);
        let fell_back = self.fell_back.map_or_else(nothing, |version| version.to_string().into());
        [STARTED_BY.into(), self.portable.clone().into(), self.version.to_string().into(), report, fell_back]
    }

    /// Tells the launcher. One that is not waiting is not told.
    pub fn report(&self, report: Report) {
        let Some(path) = &self.report else { return };
        if let Err(error) = piaoxia_files::durable_write(path, report.word().as_bytes()) {
            tracing::warn!(%error, "the launcher cannot be told that this version works");
        }
    }
}

impl Launcher {
    /// Of the running program.
    #[must_use]
    pub fn new(stamp: Stamp, shelf: Shelf, portable: PathBuf) -> Self {
        Self { version: stamp.version, stamp, shelf, portable, patience: PATIENCE }
    }

    /// Starts the newest version that is to run, with the arguments that the user gave, and stays until it ends.
    #[must_use]
    pub fn start(&self, arguments: &[OsString]) -> Start {
        let mut fell_back = None;
        if !self.shelf.exists() {
            return Start::Here { fell_back };
        }
        let keys = self.shelf.keyring(&self.stamp.keys, self.version);
        for version in self.shelf.versions().into_iter().filter(|version| *version > self.version) {
            let folder = self.shelf.folder(version);
            let mark = Mark::read(&folder);
            if mark.aside || mark.is_bad() {
                continue;
            }
            let ran = match Shelf::prove(&folder, version, keys.all()) {
                Ok(shelved) => self.run(&shelved, &folder, mark, fell_back, arguments),
                Err(UpdateError::Refused(Refusal::WrongHash { .. } | Refusal::WrongSize { .. })) => Ran::NotStarted,
                Err(error) => {
                    tracing::warn!(%version, %error, "what lies there is no version of this program");
                    continue;
                }
            };
            match ran {
                Ran::Ended(code) => return Start::Ended(code),
                Ran::NotStarted => fell_back = fell_back.or(Some(version)),
                Ran::NotTried => {}
            }
        }
        Start::Here { fell_back }
    }

    /// Runs a version to its end.
    fn run(&self, shelved: &Shelved, folder: &Path, mark: Mark, fell_back: Option<Version>, arguments: &[OsString]) -> Ran {
        let launched = Launched { portable: self.portable.clone(), version: self.version, report: None, fell_back };
        if is_proved(mark, arguments) {
            return watch::take_over(&command(shelved, &launched, arguments)).map_or(Ran::NotStarted, Ran::Ended);
        }
        if let Err(error) = self.keep(folder, Mark { starts: mark.starts.saturating_add(1), ..mark }) {
            // Where nothing can be counted, nothing new is tried.
            tracing::warn!(%error, "a new version is not tried on a medium that cannot be written");
            return Ran::NotTried;
        }
        // Of this process alone: somebody who clicks twice starts two launchers.
        let report = folder.join(format!("report-{}", std::process::id()));
        if report.exists() && std::fs::remove_file(&report).is_err() {
            return Ran::NotTried;
        }
        let command = command(shelved, &Launched { report: Some(report.clone()), ..launched }, arguments);
        let (heard, code) = watch(&command, &report, self.patience, |heard| {
            if let Err(error) = self.keep(folder, after(heard, Mark::read(folder))) {
                tracing::warn!(%error, "it is not remembered how a version started");
            }
            if let Err(error) = std::fs::remove_file(&report) {
                tracing::debug!(%error, "there was no report, or it stays");
            }
        });
        if heard == Heard::Failure { Ran::NotStarted } else { Ran::Ended(code) }
    }

    fn keep(&self, folder: &Path, mark: Mark) -> Result<(), piaoxia_files::FilesError> {
        self.shelf.probe.pass(Step::MarkWritten);
        mark.write(folder)
    }
}

/// What became of a version that was to run.
enum Ran {
    /// It ran, and ended with this code.
    Ended(u8),
    /// It did not start, or is damaged.
    NotStarted,
    /// It could not be tried: nothing can be written.
    NotTried,
}

/// What is remembered of a version after this start, which was counted before.
fn after(heard: Heard, mark: Mark) -> Mark {
    let uncounted = Mark { starts: mark.starts.saturating_sub(1), ..mark };
    match heard {
        Heard::Report(Report::Window) => Mark { starts: 0, window: true, ..mark },
        Heard::Report(Report::Command) => Mark { command: true, ..uncounted },
        Heard::Report(Report::Excused) | Heard::EndedWell => uncounted,
        Heard::Failure => mark,
    }
}

/// It has shown that it starts. A command is named before its options; what begins with an option, or nothing, is a window.
fn is_proved(mark: Mark, arguments: &[OsString]) -> bool {
    let is_command = arguments.first().and_then(|first| first.to_str()).is_some_and(|first| !first.starts_with('-'));
    mark.window || (mark.command && is_command)
}

/// A program and what it is started with.
pub(crate) struct Line {
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<OsString>,
}

fn command(shelved: &Shelved, launched: &Launched, arguments: &[OsString]) -> Line {
    Line { program: shelved.program.clone(), arguments: launched.arguments().into_iter().chain(arguments.iter().cloned()).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(arguments: &[&str]) -> Vec<OsString> {
        arguments.iter().map(OsString::from).collect()
    }

    #[test]
    fn what_the_launcher_tells_is_taken_and_the_user_s_arguments_stay() {
        let told = Launched {
            portable: "E:\\票匣\\piaoxia.exe".into(),
            version: Version::new(0, 1, 0),
            report: Some("E:\\票匣\\Data\\app\\0.3.0\\report".into()),
            fell_back: Some(Version::new(0, 4, 0)),
        };
        for told in [Launched { report: None, fell_back: None, ..told.clone() }, told] {
            let mut arguments = line(&["piaoxia"]);
            arguments.extend(told.arguments());
            arguments.extend(line(&["list", "--json"]));
            assert_eq!(Launched::take(arguments), (Some(told), line(&["piaoxia", "list", "--json"])));
        }
    }

    #[test]
    fn other_arguments_are_left_alone() {
        for arguments in [
            &["piaoxia"][..],
            &["piaoxia", "started-by"],
            &["piaoxia", "started-by", "a", "no version", "-", "-", "list"],
            &["piaoxia", "list"],
        ] {
            assert_eq!(Launched::take(line(arguments)), (None, line(arguments)));
        }
    }

    #[test]
    fn a_version_is_proved_by_a_window_or_for_commands_by_one() {
        let (window, command) = (Mark { window: true, ..Mark::default() }, Mark { command: true, ..Mark::default() });
        assert!(is_proved(window, &[]) && is_proved(window, &line(&["list"])));
        assert!(is_proved(command, &line(&["list"])) && !is_proved(command, &[]) && !is_proved(command, &line(&["--data", "x"])));
        assert!(!is_proved(Mark::default(), &line(&["list"])));
    }
}
