//! Jobs.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use piaoxia_service::contract::{Job, JobRequest, Page};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::App;
use crate::extract::{Activated, Asked, Body, Id};
use crate::failure::Answer;

/// Starts a job. The same `clientKey` always gives the same job.
#[utoipa::path(post, path = "/v1/jobs", tag = "jobs", request_body = JobRequest, responses((status = 200, body = Job)))]
pub(super) async fn start(State(app): State<Arc<App>>, person: Activated, Body(request): Body<JobRequest>) -> Answer<Json<Job>> {
    person.owns(&request.company)?;
    app.start_job(&person.person, request).map(Json)
}

/// Where a job stands.
#[utoipa::path(get, path = "/v1/jobs/{id}", tag = "jobs", params(("id" = String, Path)), responses((status = 200, body = Job)))]
pub(super) async fn show(State(app): State<Arc<App>>, person: Activated, Id(id): Id) -> Answer<Json<Job>> {
    Ok(Json(app.jobs.find(&person.companies, &id)?.report(app.limits.poll_after)))
}

/// Which page.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// From the page before; none for the first.
    cursor: Option<String>,
    /// Invoices on the page, 1 to 200; 200 when none is given.
    limit: Option<u32>,
}

/// A page of a finished job's invoices.
#[utoipa::path(get, path = "/v1/jobs/{id}/items", tag = "jobs", params(("id" = String, Path), Which), responses((status = 200, body = Page)))]
pub(super) async fn items(State(app): State<Arc<App>>, person: Activated, Id(id): Id, Asked(which): Asked<Which>) -> Answer<Json<Page>> {
    let limit = which.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
    app.jobs.find(&person.companies, &id)?.page(which.cursor.as_deref(), limit).map(Json)
}

/// Cancels a job; one that is finished stays as it is.
#[utoipa::path(post, path = "/v1/jobs/{id}/cancel", tag = "jobs", params(("id" = String, Path)), responses((status = 200, body = Job)))]
pub(super) async fn cancel(State(app): State<Arc<App>>, person: Activated, Id(id): Id) -> Answer<Json<Job>> {
    let job = app.jobs.find(&person.companies, &id)?;
    job.cancel();
    Ok(Json(job.report(app.limits.poll_after)))
}
