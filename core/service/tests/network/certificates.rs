//! Certificates of servers that do not exist: ECDSA on P-256, as long valid as a test wants them.

#[path = "../../../seals/tests/kit/der.rs"]
#[allow(dead_code, reason = "the tests of seals use more of it")]
mod der;

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

const ECDSA_SHA256: &str = "1.2.840.10045.4.3.2";

/// Somebody who signs certificates.
pub struct Authority {
    name: &'static str,
    key: EcdsaKeyPair,
    certificate: Vec<u8>,
}

/// What a server shows.
pub struct Identity {
    pub chain: Vec<CertificateDer<'static>>,
    pub key: PrivateKeyDer<'static>,
}

/// From when to when, as `yyyyMMddHHmmssZ`.
pub type Validity = (&'static str, &'static str);

/// Now, and for long.
pub const VALID: Validity = ("20200101000000Z", "20991231235959Z");
pub const PAST: Validity = ("20200101000000Z", "20210101000000Z");
pub const FUTURE: Validity = ("20900101000000Z", "20991231235959Z");

fn key() -> (EcdsaKeyPair, Vec<u8>) {
    let random = SystemRandom::new();
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, document.as_ref(), &random).unwrap();
    (pair, document.as_ref().to_vec())
}

impl Authority {
    pub fn new(name: &'static str) -> Self {
        let (key, _) = key();
        let certificate = certificate(name, &key, name, &key, VALID, None);
        Self { name, key, certificate }
    }

    /// As the file that a company hands out.
    pub fn file(&self) -> Vec<u8> {
        self.certificate.clone()
    }

    /// A server of this name, or of the address 127.0.0.1.
    pub fn serve(&self, host: &str, validity: Validity) -> Identity {
        let (pair, pkcs8) = key();
        let leaf = certificate(self.name, &self.key, host, &pair, validity, Some(host));
        Identity { chain: vec![leaf.into()], key: PrivatePkcs8KeyDer::from(pkcs8).into() }
    }
}

/// A server that signed for itself.
pub fn self_signed(host: &str) -> Identity {
    let (pair, pkcs8) = key();
    let leaf = certificate(host, &pair, host, &pair, VALID, Some(host));
    Identity { chain: vec![leaf.into()], key: PrivatePkcs8KeyDer::from(pkcs8).into() }
}

/// `host` makes it a server's; else it is an authority's.
fn certificate(issuer: &str, by: &EcdsaKeyPair, subject: &str, of: &EcdsaKeyPair, validity: Validity, host: Option<&str>) -> Vec<u8> {
    let name = |text: &str| der::sequence(&[&der::set(&[&der::sequence(&[&der::oid("2.5.4.3"), &der::utf8(text)])])]);
    let algorithm = der::sequence(&[&der::oid(ECDSA_SHA256)]);
    let key_kind = der::sequence(&[&der::oid("1.2.840.10045.2.1"), &der::oid("1.2.840.10045.3.1.7")]);
    let extension = |oid: &str, body: &[u8]| der::sequence(&[&der::oid(oid), &der::octets(body)]);
    let extensions = match host {
        None => {
            let constraints =
                der::sequence(&[&der::oid("2.5.29.19"), &der::value(1, &[0xff]), &der::octets(&der::sequence(&[&der::value(1, &[0xff])]))]);
            der::sequence(&[&constraints])
        }
        Some("127.0.0.1") => der::sequence(&[&extension("2.5.29.17", &der::sequence(&[&der::value(0x87, &[127, 0, 0, 1])]))]),
        Some(host) => der::sequence(&[&extension("2.5.29.17", &der::sequence(&[&der::value(0x82, host.as_bytes())]))]),
    };
    let serial = [&[1][..], &ring::digest::digest(&ring::digest::SHA256, of.public_key().as_ref()).as_ref()[..7]].concat();
    let body = der::sequence(&[
        &der::context(0, &der::integer(&[2])),
        &der::integer(&serial),
        &algorithm,
        &name(issuer),
        &der::sequence(&[&der::time(validity.0), &der::time(validity.1)]),
        &name(subject),
        &der::sequence(&[&key_kind, &der::bits(of.public_key().as_ref())]),
        &der::context(3, &extensions),
    ]);
    let signature = by.sign(&SystemRandom::new(), &body).unwrap();
    der::sequence(&[&body, &algorithm, &der::bits(signature.as_ref())])
}
