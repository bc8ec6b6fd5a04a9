//! SM3 digests (GB/T 32905) and SM2 signatures with SM3 (GB/T 32918.2, GM/T 0009).

use sm2::dsa::signature::Verifier;
use sm2::dsa::{Signature, VerifyingKey};
use sm3::{Digest, Sm3};

use crate::der::{SEQUENCE, Value};

/// User id of the signer where an application names none (GM/T 0009, clause 10): seals and certificates use it.
pub const USER_ID: &str = "1234567812345678";

/// SM3 of several parts, one after the other.
pub(crate) fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut state = Sm3::new();
    for part in parts {
        state.update(part);
    }
    state.finalize().into()
}

/// Whether `signature`, `SEQUENCE { r, s }`, is that of the key's owner over `message`. `point` is the key as an elliptic
/// curve point (SEC 1).
pub(crate) fn holds(point: &[u8], message: &[u8], signature: &[u8]) -> bool {
    holds_for(USER_ID, point, message, signature)
}

fn holds_for(user_id: &str, point: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let Some(signature) = read(signature) else { return false };
    VerifyingKey::from_sec1_bytes(user_id, point).is_ok_and(|key| key.verify(message, &signature).is_ok())
}

/// Whether these bytes are an SM2 signature at all.
pub(crate) fn is_signature(bytes: &[u8]) -> bool {
    read(bytes).is_some()
}

fn read(bytes: &[u8]) -> Option<Signature> {
    let mut parts = Value::only_of(SEQUENCE, bytes).ok()?.parts();
    let mut both = [0_u8; Signature::BYTE_SIZE];
    for half in both.chunks_exact_mut(Signature::BYTE_SIZE / 2) {
        let number = parts.value().ok()?.unsigned().ok()?;
        let start = half.len().checked_sub(number.len())?;
        half.get_mut(start..)?.copy_from_slice(number);
    }
    parts.end().ok()?;
    Signature::from_slice(&both).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use sm2::SecretKey;
    use sm2::dsa::SigningKey;
    use sm2::elliptic_curve::sec1::ToSec1Point;

    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        let digits: Vec<u8> = hex.chars().filter_map(|c| c.to_digit(16)).map(|digit| u8::try_from(digit).unwrap()).collect();
        digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect()
    }

    fn der(r: &str, s: &str) -> Vec<u8> {
        let number = |hex: &str| {
            let body = bytes(hex);
            let body = if body.first().is_some_and(|first| *first >= 0x80) { [vec![0], body].concat() } else { body };
            [vec![2, u8::try_from(body.len()).unwrap()], body].concat()
        };
        crate::der::sequence(&[&number(r), &number(s)])
    }

    /// GB/T 32905-2016, annex A.
    #[test]
    fn digests_of_the_standard() {
        let digits = |bytes: [u8; 32]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(digits(digest(&[b"a", b"bc"])), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
        let long = "abcd".repeat(16);
        assert_eq!(digits(digest(&[long.as_bytes()])), "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732");
    }

    /// GM/T 0003.5-2012, annex A.2: the recommended curve, message `message digest`.
    #[test]
    fn signature_of_the_standard() {
        let private = bytes("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8");
        let point = bytes(
            "04 09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020
             CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13",
        );
        let signature = der(
            "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3",
            "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA",
        );
        assert!(holds(&point, b"message digest", &signature));
        assert_eq!(SecretKey::from_slice(&private).unwrap().public_key().to_sec1_point(false).as_bytes(), point);
        assert!(!holds(&point, b"message digesT", &signature));
        assert!(!holds_for("ALICE123@YAHOO.COM", &point, b"message digest", &signature));
    }

    #[test]
    fn another_user_id_is_another_signature() {
        use sm2::dsa::signature::Signer as _;
        let secret = SecretKey::from_slice(&[7; 32]).unwrap();
        let point = secret.public_key().to_sec1_point(false);
        let sign = |user: &str| -> Vec<u8> {
            let signature: Signature = SigningKey::new(user, &secret).unwrap().sign(b"text");
            let hex = |half: &[u8]| half.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
            der(hex(&signature.r_bytes()).trim_start_matches("00"), hex(&signature.s_bytes()).trim_start_matches("00"))
        };
        assert!(holds(point.as_bytes(), b"text", &sign(USER_ID)));
        assert!(!holds(point.as_bytes(), b"text", &sign("someone else")));
    }

    #[test]
    fn forged_values_are_refused_and_nothing_panics() {
        let order = "FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123";
        assert!(!is_signature(&der(order, "01")) && !is_signature(&der("01", order)));
        assert!(!is_signature(&der("00", "01")) && !is_signature(&der("", "")));
        assert!(!is_signature(&der(&"01".repeat(33), "01")));
        assert!(!is_signature(&[0x30, 0]) && !is_signature(&[]) && !is_signature(&[0; 64]));
        assert!(is_signature(&der("01", "01")));
        for point in [&[][..], &[0], &[4; 65], &[0; 65]] {
            assert!(!holds(point, b"", &der("01", "01")));
        }
    }
}
