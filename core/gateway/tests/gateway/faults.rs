//! The fault dial, and how the client copes.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use piaoxia_domain::Scope;
use piaoxia_service::contract::*;
use piaoxia_service::{Client, ClientError, ClientOptions};

use crate::support::*;

async fn dial(client: &Client, fault: Fault, times: u32, arg: u64) {
    client.sandbox().fault(&FaultRequest::new(fault, times, arg)).await.unwrap();
}

fn impatient(base: &str, session: &Session) -> Client {
    let options = ClientOptions { max_tries: 1, idle_timeout: Duration::from_millis(300), ..ClientOptions::quick() };
    let client = Client::with_options(base, None, options).unwrap();
    client.set_session(Some(session.token.clone()));
    client
}

#[tokio::test]
async fn hiccups_are_survived_and_the_sign_in_is_spared() {
    let (handle, client, companies) = activated(config()).await;
    dial(&client, Fault::ServerError, 3, 0).await;
    assert_eq!(client.companies().await.unwrap(), companies, "three failures, the fourth try succeeds");
    dial(&client, Fault::ServerError, 4, 0).await;
    let error = client.companies().await.unwrap_err();
    assert!(error.class() == Some(ErrorClass::UpstreamDown) && error.is_transient());

    dial(&client, Fault::ServerError, 100, 0).await;
    let session = sign_in(&client, device(1), "王芳", false).await;
    client.session().await.unwrap();
    client.sandbox().messages().await.unwrap();
    let once = impatient(handle.base_url(), &session);
    assert!(once.companies().await.is_err());
    dial(&client, Fault::ServerError, 0, 0).await;
    once.companies().await.unwrap();
}

#[tokio::test]
async fn too_many_requests_are_waited_for() {
    let (handle, client, _) = activated(config()).await;
    dial(&client, Fault::TooManyRequests, 1, 1).await;
    let begun = Instant::now();
    client.companies().await.unwrap();
    assert!(begun.elapsed() >= Duration::from_secs(1), "Retry-After is obeyed");
    dial(&client, Fault::TooManyRequests, 1, 3_600).await;
    let error = client.companies().await.unwrap_err();
    assert_eq!((error.is(code::THROTTLED), error.api().unwrap().retry_after), (true, Some(3_600)), "an hour is left to the caller");
    drop(handle);
}

#[tokio::test]
async fn slowness_is_waited_for_or_given_up() {
    let (handle, client, _) = activated(config()).await;
    let session = sign_in(&client, device(1), "王芳", false).await;
    dial(&client, Fault::Slow, 2, 600).await;
    assert_eq!(impatient(handle.base_url(), &session).companies().await, Err(ClientError::Timeout));
    client.companies().await.unwrap();
}

#[tokio::test]
async fn a_cut_transfer_is_noticed_and_begun_again() {
    let (handle, client, company, _, _) = ready(config()).await;
    let session = sign_in(&client, device(1), "王芳", false).await;
    let request = job("cut", JobKind::Collect, &company.id, query(Scope::Received, last_month()));
    let done = until(&client, &client.start_job(&request).await.unwrap().id, is_done).await;
    let whole = client.job_items(&done.id, None, 200).await.unwrap();

    dial(&client, Fault::Cut, 2, 500).await;
    assert_eq!(client.job_items(&done.id, None, 200).await.unwrap(), whole, "two cuts, the third try succeeds");
    dial(&client, Fault::Cut, 1, 500).await;
    let once = impatient(handle.base_url(), &session);
    assert_eq!(once.job_items(&done.id, None, 200).await, Err(ClientError::Cut));

    let digital = whole.items.iter().find(|invoice| invoice.kind.info().is_some_and(|info| info.digital && !info.paper)).unwrap();
    let file = client.files(&FilesRequest { company: company.id.clone(), keys: vec![digital.key.clone()] }).await.unwrap().remove(0);
    let bytes = client.download_bytes(&file).await.unwrap();
    dial(&client, Fault::Cut, 1, 100).await;
    let (before, end) = poured(client.transfer(&file).await.unwrap()).await;
    assert_eq!((before.as_slice(), end), (&bytes[..100], Err(ClientError::Cut)), "the bytes before the cut arrived");
    dial(&client, Fault::Cut, 1, 0).await;
    assert_eq!(client.download_bytes(&file).await.unwrap(), bytes, "begun again by itself");
}

#[tokio::test]
async fn links_can_be_expired_when_they_come() {
    let (_handle, client, company, _, _) = ready(config()).await;
    let request = job("expired", JobKind::Collect, &company.id, query(Scope::Received, last_month()));
    let done = until(&client, &client.start_job(&request).await.unwrap().id, is_done).await;
    let items = all_items(&client, &done.id, 200).await;
    let keys: Vec<_> = items.iter().map(|invoice| invoice.key.clone()).take(20).collect();
    let ask = FilesRequest { company: company.id.clone(), keys };
    dial(&client, Fault::LinkExpired, 1, 0).await;
    let stale = client.files(&ask).await.unwrap().remove(0);
    assert!(client.download_bytes(&stale).await.unwrap_err().is(code::LINK_EXPIRED));
    let fresh = client.files(&ask).await.unwrap().remove(0);
    client.download_bytes(&fresh).await.unwrap();
}

