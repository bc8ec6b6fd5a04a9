//! The whole window, driven by its labels, over the real engine, gateway, simulated bureau and ledger.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod accounts;
mod backup;
mod batch;
mod claims;
mod details;
mod differences;
#[allow(dead_code, reason = "the bench drives the window, too, and uses more of it")]
mod driver;
mod keyboard;
mod network;
mod phone;
mod refusals;
#[path = "../releases/mod.rs"]
mod releases;
mod restart;
mod service;
mod sign_ins;
mod statistics;
#[cfg(target_os = "linux")]
mod stick;
mod story;
mod templates;
mod updates;
mod vault;
mod welcome;
