//! X.509 certificates over SM2 keys (GB/T 20518), as far as a sandbox needs them.

use sm2::dsa::SigningKey;
use sm2::dsa::signature::Error;

use super::{authority, der};
use crate::originals::digest::sm3;

/// SM2 signature with SM3 (GM/T 0006).
pub(in crate::originals) const SM2_SM3: &str = "1.2.156.10197.1.501";
const SM2_CURVE: &str = "1.2.156.10197.1.301";
const EC_PUBLIC_KEY: &str = "1.2.840.10045.2.1";

/// Certificates hold for the time in which invoices are electronic.
const NOT_BEFORE: &str = "150101000000Z";
const NOT_AFTER: &str = "491231235959Z";

/// Distinguished name: country, organisation, common name.
#[derive(Clone)]
pub(super) struct Name {
    organisation: String,
    common_name: String,
}

impl Name {
    /// A name in China.
    pub(super) fn new(organisation: &str, common_name: &str) -> Self {
        Self { organisation: organisation.to_owned(), common_name: common_name.to_owned() }
    }

    /// DER.
    pub(super) fn encode(&self) -> Vec<u8> {
        let part = |oid: &str, text: &[u8]| der::set(&der::sequence(&[&der::oid(oid), text]));
        der::sequence(&[
            &part("2.5.4.6", &der::printable("CN")),
            &part("2.5.4.10", &der::utf8(&self.organisation)),
            &part("2.5.4.3", &der::utf8(&self.common_name)),
        ])
    }
}

/// What a certificate is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Signs certificates.
    Root,
    /// Signs documents or seals.
    Holder,
}

/// Issues a certificate (X.509 version 3).
pub(super) fn issue(
    issuer: &Name,
    issuer_key: &SigningKey,
    subject: &Name,
    subject_key: &SigningKey,
    serial: &[u8],
    role: Role,
) -> Result<Vec<u8>, Error> {
    let algorithm = der::sequence(&[&der::oid(SM2_SM3), &der::null()]);
    let point = subject_key.verifying_key().to_sec1_bytes();
    let key = der::sequence(&[&der::sequence(&[&der::oid(EC_PUBLIC_KEY), &der::oid(SM2_CURVE)]), &der::bits(&point)]);
    let body = der::sequence(&[
        &der::explicit(0, &der::integer(&[2])),
        &der::integer(serial),
        &algorithm,
        &issuer.encode(),
        &der::sequence(&[&der::utc_time(NOT_BEFORE), &der::utc_time(NOT_AFTER)]),
        &subject.encode(),
        &key,
        &der::explicit(3, &extensions(issuer_key, &point, role)),
    ]);
    let signature = authority::sign(issuer_key, &body)?;
    Ok(der::sequence(&[&body, &algorithm, &der::bits(&signature)]))
}

fn extensions(issuer_key: &SigningKey, point: &[u8], role: Role) -> Vec<u8> {
    let constraints = if role == Role::Root { der::sequence(&[&der::yes()]) } else { der::sequence(&[]) };
    // keyCertSign and cRLSign; digitalSignature and nonRepudiation.
    let usage = if role == Role::Root { der::flags(0b0000_0110, 7) } else { der::flags(0b1100_0000, 2) };
    let issuer_id = key_id(&issuer_key.verifying_key().to_sec1_bytes());
    der::sequence(&[
        &extension("2.5.29.19", true, &constraints),
        &extension("2.5.29.15", true, &usage),
        &extension("2.5.29.14", false, &der::octets(&key_id(point))),
        &extension("2.5.29.35", false, &der::sequence(&[&der::value(0x80, &issuer_id)])),
    ])
}

fn extension(oid: &str, critical: bool, content: &[u8]) -> Vec<u8> {
    let wrapped = der::octets(content);
    if critical { der::sequence(&[&der::oid(oid), &der::yes(), &wrapped]) } else { der::sequence(&[&der::oid(oid), &wrapped]) }
}

/// Key identifier: the first 20 bytes of the point's SM3.
fn key_id(point: &[u8]) -> Vec<u8> {
    sm3(&[point]).into_iter().take(20).collect()
}
