//! With what tax disks are found.

use std::sync::Arc;

use jiff::{Timestamp, ToSpan};
use piaoxia_bureau::{Bureau, BureauConfig};
use piaoxia_domain::period::shanghai_day;
use piaoxia_engine::DiskSetup;
use piaoxia_service::contract::SandboxSize;
use piaoxia_taxdisk::sim::{Authority, SimDisk, SimIdentity, SimState};
use piaoxia_taxdisk::skf::HelperProgram;

/// What makes the program the process that loads a vendor's library; known to itself alone.
pub const SERVE_LIBRARY: &str = "serve-disk-library";
/// Validity of the sandbox's disk, days before and after today.
const VALID: (i32, i32) = (400, 700);

/// This program once more, as the process that loads a vendor's library.
#[must_use]
pub fn library_helper() -> Option<HelperProgram> {
    let helper = std::env::current_exe().map(|program| HelperProgram { program, arguments: vec![SERVE_LIBRARY.into()] });
    helper.inspect_err(|error| tracing::warn!(%error, "the program does not find itself; vendors' libraries are not used")).ok()
}

/// The system's readers and USB devices, a helper for vendors' libraries, and in the sandbox of this size a disk of its own.
#[must_use]
pub fn disk_setup(sandbox: Option<SandboxSize>, helper: Option<HelperProgram>) -> DiskSetup {
    let simulated: Option<Arc<dyn Fn() -> Option<SimDisk> + Send + Sync>> =
        sandbox.map(|size| Arc::new(move || simulated(size)) as Arc<dyn Fn() -> Option<SimDisk> + Send + Sync>);
    DiskSetup { readers: true, helper, simulated }
}

/// The disk of the sandbox's company that still uses one.
fn simulated(size: SandboxSize) -> Option<SimDisk> {
    let now = Timestamp::now();
    let bureau = Bureau::new(BureauConfig::new(size.seed, size.invoices, shanghai_day(now)));
    let company = bureau.sandbox_companies().iter().find(|company| company.uses_disk())?;
    let identity = SimIdentity {
        serial: "440099887766".to_owned(),
        company: company.name.clone(),
        tax_number: company.tax_no.as_str().to_owned(),
        not_before: now.checked_sub((VALID.0 * 24).hours()).ok()?,
        not_after: now.checked_add((VALID.1 * 24).hours()).ok()?,
    };
    let made = Authority::new(size.seed).and_then(|authority| SimDisk::new(&authority, &identity, SimState::default()));
    made.inspect_err(|error| tracing::error!(%error, "the sandbox has no disk")).ok()
}
