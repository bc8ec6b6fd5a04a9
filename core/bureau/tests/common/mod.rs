//! What the tests of the bureau share.
#![allow(dead_code, clippy::unwrap_used, reason = "each test file uses a part of it, and a test may panic")]

use jiff::Timestamp;
use jiff::civil::{Date, date};
use piaoxia_bureau::{Bureau, BureauConfig, BureauSession, Challenge, ChallengeKind, DemoAccount, Step};
use piaoxia_domain::DateRange;
use piaoxia_domain::account::Identity;

pub const TODAY: Date = date(2026, 9, 16);

pub fn bureau(seed: u64, invoices: u64) -> Bureau {
    Bureau::new(BureauConfig::new(seed, invoices, TODAY))
}

pub fn range(from: Date, to: Date) -> DateRange {
    DateRange::new(from, to).unwrap()
}

/// The whole history.
pub fn always() -> DateRange {
    range(date(2025, 1, 1), date(2030, 12, 31))
}

/// 10:00 in Shanghai on the day of the tests.
pub fn morning() -> Timestamp {
    "2026-09-16T02:00:00Z".parse().unwrap()
}

pub fn after(seconds: i64) -> Timestamp {
    morning() + jiff::SignedDuration::from_secs(seconds)
}

pub fn begin(bureau: &Bureau, account: &DemoAccount, now: Timestamp) -> Challenge {
    challenge(bureau.begin_login(account.company, &account.fields(), account.identity, now).unwrap())
}

pub fn challenge(step: Step) -> Challenge {
    match step {
        Step::Challenge(challenge) => challenge,
        Step::Session(session) => unreachable!("signed in: {session:?}"),
    }
}

/// Signs in as a person would who reads pictures, messages and QRs without a mistake.
pub fn sign_in(bureau: &Bureau, account: &DemoAccount, now: Timestamp) -> BureauSession {
    sign_in_as(bureau, account, account.identity, now)
}

/// The same, under another identity of the person.
pub fn sign_in_as(bureau: &Bureau, account: &DemoAccount, identity: Identity, now: Timestamp) -> BureauSession {
    let step = bureau.begin_login(account.company, &account.fields(), identity, now).unwrap();
    go_through(bureau, step, &account.phone, identity, now).1
}

/// Answers whatever is asked without a mistake; gives the kinds that were asked, too.
pub fn go_through(bureau: &Bureau, mut step: Step, phone: &str, identity: Identity, now: Timestamp) -> (Vec<ChallengeKind>, BureauSession) {
    let mut asked = Vec::new();
    loop {
        let challenge = match step {
            Step::Session(session) => return (asked, session),
            Step::Challenge(challenge) => challenge,
        };
        step = match &challenge.kind {
            ChallengeKind::Image { .. } => bureau.answer(&challenge.id, &bureau.captcha_answer(&challenge.id).unwrap(), now).unwrap(),
            ChallengeKind::Sms { .. } => bureau.answer(&challenge.id, &last_code(bureau, phone), now).unwrap(),
            ChallengeKind::Qr { apps } | ChallengeKind::Face { apps } => {
                bureau.scan_qr(&apps.first().unwrap().text, true, now).unwrap();
                bureau.poll(&challenge.id, now).unwrap()
            }
            ChallengeKind::SelectIdentity { .. } => bureau.answer(&challenge.id, identity.code(), now).unwrap(),
            ChallengeKind::ConfirmRelation { options } => bureau.answer(&challenge.id, options.first().unwrap().code(), now).unwrap(),
            ChallengeKind::Working { .. } => unreachable!("nobody hosts this one"),
        };
        asked.push(challenge.kind);
    }
}

pub fn last_code(bureau: &Bureau, phone: &str) -> String {
    bureau.messages(Some(phone)).pop().unwrap().code
}

/// A six-digit code that is not the one on the phone.
pub fn wrong_code(bureau: &Bureau, phone: &str) -> String {
    let right: u32 = last_code(bureau, phone).parse().unwrap();
    format!("{:06}", (right + 1) % 1_000_000)
}
