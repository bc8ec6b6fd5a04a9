//! The standard security handler (ISO 32000-2, 7.6), as far as a file opens without a password: many invoices are encrypted
//! only to forbid changing them, and every reader opens them by the empty password.

use std::borrow::Cow;

use aes::cipher::{Array, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use aes::{Aes128, Aes256};
use md5::{Digest, Md5};
use sha2::{Sha256, Sha384, Sha512};

use super::object::{Dict, Object};

/// What stands in for a password's missing characters (algorithm 2).
const PADDING: [u8; 32] = [
    0x28, 0xBF, 0x4E, 0x5E, 0x4E, 0x75, 0x8A, 0x41, 0x64, 0x00, 0x4E, 0x56, 0xFF, 0xFA, 0x01, 0x08, 0x2E, 0x2E, 0x00, 0xB6, 0xD0, 0x68,
    0x3E, 0x80, 0x2F, 0x0C, 0xA9, 0xFE, 0x64, 0x53, 0x69, 0x7A,
];
/// Bytes of a block of AES.
const BLOCK: usize = 16;

/// The key of a file, and what it is used for.
pub(super) struct Crypt {
    key: Vec<u8>,
    strings: Method,
    streams: Method,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Method {
    Identity,
    Rc4,
    /// AES of 128 bits, a key for each object.
    Aes128,
    /// AES of 256 bits, one key for all.
    Aes256,
}

/// An indirect object: its number and generation.
pub(super) type Of = (u32, u16);

impl Crypt {
    /// Of an encryption dictionary whose values are resolved; none where a password is needed or the handler is another.
    pub(super) fn open(encrypt: &Dict, id: &[u8], filters: &Dict) -> Option<Self> {
        let text = |key: &[u8]| encrypt.get(key).text().unwrap_or_default();
        let index = |key: &[u8]| encrypt.get(key).index();
        if encrypt.get(b"Filter").name() != Some(b"Standard") {
            return None;
        }
        let (version, revision) = (index(b"V")?, index(b"R")?);
        let method = |key: &[u8]| -> Option<Method> {
            let name = encrypt.get(key).name().unwrap_or(b"Identity");
            if name == b"Identity" {
                return Some(Method::Identity);
            }
            match filters.get(name).dict()?.get(b"CFM").name()? {
                b"None" => Some(Method::Identity),
                b"V2" => Some(Method::Rc4),
                b"AESV2" => Some(Method::Aes128),
                b"AESV3" => Some(Method::Aes256),
                _ => None,
            }
        };
        let (strings, streams) = match version {
            1 | 2 => (Method::Rc4, Method::Rc4),
            4 | 5 => (method(b"StrF")?, method(b"StmF")?),
            _ => return None,
        };
        let key = match revision {
            2..=4 => {
                let length = if revision == 2 { 5 } else { index(b"Length").map_or(5, |bits| bits / 8).clamp(5, 16) };
                // Writers of version 4 leave the length out or state bytes; its ciphers have one length.
                let length = if version == 4 { 16 } else { length };
                let permissions = match encrypt.get(b"P") {
                    Object::Number(number) => *number,
                    _ => return None,
                };
                let plain_metadata = revision == 4 && *encrypt.get(b"EncryptMetadata") == Object::Bool(false);
                let key = short_key(text(b"O"), permissions, id, revision, length, plain_metadata);
                opens(&key, text(b"U"), id, revision).then_some(key)?
            }
            5 | 6 => long_key(text(b"U"), text(b"UE"), revision)?,
            _ => return None,
        };
        Some(Self { key, strings, streams })
    }

    /// A stream's bytes as they were before.
    pub(super) fn stream<'b>(&self, of: Of, bytes: &'b [u8]) -> Cow<'b, [u8]> {
        self.decrypted(self.streams, of, bytes)
    }

    /// The same of every text within an object.
    pub(super) fn texts(&self, of: Of, object: &mut Object) {
        match object {
            Object::Text(text) => {
                let plain = self.decrypted(self.strings, of, text).into_owned();
                *text = plain;
            }
            Object::Array(items) => items.iter_mut().for_each(|item| self.texts(of, item)),
            Object::Dict(dict) => dict.0.iter_mut().for_each(|(_, value)| self.texts(of, value)),
            _ => {}
        }
    }

    fn decrypted<'b>(&self, method: Method, of: Of, bytes: &'b [u8]) -> Cow<'b, [u8]> {
        match method {
            Method::Identity => Cow::Borrowed(bytes),
            Method::Rc4 => Cow::Owned(rc4(&self.key_of(of, b""), bytes)),
            Method::Aes128 => Cow::Owned(aes(&self.key_of(of, b"sAlT"), bytes)),
            Method::Aes256 => Cow::Owned(aes(&self.key, bytes)),
        }
    }

    /// The key of one object (algorithm 1).
    fn key_of(&self, (number, generation): Of, salt: &[u8]) -> Vec<u8> {
        let [n0, n1, n2, _] = number.to_le_bytes();
        let [g0, g1] = generation.to_le_bytes();
        let digest = Md5::new().chain_update(&self.key).chain_update([n0, n1, n2, g0, g1]).chain_update(salt).finalize();
        digest.iter().copied().take((self.key.len() + 5).min(BLOCK)).collect()
    }
}

