//! Why something did not work at a disk. Each variant has its own next step for the user.

use serde::{Deserialize, Serialize};

use crate::code::{DeviceCode, Meaning};
use crate::disk::{Atr, Tries};

/// A result of this package.
pub type Result<T, E = DiskError> = std::result::Result<T, E>;

/// Why something did not work. No secret is in it, so it can be logged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DiskError {
    /// The card service does not run, or is not installed.
    #[error("the card service does not run")]
    NoService,
    /// The card service ended while it was used.
    #[error("the card service stopped")]
    ServiceStopped,
    /// No reader and no disk is plugged in, or the seat is gone.
    #[error("no reader")]
    NoReader,
    /// The reader is empty.
    #[error("no card in the reader")]
    NoCard,
    /// A card that no profile knows.
    #[error("unknown card, ATR {atr}")]
    UnknownCard {
        /// What it is known by.
        atr: Atr,
    },
    /// Another program keeps the disk for itself.
    #[error("the disk is used by another program")]
    InUse,
    /// Pulled out while it was used.
    #[error("the disk was pulled out")]
    Removed,
    /// Another program reset the card while it was used; trying again is safe.
    #[error("the card was reset")]
    Reset,
    /// The disk says that the password is wrong.
    #[error("wrong password, {left:?}")]
    WrongPassword {
        /// Tries that are left.
        left: Tries,
    },
    /// The password may not be tried any more. Nothing was sent, or the last try was spent.
    #[error("the disk is locked")]
    Locked,
    /// This password failed on this disk before, so it was not sent.
    #[error("this password failed before, {left:?}")]
    FailedBefore {
        /// Tries that are left.
        left: Tries,
    },
    /// Few tries are left, so nothing was sent without a [`Consent`](crate::Consent) for exactly this number.
    #[error("needs a consent, {left:?}")]
    NeedsConsent {
        /// Tries that are left.
        left: Tries,
    },
    /// The password was on its way when the disk went silent: whether a try was spent is not known. It is not sent again.
    #[error("whether the password was tried is not known, {left:?}")]
    StateUnknown {
        /// What the counter said afterwards, if it could be read.
        left: Option<Tries>,
    },
    /// A password that this disk cannot have, so it was not sent.
    #[error("a password has {least} to {most} letters, digits and signs")]
    PasswordShape {
        /// Fewest characters.
        least: u8,
        /// Most characters.
        most: u8,
    },
    /// The disk wants the password first.
    #[error("the password was not verified")]
    NotVerified,
    /// The disk says something that cannot be.
    #[error("damaged answer: {0:?}")]
    Damaged(Damage),
    /// No answer in time.
    #[error("no answer within {seconds} s")]
    Timeout {
        /// How long was waited.
        seconds: u64,
    },
    /// An earlier request still waits for its disk.
    #[error("busy with an earlier request")]
    Busy,
    /// A USB disk whose driver is missing.
    #[error("no driver for the device {usb} of {vendor}")]
    NoDriver {
        /// Who makes it.
        vendor: String,
        /// Vendor and product number.
        usb: String,
    },
    /// The card answered with a status word that says no.
    #[error("the card refused: {0:04X}")]
    Refused(u16),
    /// An error number of the device or of its library.
    #[error("error number {0}")]
    Device(DeviceCode),
    /// A vendor's library cannot be used.
    #[error(transparent)]
    Library(#[from] LibraryFault),
    /// An error of the card service that means none of the above, by its number (`SCARD_…`).
    #[error("error {0:#010x} of the card service")]
    Reader(u32),
}

/// What is wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Damage {
    /// Nothing, or a single byte.
    NoAnswer,
    /// Longer than it may be.
    TooLong,
    /// Shorter than it says.
    TooShort,
    /// The card goes on and on about what is still to come.
    Endless,
    /// A text in another encoding, or none at all.
    Text,
    /// No certificate, or one that is not of SM2.
    Certificate,
    /// No signature, or not one of the disk's key.
    Signature,
    /// No frame of the helper process.
    Frame,
}

/// Why a vendor's library cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum LibraryFault {
    /// There is no such file, or it cannot be read.
    #[error("the library cannot be read: {0}")]
    NotReadable(String),
    /// The file is no library of this system.
    #[error("not a library of this system")]
    NotALibrary,
    /// A library for another kind of computer: mostly 32 bits where 64 are needed.
    #[error("a library for {found}, {needed} is needed")]
    Architecture {
        /// What it is for.
        found: String,
        /// What this program needs.
        needed: String,
    },
    /// It has none of a function that is needed.
    #[error("the library has no function {0}")]
    NoFunction(String),
    /// The system could not load it, in the system's words: often a library that it needs itself is missing.
    #[error("the library cannot be loaded: {0}")]
    NotLoaded(String),
    /// It ended its process.
    #[error("the library crashed")]
    Crashed,
    /// It did not answer in time and was ended.
    #[error("the library did not answer within {seconds} s")]
    Hung {
        /// How long was waited.
        seconds: u64,
    },
    /// The process that loads it cannot be started.
    #[error("the helper process does not start: {0}")]
    NoHelper(String),
}

impl DiskError {
    /// What an error number of a library says; known ones become the error that they mean.
    pub(crate) fn of_code(code: DeviceCode, tries: Tries) -> Self {
        match code.meaning() {
            Meaning::Removed | Meaning::NotPluggedIn => Self::Removed,
            Meaning::WrongPassword => Self::WrongPassword { left: tries },
            Meaning::Locked => Self::Locked,
            Meaning::NotVerified => Self::NotVerified,
            _ => Self::Device(code),
        }
    }

    /// The disk itself answered: what it was asked is over. Otherwise the way to it was cut, and what it did is not known.
    pub(crate) fn is_answer(&self) -> bool {
        matches!(self, Self::WrongPassword { .. } | Self::Locked | Self::NotVerified | Self::Refused(_) | Self::PasswordShape { .. })
    }
}
