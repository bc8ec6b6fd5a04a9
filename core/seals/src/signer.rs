//! A certificate by itself: what it says, and what its key signed. For signatures that stand in no document, such as the
//! answer to a challenge (挑战应答) by which somebody signs in.

use jiff::Timestamp;

use crate::certificate::{Certificate, CertificateFault, Holder, Key};
use crate::chain::{self, Link};
use crate::finding::{Bearer, Outcome, Reason};
use crate::trust::Trust;
use crate::{oid, sm2sm3};

pub use crate::sm2sm3::USER_ID;

/// A certificate over an SM2 key (GB/T 20518).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signer {
    certificate: Certificate,
    point: Vec<u8>,
}

/// Parts of the subject's name (使用者), fit to show; empty where the certificate says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// O.
    pub organisation: String,
    /// CN.
    pub common_name: String,
    /// OU, in their order.
    pub units: Vec<String>,
    /// serialNumber of the name (2.5.4.5), not that of the certificate.
    pub number: String,
    /// 税号, from the extension of GB/T 20518.
    pub taxation_number: String,
}

impl Signer {
    /// Reads a certificate in DER.
    ///
    /// # Errors
    /// It is none, is beyond 64 KiB, or its key is not of SM2.
    pub fn read(encoded: &[u8]) -> Result<Self, CertificateFault> {
        let certificate = Certificate::read(encoded)?;
        match &certificate.key {
            Key::Sm2(point) => Ok(Self { point: point.clone(), certificate }),
            Key::Other(_) => Err(CertificateFault::NotSm2),
        }
    }

    /// Who, by whom, from when to when.
    #[must_use]
    pub fn holder(&self) -> Holder {
        self.certificate.holder()
    }

    /// Parts of the subject's name.
    #[must_use]
    pub fn subject(&self) -> Subject {
        let name = &self.certificate.subject;
        let last = |kind| name.parts(kind).pop().unwrap_or_default();
        Subject {
            organisation: last(oid::ORGANISATION),
            common_name: last(oid::COMMON_NAME),
            units: name.parts(oid::UNIT),
            number: last(oid::SERIAL),
            taxation_number: self.certificate.extensions.taxation_number.clone(),
        }
    }

    /// The key as a point of the SM2 curve (SEC 1); whether it lies on the curve is not known here.
    #[must_use]
    pub fn point(&self) -> &[u8] {
        &self.point
    }

    /// May sign documents and challenges: keyUsage has digitalSignature or nonRepudiation, or restricts nothing.
    #[must_use]
    pub fn may_sign(&self) -> bool {
        self.certificate.extensions.usage.is_none_or(|usage| usage.signs_documents)
    }

    /// Whether its key made `signature`, `SEQUENCE { r, s }` (GM/T 0009), over the SM3 digest of `message` for [`USER_ID`].
    #[must_use]
    pub fn signed(&self, message: &[u8], signature: &[u8]) -> bool {
        sm2sm3::holds(&self.point, message, signature)
    }

    /// Whether it goes back to a certificate that is trusted, every step of the chain (证书链) being valid `at` that time.
    #[must_use]
    pub fn chain(&self, trust: &Trust, at: Timestamp) -> (Outcome, Reason) {
        chain::check(&[Link { of: Bearer::Signer, certificate: self.certificate.clone(), at: Some(at) }], trust)
    }
}
