//! Downloads that wait for a tax disk, with the sandbox's own: when the disk is signed in by itself, and when nobody asks it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod support;

use std::sync::{Arc, OnceLock};

use jiff::{SignedDuration, Timestamp};
use piaoxia_domain::{AccountId, Scope};
use piaoxia_engine::disks::{DiskPasswords, DiskView, DiskWork};
use piaoxia_engine::{Command, DiskSetup, DiskWish, Download, DownloadOrder, DownloadState, Event, Pace, Secret};
use piaoxia_service::contract::{Company, Fault, code};
use piaoxia_taxdisk::Seat;
use piaoxia_taxdisk::sim::{Authority, FIRST_PASSWORD, SimDisk, SimIdentity, SimState};
use support::{Running, World, id_of, months, order};

const SERIAL: &str = "440099887766";
/// Seed of the world, and so of the authority whose disks are let in.
const SEED: u64 = 7;
/// Of the order of [`Fault::PlatformPassword`]: 税局平台密码 is needed.
const NEEDED: u64 = 4;

/// A disk of the company that is known once somebody has activated it.
fn setup(company: &Arc<OnceLock<Company>>) -> DiskSetup {
    let company = Arc::clone(company);
    let make = move || {
        let company = company.get()?;
        let day = |days: i64| Timestamp::from_second((Timestamp::now() + SignedDuration::from_hours(24 * days)).as_second()).ok();
        let identity = SimIdentity {
            serial: SERIAL.to_owned(),
            company: company.name.clone(),
            tax_number: company.tax_no.to_string(),
            not_before: day(-30)?,
            not_after: day(365)?,
        };
        SimDisk::new(&Authority::new(SEED).unwrap(), &identity, SimState::default()).ok()
    };
    DiskSetup { readers: false, helper: None, simulated: Some(Arc::new(make)) }
}

/// A person whose disk was in once, so that its account is known, and whose password is kept.
struct Desk {
    engine: Running,
    seat: Seat,
    order: DownloadOrder,
}

impl Desk {
    async fn new(world: &World) -> Self {
        let known = Arc::new(OnceLock::new());
        let (base, runtime) = (world.base_url(), tokio::runtime::Handle::current());
        let mut engine = Running::start_with_disks(&base, &world.data(), &world.keys(), runtime, setup(&known));
        engine.sign_in(world, true).await;
        // The only one that still uses a disk.
        let company = engine.activate(world).await.remove(1);
        known.set(company.clone()).unwrap();
        wish(&engine, DiskWish::PlugSimulated(true)).await;
        let seat = disk(&mut engine, "a disk that is read", |disk| disk.facts.is_some() && disk.work.is_none()).await.seat;
        wish(&engine, save(&seat)).await;
        disk(&mut engine, "the kept password", |disk| disk.kept.certificate && disk.work.is_none()).await;
        let account = signed_in(&mut engine, &seat).await;
        wish(&engine, DiskWish::SignOut(seat.clone())).await;
        disk(&mut engine, "no session", |disk| disk.session.is_none()).await;
        let by_account = order(&company, Scope::Received, months(1), false);
        let order = DownloadOrder { account: Some(account), disk: Some(SERIAL.to_owned()), ..by_account };
        Self { engine, seat, order }
    }

    async fn download(&self) {
        self.engine.send(Command::StartDownload(Box::new(self.order.clone()))).await;
    }

    /// What is done with disks while a download looks ten times.
    async fn works(&mut self) -> Vec<DiskWork> {
        tokio::time::sleep(10 * Pace::quick().login).await;
        let mut works = Vec::new();
        while let Ok(event) = self.engine.handle.events.try_recv() {
            if let Event::Disks(view) = event {
                works.extend(view.seats.iter().filter_map(|disk| disk.work));
            }
        }
        works
    }
}

async fn wish(engine: &Running, wish: DiskWish) {
    engine.send(Command::Disk(wish)).await;
}

fn save(seat: &Seat) -> DiskWish {
    let passwords = DiskPasswords { certificate: Some(Secret::new(FIRST_PASSWORD)), ..DiskPasswords::default() };
    DiskWish::Save { seat: seat.clone(), passwords, consent: None }
}

/// Waits for a disk that stands so.
async fn disk(engine: &mut Running, what: &str, is: impl Fn(&DiskView) -> bool) -> DiskView {
    engine
        .until(what, |event| match event {
            Event::Disks(view) => view.seats.iter().find(|disk| is(disk)).cloned(),
            _ => None,
        })
        .await
}

