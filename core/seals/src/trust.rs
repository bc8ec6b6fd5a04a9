//! The trust store: certificates that the user trusts to have issued others.

use crate::certificate::{Certificate, CertificateFault, Key};
use crate::limits::{TRUST_FILE_BYTES, TRUSTED};
use crate::pem;

/// Certificates that are trusted: roots (根证书), or authorities below them. Empty by default: then no chain is checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trust {
    certificates: Vec<Certificate>,
}

/// Why a file gave no trusted certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrustFault {
    /// Neither PEM nor DER.
    #[error("no certificate in it")]
    NoCertificate,
    /// The file is beyond 1 MiB.
    #[error("the file is too large")]
    TooLarge,
    /// More certificates than a trust store holds; those read before count.
    #[error("more than {TRUSTED} certificates")]
    TooMany,
    /// A certificate that cannot be used.
    #[error(transparent)]
    Certificate(#[from] CertificateFault),
}

impl Trust {
    /// Takes the certificates of files (`.cer`, `.crt`, `.pem`; PEM with any number of certificates, or DER). Gives also
    /// what was refused: the place of the file, from 0, and why. The same certificate twice counts once.
    pub fn from_certificates<'a>(files: impl IntoIterator<Item = &'a [u8]>) -> (Self, Vec<(usize, TrustFault)>) {
        let mut trust = Self::default();
        let mut refused = Vec::new();
        for (place, file) in files.into_iter().enumerate() {
            refused.extend(trust.add(file).into_iter().map(|fault| (place, fault)));
        }
        (trust, refused)
    }

    /// Nothing is trusted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.certificates.is_empty()
    }

    /// How many certificates are trusted.
    #[must_use]
    pub fn len(&self) -> usize {
        self.certificates.len()
    }

    /// All that is trusted here or there.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        for certificate in other.certificates {
            // Both together may hold twice as many as one; beyond that nothing is added.
            if self.certificates.len() < 2 * TRUSTED && !self.certificates.contains(&certificate) {
                self.certificates.push(certificate);
            }
        }
        self
    }

    pub(crate) fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    fn add(&mut self, file: &[u8]) -> Vec<TrustFault> {
        if file.len() > TRUST_FILE_BYTES {
            return vec![TrustFault::TooLarge];
        }
        let encoded = if pem::is_pem(file) { pem::certificates(file) } else { vec![Some(file.to_vec())] };
        encoded.into_iter().filter_map(|encoded| self.add_one(encoded.as_deref()).err()).collect()
    }

    fn add_one(&mut self, encoded: Option<&[u8]>) -> Result<(), TrustFault> {
        let certificate = match encoded.map(Certificate::read) {
            None | Some(Err(CertificateFault::Malformed)) => return Err(TrustFault::NoCertificate),
            Some(read) => read?,
        };
        if matches!(certificate.key, Key::Other(_)) {
            return Err(CertificateFault::NotSm2.into());
        }
        if self.certificates.contains(&certificate) {
            return Ok(());
        }
        if self.certificates.len() == TRUSTED {
            return Err(TrustFault::TooMany);
        }
        self.certificates.push(certificate);
        Ok(())
    }
}
