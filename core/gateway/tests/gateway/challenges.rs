//! Challenges of every kind, hosted numbers, limits and ends of sessions, through the contract.

use std::time::{Duration, Instant};

use piaoxia_domain::account::{Identity, LoginMode, Session};
use piaoxia_service::Client;
use piaoxia_service::contract::*;

use crate::support::*;

/// The demo account of this person.
async fn person(client: &Client, phone: &str) -> DemoAccount {
    client.sandbox().demo_accounts().await.unwrap().into_iter().find(|demo| demo.phone == phone).expect("a demo account")
}

fn asked(step: LoginStep) -> Challenge {
    match step {
        LoginStep::Challenge { challenge } => challenge,
        LoginStep::Done { account } => panic!("signed in: {account:?}"),
    }
}

/// Looks at a hosted number until something else comes; gives what was seen of its progress.
async fn watch(client: &Client, first: Challenge) -> (Vec<(Vec<String>, String)>, LoginStep) {
    let (mut seen, deadline) = (Vec::new(), Instant::now() + Duration::from_secs(30));
    let mut step = LoginStep::Challenge { challenge: first.clone() };
    while let LoginStep::Challenge { challenge } = &step
        && let ChallengeKind::Working { done, doing } = &challenge.kind
    {
        assert_eq!(challenge.id, first.id);
        assert!(Instant::now() < deadline, "it never ends: {seen:?}");
        seen.push((done.clone(), doing.clone()));
        tokio::time::sleep(Duration::from_millis(50)).await;
        step = client.poll_challenge(&first.id).await.unwrap();
    }
    seen.dedup();
    (seen, step)
}

