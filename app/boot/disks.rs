//! With what tax disks are found.

use std::sync::Arc;

use piaoxia_engine::DiskSetup;
use piaoxia_gateway::SimConnector;
use piaoxia_taxdisk::skf::HelperProgram;

/// What makes the program the process that loads a vendor's library; known to itself alone.
pub const SERVE_LIBRARY: &str = "serve-disk-library";

/// The system's readers and USB devices, this program again for vendors' libraries, and in the sandbox a disk of its own.
#[must_use]
pub fn disk_setup(sandbox: bool) -> DiskSetup {
    let helper = std::env::current_exe().map(|program| HelperProgram { program, arguments: vec![SERVE_LIBRARY.into()] });
    let helper = helper.inspect_err(|error| tracing::warn!(%error, "the program does not find itself; vendors' libraries are not used")).ok();
    let simulated: Option<Arc<dyn Fn() -> _ + Send + Sync>> = sandbox.then(|| Arc::new(SimConnector::disk) as _);
    DiskSetup { readers: true, helper, libraries: Vec::new(), simulated }
}
