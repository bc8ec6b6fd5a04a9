//! The command line end to end: the real executable, each test in folders of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod demo;
mod doctor;
#[cfg(target_os = "linux")]
mod full;
mod inspect;
mod ledger;
#[cfg(target_os = "linux")]
mod load;
mod papers;
mod run;
mod secrets;
mod service;
mod start;
mod workbooks;
