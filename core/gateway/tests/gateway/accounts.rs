//! E-tax accounts and their challenges.

use piaoxia_domain::account::{DefaultFor, LoginMode, Session};
use piaoxia_domain::{AccountId, Region};
use piaoxia_service::contract::*;

use crate::support::*;

#[tokio::test]
async fn the_form_comes_from_the_region() {
    let (_handle, client, companies) = activated(config()).await;
    let form = client.login_form(&companies[0].region, &companies[0].id).await.unwrap();
    assert_eq!(form.region, companies[0].region);
    let fixed = form.fields.iter().find(|field| field.fixed.is_some()).unwrap();
    assert_eq!(fixed.fixed.as_deref(), Some(companies[0].tax_no.as_str()));
    assert!(form.fields.iter().any(|field| field.kind == FieldKind::Password) && !form.identities.is_empty());
    assert_eq!(form.login_modes.first(), Some(&LoginMode::Manual));
    let elsewhere = Region::all().iter().find(|region| region.code != companies[0].region).unwrap();
    assert!(client.login_form(&elsewhere.code, &companies[0].id).await.unwrap_err().is(code::NOT_FOUND));
    assert!(client.login_form(&companies[0].region, "sim-13").await.unwrap_err().is(code::NOT_FOUND), "not the person's");
}

#[tokio::test]
async fn an_account_is_added_through_its_challenges() {
    let (_handle, client, companies) = activated(config()).await;
    let company = &companies[0];
    let demo = demo_accounts(&client, &company.id).await.remove(0);
    let mut step = client.add_account(&company.id, &demo.request).await.unwrap();
    let mut wrong_was_told = false;
    while let LoginStep::Challenge { challenge } = &step {
        assert_eq!((challenge.company.as_str(), challenge.account.as_ref()), (company.name.as_str(), None));
        assert!(client.challenges().await.unwrap().iter().any(|open| open.id == challenge.id));
        assert!(client.accounts(&company.id).await.unwrap().accounts.is_empty(), "kept only once the bureau lets it in");
        if matches!(challenge.kind, ChallengeKind::Sms { .. }) && !wrong_was_told {
            let LoginStep::Challenge { challenge: again } = client.answer_challenge(&challenge.id, "000000").await.unwrap() else {
                panic!("a wrong code lets nobody in")
            };
            assert!(again.rejected && again.attempts_left < challenge.attempts_left);
            assert!(client.resend_challenge(&again.id).await.unwrap_err().is(code::RESEND_TOO_SOON));
            wrong_was_told = true;
            step = LoginStep::Challenge { challenge: again };
            continue;
        }
        step = match &challenge.kind {
            ChallengeKind::Sms { .. } => client.answer_challenge(&challenge.id, &sms_code(&client, &demo).await).await.unwrap(),
            ChallengeKind::Image { .. } => {
                let answer = client.sandbox().captcha(&challenge.id).await.unwrap();
                client.answer_challenge(&challenge.id, &answer).await.unwrap()
            }
            _ => LoginStep::Done { account: solve(&client, step.clone(), &demo).await },
        };
    }
    let LoginStep::Done { account } = step else { panic!("not done") };
    assert!(account.rights.receive && matches!(account.session, Session::Valid { .. }) && account.login_name.contains('*'));
    assert!(client.challenges().await.unwrap().is_empty());
    assert_eq!(client.accounts(&company.id).await.unwrap().accounts, vec![account.clone()]);
    let listed = client.companies().await.unwrap();
    assert_eq!((listed[0].accounts, listed[0].signed_in), (1, 1));
    assert!(client.add_account(&company.id, &demo.request).await.unwrap_err().is(code::ACCOUNT_EXISTS));
    assert!(client.budget(&account.id).await.unwrap().collect_calls_left > 0);

    client.logout_account(&account.id).await.unwrap();
    let kept = client.accounts(&company.id).await.unwrap().accounts.remove(0);
    assert!(!matches!(kept.session, Session::Valid { .. }));
    let back = log_in_again(&client, &account, &demo).await;
    assert_eq!(back.id, account.id);
}

