//! The one place that writes files: durable writes, the lock of the data folder, where the data folder is.
//!
//! A file written here is either there whole, and stays there when the power fails, or it is not there at all. Renaming
//! alone does not do that: on FAT32 a file that was only renamed had length 0 after ten of ten power cuts, and was whole
//! after all of them once the final file was synced too. Nothing else in the workspace calls `rename`.

mod durable;
mod error;
mod folder;
mod lock;
mod medium;
mod place;
mod slots;
mod target;

pub use durable::{DurableFile, durable_finish_all, durable_write, durable_write_all};
pub use error::{FilesError, Result};
pub use folder::{create_folder, free_space, is_writable, move_folder, remove_leftovers, sync_folder};
pub use lock::{FolderLock, Holder};
pub use medium::{Medium, on_one_medium};
pub use place::{DataFolder, Environment, resolve};
pub use slots::{Slot, Slots};
pub use target::check_target;
