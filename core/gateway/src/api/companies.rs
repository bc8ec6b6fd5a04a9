//! Companies, their regions' forms, notices.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use piaoxia_service::contract::{Company, LoginForm, Notice};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::App;
use crate::extract::{Activated, Asked, Id};
use crate::failure::Answer;

/// The person's companies (企业).
#[utoipa::path(get, path = "/v1/companies", tag = "companies", responses((status = 200, body = Vec<Company>)))]
pub(super) async fn list(State(app): State<Arc<App>>, person: Activated) -> Answer<Json<Vec<Company>>> {
    let state = app.book.read();
    person.companies.iter().map(|id| app.company(&state, id)).collect::<Answer<Vec<_>>>().map(Json)
}

/// Which company a form is for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct FormFor {
    /// Company id.
    company: String,
}

/// The fields that a region's bureau asks for, with the company's own filled in.
#[utoipa::path(
    get, path = "/v1/regions/{code}/login-form", tag = "companies", params(("code" = String, Path, description = "Four-digit region"), FormFor),
    responses((status = 200, body = LoginForm))
)]
pub(super) async fn login_form(
    State(app): State<Arc<App>>,
    person: Activated,
    Id(region): Id,
    Asked(query): Asked<FormFor>,
) -> Answer<Json<LoginForm>> {
    person.owns(&query.company)?;
    let company = app.company(&app.book.read(), &query.company)?;
    app.connector.login_form(&company, &region).await.map(Json)
}

/// Notices of outages and maintenance.
#[utoipa::path(get, path = "/v1/notices", tag = "companies", responses((status = 200, body = Vec<Notice>)))]
pub(super) async fn notices(State(app): State<Arc<App>>, _person: Activated) -> Answer<Json<Vec<Notice>>> {
    app.connector.notices().await.map(Json)
}
