//! How many originals are fetched at once, and what a download does when the service wants a pause, the network goes, or the user
//! does not want to wait.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod support;

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use piaoxia_domain::{InvoiceFilter, Scope};
use piaoxia_engine::{Command, DownloadState, Pace};
use piaoxia_gateway::Limits;
use piaoxia_service::contract::{Company, Fault, code};
use piaoxia_store::Sort;
use support::counted::{Begun, Counted};
use support::{Running, World, id_of, months, order};

/// Invoices of the first company: about four hundred received ones in two months.
const SIZE: u64 = 12_000;
/// What an original takes at the bureau.
const TAKES: Duration = Duration::from_millis(10);
/// Most at once.
const CEILING: usize = 8;

fn limits() -> Limits {
    Limits { poll_after: Duration::from_millis(5), ..Limits::default() }
}

/// With the usual patience: a pause that is longer is none that a download waits for.
async fn patient(world: &World) -> (Running, Company) {
    let pace = Pace { patience: Pace::default().patience, ..Pace::quick() };
    let mut engine = Running::start_with(&world.base_url(), &world.data(), &world.keys(), tokio::runtime::Handle::current(), pace);
    engine.sign_in(world, true).await;
    let company = engine.activate(world).await.remove(0);
    engine.add_account(world, &company).await;
    (engine, company)
}

