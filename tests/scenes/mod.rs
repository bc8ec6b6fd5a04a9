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
mod loading;
mod pages;
mod removals;
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
pub use loading::*;
pub use pages::*;
pub use removals::*;
pub use stats::*;
pub use vault::*;
