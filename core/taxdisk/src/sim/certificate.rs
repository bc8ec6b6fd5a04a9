//! The sandbox's authority for tax disks: X.509 certificates over SM2 keys (GB/T 20518).

use jiff::Timestamp;
use jiff::tz::TimeZone;
use piaoxia_seals::USER_ID;
use sm2::SecretKey;
use sm2::dsa::signature::Signer as _;
use sm2::dsa::{Signature, SigningKey};
use sm3::{Digest, Sm3};

use super::SimIdentity;
use crate::der::{bits, explicit, integer, sequence, value};

/// `SM2 with SM3` (GM/T 0006): 1.2.156.10197.1.501.
const SM2_WITH_SM3: &[u8] = &[0x2A, 0x81, 0x1C, 0xCF, 0x55, 0x01, 0x83, 0x75];
/// The curve: 1.2.156.10197.1.301.
const SM2: &[u8] = &[0x2A, 0x81, 0x1C, 0xCF, 0x55, 0x01, 0x82, 0x2D];
const EC_PUBLIC_KEY: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01];
const COUNTRY: &[u8] = &[0x55, 0x04, 0x06];
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const ORGANISATION: &[u8] = &[0x55, 0x04, 0x0A];
const KEY_USAGE: &[u8] = &[0x55, 0x1D, 0x0F];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1D, 0x13];
/// 税号: 1.2.156.10260.4.1.5.
const TAXATION_NUMBER: &[u8] = &[0x2A, 0x81, 0x1C, 0xD0, 0x14, 0x04, 0x01, 0x05];

const OID: u8 = 0x06;
const UTF8: u8 = 0x0C;
const PRINTABLE: u8 = 0x13;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// The certificate cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("the certificate of a simulated disk cannot be made")]
pub struct IssueFault;

/// An authority whose key follows from a seed.
pub struct Authority {
    seed: u64,
    key: SigningKey,
    root: Vec<u8>,
}

/// What a certificate states.
struct Statement<'s> {
    serial: &'s [u8],
    subject: Vec<u8>,
    valid: (Timestamp, Timestamp),
    extensions: Vec<u8>,
}

impl Authority {
    /// The authority of a sandbox.
    ///
    /// # Errors
    /// Never with a seed that was tried before.
    pub fn new(seed: u64) -> Result<Self, IssueFault> {
        let key = derive(seed, "root")?;
        let day = |text: &str| text.parse::<Timestamp>().map_err(|_| IssueFault);
        let usage = value(0x03, &[1, 0b0000_0110]);
        let extensions =
            [extension(BASIC_CONSTRAINTS, true, &sequence(&[&value(0x01, &[0xFF])])), extension(KEY_USAGE, true, &usage)].concat();
        let statement = Statement {
            serial: &[1],
            subject: authority_name(),
            valid: (day("2015-01-01T00:00:00Z")?, day("2049-12-31T00:00:00Z")?),
            extensions,
        };
        let root = certify(&key, &key, &statement)?;
        Ok(Self { seed, key, root })
    }

    /// The root's certificate, DER: what a service that takes these disks has to trust.
    #[must_use]
    pub fn root_certificate(&self) -> &[u8] {
        &self.root
    }

    /// The key of a disk, and the certificate over it.
    pub(super) fn issue(&self, identity: &SimIdentity) -> Result<(SigningKey, Vec<u8>), IssueFault> {
        let key = derive(self.seed, &identity.serial)?;
        let number = Sm3::digest(identity.serial.as_bytes());
        let serial: Vec<u8> = std::iter::once(0x50).chain(number.into_iter().take(7)).collect();
        let usage = value(0x03, &[6, 0b1100_0000]);
        let extensions = [
            extension(BASIC_CONSTRAINTS, true, &sequence(&[])),
            extension(KEY_USAGE, true, &usage),
            extension(TAXATION_NUMBER, false, &value(PRINTABLE, identity.tax_number.as_bytes())),
        ]
        .concat();
        let subject = name(&[(ORGANISATION, &identity.company), (COMMON_NAME, &identity.tax_number)]);
        let statement = Statement { serial: &serial, subject, valid: (identity.not_before, identity.not_after), extensions };
        let certificate = certify(&self.key, &key, &statement)?;
        Ok((key, certificate))
    }
}

fn authority_name() -> Vec<u8> {
    name(&[(ORGANISATION, "票匣沙箱"), (COMMON_NAME, "票匣沙箱税盘测试CA")])
}

fn certify(issuer: &SigningKey, subject: &SigningKey, statement: &Statement<'_>) -> Result<Vec<u8>, IssueFault> {
    let algorithm = sequence(&[&value(OID, SM2_WITH_SM3), &value(0x05, &[])]);
    let point = subject.verifying_key().to_sec1_bytes();
    let key = sequence(&[&sequence(&[&value(OID, EC_PUBLIC_KEY), &value(OID, SM2)]), &bits(&point)]);
    let body = sequence(&[
        &explicit(0, &integer(&[2])),
        &integer(statement.serial),
        &algorithm,
        &authority_name(),
        &sequence(&[&time(statement.valid.0), &time(statement.valid.1)]),
        &statement.subject,
        &key,
        &explicit(3, &sequence(&[&statement.extensions])),
    ]);
    let signature: Signature = issuer.try_sign(&body).map_err(|_| IssueFault)?;
    let signature = sequence(&[&integer(&signature.r_bytes()), &integer(&signature.s_bytes())]);
    Ok(sequence(&[&body, &algorithm, &bits(&signature)]))
}

fn name(parts: &[(&[u8], &str)]) -> Vec<u8> {
    let part = |kind: &[u8], text: &[u8]| value(0x31, &sequence(&[&value(OID, kind), text]));
    let country = part(COUNTRY, &value(PRINTABLE, b"CN"));
    let rest = parts.iter().flat_map(|(kind, text)| part(kind, &value(UTF8, text.as_bytes())));
    value(0x30, &country.iter().copied().chain(rest).collect::<Vec<u8>>())
}

fn extension(kind: &[u8], critical: bool, content: &[u8]) -> Vec<u8> {
    let flag = if critical { value(0x01, &[0xFF]) } else { Vec::new() };
    sequence(&[&value(OID, kind), &flag, &value(0x04, content)])
}

/// UTCTime until 2049, GeneralizedTime from then on (RFC 5280, 4.1.2.5).
fn time(at: Timestamp) -> Vec<u8> {
    let at = at.to_zoned(TimeZone::UTC);
    if (1950..2050).contains(&at.year()) {
        value(UTC_TIME, at.strftime("%y%m%d%H%M%SZ").to_string().as_bytes())
    } else {
        value(GENERALIZED_TIME, at.strftime("%Y%m%d%H%M%SZ").to_string().as_bytes())
    }
}

/// The key for a purpose. One candidate in 2^32 is no valid key; then the next is taken.
fn derive(seed: u64, purpose: &str) -> Result<SigningKey, IssueFault> {
    let candidate = |round: u8| {
        let digest = Sm3::new()
            .chain_update(b"piaoxia sandbox tax disk")
            .chain_update(seed.to_be_bytes())
            .chain_update(purpose)
            .chain_update([round])
            .finalize();
        SecretKey::from_slice(&digest).ok()
    };
    let secret = (0..=u8::MAX).find_map(candidate).ok_or(IssueFault)?;
    SigningKey::new(USER_ID, &secret).map_err(|_| IssueFault)
}
