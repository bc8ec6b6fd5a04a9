//! The secret by which a PC proves that a login ticket is its own.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// A code verifier (RFC 7636, 4.1): 256 random bits, base64url, 43 characters. `Debug` hides it.
#[derive(Clone)]
pub struct Verifier(String);

impl Verifier {
    /// A new one.
    #[must_use]
    pub fn random() -> Self {
        Self(URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()))
    }

    /// For [`crate::contract::PollRequest::verifier`].
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// For [`crate::contract::TicketRequest::challenge`]: S256, RFC 7636, 4.2.
    #[must_use]
    pub fn challenge(&self) -> String {
        s256(&self.0)
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Verifier(hidden)")
    }
}

fn s256(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_standard() {
        // RFC 7636, appendix B.
        assert_eq!(s256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        let (one, two) = (Verifier::random(), Verifier::random());
        assert_eq!(one.expose().len(), 43);
        assert_ne!(one.expose(), two.expose());
        assert!(!format!("{one:?}").contains(one.expose()));
    }
}