fn most(begun: &[Begun]) -> usize {
    begun.iter().map(|one| one.running).max().unwrap_or(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lanes_rise_in_calm_weather_fall_at_a_refusal_and_a_pause_that_is_asked_for_holds_for_all() {
    let (bureau, fetched) = Counted::quick(SIZE, TAKES);
    let world = World::with(bureau, limits()).await;
    let (mut engine, company) = patient(&world).await;
    engine.send(Command::StartDownload(Box::new(order(&company, Scope::Received, months(2), true)))).await;
    engine.download_in("second page", |download| download.received.invoices > 100).await;
    assert_eq!(most(&fetched.begun()), CEILING, "all lanes are used in calm weather");
    world.fault(Fault::TooManyRequests, 1, 2).await;
    let waits = engine.download_in("a word about the pause", |download| download.waits_until.is_some()).await;
    let left = waits.waits_until.unwrap().duration_since(Timestamp::now());
    assert!(left > SignedDuration::from_millis(1_000) && left <= SignedDuration::from_millis(2_200), "{left}");
    assert!(waits.state.is_active() && waits.problem.as_ref().is_some_and(|problem| problem.is(code::THROTTLED)), "{waits:#?}");
    let goes_on = engine.download_in("its end", |download| download.waits_until.is_none()).await;
    assert!(left.as_millis() > 0 && goes_on.problem.is_none(), "{goes_on:#?}");
    assert!(Timestamp::now() + SignedDuration::from_millis(50) >= waits.waits_until.unwrap(), "not before the time that was told");
    let done = if goes_on.state.is_active() { engine.ended().await } else { goes_on };
    assert_eq!(done.problem, None);
    assert_eq!((done.state.clone(), done.originals_missing), (DownloadState::Done, 0), "{done:#?}");
    let begun = fetched.begun();
    assert_eq!(begun.len() as u64, done.originals_done, "each is fetched once");

    // The service was left alone for the two seconds that it asked for, but for what was on its way.
    let (at, gap) = begun.windows(2).map(|two| two[1].at - two[0].at).enumerate().max_by_key(|(_, gap)| *gap).unwrap();
    assert!(gap >= Duration::from_millis(1_500), "{gap:?}");
    let after = &begun[at + 1..];
    assert!(after.len() > 50, "{} of {}", after.len(), begun.len());
    assert!(most(&after[..4]) <= CEILING / 2, "half of the lanes at most: {:?}", &after[..4]);
    assert_eq!(most(after), CEILING, "and all of them again later");
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_waits_for_a_slow_original_to_pause_or_cancel() {
    let (bureau, fetched) = Counted::quick(4_000, Duration::from_secs(3_600));
    let world = World::with(bureau, limits()).await;
    let (mut engine, company, _) = world.ready().await;
    for cancels in [false, true] {
        let all = if cancels { months(1) } else { months(2) };
        engine.send(Command::StartDownload(Box::new(order(&company, Scope::Received, all, true)))).await;
        let begun = engine.download_in("first page", |download| download.received.invoices > 0).await;
        while fetched.begun().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let (asked, id) = (Instant::now(), id_of(&begun));
        engine.send(if cancels { Command::CancelDownload(id) } else { Command::PauseDownload(id) }).await;
        let ended = engine.ended().await;
        assert_eq!(ended.state, if cancels { DownloadState::Cancelled } else { DownloadState::Paused });
        assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
        fetched.forget();
    }
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_waits_for_a_pause_of_the_service_to_pause() {
    let (bureau, fetched) = Counted::quick(4_000, TAKES);
    let world = World::with(bureau, limits()).await;
    let (mut engine, company, _) = world.ready().await;
    engine.send(Command::StartDownload(Box::new(order(&company, Scope::Received, months(2), true)))).await;
    while fetched.begun().is_empty() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    // Longer than anybody has patience for in this test, so that it is no pause of the lanes either.
    world.fault(Fault::TooManyRequests, 1_000, 50).await;
    let begun = engine.download_in("a problem or its end", |_| true).await;
    let asked = Instant::now();
    engine.send(Command::PauseDownload(id_of(&begun))).await;
    let ended = engine.ended().await;
    assert!(asked.elapsed() < Duration::from_secs(1), "{:?} until {:?}", asked.elapsed(), ended.state);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_that_changes_in_the_middle_costs_nothing() {
    let (bureau, fetched) = Counted::quick(SIZE, Duration::from_millis(2));
    let mut world = World::with(bureau, limits()).await;
    let mut wire = world.wire().await;
    let keys = world.keys();
    let mut engine = Running::start(&wire.base_url(), &world.data(), &keys, tokio::runtime::Handle::current());
    engine.sign_in(&world, true).await;
    let company = engine.activate(&world).await.remove(0);
    engine.add_account(&world, &company).await;
    engine.send(Command::StartDownload(Box::new(order(&company, Scope::Received, months(2), true)))).await;
    for files in [40, 150, 250] {
        while fetched.begun().len() < files {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        // Out of the office's network: every connection is dead, and for a while there is no other.
        wire.pull_out();
        tokio::time::sleep(Duration::from_millis(150)).await;
        wire.plug_in().await;
    }
    let done = engine.ended().await;
    assert_eq!((done.state.clone(), done.originals_missing), (DownloadState::Done, 0), "{done:#?}");
    assert_eq!(done.received, done.expected_totals());
    assert_eq!(done.originals_done, done.received.invoices);
    engine.close().await;
}

/// More than the store holds of one in memory.
const BLANKS: usize = 400_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_originals_pass_through_files_and_what_is_cut_leaves_none() {
    let (bureau, fetched) = Counted::quick(1_500, Duration::ZERO);
    let world = World::with(bureau.large(BLANKS), limits()).await;
    let (mut engine, company, _) = world.ready().await;
    engine.send(Command::StartDownload(Box::new(order(&company, Scope::Received, months(1), true)))).await;
    while fetched.begun().is_empty() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    world.fault(Fault::Cut, 5, 250_000).await;
    let done = engine.ended().await;
    assert_eq!((done.state.clone(), done.originals_missing), (DownloadState::Done, 0), "{done:#?}");
    let view = engine.store.view(InvoiceFilter::default(), Sort::default()).await.unwrap();
    let rows = engine.store.rows(&view.ids);
    assert!(rows.len() > 10 && done.originals_done == rows.len() as u64, "{} of {}", done.originals_done, rows.len());
    for row in rows {
        let original = engine.store.originals_of(&row.key).await.unwrap().remove(0);
        assert_eq!(original.size as usize, Counted::original_of(&row.key, BLANKS).len());
        assert!(engine.store.read_original(original.sha256).await.unwrap() == Counted::original_of(&row.key, BLANKS), "{}", row.key);
    }
    engine.close().await;
    let files = std::fs::read_dir(world.data().join("originals")).unwrap().map(|entry| entry.unwrap().path());
    let left: Vec<_> = files.filter(|path| path.is_file()).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pause_before_the_first_invoice_is_told_as_well() {
    let world = World::new(1_500).await;
    let (mut engine, company) = patient(&world).await;
    world.fault(Fault::TooManyRequests, 1, 1).await;
    engine.send(Command::StartDownload(Box::new(order(&company, Scope::Received, months(1), false)))).await;
    let waits = engine.download_in("a word about the pause", |download| download.waits_until.is_some()).await;
    assert!(waits.problem.as_ref().is_some_and(|problem| problem.is(code::THROTTLED)), "{waits:#?}");
    engine.download_in("its end", |download| download.waits_until.is_none() && download.problem.is_none()).await;
    assert_eq!(engine.ended().await.state, DownloadState::Done);
    engine.close().await;
}
