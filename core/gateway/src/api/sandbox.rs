//! The sandbox's own controls. They are there only when the gateway is a sandbox.

use std::sync::{Arc, PoisonError};

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::civil::Date;
use piaoxia_domain::{DateRange, Region, Scope};
use piaoxia_service::contract::{
    Answer as Value, BindAnswer, CodeRequest, DemoAccount, FaultRequest, IssuedCode, SandboxMessage, SandboxPhone, SummaryRow,
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::accounts::gone;
use crate::app::App;
use crate::connectors::SandboxControls;
use crate::extract::{Asked, Body, Id};
use crate::failure::{Answer, Failure};
use crate::persons::{By, Who};
use crate::phone::confirm;
use crate::random;
use crate::tickets::Typed;

/// All of them.
pub(super) fn described() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::default()
        .routes(routes!(messages))
        .routes(routes!(captcha))
        .routes(routes!(scan))
        .routes(routes!(confirm_ticket))
        .routes(routes!(answer_binding))
        .routes(routes!(issue_code))
        .routes(routes!(set_fault))
        .routes(routes!(kick))
        .routes(routes!(truth))
        .routes(routes!(demo_accounts))
}

fn controls(app: &App) -> Answer<&dyn SandboxControls> {
    app.connector.sandbox().ok_or_else(|| Failure::not_found("sandbox"))
}

/// Messages to phones and mail boxes, the newest last.
#[utoipa::path(get, path = "/sandbox/v1/messages", tag = "sandbox", responses((status = 200, body = Vec<SandboxMessage>)))]
async fn messages(State(app): State<Arc<App>>) -> Json<Vec<SandboxMessage>> {
    let mut all = app.connector.sandbox().map(SandboxControls::messages).unwrap_or_default();
    all.extend(app.messages.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned());
    all.sort_by_key(|message| message.sent_at);
    Json(all)
}

/// What the picture of a challenge shows.
#[utoipa::path(get, path = "/sandbox/v1/challenges/{id}/captcha", tag = "sandbox", params(("id" = String, Path)), responses((status = 200, body = Value)))]
async fn captcha(State(app): State<Arc<App>>, Id(id): Id) -> Answer<Json<Value>> {
    let value = controls(&app)?.captcha(&id).ok_or_else(gone)?;
    Ok(Json(Value { value }))
}

/// The phone app scans the QR of a challenge and agrees, or sees the right face.
#[utoipa::path(post, path = "/sandbox/v1/challenges/{id}/scan", tag = "sandbox", params(("id" = String, Path)), responses((status = 204)))]
async fn scan(State(app): State<Arc<App>>, Id(id): Id) -> Answer<StatusCode> {
    let text = app.desk.qr_text(&id)?;
    controls(&app)?.scan(&text)?;
    Ok(StatusCode::NO_CONTENT)
}

/// A phone opens a ticket's page, types the number and confirms. The same name is the same person.
#[utoipa::path(
    post, path = "/sandbox/v1/tickets/{id}/confirm", tag = "sandbox", params(("id" = String, Path)), request_body = SandboxPhone,
    responses((status = 204))
)]
async fn confirm_ticket(State(app): State<Arc<App>>, Id(id): Id, Body(phone): Body<SandboxPhone>) -> Answer<StatusCode> {
    let known = {
        let state = app.book.read();
        state.persons.iter().find(|(_, person)| person.name == phone.name).map(|(id, _)| id.clone())
    };
    let by = match known {
        Some(person) => By::Id(person),
        None => By::New { name: phone.name, browser: random::token() },
    };
    match confirm(&app, &id, &phone.number, Who { by, openid: None }).await? {
        Some(Typed::Right) => Ok(StatusCode::NO_CONTENT),
        Some(Typed::Wrong { left }) => Err(Failure::bad_request("that is not the number").attempts_left(left)),
        Some(Typed::Over(_)) | None => Err(Failure::not_found("open ticket")),
    }
}

