//! The same work without an engine: the functions that the command line calls.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod support;

use std::sync::{Arc, Mutex};

use piaoxia_domain::{InvoiceFilter, Scope};
use piaoxia_engine::event::SignInStep;
use piaoxia_engine::problem::What;
use piaoxia_engine::{Download, DownloadState, Pace, Secret, Services, ServicesConfig, accounts, download, export, session};
use piaoxia_service::contract::{CodeCondition, ErrorClass, LoginStep, SandboxPhone};
use piaoxia_service::{Client, ClientOptions};
use piaoxia_store::{OpenOptions, Store};
use support::{World, months, order, request_of};
use tokio_util::sync::CancellationToken;

async fn services(world: &World) -> Services {
    std::fs::create_dir_all(world.data()).unwrap();
    let store = Store::open(&world.data(), OpenOptions::default()).unwrap().store;
    let client = Client::with_options(&world.base_url(), None, ClientOptions::quick()).unwrap();
    let config = ServicesConfig {
        data: world.data(),
        key_folder: None,
        vault_cost: None,
        device_name: "测试电脑".to_owned(),
        authorities: Vec::new(),
        pace: Pace::quick(),
        reader: None,
        disks: piaoxia_engine::DiskSetup::default(),
    };
    Services::open(client, store, config).await.unwrap()
}

/// A phone that confirms every QR.
fn phone(world: &World) -> impl FnMut(SignInStep) + Send + use<> {
    let phone = world.outside();
    move |step| {
        if let SignInStep::Ticket(ticket) = step {
            let phone = phone.clone();
            tokio::spawn(async move {
                let by = SandboxPhone { name: "王会计".to_owned(), number: ticket.number };
                phone.sandbox().confirm_ticket(&ticket.id, &by).await.unwrap();
            });
        }
    }
}

async fn signed_in(world: &World) -> Services {
    let services = services(world).await;
    let who = session::sign_in(&services, false, phone(world), &CancellationToken::new()).await.unwrap();
    assert!(who.sandbox);
    services
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_stops_once_the_phone_has_said_yes_is_signed_in_all_the_same() {
    let world = World::new(30).await;
    let services = services(&world).await;
    let (stop, client) = (CancellationToken::new(), services.client().clone());
    let late = stop.clone();
    tokio::spawn(async move {
        while !client.has_session() {
            tokio::task::yield_now().await;
        }
        late.cancel();
    });
    assert!(session::sign_in(&services, false, phone(&world), &stop).await.is_some_and(|who| who.sandbox));
    assert!(services.client().has_session());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_download_without_a_window() {
    let world = World::new(4_000).await;
    let services = signed_in(&world).await;
    let code = world.outside().sandbox().issue_code(CodeCondition::Fresh).await.unwrap().code;
    let company = accounts::activate(&services, &Secret::new(code)).await.unwrap().remove(0);
    let stop = CancellationToken::new();
    let wanted = order(&company, Scope::Received, months(1), false);

    // Nobody has added an account yet.
    let refused = download::run(&services, wanted.clone(), |_: Download| {}, &stop).await.unwrap();
    assert_eq!(refused.state, DownloadState::Failed);
    assert!(refused.problem.is_some_and(|problem| problem.class().is_some_and(|class| class != ErrorClass::Internal)));

    let request = piaoxia_engine::HiddenRequest(request_of(&world, &company).await);
    let mut step = accounts::save(&services, &company.id, None, request).await.unwrap();
    while let LoginStep::Challenge { challenge } = step {
        step = answered(&world, &services, &challenge).await;
    }
    let LoginStep::Done { account } = step else { panic!("not signed in") };
    let default = piaoxia_service::contract::DefaultRequest { account: account.id, default_for: piaoxia_domain::DefaultFor::Both };
    accounts::set_default(&services, &company.id, &default).await.unwrap();

    let seen = Arc::new(Mutex::new(Vec::new()));
    let states = seen.clone();
    let done = download::run(&services, wanted, move |now: Download| states.lock().unwrap().push(now.state), &stop).await.unwrap();
    assert_eq!(done.state, DownloadState::Done, "{:?}", done.problem);
    let seen = seen.lock().unwrap().clone();
    assert!(seen.contains(&DownloadState::Counting) && seen.last() == Some(&DownloadState::Done), "{seen:?}");
    assert_eq!(download::count(&services, &done.order, &stop).await.unwrap(), done.expected);

    let names = export::preview_names(&services, "{number}", InvoiceFilter::default()).await.unwrap();
    assert!(!names.is_empty() && names.len() <= 5);
    let (at, problem) = export::preview_names(&services, "发票{nothing}", InvoiceFilter::default()).await.unwrap_err();
    assert_eq!((at, problem.what), (2, What::Pattern));
    services.store().close().await.unwrap();
}

async fn answered(world: &World, services: &Services, challenge: &piaoxia_service::contract::Challenge) -> LoginStep {
    use piaoxia_service::contract::ChallengeKind;
    let client = services.client();
    let value = match &challenge.kind {
        ChallengeKind::Image { .. } => client.sandbox().captcha(&challenge.id).await.unwrap(),
        ChallengeKind::Sms { .. } => support::last_code(world).await,
        ChallengeKind::SelectIdentity { options } | ChallengeKind::ConfirmRelation { options } => options[0].value.clone(),
        ChallengeKind::Qr { .. } | ChallengeKind::Face { .. } => {
            client.sandbox().scan(&challenge.id).await.unwrap();
            return client.poll_challenge(&challenge.id).await.unwrap();
        }
        ChallengeKind::Working { .. } => return client.poll_challenge(&challenge.id).await.unwrap(),
        ChallengeKind::Unknown => panic!("the sandbox asks what nobody knows"),
    };
    client.answer_challenge(&challenge.id, &value).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_download_is_kept_as_paused() {
    let world = World::new(4_000).await;
    let (engine, company, _) = world.ready().await;
    engine.close().await;
    let services = signed_in(&world).await;
    let stop = CancellationToken::new();
    let halt = stop.clone();
    let observer = move |now: Download| {
        if now.state == DownloadState::Running {
            halt.cancel();
        }
    };
    let paused = download::run(&services, order(&company, Scope::Received, months(2), false), observer, &stop).await.unwrap();
    assert_eq!(paused.state, DownloadState::Paused);
    services.store().close().await.unwrap();
    let mut engine = world.engine();
    let started = engine
        .until("start", |event| match event {
            piaoxia_engine::Event::Started(started) => Some(started),
            _ => None,
        })
        .await;
    assert!(started.downloads.iter().any(|download| download.id == paused.id && download.state == DownloadState::Paused));
    engine.close().await;
}
