//! E-tax accounts: the region's form, signing in, challenges, defaults.

use std::collections::BTreeMap;

use jiff::Timestamp;
use piaoxia_domain::account::{Account, AccountId, DefaultFor, Identity, LoginMode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The fields that a region's bureau asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LoginForm {
    /// Four-digit region.
    pub region: String,
    /// Fields in their order.
    pub fields: Vec<FormField>,
    /// Identities that the region knows.
    pub identities: Vec<Identity>,
    /// Login types that the service offers.
    pub login_modes: Vec<LoginMode>,
}

/// Kind of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum FieldKind {
    /// Plain text.
    Text,
    /// Hidden while typed, never kept.
    Password,
    /// 居民身份证号码.
    IdNumber,
    /// Mobile phone.
    Phone,
    /// One of `options`.
    Select,
    /// A kind of a newer service: drawn as text.
    #[serde(other)]
    Unknown,
}

/// One field of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FormField {
    /// Key in [`AccountRequest::fields`].
    pub key: String,
    /// Chinese label as the region's page prints it.
    pub label: String,
    /// What is typed.
    pub kind: FieldKind,
    /// May not be empty.
    pub required: bool,
    /// Hint inside the empty field.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hint: String,
    /// Filled in for the person (the company's tax number) and not to be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixed: Option<String>,
    /// Choices of a select field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<ChallengeOption>,
}

/// Adds an account, or changes one. It is kept once the bureau lets it in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccountRequest {
    /// Values by the form's keys; the password is used for this sign-in alone and not kept.
    pub fields: BTreeMap<String, String>,
    /// 身份类型.
    pub identity: Identity,
    /// 登录类型.
    pub login_mode: LoginMode,
}

/// Signs an account in at the bureau.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LoginRequest {
    /// Password; asked each time, because nothing keeps it.
    pub password: String,
}

/// Where a sign-in at the bureau stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", tag = "step")]
pub enum LoginStep {
    /// Signed in.
    Done {
        /// The account as it is now.
        account: Account,
    },
    /// A person must answer.
    Challenge {
        /// What is asked.
        challenge: Challenge,
    },
}

/// Something that only a person can answer. An account has at most one at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Challenge {
    /// Id.
    pub id: String,
    /// Account that signs in; none while it is being added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// Login name, masked, so that the person knows whom it is about.
    pub login_name: String,
    /// Company, by name.
    pub company: String,
    /// Four-digit region.
    pub region: String,
    /// What is asked.
    pub kind: ChallengeKind,
    /// Seconds until it expires, counted from the answer.
    pub expires_in: u64,
    /// Tries left before it fails.
    pub attempts_left: u32,
    /// The last answer was wrong.
    #[serde(default)]
    pub rejected: bool,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum ChallengeKind {
    /// 图形验证码: type what the picture shows. A wrong answer brings a new picture.
    #[serde(rename_all = "camelCase")]
    Image {
        /// PNG, base64.
        png: String,
    },
    /// 短信验证码: type the six digits sent to the phone.
    #[serde(rename_all = "camelCase")]
    Sms {
        /// `138****0001`.
        phone: String,
        /// Seconds until the code may be sent again.
        resend_after: u64,
    },
    /// 扫码 or 人脸: one QR for each phone app that can answer.
    #[serde(rename_all = "camelCase")]
    Qr {
        /// The choices.
        apps: Vec<QrChoice>,
    },
    /// 选择身份.
    #[serde(rename_all = "camelCase")]
    SelectIdentity {
        /// The identities that the person has there.
        options: Vec<ChallengeOption>,
    },
    /// 人脸验证: one QR for each phone app that can look at the face.
    #[serde(rename_all = "camelCase")]
    Face {
        /// The choices.
        apps: Vec<QrChoice>,
    },
    /// 办税关系待确认: the person has to say whether the relation to the company is right.
    #[serde(rename_all = "camelCase")]
    ConfirmRelation {
        /// What can be said: the first confirms, every other one denies the relation and ends it.
        options: Vec<ChallengeOption>,
    },
    /// A hosted number (华盟托管号码, 企享云办税小号) answers by itself. Nobody has to do anything; what it cannot answer comes as
    /// another challenge.
    #[serde(rename_all = "camelCase")]
    Working {
        /// Steps that are done, Chinese.
        done: Vec<String>,
        /// The step that it is at, Chinese.
        doing: String,
    },
    /// A kind of a newer service: answered by a typed text.
    #[serde(other)]
    Unknown,
}

