//! What only the operating system can do for the program: who may look into it, where its libraries come from, what a part of it may
//! take, and when a stick is to be let go. Nothing here knows what the program is for.
//!
//! Each function works on every system; where a system has no such thing, it does nothing and says so in its documentation.

mod capture;
mod console;
mod libraries;
mod limits;
mod removal;
mod rights;

pub use capture::keep_out_of_captures;
pub use console::join_callers_console;
pub use libraries::{from_the_system_alone, lying_beside};
pub use limits::{limit_memory, raise_file_handles};
pub use removal::{Answer, Asked, Removal, leave_current_folder, show_safe_removal};
pub use rights::close_to_others;
