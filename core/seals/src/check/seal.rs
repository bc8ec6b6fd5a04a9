//! The seal: its maker, its list of signers, its validity.

use jiff::Timestamp;

use super::value::{Untried, tried};
use super::{Place, place};
use crate::certificate::{Certificate, CertificateFault};
use crate::finding::{Bearer, Found, Outcome, Reason};
use crate::seal::Seal;

/// The maker's signature; `file` is the seal as a file of its own, with its path.
pub(crate) fn maker(seal: &Seal<'_>, certificate: &Result<Certificate, CertificateFault>, file: Option<(String, Vec<u8>)>) -> Found {
    if let Some((path, _)) = file.filter(|(_, bytes)| bytes != seal.whole) {
        return (Outcome::Fail, Reason::SealFileDiffers { path });
    }
    let name = certificate.as_ref().map(|certificate| certificate.subject.short.clone()).unwrap_or_default();
    match tried(certificate, seal.maker.algorithm, &seal.signed, seal.maker.signature) {
        Ok(true) => {}
        Ok(false) => return (Outcome::Fail, Reason::MakerWrong { maker: name }),
        Err(Untried::Unreadable) => return (Outcome::Fail, Reason::CertificateUnreadable(Bearer::Maker)),
        Err(Untried::Algorithm(algorithm)) => return (Outcome::NotChecked, Reason::AlgorithmUnknown { algorithm }),
    }
    let validity = certificate.as_ref().ok().map(|certificate| (certificate.not_before, certificate.not_after));
    match place(validity.map(|validity| validity.0), validity.map(|validity| validity.1), seal.created) {
        Some(Place::After(period)) => (Outcome::Fail, Reason::MakerNotValid(period)),
        // The seals that tax bureaus use were made days before the certificate that stands in them: a certificate that was
        // issued anew for the same key proves as much. One that had run out proves nothing.
        Some(Place::Before(period)) => (Outcome::Pass, Reason::MakerRenewed(period)),
        Some(Place::Within(_)) | None => (Outcome::Pass, Reason::MakerFits { maker: name }),
    }
}

/// Whether the signer may use the seal.
pub(crate) fn signer_listed(seal: &Seal<'_>, signer: &[u8]) -> Found {
    match seal.list.listing() {
        None => (Outcome::NotChecked, Reason::ListUnknown),
        Some((by, _)) if seal.lists(signer) => (Outcome::Pass, Reason::SignerListed { by }),
        Some((_, listed)) => (Outcome::Fail, Reason::SignerNotListed { listed }),
    }
}

/// Whether the seal was valid when it was used.
pub(crate) fn validity(seal: &Seal<'_>, at: Option<Timestamp>) -> Found {
    match place(seal.valid_from, seal.valid_to, at) {
        Some(Place::Within(period)) => (Outcome::Pass, Reason::SealValid(period)),
        Some(Place::After(period)) => (Outcome::Fail, Reason::SealExpired(period)),
        Some(Place::Before(period)) => (Outcome::Fail, Reason::SealTooEarly(period)),
        None => (Outcome::NotChecked, Reason::NoTime),
    }
}