#[tokio::test]
async fn a_hosted_number_shows_its_progress_and_is_done() {
    for (mode, first) in [(LoginMode::HostedPhone, "连接华盟托管号码"), (LoginMode::VirtualPhone, "连接企享云办税小号")] {
        let (_handle, client, companies) = activated(config_at(20)).await;
        let mut demo = demo_accounts(&client, &companies[0].id).await.remove(0);
        demo.request.login_mode = mode;
        let working = asked(client.add_account(&companies[0].id, &demo.request).await.unwrap());
        assert_eq!(client.challenges().await.unwrap().len(), 1);
        let (seen, step) = watch(&client, working).await;
        assert_eq!(seen[0], (Vec::new(), first.to_owned()));
        assert!(seen.len() >= 3 && seen.windows(2).all(|pair| pair[0].0.len() < pair[1].0.len()), "{seen:?}");
        let LoginStep::Done { account } = step else { panic!("asked: {step:?}") };
        assert_eq!(account.login_mode, mode);
        assert!(matches!(account.session, Session::Valid { .. }) && client.challenges().await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_hosted_number_that_fails_hands_over_to_the_person() {
    for arg in 0..3 {
        let (_handle, client, companies) = activated(config_at(10)).await;
        client.sandbox().fault(&FaultRequest::new(Fault::HostedFails, 1, arg)).await.unwrap();
        let mut demo = demo_accounts(&client, &companies[0].id).await.remove(0);
        demo.request.login_mode = LoginMode::HostedPhone;
        let working = asked(client.add_account(&companies[0].id, &demo.request).await.unwrap());
        let (seen, step) = watch(&client, working.clone()).await;
        assert!(!seen.is_empty());
        let LoginStep::Challenge { challenge } = &step else { panic!("a failing number lets nobody in") };
        assert!(matches!(challenge.kind, ChallengeKind::Image { .. }) && challenge.id != working.id, "{challenge:?}");
        assert_eq!((challenge.rejected, challenge.attempts_left), if arg == 2 { (true, 4) } else { (false, 5) });
        assert!(client.poll_challenge(&working.id).await.unwrap_err().is(code::CHALLENGE_GONE));
        let account = solve(&client, step, &demo).await;
        assert_eq!(account.login_mode, LoginMode::HostedPhone, "the next time it may work again");
        client.logout_account(&account.id).await.unwrap();
        let password = demo.request.fields["password"].clone();
        let again = asked(client.login_account(&account.id, &LoginRequest { password }).await.unwrap());
        assert!(matches!(watch(&client, again).await.1, LoginStep::Done { .. }));
    }
}

#[tokio::test]
async fn a_hosted_number_can_be_given_up() {
    let (_handle, client, companies) = activated(config_at(100)).await;
    let mut demo = demo_accounts(&client, &companies[0].id).await.remove(0);
    demo.request.login_mode = LoginMode::HostedPhone;
    let working = asked(client.add_account(&companies[0].id, &demo.request).await.unwrap());
    assert!(client.sandbox().scan(&working.id).await.unwrap_err().is(code::CHALLENGE_GONE), "there is nothing to scan");
    client.cancel_challenge(&working.id).await.unwrap();
    assert!(client.poll_challenge(&working.id).await.unwrap_err().is(code::CHALLENGE_GONE));
    assert!(client.accounts(&companies[0].id).await.unwrap().accounts.is_empty());
}

#[tokio::test]
async fn a_relation_is_confirmed_then_the_face_is_shown() {
    let (_handle, client, _) = activated(config()).await;
    let demo = person(&client, "19900000006").await;
    let sms = asked(client.add_account(&demo.company, &demo.request).await.unwrap());
    let relation = asked(client.answer_challenge(&sms.id, &sms_code(&client, &demo).await).await.unwrap());
    let ChallengeKind::ConfirmRelation { options } = &relation.kind else { panic!("no relation: {relation:?}") };
    assert_eq!(options.iter().map(|option| option.value.as_str()).collect::<Vec<_>>(), ["confirm", "deny"]);
    assert!(options.iter().all(|option| !option.label.is_empty()));
    let again = asked(client.answer_challenge(&relation.id, "perhaps").await.unwrap());
    assert!(again.rejected && again.attempts_left == relation.attempts_left - 1);
    let face = asked(client.answer_challenge(&relation.id, "confirm").await.unwrap());
    let ChallengeKind::Face { apps } = &face.kind else { panic!("no face: {face:?}") };
    assert_eq!(apps.iter().map(|app| app.app.as_str()).collect::<Vec<_>>(), ["电子税务局APP", "国家网络身份认证APP"]);
    assert!(apps.iter().all(|app| app.text.contains(&face.region)) && apps[0].text != apps[1].text);
    assert_eq!(asked(client.poll_challenge(&face.id).await.unwrap()).id, face.id, "nobody has looked yet");
    let fresh = asked(client.resend_challenge(&face.id).await.unwrap());
    assert_ne!(fresh.id, face.id);
    assert!(client.sandbox().scan(&face.id).await.unwrap_err().is(code::CHALLENGE_GONE), "the old QR is void");
    client.sandbox().scan(&fresh.id).await.unwrap();
    let LoginStep::Done { account } = client.poll_challenge(&fresh.id).await.unwrap() else { panic!("not in") };
    client.logout_account(&account.id).await.unwrap();
    assert!(matches!(log_in_again(&client, &account, &demo).await.session, Session::Valid { .. }));
}

#[tokio::test]
async fn a_denied_relation_ends_the_sign_in() {
    let (_handle, client, _) = activated(config()).await;
    let demo = person(&client, "19900000006").await;
    let sms = asked(client.add_account(&demo.company, &demo.request).await.unwrap());
    let relation = asked(client.answer_challenge(&sms.id, &sms_code(&client, &demo).await).await.unwrap());
    let error = client.answer_challenge(&relation.id, "deny").await.unwrap_err();
    assert!(error.is(code::RELATION_DENIED) && error.class() == Some(ErrorClass::UserFix), "{error}");
    assert!(client.challenges().await.unwrap().is_empty());
    assert!(client.accounts(&demo.company).await.unwrap().accounts.is_empty());
}

#[tokio::test]
async fn qr_and_face_are_scanned_one_after_the_other() {
    let (_handle, client, _) = activated(config()).await;
    let demo = person(&client, "19900000007").await;
    let qr = asked(client.add_account(&demo.company, &demo.request).await.unwrap());
    assert!(matches!(qr.kind, ChallengeKind::Qr { .. }));
    client.sandbox().scan(&qr.id).await.unwrap();
    let face = asked(client.poll_challenge(&qr.id).await.unwrap());
    assert!(matches!(face.kind, ChallengeKind::Face { .. }));
    assert_eq!(client.challenges().await.unwrap().len(), 1, "one challenge an account");
    client.sandbox().scan(&face.id).await.unwrap();
    assert!(matches!(client.poll_challenge(&face.id).await.unwrap(), LoginStep::Done { .. }));
}

#[tokio::test]
async fn identities_are_switched_five_times_an_hour() {
    let (_handle, client, company, mut account, demo) = ready(config()).await;
    let left = async |account: &piaoxia_domain::Account| client.budget(&account.id).await.unwrap().identity_switches_left;
    assert_eq!(left(&account).await, Some(5));
    let mut request = demo.request.clone();
    for round in 1..=5 {
        request.identity = if round % 2 == 1 { Identity::FinanceOfficer } else { Identity::TaxOfficer };
        let step = client.update_account(&account.id, &request).await.unwrap();
        account = solve(&client, step, &demo).await;
        assert_eq!((account.identity, left(&account).await), (request.identity, Some(5 - round)));
    }
    request.identity = Identity::TaxOfficer;
    let error = client.update_account(&account.id, &request).await.unwrap_err();
    assert!(error.is(code::IDENTITY_SWITCHES) && error.class() == Some(ErrorClass::Quota), "{error}");
    let wait = error.api().unwrap().until.unwrap().duration_since(jiff::Timestamp::now()).as_secs();
    assert!((3_500..=3_600).contains(&wait), "an hour after the first: {wait}");
    let kept = client.accounts(&company.id).await.unwrap().accounts.remove(0);
    assert_eq!(kept.identity, Identity::FinanceOfficer, "the old data stays");
    assert_eq!(client.budget(&account.id).await.unwrap().login_tries_left, 5, "that is no error");
}

#[tokio::test]
async fn five_errors_lock_until_midnight_whatever_they_were() {
    let (_handle, client, companies) = activated(config()).await;
    let company = &companies[0].id;
    let demo = demo_accounts(&client, company).await.remove(0);
    let mut wrong = demo.request.clone();
    wrong.fields.insert("password".to_owned(), "wrong-0".to_owned());
    for left in [4, 3, 2] {
        let error = client.add_account(company, &wrong).await.unwrap_err();
        assert_eq!((error.is(code::WRONG_PASSWORD), error.api().unwrap().attempts_left), (true, Some(left)));
    }
    let picture = asked(client.add_account(company, &demo.request).await.unwrap());
    for _ in 0..4 {
        assert!(asked(client.answer_challenge(&picture.id, "????").await.unwrap()).rejected);
    }
    let error = client.answer_challenge(&picture.id, "????").await.unwrap_err();
    assert_eq!((error.is(code::CHALLENGE_FAILED), error.api().unwrap().attempts_left), (true, Some(1)));
    for request in [&wrong, &demo.request] {
        let error = client.add_account(company, request).await.unwrap_err();
        assert!(error.is(code::ACCOUNT_LOCKED) && error.class() == Some(ErrorClass::Locked), "{error}");
        let until = error.api().unwrap().until.unwrap().to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(8)));
        assert_eq!((until.hour(), until.minute(), until.second()), (0, 0, 0), "midnight in Shanghai");
    }
}

#[tokio::test]
async fn a_sign_in_elsewhere_is_told_apart_from_an_end() {
    let (_handle, client, company, account, demo) = ready(config()).await;
    client.sandbox().kick(&account.id).await.unwrap();
    let kicked = client.accounts(&company.id).await.unwrap().accounts.remove(0);
    assert_eq!(kicked.session, Session::SignedInElsewhere);
    assert_eq!(client.companies().await.unwrap()[0].signed_in, 0);
    assert!(matches!(log_in_again(&client, &account, &demo).await.session, Session::Valid { .. }));
}
