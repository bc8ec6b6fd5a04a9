//! The cryptography: wrapping the vault key, keys derived from it, sealed records.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::cost::KEY;
use crate::error::{Result, VaultError};

/// Bytes of a nonce; long enough to be chosen at random each time.
pub(crate) const NONCE: usize = 24;
/// Bytes of a record's id and of the vault's.
pub(crate) const ID: usize = 16;
/// Bytes of the seal over the whole vault.
pub(crate) const SEAL: usize = 32;

/// The only algorithm so far. A byte in each envelope keeps the place for another, such as SM4-GCM (RFC 8998).
pub(crate) const XCHACHA20_POLY1305: u8 = 1;

/// The key that everything hangs on, and the three keys that are derived from it.
pub(crate) struct VaultKey {
    whole: Zeroizing<[u8; KEY]>,
    records: Zeroizing<[u8; KEY]>,
    names: Zeroizing<[u8; KEY]>,
    seal: Zeroizing<[u8; KEY]>,
}

impl VaultKey {
    pub(crate) fn random() -> Result<Box<Self>> {
        let bytes = Zeroizing::new(rand::random());
        Self::new(&bytes)
    }

    /// On the heap, so that moving it leaves no copy behind.
    pub(crate) fn new(whole: &[u8; KEY]) -> Result<Box<Self>> {
        let none = || Zeroizing::new([0; KEY]);
        let mut key = Box::new(Self { whole: none(), records: none(), names: none(), seal: none() });
        key.whole.copy_from_slice(whole);
        let derive = |what: &[u8], into: &mut [u8; KEY]| {
            let expanded = Hkdf::<Sha256>::new(None, whole).expand(what, into);
            expanded.map_err(|_| VaultError::Refused("no key can be derived"))
        };
        derive(b"piaoxia vault records", &mut key.records)?;
        derive(b"piaoxia vault names", &mut key.names)?;
        derive(b"piaoxia vault seal", &mut key.seal)?;
        Ok(key)
    }

    /// For the copies: wrapped by a passphrase, or kept on this PC.
    pub(crate) fn expose(&self) -> &[u8; KEY] {
        &self.whole
    }

    /// The id under which a name is kept: tells nobody the name.
    pub(crate) fn id_of(&self, name: &str) -> Result<[u8; ID]> {
        let whole = keyed(&self.names, &[name.as_bytes()])?.finalize().into_bytes();
        let mut id = [0; ID];
        id.iter_mut().zip(whole).for_each(|(to, from)| *to = from);
        Ok(id)
    }

    /// Over everything that is written: nothing can be taken out, put in or put back without the key.
    pub(crate) fn seal(&self, parts: &[&[u8]]) -> Result<[u8; SEAL]> {
        Ok(keyed(&self.seal, parts)?.finalize().into_bytes().into())
    }

    pub(crate) fn is_sealed(&self, parts: &[&[u8]], seal: &[u8; SEAL]) -> bool {
        keyed(&self.seal, parts).is_ok_and(|mac| mac.verify_slice(seal).is_ok())
    }

    pub(crate) fn encrypt(&self, plain: &[u8], bound_to: &[u8]) -> Result<([u8; NONCE], Vec<u8>)> {
        encrypt(&self.records, plain, bound_to)
    }

    pub(crate) fn decrypt(&self, nonce: &[u8; NONCE], sealed: &[u8], bound_to: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        decrypt(&self.records, nonce, sealed, bound_to)
    }
}

pub(crate) fn encrypt(key: &[u8; KEY], plain: &[u8], bound_to: &[u8]) -> Result<([u8; NONCE], Vec<u8>)> {
    let nonce: [u8; NONCE] = rand::random();
    let payload = Payload { msg: plain, aad: bound_to };
    let sealed = XChaCha20Poly1305::new(&Key::from(*key)).encrypt(&XNonce::from(nonce), payload);
    sealed.map(|sealed| (nonce, sealed)).map_err(|_| VaultError::Refused("it is too long to be encrypted"))
}

pub(crate) fn decrypt(key: &[u8; KEY], nonce: &[u8; NONCE], sealed: &[u8], bound_to: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let payload = Payload { msg: sealed, aad: bound_to };
    XChaCha20Poly1305::new(&Key::from(*key)).decrypt(&XNonce::from(*nonce), payload).ok().map(Zeroizing::new)
}

fn keyed(key: &[u8; KEY], parts: &[&[u8]]) -> Result<Hmac<Sha256>> {
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key).map_err(|_| VaultError::Refused("no code can be made"))?;
    parts.iter().for_each(|part| mac.update(part));
    Ok(mac)
}
