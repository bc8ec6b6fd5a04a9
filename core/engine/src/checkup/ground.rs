//! What the program stands on: the disk and the ledger.

use std::path::{Path, PathBuf};

use piaoxia_domain::InvoiceFilter;
use piaoxia_files::{free_space, is_writable};
use piaoxia_store::{OpenReport, Store};

use super::{Finding, LedgerState, Line, Step, Verdict};
use crate::outbox::panic_problem;
use crate::problem::{Problem, StoreFault, What};

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
    Ok(Line::new(Step::Disk, verdict, finding))
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
        OpenReport::ReadOnly { lost_commits: lost, .. } => (Verdict::Warning, Finding::LedgerReadOnly { invoices, lost }),
    };
    Line::new(Step::Ledger, verdict, finding)
}
