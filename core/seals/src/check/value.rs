//! The signature value: what it is over, whose it is, and whether that certificate was good.

use jiff::Timestamp;

use super::{Place, place};
use crate::certificate::{Certificate, CertificateFault, Key};
use crate::finding::{Bearer, Found, Outcome, Reason};
use crate::oid;
use crate::signed_value::Malformed;
use crate::sm2sm3::digest;

/// The digest of `Signature.xml` in the value.
pub(crate) fn data_hash(signed: &[u8], file: &[u8]) -> Found {
    agreed(Some(signed == digest(&[file])))
}

/// Whether the value is over the file; none when there is no digest to compare.
pub(crate) fn agreed(fits: Option<bool>) -> Found {
    match fits {
        Some(true) => (Outcome::Pass, Reason::DataHashFits),
        Some(false) => (Outcome::Fail, Reason::DataHashDiffers),
        None => (Outcome::NotChecked, Reason::NoDataHash),
    }
}

/// The signer's signature over a message.
pub(crate) fn signature(certificate: &Result<Certificate, CertificateFault>, algorithm: &[u8], message: &[u8], value: &[u8]) -> Found {
    match tried(certificate, algorithm, message, value) {
        Ok(true) => (Outcome::Pass, Reason::SignatureFits),
        Ok(false) => (Outcome::Fail, Reason::SignatureWrong),
        Err(Untried::Unreadable) => (Outcome::NotChecked, Reason::CertificateUnreadable(Bearer::Signer)),
        Err(Untried::Algorithm(algorithm)) => (Outcome::NotChecked, Reason::AlgorithmUnknown { algorithm }),
    }
}

/// Why a signature could not be tried.
pub(crate) enum Untried {
    /// The certificate cannot be read.
    Unreadable,
    /// Not SM2 with SM3.
    Algorithm(String),
}

/// Whether the certificate's key made the signature.
pub(crate) fn tried(
    certificate: &Result<Certificate, CertificateFault>,
    algorithm: &[u8],
    message: &[u8],
    value: &[u8],
) -> Result<bool, Untried> {
    if ![oid::SM2_WITH_SM3, oid::SM2_SIGN, oid::SM2].contains(&algorithm) {
        return Err(Untried::Algorithm(oid::dotted(algorithm)));
    }
    let certificate = certificate.as_ref().map_err(|_| Untried::Unreadable)?;
    match &certificate.key {
        Key::Other(algorithm) => Err(Untried::Algorithm(algorithm.clone())),
        Key::Sm2(_) => Ok(certificate.signed(message, value).unwrap_or(false)),
    }
}

/// The certificate at the time of signing, and what its key is for.
pub(crate) fn certificate(certificate: &Result<Certificate, CertificateFault>, at: Option<Timestamp>) -> Found {
    let Ok(certificate) = certificate else { return (Outcome::Fail, Reason::CertificateUnreadable(Bearer::Signer)) };
    if certificate.extensions.usage.is_some_and(|usage| !usage.signs_documents) {
        return (Outcome::Fail, Reason::NotForSigning);
    }
    match place(Some(certificate.not_before), Some(certificate.not_after), at) {
        Some(Place::Within(period)) => (Outcome::Pass, Reason::CertificateValid(period)),
        Some(Place::After(period)) => (Outcome::Fail, Reason::CertificateExpired(period)),
        Some(Place::Before(period)) => (Outcome::Fail, Reason::CertificateTooEarly(period)),
        None => (Outcome::NotChecked, Reason::NoTime),
    }
}

/// A value that cannot be read. BER is legal elsewhere and versions may be newer: not checked, which is not wrong.
pub(crate) fn unreadable(fault: Malformed) -> Found {
    let outcome = if matches!(fault, Malformed::Ber | Malformed::Version(_)) { Outcome::NotChecked } else { Outcome::Fail };
    (outcome, Reason::ValueUnreadable(fault))
}
