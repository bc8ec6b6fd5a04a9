//! Signing in at 增值税发票综合服务平台 by a tax disk (税盘): the service makes a challenge, the disk signs it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use piaoxia_domain::account::AccountId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Company;

/// Something to be signed by a disk. It is used up by the sign-in that names it, whatever comes of that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DiskChallenge {
    /// Id.
    pub id: String,
    /// What to sign: 32 random bytes, base64.
    pub challenge: String,
    /// Its end, UTC: two minutes after it was made.
    pub expires_at: Timestamp,
}

impl DiskChallenge {
    /// The bytes to sign; none when they are no base64.
    #[must_use]
    pub fn bytes(&self) -> Option<Vec<u8>> {
        STANDARD.decode(&self.challenge).ok()
    }
}

/// Signs a disk in. The tax number in its certificate says for which company.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DiskSignIn {
    /// Id of the challenge.
    pub challenge: String,
    /// Certificate of the disk's signing key: X.509 in DER, at most 8 KiB, base64.
    pub certificate: String,
    /// SM2 signature with SM3 over the challenge's bytes, for the user id 1234567812345678: `SEQUENCE { r, s }` in DER (GM/T 0009), at
    /// most 256 bytes, base64.
    pub signature: String,
    /// Number of the device (设备编号), 1 to 64 characters.
    pub serial: String,
    /// Which device (设备类型): `goldenTax` 金税盘, `taxControl` 税控盘, `taxUKey` 税务UKey, or another text of at most 32 characters.
    pub kind: String,
    /// 税局平台密码, 1 to 64 characters, where the company has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform_password: Option<String>,
    /// 勾选确认密码, 1 to 64 characters: verified and used for nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmation_password: Option<String>,
}

// Passwords never reach a log.
impl fmt::Debug for DiskSignIn {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("DiskSignIn").field("challenge", &self.challenge).field("serial", &self.serial).finish_non_exhaustive()
    }
}

impl DiskSignIn {
    /// What a disk made of a challenge.
    #[must_use]
    pub fn new(challenge: &DiskChallenge, certificate: &[u8], signature: &[u8], serial: &str, kind: &str) -> Self {
        Self {
            challenge: challenge.id.clone(),
            certificate: STANDARD.encode(certificate),
            signature: STANDARD.encode(signature),
            serial: serial.to_owned(),
            kind: kind.to_owned(),
            platform_password: None,
            confirmation_password: None,
        }
    }
}

/// A disk that is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DiskSession {
    /// What jobs name as their account. The same disk of the same company always has the same one: a job that waits for it goes on
    /// once it has signed in again.
    pub account: AccountId,
    /// The company of the certificate.
    pub company: Company,
    /// End of the session, UTC; twelve hours at most, and the platform may end it before.
    pub expires_at: Timestamp,
    /// What the platform still takes.
    pub limits: PlatformLimits,
}

/// How often the platform takes an application (发票下载申请). One of all kinds counts for each kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlatformLimits {
    /// Applications for the current month that are left, of the kind with the fewest.
    pub current_month_left: u32,
    /// Applications for the current month that a kind has.
    pub current_month_most: u32,
    /// Hours between two different applications for the same month and kind; the same one again gives what is there.
    pub same_month_hours: u32,
    /// Hours in which an application is usually ready.
    pub usual_hours: u32,
    /// Hours that one of a kind that cannot be deducted may take.
    pub slowest_hours: u32,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn a_sign_in_names_its_challenge_and_carries_bytes() {
        let challenge = DiskChallenge { id: "c1".to_owned(), challenge: STANDARD.encode([0xFB; 32]), expires_at: Timestamp::UNIX_EPOCH };
        assert_eq!(challenge.bytes().unwrap(), [0xFB; 32]);
        assert!(DiskChallenge { challenge: "?".to_owned(), ..challenge.clone() }.bytes().is_none());
        let sent = DiskSignIn::new(&challenge, &[0x30, 0x82], &[0x30, 0x45], "440001", "goldenTax");
        let text = serde_json::to_value(&sent).unwrap();
        let wanted = serde_json::json!({
            "challenge": "c1", "certificate": "MII=", "signature": "MEU=", "serial": "440001", "kind": "goldenTax"
        });
        assert_eq!(text, wanted);
    }
}
