//! What a `SignedValue.dat` holds.
//!
//! ```text
//! 4, 5: SEQ { to sign, certificate, OID, BIT STRING, [0] time stamp (5 only) }
//!       to sign: SEQ { version, seal, time, digest BIT STRING, path, … }
//! 1:    SEQ { to sign, BIT STRING }
//!       to sign: SEQ { version, seal, time BIT STRING, digest BIT STRING, path, certificate, OID }
//! data: SEQ { OID of signed data, [0] … }       GM/T 0010
//! raw:  SEQ { r, s }                            GM/T 0009
//! ```

use jiff::Timestamp;

use crate::certificate::of_field;
use crate::der::{BITS, DerFault, INTEGER, OID, Reader, SEQUENCE, Value, context};
use crate::limits::SIGNED_VALUE_BYTES;
use crate::name::next_text;
use crate::seal::{Seal, algorithm};
use crate::signed_data::SignedData;
use crate::{sm2sm3, time};

/// Why a signature value cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// It is empty.
    #[error("empty")]
    Empty,
    /// It ends in the middle.
    #[error("cut short")]
    Truncated,
    /// Something follows behind its end.
    #[error("bytes behind the end")]
    Trailing,
    /// Encoded by rules (BER) that are legal elsewhere and not read here: not checked, which is not the same as wrong.
    #[error("BER, not DER")]
    Ber,
    /// It is none of the forms that are known.
    #[error("none of the forms that are known")]
    Unknown,
    /// A seal signature of another version than 1, 4 and 5.
    #[error("version {0} of the signature is not known")]
    Version(u32),
    /// Beyond 8 MiB.
    #[error("too large")]
    TooLarge,
}

impl From<DerFault> for Malformed {
    fn from(fault: DerFault) -> Self {
        match fault {
            DerFault::Truncated => Self::Truncated,
            DerFault::Trailing => Self::Trailing,
            DerFault::Indefinite => Self::Ber,
            DerFault::Length | DerFault::Type | DerFault::Value => Self::Unknown,
        }
    }
}

/// A signature value.
#[derive(Debug)]
pub(crate) enum SignedValue<'a> {
    /// With a seal.
    Sealed(Box<Sealed<'a>>),
    /// GM/T 0010 signed data.
    Data(Box<SignedData<'a>>),
    /// The two numbers alone.
    Raw,
}

/// A signature with a seal.
#[derive(Debug)]
pub(crate) struct Sealed<'a> {
    pub version: u32,
    pub seal: Seal<'a>,
    /// What was signed: `to sign`, all bytes.
    pub signed: &'a [u8],
    pub at: Option<Timestamp>,
    pub data_hash: &'a [u8],
    pub certificate: &'a [u8],
    pub algorithm: &'a [u8],
    pub signature: &'a [u8],
    pub time_stamp: bool,
}

impl<'a> SignedValue<'a> {
    /// Reads a signature value.
    pub fn read(bytes: &'a [u8]) -> Result<Self, Malformed> {
        if bytes.is_empty() {
            return Err(Malformed::Empty);
        }
        if bytes.len() > SIGNED_VALUE_BYTES {
            return Err(Malformed::TooLarge);
        }
        let outer = Value::only_of(SEQUENCE, bytes)?;
        match outer.parts().peek() {
            Some(SEQUENCE) => Ok(Self::Sealed(Box::new(Sealed::read(outer.parts())?))),
            Some(OID) => Ok(Self::Data(Box::new(SignedData::read(outer.parts())?))),
            Some(INTEGER) if sm2sm3::is_signature(bytes) => Ok(Self::Raw),
            _ => Err(Malformed::Unknown),
        }
    }
}

impl<'a> Sealed<'a> {
    fn read(mut parts: Reader<'a>) -> Result<Self, Malformed> {
        const TIME_STAMP: u8 = context(0);
        let signed = parts.of(SEQUENCE)?;
        let mut fields = signed.parts();
        let version = fields.of(INTEGER)?.small()?;
        if !matches!(version, 1 | 4 | 5) {
            return Err(Malformed::Version(version));
        }
        let seal = Seal::read(fields.value()?)?;
        let at = time::of_value(fields.value()?).ok();
        let data_hash = fields.of(BITS)?.bits()?;
        next_text(&mut fields)?;
        let (certificate, method) = if parts.peek() == Some(BITS) {
            (of_field(&mut fields)?, algorithm(&mut fields)?)
        } else {
            (of_field(&mut parts)?, algorithm(&mut parts)?)
        };
        let signature = parts.of(BITS)?.bits()?;
        let time_stamp = parts.optional(TIME_STAMP)?.is_some();
        parts.end()?;
        Ok(Self { version, seal, signed: signed.whole, at, data_hash, certificate, algorithm: method, signature, time_stamp })
    }
}
