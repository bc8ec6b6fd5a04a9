//! Secure electronic seals (安全电子印章): GB/T 38540-2020 (version 4, 5) and GM/T 0031-2014 (version 1).
//!
//! ```text
//! 4, 5: SEQ { info, maker certificate, OID, BIT STRING }                  signed: info
//! 1:    SEQ { info, SEQ { maker certificate, OID, BIT STRING } }          signed: SEQ { info, certificate, OID }
//! info: SEQ { SEQ { "ES", version, vendor }, id,
//!             SEQ { kind, name, [kind of list,] list, made, valid from, valid to }, SEQ { "png", picture, width, height }, … }
//! ```

use std::borrow::Cow;

use jiff::Timestamp;

use crate::certificate::of_field;
use crate::der::{BITS, DerFault, INTEGER, OCTETS, OID, Reader, SEQUENCE, Value, sequence};
use crate::finding::Listing;
use crate::limits::LISTED;
use crate::name::next_text;
use crate::{sm2sm3, time};

/// A seal, as far as it is proved or shown.
#[derive(Debug)]
pub(crate) struct Seal<'a> {
    /// All its bytes.
    pub whole: &'a [u8],
    pub version: u32,
    pub vendor: String,
    pub id: String,
    pub name: String,
    pub list: List<'a>,
    pub created: Option<Timestamp>,
    pub valid_from: Option<Timestamp>,
    pub valid_to: Option<Timestamp>,
    /// `png`, `ofd` and the like.
    pub picture: String,
    /// Millimetres.
    pub width: u32,
    /// Millimetres.
    pub height: u32,
    pub maker: Maker<'a>,
    /// What the maker signed.
    pub signed: Cow<'a, [u8]>,
}

/// Who made a seal (制章人), and his signature.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Maker<'a> {
    pub certificate: &'a [u8],
    pub algorithm: &'a [u8],
    pub signature: &'a [u8],
}

/// Who may use a seal.
#[derive(Debug)]
pub(crate) enum List<'a> {
    /// By certificate.
    Certificates(Vec<&'a [u8]>),
    /// By SM3 of the certificate.
    Digests(Vec<&'a [u8]>),
    /// Of a kind that is not known.
    Unknown,
}

impl<'a> Seal<'a> {
    /// Reads a seal.
    pub fn read(value: Value<'a>) -> Result<Self, DerFault> {
        if value.tag != SEQUENCE {
            return Err(DerFault::Type);
        }
        let mut parts = value.parts();
        let info = parts.of(SEQUENCE)?;
        let mut ahead = parts;
        ahead.value()?;
        let (maker, signed) = if ahead.is_empty() {
            let mut fields = parts.of(SEQUENCE)?.parts();
            let mut covered = fields;
            let maker = Maker::read(&mut fields)?;
            let signed = sequence(&[info.whole, covered.value()?.whole, covered.value()?.whole]);
            (maker, Cow::Owned(signed))
        } else {
            (Maker::read(&mut parts)?, Cow::Borrowed(info.whole))
        };
        Self::of(value.whole, info, maker, signed)
    }

    fn of(whole: &'a [u8], info: Value<'a>, maker: Maker<'a>, signed: Cow<'a, [u8]>) -> Result<Self, DerFault> {
        let mut fields = info.parts();
        let mut header = fields.of(SEQUENCE)?.parts();
        let mark = next_text(&mut header)?;
        if mark != "ES" {
            return Err(DerFault::Value);
        }
        let version = header.of(INTEGER)?.small()?;
        let vendor = next_text(&mut header)?;
        let id = next_text(&mut fields)?;
        let mut property = fields.of(SEQUENCE)?.parts();
        property.of(INTEGER)?;
        let name = next_text(&mut property)?;
        let list = List::read(&mut property)?;
        let mut moment = || property.value().ok().and_then(|value| time::of_value(value).ok());
        let (created, valid_from, valid_to) = (moment(), moment(), moment());
        let mut drawing = fields.of(SEQUENCE)?.parts();
        let picture = next_text(&mut drawing)?;
        drawing.of(OCTETS)?;
        let (width, height) = (drawing.of(INTEGER)?.small()?, drawing.of(INTEGER)?.small()?);
        Ok(Self { whole, version, vendor, id, name, list, created, valid_from, valid_to, picture, width, height, maker, signed })
    }

    /// Whether this certificate, or its digest, is in the list.
    pub fn lists(&self, certificate: &[u8]) -> bool {
        match &self.list {
            List::Certificates(listed) => listed.contains(&certificate),
            List::Digests(listed) => listed.contains(&&sm2sm3::digest(&[certificate])[..]),
            List::Unknown => false,
        }
    }
}

impl<'a> Maker<'a> {
    /// Nothing may follow.
    fn read(parts: &mut Reader<'a>) -> Result<Self, DerFault> {
        let certificate = of_field(parts)?;
        let algorithm = algorithm(parts)?;
        let signature = parts.of(BITS)?.bits()?;
        parts.end()?;
        Ok(Self { certificate, algorithm, signature })
    }
}

/// An object identifier, alone or as AlgorithmIdentifier.
pub(crate) fn algorithm<'a>(parts: &mut Reader<'a>) -> Result<&'a [u8], DerFault> {
    let value = parts.value()?;
    match value.tag {
        OID => Ok(value.body),
        SEQUENCE => Ok(value.parts().of(OID)?.body),
        _ => Err(DerFault::Type),
    }
}

