//! Scenes of tax disks: 税盘管理 and 税控模式.

use piaoxia::state::disks::Asking;
use piaoxia::state::download::Mode;
use piaoxia::state::{Screen, State};
use piaoxia_engine::disks::{DiskFacts, DiskView, DisksView, Keep, KeptPasswords};
use piaoxia_engine::problem::What;
use piaoxia_engine::{DownloadState, Problem};
use piaoxia_service::contract::{ApiError, DiskSession, ErrorClass, PlatformLimits, code};
use piaoxia_taxdisk::{CertificateState, DiskError, DiskKind, LibraryFault, Presence, Seat, Service, Tries};

use super::pages::{companies, download_scene};

fn seat(name: &str) -> Seat {
    Seat::Reader(name.to_owned())
}

fn facts(state: &State) -> DiskFacts {
    let company = state.companies.current().unwrap();
    DiskFacts {
        kind: DiskKind::GoldenTax,
        serial: "440012345678".to_owned(),
        company: company.name.clone(),
        tax_number: company.tax_no.clone(),
        holder: piaoxia_seals::Holder {
            subject: company.tax_no.as_str().to_owned(),
            subject_full: format!("CN={}, O={}, C=CN", company.tax_no.as_str(), company.name),
            issuer: "示例税务数字证书认证中心".to_owned(),
            issuer_full: "CN=示例税务数字证书认证中心, O=示例税务CA, C=CN".to_owned(),
            serial: "50A1B2C3D4E5F607".to_owned(),
            not_before: "2024-01-15T00:00:00Z".parse().unwrap(),
            not_after: "2027-01-14T00:00:00Z".parse().unwrap(),
        },
        certificate: CertificateState::ExpiresSoon { days: 52 },
        tries: Tries::Left(8),
    }
}

fn disk(state: &State) -> DiskView {
    DiskView {
        seat: seat("Feitian R502 0"),
        presence: Presence::Disk(DiskKind::GoldenTax),
        facts: Some(facts(state)),
        fault: None,
        work: None,
        kept: KeptPasswords::default(),
        session: None,
        problem: None,
        verified: false,
    }
}

fn session(state: &State) -> DiskSession {
    DiskSession {
        account: piaoxia_domain::AccountId("disk-1".to_owned()),
        company: state.companies.current().unwrap().clone(),
        expires_at: "2026-11-22T14:30:00Z".parse().unwrap(),
        limits: PlatformLimits { current_month_left: 4, current_month_most: 5, same_month_hours: 24, usual_hours: 24, slowest_hours: 168 },
    }
}

fn with(change: impl FnOnce(&mut DiskView)) -> State {
    let mut state = State { screen: Screen::Disks, ..companies() };
    let mut disk = disk(&state);
    change(&mut disk);
    state.disks.asked = true;
    state.disks.view = DisksView { watching: true, service: Service::Running, usb_known: true, seats: vec![disk], ..DisksView::default() };
    state.vault.view.exists = true;
    state.vault.view.open = true;
    state
}

/// Nothing is plugged in.
pub fn disks_none() -> State {
    let mut state = with(|_| {});
    state.disks.view.seats.clear();
    state.disks.view.service = Service::Absent;
    state.disks.view.obstacle = Some(DiskError::NoReader);
    state.disks.view.simulated = Some(false);
    state
}

/// A disk whose driver is missing, and a library that is none.
pub fn disks_no_driver() -> State {
    let mut state = disks_none();
    let presence = Presence::NoDriver { kind: DiskKind::TaxUKey, vendor: "ChinaTax".to_owned(), usb: "14d6:a002".to_owned() };
    let mut disk = disk(&state);
    (disk.seat, disk.presence, disk.facts) = (Seat::Usb("1-1.2".to_owned()), presence, None);
    state.disks.view.seats = vec![disk];
    state.disks.view.obstacle = Some(DiskError::NoDriver { vendor: "ChinaTax".to_owned(), usb: "14d6:a002".to_owned() });
    let library = std::path::PathBuf::from("C:\\Program Files (x86)\\增值税发票税控开票软件\\安全组件\\skf_api.dll");
    let fault = LibraryFault::Architecture { found: "x86".to_owned(), needed: "x86_64".to_owned() };
    state.disks.view.library_faults = vec![(library.clone(), fault.into())];
    state.disks.view.libraries = vec![library];
    state
}

/// Read, nothing kept yet.
pub fn disks_read() -> State {
    with(|_| {})
}

/// Signed in, and a second disk beside it.
pub fn disks_signed_in() -> State {
    let mut state = with(|_| {});
    let session = session(&state);
    let mut other = disk(&state);
    (other.seat, other.presence, other.facts) = (seat("Feitian R502 1"), Presence::InUse, None);
    if let Some(disk) = state.disks.view.seats.first_mut() {
        disk.session = Some(session);
        disk.kept = KeptPasswords { certificate: true, platform: Keep::Proved, confirmation: Keep::No };
    }
    state.disks.view.seats.push(other);
    state
}

/// A wrong password, and two tries left.
pub fn disks_wrong_password() -> State {
    with(|disk| {
        disk.problem = Some(Problem::from(DiskError::WrongPassword { left: Tries::Left(2) }));
        if let Some(facts) = &mut disk.facts {
            facts.tries = Tries::Left(2);
        }
    })
}

/// The question before one of the last tries.
pub fn disks_last_try() -> State {
    let mut state = disks_wrong_password();
    state.disks.asking = Some(Asking { seat: seat("Feitian R502 0"), left: Tries::Left(2), signing_in: false });
    state
}

/// 90500.
pub fn disks_digital() -> State {
    let error = ApiError::new(ErrorClass::Precondition, code::DISK_DIGITAL, "moved");
    with(|disk| {
        disk.kept.certificate = true;
        disk.problem = Some(Problem::new(What::Service(Box::new(error)), ""));
    })
}

/// Who the certificate was given to.
pub fn disks_certificate() -> State {
    let mut state = with(|_| {});
    state.disks.certificate = Some(seat("Feitian R502 0"));
    state
}

fn by_disk(from: State) -> State {
    let mut state = download_scene();
    (state.disks, state.vault) = (from.disks, from.vault);
    state.download.mode = Mode::Disk;
    state
}

/// 税控模式 without a disk.
pub fn download_no_disk() -> State {
    by_disk(disks_none())
}

/// 税控模式 with everything, and a download that waits for the disk.
pub fn download_by_disk() -> State {
    let mut state = by_disk(disks_signed_in());
    if let Some(first) = state.download.all.first_mut() {
        first.order.disk = Some("440012345678".to_owned());
        first.state = DownloadState::NeedsLogin { account: piaoxia_domain::AccountId("disk-1".to_owned()) };
    }
    state
}
