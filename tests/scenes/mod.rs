//! Prepared states, one a scene. Everything in them is fictional.

mod batch;
mod claims;
mod data;
mod dialogs;
mod disks;
mod documents;
mod extremes;
mod folder;
mod help;
mod pages;
mod stats;
mod vault;

pub use batch::*;
pub use claims::*;
pub use dialogs::*;
pub use disks::*;
pub use documents::*;
pub use extremes::*;
pub use folder::*;
pub use help::*;
pub use pages::*;
pub use stats::*;
pub use vault::*;
