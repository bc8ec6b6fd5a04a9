//! Figures of a large download: time and peak memory of the engine alone, the service being a process of its own.
//! `PIAOXIA_MEASURE` sets how many invoices (20,000), `PIAOXIA_MEASURE_WORLD` of how many (200,000).
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "it is there to print")]

#[path = "../tests/support/mod.rs"]
mod support;

use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use piaoxia_domain::{DateRange, Scope};
use piaoxia_engine::{Command, DownloadState, Pace};
use piaoxia_gateway::{Limits, SimConnector};
use piaoxia_service::contract::SandboxSize;
use support::{Running, World, months, order};

const DIR: &str = "PIAOXIA_MEASURE_DIR";

/// The service, as a process of its own, so that its memory is not counted.
async fn service(dir: &str) {
    let invoices = std::env::var("PIAOXIA_MEASURE_WORLD").ok().and_then(|text| text.parse().ok()).unwrap_or(200_000);
    let limits = Limits { poll_after: Duration::from_millis(50), ..Limits::default() };
    let world = World::with(SimConnector::quick(SandboxSize { seed: 7, invoices }), limits).await;
    std::fs::write(PathBuf::from(dir).join("base"), world.base_url()).unwrap();
    tokio::time::sleep(Duration::from_secs(3_600)).await;
}

struct Service(Child);

impl Drop for Service {
    fn drop(&mut self) {
        let _ended = self.0.kill();
    }
}

async fn start_service(dir: &std::path::Path) -> (Service, String) {
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .env(DIR, dir)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let service = Service(child);
    loop {
        if let Ok(base) = std::fs::read_to_string(dir.join("base"))
            && !base.is_empty()
        {
            return (service, base);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    match std::env::var(DIR) {
        Ok(dir) => service(&dir).await,
        Err(_) => download().await,
    }
}

async fn download() {
    let dir = tempfile::tempdir().unwrap();
    let (_service, base) = start_service(dir.path()).await;
    let world = World::at(&base, tempfile::tempdir().unwrap());
    let runtime = tokio::runtime::Handle::current();
    let mut engine = Running::start_with(&base, &world.data(), &world.keys(), runtime, Pace::default());
    engine.sign_in(&world, false).await;
    let company = engine.activate(&world).await.remove(0);
    engine.add_account(&world, &company).await;
    let wanted = std::env::var("PIAOXIA_MEASURE").ok().and_then(|text| text.parse().ok()).unwrap_or(20_000);
    let dates = range_of(&world, &company.id, wanted).await;
    let before = peak_kib();
    for originals in [false, true] {
        let begun = Instant::now();
        engine.send(Command::StartDownload(Box::new(order(&company, Scope::Received, dates, originals)))).await;
        let done = engine.patient_end().await;
        eprintln!(
            "originals={originals} state={:?} invoices={} originals_done={} seconds={:.1} peak_mib={} (before {}) pieces={}",
            done.state,
            done.received.invoices,
            done.originals_done,
            begun.elapsed().as_secs_f32(),
            peak_kib() / 1024,
            before / 1024,
            done.pieces.len()
        );
        assert_eq!(done.state, DownloadState::Done, "{:?}", done.problem);
    }
    engine.close().await;
}

/// As many whole months as hold at least so many received invoices.
async fn range_of(world: &World, company: &str, wanted: u64) -> DateRange {
    for count in 1..=36 {
        let dates = months(count);
        let truth = world.outside().sandbox().truth(company, Scope::Received, dates).await.unwrap();
        if truth.iter().map(|row| row.totals.invoices).sum::<u64>() >= wanted {
            return dates;
        }
    }
    months(36)
}
