//! Signs in minisign's format: for the release tool and for tests. The program itself only verifies.
//!
//! Format: <https://jedisct1.github.io/minisign/>. A secret key without a password is a file as `minisign -G -W` makes it, so
//! that a release can be signed by that program as well, with a password on the key.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use blake2::digest::consts::U32;
use blake2::{Blake2b, Blake2b512, Digest};
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{Ed25519KeyPair, KeyPair};

/// Algorithm of keys, and of signatures over the file itself (the old kind).
const PLAIN: &[u8] = b"Ed";
/// Algorithm of signatures over the file's hash.
const PREHASHED: &[u8] = b"ED";
/// No password.
const NO_KDF: &[u8] = &[0, 0];
/// The checksum of a secret key is BLAKE2b with 32 bytes.
const CHECKSUM: &[u8] = b"B2";
/// Salt and limits of the key derivation, unused without a password.
const KDF_ROOM: usize = 48;
/// A secret key file, decoded: algorithms, KDF, id, key, checksum.
const SECRET: usize = 6 + KDF_ROOM + 8 + 64 + 32;

/// A key pair.
pub struct SecretKey {
    id: [u8; 8],
    seed: [u8; 32],
    pair: Ed25519KeyPair,
}

/// Why a key cannot be made or read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The system gives no random numbers.
    #[error("no random numbers")]
    Random,
    /// No secret key of minisign.
    #[error("not a secret key of minisign")]
    Unreadable,
    /// It has a password.
    #[error("the key has a password: sign with `minisign` itself")]
    Password,
}

impl SecretKey {
    /// A new one.
    ///
    /// # Errors
    /// [`KeyError::Random`].
    pub fn generate() -> Result<Self, KeyError> {
        let (mut id, mut seed) = ([0; 8], [0; 32]);
        let random = SystemRandom::new();
        random.fill(&mut id).and_then(|()| random.fill(&mut seed)).map_err(|_| KeyError::Random)?;
        Self::of(id, seed)
    }

    /// Of a file without a password.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let bytes = text.lines().nth(1).and_then(|line| STANDARD.decode(line.trim()).ok()).ok_or(KeyError::Unreadable)?;
        if bytes.len() != SECRET || !bytes.starts_with(PLAIN) {
            return Err(KeyError::Unreadable);
        }
        if bytes.get(2..4) != Some(NO_KDF) {
            return Err(KeyError::Password);
        }
        let part = |from: usize, length: usize| bytes.get(from..from + length).ok_or(KeyError::Unreadable);
        let id = part(6 + KDF_ROOM, 8)?.try_into().map_err(|_| KeyError::Unreadable)?;
        let seed = part(14 + KDF_ROOM, 32)?.try_into().map_err(|_| KeyError::Unreadable)?;
        let key = Self::of(id, seed)?;
        // The file holds the public key, too: a damaged one is found out. (minisign 0.11 writes no checksum without a password.)
        if part(46 + KDF_ROOM, 32)? == key.pair.public_key().as_ref() { Ok(key) } else { Err(KeyError::Unreadable) }
    }

    fn of(id: [u8; 8], seed: [u8; 32]) -> Result<Self, KeyError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| KeyError::Unreadable)?;
        Ok(Self { id, seed, pair })
    }

    /// The file of this key, without a password: it belongs where nobody else reads it.
    #[must_use]
    pub fn to_file(&self) -> String {
        let key = [&self.id[..], &self.seed, self.pair.public_key().as_ref()].concat();
        let checksum = Blake2b::<U32>::digest([PLAIN, &key].concat());
        let bytes = [PLAIN, NO_KDF, CHECKSUM, &[0; KDF_ROOM], &key, &checksum].concat();
        format!("untrusted comment: minisign unencrypted secret key\n{}\n", STANDARD.encode(bytes))
    }

    /// The public key: `RW…`.
    #[must_use]
    pub fn public(&self) -> String {
        STANDARD.encode([PLAIN, &self.id, self.pair.public_key().as_ref()].concat())
    }

    /// A signature over the hash of the bytes, as it is accepted. `comment` is one line.
    #[must_use]
    pub fn sign(&self, bytes: &[u8], comment: &str) -> String {
        self.signature(PREHASHED, &Blake2b512::digest(bytes), comment)
    }

    /// A signature of the old kind, over the bytes themselves: for tests, because nobody may accept it.
    #[must_use]
    pub fn sign_as_long_ago(&self, bytes: &[u8], comment: &str) -> String {
        self.signature(PLAIN, bytes, comment)
    }

    fn signature(&self, algorithm: &[u8], signed: &[u8], comment: &str) -> String {
        let signature = self.pair.sign(signed);
        let whole = self.pair.sign(&[signature.as_ref(), comment.as_bytes()].concat());
        let first = STANDARD.encode([algorithm, &self.id, signature.as_ref()].concat());
        let second = STANDARD.encode(whole.as_ref());
        format!("untrusted comment: signature of a release of Piaoxia\n{first}\ntrusted comment: {comment}\n{second}\n")
    }
}

// The secret never reaches a log.
impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey(of {})", self.public())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn a_key_is_read_from_its_file_and_a_damaged_one_is_not() {
        let key = SecretKey::generate().unwrap();
        let file = key.to_file();
        assert_eq!(SecretKey::parse(&file).unwrap().public(), key.public());
        assert!(!format!("{key:?}").contains(&file[60..]));
        // In the middle of the key.
        let at = file.len() - 100;
        let damaged = format!("{}{}{}", &file[..at], if &file[at..=at] == "A" { "B" } else { "A" }, &file[at + 1..]);
        assert_eq!(SecretKey::parse(&damaged).unwrap_err(), KeyError::Unreadable);
        assert_eq!(SecretKey::parse("").unwrap_err(), KeyError::Unreadable);
    }
}