#[tokio::test]
async fn wrong_totals_are_one_too_many() {
    let (_handle, client, company, _, _) = ready(config()).await;
    let count = async |key: &str| {
        let request = job(key, JobKind::Summary, &company.id, query(Scope::Received, last_month()));
        let done = until(&client, &client.start_job(&request).await.unwrap().id, is_done).await;
        done.summary.iter().map(|row| row.totals.invoices).sum::<u64>()
    };
    let right = count("right").await;
    dial(&client, Fault::WrongTotals, 1, 0).await;
    assert_eq!(count("wrong").await, right + 1);
    assert_eq!(count("right again").await, right);
}

#[tokio::test]
async fn maintenance_says_until_when() {
    let (_handle, client, company, account, demo) = ready(config()).await;
    assert_eq!(client.notices().await.unwrap(), []);
    dial(&client, Fault::Maintenance, 1, 1_800).await;
    let notice = client.notices().await.unwrap().remove(0);
    assert_eq!((notice.kind, notice.region.as_str()), (NoticeKind::Maintenance, ""));
    let left = notice.until.unwrap().duration_since(Timestamp::now()).as_secs();
    assert!((1_790..=1_800).contains(&left) && !notice.text.is_empty(), "{notice:?}");
    let login = LoginRequest { password: demo.request.fields["password"].clone() };
    for _ in 0..3 {
        let error = client.login_account(&account.id, &login).await.unwrap_err();
        assert!(error.is(code::MAINTENANCE) && error.class() == Some(ErrorClass::Maintenance), "{error}");
        assert_eq!(error.api().unwrap().until, notice.until);
    }
    client.companies().await.unwrap();
    let request = job("closed", JobKind::Summary, &company.id, query(Scope::Received, last_month()));
    let failed = until(&client, &client.start_job(&request).await.unwrap().id, |state| matches!(state, JobState::Failed { .. })).await;
    let JobState::Failed { error } = failed.state else { panic!("done") };
    assert_eq!((error.code.as_str(), error.until), (code::MAINTENANCE, notice.until));

    dial(&client, Fault::Maintenance, 0, 0).await;
    let notice = client.notices().await.unwrap().remove(0);
    assert_eq!((notice.kind, notice.until), (NoticeKind::Recovered, None));
    let request = job("open", JobKind::Summary, &company.id, query(Scope::Received, last_month()));
    until(&client, &client.start_job(&request).await.unwrap().id, is_done).await;
}

#[tokio::test]
async fn a_maintenance_ends_by_itself_and_meets_its_region_alone() {
    let (_handle, client, companies) = activated(config()).await;
    let mut request = FaultRequest::new(Fault::Maintenance, 1, 2);
    request.region.clone_from(&companies[1].region);
    client.sandbox().fault(&request).await.unwrap();
    let closed = client.notices().await.unwrap().remove(0);
    assert_eq!((closed.kind, &closed.region), (NoticeKind::Maintenance, &companies[1].region));
    let (here, elsewhere) =
        (demo_accounts(&client, &companies[1].id).await.remove(0), demo_accounts(&client, &companies[0].id).await.remove(0));
    assert!(client.add_account(&companies[1].id, &here.request).await.unwrap_err().is(code::MAINTENANCE));
    assert!(client.add_account(&companies[0].id, &elsewhere.request).await.is_ok());
    let deadline = Instant::now() + Duration::from_secs(20);
    let recovered = loop {
        let notice = client.notices().await.unwrap().remove(0);
        if notice.kind != NoticeKind::Maintenance || Instant::now() > deadline {
            break notice;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    assert_eq!((recovered.kind, &recovered.region), (NoticeKind::Recovered, &companies[1].region));
    assert!(client.add_account(&companies[1].id, &here.request).await.is_ok());
    request.region = "9999".to_owned();
    assert!(client.sandbox().fault(&request).await.unwrap_err().is(code::BAD_REQUEST));
}

#[tokio::test]
async fn a_bureau_that_restarts_refuses_so_many_requests() {
    let (_handle, client, company, _, _) = ready(config()).await;
    dial(&client, Fault::Maintenance, 2, 0).await;
    let request = job("m", JobKind::Summary, &company.id, query(Scope::Received, last_month()));
    for _ in 0..2 {
        assert!(client.start_job(&request).await.unwrap_err().is(code::MAINTENANCE));
    }
    client.start_job(&request).await.unwrap();
}
