//! Jobs: summaries, collections, what interrupts them.

use piaoxia_domain::{Account, Scope, Totals};
use piaoxia_service::Client;
use piaoxia_service::contract::*;

use crate::support::*;

fn total(rows: &[SummaryRow]) -> Totals {
    rows.iter().fold(Totals::default(), |mut sum, row| {
        sum.merge(&row.totals);
        sum
    })
}

#[tokio::test]
async fn a_summary_agrees_with_the_collection_and_with_the_books() {
    let (_handle, client, company, account, _) = ready(config()).await;
    for scope in [Scope::Received, Scope::Issued, Scope::Deductible] {
        let summary = job(&format!("sum {scope:?}"), JobKind::Summary, &company.id, query(scope, last_month()));
        let started = client.start_job(&summary).await.unwrap();
        assert_eq!(started.account, account.id, "the default account does it");
        let summed = until(&client, &started.id, is_done).await;
        let truth = client.sandbox().truth(&company.id, scope, last_month()).await.unwrap();
        assert_eq!(total(&summed.summary), total(&truth), "{scope:?}");
        assert_eq!(summed.progress, 100);

        let collect = job(&format!("all {scope:?}"), JobKind::Collect, &company.id, query(scope, last_month()));
        let done = until(&client, &client.start_job(&collect).await.unwrap().id, is_done).await;
        let items = all_items(&client, &done.id, 37).await;
        assert!(!items.is_empty() || scope == Scope::Deductible);
        assert_eq!(items.iter().collect::<Totals>(), total(&truth), "{scope:?}");
        assert!(items.iter().all(|invoice| last_month().contains(invoice.issued_on())));
        assert!(items.iter().all(|invoice| invoice.direction == Some(scope.direction())));
    }
    let wide = job("year", JobKind::Summary, &company.id, query(Scope::Received, last_months(6)));
    let done = until(&client, &client.start_job(&wide).await.unwrap().id, is_done).await;
    let truth = client.sandbox().truth(&company.id, Scope::Received, last_months(6)).await.unwrap();
    assert_eq!(total(&done.summary), total(&truth), "a summary covers any range");
    assert!(done.summary.iter().map(|row| row.month).collect::<std::collections::BTreeSet<_>>().len() > 1);
}

#[tokio::test]
async fn the_same_key_is_the_same_job() {
    let (_handle, client, company, _, _) = ready(config()).await;
    let request = job("once", JobKind::Collect, &company.id, query(Scope::Received, last_month()));
    let first = client.start_job(&request).await.unwrap();
    assert_eq!(client.start_job(&request).await.unwrap().id, first.id);
    let done = until(&client, &first.id, is_done).await;
    assert_eq!(client.start_job(&request).await.unwrap().id, done.id);
    assert_eq!(client.cancel_job(&done.id).await.unwrap().state, JobState::Done, "done stays done");
    assert!(client.job_items(&done.id, Some("no cursor"), 10).await.unwrap_err().is(code::BAD_REQUEST));
    assert!(client.job("unknown").await.unwrap_err().is(code::NOT_FOUND));
    assert!(client.job_items(&done.id, None, 10_000).await.unwrap().items.len() <= 200);
}

#[tokio::test]
async fn rules_are_told_before_a_job_is_made() {
    let (_handle, client, companies) = activated(config()).await;
    let company = companies[0].id.clone();
    let collect = |key: &str, dates| job(key, JobKind::Collect, &company, query(Scope::Received, dates));
    let error = client.start_job(&collect("none", last_month())).await.unwrap_err();
    assert!(error.is(code::NO_DEFAULT_ACCOUNT) && error.class() == Some(ErrorClass::Precondition));
    let error = client.start_job(&collect("wide", last_months(2))).await.unwrap_err();
    assert!(error.is(code::RANGE_TOO_LARGE) && error.class() == Some(ErrorClass::TooMany));
    let today = piaoxia_domain::period::shanghai_day(jiff::Timestamp::now());
    let error = client.start_job(&collect("today", piaoxia_domain::DateRange::new(today, today).unwrap())).await.unwrap_err();
    assert!(error.is(code::RANGE_IN_FUTURE));
    assert!(client.start_job(&collect("", last_month())).await.unwrap_err().is(code::BAD_REQUEST));
    let foreign = job("x", JobKind::Summary, "sim-13", query(Scope::Received, last_month()));
    assert!(client.start_job(&foreign).await.unwrap_err().is(code::NOT_FOUND));
}

