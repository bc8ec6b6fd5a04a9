//! Signing in: challenges, tries, locks, sessions.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod common;

use common::{after, begin, bureau, challenge, go_through, last_code, morning, sign_in, sign_in_as, wrong_code};
use jiff::{SignedDuration, Timestamp};
use piaoxia_bureau::{Bureau, Challenge, ChallengeKind, DemoAccount, Outage, Refusal, Relation, Step};
use piaoxia_domain::account::{Identity, Session};

/// Shanghai: picture, then message.
const SHANGHAI: usize = 0;
const ISSUER: usize = 1;
/// Shenzhen: message, then choice of identity.
const SHENZHEN: usize = 2;
/// Zhejiang: QR.
const ZHEJIANG: usize = 4;
/// Shenzhen: message, relation to be confirmed, face.
const UNCONFIRMED: usize = 6;
/// Zhejiang: QR, then the face.
const FACE: usize = 7;

fn midnight() -> Timestamp {
    "2026-09-16T16:00:00Z".parse().unwrap()
}

fn demo(bureau: &Bureau, which: usize) -> DemoAccount {
    bureau.demo_accounts()[which].clone()
}

/// Past the picture, to the message.
fn sms(bureau: &Bureau, account: &DemoAccount, now: Timestamp) -> Challenge {
    let picture = begin(bureau, account, now);
    let answer = bureau.captcha_answer(&picture.id).unwrap();
    challenge(bureau.answer(&picture.id, &answer, now).unwrap())
}

#[test]
fn every_demo_account_gets_in() {
    let bureau = bureau(1, 100);
    for account in bureau.demo_accounts() {
        let session = sign_in(&bureau, &account, morning());
        assert_eq!((session.account, session.company, session.identity), (account.account, account.company, account.identity));
        assert_eq!((session.rights, &session.person), (account.rights, &account.person));
        assert_eq!(session.until, after(12 * 3600));
        assert_eq!(bureau.session(&session.token, morning()).as_ref(), Ok(&session));
        assert!(!format!("{session:?}").contains(&session.token));
    }
}

#[test]
fn a_wrong_picture_brings_a_new_one() {
    let bureau = bureau(1, 100);
    let account = demo(&bureau, SHANGHAI);
    let first = begin(&bureau, &account, morning());
    assert_eq!((first.attempts_left, first.rejected, first.expires_at), (5, false, after(120)));
    assert_eq!(first.login_name, "199****0001");
    let second = challenge(bureau.answer(&first.id, "????", after(10)).unwrap());
    assert_eq!((second.attempts_left, second.rejected, second.expires_at), (4, true, after(130)));
    let (ChallengeKind::Image { png: old }, ChallengeKind::Image { png: new }) = (&first.kind, &second.kind) else { panic!("no pictures") };
    assert_ne!(old, new);
    let answer = bureau.captcha_answer(&second.id).unwrap().to_lowercase();
    let next = challenge(bureau.answer(&second.id, &answer, after(20)).unwrap());
    assert!(matches!(next.kind, ChallengeKind::Sms { .. }) && !next.rejected);
    assert_eq!(bureau.captcha_answer(&next.id), None);
}

#[test]
fn five_wrong_pictures_are_one_error() {
    let bureau = bureau(1, 100);
    let account = demo(&bureau, SHANGHAI);
    let picture = begin(&bureau, &account, morning());
    for left in (1..5).rev() {
        assert_eq!(challenge(bureau.answer(&picture.id, "", morning()).unwrap()).attempts_left, left);
    }
    assert_eq!(bureau.answer(&picture.id, "", morning()), Err(Refusal::ChallengeFailed { left: 4 }));
    assert_eq!(bureau.answer(&picture.id, "", morning()), Err(Refusal::ChallengeGone));
}

#[test]
fn a_code_has_three_tries() {
    let bureau = bureau(1, 100);
    let account = demo(&bureau, SHANGHAI);
    let asked = sms(&bureau, &account, morning());
    let wrong = wrong_code(&bureau, &account.phone);
    for left in [2, 1] {
        let again = challenge(bureau.answer(&asked.id, &wrong, morning()).unwrap());
        assert_eq!((again.id.as_str(), again.attempts_left, again.rejected), (asked.id.as_str(), left, true));
    }
    assert_eq!(bureau.answer(&asked.id, &wrong, morning()), Err(Refusal::ChallengeFailed { left: 4 }));
    assert_eq!(bureau.open_challenge(account.account, morning()), None);
    assert_eq!(bureau.budget(account.account, morning()).login_tries_left, 4);
}

