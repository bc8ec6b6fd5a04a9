//! SM2 signatures over SM3 (GM/T 0003.2, GM/T 0009): of a disk over a challenge, and what a service makes of them.

use jiff::Timestamp;
use piaoxia_seals::{CertificateFault, Holder, Outcome, Reason, Signer, Trust, USER_ID};
use sm3::{Digest, Sm3};

use crate::der;
use crate::error::{Damage, DiskError, Result};

/// Longest challenge, bytes.
pub(crate) const CHALLENGE_BYTES: usize = 4 * 1024;

/// Coefficients and base point of the curve (GM/T 0003.5): a, b, x, y.
const CURVE: [u8; 128] = curve(concat!(
    "FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC",
    "28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93",
    "32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7",
    "BC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0",
));

#[expect(clippy::indexing_slicing, reason = "evaluated while compiling")]
const fn curve(digits: &str) -> [u8; 128] {
    let digits = digits.as_bytes();
    let mut out = [0; 128];
    let mut at = 0;
    while at < 256 {
        let digit = if digits[at] < b'A' { digits[at] - b'0' } else { digits[at] - b'A' + 10 };
        out[at / 2] = out[at / 2] << 4 | digit;
        at += 1;
    }
    out
}

/// A signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    raw: [u8; 64],
}

impl Signature {
    /// r and s, 32 bytes each, big-endian.
    #[must_use]
    pub fn from_raw(raw: [u8; 64]) -> Self {
        Self { raw }
    }

    /// `SEQUENCE { r, s }` (GM/T 0009); none when it is something else.
    #[must_use]
    pub fn from_der(encoded: &[u8]) -> Option<Self> {
        der::two_numbers(encoded).map(Self::from_raw)
    }

    /// r and s, 32 bytes each.
    #[must_use]
    pub fn raw(&self) -> &[u8; 64] {
        &self.raw
    }

    /// `SEQUENCE { r, s }` (GM/T 0009): as it goes to the platform.
    #[must_use]
    pub fn to_der(&self) -> Vec<u8> {
        let (r, s) = self.raw.split_at(32);
        der::sequence(&[&der::integer(r), &der::integer(s)])
    }

    /// Takes what a disk made of a challenge, if the certificate's key made it: a disk that signs with another key is damaged.
    pub(crate) fn proved(self, signer: &Signer, challenge: &[u8]) -> Result<Self> {
        if signer.signed(challenge, &self.to_der()) { Ok(self) } else { Err(DiskError::Damaged(Damage::Signature)) }
    }
}

/// What is signed: SM3 of Z (owner's id, curve and key; GM/T 0009, clause 8.1) and of the message. None when `point` is not a whole
/// point (SEC 1, 04 x y).
pub(crate) fn digest(point: &[u8], user_id: &str, message: &[u8]) -> Option<[u8; 32]> {
    let (4, key) = point.split_first().filter(|(_, key)| key.len() == 64)? else { return None };
    let bits = u16::try_from(user_id.len().checked_mul(8)?).ok()?;
    let z = Sm3::new().chain_update(bits.to_be_bytes()).chain_update(user_id).chain_update(CURVE).chain_update(key).finalize();
    Some(Sm3::new().chain_update(z).chain_update(message).finalize().into())
}

/// [`digest`] for the certificate of a disk and the id that is used where none is agreed on.
pub(crate) fn challenge_digest(signer: &Signer, challenge: &[u8]) -> Result<[u8; 32]> {
    digest(signer.point(), USER_ID, challenge).ok_or(DiskError::Damaged(Damage::Certificate))
}

/// Why a service does not believe a signature.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The certificate cannot be read.
    #[error(transparent)]
    Certificate(#[from] CertificateFault),
    /// The certificate is not for signing.
    #[error("the certificate is not for signing")]
    NotForSigning,
    /// Not valid yet, or not any more.
    #[error("the certificate is valid from {from} to {to}")]
    Validity {
        /// Start.
        from: Timestamp,
        /// End.
        to: Timestamp,
    },
    /// Not one that goes back to a trusted one.
    #[error("the certificate is not of a trusted authority: {0:?}")]
    Chain(Box<Reason>),
    /// The challenge was not signed by the certificate's key.
    #[error("the signature does not fit")]
    Signature,
}

