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

/// The embedded font: Noto Sans SC, cut to GB2312 and the signs that invoices use (OFL, see `resources/fonts`).
pub const FONT: &[u8] = include_bytes!("../resources/fonts/piaoxia-sc.otf");
