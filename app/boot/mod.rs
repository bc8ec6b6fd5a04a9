//! Puts the parts together: data folder, ledger, service, engine, and the window in front of them.

mod backstage;
mod bridge;
mod embedded;
mod error;
mod folder;
mod launch;
mod log;
mod raise;
mod window;
mod world;

pub use backstage::Backstage;
pub use bridge::{Ends, FarEnds, Parted, ends};
pub use error::BootError;
pub use folder::{Folder, Locked, place};
pub use launch::{First, Launch, build, first, version};
pub use piaoxia_update::Report;
pub use raise::{Doorbell, raise_other};
pub use window::{Closed, open_window};
pub use world::{Options, READ_FILES, SANDBOX, Sandbox, World, services};

pub use log::Log;
