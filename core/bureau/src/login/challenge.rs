//! A sign-in that waits for a person.

use jiff::{SignedDuration, Timestamp};
use piaoxia_domain::account::Identity;

use super::captcha::Captcha;
use super::hosted::{Hosted, Progress};
use super::{Challenge, ChallengeKind, QrApp, Relation};
use crate::people::{BureauAccount, masked};
use crate::regions::Ask;

/// How long a whole sign-in may take before it must begin anew.
const ATTEMPT_SECONDS: i64 = 900;
/// Before that, a code is not sent again.
const RESEND_SECONDS: i64 = 60;

/// Apps that can answer a QR, with the interface that their text names.
const QR_APPS: [(&str, &str); 2] = [("电子税务局APP", "0003"), ("个人所得税APP", "0005")];
/// Apps that can look at a face.
const FACE_APPS: [(&str, &str); 2] = [("电子税务局APP", "0004"), ("国家网络身份认证APP", "0006")];

/// A sign-in under way.
#[derive(Clone)]
pub(super) struct Attempt {
    pub(super) identity: Identity,
    /// What is asked after this; all of it while a hosted number works.
    pub(super) rest: Vec<Ask>,
    pub(super) live: Live,
    started_at: Timestamp,
}

/// The challenge that is open.
#[derive(Clone)]
pub(super) struct Live {
    pub(super) id: String,
    pub(super) asked: Asked,
    pub(super) expires_at: Timestamp,
    pub(super) attempts_left: u32,
    pub(super) rejected: bool,
}

/// What was asked, with its answer.
#[derive(Clone)]
pub(super) enum Asked {
    Image(Captcha),
    Sms(SentCode),
    Scan {
        what: Scan,
        id: String,
        /// What the person said on the phone.
        verdict: Option<bool>,
    },
    Identity(Vec<Identity>),
    Relation,
    Hosted(Hosted),
}

/// What a phone app is to do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scan {
    /// 扫码.
    Qr,
    /// 人脸.
    Face,
}

/// A code that lies on a phone.
#[derive(Clone)]
pub(super) struct SentCode {
    pub(super) code: String,
    pub(super) sent_at: Timestamp,
}

impl Attempt {
    pub(super) fn new(identity: Identity, rest: Vec<Ask>, live: Live, now: Timestamp) -> Self {
        Self { identity, rest, live, started_at: now }
    }

    /// True when nothing can be answered or sent again any more.
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        now >= later(self.started_at, ATTEMPT_SECONDS)
    }

    /// As the person sees it now.
    pub(super) fn challenge(&self, account: &BureauAccount, region: &str, now: Timestamp) -> Challenge {
        let kind = match &self.live.asked {
            Asked::Image(captcha) => ChallengeKind::Image { png: captcha.png.clone() },
            Asked::Sms(sent) => ChallengeKind::Sms { phone: masked(&account.phone), resend_at: sent.resend_at() },
            Asked::Scan { what: Scan::Qr, id, .. } => ChallengeKind::Qr { apps: apps(&QR_APPS, id, region) },
            Asked::Scan { what: Scan::Face, id, .. } => ChallengeKind::Face { apps: apps(&FACE_APPS, id, region) },
            Asked::Identity(options) => ChallengeKind::SelectIdentity { options: options.clone() },
            Asked::Relation => ChallengeKind::ConfirmRelation { options: Relation::ALL.to_vec() },
            Asked::Hosted(hosted) => working(&hosted.progress(now)),
        };
        Challenge {
            id: self.live.id.clone(),
            account: account.no,
            company: account.company,
            login_name: account.masked_login_name(),
            region: region.to_owned(),
            kind,
            expires_at: self.live.expires_at,
            attempts_left: self.live.attempts_left,
            rejected: self.live.rejected,
        }
    }
}

impl Live {
    pub(super) fn new(id: String, asked: Asked, now: Timestamp) -> Self {
        let (seconds, attempts_left) = match &asked {
            Asked::Image(_) => (120, 5),
            Asked::Sms(sent) => {
                let left = later(sent.sent_at, 300).duration_since(now).as_secs();
                (left, 3)
            }
            Asked::Scan { what: Scan::Qr, .. } => (180, 1),
            Asked::Scan { what: Scan::Face, .. } => (300, 1),
            Asked::Identity(_) | Asked::Relation => (300, 3),
            Asked::Hosted(_) => (120, 1),
        };
        Self { id, asked, expires_at: later(now, seconds), attempts_left, rejected: false }
    }

    pub(super) fn is_expired(&self, now: Timestamp) -> bool {
        now >= self.expires_at
    }
}

impl SentCode {
    pub(super) fn resend_at(&self) -> Timestamp {
        later(self.sent_at, RESEND_SECONDS)
    }
}

/// The texts that the phone apps read, in the form the bureaus use.
fn apps(apps: &[(&'static str, &str)], id: &str, region: &str) -> Vec<QrApp> {
    let app = |(app, interface): &(&'static str, &str)| QrApp {
        app,
        text: format!("qrcode_id={id}&areaPrefix={region}&interfaceCode={interface}"),
    };
    apps.iter().map(app).collect()
}

/// What is shown of a hosted number. Between its last step and the next look it shows nothing new.
fn working(progress: &Progress) -> ChallengeKind {
    match progress {
        Progress::Working { done, doing } => ChallengeKind::Working { done: done.clone(), doing },
        Progress::Failed(_) | Progress::Finished(_) => ChallengeKind::Working { done: Vec::new(), doing: "等待电子税务局回应" },
    }
}

/// The id in the text of a QR.
pub(super) fn qr_id(text: &str) -> Option<&str> {
    text.trim().strip_prefix("qrcode_id=")?.split('&').next()
}

pub(super) fn later(moment: Timestamp, seconds: i64) -> Timestamp {
    moment.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}
