//! The endpoints of the contract. The OpenAPI document is made from the handlers themselves.

mod accounts;
mod challenges;
mod companies;
mod disks;
mod document;
mod files;
mod jobs;
mod sandbox;
mod session;

use std::sync::Arc;

use axum::routing::get;
use axum::{Json, Router};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

/// Routes under `/v1`, and `/sandbox/v1` when asked for, with the document that describes them.
pub(crate) fn routes(sandbox: bool) -> Router<Arc<App>> {
    let (router, api) = described(sandbox).split_for_parts();
    let document = Arc::new(document::finished(api));
    router.route("/v1/openapi.json", get(move || async move { Json(OpenApi::clone(&document)) }))
}

#[expect(clippy::cognitive_complexity, reason = "a flat list of routes; the macro behind each counts")]
fn described(sandbox: bool) -> OpenApiRouter<Arc<App>> {
    let router = OpenApiRouter::default()
        .routes(routes!(session::create_ticket))
        .routes(routes!(session::poll_ticket))
        .routes(routes!(session::who_am_i, session::sign_out))
        .routes(routes!(session::refresh))
        .routes(routes!(session::unbind))
        .routes(routes!(session::activate))
        .routes(routes!(companies::list))
        .routes(routes!(companies::login_form))
        .routes(routes!(companies::notices))
        .routes(routes!(accounts::list, accounts::add))
        .routes(routes!(accounts::update, accounts::delete))
        .routes(routes!(accounts::set_default))
        .routes(routes!(accounts::login))
        .routes(routes!(accounts::logout))
        .routes(routes!(accounts::budget))
        .routes(routes!(accounts::bind, accounts::unbind))
        .routes(routes!(accounts::bind_state))
        .routes(routes!(challenges::list))
        .routes(routes!(challenges::answer))
        .routes(routes!(challenges::resend))
        .routes(routes!(challenges::poll))
        .routes(routes!(challenges::cancel))
        .routes(routes!(disks::challenge))
        .routes(routes!(disks::sign_in))
        .routes(routes!(disks::session, disks::sign_out))
        .routes(routes!(jobs::start))
        .routes(routes!(jobs::show))
        .routes(routes!(jobs::items))
        .routes(routes!(jobs::cancel))
        .routes(routes!(files::hand_out))
        .routes(routes!(files::fetch));
    if sandbox { router.merge(sandbox::described()) } else { router }
}
