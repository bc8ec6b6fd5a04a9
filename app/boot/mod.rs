//! Puts the parts together: data folder, ledger, service, engine, and the window in front of them.

mod backstage;
mod bridge;
mod disks;
mod embedded;
mod error;
mod folder;
mod launch;
mod log;
mod raise;
mod removal;
mod renderer;
mod window;
mod world;

pub use backstage::Backstage;
pub use bridge::{Ends, FarEnds, Parted, ends};
pub use disks::SERVE_LIBRARY;
pub use error::BootError;
pub use folder::{Folder, Locked, has_ledger, place, refuse_planted_libraries};
pub use launch::{First, Launch, build, built, first, version};
pub use piaoxia_update::Report;
pub use raise::{Doorbell, raise_other};
pub use window::open_window;
pub use world::{Options, READ_FILES, SANDBOX, Sandbox, Service, World, client_options, loss, service_of, services};

pub use log::Log;
