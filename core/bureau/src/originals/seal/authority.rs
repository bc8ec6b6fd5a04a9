//! The sandbox's certificate authority: a root, the maker of seals (制章人), and a signer for each region.

use sm2::SecretKey;
use sm2::dsa::signature::{Error, Signer as _};
use sm2::dsa::{Signature, SigningKey};

use super::certificate::{self, Name, Role};
use super::der;
use crate::originals::digest::sm3;

/// User id that GM/T 0009 sets where an application names none.
const USER_ID: &str = "1234567812345678";

/// GM/T 0006 object identifiers.
const SM3: &str = "1.2.156.10197.1.401";
const DATA: &str = "1.2.156.10197.6.1.4.2.1";
const SIGNED_DATA: &str = "1.2.156.10197.6.1.4.2.2";

/// A key with the certificate over it.
pub(in crate::originals) struct Signer {
    key: SigningKey,
    name: Name,
    issuer: Name,
    serial: Vec<u8>,
    certificate: Vec<u8>,
}

/// Root of the sandbox and the maker of its seals.
pub(in crate::originals) struct Authority {
    seed: u64,
    root: Signer,
    maker: Signer,
}

impl Authority {
    /// The authority whose keys follow from `seed`.
    pub(in crate::originals) fn new(seed: u64) -> Result<Self, Error> {
        let name = Name::new("票匣沙箱", "票匣沙箱测试CA");
        let key = derive(seed, "root")?;
        let serial = serial(seed, "root");
        let certificate = certificate::issue(&name, &key, &name, &key, &serial, Role::Root)?;
        let root = Signer { key, name: name.clone(), issuer: name, serial, certificate };
        let maker = root.issue(seed, "maker", Name::new("票匣沙箱", "票匣沙箱测试 电子印章制作系统"))?;
        Ok(Self { seed, root, maker })
    }

    /// The root's certificate, DER.
    pub(in crate::originals) fn root_certificate(&self) -> &[u8] {
        &self.root.certificate
    }

    /// Who makes and signs the seals.
    pub(super) fn maker(&self) -> &Signer {
        &self.maker
    }

    /// A signer of this common name; `purpose` tells its key from the others.
    pub(super) fn signer(&self, common_name: &str, purpose: &str) -> Result<Signer, Error> {
        self.root.issue(self.seed, purpose, Name::new("票匣沙箱", common_name))
    }
}

impl Signer {
    fn issue(&self, seed: u64, purpose: &str, name: Name) -> Result<Self, Error> {
        let key = derive(seed, purpose)?;
        let serial = serial(seed, purpose);
        let certificate = certificate::issue(&self.name, &self.key, &name, &key, &serial, Role::Holder)?;
        Ok(Self { key, name, issuer: self.name.clone(), serial, certificate })
    }

    /// The certificate, X.509 in DER.
    pub(in crate::originals) fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// SM2 signature with SM3 over a message, as `SEQUENCE { r, s }`. The one-time number follows from key and message
    /// (RFC 6979), so the same message has the same signature.
    pub(in crate::originals) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        sign(&self.key, message)
    }

    /// Detached GM/T 0010 SignedData over a message, naming the certificate by issuer and serial number.
    pub(in crate::originals) fn signed_data(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let digest = der::sequence(&[&der::oid(SM3), &der::null()]);
        let one = der::integer(&[1]);
        let signer = der::sequence(&[
            &one,
            &der::sequence(&[&self.issuer.encode(), &der::integer(&self.serial)]),
            &digest,
            &der::sequence(&[&der::oid(certificate::SM2_SM3), &der::null()]),
            &der::octets(&self.sign(message)?),
        ]);
        let content = der::sequence(&[&one, &der::set(&digest), &der::sequence(&[&der::oid(DATA)]), &der::set(&signer)]);
        Ok(der::sequence(&[&der::oid(SIGNED_DATA), &der::explicit(0, &content)]))
    }
}

pub(super) fn sign(key: &SigningKey, message: &[u8]) -> Result<Vec<u8>, Error> {
    let signature: Signature = key.try_sign(message)?;
    Ok(der::sequence(&[&der::integer(&signature.r_bytes()), &der::integer(&signature.s_bytes())]))
}

/// The key for a purpose. One candidate in 2^32 is no valid key; then the next is taken.
fn derive(seed: u64, purpose: &str) -> Result<SigningKey, Error> {
    let candidate = |round: u8| SecretKey::from_slice(&sm3(&[b"piaoxia sandbox key", &seed.to_be_bytes(), purpose.as_bytes(), &[round]]));
    let secret = (0..=u8::MAX).find_map(|round| candidate(round).ok()).ok_or_else(Error::new)?;
    SigningKey::new(USER_ID, &secret)
}

/// Eight bytes, positive and not zero.
fn serial(seed: u64, purpose: &str) -> Vec<u8> {
    let digest = sm3(&[b"piaoxia sandbox serial", &seed.to_be_bytes(), purpose.as_bytes()]);
    std::iter::once(0x50).chain(digest.into_iter().take(7)).collect()
}
