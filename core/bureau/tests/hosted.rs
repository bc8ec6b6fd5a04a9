//! Hosted numbers (华盟托管号码, 企享云办税小号): their progress, what they cannot answer, and what follows when they fail.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod common;

use common::{after, bureau, challenge, go_through, last_code, morning};
use jiff::{SignedDuration, Timestamp};
use piaoxia_bureau::{Bureau, Challenge, ChallengeKind, DemoAccount, HostedFailure, Refusal, Step};
use piaoxia_domain::account::{Identity, LoginMode};

/// Shanghai: picture, message.
const SHANGHAI: usize = 0;
/// Shenzhen: message, choice of identity.
const SHENZHEN: usize = 2;
/// Zhejiang: QR.
const ZHEJIANG: usize = 4;
/// Shenzhen: message, relation, face.
const UNCONFIRMED: usize = 6;

/// Every picture that a sign-in shows: half a second apart.
fn millis(count: i64) -> Timestamp {
    morning() + SignedDuration::from_millis(count)
}

fn demo(bureau: &Bureau, which: usize) -> DemoAccount {
    bureau.demo_accounts()[which].clone()
}

fn begin(bureau: &Bureau, account: &DemoAccount, mode: LoginMode) -> Challenge {
    challenge(bureau.begin_login_by(mode, account.company, &account.fields(), account.identity, morning()).unwrap())
}

fn steps(challenge: &Challenge) -> (Vec<&'static str>, &'static str) {
    match &challenge.kind {
        ChallengeKind::Working { done, doing } => (done.clone(), doing),
        other => panic!("nobody works: {other:?}"),
    }
}

#[test]
fn every_region_and_either_number_ends_signed_in_by_looking_alone() {
    for (which, mode, took) in [
        (SHANGHAI, LoginMode::HostedPhone, 6_000),
        (SHENZHEN, LoginMode::VirtualPhone, 6_000),
        (ZHEJIANG, LoginMode::HostedPhone, 4_500),
        (ZHEJIANG, LoginMode::VirtualPhone, 4_500),
    ] {
        let bureau = bureau(1, 100);
        let account = demo(&bureau, which);
        let first = begin(&bureau, &account, mode);
        let (mut seen, mut now) = (vec![steps(&first)], 0);
        let session = loop {
            now += 500;
            match bureau.poll(&first.id, millis(now)).unwrap() {
                Step::Session(session) => break session,
                Step::Challenge(same) => {
                    assert_eq!((same.id.as_str(), same.expires_at, same.rejected), (first.id.as_str(), after(120), false));
                    assert_eq!(bureau.open_challenge(account.account, millis(now)).as_ref(), Some(&same));
                    seen.push(steps(&same));
                }
            }
        };
        assert_eq!((now, session.identity, session.account), (took, account.identity, account.account));
        seen.dedup();
        for (count, (done, doing)) in seen.iter().enumerate() {
            assert_eq!(done.len(), count, "one step after the other: {seen:?}");
            assert!(!done.contains(doing));
        }
        assert_eq!((seen.len() as i64, seen.last().unwrap().1), (took / 1_500, "登录电子税务局"));
        assert_eq!(bureau.open_challenge(account.account, millis(now)), None);
    }
}

#[test]
fn nothing_is_typed_while_a_number_works_and_it_can_be_given_up() {
    let bureau = bureau(1, 100);
    let account = demo(&bureau, SHANGHAI);
    let working = begin(&bureau, &account, LoginMode::HostedPhone);
    let same = challenge(bureau.answer(&working.id, "000000", millis(1_600)).unwrap());
    assert_eq!((same.attempts_left, same.rejected, steps(&same).0.len()), (1, false, 1));
    bureau.cancel(&working.id).unwrap();
    assert_eq!(bureau.poll(&working.id, after(10)), Err(Refusal::ChallengeGone));
    let by_hand = challenge(bureau.begin_login(account.company, &account.fields(), account.identity, after(11)).unwrap());
    assert!(matches!(by_hand.kind, ChallengeKind::Image { .. }));
    let hosted = begin(&bureau, &account, LoginMode::HostedPhone);
    assert_eq!(bureau.poll(&by_hand.id, after(12)), Err(Refusal::ChallengeGone), "one challenge an account");
    assert!(bureau.poll(&hosted.id, after(12)).is_ok());
}

#[test]
fn what_only_the_person_can_say_is_asked_of_the_person() {
    let bureau = bureau(1, 100);
    let account = demo(&bureau, UNCONFIRMED);
    let working = begin(&bureau, &account, LoginMode::HostedPhone);
    assert_eq!(steps(&challenge(bureau.poll(&working.id, millis(2_900)).unwrap())).1, "读取短信验证码");
    let step = bureau.poll(&working.id, after(3)).unwrap();
    let Step::Challenge(asked) = &step else { panic!("in without the relation") };
    assert_ne!(asked.id, working.id);
    let (kinds, session) = go_through(&bureau, step, &account.phone, account.identity, after(4));
    assert!(matches!(kinds[..], [ChallengeKind::ConfirmRelation { .. }, ChallengeKind::Face { .. }]), "{kinds:?}");
    assert_eq!(session.account, account.account);
}

