//! X.509 certificates over SM2 keys (GB/T 20518), as far as seals need them.

use jiff::Timestamp;

use crate::der::{BITS, BOOLEAN, DerFault, INTEGER, OCTETS, OID, Reader, SEQUENCE, Value, context};
use crate::limits::{CERTIFICATE_BYTES, EXTENSIONS};
use crate::name::{self, Name};
use crate::{oid, sm2sm3, time};

/// A certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Certificate {
    /// All its bytes.
    pub encoded: Vec<u8>,
    /// What the issuer signed, as a range of `encoded`.
    body: (usize, usize),
    pub serial: Vec<u8>,
    pub issuer: Name,
    pub subject: Name,
    pub not_before: Timestamp,
    pub not_after: Timestamp,
    pub key: Key,
    algorithm: Vec<u8>,
    signature: Vec<u8>,
    pub extensions: Extensions,
}

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// A point of the SM2 curve (SEC 1).
    Sm2(Vec<u8>),
    /// Another algorithm, in dotted form.
    Other(String),
}

/// What its extensions say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extensions {
    /// basicConstraints: may issue certificates.
    pub authority: bool,
    /// basicConstraints: most authorities between this one and the signer.
    pub path_length: Option<u32>,
    /// keyUsage; none when it is not restricted.
    pub usage: Option<Usage>,
    subject_key: Vec<u8>,
    authority_key: Vec<u8>,
    /// 税号; empty when there is none.
    pub taxation_number: String,
    /// A critical extension that is not understood here, in dotted form.
    pub not_understood: Option<String>,
}

/// keyUsage (RFC 5280, 4.2.1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Usage {
    /// digitalSignature or nonRepudiation.
    pub signs_documents: bool,
    /// keyCertSign.
    pub signs_certificates: bool,
}

/// Why a certificate cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateFault {
    /// Not an X.509 certificate in DER.
    #[error("not an X.509 certificate")]
    Malformed,
    /// Beyond 64 KiB.
    #[error("the certificate is too large")]
    TooLarge,
    /// Its key is not of SM2.
    #[error("the certificate's key is not an SM2 key")]
    NotSm2,
}

/// Whose certificate it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Common name of the subject (使用者).
    pub subject: String,
    /// `CN=…, OU=…, O=…` of the subject.
    pub subject_full: String,
    /// Common name of the issuer (颁发者).
    pub issuer: String,
    /// `CN=…, OU=…, O=…` of the issuer.
    pub issuer_full: String,
    /// Serial number, lower-case hexadecimal.
    pub serial: String,
    /// Start of the validity.
    pub not_before: Timestamp,
    /// End of the validity.
    pub not_after: Timestamp,
}

impl Certificate {
    /// Reads a certificate.
    pub fn read(encoded: &[u8]) -> Result<Self, CertificateFault> {
        if encoded.len() > CERTIFICATE_BYTES {
            return Err(CertificateFault::TooLarge);
        }
        Self::parse(encoded).map_err(|_| CertificateFault::Malformed)
    }

    fn parse(encoded: &[u8]) -> Result<Self, DerFault> {
        let outer = Value::only_of(SEQUENCE, encoded)?;
        let mut parts = outer.parts();
        let body = parts.of(SEQUENCE)?;
        let algorithm = algorithm(parts.of(SEQUENCE)?)?.to_vec();
        let signature = parts.of(BITS)?.bits()?.to_vec();
        parts.end()?;

        let mut fields = body.parts();
        fields.optional(context(0))?;
        let serial = fields.of(INTEGER)?.body.to_vec();
        let inner = self::algorithm(fields.of(SEQUENCE)?)?;
        if inner != algorithm {
            return Err(DerFault::Value);
        }
        let issuer = Name::read(fields.value()?)?;
        let mut validity = fields.of(SEQUENCE)?.parts();
        let not_before = time::of_value(validity.value()?)?;
        let not_after = time::of_value(validity.value()?)?;
        let subject = Name::read(fields.value()?)?;
        let key = Key::read(fields.of(SEQUENCE)?)?;
        // issuerUniqueID and subjectUniqueID say nothing here.
        fields.optional(0x81)?;
        fields.optional(0x82)?;
        let extensions = match fields.optional(context(3))? {
            Some(wrapper) => Extensions::read(Value::only_of(SEQUENCE, wrapper.body)?)?,
            None => Extensions::default(),
        };
        fields.end()?;
        let start = outer.whole.len() - outer.body.len();
        let body = (start, start + body.whole.len());
        let encoded = encoded.to_vec();
        Ok(Self { encoded, body, serial, issuer, subject, not_before, not_after, key, algorithm, signature, extensions })
    }

    /// Whether the key made `signature` over `message`; none when the key is not of SM2.
    pub fn signed(&self, message: &[u8], signature: &[u8]) -> Option<bool> {
        match &self.key {
            Key::Sm2(point) => Some(sm2sm3::holds(point, message, signature)),
            Key::Other(_) => None,
        }
    }

    /// Whether the key of `issuer` signed this certificate; none when that cannot be tried.
    pub fn issued_by(&self, issuer: &Self) -> Option<bool> {
        if self.algorithm != oid::SM2_WITH_SM3 {
            return None;
        }
        let body = self.encoded.get(self.body.0..self.body.1)?;
        issuer.signed(body, &self.signature)
    }

