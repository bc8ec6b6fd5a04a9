//! The sandbox's tax disk: a card with a real SM2 key, a real certificate over it and a counter that really counts, spoken to by the same
//! commands as a card in a reader. Nothing about it is secret: keys follow from a seed.
//!
//! A [`SimDisk`] is a card; [`Sandbox`] holds those that are plugged in, and is what a [`Desk`](crate::Desk) looks at.

mod certificate;
mod commands;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use encoding_rs::GBK;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sm2::dsa::SigningKey;

pub use certificate::{Authority, IssueFault};
use commands::Session;

use crate::apdu::Link;
use crate::disk::Atr;
use crate::error::{DiskError, Result};

/// Tries of a new disk.
pub const TRIES: u8 = 8;
/// The password of a new disk, as real ones come.
pub const FIRST_PASSWORD: &str = "88888888";

/// What a simulated disk is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimIdentity {
    /// Number of the device, ASCII, at most 16 characters.
    pub serial: String,
    /// The company, what GBK can write of it, at most 120 bytes.
    pub company: String,
    /// Its tax number, at most 20 characters.
    pub tax_number: String,
    /// Start of the certificate's validity.
    pub not_before: Timestamp,
    /// End of the certificate's validity.
    pub not_after: Timestamp,
}

/// What changes on a disk while it is used; for who wants it to outlast the program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimState {
    /// The password.
    pub password: String,
    /// Tries that are left.
    pub left: u8,
    /// Tries after a right password.
    pub most: u8,
}

impl Default for SimState {
    fn default() -> Self {
        Self { password: FIRST_PASSWORD.to_owned(), left: TRIES, most: TRIES }
    }
}

/// A card.
pub struct SimDisk {
    /// File EF 01: serial number, tax number, company, at their places.
    facts: Vec<u8>,
    /// File EF 02.
    certificate: Vec<u8>,
    key: SigningKey,
    state: SimState,
    session: Session,
}

impl SimDisk {
    /// A disk whose certificate an authority of the sandbox issues.
    ///
    /// # Errors
    /// The certificate cannot be made.
    pub fn new(authority: &Authority, identity: &SimIdentity, state: SimState) -> Result<Self, IssueFault> {
        let (key, certificate) = authority.issue(identity)?;
        let (company, _, _) = GBK.encode(&identity.company);
        let fields = [(identity.serial.as_bytes(), 16), (identity.tax_number.as_bytes(), 20), (company.as_ref(), 120)];
        let facts = fields.into_iter().flat_map(|(text, length)| text.iter().copied().chain(std::iter::repeat(0)).take(length)).collect();
        Ok(Self { facts, certificate, key, state, session: Session::default() })
    }

    /// What it answers to a reset: TS, T=1, eight historical bytes `PXTAX001`, TCK.
    #[must_use]
    pub fn atr(&self) -> Atr {
        let mut bytes = [&[0x3B, 0x88, 0x80, 0x01][..], b"PXTAX001"].concat();
        bytes.push(bytes.iter().skip(1).fold(0, |check, byte| check ^ byte));
        Atr::new(&bytes)
    }

    /// Power on, off, or a reset: whatever was selected and verified is not any more.
    pub fn reset(&mut self) {
        self.session = Session::default();
    }

    /// Answers a command: data, SW1 SW2.
    pub fn answer(&mut self, command: &[u8]) -> Vec<u8> {
        commands::answer(self, command)
    }

    /// What changed on it.
    #[must_use]
    pub fn state(&self) -> &SimState {
        &self.state
    }

    /// Sets the password and the counter, as the vendor's tool does.
    pub fn set_state(&mut self, state: SimState) {
        self.state = state;
        self.reset();
    }

    /// Its certificate, DER.
    #[must_use]
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }
}

/// The simulated disks that are plugged in, by name. Cheap to clone; all clones are the same.
#[derive(Clone, Default)]
pub struct Sandbox(Arc<Mutex<BTreeMap<String, SimDisk>>>);

impl Sandbox {
    /// Plugs a disk in; one that was there under this name is pulled out and given back.
    pub fn insert(&self, name: &str, disk: SimDisk) -> Option<SimDisk> {
        self.lock().insert(name.to_owned(), disk)
    }

    /// Pulls a disk out.
    pub fn remove(&self, name: &str) -> Option<SimDisk> {
        self.lock().remove(name).map(|mut disk| {
            disk.reset();
            disk
        })
    }

    /// Looks at a disk, or changes it, where it is.
    pub fn with<T>(&self, name: &str, look: impl FnOnce(&mut SimDisk) -> T) -> Option<T> {
        self.lock().get_mut(name).map(look)
    }

    /// Names of those that are plugged in.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.lock().keys().cloned().collect()
    }

    /// The way to a disk, after a reset.
    pub(crate) fn connect(&self, name: &str) -> Result<(SimLink, Atr)> {
        let reset = |disk: &mut SimDisk| {
            disk.reset();
            disk.atr()
        };
        let atr = self.with(name, reset).ok_or(DiskError::NoCard)?;
        Ok((SimLink { sandbox: self.clone(), name: name.to_owned() }, atr))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, SimDisk>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) struct SimLink {
    sandbox: Sandbox,
    name: String,
}

impl Link for SimLink {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>> {
        self.sandbox.with(&self.name, |disk| disk.answer(command)).ok_or(DiskError::Removed)
    }
}