#[test]
fn a_code_expires_and_is_sent_again_after_a_minute() {
    let bureau = bureau(1, 100);
    let account = demo(&bureau, SHANGHAI);
    let asked = sms(&bureau, &account, morning());
    let ChallengeKind::Sms { phone, resend_at } = &asked.kind else { panic!("no message") };
    assert_eq!((phone.as_str(), *resend_at, asked.expires_at), ("199****0001", after(60), after(300)));
    assert_eq!(bureau.resend(&asked.id, after(59)), Err(Refusal::ResendTooSoon { at: after(60) }));
    let old = last_code(&bureau, &account.phone);
    assert_eq!(bureau.answer(&asked.id, &old, after(300)), Err(Refusal::ChallengeExpired));
    let again = bureau.resend(&asked.id, after(300)).unwrap();
    assert_eq!((again.expires_at, again.rejected), (after(600), false));
    assert_eq!(bureau.messages(Some(&account.phone)).len(), 2);
    assert!(challenge(bureau.answer(&asked.id, &old, after(301)).unwrap()).rejected, "the old code is void");
    let step = bureau.answer(&asked.id, &last_code(&bureau, &account.phone), after(599)).unwrap();
    assert!(matches!(step, Step::Session(_)));
}

#[test]
fn sending_again_gives_no_tries_back() {
    let bureau = bureau(1, 100);
    let account = demo(&bureau, SHANGHAI);
    let asked = sms(&bureau, &account, morning());
    bureau.answer(&asked.id, "x", morning()).unwrap();
    assert_eq!(bureau.resend(&asked.id, after(60)).unwrap().attempts_left, 2);
}

#[test]
fn a_sign_in_is_over_after_a_quarter_of_an_hour() {
    let bureau = bureau(1, 100);
    let account = demo(&bureau, ZHEJIANG);
    let qr = begin(&bureau, &account, morning());
    let again = bureau.resend(&qr.id, after(899)).unwrap();
    assert_eq!(bureau.poll(&again.id, after(900)), Err(Refusal::ChallengeGone));
}

#[test]
fn giving_up_and_beginning_anew_sends_no_second_message_within_the_minute() {
    let bureau = bureau(1, 100);
    let account = demo(&bureau, SHENZHEN);
    let first = begin(&bureau, &account, morning());
    bureau.cancel(&first.id).unwrap();
    assert_eq!(bureau.cancel(&first.id), Err(Refusal::ChallengeGone));
    let second = begin(&bureau, &account, after(30));
    assert_ne!(first.id, second.id);
    assert_eq!(second.expires_at, after(300), "the code is as old as its message");
    assert_eq!(bureau.messages(None).len(), 1);
    let third = begin(&bureau, &account, after(61));
    assert_eq!(bureau.messages(None).len(), 2);
    assert_eq!(bureau.poll(&second.id, after(61)), Err(Refusal::ChallengeGone), "one challenge an account");
    assert_eq!(bureau.open_challenge(account.account, after(61)), Some(third));
}

#[test]
fn wrong_passwords_lock_until_midnight_in_shanghai() {
    let bureau = bureau(1, 100);
    let account = demo(&bureau, SHANGHAI);
    let mut fields = account.fields();
    fields.insert("password".to_owned(), "wrong".to_owned());
    let try_wrong = |now| bureau.begin_login(account.company, &fields, account.identity, now);
    for left in (1..5).rev() {
        assert_eq!(try_wrong(morning()), Err(Refusal::WrongPassword { left }));
    }
    let locked = Err(Refusal::Locked { until: midnight() });
    assert_eq!(try_wrong(morning()), locked);
    let right = |now| bureau.begin_login(account.company, &account.fields(), account.identity, now);
    assert_eq!(right(morning()), locked, "the right password does not help any more");
    assert_eq!(bureau.session_state(account.account, morning()), Session::Locked { until: midnight() });
    let other = demo(&bureau, ISSUER);
    assert!(bureau.begin_login(other.company, &other.fields(), other.identity, morning()).is_ok(), "others are not locked");
    assert!(right(midnight()).is_ok());
    assert_eq!(bureau.budget(account.account, midnight()).login_tries_left, 5);
}