/// Whether the owner of a certificate signed a challenge (挑战应答), and may: the signature is that of its key with SM3 for the user
/// id 1234567812345678, the certificate is for signing, valid `at` that time, and goes back to one that is trusted. `signature` is
/// `SEQUENCE { r, s }`. Whether the challenge was made a moment ago and is used once is for the caller to know.
///
/// # Errors
/// The [`Refusal`].
pub fn verify_challenge(certificate: &[u8], challenge: &[u8], signature: &[u8], trust: &Trust, at: Timestamp) -> Result<Holder, Refusal> {
    let signer = Signer::read(certificate)?;
    let holder = signer.holder();
    if !signer.may_sign() {
        return Err(Refusal::NotForSigning);
    }
    if at < holder.not_before || at > holder.not_after {
        return Err(Refusal::Validity { from: holder.not_before, to: holder.not_after });
    }
    if !signer.signed(challenge, signature) {
        return Err(Refusal::Signature);
    }
    match signer.chain(trust, at) {
        (Outcome::Pass, _) => Ok(holder),
        (_, reason) => Err(Refusal::Chain(Box::new(reason))),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

    use sm2::dsa::signature::hazmat::{PrehashSigner as _, PrehashVerifier as _};
    use sm2::dsa::{SigningKey, VerifyingKey};

    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        let digits: Vec<u8> = hex.chars().filter_map(|c| c.to_digit(16)).map(|digit| u8::try_from(digit).unwrap()).collect();
        digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect()
    }

    const POINT: &str = "04 09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020
                         CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13";
    const SECRET: &str = "3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8";

    /// GM/T 0004-2012, annex A.
    #[test]
    fn digests_of_the_standard() {
        let sm3 = |text: &str| Sm3::digest(text).to_vec();
        assert_eq!(sm3("abc"), bytes("66c7f0f4 62eeedd9 d1f2d46b dc10e4e2 4167c487 5cf2f7a2 297da02b 8f4ba8e0"));
        let long = "abcd".repeat(16);
        assert_eq!(sm3(&long), bytes("debe9ff9 2275b8a1 38604889 c18e5a4d 6fdb70e5 387e5765 293dcba3 9c0c5732"));
    }

    /// GM/T 0003.5-2012, annex A.2: what is signed, and the signature, of `message digest`.
    #[test]
    fn the_signature_of_the_standard() {
        let digest = digest(&bytes(POINT), USER_ID, b"message digest").unwrap();
        assert_eq!(digest.to_vec(), bytes("F0B43E94BA45ACCAACE692ED534382EB17E6AB5A19CE7B31F4486FDFC0D28640"));
        let raw = bytes(
            "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3
             B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA",
        );
        let key = VerifyingKey::from_sec1_bytes(USER_ID, &bytes(POINT)).unwrap();
        assert!(key.verify_prehash(&digest, &sm2::dsa::Signature::from_slice(&raw).unwrap()).is_ok());
        let signature = Signature::from_raw(raw.try_into().unwrap());
        assert_eq!(Signature::from_der(&signature.to_der()), Some(signature));
    }

    /// A key of ours signs the same digest that a verifier computes for itself from the message.
    #[test]
    fn a_digest_made_outside_is_the_signers_own() {
        use sm2::dsa::signature::Verifier as _;
        let key = SigningKey::from_slice(USER_ID, &bytes(SECRET)).unwrap();
        let digest = digest(&key.verifying_key().to_sec1_bytes(), USER_ID, b"challenge").unwrap();
        let made = key.sign_prehash(&digest).unwrap();
        assert!(key.verifying_key().verify(b"challenge", &made).is_ok());
        assert!(key.verifying_key().verify(b"challengf", &made).is_err());
    }

    #[test]
    fn what_is_no_signature_is_refused() {
        let good = Signature::from_raw([0x81; 64]).to_der();
        assert!(Signature::from_der(&good).is_some());
        for at in 0..4 {
            let mut wrong = good.clone();
            wrong[at] ^= 1;
            assert!(Signature::from_der(&wrong).is_none(), "{at}");
        }
        assert!((0..good.len()).all(|end| Signature::from_der(&good[..end]).is_none()));
        assert!(Signature::from_der(&[&good[..], &[0]].concat()).is_none());
        assert!(
            digest(&[4; 64], USER_ID, b"").is_none() && digest(&[2; 33], USER_ID, b"").is_none() && digest(&[], USER_ID, b"").is_none()
        );
    }
}
