//! Puts the parts together: data folder, ledger, service, engine, and the window in front of them.

mod bridge;
mod error;
mod folder;
mod log;
mod phones;
mod raise;
mod window;
mod world;

pub use bridge::{Ends, FarEnds, ends};
pub use error::BootError;
pub use folder::{Folder, Locked, place};
pub use raise::{Doorbell, raise_other};
pub use window::open_window;
pub use world::{Options, READ_FILES, SANDBOX, Sandbox, World, services};

pub use log::start as start_log;

/// Version and, in a build from a checkout, its commit.
pub const BUILD: &str = concat!(env!("CARGO_PKG_VERSION"), env!("PIAOXIA_COMMIT"));