impl<'a> List<'a> {
    fn read(property: &mut Reader<'a>) -> Result<Self, DerFault> {
        const CERTIFICATES: u32 = 1;
        const DIGESTS: u32 = 2;
        // GM/T 0031 knows certificates alone and does not say so.
        let kind = property.optional(INTEGER)?.map_or(Ok(CERTIFICATES), Value::small)?;
        let mut entries = property.of(SEQUENCE)?.parts();
        let mut found = Vec::new();
        while !entries.is_empty() {
            let entry = entries.value()?;
            if found.len() == LISTED {
                return Err(DerFault::Value);
            }
            match (kind, entry.tag) {
                (DIGESTS, SEQUENCE) => {
                    let mut pair = entry.parts();
                    next_text(&mut pair)?;
                    found.push(pair.of(OCTETS)?.body);
                }
                (CERTIFICATES, SEQUENCE) => found.push(entry.whole),
                // Anything else is no certificate and no digest, and equals none.
                _ => found.push(entry.body),
            }
        }
        Ok(match kind {
            CERTIFICATES => Self::Certificates(found),
            DIGESTS => Self::Digests(found),
            _ => Self::Unknown,
        })
    }

    /// How the seal lists, and how many.
    pub fn listing(&self) -> Option<(Listing, usize)> {
        match self {
            Self::Certificates(listed) => Some((Listing::Certificates, listed.len())),
            Self::Digests(listed) => Some((Listing::Digests, listed.len())),
            Self::Unknown => None,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may panic and says what it skipped")]

    use std::path::Path;

    use super::*;
    use crate::certificate::Certificate;
    use crate::check::seal::{maker, signer_listed};
    use crate::finding::{Outcome, Reason};

    /// Seals of others, where they are at hand.
    #[test]
    fn published_seals_of_every_version_are_proved() {
        let home = Path::new(env!("CARGO_MANIFEST_DIR"));
        let found = home.ancestors().map(|folder| folder.join("shared/samples/ofdrw/seals")).find(|folder| folder.is_dir());
        let Some(folder) = found else { return eprintln!("skipped: no samples beside {}", home.display()) };
        for (name, version, title, held) in [
            ("UserV1.esl", 1, "OFDRW测试用印章", true),
            ("UserV4.esl", 4, "OFD R&W 测试用印章", true),
            // Made in 2026 under a maker's certificate of 2020 to 2022.
            ("UserV5.esl", 5, "OFD R&W V5测试用印章", false),
        ] {
            let bytes = std::fs::read(folder.join(name)).unwrap();
            let seal = Seal::read(Value::only(&bytes).unwrap()).unwrap();
            assert_eq!((seal.version, seal.name.as_str(), seal.picture.as_str(), seal.width), (version, title, "PNG", 40));
            let certificate = Certificate::read(seal.maker.certificate);
            assert_eq!(certificate.as_ref().unwrap().signed(&seal.signed, seal.maker.signature), Some(true), "{name}");
            let (outcome, reason) = maker(&seal, &certificate, None);
            assert_eq!(outcome == Outcome::Pass, held, "{name}: {reason:?}");
            assert!(held || matches!(reason, Reason::MakerNotValid(_)));
            let List::Certificates(listed) = &seal.list else { unreachable!("a list of certificates") };
            assert_eq!(signer_listed(&seal, listed.first().unwrap()).0, Outcome::Pass);
        }
    }
}
