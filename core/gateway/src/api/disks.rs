//! Tax disks (税盘).

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use piaoxia_domain::AccountId;
use piaoxia_service::contract::{DiskChallenge, DiskSession, DiskSignIn};

use crate::app::App;
use crate::extract::{Activated, Body, Id};
use crate::failure::Answer;

/// Makes something for a disk to sign. It ends after two minutes, and with the sign-in that names it.
#[utoipa::path(post, path = "/v1/disks/challenge", tag = "disks", responses((status = 200, body = DiskChallenge)))]
pub(super) async fn challenge(State(app): State<Arc<App>>, person: Activated) -> Answer<Json<DiskChallenge>> {
    app.disk_challenge(&person.person).map(Json)
}

/// Signs a disk in at 增值税发票综合服务平台, for the company whose tax number its certificate states.
#[utoipa::path(post, path = "/v1/disks/sessions", tag = "disks", request_body = DiskSignIn, responses((status = 200, body = DiskSession)))]
pub(super) async fn sign_in(State(app): State<Arc<App>>, person: Activated, Body(request): Body<DiskSignIn>) -> Answer<Json<DiskSession>> {
    app.sign_in_disk(&person.person, &person.companies, request).await.map(Json)
}

/// The session of a disk.
#[utoipa::path(get, path = "/v1/disks/sessions/{account}", tag = "disks", params(("account" = String, Path)), responses((status = 200, body = DiskSession)))]
pub(super) async fn session(State(app): State<Arc<App>>, person: Activated, Id(account): Id) -> Answer<Json<DiskSession>> {
    app.disk_session(&person.companies, &AccountId(account)).await.map(Json)
}

/// The disk was pulled out, or signs out; its jobs wait until it signs in again.
#[utoipa::path(delete, path = "/v1/disks/sessions/{account}", tag = "disks", params(("account" = String, Path)), responses((status = 204)))]
pub(super) async fn sign_out(State(app): State<Arc<App>>, person: Activated, Id(account): Id) -> Answer<StatusCode> {
    app.sign_out_disk(&person.companies, &AccountId(account)).await?;
    Ok(StatusCode::NO_CONTENT)
}
