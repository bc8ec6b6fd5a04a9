//! Activation codes over HTTP.

use piaoxia_service::contract::*;
use piaoxia_service::{Client, ClientOptions};

use crate::support::*;

/// Runs tasks side by side and gives their answers.
async fn all<T: Send + 'static>(tasks: impl Iterator<Item = impl Future<Output = T> + Send + 'static>) -> Vec<T> {
    let handles: Vec<_> = tasks.map(tokio::spawn).collect();
    let mut answers = Vec::new();
    for handle in handles {
        answers.push(handle.await.unwrap());
    }
    answers
}

fn request(code: impl Into<String>) -> ActivationRequest {
    ActivationRequest { code: code.into() }
}

#[tokio::test]
async fn the_mailed_code_brings_three_companies() {
    let (_handle, client) = start(config()).await;
    sign_in(&client, device(1), "王芳", false).await;
    let mail = client.sandbox().messages().await.unwrap().pop().unwrap();
    let code = mail.code.clone().unwrap();
    assert!(mail.to.contains('@') && mail.text.contains(&code) && code.len() == 22);
    let sloppy = format!("　{}　", code.to_lowercase().replace('-', " "));
    let companies = client.activate(&request(sloppy)).await.unwrap().companies;
    assert_eq!(companies.len(), 3);
    assert_eq!(client.companies().await.unwrap(), companies);
    assert!(client.session().await.unwrap().activated);
    assert_eq!(client.activate(&request(code)).await.unwrap().companies, companies, "a lost answer costs nothing");
}

#[tokio::test]
async fn every_condition_has_its_own_answer() {
    let (_handle, client) = start(config()).await;
    sign_in(&client, device(1), "王芳", false).await;
    for (condition, wanted) in [(CodeCondition::Expired, code::ACTIVATION_EXPIRED), (CodeCondition::Used, code::ACTIVATION_USED)] {
        let issued = client.sandbox().issue_code(condition).await.unwrap();
        let error = client.activate(&request(issued.code)).await.unwrap_err();
        assert!(error.is(wanted), "{error}");
        assert_eq!(error.api().unwrap().field.as_deref(), Some("code"));
        assert!(!error.api().unwrap().request_id.is_empty());
    }
    for malformed in ["", "12345", "激活码", "0000-0000-0000-0000-00"] {
        let error = client.activate(&request(malformed)).await.unwrap_err();
        assert!(error.is(code::ACTIVATION_MALFORMED) || error.is(code::ACTIVATION_UNKNOWN), "{malformed}: {error}");
    }
    assert!(!client.session().await.unwrap().activated);
    let fresh = client.sandbox().issue_code(CodeCondition::Fresh).await.unwrap();
    assert_eq!(client.activate(&request(fresh.code)).await.unwrap().companies.len(), 3);
}

#[tokio::test]
async fn guessing_is_slowed_down() {
    let (_handle, client) = start(config()).await;
    sign_in(&client, device(1), "王芳", false).await;
    for number in 0..5_u8 {
        let nobodys = piaoxia_domain::activation::ActivationCode::from_random([number; 10]);
        assert!(client.activate(&request(nobodys.expose())).await.unwrap_err().is(code::ACTIVATION_UNKNOWN));
    }
    let error = client.activate(&request(mailed_code(&client).await)).await.unwrap_err();
    assert!(error.is(code::ACTIVATION_THROTTLED) && error.class() == Some(ErrorClass::Throttle));
    assert!(error.api().unwrap().retry_after.is_some_and(|seconds| (1..=61).contains(&seconds)));
}

#[tokio::test]
async fn of_a_hundred_pcs_exactly_one_wins() {
    let (handle, client) = start(config()).await;
    let fresh = client.sandbox().issue_code(CodeCondition::Fresh).await.unwrap();
    let mut clients = Vec::new();
    for number in 0..100 {
        let one = Client::with_options(handle.base_url(), None, ClientOptions::quick()).unwrap();
        sign_in(&one, device(number), "王芳", false).await;
        clients.push(one);
    }
    let answers = all(clients.into_iter().map(|one| {
        let code = request(fresh.code.clone());
        async move { one.activate(&code).await }
    }))
    .await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    assert!(answers.iter().filter_map(|answer| answer.as_ref().err()).all(|error| error.is(code::ACTIVATION_USED)));
}

#[tokio::test]
async fn without_activation_nothing_else_opens() {
    let (_handle, client) = start(config()).await;
    let none = client.activate(&request("x")).await.unwrap_err();
    assert!(none.is(code::SESSION_INVALID), "no session, no activation");
    sign_in(&client, device(1), "王芳", false).await;
    let account = piaoxia_domain::AccountId("a".to_owned());
    let refusals = [
        client.companies().await.unwrap_err(),
        client.login_form("3100", "sim-0").await.unwrap_err(),
        client.accounts("sim-0").await.unwrap_err(),
        client.delete_account(&account, None).await.unwrap_err(),
        client.challenges().await.unwrap_err(),
        client.job("x").await.unwrap_err(),
        client.notices().await.unwrap_err(),
        client.budget(&account).await.unwrap_err(),
        client.files(&FilesRequest { company: "sim-0".to_owned(), keys: Vec::new() }).await.unwrap_err(),
    ];
    for error in refusals {
        assert!(error.is(code::NOT_ACTIVATED) && error.class() == Some(ErrorClass::Permission), "{error}");
    }
}