/// A phone opens the page of a binding, and its owner agrees or refuses.
#[utoipa::path(
    post, path = "/sandbox/v1/bindings/{id}/answer", tag = "sandbox", params(("id" = String, Path)), request_body = BindAnswer,
    responses((status = 204))
)]
async fn answer_binding(State(app): State<Arc<App>>, Id(id): Id, Body(answer): Body<BindAnswer>) -> Answer<StatusCode> {
    let known = |state: &crate::state::State| state.persons.iter().find(|(_, person)| person.name == answer.name).map(|(id, _)| id.clone());
    let person = known(&app.book.read()).ok_or_else(|| Failure::not_found("person"))?;
    app.bindings.scanned(&id);
    if answer.agrees {
        let open = app.bind_by_ticket(&id, &person).await?;
        return if open { Ok(StatusCode::NO_CONTENT) } else { Err(Failure::not_found("open ticket")) };
    }
    app.bindings.deny(&id);
    Ok(StatusCode::NO_CONTENT)
}

/// Issues an activation code in the condition asked for.
#[utoipa::path(post, path = "/sandbox/v1/activation-codes", tag = "sandbox", request_body = CodeRequest, responses((status = 200, body = IssuedCode)))]
async fn issue_code(State(app): State<Arc<App>>, Body(request): Body<CodeRequest>) -> Answer<Json<IssuedCode>> {
    app.issue_code(request.condition).await.map(Json)
}

/// Turns a fault on for the next requests that it fits, or off. The simulated bureau shows its own, the gateway all others.
#[utoipa::path(post, path = "/sandbox/v1/faults", tag = "sandbox", request_body = FaultRequest, responses((status = 204)))]
async fn set_fault(State(app): State<Arc<App>>, Body(request): Body<FaultRequest>) -> Answer<StatusCode> {
    if !request.region.is_empty() && Region::from_code(&request.region).is_none() {
        return Err(Failure::bad_request("there is no such region").field("region"));
    }
    if !app.connector.sandbox().is_some_and(|sandbox| sandbox.fault(&request)) {
        app.dial.set(&request);
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Somebody signs in elsewhere with this account: its session is over.
#[utoipa::path(post, path = "/sandbox/v1/accounts/{id}/kick", tag = "sandbox", params(("id" = String, Path)), responses((status = 204)))]
async fn kick(State(app): State<Arc<App>>, Id(id): Id) -> Answer<StatusCode> {
    let state = app.book.read();
    let kept = state.accounts.iter().find(|kept| kept.account.id.0 == id).ok_or_else(|| Failure::not_found("account"))?;
    controls(&app)?.kick(&kept.upstream);
    Ok(StatusCode::NO_CONTENT)
}

/// Which invoices are counted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Books {
    /// Company id.
    company: String,
    /// Page of the bureau.
    scope: Scope,
    /// First day.
    #[param(value_type = String, format = Date)]
    from: Date,
    /// Last day.
    #[param(value_type = String, format = Date)]
    to: Date,
}

/// Counts and sums straight from the simulated bureau's books, one invoice after another.
#[utoipa::path(get, path = "/sandbox/v1/truth", tag = "sandbox", params(Books), responses((status = 200, body = Vec<SummaryRow>)))]
async fn truth(State(app): State<Arc<App>>, Asked(books): Asked<Books>) -> Answer<Json<Vec<SummaryRow>>> {
    let dates = DateRange::new(books.from, books.to).ok_or_else(|| Failure::bad_request("the range ends before it begins"))?;
    let company = app.company(&app.book.read(), &books.company)?;
    controls(&app)?.truth(&company, books.scope, dates).await.map(Json)
}

/// Accounts that the simulated bureau knows, ready to be added.
#[utoipa::path(get, path = "/sandbox/v1/demo-accounts", tag = "sandbox", responses((status = 200, body = Vec<DemoAccount>)))]
async fn demo_accounts(State(app): State<Arc<App>>) -> Answer<Json<Vec<DemoAccount>>> {
    Ok(Json(controls(&app)?.demo_accounts()))
}
