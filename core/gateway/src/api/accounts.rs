//! E-tax accounts (电子税务局账号).

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use piaoxia_domain::AccountId;
use piaoxia_service::contract::{AccountRequest, AccountsAnswer, BindState, BindTicket, Budget, DefaultRequest, LoginRequest, LoginStep};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::App;
use crate::extract::{Activated, Asked, Body, Id, IdWithin};
use crate::failure::Answer;

/// Accounts of a company.
#[utoipa::path(get, path = "/v1/companies/{id}/accounts", tag = "accounts", params(("id" = String, Path)), responses((status = 200, body = AccountsAnswer)))]
pub(super) async fn list(State(app): State<Arc<App>>, person: Activated, Id(company): Id) -> Answer<Json<AccountsAnswer>> {
    person.owns(&company)?;
    Ok(Json(app.accounts_answer(&company)))
}

/// Adds an account; it is kept once the bureau lets it in.
#[utoipa::path(
    post, path = "/v1/companies/{id}/accounts", tag = "accounts", params(("id" = String, Path)), request_body = AccountRequest,
    responses((status = 200, body = LoginStep))
)]
pub(super) async fn add(
    State(app): State<Arc<App>>,
    person: Activated,
    Id(company): Id,
    Body(request): Body<AccountRequest>,
) -> Answer<Json<LoginStep>> {
    person.owns(&company)?;
    app.add_account(&company, request).await.map(Json)
}

/// Changes an account; the old data stays until the bureau lets the new in.
#[utoipa::path(
    put, path = "/v1/accounts/{id}", tag = "accounts", params(("id" = String, Path)), request_body = AccountRequest,
    responses((status = 200, body = LoginStep))
)]
pub(super) async fn update(
    State(app): State<Arc<App>>,
    person: Activated,
    Id(id): Id,
    Body(request): Body<AccountRequest>,
) -> Answer<Json<LoginStep>> {
    app.update_account(&person.companies, &AccountId(id), request).await.map(Json)
}

/// Who takes over from a deleted account.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Heir {
    /// Account id; required when the deleted one is a default and others are there.
    successor: Option<String>,
}

/// Deletes an account.
#[utoipa::path(
    delete, path = "/v1/accounts/{id}", tag = "accounts", params(("id" = String, Path), Heir), responses((status = 200, body = AccountsAnswer))
)]
pub(super) async fn delete(
    State(app): State<Arc<App>>,
    person: Activated,
    Id(id): Id,
    Asked(heir): Asked<Heir>,
) -> Answer<Json<AccountsAnswer>> {
    let heir = heir.successor.map(AccountId);
    app.delete_account(&person.companies, &AccountId(id), heir.as_ref()).await.map(Json)
}

/// Sets a default account (默认账号): at most two, or one for both.
#[utoipa::path(
    post, path = "/v1/companies/{id}/default", tag = "accounts", params(("id" = String, Path)), request_body = DefaultRequest,
    responses((status = 200, body = AccountsAnswer))
)]
pub(super) async fn set_default(
    State(app): State<Arc<App>>,
    person: Activated,
    Id(company): Id,
    Body(request): Body<DefaultRequest>,
) -> Answer<Json<AccountsAnswer>> {
    person.owns(&company)?;
    app.set_default(&company, &request).await.map(Json)
}

/// Signs an account in at the bureau.
#[utoipa::path(
    post, path = "/v1/accounts/{id}/login", tag = "accounts", params(("id" = String, Path)), request_body = LoginRequest,
    responses((status = 200, body = LoginStep))
)]
pub(super) async fn login(
    State(app): State<Arc<App>>,
    person: Activated,
    Id(id): Id,
    Body(request): Body<LoginRequest>,
) -> Answer<Json<LoginStep>> {
    app.login_account(&person.companies, &AccountId(id), request).await.map(Json)
}

/// Signs an account out at the bureau.
#[utoipa::path(post, path = "/v1/accounts/{id}/logout", tag = "accounts", params(("id" = String, Path)), responses((status = 204)))]
pub(super) async fn logout(State(app): State<Arc<App>>, person: Activated, Id(id): Id) -> Answer<StatusCode> {
    app.logout_account(&person.companies, &AccountId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Scarce tries of an account.
#[utoipa::path(get, path = "/v1/accounts/{id}/budget", tag = "accounts", params(("id" = String, Path)), responses((status = 200, body = Budget)))]
pub(super) async fn budget(State(app): State<Arc<App>>, person: Activated, Id(id): Id) -> Answer<Json<Budget>> {
    let kept = app.kept_account(&person.companies, &AccountId(id))?;
    app.connector.budget(&kept.upstream).await.map(Json)
}

/// 微信绑定: asks for a QR that ties the account to a phone's owner. It ends the QR before.
#[utoipa::path(
    post, path = "/v1/accounts/{id}/binding", tag = "accounts", params(("id" = String, Path)), responses((status = 200, body = BindTicket))
)]
pub(super) async fn bind(State(app): State<Arc<App>>, person: Activated, Id(id): Id) -> Answer<Json<BindTicket>> {
    app.bind_ticket(&person.companies, &AccountId(id)).await.map(Json)
}

/// 获取绑定结果.
#[utoipa::path(
    get, path = "/v1/accounts/{id}/binding/{ticket}", tag = "accounts", params(("id" = String, Path), ("ticket" = String, Path)),
    responses((status = 200, body = BindState))
)]
pub(super) async fn bind_state(State(app): State<Arc<App>>, person: Activated, IdWithin(id, ticket): IdWithin) -> Answer<Json<BindState>> {
    app.bind_state(&person.companies, &AccountId(id), &ticket).map(Json)
}

/// Ends the binding of an account: its requests reach no phone any more.
#[utoipa::path(
    delete, path = "/v1/accounts/{id}/binding", tag = "accounts", params(("id" = String, Path)),
    responses((status = 200, body = AccountsAnswer))
)]
pub(super) async fn unbind(State(app): State<Arc<App>>, person: Activated, Id(id): Id) -> Answer<Json<AccountsAnswer>> {
    app.unbind_account(&person.companies, &AccountId(id)).await.map(Json)
}