#[test]
fn a_number_that_fails_hands_over_to_the_manual_box() {
    for (failure, millis_until) in [(HostedFailure::Offline, 1_500), (HostedFailure::NoCode, 3_000), (HostedFailure::WrongCode, 3_000)] {
        for which in [SHANGHAI, SHENZHEN, ZHEJIANG] {
            let bureau = bureau(1, 100);
            let account = demo(&bureau, which);
            bureau.fail_hosted(1, failure);
            let working = begin(&bureau, &account, LoginMode::HostedPhone);
            let before = challenge(bureau.poll(&working.id, millis(millis_until - 1)).unwrap());
            assert_eq!(before.id, working.id);
            let step = bureau.poll(&working.id, millis(millis_until)).unwrap();
            let Step::Challenge(asked) = &step else { panic!("a failing number lets nobody in") };
            let (fits, tries) = match (which, &asked.kind) {
                (SHANGHAI, ChallengeKind::Image { .. }) => (true, 5),
                (SHENZHEN, ChallengeKind::Sms { .. }) => (true, 3),
                (ZHEJIANG, ChallengeKind::Qr { .. }) => (true, 1),
                _ => (false, 0),
            };
            assert!(fits, "the region asks something else: {asked:?}");
            let wrong = failure == HostedFailure::WrongCode && tries > 1;
            assert_eq!((asked.rejected, asked.attempts_left), (wrong, tries - u32::from(wrong)), "{failure:?}");
            assert_eq!(bureau.poll(&working.id, millis(millis_until)), Err(Refusal::ChallengeGone));
            let (_, session) = go_through(&bureau, step, &account.phone, account.identity, millis(millis_until));
            assert_eq!(session.account, account.account);
            assert_eq!(bureau.budget(account.account, after(10)).login_tries_left, 5);
        }
    }
}

#[test]
fn the_dial_meets_as_many_hosted_sign_ins_as_it_says_and_no_others() {
    let bureau = bureau(1, 100);
    let (account, other) = (demo(&bureau, SHENZHEN), demo(&bureau, ZHEJIANG));
    bureau.fail_hosted(2, HostedFailure::Offline);
    let by_hand = bureau.begin_login(account.company, &account.fields(), account.identity, morning()).unwrap();
    go_through(&bureau, by_hand, &account.phone, account.identity, morning());
    let ends_manually = |account: &DemoAccount| {
        let working = begin(&bureau, account, LoginMode::VirtualPhone);
        match bureau.poll(&working.id, after(60)).unwrap() {
            Step::Session(_) => false,
            Step::Challenge(asked) => !matches!(asked.kind, ChallengeKind::Working { .. }),
        }
    };
    assert_eq!([&account, &other, &account].map(ends_manually), [true, true, false]);
    bureau.fail_hosted(5, HostedFailure::Offline);
    bureau.fail_hosted(0, HostedFailure::Offline);
    assert!(!ends_manually(&other));
}

#[test]
fn a_wrong_password_is_refused_before_any_number_works() {
    let bureau = bureau(1, 100);
    let account = demo(&bureau, SHANGHAI);
    let mut fields = account.fields();
    fields.insert("password".to_owned(), "wrong".to_owned());
    let refused = bureau.begin_login_by(LoginMode::HostedPhone, account.company, &fields, account.identity, morning());
    assert_eq!(refused, Err(Refusal::WrongPassword { left: 4 }));
    assert_eq!(bureau.open_challenge(account.account, morning()), None);
}

#[test]
fn a_number_chooses_the_identity_that_was_wanted() {
    let bureau = bureau(1, 100);
    let account = demo(&bureau, SHENZHEN);
    let begin = |identity| bureau.begin_login_by(LoginMode::HostedPhone, account.company, &account.fields(), identity, morning());
    let nobodys = Refusal::IdentityMismatch { options: vec![Identity::LegalRepresentative, Identity::TaxOfficer] };
    assert_eq!(begin(Identity::Issuer), Err(nobodys));
    let working = challenge(begin(Identity::TaxOfficer).unwrap());
    let Step::Session(session) = bureau.poll(&working.id, after(30)).unwrap() else { panic!("not in") };
    assert_eq!(session.identity, Identity::TaxOfficer);
}

#[test]
fn its_message_counts_and_a_look_too_late_finds_nothing() {
    let bureau = bureau(1, 100);
    let account = demo(&bureau, SHENZHEN);
    let working = begin(&bureau, &account, LoginMode::HostedPhone);
    assert!(bureau.messages(Some(&account.phone)).is_empty());
    assert!(matches!(bureau.poll(&working.id, after(800)), Ok(Step::Session(_))));
    assert_eq!(last_code(&bureau, &account.phone).len(), 6);
    let working = begin(&bureau, &account, LoginMode::HostedPhone);
    assert_eq!(bureau.poll(&working.id, after(900)), Err(Refusal::ChallengeGone));
}

#[test]
fn asking_again_begins_the_work_anew() {
    let bureau = bureau(1, 100);
    let account = demo(&bureau, SHANGHAI);
    let working = begin(&bureau, &account, LoginMode::HostedPhone);
    let anew = bureau.resend(&working.id, after(5)).unwrap();
    assert_eq!((anew.id.as_str(), anew.expires_at, steps(&anew).0.len()), (working.id.as_str(), after(125), 0));
    assert!(matches!(bureau.poll(&anew.id, after(10)), Ok(Step::Challenge(_))));
    assert!(matches!(bureau.poll(&anew.id, after(11)), Ok(Step::Session(_))));
}
