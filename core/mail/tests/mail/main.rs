//! Mails through a real socket, and the queue through restarts.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod delivery;
mod injection;
mod letters;
mod restart;
mod support;
