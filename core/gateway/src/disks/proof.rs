//! Whether a disk signed a challenge, and whose it is. Everything that comes in is hostile.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use piaoxia_domain::TaxNumber;
use piaoxia_seals::Trust;
use piaoxia_service::contract::{DiskSignIn, ErrorClass, code};
use piaoxia_taxdisk::{Certificate, Refusal, verify_challenge};

use crate::connectors::Disk;
use crate::failure::{Answer, Failure};

/// Largest certificate, bytes.
const CERTIFICATE: usize = 8 << 10;
/// Largest signature, bytes; a real one has 72 at most.
const SIGNATURE: usize = 256;
/// Longest number of a device, characters.
const SERIAL: usize = 64;
/// Longest password of the platform, characters.
const PASSWORD: usize = 64;
/// Longest name of a kind of device, characters.
const KIND: usize = 32;

/// The tax number in the certificate of the disk that signed the challenge, and the disk.
///
/// # Errors
/// `badRequest` with the field, `disk.signatureWrong`, `disk.certificateExpired`, `disk.certificateNotYetValid`,
/// `disk.certificateUnknown`.
pub(super) fn examine(request: &DiskSignIn, challenge: &[u8], trust: &Trust, now: Timestamp) -> Answer<(TaxNumber, Disk)> {
    let certificate = decoded(&request.certificate, CERTIFICATE, "certificate")?;
    let signature = decoded(&request.signature, SIGNATURE, "signature")?;
    let serial = short(&request.serial, 1, SERIAL, "serial")?;
    let kind = short(&request.kind, 0, KIND, "kind")?;
    for (password, field) in [(&request.platform_password, "platformPassword"), (&request.confirmation_password, "confirmationPassword")] {
        if password.as_ref().is_some_and(|typed| !(1..=PASSWORD).contains(&typed.chars().count())) {
            return Err(Failure::bad_request(format!("not a text of 1 to {PASSWORD} characters")).field(field));
        }
    }
    verify_challenge(&certificate, challenge, &signature, trust, now).map_err(|refusal| refused(&refusal, now))?;
    let stated = Certificate::read(&certificate).ok().and_then(|certificate| certificate.tax_number());
    let tax_no = stated.ok_or_else(|| unknown("the certificate states no tax number"))?;
    Ok((tax_no, Disk { serial, kind }))
}

fn decoded(text: &str, most: usize, field: &str) -> Answer<Vec<u8>> {
    let fits = text.len() <= most.div_ceil(3) * 4;
    let bytes = if fits { STANDARD.decode(text).ok() } else { None };
    let bytes = bytes.filter(|bytes| !bytes.is_empty() && bytes.len() <= most);
    bytes.ok_or_else(|| Failure::bad_request(format!("not base64 of 1 to {most} bytes")).field(field))
}

fn short(text: &str, least: usize, most: usize, field: &str) -> Answer<String> {
    let text = text.trim();
    let fits = text.len() <= 4 * most && (least..=most).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if fits { Ok(text.to_owned()) } else { Err(Failure::bad_request(format!("not a text of {least} to {most} characters")).field(field)) }
}

fn refused(refusal: &Refusal, now: Timestamp) -> Failure {
    let message = refusal.to_string();
    match refusal {
        Refusal::Signature => Failure::new(ErrorClass::UserFix, code::DISK_SIGNATURE_WRONG, message),
        Refusal::Validity { from, .. } if now < *from => {
            Failure::new(ErrorClass::Precondition, code::DISK_CERTIFICATE_NOT_YET_VALID, message).until(*from)
        }
        Refusal::Validity { to, .. } => Failure::new(ErrorClass::Precondition, code::DISK_CERTIFICATE_EXPIRED, message).until(*to),
        Refusal::Certificate(_) | Refusal::NotForSigning | Refusal::Chain(_) => unknown(message),
    }
}

fn unknown(message: impl Into<String>) -> Failure {
    Failure::new(ErrorClass::Permission, code::DISK_CERTIFICATE_UNKNOWN, message)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;
    use piaoxia_taxdisk::sim::{Authority, SimDisk, SimIdentity, SimState};
    use proptest::prelude::*;

    #[test]
    fn sizes_are_bounded_before_anything_is_decoded() {
        assert_eq!(decoded(&STANDARD.encode([7; 256]), SIGNATURE, "x").unwrap(), [7; 256]);
        for bad in [String::new(), STANDARD.encode([7; 257]), STANDARD.encode(vec![7; 1 << 20]), "?".to_owned(), "QQ".to_owned()] {
            let failure = decoded(&bad, SIGNATURE, "signature").unwrap_err();
            assert_eq!((failure.code(), failure.error().field.as_deref()), (code::BAD_REQUEST, Some("signature")));
        }
        assert_eq!(short(" 4499 ", 1, SERIAL, "serial").unwrap(), "4499");
        for bad in ["", "  ", "a\nb", &"9".repeat(65), &"票".repeat(65)] {
            assert!(short(bad, 1, SERIAL, "serial").is_err(), "{bad:?}");
        }
    }

    fn certificate() -> Vec<u8> {
        let day = |text: &str| text.parse().unwrap();
        let identity = SimIdentity {
            serial: "4499000000001".to_owned(),
            company: "深圳票匣示例科技有限公司".to_owned(),
            tax_number: "91310115MA1K35JX4G".to_owned(),
            not_before: day("2024-01-01T00:00:00Z"),
            not_after: day("2030-01-01T00:00:00Z"),
        };
        SimDisk::new(&Authority::new(1).unwrap(), &identity, SimState::default()).unwrap().certificate().to_vec()
    }

    proptest! {
        /// Whatever comes is refused with a code of its own, and nothing panics.
        #[test]
        fn what_is_hostile_is_refused(
            flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
            cut in prop::option::of(any::<prop::sample::Index>()),
            signature in prop::collection::vec(any::<u8>(), 1..=SIGNATURE),
        ) {
            let mut bytes = certificate();
            for (place, flip) in flips {
                let place = place.index(bytes.len());
                bytes[place] ^= flip;
            }
            if let Some(cut) = cut {
                bytes.truncate(cut.index(bytes.len()));
            }
            let (trust, _) = Trust::from_certificates([Authority::new(1).unwrap().root_certificate()]);
            let request = DiskSignIn {
                challenge: String::new(),
                certificate: STANDARD.encode(bytes),
                signature: STANDARD.encode(signature),
                serial: "1".to_owned(),
                kind: String::new(),
                platform_password: None,
                confirmation_password: None,
            };
            let failure = examine(&request, &[1; 32], &trust, "2026-01-01T00:00:00Z".parse().unwrap()).err().unwrap();
            let told = failure.code() == code::BAD_REQUEST || failure.code().starts_with("disk.");
            prop_assert!(told, "{:?}", failure);
        }
    }
}
