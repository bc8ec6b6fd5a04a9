//! Signatures in minisign's format: Ed25519 over the BLAKE2b hash of the file, and a trusted comment that a second signature
//! covers. Signatures of the old kind (`Ed`, over the file itself) are refused.

use minisign_verify::{Error, Signature};

use crate::MANIFEST;
use crate::error::Refusal;
use crate::keys::PublicKey;
use crate::manifest::Manifest;
use crate::version::Version;

/// Name of the signature of a manifest.
pub const SIGNATURE: &str = "update.json.minisig";
/// Longest text of signatures, bytes.
pub(crate) const SIGNATURE_LIMIT: u64 = 4 << 10;
/// Signatures in one text: while a key is being changed, a release is signed by the old and the new one.
const SIGNATURES: usize = 4;
/// Lines of a signature: comment, signature, trusted comment, its signature.
const LINES: usize = 4;

/// What the trusted comment of a release must say. A time stamp may stand before it, as minisign itself writes one.
#[must_use]
pub fn trusted_comment(version: Version, channel: &str) -> String {
    format!("file:{MANIFEST}\tversion:{version}\tchannel:{channel}")
}

/// Verifies the bytes against the first of the signatures that one of the keys made, and returns its trusted comment.
///
/// # Errors
/// The [`Refusal`] that says most: a signature that does not fit before one of an unknown key.
pub fn verify(bytes: &[u8], signatures: &str, keys: &[PublicKey]) -> Result<String, Refusal> {
    if signatures.len() as u64 > SIGNATURE_LIMIT {
        return Err(Refusal::SignatureUnreadable);
    }
    let lines: Vec<&str> = signatures.lines().map(|line| line.trim_end_matches('\r')).filter(|line| !line.is_empty()).collect();
    let mut worst = Refusal::SignatureUnreadable;
    for one in lines.chunks(LINES).take(SIGNATURES) {
        match verify_one(bytes, &one.join("\n"), keys) {
            Ok(comment) => return Ok(comment),
            Err(refusal) if weight(&refusal) >= weight(&worst) => worst = refusal,
            Err(_) => {}
        }
    }
    Err(worst)
}

/// Those of the keys that signed the bytes.
pub(crate) fn signers(bytes: &[u8], signatures: &str, keys: &[PublicKey]) -> Vec<PublicKey> {
    keys.iter().filter(|key| verify(bytes, signatures, std::slice::from_ref(*key)).is_ok()).cloned().collect()
}

fn verify_one(bytes: &[u8], signature: &str, keys: &[PublicKey]) -> Result<String, Refusal> {
    let signature = Signature::decode(signature).map_err(|_| Refusal::SignatureUnreadable)?;
    let mut refusal = Refusal::UnknownKey;
    for key in keys {
        match key.inner().verify(bytes, &signature, false) {
            Ok(()) => return Ok(signature.trusted_comment().to_owned()),
            Err(Error::UnexpectedKeyId) => {}
            Err(Error::UnexpectedAlgorithm) => refusal = Refusal::LegacySignature,
            Err(_) => refusal = Refusal::SignatureWrong,
        }
    }
    Err(refusal)
}

/// How much a refusal says about what is going on.
fn weight(refusal: &Refusal) -> u8 {
    match refusal {
        Refusal::SignatureWrong => 3,
        Refusal::LegacySignature => 2,
        Refusal::UnknownKey => 1,
        _ => 0,
    }
}

/// Verifies a manifest, reads it, and compares it with the trusted comment: a good signature of another version, channel or
/// file is of no use to anybody.
pub(crate) fn read_signed(bytes: &[u8], signatures: &str, keys: &[PublicKey]) -> Result<Manifest, Refusal> {
    let comment = verify(bytes, signatures, keys)?;
    let manifest = Manifest::parse(bytes)?;
    let expected = trusted_comment(manifest.version, &manifest.channel);
    let said = comment.split('\t').filter(|field| !field.starts_with("timestamp:"));
    if said.eq(expected.split('\t')) { Ok(manifest) } else { Err(Refusal::CommentWrong) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::tests::kit::Signer;

    #[test]
    fn several_signatures_are_read_and_one_good_one_counts() {
        let (old, new, stranger) = (Signer::new(), Signer::new(), Signer::new());
        let both = format!("{}{}", old.sign(b"x", "one"), new.sign(b"x", "two"));
        assert_eq!(verify(b"x", &both, &[old.public()]).unwrap(), "one");
        assert_eq!(verify(b"x", &both, &[new.public()]).unwrap(), "two");
        assert_eq!(verify(b"x", &both.replace('\n', "\r\n"), &[new.public()]).unwrap(), "two");
        assert_eq!(verify(b"x", &both, &[stranger.public()]), Err(Refusal::UnknownKey));
        assert_eq!(verify(b"y", &both, &[new.public()]), Err(Refusal::SignatureWrong));
    }

    #[test]
    fn what_is_no_signature_is_refused() {
        let signer = Signer::new();
        let good = signer.sign(b"x", "c");
        for bad in ["", "\n\n", "untrusted comment: x", &"x".repeat(5000), &good[..good.len() - 4]] {
            assert_eq!(verify(b"x", bad, &[signer.public()]), Err(Refusal::SignatureUnreadable));
        }
        assert_eq!(verify(b"x", &good, &[]), Err(Refusal::UnknownKey));
    }

    /// Made by `minisign` 0.11: `minisign -G -W`, `minisign -S -H -m update.json -t '…'`.
    #[test]
    fn what_the_minisign_program_signs_is_read() {
        let key = PublicKey::parse(include_str!("tests/minisign.pub")).unwrap();
        let manifest = include_bytes!("tests/update.json");
        let signed = read_signed(manifest, include_str!("tests/update.json.minisig"), std::slice::from_ref(&key)).unwrap();
        assert_eq!(signed.version, Version::new(0, 2, 0));
        assert_eq!(verify(manifest, include_str!("tests/update.json.legacy.minisig"), &[key]), Err(Refusal::LegacySignature));
    }
}
