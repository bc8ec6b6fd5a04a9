//! Counting without downloading.

use std::time::Duration;

use piaoxia_service::contract::{JobKind, JobRequest, JobState, SummaryRow};
use tokio_util::sync::CancellationToken;

use super::DownloadOrder;
use crate::problem::Problem;
use crate::services::Services;

/// Asks the bureau for the counts and sums of an order, by kind and month.
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
    stop.run_until_cancelled(ask(services, &request)).await.unwrap_or_else(|| Err(Problem::cancelled()))
}

async fn ask(services: &Services, request: &JobRequest) -> Result<Vec<SummaryRow>, Problem> {
    let mut job = services.call(|| services.client().start_job(request)).await?;
    loop {
        match job.state {
            JobState::Done => return Ok(job.summary),
            JobState::Failed { error } => return Err(error.into()),
            JobState::Cancelled => return Err(Problem::cancelled()),
            JobState::WaitingLogin => {
                // Nobody waits for it: the person signs in first and asks again.
                if let Err(problem) = services.call(|| services.client().cancel_job(&job.id)).await {
                    tracing::debug!(problem.detail, "a count cannot be cancelled");
                }
                return Err(Problem::needs_login());
            }
            JobState::Queued | JobState::Running => tokio::time::sleep(Duration::from_millis(job.poll_after_ms)).await,
        }
        job = services.call(|| services.client().job(&job.id)).await?;
    }
}
