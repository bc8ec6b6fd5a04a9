//! Tests of the whole way of a release: believed or not, fetched, installed, started.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test may panic"
)]

mod crash;
pub(crate) mod kit;
#[cfg(unix)]
mod launch;
mod matrix;
mod transfer;
