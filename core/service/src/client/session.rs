//! Signing in, the session, activation.

use std::time::Duration;

use reqwest::Method;

use super::transport::{Call, Retry};
use super::{Client, ClientError};
use crate::contract::{
    ActivationRequest, ActivationResult, LoginTicket, PollRequest, RefreshRequest, Session, TicketRequest, TicketState, WhoAmI,
};

/// How long the service holds a poll open while nothing happens.
const POLL_HELD: Duration = Duration::from_secs(25);

impl Client {
    /// Asks for a ticket to sign in with.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn create_ticket(&self, request: &TicketRequest) -> Result<LoginTicket, ClientError> {
        self.send_bounded(Call::post("create ticket", &["v1", "login", "tickets"]).retry(Retry::Always).json(request)?).await
    }

    /// Asks where a ticket stands; held up to 25 s while it stands where `request.known` says.
    ///
    /// The session is handed out once.
    ///
    /// # Errors
    /// `notFound` when the ticket is unknown or the verifier is another one's.
    pub async fn poll_ticket(&self, ticket: &str, request: &PollRequest) -> Result<TicketState, ClientError> {
        let call = Call::post("poll ticket", &["v1", "login", "tickets", ticket, "poll"]).retry(Retry::Always).held(POLL_HELD).alone();
        self.send(call.json(request)?).await
    }

    /// Who is signed in.
    ///
    /// # Errors
    /// `session.invalid` when nobody is.
    pub async fn session(&self) -> Result<WhoAmI, ClientError> {
        self.send(Call::get("session", &["v1", "session"])).await
    }

    /// Uses a refresh token up for a new session (30 天免登录). Not repeated here: see [`RefreshRequest::refresh_token`].
    ///
    /// # Errors
    /// `session.refreshInvalid`: sign in by QR again.
    pub async fn refresh_session(&self, request: &RefreshRequest) -> Result<Session, ClientError> {
        self.send(Call::post("refresh session", &["v1", "session", "refresh"]).json(request)?.alone()).await
    }

    /// 退出登录: ends the session and its refresh token.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn sign_out(&self) -> Result<(), ClientError> {
        self.send_empty(Call::new("sign out", Method::DELETE, &["v1", "session"], Retry::Network)).await
    }

    /// 解除绑定: the person's right to use this client ends.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn unbind(&self) -> Result<(), ClientError> {
        self.send_empty(Call::new("unbind", Method::DELETE, &["v1", "binding"], Retry::Network)).await
    }

    /// Redeems an activation code (激活码). Repeating it on the same PC gives the same answer.
    ///
    /// # Errors
    /// `activation.malformed`, `.unknown`, `.expired`, `.used`, `.throttled`.
    pub async fn activate(&self, request: &ActivationRequest) -> Result<ActivationResult, ClientError> {
        self.send(Call::post("activate", &["v1", "activation"]).retry(Retry::Network).json(request)?.alone()).await
    }
}