#[tokio::test]
async fn an_account_without_the_right_may_not_receive() {
    let (_handle, client, companies) = activated(config()).await;
    let all = client.sandbox().demo_accounts().await.unwrap();
    let Some(demo) = all.into_iter().find(|demo| !demo.rights.receive && companies.iter().any(|mine| mine.id == demo.company)) else {
        panic!("the sandbox has no account that may only issue")
    };
    let step = client.add_account(&demo.company, &demo.request).await.unwrap();
    let account = solve(&client, step, &demo).await;
    assert!(!account.rights.receive);
    let mut request = job("x", JobKind::Summary, &demo.company, query(Scope::Issued, last_month()));
    request.account = Some(account.id);
    let error = client.start_job(&request).await.unwrap_err();
    assert!(error.is(code::NO_RECEIVE_RIGHT) && error.class() == Some(ErrorClass::Permission));
}

#[tokio::test]
async fn a_job_waits_for_the_account_and_goes_on_by_itself() {
    let (_handle, client, company, account, demo) = ready(config()).await;
    client.logout_account(&account.id).await.unwrap();
    let request = job("wait", JobKind::Collect, &company.id, query(Scope::Received, last_month()));
    let started = client.start_job(&request).await.unwrap();
    until(&client, &started.id, |state| *state == JobState::WaitingLogin).await;
    log_in_again(&client, &account, &demo).await;
    let done = until(&client, &started.id, is_done).await;
    assert!(!all_items(&client, &done.id, 200).await.is_empty());
}

#[tokio::test]
async fn a_session_lost_in_the_middle_resumes_the_same_job() {
    let (_handle, client, company, account, demo) = ready(config()).await;
    client.sandbox().fault(&FaultRequest::new(Fault::SessionLost, 1, 0)).await.unwrap();
    let request = job("lost", JobKind::Collect, &company.id, query(Scope::Received, last_month()));
    let started = client.start_job(&request).await.unwrap();
    until(&client, &started.id, |state| *state == JobState::WaitingLogin).await;
    let kept = client.accounts(&company.id).await.unwrap().accounts.remove(0);
    assert!(!matches!(kept.session, piaoxia_domain::account::Session::Valid { .. }));
    log_in_again(&client, &account, &demo).await;
    let done = until(&client, &started.id, is_done).await;
    let items = all_items(&client, &done.id, 200).await;
    let keys: std::collections::BTreeSet<_> = items.iter().map(|invoice| invoice.key.clone()).collect();
    assert_eq!(keys.len(), items.len(), "nothing came twice");
    let truth = client.sandbox().truth(&company.id, Scope::Received, last_month()).await.unwrap();
    assert_eq!(items.iter().collect::<Totals>(), total(&truth), "nothing is missing");
}

#[tokio::test]
async fn a_waiting_job_can_be_cancelled_and_ends_with_its_account() {
    let (_handle, client, company, account, _) = ready(config()).await;
    client.sandbox().kick(&account.id).await.unwrap();
    for (key, by_deleting) in [("one", false), ("two", true)] {
        let request = job(key, JobKind::Summary, &company.id, query(Scope::Received, last_month()));
        let started = client.start_job(&request).await.unwrap();
        until(&client, &started.id, |state| *state == JobState::WaitingLogin).await;
        if by_deleting {
            client.delete_account(&account.id, None).await.unwrap();
        } else {
            assert_eq!(client.cancel_job(&started.id).await.unwrap().state, JobState::Cancelled);
        }
        assert_eq!(client.job(&started.id).await.unwrap().state, JobState::Cancelled);
        assert!(client.job_items(&started.id, None, 10).await.is_err());
    }
}

/// A job waits for an account; true when the gateway begins to sign it in by itself.
async fn is_signed_in_again(client: &Client, company: &Company, account: &Account) -> bool {
    client.sandbox().kick(&account.id).await.unwrap();
    let started = client.start_job(&job("again", JobKind::Summary, &company.id, query(Scope::Received, last_month()))).await.unwrap();
    until(client, &started.id, |state| *state == JobState::WaitingLogin).await;
    for _ in 0..50 {
        if !client.challenges().await.unwrap().is_empty() {
            return true;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    false
}

#[tokio::test]
async fn a_sign_in_under_way_leaves_no_password_once_they_are_forgotten() {
    for forgotten in [false, true] {
        let (handle, client, company, account, demo) = ready(config()).await;
        client.logout_account(&account.id).await.unwrap();
        let password = demo.request.fields["password"].clone();
        let step = client.login_account(&account.id, &LoginRequest { password }).await.unwrap();
        assert!(matches!(step, LoginStep::Challenge { .. }), "a person has to answer first");
        if forgotten {
            handle.forget_passwords();
        }
        solve(&client, step, &demo).await;
        assert_eq!(is_signed_in_again(&client, &company, &account).await, !forgotten);
    }
}
