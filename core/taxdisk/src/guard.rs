//! The guard of the password counter. A tax disk takes a few wrong certificate passwords (证书口令); after the last one it is locked, and
//! only the tax hall unlocks it. The counter lives in the disk. So a password goes to a disk here and nowhere else, by these rules:
//!
//! 1. The counter is read before a password is sent, and again afterwards. Reading spends nothing.
//! 2. A locked disk gets no password.
//! 3. A password that failed on this disk is not sent to it again. What is kept of it is a salted hash beside the disk's number
//!    ([`FailedPasswords`]); who changed the password elsewhere has that forgotten ([`FailedPasswords::forget`]).
//! 4. The last two tries, and tries of a disk that does not say how many are left, are spent only with a [`Consent`] that names the disk and exactly the
//!    number that was just read. A consent is used up by one call, whether or not the password is sent.
//! 5. A password that the disk cannot have (length, characters) is not sent.
//! 6. A password is sent once. When the way to the disk is cut meanwhile (pulled, reset, silent, the helper ended), nothing is known: the
//!    counter is read, at once or, where that does not work, before the next try. A counter that fell means that the password failed;
//!    so does one that cannot be known.
//! 7. Nothing is tried by itself. One call sends one password at most.
//!
//! The counter is read and the password sent under one lock of the disk, where it has one (PC/SC: a transaction; SKF: `SKF_LockDev`). A
//! library without it leaves a moment in which another program may spend a try; that is why the threshold is two.

mod failed;
#[cfg(test)]
mod model;

pub use failed::FailedPasswords;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::device::Device;
use crate::disk::Tries;
use crate::error::{DiskError, Result};
use crate::password::Password;

/// Tries that are not spent without a consent.
const KEPT: u8 = 2;

/// The user was shown how many tries a disk has left, and wants one of them spent all the same. For one call; it cannot be copied.
#[derive(Debug, PartialEq, Eq)]
pub struct Consent {
    serial: String,
    left: Tries,
}

impl Consent {
    /// To be made where the user says so, from what the user was shown: the disk's number, and the tries that are left.
    #[must_use]
    pub fn given_for(serial: &str, left: Tries) -> Self {
        Self { serial: serial.to_owned(), left }
    }
}

/// Sends passwords by the rules of this module. Clones share what they remember.
#[derive(Clone, Debug)]
pub(crate) struct Guard {
    failed: Arc<Mutex<FailedPasswords>>,
}

impl Guard {
    pub fn new(failed: Arc<Mutex<FailedPasswords>>) -> Self {
        Self { failed }
    }

    fn failed(&self) -> MutexGuard<'_, FailedPasswords> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has a password verified, and gives what the counter says afterwards. `wanted` tells whether somebody still waits: a password
    /// is not sent for nobody.
    ///
    /// # Errors
    /// Nothing was sent: [`DiskError::PasswordShape`], [`DiskError::FailedBefore`], [`DiskError::NeedsConsent`], [`DiskError::Busy`], and
    /// [`DiskError::Locked`] of a disk that is. The disk said no: [`DiskError::WrongPassword`], [`DiskError::Locked`]. Sent, and nothing is
    /// known: [`DiskError::StateUnknown`]. All others: nothing was spent.
    pub fn verify(
        &self,
        device: &mut dyn Device,
        password: &Password,
        consent: Option<Consent>,
        wanted: &dyn Fn() -> bool,
    ) -> Result<Tries> {
        let (least, most) = device.password_length();
        password.fitting(least, most).ok_or(DiskError::PasswordShape { least, most })?;
        let serial = device.serial()?;
        let before = device.tries()?;
        self.failed().settle(&serial, before);
        if before == Tries::Locked {
            return Err(DiskError::Locked);
        }
        if self.failed().holds(&serial, password) {
            return Err(DiskError::FailedBefore { left: before });
        }
        let is_kept = before.left().is_none_or(|left| left <= KEPT);
        if is_kept && consent != Some(Consent { serial: serial.clone(), left: before }) {
            return Err(DiskError::NeedsConsent { left: before });
        }
        if !wanted() {
            return Err(DiskError::Busy);
        }
        let sent = device.present(password);
        let after = device.tries();
        match sent {
            // The password is right; a counter that cannot be read changes nothing about that.
            Ok(()) => Ok(after.unwrap_or(Tries::Unknown)),
            Err(said) => Err(self.outcome(&serial, password, before, said, after)),
        }
    }

    /// What a password that was sent and not taken came to.
    fn outcome(&self, serial: &str, password: &Password, before: Tries, said: DiskError, after: Result<Tries>) -> DiskError {
        match (&said, &after) {
            (DiskError::WrongPassword { left }, _) => {
                self.failed().add(serial, password);
                // Of what the disk said and what its counter says, the smaller number is believed.
                match smaller(*left, after.unwrap_or(Tries::Unknown)) {
                    Tries::Locked => DiskError::Locked,
                    left => DiskError::WrongPassword { left },
                }
            }
            (DiskError::Locked, _) => {
                self.failed().add(serial, password);
                said
            }
            (_, Ok(after)) if fell(before, *after) => {
                self.failed().add(serial, password);
                let left = *after;
                if said.is_answer() { DiskError::WrongPassword { left } } else { DiskError::StateUnknown { left: Some(left) } }
            }
            // The disk, or its library, says why it did not try; the counter says the same.
            (DiskError::Device(_), Ok(after)) if *after == before => said,
            (said, Ok(_)) if said.is_answer() => said.clone(),
            (_, Ok(after)) => DiskError::StateUnknown { left: Some(*after) },
            (_, Err(_)) => {
                self.failed().doubt(serial, password, before);
                DiskError::StateUnknown { left: None }
            }
        }
    }
}

/// Whether a counter is known to be lower than it was.
fn fell(before: Tries, after: Tries) -> bool {
    before.left().zip(after.left()).is_some_and(|(before, after)| after < before)
}

fn smaller(one: Tries, other: Tries) -> Tries {
    match (one.left(), other.left()) {
        (Some(first), Some(second)) => Tries::of(first.min(second)),
        (Some(left), None) | (None, Some(left)) => Tries::of(left),
        (None, None) => Tries::Unknown,
    }
}