#[test]
fn unknown_names_lock_like_known_ones() {
    let bureau = bureau(1, 100);
    let account = demo(&bureau, SHANGHAI);
    let mut fields = account.fields();
    fields.insert("loginName".to_owned(), "nobody".to_owned());
    let answers: Vec<_> = (0..6).map(|_| bureau.begin_login(account.company, &fields, account.identity, morning()).unwrap_err()).collect();
    assert_eq!(answers[0], Refusal::WrongPassword { left: 4 });
    assert_eq!(answers[5], Refusal::Locked { until: midnight() });
}

#[test]
fn the_other_names_of_a_person_share_one_lock() {
    let bureau = bureau(1, 100);
    let account = demo(&bureau, SHANGHAI);
    for (name, left) in [("19900000001", 4), ("linxiaopiao", 3)] {
        let mut fields = account.fields();
        fields.insert("loginName".to_owned(), name.to_owned());
        fields.insert("password".to_owned(), "wrong".to_owned());
        let refused = bureau.begin_login(account.company, &fields, account.identity, morning());
        assert_eq!(refused, Err(Refusal::WrongPassword { left }));
    }
}

#[test]
fn failed_challenges_lock_too() {
    let bureau = bureau(1, 100);
    let account = demo(&bureau, SHENZHEN);
    for round in 0..5 {
        let asked = begin(&bureau, &account, after(round * 60));
        let wrong = wrong_code(&bureau, &account.phone);
        let mut last = bureau.answer(&asked.id, &wrong, after(round * 60));
        while last.is_ok() {
            last = bureau.answer(&asked.id, &wrong, after(round * 60));
        }
        let left = 4 - round as u32;
        let expected = if left == 0 { Refusal::Locked { until: midnight() } } else { Refusal::ChallengeFailed { left } };
        assert_eq!(last, Err(expected));
    }
}

#[test]
fn a_region_may_ask_for_the_identity() {
    let bureau = bureau(1, 100);
    let account = demo(&bureau, SHENZHEN);
    let asked = begin(&bureau, &account, morning());
    let choice = challenge(bureau.answer(&asked.id, &last_code(&bureau, &account.phone), morning()).unwrap());
    let options = vec![Identity::LegalRepresentative, Identity::TaxOfficer];
    assert_eq!(choice.kind, ChallengeKind::SelectIdentity { options });
    assert!(challenge(bureau.answer(&choice.id, "KPY", morning()).unwrap()).rejected);
    let Step::Session(session) = bureau.answer(&choice.id, "BSY", morning()).unwrap() else { panic!("no session") };
    assert_eq!(session.identity, Identity::TaxOfficer);
}

#[test]
fn elsewhere_the_identity_must_fit() {
    let bureau = bureau(1, 100);
    let account = demo(&bureau, ISSUER);
    let refused = bureau.begin_login(account.company, &account.fields(), Identity::TaxOfficer, morning());
    assert_eq!(refused, Err(Refusal::IdentityMismatch { options: vec![Identity::Issuer] }));
    assert_eq!(bureau.budget(account.account, morning()).login_tries_left, 5, "that is no error");
}

#[test]
fn a_qr_is_scanned_by_either_app() {
    let bureau = bureau(1, 100);
    let account = demo(&bureau, ZHEJIANG);
    for app in 0..2 {
        let asked = begin(&bureau, &account, morning());
        let ChallengeKind::Qr { apps } = &asked.kind else { panic!("no QR") };
        assert_eq!(apps.len(), 2);
        assert!(apps[app].text.contains("areaPrefix=3300"));
        assert!(matches!(bureau.poll(&asked.id, after(5)), Ok(Step::Challenge(same)) if same == asked));
        bureau.scan_qr(&apps[app].text, true, after(6)).unwrap();
        assert!(matches!(bureau.answer(&asked.id, "", after(7)), Ok(Step::Session(_))));
    }
}

