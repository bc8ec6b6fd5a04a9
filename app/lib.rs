//! The Piaoxia application: the window, the command line, and what starts them.
//!
//! `boot` puts the parts together (data folder, ledger, gateway, engine); `shell` is the window: it drains events into
//! [`state::State`], draws the screens from it and sends their commands; `cli` drives the same engine without a window.

pub mod boot;
pub mod cli;
pub mod loadable;
pub mod manual;
pub mod reduce;
pub mod screens;
pub mod shell;
pub mod state;
pub mod text;

mod dialogs;

pub use piaoxia_font::CHINESE as FONT;
