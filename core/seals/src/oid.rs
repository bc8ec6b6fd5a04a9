//! Object identifiers, as the bytes of their DER body, and their dotted form for people.

/// SM2 signature with SM3 (GM/T 0006).
pub(crate) const SM2_WITH_SM3: &[u8] = &[0x2A, 0x81, 0x1C, 0xCF, 0x55, 0x01, 0x83, 0x75];
/// SM2 curve; also the algorithm's name in keys.
pub(crate) const SM2: &[u8] = &[0x2A, 0x81, 0x1C, 0xCF, 0x55, 0x01, 0x82, 0x2D];
/// SM2 signature, as GM/T 0010 signers name it.
pub(crate) const SM2_SIGN: &[u8] = &[0x2A, 0x81, 0x1C, 0xCF, 0x55, 0x01, 0x82, 0x2D, 0x01];
/// SM3.
pub(crate) const SM3: &[u8] = &[0x2A, 0x81, 0x1C, 0xCF, 0x55, 0x01, 0x83, 0x11];
/// GM/T 0010 data.
pub(crate) const DATA: &[u8] = &[0x2A, 0x81, 0x1C, 0xCF, 0x55, 0x06, 0x01, 0x04, 0x02, 0x01];
/// GM/T 0010 signed data.
pub(crate) const SIGNED_DATA: &[u8] = &[0x2A, 0x81, 0x1C, 0xCF, 0x55, 0x06, 0x01, 0x04, 0x02, 0x02];
/// PKCS#7 data, which some products write in GM/T 0010 signed data.
pub(crate) const PKCS7_DATA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x01];
/// PKCS#7 signed data.
pub(crate) const PKCS7_SIGNED_DATA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02];
/// PKCS#9 message digest.
pub(crate) const MESSAGE_DIGEST: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x04];
/// Elliptic curve public key (RFC 5480).
pub(crate) const EC_PUBLIC_KEY: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01];

pub(crate) const COUNTRY: &[u8] = &[0x55, 0x04, 0x06];
pub(crate) const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
pub(crate) const LOCALITY: &[u8] = &[0x55, 0x04, 0x07];
pub(crate) const PROVINCE: &[u8] = &[0x55, 0x04, 0x08];
pub(crate) const ORGANISATION: &[u8] = &[0x55, 0x04, 0x0A];
pub(crate) const SERIAL: &[u8] = &[0x55, 0x04, 0x05];
pub(crate) const UNIT: &[u8] = &[0x55, 0x04, 0x0B];

pub(crate) const SUBJECT_KEY_ID: &[u8] = &[0x55, 0x1D, 0x0E];
pub(crate) const KEY_USAGE: &[u8] = &[0x55, 0x1D, 0x0F];
pub(crate) const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1D, 0x13];
pub(crate) const AUTHORITY_KEY_ID: &[u8] = &[0x55, 0x1D, 0x23];
/// 税号 of a company's certificate (GB/T 20518, extension `TaxationNumber`): 1.2.156.10260.4.1.5.
pub(crate) const TAXATION_NUMBER: &[u8] = &[0x2A, 0x81, 0x1C, 0xD0, 0x14, 0x04, 0x01, 0x05];
/// Extensions that restrict nothing that is proved here: names of the subject, policies, extended usage, revocation lists.
pub(crate) const HARMLESS: [&[u8]; 5] =
    [&[0x55, 0x1D, 0x11], &[0x55, 0x1D, 0x12], &[0x55, 0x1D, 0x1F], &[0x55, 0x1D, 0x20], &[0x55, 0x1D, 0x25]];

/// `1.2.156.10197.1.501`; hexadecimal where the bytes are no object identifier.
pub(crate) fn dotted(body: &[u8]) -> String {
    const LONGEST: usize = 32;
    let body = body.get(..LONGEST).unwrap_or(body);
    let mut arcs: Vec<u64> = Vec::new();
    let mut arc = 0_u64;
    let mut open = true;
    for byte in body {
        if arc > u64::MAX >> 7 {
            return hexadecimal(body);
        }
        arc = (arc << 7) | u64::from(byte & 0x7F);
        open = byte & 0x80 != 0;
        if !open {
            arcs.push(arc);
            arc = 0;
        }
    }
    let Some((first, rest)) = arcs.split_first().filter(|_| !open) else { return hexadecimal(body) };
    let top = (*first / 40).min(2);
    let parts = [top, first - top * 40];
    parts.iter().chain(rest).map(u64::to_string).collect::<Vec<_>>().join(".")
}

fn hexadecimal(body: &[u8]) -> String {
    body.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dotted_forms() {
        for (body, text) in [
            (SM2_WITH_SM3, "1.2.156.10197.1.501"),
            (SM2, "1.2.156.10197.1.301"),
            (SM2_SIGN, "1.2.156.10197.1.301.1"),
            (SM3, "1.2.156.10197.1.401"),
            (SIGNED_DATA, "1.2.156.10197.6.1.4.2.2"),
            (PKCS7_SIGNED_DATA, "1.2.840.113549.1.7.2"),
            (EC_PUBLIC_KEY, "1.2.840.10045.2.1"),
            (KEY_USAGE, "2.5.29.15"),
            (&[0x88, 0x37], "2.999"),
            (&[0x2A, 0x81], "2a81"),
            (&[], ""),
        ] {
            assert_eq!(dotted(body), text);
        }
        assert_eq!(dotted(&[0xFF; 40]), "ff".repeat(32));
    }
}
