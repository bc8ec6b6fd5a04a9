//! Notices of outages, and budgets.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a notice reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum NoticeKind {
    /// 系统维护.
    Maintenance,
    /// 故障.
    Fault,
    /// 已恢复.
    Recovered,
    /// A kind of a newer service.
    #[serde(other)]
    Unknown,
}

/// A notice about a region's bureau.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Notice {
    /// Four-digit region; empty means all.
    pub region: String,
    /// What.
    pub kind: NoticeKind,
    /// Until, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// The service's words, Chinese.
    pub text: String,
}

/// Scarce tries of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Budget {
    /// Wrong passwords or codes left today before the bureau locks the account.
    pub login_tries_left: u32,
    /// Collect jobs left this month.
    pub collect_calls_left: u32,
    /// Sign-ins under another identity left this hour; none where the bureau does not count them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity_switches_left: Option<u32>,
    /// When the tries are given back, UTC.
    pub resets_at: Timestamp,
}
