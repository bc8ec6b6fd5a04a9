//! A download from counting to reconciling.

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::ask::{Failures, Halt, Run, passing};
use super::record::Record;
use super::turn::Turn;
use super::{Download, DownloadOrder, DownloadState, plan, reconcile};
use crate::observe::Observe;
use crate::problem::Problem;
use crate::services::Services;

/// Keeps a download, runs it to its end and returns it as it stands then; `observer` is told on the way. A download that
/// `stop` interrupts is kept as paused, so that the window can go on with it.
///
/// # Errors
/// The store cannot keep it. Everything else is the download's own `state` and `problem`.
pub async fn run(
    services: &Services,
    order: DownloadOrder,
    observer: impl Observe<Download>,
    stop: &CancellationToken,
) -> Result<Download, Problem> {
    let record = Record::new(order);
    record.save(services.store()).await?;
    let mut run = Run::new(services, record, Turn::alone(), observer, stop.clone());
    match run.finish().await {
        Some(Halt::Stopped) => run.end(DownloadState::Paused, None).await?,
        Some(Halt::SignedOut) => run.end(DownloadState::Paused, Some(Problem::signed_out())).await?,
        Some(Halt::Fault(_)) | None => {}
    }
    run.tell_now().await;
    Ok(run.record.snapshot())
}

impl<O: Observe<Download>> Run<O> {
    /// Runs until it is over. What stopped it from outside is returned, and what becomes of it then is the caller's matter.
    pub(super) async fn finish(&mut self) -> Option<Halt> {
        match self.steps().await {
            Ok(()) => None,
            Err(Halt::Fault(problem)) => {
                tracing::warn!(problem.detail, id = self.record.download.id.0, "a download failed");
                let fault = Halt::Fault(problem.clone());
                if let Err(unsaved) = self.end(DownloadState::Failed, Some(problem)).await {
                    tracing::warn!(unsaved.detail, "its end cannot be kept");
                }
                Some(fault)
            }
            Err(halt) => Some(halt),
        }
    }

    async fn steps(&mut self) -> Result<(), Halt> {
        self.record.download.ended_at = None;
        self.record.download.problem = None;
        self.show(DownloadState::Counting).await;
        self.count().await?;
        self.show(DownloadState::Running).await;
        while let Some(index) = self.record.parts.iter().position(|part| !part.done && part.problem.is_none()) {
            self.collect(index).await?;
        }
        if self.record.download.order.originals && (self.resumed || self.record.download.originals_missing > 0) {
            self.missing_originals().await?;
        }
        self.all_attached().await?;
        self.conclude().await
    }

    /// Asks the counts and sums of the whole range and plans by them.
    async fn count(&mut self) -> Result<(), Halt> {
        let mut failures = Failures::default();
        let job = loop {
            let request = self.record.count_request();
            self.record.counts += 1;
            self.save().await?;
            match self.finish_job(&request).await {
                Ok(job) => break job,
                Err(Halt::Fault(problem)) => self.wait_out(passing(problem), &mut failures).await?,
                Err(halt) => return Err(halt),
            }
        };
        self.job = None;
        let differences = reconcile::differences(self.services.store(), &self.record.download.order, &job.summary).await?;
        let order = &self.record.download.order;
        let limit = order.disk.is_none().then_some(plan::PART_LIMIT);
        plan::plan(&mut self.record.parts, order.query.dates, &job.summary, &differences, limit);
        self.record.download.expected = job.summary;
        self.record.download.differences.clear();
        self.save().await
    }

    /// Compares the ledger with what the bureau counted.
    async fn conclude(&mut self) -> Result<(), Halt> {
        let download = &self.record.download;
        let differences = reconcile::differences(self.services.store(), &download.order, &download.expected).await?;
        let undone = self.record.parts.iter().find_map(|part| part.problem.clone());
        let problem = undone.or_else(|| self.originals_problem.take());
        let complete = differences.is_empty() && problem.is_none() && self.record.download.originals_missing == 0;
        self.record.download.differences = differences;
        self.end(if complete { DownloadState::Done } else { DownloadState::Partial }, problem).await?;
        Ok(())
    }

    /// Writes down how it ended; whoever let it run tells of it.
    pub(super) async fn end(&mut self, state: DownloadState, problem: Option<Problem>) -> Result<(), Problem> {
        self.record.download.ended_at = (state != DownloadState::Paused).then(Timestamp::now);
        self.record.download.state = state;
        self.record.download.problem = problem;
        self.record.save(self.services.store()).await
    }
}
