//! Start, stop, restart.

use std::sync::Arc;
use std::time::{Duration, Instant};

use piaoxia_domain::Scope;
use piaoxia_domain::account::DefaultFor;
use piaoxia_gateway::{Gateway, GatewayConfig, SimConnector, Warning};
use piaoxia_service::contract::*;
use piaoxia_service::{Client, ClientError, ClientOptions, Verifier};

use crate::support::*;

fn kept_in(dir: &std::path::Path) -> GatewayConfig {
    GatewayConfig { data_dir: Some(dir.to_owned()), sandbox: true, ..GatewayConfig::new(Arc::new(SimConnector::quick(SIZE))) }
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let (handle, client, company, account, demo) = ready(kept_in(dir.path())).await;
    let session = sign_in(&client, device(1), "王芳", true).await;
    let request = job("before", JobKind::Summary, &company.id, query(Scope::Received, last_month()));
    let old_job = client.start_job(&request).await.unwrap();
    handle.stop().await;

    let (_handle, client) = start(kept_in(dir.path())).await;
    client.set_session(Some(session.token));
    assert!(client.session().await.unwrap_err().is(code::SESSION_INVALID), "sessions live in memory");
    let refresh = RefreshRequest { refresh_token: session.refresh_token.unwrap(), device: device(1) };
    let session = client.refresh_session(&refresh).await.unwrap();
    assert!(session.activated);
    client.set_session(Some(session.token));
    assert_eq!(client.companies().await.unwrap().len(), 3);
    let kept = client.accounts(&company.id).await.unwrap().accounts.remove(0);
    assert_eq!((&kept.id, kept.default_for, &kept.login_name), (&account.id, Some(DefaultFor::Both), &account.login_name));
    assert!(client.job(&old_job.id).await.unwrap_err().is(code::NOT_FOUND));
    let again = client.start_job(&request).await.unwrap();
    until(&client, &again.id, |state| *state == JobState::WaitingLogin).await;
    log_in_again(&client, &kept, &demo).await;
    until(&client, &again.id, is_done).await;

    let file = std::fs::read_to_string(dir.path().join("gateway.json")).unwrap();
    assert!(!file.contains(&demo.request.fields["password"]), "no password is kept");
    assert!(!file.contains(&refresh.refresh_token), "no token is kept as it is");
}

#[tokio::test]
async fn a_damaged_state_is_set_aside_and_reported() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("gateway.json"), "{ half a fi").unwrap();
    let handle = Gateway::start(kept_in(dir.path())).await.unwrap();
    let [Warning::StateSetAside { kept_as, .. }] = handle.warnings() else { panic!("{:?}", handle.warnings()) };
    assert_eq!(std::fs::read_to_string(kept_as).unwrap(), "{ half a fi");
    let client = Client::with_options(handle.base_url(), None, ClientOptions::quick()).unwrap();
    sign_in(&client, device(1), "王芳", false).await;
    assert_eq!(activate(&client).await.len(), 3);
}

#[tokio::test]
async fn a_confirmed_sign_in_outlives_a_full_disk() {
    let dir = tempfile::tempdir().unwrap();
    let (_handle, client) = start(kept_in(dir.path())).await;
    // The person is written down already: only the session is left to be.
    sign_in(&client, device(1), "王芳", true).await;
    let verifier = Verifier::random();
    let ticket = client.create_ticket(&ticket_request(device(1), &verifier, true)).await.unwrap();
    // A folder in the file's place stands for the disk that takes nothing more.
    let (file, aside) = (dir.path().join("gateway.json"), dir.path().join("aside.json"));
    std::fs::copy(&file, &aside).unwrap();
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    client.sandbox().confirm_ticket(&ticket.id, &SandboxPhone { name: "王芳".to_owned(), number: ticket.number }).await.unwrap();
    let error = client.poll_ticket(&ticket.id, &poll(&verifier, "pending")).await.unwrap_err();
    assert_eq!(error.class(), Some(ErrorClass::Internal), "{error}");
    std::fs::remove_dir(&file).unwrap();
    std::fs::copy(&aside, &file).unwrap();
    let state = client.poll_ticket(&ticket.id, &poll(&verifier, "pending")).await.unwrap();
    assert!(matches!(&state, TicketState::Confirmed { session } if session.refresh_token.is_some()), "{state:?}");
    assert_eq!(client.poll_ticket(&ticket.id, &poll(&verifier, "pending")).await.unwrap(), TicketState::Expired, "handed out once");
}

#[tokio::test]
async fn stopping_lets_polls_answer_and_closes_the_port() {
    let (handle, client) = start(config()).await;
    let verifier = Verifier::random();
    let ticket = client.create_ticket(&ticket_request(device(1), &verifier, false)).await.unwrap();
    let held = tokio::spawn({
        let client = client.clone();
        async move { client.poll_ticket(&ticket.id, &poll(&verifier, "pending")).await }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let begun = Instant::now();
    handle.stop().await;
    assert_eq!(held.await.unwrap().unwrap(), TicketState::Pending);
    assert!(begun.elapsed() < Duration::from_secs(10), "nobody waits 25 seconds for a stop");
    assert!(matches!(client.session().await, Err(ClientError::Unreachable(_))));
}

#[tokio::test]
async fn dropping_the_handle_stops_the_gateway() {
    let (handle, client) = start(config()).await;
    client.openapi().await.unwrap();
    drop(handle);
    for _ in 0..200 {
        if matches!(client.openapi().await, Err(ClientError::Unreachable(_))) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it still serves");
}
