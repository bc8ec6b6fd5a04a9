//! Prepared states, one a scene. Everything in them is fictional.

mod data;
mod dialogs;
mod documents;
mod folder;
mod pages;
mod vault;

pub use dialogs::*;
pub use documents::*;
pub use folder::*;
pub use pages::*;
pub use vault::*;
