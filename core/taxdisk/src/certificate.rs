//! The certificate of a disk (数字证书).

use jiff::Timestamp;
use piaoxia_domain::TaxNumber;
use piaoxia_seals::{Holder, Signer};

use crate::error::{Damage, DiskError, Result};

/// Seconds of a day.
const DAY: i64 = 86_400;

/// A certificate over an SM2 key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    signer: Signer,
}

/// Whether a certificate is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateState {
    /// Valid for longer than was asked about.
    Valid,
    /// Valid, but only for so many whole days more; 0 is today.
    ExpiresSoon {
        /// Days.
        days: i64,
    },
    /// Not valid any more, since so many whole days.
    Expired {
        /// Days.
        days: i64,
    },
    /// Not valid yet: mostly this PC's clock is wrong.
    NotYetValid,
}

impl Certificate {
    /// Reads X.509 in DER.
    ///
    /// # Errors
    /// It is none, or its key is not of SM2.
    pub fn read(der: &[u8]) -> Result<Self> {
        let signer = Signer::read(der).map_err(|_| DiskError::Damaged(Damage::Certificate))?;
        Ok(Self { der: der.to_vec(), signer })
    }

    /// As it is on the disk.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Who, by whom, from when to when.
    #[must_use]
    pub fn holder(&self) -> Holder {
        self.signer.holder()
    }

    pub(crate) fn signer(&self) -> &Signer {
        &self.signer
    }

    /// 税号: of the extension for it, or else the first part of the subject that is one. None when there is none.
    #[must_use]
    pub fn tax_number(&self) -> Option<TaxNumber> {
        let subject = self.signer.subject();
        let stated = Some(subject.taxation_number).filter(|text| !text.is_empty()).map(|text| TaxNumber::from_document(&text));
        let parts = [subject.number, subject.common_name].into_iter().chain(subject.units);
        stated.or_else(|| parts.filter_map(|text| TaxNumber::typed(&text).ok()).next())
    }

    /// The company: the organisation of the subject, or else its common name where that is no number.
    #[must_use]
    pub fn company(&self) -> String {
        let subject = self.signer.subject();
        [subject.organisation, subject.common_name]
            .into_iter()
            .find(|text| !text.is_empty() && TaxNumber::typed(text).is_err())
            .unwrap_or_default()
    }

    /// Whether it is valid at a time; told `warn_days` before it ends.
    #[must_use]
    pub fn state(&self, now: Timestamp, warn_days: i64) -> CertificateState {
        let Holder { not_before, not_after, .. } = self.signer.holder();
        if now < not_before {
            return CertificateState::NotYetValid;
        }
        let seconds = not_after.as_second() - now.as_second();
        match seconds.div_euclid(DAY) {
            _ if now > not_after => CertificateState::Expired { days: -seconds / DAY },
            days if days < warn_days => CertificateState::ExpiresSoon { days },
            _ => CertificateState::Valid,
        }
    }
}
