//! Counting without downloading.

use std::time::Duration;

use piaoxia_service::contract::{Job, JobKind, JobRequest, JobState, SummaryRow};
use tokio_util::sync::CancellationToken;

use super::DownloadOrder;
use crate::outbox::panic_problem;
use crate::problem::Problem;
use crate::services::Services;

/// Longest time that a count which is stopped takes to tell the service.
const PARTING: Duration = Duration::from_secs(1);

/// Asks the bureau for the counts and sums of an order, by kind and month. One that is stopped leaves no job at the service.
///
/// # Errors
/// The [`Problem`]; of class `NeedLogin` when the account is not signed in at the bureau.
pub async fn count(services: &Services, order: &DownloadOrder, stop: &CancellationToken) -> Result<Vec<SummaryRow>, Problem> {
    let request = JobRequest {
        client_key: format!("count-{:032x}", rand::random::<u128>()),
        kind: JobKind::Summary,
        company: order.company.id.clone(),
        account: order.account.clone(),
        query: order.query.clone(),
    };
    let (asking, halted) = (services.clone(), stop.clone());
    // In a task of its own: of a job that is on its way to the service when this is stopped, the answer alone says which it is.
    let mut counting = tokio::spawn(async move { ask(&asking, &request, &halted).await });
    match stop.run_until_cancelled(&mut counting).await {
        Some(counted) => counted.unwrap_or_else(|_| Err(panic_problem())),
        None => {
            // Later than that it goes on by itself.
            tokio::time::timeout(PARTING, counting).await.ok();
            Err(Problem::cancelled())
        }
    }
}

async fn ask(services: &Services, request: &JobRequest, stop: &CancellationToken) -> Result<Vec<SummaryRow>, Problem> {
    let job = services.call(|| services.client().start_job(request)).await?;
    let id = job.id.clone();
    let counted = stop.run_until_cancelled(follow(services, job)).await.unwrap_or_else(|| Err(Problem::cancelled()));
    // Nobody waits for it: a person signs in first and asks again. One that is over stays as it is.
    if counted.is_err()
        && let Err(problem) = services.call(|| services.client().cancel_job(&id)).await
    {
        tracing::debug!(problem.detail, "a count cannot be cancelled");
    }
    counted
}

async fn follow(services: &Services, mut job: Job) -> Result<Vec<SummaryRow>, Problem> {
    loop {
        match job.state {
            JobState::Done => return Ok(job.summary),
            JobState::Failed { error } => return Err(error.into()),
            JobState::Cancelled => return Err(Problem::cancelled()),
            JobState::WaitingLogin => return Err(Problem::needs_login()),
            JobState::Queued | JobState::Running => tokio::time::sleep(Duration::from_millis(job.poll_after_ms)).await,
        }
        job = services.call(|| services.client().job(&job.id)).await?;
    }
}
