//! What a disk may hold after the power went.
//!
//! A program is run under strace, which tells every change it makes below a folder. From that recording, states of the disk are
//! made as a cut at any moment could leave them: what was synced is there; of the rest nothing, a part, or torn sectors. The
//! test opens each state and asks for everything that the program had acknowledged (on its standard output) before the cut.
//!
//! The model trusts a sync: a medium that acknowledges one without writing is outside of it.

mod disk;
mod names;
mod recording;
mod state;
mod trace;

pub use disk::Disk;
pub use recording::{Recording, record};
pub use state::State;
