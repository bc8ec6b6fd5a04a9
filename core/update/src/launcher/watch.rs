//! A started version: watched until it reports, then waited for.

use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::{Line, Report};

/// Between two looks.
const LOOK: Duration = Duration::from_millis(40);
/// Ended without a code: by a signal.
const NO_CODE: u8 = 101;

/// What was heard of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// It reported.
    Report(Report),
    /// It ended well before it had anything to report.
    EndedWell,
    /// It could not be started, ended with a fault, or was silent for too long.
    Failure,
}

/// Starts a program and stays until it ends. `tell` is called once, as soon as it is known what was heard.
pub(super) fn watch(line: &Line, report: &Path, patience: Duration, tell: impl FnOnce(Heard)) -> (Heard, u8) {
    let mut child = match Command::new(&line.program).args(&line.arguments).spawn() {
        Ok(child) => child,
        Err(error) => {
            tracing::warn!(%error, "a version cannot be started");
            tell(Heard::Failure);
            return (Heard::Failure, NO_CODE);
        }
    };
    let (heard, ended) = listen(&mut child, report, patience);
    if heard == Heard::Failure {
        end(&mut child);
    }
    tell(heard);
    let status = ended.map_or_else(|| child.wait().ok(), Some);
    (heard, status.map_or(NO_CODE, code))
}

fn listen(child: &mut Child, report: &Path, patience: Duration) -> (Heard, Option<ExitStatus>) {
    let deadline = Instant::now() + patience;
    loop {
        // Asked before the report is read: what it reported before it ended is seen.
        let ended = child.try_wait();
        if let Some(report) = Report::read(report) {
            return (Heard::Report(report), ended.ok().flatten());
        }
        match ended {
            Ok(Some(status)) if status.success() => return (Heard::EndedWell, Some(status)),
            Ok(Some(status)) => return (Heard::Failure, Some(status)),
            Ok(None) if Instant::now() < deadline => sleep(LOOK),
            Ok(None) => return (Heard::Failure, None),
            Err(error) => {
                tracing::warn!(%error, "a version cannot be waited for");
                return (Heard::Failure, None);
            }
        }
    }
}

/// Ends one that is silent: the ledger must be free for the version that comes instead.
fn end(child: &mut Child) {
    if let Err(error) = child.kill().and_then(|()| child.wait()) {
        tracing::warn!(%error, "a version that is silent cannot be ended");
    }
}

fn code(status: ExitStatus) -> u8 {
    status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(NO_CODE)
}

/// This process becomes the program: same number, same console, nothing stays behind. Returns only if that cannot be.
#[cfg(unix)]
pub(super) fn take_over(line: &Line) -> Option<u8> {
    use std::os::unix::process::CommandExt as _;
    let error = Command::new(&line.program).args(&line.arguments).exec();
    tracing::warn!(%error, "a version cannot be started");
    None
}

/// Runs the program to its end.
#[cfg(not(unix))]
pub(super) fn take_over(line: &Line) -> Option<u8> {
    match Command::new(&line.program).args(&line.arguments).status() {
        Ok(status) => Some(code(status)),
        Err(error) => {
            tracing::warn!(%error, "a version cannot be started");
            None
        }
    }
}
