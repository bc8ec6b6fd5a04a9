//! The gateway over real HTTP, on ports of its own, driven by the program's client and by a plain browser.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::too_many_lines,
    reason = "a test may panic, and a story is told in one go"
)]

mod accounts;
mod activation;
mod challenges;
mod client;
mod disks;
mod document;
mod faults;
mod files;
mod guard;
mod jobs;
mod lifecycle;
mod regions;
mod sign_in;
mod stub;
mod support;
mod words;
