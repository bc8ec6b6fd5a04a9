//! Updates of the program: what a release says of itself, whether it is to be believed, how it comes onto the stick, and
//! which version is started.
//!
//! # A release
//! `update.json` ([`Manifest`]) names a version and its files; `update.json.minisig` signs it in minisign's format. Both lie
//! beside the files, at an HTTPS address, in a folder or on a second stick ([`Source`]). The keys that count are pinned in
//! the executable's [`Stamp`], two at most, so that a signed manifest can announce the next one ([`keys`]).
//!
//! # On the disk
//! `Data/app/<version>/` holds a version with its manifest and signature ([`Shelf`]); `Data/app/incoming/` what is being
//! downloaded. A version counts only if its signature and hash are good, and that is looked at before the move, after the
//! move and at every start: whatever a power cut leaves behind is at worst not counted.
//!
//! # Starting
//! The portable executable is never replaced. It is its own launcher ([`Launcher`]): it starts the newest version that is
//! proved, waits for its report, and falls back to the one before, at last to itself.

mod error;
mod judge;
pub mod keys;
mod launcher;
mod manifest;
mod mark;
pub mod pe;
mod probe;
mod proof;
mod shelf;
mod signature;
mod source;
mod stage;
mod stamp;
mod updater;
mod version;

#[cfg(test)]
mod tests;

pub use error::{Refusal, UpdateError};
pub use judge::{Here, Verdict, judge};
pub use keys::{Keyring, PublicKey};
pub use launcher::{Launched, Launcher, Report, Start};
pub use manifest::{FileEntry, Manifest, Notes, PACKAGE_LIMIT, file_name, platform};
pub use shelf::Shelf;
pub use signature::{SIGNATURE, trusted_comment, verify};
pub use source::Source;
pub use stamp::{Stamp, StampError};
pub use updater::{Checked, Offer, Status, Updater, UpdaterConfig};
pub use version::Version;

/// Name of a release's manifest.
pub const MANIFEST: &str = "update.json";
