//! Errors of the service: a class that says what to do, a stable code, and what the upstream said.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an error asks of the program or the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum ErrorClass {
    /// The account's session at the bureau is over: sign it in, then go on.
    NeedLogin,
    /// A challenge is open and waits for a person.
    NeedChallenge,
    /// The person typed something wrong.
    UserFix,
    /// The bureau has locked the account; see `until`.
    Locked,
    /// The account or person lacks the right.
    Permission,
    /// Something else must be done first.
    Precondition,
    /// Not offered here.
    Unsupported,
    /// Too many invoices or days in one go: split the range.
    TooMany,
    /// A budget is used up; see `until`.
    Quota,
    /// Too fast; see `retryAfter`.
    Throttle,
    /// The same work is running already; see `retryAfter`.
    Busy,
    /// The bureau or upstream service fails.
    UpstreamDown,
    /// The bureau is being serviced; see `until`.
    Maintenance,
    /// A link has expired: ask for a fresh one.
    LinkExpired,
    /// Sign in to the service again.
    Unauthorized,
    /// There is no such thing.
    NotFound,
    /// Somebody was there first; `message` names what exists.
    Conflict,
    /// The request is malformed: a fault of the program.
    BadRequest,
    /// A fault of the service.
    Internal,
    /// A class of a newer service.
    #[serde(other)]
    Unknown,
}

/// What the service behind the service said, word for word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Upstream {
    /// Which one: `sim`, `etax`.
    pub service: String,
    /// Its code.
    pub code: String,
    /// Its words.
    pub message: String,
}

/// Body of every answer that is not 2xx.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, thiserror::Error)]
#[serde(rename_all = "camelCase")]
#[error("{code}: {message} (request {request_id})")]
pub struct ApiError {
    /// What to do.
    pub class: ErrorClass,
    /// Stable code, one of [`code`]; newer services may send others.
    pub code: String,
    /// For logs, in English.
    pub message: String,
    /// Seconds to wait before trying again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    /// When a lock, a quota or a maintenance ends, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Tries left before a lock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempts_left: Option<u32>,
    /// Field of the request that is meant, by its key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Id of the request, for support.
    #[serde(default)]
    pub request_id: String,
    /// What the upstream said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream: Option<Upstream>,
}

impl ApiError {
    /// An error with nothing but class, code and message.
    #[must_use]
    pub fn new(class: ErrorClass, code: &str, message: impl Into<String>) -> Self {
        Self {
            class,
            code: code.to_owned(),
            message: message.into(),
            retry_after: None,
            until: None,
            attempts_left: None,
            field: None,
            request_id: String::new(),
            upstream: None,
        }
    }
}

