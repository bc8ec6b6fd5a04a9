//! A program that is killed in the middle of a download, and started again.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, clippy::indexing_slicing, reason = "a test may panic")]
#![cfg(unix)]

mod support;

use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use piaoxia_domain::Scope;
use piaoxia_engine::event::SignedOutBecause;
use piaoxia_engine::{Command, DownloadState, Event};
use support::{Running, World, months, order};

const BASE: &str = "PIAOXIA_TEST_BASE";
const DIR: &str = "PIAOXIA_TEST_DIR";

/// The program that is killed: it signs in with the kept session and lets the download go on.
async fn victim(base: &str, dir: &Path) {
    let mut engine = Running::start(base, &dir.join("data"), &dir.join("keys"), tokio::runtime::Handle::current());
    engine.send(Command::RestoreSession).await;
    engine.ended().await;
    engine.close().await;
}

fn start_victim(world: &World) -> Child {
    std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_killed_program_goes_on_where_it_was"])
        .env(BASE, world.base_url())
        .env(DIR, world.dir.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_program_goes_on_where_it_was() {
    // The same test again, as the process that is killed.
    if let (Ok(base), Ok(dir)) = (std::env::var(BASE), std::env::var(DIR)) {
        return victim(&base, &PathBuf::from(dir)).await;
    }
    let world = World::new(12_000).await;
    let mut engine = world.engine();
    engine.sign_in(&world, true).await;
    let company = engine.activate(&world).await.remove(0);
    engine.add_account(&world, &company).await;
    // Ordered, and stopped before it is through: on disk it is still at work.
    let wanted = order(&company, Scope::Received, months(2), true);
    engine.send(Command::StartDownload(Box::new(wanted))).await;
    engine.download_in("start", |download| download.state == DownloadState::Counting).await;
    engine.close().await;

    let mut sizes = Vec::new();
    for files in [30, 300, 600] {
        let mut child = start_victim(&world);
        while originals(&world.data()) < files && child.try_wait().unwrap().is_none() {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let opened = piaoxia_store::Store::open(&world.data(), piaoxia_store::OpenOptions::default()).unwrap();
        let view = opened.store.view(Default::default(), Default::default()).await.unwrap();
        sizes.push(view.totals.invoices);
        opened.store.close().await.unwrap();
    }
    assert!(sizes.is_sorted() && sizes[0] > 0, "what was there stays: {sizes:?}");

    let mut engine = world.engine();
    let started = engine
        .until("start", |event| match event {
            Event::Started(started) => Some(started),
            _ => None,
        })
        .await;
    let before = started.downloads.first().expect("the download is known").clone();
    engine.send(Command::RestoreSession).await;
    let signed_in = engine
        .until("session", |event| match event {
            Event::SignedIn { .. } => Some(true),
            // Killed between using the refresh token up and keeping the next one.
            Event::SignedOut(SignedOutBecause::Ended) => Some(false),
            _ => None,
        })
        .await;
    if !signed_in {
        engine.scan(&world, false).await;
    }
    assert_eq!(before.state, DownloadState::Waiting, "it was killed in the middle: {sizes:?}");
    assert!(before.received.invoices > 0, "its place is known");
    let done = engine.ended().await;
    assert_eq!(done.state, DownloadState::Done, "{sizes:?} {done:#?}");
    assert_eq!(done.id, before.id);
    assert_eq!(done.received, done.expected_totals(), "no page is counted twice");
    assert_eq!(engine.ledger_size().await, done.received.invoices);
    assert_eq!(done.originals_missing, 0);
    assert_eq!(originals(&world.data()) as u64, done.originals_done, "none is missing, none is there twice");
    engine.close().await;
}

/// Originals on disk.
fn originals(data: &Path) -> usize {
    let folders = std::fs::read_dir(data.join("originals")).into_iter().flatten().flatten();
    let files = folders.flat_map(|folder| std::fs::read_dir(folder.path()).into_iter().flatten().flatten());
    files.filter(|file| !file.file_name().to_string_lossy().starts_with('.')).count()
}
