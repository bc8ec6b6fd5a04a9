//! The chain of certificates (证书链) from a signer or maker up to one that is trusted.
//!
//! Every certificate of the trust store is an end that is trusted. Where the store holds its issuer too, the way goes on,
//! and every certificate on it is held to what it may do: issue certificates, at that time, with so many below it.

use jiff::Timestamp;

use crate::certificate::{Certificate, Key};
use crate::check::{Place, place};
use crate::finding::{Bearer, Found, Outcome, Reason};
use crate::limits::CHAIN;
use crate::trust::Trust;

/// A certificate whose chain is to be checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub of: Bearer,
    pub certificate: Certificate,
    /// When it was used.
    pub at: Option<Timestamp>,
}

/// Checks every chain; the first that fails, or else the first that could not be checked, is the finding.
pub(crate) fn check(links: &[Link], trust: &Trust) -> Found {
    let Some(first) = links.first() else { return (Outcome::NotChecked, Reason::CertificateUnreadable(Bearer::Signer)) };
    if trust.is_empty() {
        return (Outcome::NotChecked, Reason::NoTrust { issuer: first.certificate.issuer.short.clone() });
    }
    let results: Vec<Found> = links.iter().map(|link| walk(link, trust)).collect();
    let first_of = |wanted| results.iter().find(|(outcome, _)| *outcome == wanted);
    let worst = first_of(Outcome::Fail).or_else(|| first_of(Outcome::NotChecked)).or_else(|| results.first());
    worst.cloned().unwrap_or((Outcome::NotChecked, Reason::NoCertificate))
}

fn walk(link: &Link, trust: &Trust) -> Found {
    let Some(at) = link.at else { return (Outcome::NotChecked, Reason::NoTime) };
    let anchored = |certificate: &Certificate| (Outcome::Pass, Reason::ChainFits { anchor: certificate.subject.short.clone() });
    if trust.certificates().contains(&link.certificate) {
        return anchored(&link.certificate);
    }
    let mut current = &link.certificate;
    for below in 0..CHAIN {
        let issuer = match issuer(current, trust, at, below) {
            Ok(issuer) => issuer,
            // The way ends at a certificate that is trusted itself.
            Err((_, Reason::IssuerUnknown { .. })) if below > 0 => return anchored(current),
            Err((outcome, Reason::IssuerUnknown { issuer, .. })) => return (outcome, Reason::IssuerUnknown { of: link.of, issuer }),
            Err((outcome, Reason::IssuerWrong { issuer, .. })) => return (outcome, Reason::IssuerWrong { of: link.of, issuer }),
            Err(found) => return found,
        };
        if issuer.is_self_issued() {
            return anchored(issuer);
        }
        current = issuer;
    }
    (Outcome::Fail, Reason::PathTooLong { issuer: current.subject.short.clone() })
}

/// The trusted certificate that issued this one, which has `below` authorities between itself and the signer.
fn issuer<'t>(certificate: &Certificate, trust: &'t Trust, at: Timestamp, below: usize) -> Result<&'t Certificate, Found> {
    let name = || certificate.issuer.short.clone();
    let named: Vec<&Certificate> = trust.certificates().iter().filter(|issuer| certificate.names(issuer)).collect();
    if named.is_empty() {
        return Err((Outcome::NotChecked, Reason::IssuerUnknown { of: Bearer::Signer, issuer: name() }));
    }
    let mut refused = None;
    for issuer in named {
        match certificate.issued_by(issuer) {
            None => {
                let algorithm = match &issuer.key {
                    Key::Other(algorithm) => algorithm.clone(),
                    Key::Sm2(_) => certificate.algorithm(),
                };
                refused = refused.or(Some((Outcome::NotChecked, Reason::AlgorithmUnknown { algorithm })));
            }
            Some(false) => {}
            Some(true) => match may_issue(issuer, at, below) {
                Ok(()) => return Ok(issuer),
                // An older certificate of the same key may stand beside the one that was in force.
                Err(reason) => refused = Some((Outcome::Fail, reason)),
            },
        }
    }
    Err(refused.unwrap_or_else(|| (Outcome::Fail, Reason::IssuerWrong { of: Bearer::Signer, issuer: name() })))
}

/// Whether a certificate may have issued another at that time, with `below` authorities between it and the signer.
fn may_issue(issuer: &Certificate, at: Timestamp, below: usize) -> Result<(), Reason> {
    let name = issuer.subject.short.clone();
    let extensions = &issuer.extensions;
    if let Some(extension) = &extensions.not_understood {
        return Err(Reason::ConditionUnknown { issuer: name, extension: extension.clone() });
    }
    if !extensions.authority || extensions.usage.is_some_and(|usage| !usage.signs_certificates) {
        return Err(Reason::NotAuthority { issuer: name });
    }
    if extensions.path_length.is_some_and(|most| below > most as usize) {
        return Err(Reason::PathTooLong { issuer: name });
    }
    match place(Some(issuer.not_before), Some(issuer.not_after), Some(at)) {
        Some(Place::Before(period) | Place::After(period)) => Err(Reason::IssuerNotValid { issuer: name, period }),
        Some(Place::Within(_)) | None => Ok(()),
    }
}
