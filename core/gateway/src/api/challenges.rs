//! Challenges: what only a person can answer.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use piaoxia_service::contract::{Answer as Typed, Challenge, LoginStep};

use crate::app::App;
use crate::extract::{Activated, Body, Id};
use crate::failure::Answer;

/// Open challenges of the person's companies.
#[utoipa::path(get, path = "/v1/challenges", tag = "challenges", responses((status = 200, body = Vec<Challenge>)))]
pub(super) async fn list(State(app): State<Arc<App>>, person: Activated) -> Answer<Json<Vec<Challenge>>> {
    Ok(Json(app.desk.challenges(&person.companies)))
}

/// Answers a challenge. A wrong answer is a challenge again, `rejected`, maybe under a new id.
#[utoipa::path(
    post, path = "/v1/challenges/{id}/answer", tag = "challenges", params(("id" = String, Path)), request_body = Typed,
    responses((status = 200, body = LoginStep))
)]
pub(super) async fn answer(
    State(app): State<Arc<App>>,
    person: Activated,
    Id(id): Id,
    Body(typed): Body<Typed>,
) -> Answer<Json<LoginStep>> {
    app.answer_challenge(&person.companies, &id, &typed.value).await.map(Json)
}

/// Asks for the code again, another picture, or a fresh QR.
#[utoipa::path(post, path = "/v1/challenges/{id}/resend", tag = "challenges", params(("id" = String, Path)), responses((status = 200, body = LoginStep)))]
pub(super) async fn resend(State(app): State<Arc<App>>, person: Activated, Id(id): Id) -> Answer<Json<LoginStep>> {
    app.resend_challenge(&person.companies, &id).await.map(Json)
}

/// Asks whether the phone has answered a QR.
#[utoipa::path(post, path = "/v1/challenges/{id}/poll", tag = "challenges", params(("id" = String, Path)), responses((status = 200, body = LoginStep)))]
pub(super) async fn poll(State(app): State<Arc<App>>, person: Activated, Id(id): Id) -> Answer<Json<LoginStep>> {
    app.poll_challenge(&person.companies, &id).await.map(Json)
}

/// Gives a challenge up; one that is over already is no error.
#[utoipa::path(post, path = "/v1/challenges/{id}/cancel", tag = "challenges", params(("id" = String, Path)), responses((status = 204)))]
pub(super) async fn cancel(State(app): State<Arc<App>>, person: Activated, Id(id): Id) -> Answer<StatusCode> {
    app.cancel_challenge(&person.companies, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
