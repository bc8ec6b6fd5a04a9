//! 诊断文件: what support needs to know, without anything that it need not know. The window and the command line put it into
//! words; what they make of it passes through [`redact_lines`] once more, so that no way leads around it.

use std::fs;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use piaoxia_domain::redact::redact;
use piaoxia_files::{FilesError, durable_write};
use piaoxia_service::Network;
use tokio::task::JoinError;

pub use piaoxia_domain::redact::redact_lines;

use crate::checkup::Line;
use crate::outbox::panic_problem;
use crate::problem::Problem;

/// Lines of the log that are told.
const LINES: usize = 400;
/// Read from the end of a file of the log, bytes.
const TAIL: u64 = 96 << 10;
/// A longer line helps nobody, characters.
const LONGEST: usize = 600;

/// What support needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// Operating system, as it calls itself.
    pub system: String,
    /// Architecture of the processor.
    pub machine: &'static str,
    /// Data folder; the user's own folder is written `~`.
    pub data: String,
    /// Settings of the network.
    pub network: Network,
    /// What 网络自检 found.
    pub lines: Vec<Line>,
    /// The last lines of the log.
    pub log: Vec<String>,
}

/// Puts together what is known on this PC.
pub async fn collect(data: PathBuf, network: Network, lines: Vec<Line>) -> Diagnosis {
    let read = tokio::task::spawn_blocking(move || (system(), without_home(&data.display().to_string()), log(&data))).await;
    let (system, data, log) = read.unwrap_or_else(|error| not_read(&error));
    Diagnosis { system, machine: std::env::consts::ARCH, data, network, lines, log }
}

/// In the place of system, data folder and log: that they could not be read. What a panic says is told nowhere.
fn not_read(error: &JoinError) -> (String, String, Vec<String>) {
    let why = if error.is_panic() { "panicked" } else { "was ended" };
    tracing::error!(why, "the diagnosis is not whole");
    (std::env::consts::OS.to_owned(), String::new(), vec![format!("the log was not read: what reads it {why}")])
}

/// Writes the text that the user saw, or any other that was shown.
///
/// # Errors
/// What the system says of the file.
pub async fn save(path: PathBuf, text: String) -> Result<PathBuf, Problem> {
    let written = tokio::task::spawn_blocking(move || {
        durable_write(&path, text.as_bytes())?;
        Ok(path)
    });
    written.await.unwrap_or_else(|_| Err(panic_problem()))
}

fn system() -> String {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    name.map_or_else(|| std::env::consts::OS.to_owned(), |name| name.trim_matches('"').to_owned())
}

/// The last lines of the newest two files of the log. One that cannot be read is told of in their place.
fn log(data: &Path) -> Vec<String> {
    let folder = data.join("logs");
    let mut lines = Vec::new();
    match newest(&folder) {
        Ok(files) => {
            for file in files {
                match tail(&file) {
                    Ok(text) => lines.extend(text.lines().map(told)),
                    Err(error) => lines.push(told(&FilesError::from_io(&file, error).to_string())),
                }
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => lines.push(told(&FilesError::from_io(&folder, error).to_string())),
    }
    lines.split_off(lines.len().saturating_sub(LINES))
}

/// A line as it may be shown: an earlier version may have written it.
fn told(line: &str) -> String {
    redact(&without_home(line)).chars().take(LONGEST).collect()
}

fn newest(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "log") {
            files.push(path);
        }
    }
    // Their names hold the day.
    files.sort();
    Ok(files.split_off(files.len().saturating_sub(2)))
}

fn tail(path: &Path) -> io::Result<String> {
    let mut file = fs::File::open(path)?;
    let start = file.metadata()?.len().saturating_sub(TAIL);
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.take(TAIL).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    // The first line is the end of one.
    let whole = if start > 0 { text.split_once('\n').map_or("", |(_, rest)| rest) } else { &text };
    Ok(whole.to_owned())
}

/// The user's folder has the user's name.
fn without_home(text: &str) -> String {
    let homes = ["USERPROFILE", "HOME"].into_iter().filter_map(|name| std::env::var(name).ok());
    homes.filter(|home| home.len() > 3).fold(text.to_owned(), |text, home| text.replace(home.trim_end_matches(['/', '\\']), "~"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]
    use super::*;

    #[tokio::test]
    async fn that_nothing_could_be_read_is_told() {
        let lost: Result<(), JoinError> = tokio::task::spawn_blocking(|| panic!("a secret")).await;
        let (system, _, log) = not_read(&lost.unwrap_err());
        assert_eq!((system.as_str(), log), (std::env::consts::OS, vec!["the log was not read: what reads it panicked".to_owned()]));
    }

    #[test]
    fn the_last_lines_are_told_without_secrets_and_a_cut_line_is_left_out() {
        let dir = tempfile::tempdir().unwrap();
        assert!(log(dir.path()).is_empty(), "no log is no fault");
        let folder = dir.path().join("logs");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("piaoxia.2026-11-20.log"), "too old\n").unwrap();
        let many: String = (0..9_000).map(|n| format!("line {n}\n")).collect();
        fs::write(folder.join("piaoxia.2026-11-21.log"), many).unwrap();
        fs::write(folder.join("piaoxia.2026-11-22.log"), "password=hunter2 91310115MALGJBW58Q\n\u{1b}[31m\n").unwrap();
        fs::write(folder.join("other.txt"), "not the log").unwrap();
        let lines = log(dir.path());
        assert_eq!(lines.len(), LINES);
        assert_eq!(lines[LINES - 2..], ["password=[hidden] ****W58Q", "\\u{1b}[31m"]);
        assert_eq!(lines[LINES - 3], "line 8999");
        assert!(lines.iter().all(|line| line != "too old"));
    }
}