impl ChallengeKind {
    /// The QRs that a phone app answers; none for other kinds.
    #[must_use]
    pub fn apps(&self) -> Option<&[QrChoice]> {
        match self {
            Self::Qr { apps } | Self::Face { apps } => Some(apps),
            _ => None,
        }
    }

    /// The choices of a challenge that is answered by choosing; none for other kinds.
    #[must_use]
    pub fn options(&self) -> Option<&[ChallengeOption]> {
        match self {
            Self::SelectIdentity { options } | Self::ConfirmRelation { options } => Some(options),
            _ => None,
        }
    }
}

/// A QR for one phone app.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct QrChoice {
    /// App, by name.
    pub app: String,
    /// Text of the QR.
    pub text: String,
}

/// A choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChallengeOption {
    /// Value to send.
    pub value: String,
    /// Text to show.
    pub label: String,
}

/// Answers a challenge.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Answer {
    /// What the person typed or chose.
    pub value: String,
}

/// Sets a default account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DefaultRequest {
    /// The account.
    pub account: AccountId,
    /// For which work.
    pub default_for: DefaultFor,
}

/// The accounts of a company.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccountsAnswer {
    /// In the order they were added.
    pub accounts: Vec<Account>,
    /// The service's clock, UTC, to show sessions and locks by.
    pub now: Timestamp,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use serde_json::json;

    #[test]
    fn a_field_of_a_newer_service_is_typed_as_text() {
        let field = json!({
            "key": "dialect", "label": "方言", "required": true, "pattern": "^x$",
            "options": [{"value": "1", "label": "一"}]
        });
        let of = |kind: serde_json::Value| {
            let mut field = field.clone();
            field.as_object_mut().unwrap().insert("kind".to_owned(), kind);
            serde_json::from_value::<FormField>(field)
        };
        let unknown = of(json!("hologram")).unwrap();
        assert_eq!((unknown.kind, unknown.required, unknown.hint.as_str()), (FieldKind::Unknown, true, ""));
        for (name, kind) in [
            ("text", FieldKind::Text),
            ("password", FieldKind::Password),
            ("idNumber", FieldKind::IdNumber),
            ("phone", FieldKind::Phone),
            ("select", FieldKind::Select),
        ] {
            assert_eq!(of(json!(name)).unwrap().kind, kind);
        }
        let form = json!({"region": "3100", "fields": [unknown], "identities": ["BSY"], "loginModes": ["manual"]});
        assert_eq!(serde_json::from_value::<LoginForm>(form).unwrap().fields.first().unwrap().kind, FieldKind::Unknown);
    }

    #[test]
    fn a_challenge_of_a_newer_service_is_answered_by_typing() {
        let kind = serde_json::from_value::<ChallengeKind>(json!({"kind": "riddle", "question": "?"})).unwrap();
        assert_eq!(kind, ChallengeKind::Unknown);
        assert!(kind.apps().is_none() && kind.options().is_none());
        let face = serde_json::from_value::<ChallengeKind>(json!({"kind": "face", "apps": [{"app": "a", "text": "t"}]})).unwrap();
        assert_eq!(face.apps().map(<[QrChoice]>::len), Some(1));
        let working = ChallengeKind::Working { done: vec!["一".to_owned()], doing: "二".to_owned() };
        let sent = serde_json::to_value(&working).unwrap();
        assert_eq!(sent, json!({"kind": "working", "done": ["一"], "doing": "二"}));
        assert_eq!(serde_json::from_value::<ChallengeKind>(sent).unwrap(), working);
    }
}