    /// The algorithm with which it is signed, in dotted form.
    pub fn algorithm(&self) -> String {
        oid::dotted(&self.algorithm)
    }

    /// Whether `issuer` is named as this certificate's issuer.
    pub fn names(&self, issuer: &Self) -> bool {
        let (mine, theirs) = (&self.extensions.authority_key, &issuer.extensions.subject_key);
        self.issuer.encoded == issuer.subject.encoded && (mine.is_empty() || theirs.is_empty() || mine == theirs)
    }

    /// Subject and issuer are the same.
    pub fn is_self_issued(&self) -> bool {
        self.issuer.encoded == self.subject.encoded
    }

    /// For people.
    pub fn holder(&self) -> Holder {
        Holder {
            subject: self.subject.short.clone(),
            subject_full: self.subject.full.clone(),
            issuer: self.issuer.short.clone(),
            issuer_full: self.issuer.full.clone(),
            serial: self.serial.iter().take(32).map(|byte| format!("{byte:02x}")).collect(),
            not_before: self.not_before,
            not_after: self.not_after,
        }
    }
}

/// The object identifier of an AlgorithmIdentifier.
fn algorithm(value: Value<'_>) -> Result<&[u8], DerFault> {
    Ok(value.parts().of(OID)?.body)
}

impl Key {
    fn read(value: Value<'_>) -> Result<Self, DerFault> {
        let mut parts = value.parts();
        let mut kind = parts.of(SEQUENCE)?.parts();
        let name = kind.of(OID)?.body;
        let curve = if kind.is_empty() { None } else { Some(kind.value()?) };
        let point = parts.of(BITS)?.bits()?;
        parts.end()?;
        let curve = curve.filter(|value| value.tag == OID).map(|value| value.body);
        Ok(match (name, curve) {
            (oid::EC_PUBLIC_KEY, Some(oid::SM2)) | (oid::SM2, _) => Self::Sm2(point.to_vec()),
            (oid::EC_PUBLIC_KEY, Some(curve)) => Self::Other(oid::dotted(curve)),
            (name, _) => Self::Other(oid::dotted(name)),
        })
    }
}

impl Extensions {
    fn read(list: Value<'_>) -> Result<Self, DerFault> {
        let mut found = Self::default();
        let mut extensions = list.parts();
        let mut count = 0;
        while !extensions.is_empty() {
            count += 1;
            if count > EXTENSIONS {
                return Err(DerFault::Value);
            }
            let mut parts = extensions.of(SEQUENCE)?.parts();
            let name = parts.of(OID)?.body;
            let critical = parts.optional(BOOLEAN)?.map_or(Ok(false), Value::truth)?;
            let content = parts.of(OCTETS)?.body;
            parts.end()?;
            found.take(name, critical, content)?;
        }
        Ok(found)
    }

    fn take(&mut self, name: &[u8], critical: bool, content: &[u8]) -> Result<(), DerFault> {
        match name {
            oid::BASIC_CONSTRAINTS => {
                let mut parts = Value::only_of(SEQUENCE, content)?.parts();
                self.authority = parts.optional(BOOLEAN)?.map_or(Ok(false), Value::truth)?;
                self.path_length = parts.optional(INTEGER)?.map(Value::small).transpose()?;
                parts.end()?;
            }
            oid::KEY_USAGE => self.usage = Some(Usage::read(content)?),
            oid::SUBJECT_KEY_ID => self.subject_key = Value::only_of(OCTETS, content)?.body.to_vec(),
            oid::AUTHORITY_KEY_ID => {
                let mut parts = Value::only_of(SEQUENCE, content)?.parts();
                self.authority_key = parts.optional(0x80)?.map(|id| id.body.to_vec()).unwrap_or_default();
            }
            oid::TAXATION_NUMBER => {
                // It says who, and proves nothing: what cannot be read is left out.
                self.taxation_number = Value::only(content).map(name::text).unwrap_or_default();
            }
            name if critical && !oid::HARMLESS.contains(&name) => {
                self.not_understood.get_or_insert_with(|| oid::dotted(name));
            }
            _ => {}
        }
        Ok(())
    }
}

impl Usage {
    fn read(content: &[u8]) -> Result<Self, DerFault> {
        let [unused, flags @ ..] = Value::only_of(BITS, content)?.body else { return Err(DerFault::Value) };
        if *unused > 7 {
            return Err(DerFault::Value);
        }
        let first = flags.first().copied().unwrap_or_default();
        Ok(Self { signs_documents: first & 0b1100_0000 != 0, signs_certificates: first & 0b0000_0100 != 0 })
    }
}

/// The certificate in a field of a seal: an OCTET STRING around it, or, in some products, the certificate itself.
pub(crate) fn of_field<'a>(parts: &mut Reader<'a>) -> Result<&'a [u8], DerFault> {
    let value = parts.value()?;
    match value.tag {
        OCTETS => Ok(value.body),
        SEQUENCE => Ok(value.whole),
        _ => Err(DerFault::Type),
    }
}
