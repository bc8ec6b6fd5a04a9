//! Disks behind a vendor's library (SKF, GM/T 0016). The user picks the library; this program never looks for one.
//!
//! A library of somebody else's is loaded into a process of its own: this program again, with arguments that it alone knows, calling
//! [`serve()`]. A library that hangs, crashes, is for 32 bits or is none costs that process. One order goes through its input at a time and
//! one answer comes back; passwords go that way too, and never on a command line.

mod disk;
mod image;
mod library;
mod process;
mod serve;
mod wire;

use std::ffi::OsString;
use std::path::PathBuf;

pub(crate) use disk::SkfDisk;
pub(crate) use process::Helper;
pub use serve::serve;

/// The program that loads libraries when it is started with these arguments: it calls [`serve()`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HelperProgram {
    /// Its executable, usually that of this process.
    pub program: PathBuf,
    /// What tells it to load libraries.
    pub arguments: Vec<OsString>,
}
