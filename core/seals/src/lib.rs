//! Proves electronic seals (电子印章) and digital signatures of OFD documents offline: digests of the parts, the signature,
//! the seal and its maker, who may use it, periods of validity, the certificate chain, and what all that does not cover.
//!
//! ```text
//! Parts ──► examine ──► Examination ─┬─ signatures: facts (who, with which seal, when)
//!                                    └─ findings(&Trust): one Finding a check, each with its reason
//! ```
//!
//! Reads the containers of OFD (GB/T 33190-2016, clause 18) and of its integrity protection (GM/T 0099), seals and
//! signatures of GB/T 38540-2020 (version 4, and 5 with a time stamp) and GM/T 0031-2014 (version 1), signed data of
//! GM/T 0010 and plain SM2 values of GM/T 0009. Nothing is fetched: whether a certificate was revoked is not known here.
//!
//! Every byte is hostile: lengths, depths and counts are bounded, nothing recurses, what cannot be read says why.

mod certificate;
mod chain;
mod check;
mod der;
mod entries;
mod examine;
mod finding;
mod limits;
mod manifest;
mod markup;
mod name;
mod oid;
mod parts;
mod pem;
mod seal;
mod signed_data;
mod signed_value;
mod signer;
mod sm2sm3;
mod time;
mod trust;

pub use certificate::{CertificateFault, Holder};
pub use examine::{Examination, Examined, Form, SealFacts, SignatureFacts, examine};
pub use finding::{Bearer, Check, Finding, Listing, Outcome, Period, Reason};
pub use parts::{PartFault, Parts};
pub use signed_value::Malformed;
pub use signer::{Signer, Subject, USER_ID};
pub use trust::{Trust, TrustFault};
