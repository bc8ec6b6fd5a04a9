//! Signing in by QR: a ticket, its states, the session it gives.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The PC that asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Device {
    /// Random id of this installation, 32 hex digits; a code is bound to it when redeemed.
    pub id: String,
    /// Computer name, shown on the phone's confirm page.
    pub name: String,
    /// Program version.
    pub version: String,
}

/// Asks for a login ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TicketRequest {
    /// The PC.
    pub device: Device,
    /// base64url(SHA-256(verifier)), RFC 7636 S256: only the holder of the verifier is given the session.
    pub challenge: String,
    /// 30 天免登录: hand out a refresh token as well.
    pub keep_signed_in: bool,
}

/// A ticket: what the QR shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LoginTicket {
    /// 128 random bits, hex.
    pub id: String,
    /// Text of the QR: the phone page.
    pub qr_text: String,
    /// The same page for a browser on this PC; only the sandbox offers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local_url: Option<String>,
    /// Three digits that the PC shows and the phone's user types (number matching, RFC 10027).
    pub number: String,
    /// Seconds until it expires, counted from the answer: the PC's clock may be wrong.
    pub expires_in: u64,
}

/// Polls a ticket; held open up to 25 s while nothing happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PollRequest {
    /// The secret behind `challenge`.
    pub verifier: String,
    /// State that the PC knows; the answer comes at once when it is another one.
    pub known: String,
}

/// Where a ticket stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", tag = "state")]
pub enum TicketState {
    /// 等待扫码.
    Pending,
    /// 已扫码, waiting for the confirmation.
    Scanned,
    /// 已确认.
    Confirmed {
        /// The session.
        session: Session,
    },
    /// 已拒绝, or the number was typed wrong three times.
    Denied,
    /// 已过期.
    Expired,
}

impl TicketState {
    /// Name of the state, as [`PollRequest::known`] wants it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Scanned => "scanned",
            Self::Confirmed { .. } => "confirmed",
            Self::Denied => "denied",
            Self::Expired => "expired",
        }
    }
}

/// The person behind a phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PersonInfo {
    /// Id within the service.
    pub id: String,
    /// Name to show (微信昵称).
    pub name: String,
}

/// A session with the service.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// Bearer token, 256 random bits.
    pub token: String,
    /// Its end, UTC: 12 hours.
    pub expires_at: Timestamp,
    /// Token for the next session, used up by it; only when asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// End of 30 天免登录, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_until: Option<Timestamp>,
    /// Who signed in.
    pub person: PersonInfo,
    /// The person has activated this client; if not, the activation page comes next.
    pub activated: bool,
}

// Tokens never reach a log.
impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("person", &self.person).field("activated", &self.activated).finish_non_exhaustive()
    }
}

/// Asks for a new session.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RefreshRequest {
    /// From the last session; used up by this call. Where the answer was lost, the same PC may send it again: the token of the lost answer
    /// was never used, and is replaced. Any other second use counts as theft and ends all that came from the same sign-in.
    pub refresh_token: String,
    /// The PC that the token was given to.
    pub device: Device,
}

/// Answer to "who am I".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WhoAmI {
    /// The person.
    pub person: PersonInfo,
    /// See [`Session::activated`].
    pub activated: bool,
    /// True when the service is the sandbox.
    pub sandbox: bool,
    /// The service's clock, UTC.
    pub now: Timestamp,
}
