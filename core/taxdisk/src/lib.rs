//! 税控设备: what is on a tax disk (金税盘, 税控盘, 税务UKey), what its certificate password may still be tried, and what it signs.
//!
//! ```text
//!            ┌─ PC/SC reader ── card profile ── APDU        (crate `pcsc`, a service of the system)
//! Desk ──────┼─ vendor library (SKF, GM/T 0016)             (a process of its own)
//!  │  guard  └─ simulated disk of the sandbox ── the same card profile, the same APDU
//!  └─ USB table: disks that none of these can talk to, named with the driver that is missing
//! ```
//! [`Desk`] is the one way in. It owns two named threads: one watches readers and USB, the other talks to disks, one request at a
//! time. Every request names a [`Seat`], opens the disk there, does one thing and closes it: nothing has to be kept right while a
//! disk is pulled, reset or used by another program. A request ends within its time ([`Limits`]) whatever the disk does.
//!
//! The certificate password (证书口令) goes to a disk through [`guard`] alone, which holds the rules that keep a disk from being locked.
//!
//! Everything that a disk, a library or a service says is hostile: lengths, counts and loops are bounded, and nothing is believed to be
//! text, a number or a certificate before it was read as one.
//!
//! Every function here blocks; call it off the window's thread.

mod apdu;
mod card;
mod certificate;
mod code;
mod der;
mod desk;
mod device;
mod disk;
mod error;
pub mod guard;
mod password;
mod pcsc;
mod profile;
mod signature;
pub mod sim;
pub mod skf;
pub mod usb;

pub use certificate::{Certificate, CertificateState};
pub use code::{DeviceCode, Meaning};
pub use desk::{Desk, Limits, Options};
pub use disk::{Atr, Contents, DiskKind, KeyReference, Presence, Seat, Service, Sighting, Tries, View};
pub use error::{Damage, DiskError, LibraryFault, Result};
pub use guard::{Consent, FailedPasswords};
pub use password::Password;
pub use profile::{Profile, ProfileFault, Profiles};
pub use signature::{Refusal, Signature, verify_challenge};
