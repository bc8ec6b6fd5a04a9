//! What is believed of a server: certificates of the system, of the program and of the company, at a time that is not
//! before this build, and the key that the user fixed.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::time_provider::TimeProvider;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, OtherError, SignatureScheme};
use rustls_platform_verifier::Verifier;
use sha2::{Digest, Sha256};

use super::network::{Network, Pin};
use super::{ClientError, TlsFault};

/// At which time certificates are looked at.
#[derive(Clone, Copy, Debug)]
pub(super) enum Time {
    /// This PC's, but not before the program was built: an empty battery on the board makes it 2011 or 1970.
    Here { built: Option<Timestamp> },
    /// This one, seconds since 1970: to learn a server's time in spite of a wrong one here.
    Fixed(i64),
}

impl TimeProvider for Time {
    fn current_time(&self) -> Option<UnixTime> {
        let at = match *self {
            Self::Here { built } => Timestamp::now().max(built.unwrap_or(Timestamp::UNIX_EPOCH)).as_second(),
            Self::Fixed(at) => at,
        };
        u64::try_from(at).ok().map(|seconds| UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}

/// TLS 1.2 and 1.3, HTTP/1.1.
pub(super) fn config(network: &Network, time: Time) -> Result<ClientConfig, ClientError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    // Beside those of the system: a Windows that has not been updated for years lacks new ones.
    let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().cloned().chain(network.certificates());
    let usual = Verifier::new_with_extra_roots(roots, Arc::clone(&provider)).map_err(unusable)?;
    let verifier = Strict { usual, pin: network.pin.clone() };
    let builder = ClientConfig::builder_with_details(provider, Arc::new(time)).with_safe_default_protocol_versions().map_err(unusable)?;
    // Nothing is dangerous in what follows: the verifier asks the usual one first and can only refuse more.
    let mut config = builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn unusable(error: rustls::Error) -> ClientError {
    ClientError::Tls { fault: TlsFault::Other, detail: error.to_string() }
}

/// SHA-256 of a certificate's SubjectPublicKeyInfo in Base64.
pub(super) fn key_of(certificate: &CertificateDer<'_>) -> Result<String, rustls::Error> {
    let parsed = ParsedCertificate::try_from(certificate)?;
    Ok(STANDARD.encode(Sha256::digest(parsed.subject_public_key_info())))
}

/// The host showed another key than the one that was fixed.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the host shows another key than the one that was fixed for it")]
pub(super) struct OtherKey;

/// The usual verifier, and the fixed key.
#[derive(Debug)]
struct Strict {
    usual: Verifier,
    pin: Option<Pin>,
}

impl Strict {
    fn check_key(&self, certificate: &CertificateDer<'_>, server: &ServerName<'_>) -> Result<(), rustls::Error> {
        let host = server.to_str();
        let Some(pin) = self.pin.as_ref().filter(|pin| pin.host.eq_ignore_ascii_case(&host)) else { return Ok(()) };
        if pin.keys.contains(&key_of(certificate)?) {
            return Ok(());
        }
        Err(CertificateError::Other(OtherError(Arc::new(OtherKey))).into())
    }
}

impl ServerCertVerifier for Strict {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verified = self.usual.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)?;
        self.check_key(end_entity, server_name).map(|()| verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.usual.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.usual.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.usual.supported_verify_schemes()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn a_clock_from_before_the_build_counts_as_the_build() {
        let later = Timestamp::now().checked_add(jiff::SignedDuration::from_hours(24)).unwrap();
        let seconds = |time: Time| time.current_time().unwrap().as_secs();
        assert_eq!(seconds(Time::Here { built: Some(later) }), u64::try_from(later.as_second()).unwrap());
        assert!(seconds(Time::Here { built: Some(Timestamp::UNIX_EPOCH) }) > 1_700_000_000);
        assert_eq!(seconds(Time::Fixed(7)), 7);
    }
}
