//! 微信绑定: ties an e-tax account to the person who gets its login and verification requests on the phone.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What the QR of a binding shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BindTicket {
    /// 128 random bits, hex.
    pub id: String,
    /// Text of the QR: the phone page.
    pub qr_text: String,
    /// The same page for a browser on this PC; only the sandbox offers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local_url: Option<String>,
    /// Seconds until it expires, counted from the answer.
    pub expires_in: u64,
}

/// Where a binding stands (绑定结果).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", tag = "state")]
pub enum BindState {
    /// 等待扫码.
    Pending,
    /// 已扫码, waiting for the person to agree.
    Scanned,
    /// 已绑定.
    Bound {
        /// Name of the person.
        person: String,
    },
    /// 已拒绝.
    Denied,
    /// 已过期.
    Expired,
}
