//! Secure electronic seal (GB/T 38540-2020, version 4): the seal's data and a signature with it.

use jiff::ToSpan;
use jiff::civil::DateTime;
use piaoxia_domain::Region;

use super::authority::Signer;
use super::certificate::SM2_SM3;
use super::{HEIGHT, WIDTH, der};
use crate::originals::digest::sm3;
use crate::originals::{OriginalError, names};

/// Version of seal and signature that GB/T 38540-2020 sets.
const VERSION: u8 = 4;
/// Seal type 3: 监制章, the one of real invoices.
const SEAL_TYPE: u8 = 3;
/// The list of signers holds certificates, not their digests.
const CERTIFICATES: u8 = 1;

const MADE: &str = "20150101000000Z";
const VALID_FROM: &str = "20150101000000Z";
const VALID_TO: &str = "20491231235959Z";

/// A seal, signed by its maker: `SES_Seal { eSealInfo, cert, signAlgID, signedValue }`.
pub(super) fn seal(maker: &Signer, signer: &Signer, region: &Region, picture: &[u8]) -> Result<Vec<u8>, OriginalError> {
    let header = der::sequence(&[&der::ia5("ES"), &der::integer(&[VERSION]), &der::ia5("PIAOXIA-SANDBOX")]);
    let property = der::sequence(&[
        &der::integer(&[SEAL_TYPE]),
        &der::utf8(&format!("沙箱测试 全国统一发票监制章 {}", names::bureau(region))),
        &der::integer(&[CERTIFICATES]),
        &der::sequence(&[&der::octets(signer.certificate())]),
        &der::generalized_time(MADE),
        &der::generalized_time(VALID_FROM),
        &der::generalized_time(VALID_TO),
    ]);
    let image = der::sequence(&[
        &der::ia5("png"),
        &der::octets(picture),
        &der::integer(&WIDTH.to_be_bytes()),
        &der::integer(&HEIGHT.to_be_bytes()),
    ]);
    let info = der::sequence(&[&header, &der::ia5(&format!("{}0000000001", region.code)), &property, &image]);
    let signature = maker.sign(&info)?;
    Ok(der::sequence(&[&info, &der::octets(maker.certificate()), &der::oid(SM2_SM3), &der::bits(&signature)]))
}

/// A signature with the seal: `SES_Signature { toSign, cert, signatureAlgID, signature }`. `path` names the signed file in
/// its container; `at` is Asia/Shanghai time.
pub(super) fn signed_value(seal: &[u8], signer: &Signer, signed: &[u8], path: &str, at: DateTime) -> Result<Vec<u8>, OriginalError> {
    let to_sign =
        der::sequence(&[&der::integer(&[VERSION]), seal, &der::generalized_time(&utc(at)), &der::bits(&sm3(&[signed])), &der::ia5(path)]);
    let signature = signer.sign(&to_sign)?;
    Ok(der::sequence(&[&to_sign, &der::octets(signer.certificate()), &der::oid(SM2_SM3), &der::bits(&signature)]))
}

/// `yyyyMMddHHmmssZ` of an Asia/Shanghai time; China has kept UTC+8 without summer time since 1991.
pub(in crate::originals) fn utc(at: DateTime) -> String {
    at.checked_sub(8.hours()).unwrap_or(at).strftime("%Y%m%d%H%M%SZ").to_string()
}