/// Signs in by a wish of the user.
async fn signed_in(engine: &mut Running, seat: &Seat) -> AccountId {
    wish(engine, DiskWish::SignIn { seat: seat.clone(), consent: None }).await;
    disk(engine, "a session", |disk| disk.session.is_some()).await.session.unwrap().account
}

async fn no_disk(engine: &mut Running) {
    engine.until("no disk", |event| matches!(event, Event::Disks(view) if view.disks().next().is_none()).then_some(())).await;
}

/// Waits until a disk is signed in and a download over, whichever is told first.
async fn ended_in(engine: &mut Running) -> DownloadState {
    let (mut is_in, mut ended) = (false, None::<DownloadState>);
    let both = |event: Event| {
        match event {
            Event::Disks(view) => is_in |= view.seats.iter().any(|disk| disk.session.is_some()),
            Event::Download(download) if !download.state.is_active() => ended = Some(download.state),
            _ => {}
        }
        ended.clone().filter(|_| is_in)
    };
    engine.until("a session and the end of the download", both).await
}

fn is_refused(disk: &DiskView) -> bool {
    disk.work.is_none() && disk.problem.as_ref().is_some_and(|problem| problem.is(code::PLATFORM_PASSWORD_NEEDED))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_of_the_platform_is_asked_for_once_until_something_changes() {
    let world = World::new(400).await;
    let mut desk = Desk::new(&world).await;
    // The second sign-in would be let in.
    world.fault(Fault::PlatformPassword, 1, NEEDED).await;
    desk.download().await;
    disk(&mut desk.engine, "the refusal", is_refused).await;
    assert_eq!(desk.works().await, [], "nobody asks the disk again");
    wish(&desk.engine, DiskWish::SignIn { seat: desk.seat.clone(), consent: None }).await;
    assert_eq!(ended_in(&mut desk.engine).await, DownloadState::Done);

    // Plugged in again, it is asked again.
    wish(&desk.engine, DiskWish::SignOut(desk.seat.clone())).await;
    disk(&mut desk.engine, "no session", |disk| disk.session.is_none()).await;
    world.fault(Fault::PlatformPassword, 1, NEEDED).await;
    desk.download().await;
    disk(&mut desk.engine, "the refusal", is_refused).await;
    wish(&desk.engine, DiskWish::PlugSimulated(false)).await;
    no_disk(&mut desk.engine).await;
    wish(&desk.engine, DiskWish::PlugSimulated(true)).await;
    assert_eq!(ended_in(&mut desk.engine).await, DownloadState::Done);
    desk.engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_no_download_waits_for_any_more_is_only_read() {
    let world = World::new(400).await;
    let mut desk = Desk::new(&world).await;
    wish(&desk.engine, DiskWish::PlugSimulated(false)).await;
    no_disk(&mut desk.engine).await;
    desk.download().await;
    let needs_it = |download: &Download| matches!(download.state, DownloadState::NeedsLogin { .. });
    let waiting = desk.engine.download_in("need of the disk", needs_it).await;
    desk.engine.send(Command::CancelDownload(id_of(&waiting))).await;
    assert_eq!(desk.engine.ended().await.state, DownloadState::Cancelled);
    wish(&desk.engine, DiskWish::PlugSimulated(true)).await;
    disk(&mut desk.engine, "a disk that is read", |disk| disk.facts.is_some() && disk.work.is_none()).await;
    assert_eq!(desk.works().await, []);
    desk.engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wish_that_finds_the_disk_at_work_is_granted_after_it() {
    let world = World::new(400).await;
    let mut desk = Desk::new(&world).await;
    world.fault(Fault::Slow, 10, 200).await;
    wish(&desk.engine, DiskWish::SignIn { seat: desk.seat.clone(), consent: None }).await;
    disk(&mut desk.engine, "a disk at work", |disk| disk.work == Some(DiskWork::SigningIn)).await;
    wish(&desk.engine, save(&desk.seat)).await;
    let saved = disk(&mut desk.engine, "the verified password", |disk| disk.verified && disk.work.is_none()).await;
    assert!(saved.session.is_some() && saved.problem.is_none(), "{saved:?}");
    desk.engine.close().await;
}
