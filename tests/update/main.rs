//! Updates end to end: the real executable as two releases, on a stick of its own.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod broken;
mod flow;
mod refusals;
#[path = "../releases/mod.rs"]
mod releases;
mod stick;
mod web;
mod window;