#[tokio::test]
async fn a_wrong_password_says_what_is_left() {
    let (_handle, client, companies) = activated(config()).await;
    let mut demo = demo_accounts(&client, &companies[0].id).await.remove(0);
    demo.request.fields.insert("password".to_owned(), "wrong-0".to_owned());
    let error = client.add_account(&companies[0].id, &demo.request).await.unwrap_err();
    assert!(error.is(code::WRONG_PASSWORD) && error.api().unwrap().attempts_left.is_some(), "{error}");
    assert_eq!(error.api().unwrap().upstream.as_ref().unwrap().service, "sim");
    demo.request.fields.insert("password".to_owned(), String::new());
    let error = client.add_account(&companies[0].id, &demo.request).await.unwrap_err();
    assert_eq!((error.is(code::FIELD_INVALID), error.api().unwrap().field.as_deref()), (true, Some("password")));
}

#[tokio::test]
async fn a_cancelled_challenge_is_over() {
    let (_handle, client, companies) = activated(config()).await;
    let demo = demo_accounts(&client, &companies[0].id).await.remove(0);
    let LoginStep::Challenge { challenge } = client.add_account(&companies[0].id, &demo.request).await.unwrap() else {
        panic!("the bureau asks nothing")
    };
    client.cancel_challenge(&challenge.id).await.unwrap();
    client.cancel_challenge(&challenge.id).await.unwrap();
    assert!(client.challenges().await.unwrap().is_empty());
    assert!(client.answer_challenge(&challenge.id, "1").await.unwrap_err().is(code::CHALLENGE_GONE));
    // A new start replaces what the bureau asked before: never two challenges of one account.
    client.add_account(&companies[0].id, &demo.request).await.unwrap();
    client.add_account(&companies[0].id, &demo.request).await.unwrap();
    assert_eq!(client.challenges().await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_rules_of_default_accounts_hold() {
    let (_handle, client, company, first, _) = ready(config()).await;
    let set = |account: &AccountId, default_for| DefaultRequest { account: account.clone(), default_for };
    let alone = client.set_default(&company.id, &set(&first.id, DefaultFor::Issue)).await.unwrap_err();
    assert!(alone.is(code::DEFAULT_RULE) && alone.class() == Some(ErrorClass::Precondition));
    let all = client.sandbox().demo_accounts().await.unwrap();
    let others: Vec<_> = all.into_iter().filter(|demo| demo.company == company.id).collect();
    let mut second = None;
    for mut demo in others {
        demo.request.login_mode = LoginMode::HostedPhone;
        match client.add_account(&company.id, &demo.request).await {
            Ok(step) => second = Some(solve(&client, step, &demo).await),
            Err(error) => assert!(error.is(code::ACCOUNT_EXISTS), "{error}"),
        }
    }
    let second = second.expect("a company with two demo accounts");
    if !second.rights.receive {
        assert!(client.set_default(&company.id, &set(&second.id, DefaultFor::Receive)).await.unwrap_err().is(code::DEFAULT_RULE));
    }
    let heirless = client.delete_account(&first.id, None).await.unwrap_err();
    assert!(heirless.is(code::DEFAULT_RULE), "{heirless}");
    assert!(client.accounts(&company.id).await.unwrap().accounts.len() >= 2, "nothing was deleted");
    let unknown = AccountId("nobody".to_owned());
    assert!(client.set_default(&company.id, &set(&unknown, DefaultFor::Both)).await.unwrap_err().is(code::NOT_FOUND));
    let left = client.delete_account(&second.id, None).await.unwrap();
    assert!(left.accounts.iter().all(|account| account.id != second.id));
    assert!(client.login_account(&second.id, &LoginRequest { password: "x".to_owned() }).await.unwrap_err().is(code::NOT_FOUND));
}

#[tokio::test]
async fn an_account_can_be_changed() {
    let (_handle, client, company, account, demo) = ready(config()).await;
    let mut request = demo.request.clone();
    request.fields.insert("password".to_owned(), "wrong-0".to_owned());
    assert!(client.update_account(&account.id, &request).await.is_err());
    assert_eq!(client.accounts(&company.id).await.unwrap().accounts[0].identity, account.identity, "the old data stays");
    request = demo.request.clone();
    request.login_mode = LoginMode::VirtualPhone;
    let step = client.update_account(&account.id, &request).await.unwrap();
    let changed = solve(&client, step, &demo).await;
    assert_eq!((&changed.id, changed.login_mode, changed.default_for), (&account.id, LoginMode::VirtualPhone, Some(DefaultFor::Both)));
}
