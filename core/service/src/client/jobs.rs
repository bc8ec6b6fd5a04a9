//! Jobs: start, follow, fetch, cancel.

use super::transport::{Call, Retry};
use super::{Client, ClientError};
use crate::contract::{Job, JobRequest, Page};

impl Client {
    /// Starts a job. The same `client_key` always gives the same job, so a lost answer costs nothing.
    ///
    /// # Errors
    /// `query.rangeTooLarge`, `query.rangeInFuture`, `account.noDefault`, `account.noReceiveRight`.
    pub async fn start_job(&self, request: &JobRequest) -> Result<Job, ClientError> {
        self.send_bounded(Call::post("start job", &["v1", "jobs"]).retry(Retry::Always).json(request)?).await
    }

    /// Where a job stands.
    ///
    /// # Errors
    /// `notFound` after the service was started anew: start the job again with its key.
    pub async fn job(&self, job: &str) -> Result<Job, ClientError> {
        self.send_bounded(Call::get("job", &["v1", "jobs", job])).await
    }

    /// A page of a finished job's invoices, at most 200.
    ///
    /// # Errors
    /// `badRequest` for a cursor that was never handed out or a job that is not done.
    pub async fn job_items(&self, job: &str, cursor: Option<&str>, limit: u32) -> Result<Page, ClientError> {
        let mut call = Call::get("job items", &["v1", "jobs", job, "items"]).query("limit", limit);
        if let Some(cursor) = cursor {
            call = call.query("cursor", cursor);
        }
        self.send(call).await
    }

    /// Cancels a job; one that is finished stays as it is.
    ///
    /// # Errors
    /// `notFound`.
    pub async fn cancel_job(&self, job: &str) -> Result<Job, ClientError> {
        self.send_bounded(Call::post("cancel job", &["v1", "jobs", job, "cancel"]).retry(Retry::Always)).await
    }

    /// The service's OpenAPI document.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn openapi(&self) -> Result<serde_json::Value, ClientError> {
        self.send(Call::get("openapi", &["v1", "openapi.json"])).await
    }
}
