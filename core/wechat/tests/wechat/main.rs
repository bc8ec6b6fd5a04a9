//! The adapter against a server that answers as the platform documents it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod callback;
mod calls;
mod delivery;
mod platform;
mod signing;
mod token;
