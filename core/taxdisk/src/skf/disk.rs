//! A disk behind a library.

use piaoxia_domain::TaxNumber;

use super::process::Helper;
use super::wire::{Facts, Order, Reply, Secret};
use crate::card::fit;
use crate::certificate::Certificate;
use crate::device::Device;
use crate::disk::{Contents, DiskKind, KeyReference, Tries};
use crate::error::{Damage, DiskError, Result};
use crate::password::Password;
use crate::signature::{self, Signature};

/// Lengths of a password (GM/T 0016, clause 6.4.6: at most 16 bytes; vendors start at 6).
const PASSWORD: (u8, u8) = (6, 16);
/// Longest serial number of a device.
const SERIAL_CHARS: usize = 32;

/// A device that is open. Dropping it closes it.
pub(crate) struct SkfDisk<'h> {
    helper: &'h mut Helper,
    facts: Facts,
    certificate: Certificate,
    /// A password went to the process.
    presented: bool,
}

impl<'h> SkfDisk<'h> {
    /// Opens a device by its name.
    pub fn open(helper: &'h mut Helper, device: &str) -> Result<Self> {
        let mut facts = helper.attach(device)?;
        facts.serial = fit(&facts.serial).chars().take(SERIAL_CHARS).collect();
        match Certificate::read(&facts.certificate) {
            // The guard knows disks by their number.
            Ok(_) if facts.serial.is_empty() => Err(close(helper, DiskError::Damaged(Damage::Text))),
            Ok(certificate) => Ok(Self { helper, facts, certificate, presented: false }),
            Err(fault) => Err(close(helper, fault)),
        }
    }
}

/// Closes what was opened and cannot be used.
fn close(helper: &mut Helper, fault: DiskError) -> DiskError {
    helper.ask(&Order::Detach).err().unwrap_or(fault)
}

impl Device for SkfDisk<'_> {
    fn serial(&mut self) -> Result<String> {
        Ok(self.facts.serial.clone())
    }

    fn contents(&mut self) -> Result<Contents> {
        let tries = self.tries()?;
        let serial = self.facts.serial.clone();
        Ok(Contents {
            kind: DiskKind::of_serial(&serial),
            serial,
            company: self.certificate.company(),
            tax_number: self.certificate.tax_number().unwrap_or_else(|| TaxNumber::from_document("")),
            certificate: self.certificate.clone(),
            key: KeyReference::Container { application: fit(&self.facts.application), container: fit(&self.facts.container) },
            tries,
        })
    }

    fn tries(&mut self) -> Result<Tries> {
        match self.helper.ask(&Order::Tries)? {
            Reply::Tries(tries) => Ok(tries),
            _ => Err(self.helper.confused()),
        }
    }

    fn password_length(&self) -> (u8, u8) {
        PASSWORD
    }

    fn present(&mut self, password: &Password) -> Result<()> {
        self.presented = true;
        match self.helper.ask(&Order::Present(Secret(password.as_bytes().to_vec())))? {
            Reply::Done => Ok(()),
            _ => Err(self.helper.confused()),
        }
    }

    fn sign(&mut self, challenge: &[u8]) -> Result<Signature> {
        let digest = signature::challenge_digest(self.certificate.signer(), challenge)?;
        match self.helper.ask(&Order::Sign(digest))? {
            Reply::Signature(raw) => {
                let raw = raw.try_into().map_err(|_| DiskError::Damaged(Damage::Signature))?;
                Signature::from_raw(raw).proved(self.certificate.signer(), challenge)
            }
            _ => Err(self.helper.confused()),
        }
    }
}

impl Drop for SkfDisk<'_> {
    fn drop(&mut self) {
        // A process that is gone has nothing open.
        let _closed = self.helper.ask(&Order::Detach);
        // A password does not stay in the memory of somebody else's library.
        if self.presented {
            self.helper.end();
        }
    }
}
