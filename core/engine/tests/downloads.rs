//! Downloads in good and bad weather.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod support;

use std::time::{Duration, Instant};

use piaoxia_domain::Scope;
use piaoxia_engine::event::SignedOutBecause;
use piaoxia_engine::problem::{NetworkFault, What};
use piaoxia_engine::{Command, Download, DownloadState, Event};
use piaoxia_gateway::{Limits, SimConnector};
use piaoxia_service::contract::{Company, ErrorClass, Fault, JobState, SandboxSize, code};
use support::{Running, World, id_of, months, order};

/// Invoices of the first company: about four hundred received ones in two months.
const SIZE: u64 = 12_000;

async fn download(engine: &Running, company: &Company, originals: bool) {
    let order = order(company, Scope::Received, months(2), originals);
    engine.send(Command::StartDownload(Box::new(order))).await;
}

async fn expected(world: &World, company: &Company) -> u64 {
    let truth = world.outside().sandbox().truth(&company.id, Scope::Received, months(2)).await.unwrap();
    truth.iter().map(|row| row.totals.invoices).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_lost_in_the_middle_waits_for_the_person_and_goes_on_by_itself() {
    let world = World::new(SIZE).await;
    let (mut engine, company, account) = world.ready().await;
    world.fault(Fault::SessionLost, 1, 0).await;
    download(&engine, &company, false).await;
    let waiting = engine.download_in("need of a login", |download| matches!(download.state, DownloadState::NeedsLogin { .. })).await;
    assert_eq!(waiting.state, DownloadState::NeedsLogin { account: account.id.clone() });
    engine.log_in(&world, &company, &account.id).await;
    let done = engine.ended().await;
    assert_eq!(done.state, DownloadState::Done, "{done:#?}");
    assert_eq!(done.received.invoices, expected(&world, &company).await);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn originals_wait_for_the_person_too() {
    let world = World::new(4_000).await;
    let (mut engine, company, account) = world.ready().await;
    download(&engine, &company, true).await;
    engine.download_in("first page", |download| download.received.invoices > 0).await;
    world.outside().sandbox().kick(&account.id).await.unwrap();
    engine.download_in("need of a login", |download| matches!(download.state, DownloadState::NeedsLogin { .. })).await;
    engine.log_in(&world, &company, &account.id).await;
    let done = engine.ended().await;
    assert_eq!((done.state.clone(), done.originals_missing), (DownloadState::Done, 0), "{:?}", done.problem);
    assert_eq!(done.received, done.expected_totals());
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_can_be_paused_resumed_and_cancelled_and_nothing_comes_twice() {
    let world = World::new(SIZE).await;
    let (mut engine, company, _) = world.ready().await;
    download(&engine, &company, true).await;
    let begun = engine.download_in("first page", |download| download.received.invoices > 0).await;
    engine.send(Command::PauseDownload(id_of(&begun))).await;
    let paused = engine.download_in("pause", |download| !download.state.is_active()).await;
    assert_eq!(paused.state, DownloadState::Paused);
    engine.send(Command::ResumeDownload(id_of(&begun))).await;
    let done = engine.ended().await;
    assert_eq!(done.state, DownloadState::Done, "{done:#?}");
    let all = expected(&world, &company).await;
    assert_eq!((done.received.invoices, done.new), (all, all));
    assert_eq!(done.originals_missing, 0);

    // The same order again: nothing is new, no original is fetched again.
    download(&engine, &company, true).await;
    let begun = engine.download_in("second run", |download| download.id != done.id).await;
    let again = engine.ended().await;
    assert_eq!((again.state.clone(), again.new, again.originals_done), (DownloadState::Done, 0, done.originals_done), "{again:#?}");

    engine.send(Command::ForgetDownload(id_of(&begun))).await;
    engine.until("forgotten", |event| matches!(event, Event::DownloadForgotten(_)).then_some(())).await;

    // Cancelled while an answer takes its time.
    world.fault(Fault::Slow, 1, 40_000).await;
    download(&engine, &company, false).await;
    let third = engine.download_in("third run", |download| download.state == DownloadState::Counting).await;
    engine.send(Command::CancelDownload(id_of(&third))).await;
    let asked = Instant::now();
    let cancelled = engine.ended().await;
    assert_eq!(cancelled.state, DownloadState::Cancelled);
    assert!(asked.elapsed() < Duration::from_secs(20), "it waited for the answer");

    // All that ended go at once; the ledger keeps what they brought.
    engine.send(Command::ForgetEndedDownloads).await;
    let mut forgotten = std::collections::BTreeSet::new();
    while forgotten.len() < 2 {
        let next = |event| if let Event::DownloadForgotten(id) = event { Some(id) } else { None };
        forgotten.insert(engine.until("forgotten", next).await);
    }
    assert_eq!(forgotten, [done.id.clone(), id_of(&third)].into());
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_service_still_does_ends_with_a_download_that_is_cancelled_while_it_does_not_run() {
    let world = World::new(SIZE).await;
    let (mut engine, company, account) = world.ready().await;
    world.outside().sandbox().kick(&account.id).await.unwrap();
    download(&engine, &company, false).await;
    let needs_login = |download: &Download| matches!(download.state, DownloadState::NeedsLogin { .. });
    let waiting = engine.download_in("need of a login", needs_login).await;
    // Each run asks for the counts anew: one job for each.
    engine.send(Command::PauseDownload(id_of(&waiting))).await;
    assert_eq!(engine.ended().await.state, DownloadState::Paused);
    engine.send(Command::ResumeDownload(id_of(&waiting))).await;
    engine.download_in("need of a login", needs_login).await;
    engine.send(Command::PauseDownload(id_of(&waiting))).await;
    assert_eq!(engine.ended().await.state, DownloadState::Paused);
    let kept: serde_json::Value = engine.store.get_document("downloads", &waiting.id.0).await.unwrap().unwrap();
    let jobs: Vec<&str> = kept["jobs"].as_array().unwrap().iter().filter_map(|job| job.as_str()).collect();
    let client = world.elsewhere().await;
    for job in &jobs {
        assert_eq!(client.job(job).await.unwrap().state, JobState::WaitingLogin);
    }
    assert_eq!(jobs.len(), 2, "{kept}");

    engine.send(Command::CancelDownload(id_of(&waiting))).await;
    assert_eq!(engine.ended().await.state, DownloadState::Cancelled);
    let all_cancelled = async {
        for job in &jobs {
            while client.job(job).await.unwrap().state != JobState::Cancelled {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), all_cancelled).await.unwrap();
    let kept: serde_json::Value = engine.store.get_document("downloads", &waiting.id.0).await.unwrap().unwrap();
    assert_eq!(kept.get("jobs"), None);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_at_work_is_not_begun_twice_and_accounts_take_turns() {
    let world = World::new(SIZE).await;
    let (mut engine, company, _) = world.ready().await;
    world.fault(Fault::Slow, 4, 150).await;
    download(&engine, &company, false).await;
    download(&engine, &company, false).await;
    let other = order(&company, Scope::Issued, months(1), false);
    engine.send(Command::StartDownload(Box::new(other))).await;
    let (mut ids, mut at_work, mut ended) = (std::collections::BTreeSet::new(), std::collections::BTreeSet::new(), 0);
    while ended < 2 {
        let now = engine.download_in("any step", |_| true).await;
        ids.insert(now.id.clone());
        match now.state {
            DownloadState::Counting | DownloadState::Running => drop(at_work.insert(now.id)),
            DownloadState::Done => {
                at_work.remove(&now.id);
                ended += 1;
            }
            DownloadState::Waiting => {}
            other => panic!("{other:?}: {:?}", now.problem),
        }
        assert!(at_work.len() <= 1, "two at once under one account");
    }
    assert_eq!(ids.len(), 2);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_weather_is_waited_out() {
    for (fault, times, arg) in [
        (Fault::ServerError, 12, 0),
        (Fault::TooManyRequests, 2, 0),
        (Fault::Cut, 3, 200),
        (Fault::Slow, 3, 50),
        (Fault::Maintenance, 1, 0),
    ] {
        let world = World::new(4_000).await;
        let (mut engine, company, _) = world.ready().await;
        world.fault(fault, times, arg).await;
        download(&engine, &company, false).await;
        let done = engine.ended().await;
        assert_eq!(done.state, DownloadState::Done, "{fault:?}: {done:#?}");
        assert_eq!(done.received.invoices, expected(&world, &company).await, "{fault:?}");
        engine.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn originals_come_through_cuts_and_expired_links() {
    let world = World::new(2_000).await;
    let (mut engine, company, _) = world.ready().await;
    let order = order(&company, Scope::Received, months(1), true);
    world.fault(Fault::LinkExpired, 1, 0).await;
    engine.send(Command::StartDownload(Box::new(order))).await;
    engine.download_in("first page", |download| download.received.invoices > 0).await;
    world.fault(Fault::Cut, 6, 300).await;
    let done = engine.ended().await;
    assert_eq!((done.state.clone(), done.originals_missing), (DownloadState::Done, 0), "{done:#?}");
    assert!(done.originals_done > 0);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_passing_problem_is_shown_while_it_lasts() {
    let world = World::new(4_000).await;
    let (mut engine, company, _) = world.ready().await;
    world.fault(Fault::ServerError, 10, 0).await;
    download(&engine, &company, false).await;
    let troubled = engine.download_in("problem", |download| download.problem.is_some()).await;
    assert!(troubled.state.is_active());
    assert_eq!(troubled.problem.and_then(|problem| problem.class()), Some(ErrorClass::UpstreamDown));
    let done = engine.ended().await;
    assert_eq!((done.state, done.problem), (DownloadState::Done, None));
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn originals_that_cannot_be_had_leave_it_partial_and_come_with_the_next_run() {
    let world = World::new(4_000).await;
    let (mut engine, company, _) = world.ready().await;
    world.fault(Fault::LinkExpired, 1_000_000, 0).await;
    download(&engine, &company, true).await;
    let partial = engine.ended().await;
    assert_eq!(partial.state, DownloadState::Partial, "{partial:#?}");
    assert!(partial.originals_missing > 0 && partial.differences.is_empty());
    assert!(partial.problem.as_ref().is_some_and(|problem| problem.is(code::LINK_EXPIRED)), "{:?}", partial.problem);
    world.fault(Fault::LinkExpired, 0, 0).await;
    engine.send(Command::ResumeDownload(id_of(&partial))).await;
    let done = engine.ended().await;
    assert_eq!((done.state.clone(), done.originals_missing), (DownloadState::Done, 0), "{done:#?}");
    assert_eq!(done.received.invoices, expected(&world, &company).await, "nothing was collected twice");
    assert!(done.originals_done >= done.received.invoices / 2);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_count_is_shown_and_a_second_look_settles_it() {
    let world = World::new(4_000).await;
    let (mut engine, company, _) = world.ready().await;
    world.fault(Fault::WrongTotals, 1, 0).await;
    download(&engine, &company, false).await;
    let partial = engine.ended().await;
    assert_eq!(partial.state, DownloadState::Partial);
    assert_eq!(partial.differences.len(), 1);
    let difference = &partial.differences[0];
    assert_eq!(difference.bureau.invoices, difference.ledger.invoices + 1);
    engine.send(Command::ResumeDownload(id_of(&partial))).await;
    let done = engine.ended().await;
    assert_eq!((done.state.clone(), done.differences.len()), (DownloadState::Done, 0), "{done:#?}");
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_goes_away_costs_nothing_that_has_come() {
    let mut world = World::new(SIZE).await;
    let (mut engine, company, account) = world.ready().await;
    download(&engine, &company, false).await;
    engine.download_in("first page", |download| download.received.invoices > 0).await;
    world.stop_gateway().await;
    let failed = engine.ended().await;
    if failed.state == DownloadState::Failed {
        assert_eq!(failed.problem.as_ref().unwrap().what, What::Network(NetworkFault::Unreachable), "{:?}", failed.problem);
        let before = engine.ledger_size().await;
        assert!(before >= failed.received.invoices && before > 0);
        world.start_gateway().await;
        engine.send(Command::ResumeDownload(id_of(&failed))).await;
        let next = engine
            .download_in("next step", |download| matches!(download.state, DownloadState::NeedsLogin { .. } | DownloadState::Done))
            .await;
        if next.state != DownloadState::Done {
            engine.log_in(&world, &company, &account.id).await;
            assert_eq!(engine.ended().await.state, DownloadState::Done);
        }
    }
    assert_eq!(engine.ledger_size().await, expected(&world, &company).await);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_month_is_asked_for_in_parts() {
    let world = World::new(240_000).await;
    let (mut engine, company, _) = world.ready().await;
    let month = months(1);
    let truth = world.outside().sandbox().truth(&company.id, Scope::Received, month).await.unwrap();
    let expected: u64 = truth.iter().map(|row| row.totals.invoices).sum();
    assert!(expected > 5_000, "{expected}");
    engine.send(Command::StartDownload(Box::new(order(&company, Scope::Received, month, false)))).await;
    let done = engine.ended().await;
    assert_eq!((done.state.clone(), done.received.invoices), (DownloadState::Done, expected), "{:?}", done.problem);
    assert!(done.pieces.len() >= 2);
    assert_eq!(done.pieces.iter().map(|piece| piece.dates.days()).sum::<i32>(), month.days());
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_ends_in_the_middle_is_renewed_without_a_gap() {
    let limits = Limits { session_life: Duration::from_millis(120), poll_after: Duration::from_millis(5), ..Limits::default() };
    let world = World::with(SimConnector::quick(SandboxSize { seed: 7, invoices: 4_000 }), limits).await;
    let (mut engine, company, _) = world.ready().await;
    download(&engine, &company, true).await;
    let done = engine
        .until("end of the download", |event| match event {
            Event::Download(download) if !download.state.is_active() => Some(download),
            Event::SignedOut(because) => panic!("{because:?}"),
            _ => None,
        })
        .await;
    assert_eq!((done.state.clone(), done.originals_missing), (DownloadState::Done, 0), "{:?}", done.problem);
    assert_eq!(done.received, done.expected_totals());
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_range_without_invoices_is_done_at_once() {
    let world = World::new(100).await;
    let (mut engine, company, _) = world.ready().await;
    let long_ago = piaoxia_domain::DateRange::month(2010, 3).unwrap();
    engine.send(Command::StartDownload(Box::new(order(&company, Scope::Issued, long_ago, true)))).await;
    let done = engine.ended().await;
    assert_eq!((done.state, done.received.invoices, done.pieces.len()), (DownloadState::Done, 0, 0));
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_bureau_refuses_fails_with_its_words() {
    let world = World::new(4_000).await;
    let (mut engine, company, _) = world.ready().await;
    let today = piaoxia_domain::period::shanghai_day(jiff::Timestamp::now());
    let with_today = piaoxia_domain::DateRange::new(today.first_of_month(), today).unwrap();
    engine.send(Command::StartDownload(Box::new(order(&company, Scope::Received, with_today, false)))).await;
    let failed = engine.ended().await;
    if today.day() == 1 {
        // The counts of this month are empty: nothing is asked for, so nothing is refused.
        assert_eq!((failed.state, failed.received.invoices), (DownloadState::Done, 0));
        return engine.close().await;
    }
    assert_eq!(failed.state, DownloadState::Failed);
    assert!(failed.problem.as_ref().is_some_and(|problem| problem.is(code::RANGE_IN_FUTURE)), "{:?}", failed.problem);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_out_stops_it_and_signing_in_takes_it_up() {
    let world = World::new(SIZE).await;
    let (mut engine, company, _) = world.ready().await;
    download(&engine, &company, false).await;
    let begun = engine.download_in("first page", |download| download.received.invoices > 0).await;
    engine.send(Command::SignOut).await;
    engine.until("signed out", |event| matches!(event, Event::SignedOut(SignedOutBecause::Asked)).then_some(())).await;
    engine.scan(&world, false).await;
    let done = engine.ended().await;
    assert_eq!((done.id, done.state), (begun.id, DownloadState::Done));
    engine.close().await;
}
