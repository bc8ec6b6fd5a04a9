//! Who is signed in: signing in by QR, keeping the session, renewing it, ending it.

mod keep;
mod keeper;
mod sign_in;

pub use keep::default_key_folder;
pub(crate) use keep::remove_old_file;
pub(crate) use keeper::{Keeper, Presence, Renewal, Restored};
pub use sign_in::{SignedIn, restore, sign_in};
pub(crate) use sign_in::{back_off, is_sandbox};
