//! A download from counting to reconciling.

use jiff::Timestamp;
use piaoxia_service::contract::{Job, JobState, Query, SummaryRow};
use tokio_util::sync::CancellationToken;

use super::ask::{Failures, Halt, Run, passing};
use super::marks::Mark;
use super::record::Record;
use super::turn::Turn;
use super::{Difference, Download, DownloadOrder, DownloadState, Extent, marks, plan, reconcile};
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
    let mut record = Record::new(order);
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
        (self.record.download.problem, self.record.download.waits_until) = (None, None);
        self.show(DownloadState::Counting).await;
        let order = self.record.download.order.clone();
        let expected = self.count(&order.query).await?;
        let differences = self.open_differences(&order, &expected).await?;
        let known = self.known().await?;
        let mut parts = std::mem::take(&mut self.record.parts);
        plan::plan(&mut parts, &self.grounds(&expected, &differences, known));
        self.record.parts = parts;
        self.record.download.expected = expected;
        self.record.download.differences.clear();
        self.save().await?;
        self.show(DownloadState::Running).await;
        self.collect_all().await?;
        self.widen(known).await?;
        if order.refresh {
            self.refresh().await?;
        }
        if order.originals && (self.resumed || self.record.download.originals_missing > 0) {
            self.missing_originals().await?;
        }
        self.all_attached().await?;
        self.conclude().await
    }

    /// Collects every part that is not done yet.
    pub(super) async fn collect_all(&mut self) -> Result<(), Halt> {
        while let Some(index) = self.record.parts.iter().position(|part| !part.done && part.problem.is_none()) {
            self.collect(index).await?;
        }
        Ok(())
    }

    /// Asks the counts and sums of a query.
    pub(super) async fn count(&mut self, query: &Query) -> Result<Vec<SummaryRow>, Halt> {
        let mut failures = Failures::default();
        loop {
            let request = self.record.count_request(query.clone());
            self.record.counts += 1;
            self.save().await?;
            match self.finish_job(&request).await {
                Ok(job) => return Ok(job.summary),
                Err(Halt::Fault(problem)) => self.wait_out(passing(problem), &mut failures).await?,
                Err(halt) => return Err(halt),
            }
        }
    }

    /// Writes down which jobs the service works on: whoever cancels the download in a later run has them cancelled as well.
    pub(super) async fn note_job(&mut self, job: &Job) -> Result<(), Halt> {
        if matches!(job.state, JobState::Done | JobState::Failed { .. } | JobState::Cancelled) {
            self.record.jobs.remove(&job.id);
        } else if self.record.jobs.insert(job.id.clone()) {
            self.save().await?;
        }
        Ok(())
    }

    /// What was taken in before, for an order that wants only what is new.
    async fn known(&self) -> Result<Option<plan::Known>, Halt> {
        let order = &self.record.download.order;
        if order.extent == Extent::Whole {
            return Ok(None);
        }
        let mark = Mark::load(self.services.store(), &order.company.tax_no, order.query.scope, order.disk.is_some()).await?;
        let known = mark.and_then(|mark| Some(plan::Known { settled: mark.settled(order.originals)?, fresh_from: mark.fresh_from() }));
        Ok(known)
    }

    fn grounds<'a>(&self, expected: &'a [SummaryRow], differences: &'a [Difference], known: Option<plan::Known>) -> plan::Grounds<'a> {
        let order = &self.record.download.order;
        let limit = order.disk.is_none().then_some(plan::PART_LIMIT);
        plan::Grounds { range: order.query.dates, expected, differences, limit, known }
    }

    /// Where the bureau has something that it has not told of, or has it no more.
    pub(super) async fn open_differences(&self, order: &DownloadOrder, expected: &[SummaryRow]) -> Result<Vec<Difference>, Halt> {
        let store = self.services.store();
        let differences = reconcile::differences(store, order, expected).await?;
        Ok(reconcile::open(store, order, differences).await?)
    }

    /// Where the new end of a month did not make up for the difference, the rest of it.
    async fn widen(&mut self, known: Option<plan::Known>) -> Result<(), Halt> {
        if known.is_none() {
            return Ok(());
        }
        let (order, expected) = (self.record.download.order.clone(), self.record.download.expected.clone());
        let differences = self.open_differences(&order, &expected).await?;
        let mut parts = std::mem::take(&mut self.record.parts);
        let more = plan::widen(&mut parts, &self.grounds(&expected, &differences, known));
        self.record.parts = parts;
        if more {
            self.save().await?;
            self.collect_all().await?;
        }
        Ok(())
    }

    /// Compares the ledger with what the bureau counted. Differences that are not open are shown, and it is done all the same.
    async fn conclude(&mut self) -> Result<(), Halt> {
        let download = &self.record.download;
        let differences = reconcile::differences(self.services.store(), &download.order, &download.expected).await?;
        let undone = self.record.parts.iter().find_map(|part| part.problem.clone());
        // Where a part could not be collected, the difference is explained by that.
        let differences = if undone.is_none() { self.examine(differences).await? } else { differences };
        let problem = undone.or_else(|| self.originals_problem.take());
        let open = reconcile::open(self.services.store(), &self.record.download.order, differences.clone()).await?;
        let complete = open.is_empty() && problem.is_none() && self.record.download.originals_missing == 0;
        self.record.download.differences = differences;
        if complete {
            marks::note(self.services.store(), &self.record.download).await?;
        }
        self.end(if complete { DownloadState::Done } else { DownloadState::Partial }, problem).await?;
        Ok(())
    }

    /// Writes down how it ended; whoever let it run tells of it.
    pub(super) async fn end(&mut self, state: DownloadState, problem: Option<Problem>) -> Result<(), Problem> {
        self.record.download.ended_at = (state != DownloadState::Paused).then(Timestamp::now);
        self.record.download.state = state;
        (self.record.download.problem, self.record.download.waits_until) = (problem, None);
        self.record.save(self.services.store()).await
    }
}
