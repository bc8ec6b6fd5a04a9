//! Tax disks, driven through the window and by the command line: a real card service with virtual cards, and the sandbox's own disk. A test
//! program of its own: the way to the card service is an environment variable of the process.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod command;
#[allow(dead_code, reason = "the window's own tests use more of it")]
#[path = "../window/driver.rs"]
mod driver;
#[allow(dead_code, reason = "the tests of the package use more of it")]
#[path = "../../core/taxdisk/tests/kit/mod.rs"]
mod kit;
mod libraries;
mod platform;
#[allow(dead_code, reason = "the tests of the command line use more of it")]
#[path = "../cli/run.rs"]
mod run;
mod window;

use piaoxia_bureau::{Bureau, BureauConfig};
use piaoxia_service::contract::SandboxSize;
use piaoxia_taxdisk::sim::{Authority, SimDisk, SimIdentity, SimState};

use kit::card::Shared;

/// A card of one of the sandbox's companies: the one that still uses a disk, or the one that has moved to 数电.
fn card(size: SandboxSize, uses_disk: bool, state: SimState) -> Shared {
    let bureau = Bureau::new(BureauConfig::new(size.seed, size.invoices, jiff::civil::date(2026, 11, 1)));
    let company = bureau.sandbox_companies().iter().find(|company| company.uses_disk() == uses_disk).unwrap();
    let identity = SimIdentity {
        serial: "4499000000001".to_owned(),
        company: company.name.clone(),
        tax_number: company.tax_no.as_str().to_owned(),
        not_before: "2024-01-01T00:00:00Z".parse().unwrap(),
        not_after: "2034-01-01T00:00:00Z".parse().unwrap(),
    };
    Shared::new(SimDisk::new(&Authority::new(size.seed).unwrap(), &identity, state).unwrap())
}