/// The key of a file up to revision 4, by the empty password (algorithm 2).
fn short_key(owner: &[u8], permissions: f64, id: &[u8], revision: usize, length: usize, plain_metadata: bool) -> Vec<u8> {
    // A cast saturates: permissions are written signed and, wrongly, unsigned.
    let permissions = (permissions as i64 as u32).to_le_bytes();
    let mut digest =
        Md5::new().chain_update(PADDING).chain_update(owner.get(..32).unwrap_or(owner)).chain_update(permissions).chain_update(id);
    if plain_metadata {
        digest.update([0xFF; 4]);
    }
    let mut key: Vec<u8> = digest.finalize().iter().copied().take(length).collect();
    if revision > 2 {
        for _ in 0..50 {
            key = Md5::digest(&key).iter().copied().take(length).collect();
        }
    }
    key
}

/// Whether the key is that of the empty user password (algorithms 4 and 5).
fn opens(key: &[u8], user: &[u8], id: &[u8], revision: usize) -> bool {
    if revision == 2 {
        return rc4(key, &PADDING) == user;
    }
    let mut value = rc4(key, &Md5::new().chain_update(PADDING).chain_update(id).finalize());
    for round in 1..=19_u8 {
        let turned: Vec<u8> = key.iter().map(|byte| byte ^ round).collect();
        value = rc4(&turned, &value);
    }
    user.get(..BLOCK) == Some(value.as_slice())
}

/// The key of revisions 5 and 6 by the empty user password (algorithm 2.A).
fn long_key(user: &[u8], wrapped: &[u8], revision: usize) -> Option<Vec<u8>> {
    let hash = |salt: &[u8]| if revision == 5 { Sha256::digest(salt).to_vec() } else { hardened(salt) };
    let (stated, validation, salt) = (user.get(..32)?, user.get(32..40)?, user.get(40..48)?);
    if hash(validation) != stated {
        return None;
    }
    let cipher = Aes256::new_from_slice(&hash(salt)).ok()?;
    Some(chained(wrapped.get(..32)?, [0; BLOCK], |block| cipher.decrypt_block(block)))
}