#[test]
fn a_qr_expires_is_renewed_and_can_be_denied() {
    let bureau = bureau(1, 100);
    let account = demo(&bureau, ZHEJIANG);
    let asked = begin(&bureau, &account, morning());
    let ChallengeKind::Qr { apps } = &asked.kind else { panic!("no QR") };
    assert_eq!(bureau.poll(&asked.id, after(180)), Err(Refusal::ChallengeExpired));
    assert_eq!(bureau.scan_qr(&apps[0].text, true, after(180)), Err(Refusal::ChallengeExpired));
    let renewed = bureau.resend(&asked.id, after(181)).unwrap();
    assert_ne!(renewed.id, asked.id);
    let ChallengeKind::Qr { apps: new } = &renewed.kind else { panic!("no QR") };
    assert_eq!(bureau.scan_qr(&apps[0].text, true, after(182)), Err(Refusal::ChallengeGone));
    bureau.scan_qr(&new[0].text, false, after(182)).unwrap();
    assert_eq!(bureau.poll(&renewed.id, after(183)), Err(Refusal::ScanDenied));
    assert_eq!(bureau.poll(&renewed.id, after(183)), Err(Refusal::ChallengeGone));
    assert_eq!(bureau.scan_qr("https://example.com", true, after(183)), Err(Refusal::ChallengeGone));
}

#[test]
fn one_session_an_account() {
    let bureau = bureau(1, 100);
    let account = demo(&bureau, SHANGHAI);
    assert_eq!(bureau.session_state(account.account, morning()), Session::None);
    let first = sign_in(&bureau, &account, morning());
    let second = sign_in(&bureau, &account, after(100));
    assert_eq!(bureau.session(&first.token, after(100)), Err(Refusal::SessionLost));
    assert!(bureau.session(&second.token, after(100)).is_ok());
    assert_eq!(bureau.session_state(account.account, after(100)), Session::Valid { until: second.until });
    let end = after(100) + SignedDuration::from_hours(12);
    assert_eq!(bureau.session(&second.token, end), Err(Refusal::SessionLost));
    assert_eq!(bureau.session_state(account.account, end), Session::Expired);
}

#[test]
fn a_session_is_kicked_or_signed_out() {
    let bureau = bureau(1, 100);
    let account = demo(&bureau, SHANGHAI);
    let session = sign_in(&bureau, &account, morning());
    bureau.kick(account.account);
    assert_eq!(bureau.session(&session.token, morning()), Err(Refusal::SignedInElsewhere));
    assert_eq!(bureau.authorize(&session.token, morning()), Err(Refusal::SignedInElsewhere));
    assert_eq!(bureau.session_state(account.account, morning()), Session::SignedInElsewhere);
    let session = sign_in(&bureau, &account, after(10));
    bureau.sign_out(&session.token);
    assert_eq!(bureau.session_state(account.account, after(10)), Session::None);
}

