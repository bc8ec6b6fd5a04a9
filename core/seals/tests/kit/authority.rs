//! Keys and certificates of people who do not exist.

use sm2::SecretKey;
use sm2::dsa::signature::Signer as _;
use sm2::dsa::{Signature, SigningKey};

use super::der;

pub const USER_ID: &str = "1234567812345678";
pub const SM2_SM3: &str = "1.2.156.10197.1.501";

/// A key and the certificate over it.
#[derive(Clone)]
pub struct Person {
    pub name: String,
    pub issuer: String,
    pub serial: u8,
    pub seed: u8,
    pub certificate: Vec<u8>,
}

/// How a certificate is made.
#[derive(Clone)]
pub struct Wish {
    pub from: &'static str,
    pub to: &'static str,
    /// Some for an authority, with the most authorities below it.
    pub authority: Option<Option<u8>>,
    /// Bits of keyUsage.
    pub usage: u8,
    /// A further critical extension.
    pub condition: Option<&'static str>,
}

impl Default for Wish {
    fn default() -> Self {
        Self { from: "150101000000Z", to: "351231235959Z", authority: None, usage: 0b1100_0000, condition: None }
    }
}

impl Wish {
    pub fn authority() -> Self {
        Self { authority: Some(None), usage: 0b0000_0110, ..Self::default() }
    }
}

impl Person {
    /// A root.
    pub fn root(name: &str, seed: u8) -> Self {
        Self::root_as(name, seed, &Wish::authority())
    }

    pub fn root_as(name: &str, seed: u8, wish: &Wish) -> Self {
        let mut root = Self { name: name.to_owned(), issuer: name.to_owned(), serial: seed, seed, certificate: Vec::new() };
        root.certificate = root.certify(&root, wish);
        root
    }

    /// Someone with a certificate of this issuer.
    pub fn issue(&self, name: &str, seed: u8, wish: &Wish) -> Self {
        let mut person = Self { name: name.to_owned(), issuer: self.name.clone(), serial: seed, seed, certificate: Vec::new() };
        person.certificate = self.certify(&person, wish);
        person
    }

    fn certify(&self, subject: &Self, wish: &Wish) -> Vec<u8> {
        let algorithm = der::sequence(&[&der::oid(SM2_SM3), &der::value(5, &[])]);
        let kind = der::sequence(&[&der::oid("1.2.840.10045.2.1"), &der::oid("1.2.156.10197.1.301")]);
        let body = der::sequence(&[
            &der::context(0, &der::integer(&[2])),
            &der::integer(&[subject.serial]),
            &algorithm,
            &name(&self.name),
            &der::sequence(&[&der::time(wish.from), &der::time(wish.to)]),
            &name(&subject.name),
            &der::sequence(&[&kind, &der::bits(&subject.point())]),
            &der::context(3, &extensions(wish)),
        ]);
        der::sequence(&[&body, &algorithm, &der::bits(&self.sign(&body))])
    }

    pub fn key(&self, user: &str) -> SigningKey {
        let mut secret = [self.seed; 32];
        secret[0] = 1;
        SigningKey::new(user, &SecretKey::from_slice(&secret).unwrap()).unwrap()
    }

    pub fn point(&self) -> Vec<u8> {
        self.key(USER_ID).verifying_key().to_sec1_bytes().to_vec()
    }

    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.sign_as(USER_ID, message)
    }

    pub fn sign_as(&self, user: &str, message: &[u8]) -> Vec<u8> {
        let signature: Signature = self.key(user).sign(message);
        der::sequence(&[&der::integer(&signature.r_bytes()), &der::integer(&signature.s_bytes())])
    }

    /// GM/T 0010 signed data; `attributes` signs attributes in place of the content.
    pub fn signed_data(&self, content: &[u8], inside: bool, attributes: bool) -> Vec<u8> {
        let digest = der::sequence(&[&der::oid("1.2.156.10197.1.401")]);
        let hash = super::sm3(content);
        let attribute = |kind: &str, value: &[u8]| der::sequence(&[&der::oid(kind), &der::set(&[value])]);
        let list = [
            attribute("1.2.840.113549.1.9.3", &der::oid("1.2.156.10197.6.1.4.2.1")),
            attribute("1.2.840.113549.1.9.4", &der::octets(&hash)),
        ]
        .concat();
        let (message, tagged) = if attributes { (der::set(&[&list]), der::context(0, &list)) } else { (content.to_vec(), Vec::new()) };
        let signer = der::sequence(&[
            &der::integer(&[1]),
            &der::sequence(&[&name(&self.issuer), &der::integer(&[self.serial])]),
            &digest,
            &tagged,
            &der::sequence(&[&der::oid("1.2.156.10197.1.301.1")]),
            &der::octets(&self.sign(&message)),
        ]);
        let inner = if inside { der::context(0, &der::octets(content)) } else { Vec::new() };
        let data = der::sequence(&[
            &der::integer(&[1]),
            &der::set(&[&digest]),
            &der::sequence(&[&der::oid("1.2.156.10197.6.1.4.2.1"), &inner]),
            &der::context(0, &self.certificate),
            &der::set(&[&signer]),
        ]);
        der::sequence(&[&der::oid("1.2.156.10197.6.1.4.2.2"), &der::context(0, &data)])
    }
}

pub fn name(common: &str) -> Vec<u8> {
    let part = |oid: &str, text: &[u8]| der::set(&[&der::sequence(&[&der::oid(oid), text])]);
    der::sequence(&[&part("2.5.4.6", &der::value(0x13, b"CN")), &part("2.5.4.3", &der::utf8(common))])
}

fn extensions(wish: &Wish) -> Vec<u8> {
    let constraints = match wish.authority {
        Some(length) => {
            let length = length.map(|most| der::integer(&[most])).unwrap_or_default();
            der::sequence(&[&der::value(1, &[0xFF]), &length])
        }
        None => der::sequence(&[]),
    };
    let extension = |oid: &str, content: &[u8]| der::sequence(&[&der::oid(oid), &der::value(1, &[0xFF]), &der::octets(content)]);
    let condition = wish.condition.map(|oid| extension(oid, &[0x05, 0x00])).unwrap_or_default();
    der::sequence(&[&extension("2.5.29.19", &constraints), &extension("2.5.29.15", &der::value(3, &[1, wish.usage])), &condition])
}