/// The hash of revision 6 (algorithm 2.B), of the empty password.
fn hardened(salt: &[u8]) -> Vec<u8> {
    let mut key = Sha256::digest(salt).to_vec();
    for round in 0.. {
        let (Some(first), Some(second)) = (key.get(..BLOCK), key.get(BLOCK..2 * BLOCK)) else { break };
        let Ok(cipher) = Aes128::new_from_slice(first) else { break };
        let mut carry: [u8; BLOCK] = second.try_into().unwrap_or_default();
        let mut encrypted = key.repeat(64);
        for piece in encrypted.chunks_exact_mut(BLOCK) {
            piece.iter_mut().zip(carry).for_each(|(byte, carried)| *byte ^= carried);
            let mut block = Array::default();
            block.copy_from_slice(piece);
            cipher.encrypt_block(&mut block);
            piece.copy_from_slice(&block);
            carry = block.into();
        }
        let rest = encrypted.iter().take(BLOCK).map(|byte| u32::from(*byte)).sum::<u32>() % 3;
        key = match rest {
            0 => Sha256::digest(&encrypted).to_vec(),
            1 => Sha384::digest(&encrypted).to_vec(),
            _ => Sha512::digest(&encrypted).to_vec(),
        };
        let last = encrypted.last().copied().unwrap_or_default();
        if round >= 63 && i32::from(last) <= round - 31 {
            break;
        }
    }
    key.truncate(32);
    key
}

fn rc4(key: &[u8], bytes: &[u8]) -> Vec<u8> {
    let mut state: [u8; 256] = std::array::from_fn(|at| u8::try_from(at).unwrap_or_default());
    let at = |state: &[u8; 256], index: u8| state.get(usize::from(index)).copied().unwrap_or_default();
    let mut second = 0_u8;
    for (first, byte) in (0..=255_u8).zip(key.iter().cycle()) {
        second = second.wrapping_add(at(&state, first)).wrapping_add(*byte);
        state.swap(usize::from(first), usize::from(second));
    }
    let (mut first, mut second) = (0_u8, 0_u8);
    let stream = |byte: &u8| {
        first = first.wrapping_add(1);
        second = second.wrapping_add(at(&state, first));
        state.swap(usize::from(first), usize::from(second));
        byte ^ at(&state, at(&state, first).wrapping_add(at(&state, second)))
    };
    bytes.iter().map(stream).collect()
}

/// AES with its start in front and its padding behind. Nothing where it is no such thing.
fn aes(key: &[u8], bytes: &[u8]) -> Vec<u8> {
    let Some((start, rest)) = bytes.split_first_chunk::<BLOCK>() else { return Vec::new() };
    let mut plain = match (Aes128::new_from_slice(key), Aes256::new_from_slice(key)) {
        (Ok(cipher), _) => chained(rest, *start, |block| cipher.decrypt_block(block)),
        (_, Ok(cipher)) => chained(rest, *start, |block| cipher.decrypt_block(block)),
        _ => return Vec::new(),
    };
    let padding = plain.last().map_or(0, |last| usize::from(*last));
    if (1..=BLOCK).contains(&padding) {
        plain.truncate(plain.len().saturating_sub(padding));
    }
    plain
}

/// Cipher block chaining; a piece of a block at the end is left out.
fn chained(bytes: &[u8], start: [u8; BLOCK], decrypt: impl Fn(&mut aes::Block)) -> Vec<u8> {
    let mut plain = Vec::with_capacity(bytes.len());
    let mut carry = start;
    for piece in bytes.chunks_exact(BLOCK) {
        let mut block = Array::default();
        block.copy_from_slice(piece);
        decrypt(&mut block);
        plain.extend(block.iter().zip(carry).map(|(byte, carried)| byte ^ carried));
        carry.copy_from_slice(piece);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ciphers_give_what_their_standards_say() {
        assert_eq!(rc4(b"Key", b"Plaintext"), [0xBB, 0xF3, 0x16, 0xE8, 0xD9, 0x40, 0xAF, 0x0A, 0xD3]);
        // FIPS 197, C.1, behind a start of zeros.
        let key: Vec<u8> = (0..16).collect();
        let block = [0x69, 0xC4, 0xE0, 0xD8, 0x6A, 0x7B, 0x04, 0x30, 0xD8, 0xCD, 0xB7, 0x80, 0x70, 0xB4, 0xC5, 0x5A];
        let plain: Vec<u8> = (0..16_u8).map(|n| n * 0x11).collect();
        assert_eq!(aes(&key, &[[0; 16], block].concat()), plain);
        assert_eq!(aes(&key, b"short"), b"");
        assert_eq!(aes(b"no key", &[0; 32]), b"");
    }
}