#[test]
fn codes_differ_and_follow_from_the_seed() {
    let codes = |seed| {
        let bureau = bureau(seed, 10);
        let account = demo(&bureau, SHENZHEN);
        (0..5)
            .map(|round| {
                begin(&bureau, &account, after(round * 60));
                last_code(&bureau, &account.phone)
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(codes(1), codes(1));
    assert_ne!(codes(1), codes(2));
    let mut different = codes(1);
    different.sort();
    different.dedup();
    assert_eq!(different.len(), 5);
}

#[test]
fn a_closed_region_lets_nobody_in() {
    let bureau = bureau(1, 100);
    let account = demo(&bureau, SHANGHAI);
    bureau.set_maintenance("3100", after(60));
    let try_it = |now| bureau.begin_login(account.company, &account.fields(), account.identity, now);
    assert_eq!(try_it(morning()), Err(Refusal::Maintenance { region: "3100".to_owned(), until: after(60) }));
    assert_eq!(bureau.maintenance("4403", morning()), None);
    assert!(try_it(after(60)).is_ok());
    bureau.set_maintenance("", after(600));
    assert_eq!(bureau.maintenance("4403", after(60)), Some(after(600)));
    bureau.end_maintenance("", after(60));
    assert_eq!(bureau.maintenance("4403", after(60)), None);
    let recovered = |region: &str| (region.to_owned(), Outage::Recovered { since: after(60) });
    assert_eq!(bureau.outages(after(60)), [recovered(""), recovered("3100")]);
}

#[test]
fn a_region_that_closes_stops_what_is_under_way() {
    let bureau = bureau(1, 100);
    let asked = begin(&bureau, &demo(&bureau, SHENZHEN), morning());
    let session = sign_in(&bureau, &demo(&bureau, ZHEJIANG), morning());
    bureau.set_maintenance("4403", after(30));
    let closed = || Refusal::Maintenance { region: "4403".to_owned(), until: after(30) };
    assert_eq!(bureau.answer(&asked.id, "1", after(1)), Err(closed()));
    assert_eq!(bureau.poll(&asked.id, after(1)), Err(closed()));
    assert_eq!(bureau.resend(&asked.id, after(1)), Err(closed()));
    assert!(bureau.authorize(&session.token, after(1)).is_ok(), "other regions work");
    assert!(matches!(bureau.poll(&asked.id, after(30)), Ok(Step::Challenge(_))), "it goes on where it was");
}

#[test]
fn a_face_is_looked_at_by_either_app() {
    let bureau = bureau(1, 100);
    let account = demo(&bureau, FACE);
    for (app, name) in ["电子税务局APP", "国家网络身份认证APP"].into_iter().enumerate() {
        let face = face_of(&bureau, &account, morning());
        assert_eq!((face.attempts_left, face.expires_at), (1, after(300)));
        let ChallengeKind::Face { apps } = &face.kind else { panic!("no face: {face:?}") };
        assert_eq!((apps.len(), apps[app].app), (2, name));
        assert!(matches!(bureau.answer(&face.id, "x", after(1)), Ok(Step::Challenge(same)) if same == face), "nothing is typed");
        bureau.scan_qr(&apps[app].text, true, after(6)).unwrap();
        assert!(matches!(bureau.poll(&face.id, after(7)), Ok(Step::Session(_))));
    }
}

/// Past the QR, to the face.
fn face_of(bureau: &Bureau, account: &DemoAccount, now: Timestamp) -> Challenge {
    let qr = begin(bureau, account, now);
    let ChallengeKind::Qr { apps } = &qr.kind else { panic!("no QR: {qr:?}") };
    bureau.scan_qr(&apps[0].text, true, now).unwrap();
    challenge(bureau.poll(&qr.id, now).unwrap())
}

#[test]
fn a_face_expires_is_renewed_and_can_be_refused() {
    let bureau = bureau(1, 100);
    let account = demo(&bureau, FACE);
    let face = face_of(&bureau, &account, morning());
    let ChallengeKind::Face { apps } = &face.kind else { panic!("no face") };
    assert_eq!(bureau.poll(&face.id, after(300)), Err(Refusal::ChallengeExpired));
    assert_eq!(bureau.scan_qr(&apps[0].text, true, after(300)), Err(Refusal::ChallengeExpired));
    let renewed = bureau.resend(&face.id, after(301)).unwrap();
    assert_ne!(renewed.id, face.id);
    let ChallengeKind::Face { apps: new } = &renewed.kind else { panic!("no face") };
    assert_eq!(bureau.scan_qr(&apps[0].text, true, after(302)), Err(Refusal::ChallengeGone), "the old one is void");
    bureau.scan_qr(&new[1].text, false, after(302)).unwrap();
    assert_eq!(bureau.poll(&renewed.id, after(303)), Err(Refusal::ScanDenied));
    assert_eq!(bureau.poll(&renewed.id, after(303)), Err(Refusal::ChallengeGone));
}

/// Past the message, to the relation.
fn relation(bureau: &Bureau, account: &DemoAccount, now: Timestamp) -> Challenge {
    let asked = begin(bureau, account, now);
    challenge(bureau.answer(&asked.id, &last_code(bureau, &account.phone), now).unwrap())
}

#[test]
fn an_unconfirmed_relation_is_confirmed_once_and_with_the_face() {
    let bureau = bureau(1, 100);
    let account = demo(&bureau, UNCONFIRMED);
    let asked = relation(&bureau, &account, morning());
    assert_eq!(asked.kind, ChallengeKind::ConfirmRelation { options: vec![Relation::Confirm, Relation::Deny] });
    assert_eq!((asked.attempts_left, asked.expires_at), (3, after(300)));
    assert!(challenge(bureau.answer(&asked.id, "yes", morning()).unwrap()).rejected);
    let face = challenge(bureau.answer(&asked.id, Relation::Confirm.code(), morning()).unwrap());
    assert!(matches!(face.kind, ChallengeKind::Face { .. }) && !face.rejected);
    bureau.cancel(&face.id).unwrap();

    let step = bureau.begin_login(account.company, &account.fields(), account.identity, after(60)).unwrap();
    let (kinds, _) = go_through(&bureau, step, &account.phone, account.identity, after(60));
    assert!(
        matches!(kinds[..], [ChallengeKind::Sms { .. }, ChallengeKind::ConfirmRelation { .. }, ChallengeKind::Face { .. }]),
        "asked again, because it was given up before the face: {kinds:?}"
    );
    let step = bureau.begin_login(account.company, &account.fields(), account.identity, after(120)).unwrap();
    let (kinds, _) = go_through(&bureau, step, &account.phone, account.identity, after(120));
    assert!(matches!(kinds[..], [ChallengeKind::Sms { .. }]), "confirmed for good: {kinds:?}");
}

#[test]
fn a_denied_relation_ends_the_sign_in_and_is_no_error() {
    let bureau = bureau(1, 100);
    let account = demo(&bureau, UNCONFIRMED);
    let asked = relation(&bureau, &account, morning());
    assert_eq!(bureau.answer(&asked.id, Relation::Deny.code(), morning()), Err(Refusal::RelationDenied));
    assert_eq!(bureau.answer(&asked.id, Relation::Confirm.code(), morning()), Err(Refusal::ChallengeGone));
    assert_eq!(bureau.budget(account.account, morning()).login_tries_left, 5);
    let again = relation(&bureau, &account, after(60));
    assert!(matches!(again.kind, ChallengeKind::ConfirmRelation { .. }), "it stays unconfirmed");
}

#[test]
fn wrong_words_about_a_relation_lock_too() {
    let bureau = bureau(1, 100);
    let account = demo(&bureau, UNCONFIRMED);
    for left in (0..5).rev() {
        let asked = relation(&bureau, &account, after(i64::from(4 - left) * 60));
        let now = after(i64::from(4 - left) * 60);
        assert!(bureau.answer(&asked.id, "", now).is_ok() && bureau.answer(&asked.id, "GLY", now).is_ok());
        let expected = if left == 0 { Refusal::Locked { until: midnight() } } else { Refusal::ChallengeFailed { left } };
        assert_eq!(bureau.answer(&asked.id, "?", now), Err(expected));
    }
    assert_eq!(bureau.session_state(account.account, after(300)), Session::Locked { until: midnight() });
}

#[test]
fn identities_are_switched_five_times_an_hour() {
    let bureau = bureau(1, 100);
    let account = demo(&bureau, SHANGHAI);
    let (one, other) = (Identity::TaxOfficer, Identity::FinanceOfficer);
    for round in 0..=5 {
        let identity = if round % 2 == 0 { one } else { other };
        sign_in_as(&bureau, &account, identity, after(round * 60));
        sign_in_as(&bureau, &account, identity, after(round * 60 + 30));
        let left = 5 - u32::try_from(round).unwrap();
        assert_eq!(bureau.budget(account.account, after(round * 60)).identity_switches_left, left);
    }
    let try_it = |identity, now| bureau.begin_login(account.company, &account.fields(), identity, now);
    let until = after(60 + 3600);
    assert_eq!(try_it(one, after(400)), Err(Refusal::IdentitySwitches { until }));
    assert_eq!(bureau.budget(account.account, after(400)).login_tries_left, 5, "that is no error");
    assert!(try_it(other, after(400)).is_ok(), "the identity of before is no switch");
    assert!(try_it(one, until).is_ok());
}

#[test]
fn a_switch_too_many_leaves_the_choice_open() {
    let bureau = bureau(1, 100);
    let account = demo(&bureau, SHENZHEN);
    let (legal, officer) = (Identity::LegalRepresentative, Identity::TaxOfficer);
    for round in 0..=5 {
        sign_in_as(&bureau, &account, if round % 2 == 0 { legal } else { officer }, after(round * 60));
    }
    let asked = begin(&bureau, &account, after(360));
    let choice = challenge(bureau.answer(&asked.id, &last_code(&bureau, &account.phone), after(360)).unwrap());
    let refused = bureau.answer(&choice.id, legal.code(), after(360));
    assert_eq!(refused, Err(Refusal::IdentitySwitches { until: after(3660) }));
    assert!(matches!(bureau.answer(&choice.id, officer.code(), after(360)), Ok(Step::Session(_))));
}
