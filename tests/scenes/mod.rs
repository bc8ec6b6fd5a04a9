//! Prepared states, one a scene. Everything in them is fictional.

mod data;
mod dialogs;
mod pages;

pub use dialogs::*;
pub use pages::*;
