//! Signed data (签名数据) of GM/T 0010, the SM2 dialect of PKCS#7.

use crate::der::{DerFault, INTEGER, OCTETS, OID, Reader, SEQUENCE, SET, Value, context};
use crate::limits::CARRIED;
use crate::{oid, sm2sm3};

/// Signed data by one signer.
#[derive(Debug)]
pub(crate) struct SignedData<'a> {
    /// What is signed, where it is inside.
    pub content: Option<&'a [u8]>,
    /// The signer's certificate, where it is inside.
    pub certificate: Option<&'a [u8]>,
    pub algorithm: &'a [u8],
    pub signature: &'a [u8],
    /// Attributes that are signed in place of the content, and the digest among them.
    pub attributes: Option<Attributes<'a>>,
}

/// Signed attributes.
#[derive(Debug)]
pub(crate) struct Attributes<'a> {
    /// As they are signed.
    encoded: Vec<u8>,
    digest: Option<&'a [u8]>,
}

impl<'a> SignedData<'a> {
    /// Reads the parts of a ContentInfo.
    pub fn read(mut parts: Reader<'a>) -> Result<Self, DerFault> {
        if ![oid::SIGNED_DATA, oid::PKCS7_SIGNED_DATA].contains(&parts.of(OID)?.body) {
            return Err(DerFault::Value);
        }
        let wrapper = parts.of(context(0))?;
        parts.end()?;
        let mut fields = Value::only_of(SEQUENCE, wrapper.body)?.parts();
        fields.of(INTEGER)?;
        fields.of(SET)?;
        let content = content(fields.of(SEQUENCE)?)?;
        let carried = fields.optional(context(0))?;
        fields.optional(context(1))?;
        let signers = fields.of(SET)?;
        fields.end()?;
        // Several signers of one value do not occur; the second would be one that nobody proved.
        let signer = Value::only_of(SEQUENCE, signers.body)?;
        let mut signer = Signer::read(signer.parts())?;
        signer.value.content = content;
        if let Some(carried) = carried {
            signer.value.certificate = find(carried.parts(), signer.issuer, signer.serial)?;
        }
        Ok(signer.value)
    }

    /// What the signature is over; `file` where the content is not inside.
    pub fn signed<'m>(&'m self, file: &'m [u8]) -> &'m [u8] {
        match &self.attributes {
            Some(attributes) => &attributes.encoded,
            None => self.content.unwrap_or(file),
        }
    }

    /// Whether the content is `file`, or its digest; none when the signature is over `file` itself.
    pub fn is_of(&self, file: &[u8]) -> Option<bool> {
        let digest = sm2sm3::digest(&[file]);
        let content = self.content.map(|content| content == file || content == digest);
        let attribute = self.attributes.as_ref().map(|attributes| {
            let over = self.content.map_or(digest, |content| sm2sm3::digest(&[content]));
            attributes.digest == Some(&over)
        });
        match (content, attribute) {
            (None, None) => None,
            (content, attribute) => Some(content.unwrap_or(true) && attribute.unwrap_or(true)),
        }
    }
}

/// The octets of an inner ContentInfo.
fn content(info: Value<'_>) -> Result<Option<&[u8]>, DerFault> {
    let mut parts = info.parts();
    if ![oid::DATA, oid::PKCS7_DATA].contains(&parts.of(OID)?.body) {
        return Err(DerFault::Value);
    }
    let wrapper = parts.optional(context(0))?;
    parts.end()?;
    wrapper.map(|wrapper| Value::only_of(OCTETS, wrapper.body).map(|octets| octets.body)).transpose()
}

struct Signer<'a> {
    issuer: &'a [u8],
    serial: &'a [u8],
    value: SignedData<'a>,
}

impl<'a> Signer<'a> {
    fn read(mut parts: Reader<'a>) -> Result<Self, DerFault> {
        parts.of(INTEGER)?;
        let mut name = parts.of(SEQUENCE)?.parts();
        let (issuer, serial) = (name.of(SEQUENCE)?.whole, name.of(INTEGER)?.body);
        if parts.of(SEQUENCE)?.parts().of(OID)?.body != oid::SM3 {
            return Err(DerFault::Value);
        }
        let attributes = parts.optional(context(0))?.map(Attributes::read).transpose()?;
        let algorithm = parts.of(SEQUENCE)?.parts().of(OID)?.body;
        let signature = parts.of(OCTETS)?.body;
        // Attributes that are not signed.
        parts.optional(context(1))?;
        parts.end()?;
        Ok(Self { issuer, serial, value: SignedData { content: None, certificate: None, algorithm, signature, attributes } })
    }
}

impl<'a> Attributes<'a> {
    fn read(tagged: Value<'a>) -> Result<Self, DerFault> {
        let mut digest = None;
        let mut attributes = tagged.parts();
        while !attributes.is_empty() {
            let mut pair = attributes.of(SEQUENCE)?.parts();
            let kind = pair.of(OID)?.body;
            let values = pair.of(SET)?;
            if kind == oid::MESSAGE_DIGEST {
                digest = Some(Value::only_of(OCTETS, values.body)?.body);
            }
        }
        // They are signed as a SET, whatever tag stands for it here (RFC 2315, 9.3).
        let mut encoded = tagged.whole.to_vec();
        if let Some(tag) = encoded.first_mut() {
            *tag = SET;
        }
        Ok(Self { encoded, digest })
    }
}

/// The certificate with this issuer and serial number.
fn find<'a>(mut carried: Reader<'a>, issuer: &[u8], serial: &[u8]) -> Result<Option<&'a [u8]>, DerFault> {
    for _ in 0..CARRIED {
        if carried.is_empty() {
            break;
        }
        let certificate = carried.of(SEQUENCE)?;
        let mut body = certificate.parts().of(SEQUENCE)?.parts();
        body.optional(context(0))?;
        let found_serial = body.of(INTEGER)?.body;
        body.of(SEQUENCE)?;
        if found_serial == serial && body.of(SEQUENCE)?.whole == issuer {
            return Ok(Some(certificate.whole));
        }
    }
    Ok(None)
}
