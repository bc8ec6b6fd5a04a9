//! Signing in (登录): fields, challenges, locks, sessions.
//!
//! ```text
//! begin ─► wrong: one error of five ─► locked until midnight
//!   └─► 图形验证码 ─► 短信验证码 or 扫码 ─► 选择身份 ─► 办税关系 ─► 人脸 ─► session, 12 hours
//! ```
//! Which of them: the region's rules, and what the person has to clear up. A hosted number answers what it can by itself.
//! An account has one challenge and one session at a time; the newer one ends the older.

mod captcha;
mod challenge;
mod errors;
mod gate;
mod glyphs;
mod hosted;
mod outbox;
mod switches;

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{TimeZone, offset};
use piaoxia_domain::account::{Identity, Rights};

use crate::people::AccountNo;
use crate::register::CompanyNo;

pub(crate) use gate::{Gate, Visitor};
pub use hosted::HostedFailure;
pub use outbox::Message;

/// Errors a day before the bureau locks an account (连续错误次数).
pub const ERRORS_A_DAY: u32 = 5;
/// Sign-ins under another identity in an hour (身份切换次数).
pub const IDENTITY_SWITCHES_AN_HOUR: u32 = 5;
/// Hours that a session lasts at most.
pub const SESSION_HOURS: i64 = 12;

/// Where a sign-in stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A person must answer.
    Challenge(Challenge),
    /// Signed in.
    Session(BureauSession),
}

/// Something that only a person can answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// Id.
    pub id: String,
    /// Account that signs in.
    pub account: AccountNo,
    /// Its company.
    pub company: CompanyNo,
    /// Login name, masked.
    pub login_name: String,
    /// Four-digit region.
    pub region: String,
    /// What is asked.
    pub kind: ChallengeKind,
    /// End, UTC.
    pub expires_at: Timestamp,
    /// Tries left before it fails.
    pub attempts_left: u32,
    /// The last answer was wrong.
    pub rejected: bool,
}

/// What is asked.
#[derive(Clone, PartialEq, Eq)]
pub enum ChallengeKind {
    /// 图形验证码: type what the picture shows, in capital or small letters. A wrong answer brings a new picture.
    Image {
        /// PNG, 120 x 40.
        png: Vec<u8>,
    },
    /// 短信验证码: the six digits sent to the phone.
    Sms {
        /// `199****0001`.
        phone: String,
        /// When the code may be sent again, UTC.
        resend_at: Timestamp,
    },
    /// 扫码: one QR for each phone app that can answer.
    Qr {
        /// The choices.
        apps: Vec<QrApp>,
    },
    /// 选择身份; answered with the identity's code, `BSY`.
    SelectIdentity {
        /// The identities that the person has there.
        options: Vec<Identity>,
    },
    /// 人脸验证: one QR for each phone app that can look at the face.
    Face {
        /// The choices.
        apps: Vec<QrApp>,
    },
    /// 办税关系待确认; answered with the code of a choice.
    ConfirmRelation {
        /// What the person can say.
        options: Vec<Relation>,
    },
    /// A hosted number answers; nobody has to do anything.
    Working {
        /// Steps that are done, Chinese.
        done: Vec<&'static str>,
        /// The step that it is at, Chinese.
        doing: &'static str,
    },
}

/// What a person says of an unconfirmed relation to a company (办税关系).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// 确认.
    Confirm,
    /// 否认.
    Deny,
}

impl Relation {
    /// Both, as the bureau lists them.
    pub const ALL: [Self; 2] = [Self::Confirm, Self::Deny];

    /// What is sent.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Deny => "deny",
        }
    }

    /// What is shown, Chinese.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Confirm => "确认：本人为该企业办税",
            Self::Deny => "否认：与本人无关",
        }
    }
}

impl fmt::Debug for ChallengeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Image { .. } => "Image",
            Self::Sms { .. } => "Sms",
            Self::Qr { .. } => "Qr",
            Self::SelectIdentity { .. } => "SelectIdentity",
            Self::Face { .. } => "Face",
            Self::ConfirmRelation { .. } => "ConfirmRelation",
            Self::Working { .. } => "Working",
        })
    }
}

/// A QR for one phone app.
#[derive(Clone, PartialEq, Eq)]
pub struct QrApp {
    /// App, by name.
    pub app: &'static str,
    /// Text of the QR.
    pub text: String,
}

/// A session at the bureau.
#[derive(Clone, PartialEq, Eq)]
pub struct BureauSession {
    /// What every later call shows.
    pub token: String,
    /// Account.
    pub account: AccountNo,
    /// Its company.
    pub company: CompanyNo,
    /// 姓名.
    pub person: String,
    /// Identity that the person works under.
    pub identity: Identity,
    /// What the identity may do.
    pub rights: Rights,
    /// End, UTC; the bureau may end it earlier.
    pub until: Timestamp,
}

// Tokens never reach a log.
impl fmt::Debug for BureauSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BureauSession")
            .field("account", &self.account)
            .field("identity", &self.identity)
            .field("until", &self.until)
            .finish_non_exhaustive()
    }
}

/// The midnight in Shanghai that ends a day.
pub(crate) fn midnight_after(day: Date) -> Timestamp {
    let next = day.tomorrow().unwrap_or(day);
    next.to_zoned(TimeZone::fixed(offset(8))).map_or(Timestamp::MAX, |midnight| midnight.timestamp())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use jiff::civil::date;

    #[test]
    fn midnight_is_that_of_shanghai() {
        assert_eq!(midnight_after(date(2026, 12, 31)), "2026-12-31T16:00:00Z".parse().unwrap());
    }
}
