//! What the program stands on: the disk and the ledger.

use std::path::{Path, PathBuf};

use piaoxia_domain::InvoiceFilter;
use piaoxia_files::{free_space, is_writable};
use piaoxia_store::{OpenReport, Store};

use super::{Finding, LedgerState, Line, Step, Verdict};
use crate::outbox::panic_problem;
use crate::problem::{FileFault, Problem, StoreFault, What};

/// A year of invoices with their originals fits into that, bytes.
const ROOM: u64 = 500 << 20;
/// With less, the next download ends in the middle.
const TOO_LITTLE: u64 = 50 << 20;

pub(super) async fn disk(data: &Path) -> Line {
    let data = data.to_path_buf();
    let looked = tokio::task::spawn_blocking(move || look(data)).await;
    match looked.unwrap_or_else(|_| Err(panic_problem())) {
        Ok(line) => line,
        Err(problem) => Line::failed(Step::Disk, problem),
    }
}

fn look(mut folder: PathBuf) -> Result<Line, Problem> {
    let logs = folder.join("logs");
    // Before the first start there is no folder: the one around it tells.
    while !folder.exists() && folder.pop() {}
    let writable = is_writable(&folder).map_err(Problem::from)?;
    let free = free_space(&folder).map_err(Problem::from)?;
    let (verdict, finding) = match free {
        _ if !writable => (Verdict::Bad, Finding::FolderReadOnly),
        ..TOO_LITTLE => (Verdict::Bad, Finding::LittleRoom { free }),
        TOO_LITTLE..ROOM => (Verdict::Warning, Finding::LittleRoom { free }),
        ROOM.. => (Verdict::Good, Finding::Room { free }),
    };
    let mute = if verdict == Verdict::Good { mute(&logs) } else { None };
    Ok(mute.unwrap_or_else(|| Line::new(Step::Disk, verdict, finding)))
}

/// A log that cannot be written is no reason not to work; it is told of here, because nothing is left in the log itself.
fn mute(logs: &Path) -> Option<Line> {
    let problem = match is_writable(logs) {
        _ if !logs.exists() => return None,
        Ok(true) => return None,
        Ok(false) => Problem::new(What::File { fault: FileFault::Denied, path: logs.to_path_buf() }, "the log cannot be written"),
        Err(error) => error.into(),
    };
    Some(Line::new(Step::Disk, Verdict::Warning, Finding::Failed { problem: Box::new(problem) }))
}

pub(super) async fn ledger(state: &LedgerState) -> Line {
    let (store, report) = match state {
        LedgerState::Open { store, report } => (store, report),
        LedgerState::None => return Line::new(Step::Ledger, Verdict::Skipped, Finding::NoLedger),
        LedgerState::Closed(problem) => {
            // A window that is open has it: no fault.
            let in_use = problem.what == What::Store(StoreFault::InUse);
            let verdict = if in_use { Verdict::Skipped } else { Verdict::Bad };
            return Line::new(Step::Ledger, verdict, Finding::Failed { problem: problem.clone() });
        }
    };
    match count(store).await {
        Ok(invoices) => opened(report, invoices),
        Err(problem) => Line::failed(Step::Ledger, problem),
    }
}

/// Counted now: that it can be counted is a part of the finding.
async fn count(store: &Store) -> Result<u64, Problem> {
    Ok(store.totals_by(InvoiceFilter::default()).await?.iter().map(|row| row.totals.invoices).sum())
}

fn opened(report: &OpenReport, invoices: u64) -> Line {
    let (verdict, finding) = match *report {
        OpenReport::Fresh | OpenReport::Clean { .. } => (Verdict::Good, Finding::LedgerSound { invoices }),
        OpenReport::Rebuilt { lost_commits: lost, .. } => {
            (if lost == 0 { Verdict::Good } else { Verdict::Bad }, Finding::LedgerRebuilt { invoices, lost })
        }
        OpenReport::ReadOnly { lost_commits: lost, .. } if lost > 0 => (Verdict::Bad, Finding::LedgerRebuilt { invoices, lost }),
        OpenReport::ReadOnly { .. } => (Verdict::Warning, Finding::LedgerReadOnly { invoices }),
    };
    Line::new(Step::Ledger, verdict, finding)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn a_log_that_cannot_be_written_is_told_of() {
        let dir = tempfile::tempdir().unwrap();
        let logs = dir.path().join("logs");
        assert_eq!(mute(&logs), None, "there is none before the first start");
        std::fs::write(&logs, "no folder").unwrap();
        assert!(mute(&logs).is_some_and(|line| line.verdict == Verdict::Warning));
        std::fs::remove_file(&logs).unwrap();
        std::fs::create_dir(&logs).unwrap();
        assert_eq!(mute(&logs), None);
    }
}
