//! Signing in, the session, activation.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use jiff::Timestamp;
use piaoxia_service::contract::{
    ActivationRequest, ActivationResult, Device, LoginTicket, PersonInfo, PollRequest, RefreshRequest, Session, TicketRequest, TicketState,
    WhoAmI,
};
use piaoxia_wechat::Scene;
use tokio::time::{Instant, sleep_until};

use crate::activation;
use crate::app::{App, Peer};
use crate::applications::slow_down;
use crate::extract::{Body, Id, SignedIn};
use crate::failure::{Answer, Failure};
use crate::tickets::{Look, Phase};
use crate::words::shown;

/// Longest computer name that is shown.
const NAME_LENGTH: usize = 64;

/// Asks for a ticket to sign in with; its QR leads a phone to the confirm page.
#[utoipa::path(post, path = "/v1/login/tickets", tag = "session", request_body = TicketRequest, responses((status = 200, body = LoginTicket)))]
pub(super) async fn create_ticket(
    State(app): State<Arc<App>>,
    Extension(peer): Extension<Peer>,
    Body(mut request): Body<TicketRequest>,
) -> Answer<Json<LoginTicket>> {
    request.device = checked(request.device)?;
    if request.challenge.len() != 43 || !request.challenge.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
        return Err(Failure::bad_request("the challenge is no base64url of 32 bytes"));
    }
    // This PC's own programs are not counted: whoever runs there can do worse.
    if !peer.ip().is_loopback() {
        slow_down(&app.throttles.tickets, peer.ip())?;
        app.throttles.tickets.note(peer.ip());
    }
    let (id, number) = app.tickets.create(request, peer.ip())?;
    let (qr_text, local_url) = app.qr_text(&Scene::Login(id.clone()), &format!("/p/login/{id}"), app.limits.ticket_life).await;
    Ok(Json(LoginTicket { qr_text, local_url, number, expires_in: app.limits.ticket_life.as_secs(), id }))
}

fn checked(device: Device) -> Answer<Device> {
    if device.id.len() != 32 || !device.id.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(Failure::bad_request("a device id is 32 hex digits"));
    }
    Ok(Device { id: device.id.to_ascii_lowercase(), name: shown(&device.name, NAME_LENGTH), version: shown(&device.version, 32) })
}

/// Asks where a ticket stands; held up to 25 s while it stands where the caller knows. Confirmed: the session is handed
/// out once, to the holder of the verifier.
#[utoipa::path(
    post, path = "/v1/login/tickets/{id}/poll", tag = "session", params(("id" = String, Path)),
    request_body = PollRequest, responses((status = 200, body = TicketState))
)]
pub(super) async fn poll_ticket(State(app): State<Arc<App>>, Id(id): Id, Body(request): Body<PollRequest>) -> Answer<Json<TicketState>> {
    let deadline = Instant::now() + app.limits.poll_held;
    loop {
        let (look, mut changed, expires) = app.tickets.look(&id, &request.verifier)?;
        let phase = match look {
            Look::Session { person, device, keep_signed_in } => {
                let opened = app.sessions.open(&app.book, &person, &device, keep_signed_in).await;
                let session = opened.inspect_err(|_| app.tickets.give_back(&id, person))?;
                return Ok(Json(TicketState::Confirmed { session }));
            }
            Look::Standing(phase) => phase,
        };
        let state = outward(&phase);
        let now = Instant::now();
        if state.name() != request.known || now >= deadline || app.stopping.is_cancelled() {
            return Ok(Json(state));
        }
        // An expired ticket changes no more.
        let wake = if phase == Phase::Expired { deadline } else { deadline.min(Instant::from_std(expires)) };
        tokio::select! {
            _ = changed.changed() => {}
            () = sleep_until(wake) => {}
            () = app.stopping.cancelled() => {}
        }
    }
}

fn outward(phase: &Phase) -> TicketState {
    match phase {
        Phase::Pending => TicketState::Pending,
        Phase::Scanned | Phase::Claimed | Phase::Confirmed { .. } => TicketState::Scanned,
        Phase::Denied => TicketState::Denied,
        Phase::Used | Phase::Expired => TicketState::Expired,
    }
}

/// Who is signed in.
#[utoipa::path(get, path = "/v1/session", tag = "session", responses((status = 200, body = WhoAmI)))]
pub(super) async fn who_am_i(State(app): State<Arc<App>>, session: SignedIn) -> Answer<Json<WhoAmI>> {
    let (state, holder) = (app.book.read(), session.holder);
    let name = state.persons.get(&holder.person).map(|person| person.name.clone()).ok_or_else(|| Failure::not_found("person"))?;
    let activated = state.binding(&holder.person, &holder.device).is_some_and(|binding| binding.activated);
    let person = PersonInfo { id: holder.person, name };
    Ok(Json(WhoAmI { person, activated, sandbox: app.sandbox, now: Timestamp::now() }))
}

/// 退出登录: ends the session and its refresh token.
#[utoipa::path(delete, path = "/v1/session", tag = "session", responses((status = 204)))]
pub(super) async fn sign_out(State(app): State<Arc<App>>, session: SignedIn) -> Answer<StatusCode> {
    app.sessions.sign_out(&app.book, &session.token, &session.holder).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Uses a refresh token up for a new session and the next token.
///
/// The same PC may use it again as long as that next token was never used, because the answer may have been lost; it gets another in its
/// place. Any other second use ends everything that came from the same sign-in.
#[utoipa::path(post, path = "/v1/session/refresh", tag = "session", request_body = RefreshRequest, responses((status = 200, body = Session)))]
pub(super) async fn refresh(State(app): State<Arc<App>>, Body(mut request): Body<RefreshRequest>) -> Answer<Json<Session>> {
    request.device = checked(request.device)?;
    app.sessions.refresh(&app.book, &request).await.map(Json)
}

/// 解除绑定: the person's right to use this client ends; activation is needed again.
#[utoipa::path(delete, path = "/v1/binding", tag = "session", responses((status = 204)))]
pub(super) async fn unbind(State(app): State<Arc<App>>, session: SignedIn) -> Answer<StatusCode> {
    let holder = session.holder;
    app.book
        .change(|state| {
            activation::unbind(state, &holder.person, &holder.device);
            Ok(())
        })
        .await?;
    app.sessions.end_binding(&holder.person, &holder.device);
    if app.sandbox {
        // The sandbox's user has nobody to ask for a code.
        app.mail_code().await;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Redeems an activation code (激活码). Repeating it on the same PC gives the same answer.
#[utoipa::path(post, path = "/v1/activation", tag = "session", request_body = ActivationRequest, responses((status = 200, body = ActivationResult)))]
pub(super) async fn activate(
    State(app): State<Arc<App>>,
    Extension(peer): Extension<Peer>,
    session: SignedIn,
    Body(request): Body<ActivationRequest>,
) -> Answer<Json<ActivationResult>> {
    let ids = activation::redeem(&app.book, &app.guesses, peer.ip(), &session.holder, &request.code).await?;
    let state = app.book.read();
    let companies = ids.iter().map(|id| app.company(&state, id)).collect::<Answer<Vec<_>>>()?;
    Ok(Json(ActivationResult { companies }))
}
