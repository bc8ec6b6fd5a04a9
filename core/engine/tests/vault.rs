//! A vault that is locked while the service is asked: what goes on, what waits for it, and what it does not wait for.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod support;

use std::time::{Duration, Instant};

use piaoxia_domain::Scope;
use piaoxia_engine::problem::{VaultFault, What};
use piaoxia_engine::{Command, DownloadState, Event, Pace, Secret};
use piaoxia_gateway::{Limits, SimConnector};
use piaoxia_service::contract::SandboxSize;
use support::{Running, World, months, order};

const PASSPHRASE: &str = "kuaiji-2026-Q4";
/// Life of a session with the service.
const SESSION: Duration = Duration::from_millis(600);

async fn short_sessions() -> World {
    let limits = Limits { session_life: SESSION, poll_after: Duration::from_millis(5), ..Limits::default() };
    World::with(SimConnector::quick(SandboxSize { seed: 7, invoices: 1_500 }), limits).await
}

/// An engine that asks the service for nothing by itself, so that the test says when a session is renewed.
fn calm(base_url: &str, world: &World) -> Running {
    let pace = Pace { elsewhere: Duration::from_secs(3_600), notices: Duration::from_secs(3_600), ..Pace::quick() };
    Running::start_with(base_url, &world.data(), &world.keys(), tokio::runtime::Handle::current(), pace)
}

/// Waits until the vault with its passphrase is open, or locked.
async fn vault_is(engine: &mut Running, open: bool) {
    engine
        .until("vault", |event| match event {
            Event::Vault(view) if view.passphrase && view.open == open => Some(()),
            Event::VaultProblem(problem) => panic!("{problem:?}"),
            _ => None,
        })
        .await;
}

async fn load_companies(engine: &mut Running) {
    engine.send(Command::LoadCompanies).await;
    companies_come(engine).await;
}

async fn companies_come(engine: &mut Running) {
    engine
        .until("companies", |event| match event {
            Event::Companies(result) => Some(result.unwrap()),
            Event::SignedOut(because) => panic!("{because:?}"),
            _ => None,
        })
        .await;
}

/// Until the session that there is now is over.
async fn session_ends() {
    tokio::time::sleep(SESSION + Duration::from_millis(100)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_download_whose_session_ends_waits_for_the_vault_and_goes_on() {
    let world = short_sessions().await;
    let mut engine = calm(&world.base_url(), &world);
    engine.sign_in(&world, true).await;
    let company = engine.activate(&world).await.remove(0);
    engine.add_account(&world, &company).await;
    engine.send(Command::SetPassphrase(Some(Secret::new(PASSPHRASE)))).await;
    vault_is(&mut engine, true).await;
    engine.send(Command::LockVault).await;
    vault_is(&mut engine, false).await;
    session_ends().await;
    engine.send(Command::StartDownload(Box::new(order(&company, Scope::Received, months(2), true)))).await;
    let locked = What::Vault(VaultFault::Locked);
    let waits = engine
        .download_in("a word about the vault", |download| download.problem.as_ref().is_some_and(|problem| problem.what == locked))
        .await;
    assert!(waits.state.is_active(), "{waits:#?}");
    engine.send(Command::UnlockVault(Secret::new(PASSPHRASE))).await;
    let done = engine.ended().await;
    assert_eq!((done.state.clone(), done.problem.clone(), done.originals_missing), (DownloadState::Done, None, 0), "{done:#?}");
    assert_eq!(done.received, done.expected_totals());
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_vault_is_locked_at_once_though_the_service_says_nothing_and_keeps_what_comes_once_it_is_open() {
    let mut world = short_sessions().await;
    let wire = world.wire().await;
    let mut engine = calm(&wire.base_url(), &world);
    engine.sign_in(&world, true).await;
    engine.activate(&world).await;
    engine.send(Command::SetPassphrase(Some(Secret::new(PASSPHRASE)))).await;
    vault_is(&mut engine, true).await;
    session_ends().await;
    wire.hold("/v1/session/refresh");
    engine.send(Command::LoadCompanies).await;
    wire.caught().await;
    let asked = Instant::now();
    engine.send(Command::LockVault).await;
    vault_is(&mut engine, false).await;
    assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());

    // The answer comes after all: what was asked for goes on, and so does the sign-in, from memory.
    wire.let_go();
    companies_come(&mut engine).await;
    session_ends().await;
    load_companies(&mut engine).await;

    // The vault takes the token that it could not take, so that the next start is signed in.
    engine.send(Command::UnlockVault(Secret::new(PASSPHRASE))).await;
    vault_is(&mut engine, true).await;
    engine.close().await;
    let mut engine = calm(&wire.base_url(), &world);
    engine.send(Command::RestoreSession).await;
    engine
        .until("signed in", |event| match event {
            Event::SignedIn { .. } => Some(()),
            Event::SignedOut(because) => panic!("{because:?}"),
            _ => None,
        })
        .await;
    engine.close().await;
}
