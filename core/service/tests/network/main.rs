//! The client against servers that lie, hang or flood, and against networks that stand in between.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod certificates;
mod faults;
mod server;
mod steps;
mod tls;