/// The stable error codes. Each has its own sentence in the program's texts.
pub mod code {
    /// Not an activation code at all.
    pub const ACTIVATION_MALFORMED: &str = "activation.malformed";
    /// Well formed, but nobody issued it.
    pub const ACTIVATION_UNKNOWN: &str = "activation.unknown";
    /// Older than 24 hours.
    pub const ACTIVATION_EXPIRED: &str = "activation.expired";
    /// Redeemed on another PC.
    pub const ACTIVATION_USED: &str = "activation.used";
    /// Too many wrong codes.
    pub const ACTIVATION_THROTTLED: &str = "activation.throttled";
    /// The person has not activated this client.
    pub const NOT_ACTIVATED: &str = "session.notActivated";
    /// No session, or one that is over.
    pub const SESSION_INVALID: &str = "session.invalid";
    /// The refresh token is used up or over.
    pub const REFRESH_INVALID: &str = "session.refreshInvalid";
    /// Wrong user name or password at the bureau.
    pub const WRONG_PASSWORD: &str = "login.wrongPassword";
    /// The bureau locked the account.
    pub const ACCOUNT_LOCKED: &str = "login.locked";
    /// A required field is empty or does not fit its pattern; `field` names it.
    pub const FIELD_INVALID: &str = "login.fieldInvalid";
    /// The person does not have this identity at the company.
    pub const IDENTITY_MISMATCH: &str = "login.identityMismatch";
    /// Too many sign-ins under another identity in an hour; see `until`.
    pub const IDENTITY_SWITCHES: &str = "login.identitySwitches";
    /// The person said that the relation to the company is none of theirs.
    pub const RELATION_DENIED: &str = "login.relationDenied";
    /// The challenge is over or was answered.
    pub const CHALLENGE_GONE: &str = "challenge.gone";
    /// Too many wrong answers: the sign-in is over; see `attemptsLeft` for what is left today.
    pub const CHALLENGE_FAILED: &str = "challenge.failed";
    /// The person said no on the phone.
    pub const CHALLENGE_DENIED: &str = "challenge.denied";
    /// A code may not be sent again yet; see `retryAfter`.
    pub const RESEND_TOO_SOON: &str = "challenge.resendTooSoon";
    /// The account is there already.
    pub const ACCOUNT_EXISTS: &str = "account.exists";
    /// A rule of default accounts forbids it; `message` is the rule.
    pub const DEFAULT_RULE: &str = "account.defaultRule";
    /// No account was named and there is no default.
    pub const NO_DEFAULT_ACCOUNT: &str = "account.noDefault";
    /// The account may not receive invoices.
    pub const NO_RECEIVE_RIGHT: &str = "account.noReceiveRight";
    /// The account's session at the bureau is over.
    pub const BUREAU_SESSION_LOST: &str = "bureau.sessionLost";
    /// The service takes no tax disks: it trusts no authority of disks, or has no way to the platform.
    pub const DISK_NOT_OFFERED: &str = "disk.notOffered";
    /// The challenge for the disk is over, was used, or is somebody else's: ask for another.
    pub const DISK_CHALLENGE_GONE: &str = "disk.challengeGone";
    /// The certificate's key did not sign the challenge.
    pub const DISK_SIGNATURE_WRONG: &str = "disk.signatureWrong";
    /// The certificate was valid until `until`.
    pub const DISK_CERTIFICATE_EXPIRED: &str = "disk.certificateExpired";
    /// The certificate is valid from `until` on.
    pub const DISK_CERTIFICATE_NOT_YET_VALID: &str = "disk.certificateNotYetValid";
    /// No certificate that the service takes: of no trusted authority, not for signing, or not readable.
    pub const DISK_CERTIFICATE_UNKNOWN: &str = "disk.certificateUnknown";
    /// The company of the certificate is none of the person's.
    pub const DISK_OTHER_COMPANY: &str = "disk.otherCompany";
    /// The company has moved to 数电 (90500): an e-tax account is needed, the disk no longer works.
    pub const DISK_DIGITAL: &str = "disk.digital";
    /// 税局平台密码 is wrong; see `attemptsLeft` for what is left today.
    pub const PLATFORM_PASSWORD_WRONG: &str = "platform.passwordWrong";
    /// 勾选确认密码 is wrong; see `attemptsLeft` for what is left today.
    pub const PLATFORM_CONFIRMATION_WRONG: &str = "platform.confirmationWrong";
    /// Too many errors in a day: the platform takes 税局平台密码 no more before `until`.
    pub const PLATFORM_PASSWORD_LOCKED: &str = "platform.passwordLocked";
    /// Too many errors in a day: the platform takes 勾选确认密码 no more before `until`.
    pub const PLATFORM_CONFIRMATION_LOCKED: &str = "platform.confirmationLocked";
    /// The platform lets nobody in without 税局平台密码.
    pub const PLATFORM_PASSWORD_NEEDED: &str = "platform.passwordNeeded";
    /// 税局平台密码 was cancelled.
    pub const PLATFORM_PASSWORD_CANCELLED: &str = "platform.passwordCancelled";
    /// The company may not use a 税局平台密码.
    pub const PLATFORM_PASSWORD_NOT_ALLOWED: &str = "platform.passwordNotAllowed";
    /// The platform has taken another application for the same month and kind within 24 hours; see `until`.
    pub const PLATFORM_TOO_SOON: &str = "platform.tooSoon";
    /// The platform takes no more applications for the current month and kind; see `until`.
    pub const PLATFORM_QUOTA: &str = "platform.quota";
    /// More than 31 days, or more than one month, in one query.
    pub const RANGE_TOO_LARGE: &str = "query.rangeTooLarge";
    /// The last day is today or later: the bureau gives no same-day data.
    pub const RANGE_IN_FUTURE: &str = "query.rangeInFuture";
    /// More than 5,000 invoices in one export.
    pub const TOO_MANY_INVOICES: &str = "query.tooManyInvoices";
    /// Calls are used up.
    pub const QUOTA: &str = "quota.used";
    /// Requests come too fast.
    pub const THROTTLED: &str = "service.throttled";
    /// The bureau is being serviced.
    pub const MAINTENANCE: &str = "bureau.maintenance";
    /// The bureau fails.
    pub const BUREAU_DOWN: &str = "bureau.down";
    /// The link to a file has expired.
    pub const LINK_EXPIRED: &str = "file.linkExpired";
    /// There is no such thing.
    pub const NOT_FOUND: &str = "notFound";
    /// The request cannot be read.
    pub const BAD_REQUEST: &str = "badRequest";
    /// A fault of the service.
    pub const INTERNAL: &str = "internal";
}
