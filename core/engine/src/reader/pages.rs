//! Drawing pages in reading processes. How much memory a page of a PDF takes is told by nothing in it: pictures, masks,
//! patterns and groups are unpacked by a renderer that knows no limit. So the process is limited, and a page that is too much
//! for it is refused.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use piaoxia_domain::invoice::Format;
use piaoxia_preview::{Cancel, PageSize, Picture, PreviewError, Scale};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::ReaderProgram;
use super::process::{Ended, Process};
use crate::problem::{PreviewFault, Problem, What};

/// A page that is wanted.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct PageOrder {
    /// Of its file.
    pub format: Format,
    /// From 0.
    pub page: usize,
    /// How large.
    pub scale: Scale,
}

/// A drawn page, and the sizes of all pages of its file.
pub(crate) type Page = (Picture, Vec<PageSize>);

/// Draws a page in this process.
///
/// # Errors
/// As [`piaoxia_preview::render`].
pub(super) fn draw(order: &PageOrder, bytes: &[u8], cancel: &Cancel) -> Result<Page, PreviewError> {
    let picture = piaoxia_preview::render(order.format, bytes, order.page, order.scale, cancel)?;
    Ok((picture, piaoxia_preview::pages(order.format, bytes)?))
}

/// Draws pages in processes, as many as are wanted at once; each is kept for the next page, for a while.
pub(crate) struct Drawers {
    program: Option<ReaderProgram>,
    patience: Duration,
    halt: CancellationToken,
    /// The program did not start: pages are drawn in this process.
    fails: AtomicBool,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    idle: Vec<Process>,
    /// When the last page was drawn.
    last: Option<Instant>,
    /// Somebody waits to end them.
    is_resting: bool,
}

impl Drawers {
    /// Without a program, pages are drawn in this process. A page that takes longer than `patience` is given up; when `halt`
    /// is called, all are.
    pub(crate) fn new(program: Option<ReaderProgram>, patience: Duration, halt: CancellationToken) -> Self {
        Self { program, patience, halt, fails: AtomicBool::new(false), kept: Mutex::default() }
    }

    /// Draws a page. `cancel` is looked at before, and all the time where this process draws.
    ///
    /// # Errors
    /// The page cannot be drawn, or not within the limits of a process.
    pub(crate) fn draw(&self, order: &PageOrder, bytes: &[u8], cancel: &Cancel) -> Result<Page, Problem> {
        if cancel.is_cancelled() || self.halt.is_cancelled() {
            return Err(Problem::cancelled());
        }
        let kept = self.lock().idle.pop();
        // A process that waited may have been ended from outside: what it does not answer is asked once more.
        if let Some(drawn) = kept.and_then(|process| self.drawn_by(process, order, bytes)) {
            return drawn;
        }
        match self.start() {
            Some(process) => self.drawn_by(process, order, bytes).unwrap_or_else(|| {
                let stopped = self.halt.is_cancelled();
                Err(if stopped { Problem::cancelled() } else { too_large("the process that drew the page ended") })
            }),
            None => draw(order, bytes, cancel).map_err(Problem::from),
        }
    }

    fn start(&self) -> Option<Process> {
        let program = self.program.as_ref().filter(|_| !self.fails.load(Ordering::Relaxed))?;
        let started = Process::start(program, self.patience, &self.halt);
        started
            .inspect_err(|error| {
                tracing::warn!(program = %program.program.display(), %error, "the drawing process does not start");
                self.fails.store(true, Ordering::Relaxed);
            })
            .ok()
    }

    /// None when the process ended over the page.
    fn drawn_by(&self, mut process: Process, order: &PageOrder, bytes: &[u8]) -> Option<Result<Page, Problem>> {
        match process.draw(order, bytes) {
            Ok(drawn) => {
                let mut kept = self.lock();
                kept.idle.push(process);
                kept.last = Some(Instant::now());
                Some(drawn)
            }
            Err(Ended::Silent) => Some(Err(too_large("it took too long"))),
            Err(_) => None,
        }
    }

    /// Ends the processes when no page has been wanted for so long; returns at once where somebody waits to do so.
    pub(crate) async fn rest(&self, after: Duration) {
        if std::mem::replace(&mut self.lock().is_resting, true) {
            return;
        }
        loop {
            tokio::select! {
                () = tokio::time::sleep(after) => {}
                () = self.halt.cancelled() => {}
            }
            let mut kept = self.lock();
            if self.halt.is_cancelled() || kept.last.is_none_or(|last| last.elapsed() >= after) {
                kept.is_resting = false;
                return kept.idle.clear();
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn too_large(detail: &str) -> Problem {
    Problem::new(What::Preview(PreviewFault::TooLarge), detail)
}

#[cfg(all(test, target_os = "linux"))]
#[path = "pages/tests.rs"]
mod tests;
