//! The sandbox's own controls: what a person would read on a phone or in a mail, and the fault dial.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a message reaches its person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum MessageBy {
    /// 短信.
    #[default]
    Sms,
    /// 邮件.
    Mail,
    /// 微信消息, or the phone page where there is no WeChat.
    Phone,
    /// A way of a newer service.
    #[serde(other)]
    Unknown,
}

/// A message that the simulated bureau or service sent to a phone or mail box.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SandboxMessage {
    /// How it was sent.
    #[serde(default)]
    pub by: MessageBy,
    /// Phone number, mail address, or the person's name for the phone page.
    pub to: String,
    /// Subject of a mail.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub subject: String,
    /// Text.
    pub text: String,
    /// The code in it, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Sent, UTC.
    pub sent_at: Timestamp,
}

/// Condition of an activation code to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum CodeCondition {
    /// Good for 24 hours.
    Fresh,
    /// Issued 25 hours ago.
    Expired,
    /// Redeemed on another PC.
    Used,
}

/// An activation code made by the sandbox.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IssuedCode {
    /// The code.
    pub code: String,
    /// Its end, UTC.
    pub expires_at: Timestamp,
}

/// Faults that the sandbox can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Fault {
    /// Answers come after `arg` milliseconds.
    Slow,
    /// HTTP 503.
    ServerError,
    /// HTTP 429 with Retry-After of `arg` seconds.
    TooManyRequests,
    /// The connection is cut after `arg` bytes of the body.
    Cut,
    /// Links to originals are expired when they are handed out.
    LinkExpired,
    /// The account's session is lost while a collect job runs.
    SessionLost,
    /// A summary counts one invoice too many.
    WrongTotals,
    /// The bureau of the region is closed for `arg` seconds; with 0 seconds the next requests that reach it are refused once
    /// each, as on a bureau that restarts.
    Maintenance,
    /// A hosted number (华盟托管号码, 企享云办税小号) cannot answer: with `arg` 0 it is offline, with 1 it waits for the code in
    /// vain, with 2 what it answers is wrong.
    HostedFails,
    /// What 增值税发票综合服务平台 says of 税局平台密码 at the next sign-ins of tax disks, by its own codes: with `arg` 6 that it was
    /// cancelled, with 12 or 13 that the company may not use one, with anything else that it is needed.
    PlatformPassword,
}

/// Turns a fault on for the next requests that it fits. [`Fault::Maintenance`] lasts as long as it says, however many come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FaultRequest {
    /// Which.
    pub fault: Fault,
    /// How many of the next fitting requests it meets; 0 turns it off.
    pub times: u32,
    /// See [`Fault`].
    #[serde(default)]
    pub arg: u64,
    /// Four-digit region of [`Fault::Maintenance`]; empty means all.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub region: String,
}

impl FaultRequest {
    /// A fault of no particular region.
    #[must_use]
    pub const fn new(fault: Fault, times: u32, arg: u64) -> Self {
        Self { fault, times, arg, region: String::new() }
    }
}

/// How much the simulated bureau holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SandboxSize {
    /// Seed of everything.
    pub seed: u64,
    /// Invoices of the first company over its whole time.
    pub invoices: u64,
}

/// Asks for an activation code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CodeRequest {
    /// Its condition.
    pub condition: CodeCondition,
}

/// A phone that confirms a sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SandboxPhone {
    /// Whose phone it is; the same name is the same person.
    pub name: String,
    /// The number that the PC shows.
    pub number: String,
}

/// A phone answers the QR of a binding (微信绑定).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BindAnswer {
    /// Whose phone it is: somebody that the service knows.
    pub name: String,
    /// The person agrees.
    pub agrees: bool,
}

/// An account that the simulated bureau knows.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DemoAccount {
    /// Id of its company.
    pub company: String,
    /// Ready to be sent.
    pub request: super::AccountRequest,
    /// Phone that its codes are sent to.
    pub phone: String,
    /// What it may do.
    pub rights: piaoxia_domain::account::Rights,
    /// What is special about it, Chinese.
    pub hint: String,
}
