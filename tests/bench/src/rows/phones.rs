//! Phones that wait on pages of the gateway, which serves downloads meanwhile; beside them a bare axum handler under the same phones
//! while the same gateway serves the same downloads: what these take of the machine, they take of both.
//!
//! Three processes: the server under the phones, the PCs that download, and the phones, which are this one. Each phone opens the page
//! of a QR and looks every two seconds on a connection that it keeps, as the page's script does. A connection that the server ends
//! with its answer is opened anew; anything else that is not the whole answer is an error, and there may be none.

mod crowd;
mod http;
mod pcs;
pub(super) mod server;
mod tickets;

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::runtime::Runtime;

use crowd::{Crowd, PAUSE, Seen};
use pcs::Pcs;
use server::Server;

use crate::row::{Meter, PLAIN, Peer, Row, Task};

pub use server::{COMMAND, serve};

pub const PHONES: Row = Row {
    name: "phones",
    count: 2_000,
    tiny: 40,
    long: true,
    ours: at_the_gateway,
    peers: &[Peer::Library { name: "axum", work: at_a_bare_handler }],
    ..PLAIN
};

/// A download for so many phones.
const PHONES_A_DOWNLOAD: u64 = 40;
/// Pages of QRs, each open on as many phones. One address may apply for so many companies in an hour.
const TICKETS: u64 = 10;
/// Pauses of the phones before the downloads begin, and after they are over; of few phones, in the test of the harness.
const AROUND: u32 = 5;
const FEW: (u64, u32) = (100, 1);
/// How long a server is given to let go of what the phones took.
const AFTERWARDS: Duration = Duration::from_secs(12);
/// Memory that the gateway may grow by when all download once more while the phones wait, MiB.
const GROWTH: f64 = 16.0;

fn at_the_gateway(task: &Task, meter: &mut Meter) -> Result<String> {
    let gateway = Server::gateway(&task.out, server::INVOICES)?;
    let runtime = runtime()?;
    let pcs = Pcs::start(&gateway.address, &task.out, downloads(task))?;
    let pages = runtime.block_on(tickets::make(&gateway.address, TICKETS.min(task.count)))?;
    wait(task, meter, &gateway, pages, (pcs, &runtime))
}

fn at_a_bare_handler(task: &Task, meter: &mut Meter) -> Result<String> {
    let gateway = Server::gateway(&task.out, server::INVOICES)?;
    let runtime = runtime()?;
    let pcs = Pcs::start(&gateway.address, &task.out, downloads(task))?;
    let pages = runtime.block_on(tickets::make(&gateway.address, 1))?;
    let page = runtime.block_on(http::get(&gateway.address, pages.first().context("no page")?))?;
    let bare = Server::bare(page.body.len())?;
    wait(task, meter, &bare, pages, (pcs, &runtime))
}

fn downloads(task: &Task) -> u64 {
    task.count / PHONES_A_DOWNLOAD
}

/// The phones come, the PCs download, the phones go.
fn wait(task: &Task, meter: &mut Meter, server: &Server, pages: Vec<String>, (mut pcs, runtime): (Pcs, &Runtime)) -> Result<String> {
    let around = PAUSE * if task.count < FEW.0 { FEW.1 } else { AROUND };
    let before = server.memory();
    meter.ready();
    let crowd = Crowd::new(&server.address, pages);
    let over = crowd.over();
    let phones = runtime.spawn(crowd.wait(task.count));
    std::thread::sleep(PAUSE + around);
    let (first, begun) = (server.memory(), Instant::now());
    pcs.download()?;
    let downloaded = server.memory();
    pcs.download()?;
    let ended = Instant::now();
    std::thread::sleep(around);
    let last = server.memory();
    over.store(true, Ordering::Relaxed);
    let seen = runtime.block_on(phones).context("the phones broke off")??;
    std::thread::sleep(AFTERWARDS.min(around * 4));
    let memory = [("start", before), ("waiting", first), ("downloaded", downloaded), ("again", last), ("left", server.memory())];
    for (name, value) in memory {
        meter.figure(&format!("memory_{name}"), value, "MiB");
    }
    meter.figure("memory_a_phone", (first - before) * 1024.0 / task.count as f64, "KiB");
    meter.figure("downloads_wall", (ended - begun).as_secs_f64(), "s");
    tell(meter, &seen, (begun, ended))?;
    ensure!(last <= downloaded + GROWTH, "the server grew from {downloaded} to {last} MiB by downloads that it had before");
    Ok("every answer whole".to_owned())
}

/// Of the looks, those count that were begun while the PCs downloaded.
fn tell(meter: &mut Meter, seen: &[Seen], (begun, ended): (Instant, Instant)) -> Result<()> {
    let sorted = |looks: &mut dyn Iterator<Item = &Seen>| {
        let mut took: Vec<f64> = looks.map(|look| look.took.as_secs_f64() * 1e3).collect();
        took.sort_by(f64::total_cmp);
        took
    };
    let at = |took: &[f64], part: f64| took.get((took.len() as f64 * part) as usize).copied();
    let polls = sorted(&mut seen.iter().filter(|look| !look.page && look.at >= begun && look.at <= ended));
    let pages = sorted(&mut seen.iter().filter(|look| look.page));
    for (name, part) in [("p50", 0.5), ("p99", 0.99), ("p100", 0.999_999)] {
        meter.figure(name, at(&polls, part).context("nobody looked while the PCs downloaded")?, "ms");
    }
    meter.figure("page_p99", at(&pages, 0.99).context("no page was opened")?, "ms");
    Ok(())
}

fn runtime() -> Result<Runtime> {
    // Each phone holds a file handle; the servers inherit the limit.
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, most, most)?;
    Ok(tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?)
}
