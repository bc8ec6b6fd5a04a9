//! Error numbers of devices and libraries. One that is not known here is kept and shown as it is.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An error number: of a tax disk (0 to 255; 781 is a state), or of a vendor's library (GM/T 0016, annex A: from 0x0A000000).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DeviceCode(pub u32);

/// What a number means, where that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    /// 加密模块不存在: the driver is to be installed.
    NoModule,
    /// 未打开.
    NotOpen,
    /// 函数参数错误.
    Parameter,
    /// 身份认证失败.
    AuthenticationFailed,
    /// 证书不存在.
    NoCertificate,
    /// 证书作废.
    CertificateVoid,
    /// 证书挂失.
    CertificateLost,
    /// 证书注销.
    CertificateCancelled,
    /// 证书过期.
    CertificateExpired,
    /// 证书验证错误.
    CertificateRefused,
    /// USB故障.
    Usb,
    /// 卡片应答错误.
    CardAnswer,
    /// 卡片故障.
    CardFault,
    /// 卡片锁死.
    Locked,
    /// 未插USBKEY.
    NotPluggedIn,
    /// 口令错误.
    WrongPassword,
    /// 安全状态不满足: the password is to be given first.
    NotVerified,
    /// 超时.
    Timeout,
    /// 卡未初始化.
    NotInitialised,
    /// 没有安装USBKEY驱动.
    NoDriver,
    /// 离线锁死期: invoicing was not reported (抄税清卡) in time.
    OfflineLock,
    /// 设备已移除.
    Removed,
    /// 口令长度错误.
    PasswordLength,
    /// 应用不存在.
    NoApplication,
    /// The library does not do this.
    NotSupported,
    /// A number that is not known here.
    Unknown,
}

/// Numbers of tax disks, then those of GM/T 0016.
const MEANINGS: [(u32, Meaning); 35] = [
    (34, Meaning::NoModule),
    (35, Meaning::NotOpen),
    (60, Meaning::Parameter),
    (81, Meaning::AuthenticationFailed),
    (96, Meaning::NoCertificate),
    (97, Meaning::CertificateVoid),
    (98, Meaning::CertificateLost),
    (99, Meaning::CertificateCancelled),
    (101, Meaning::CertificateExpired),
    (104, Meaning::CertificateRefused),
    (163, Meaning::Usb),
    (164, Meaning::CardAnswer),
    (165, Meaning::CardFault),
    (166, Meaning::Locked),
    (167, Meaning::NotPluggedIn),
    (168, Meaning::WrongPassword),
    (169, Meaning::NotVerified),
    (171, Meaning::Timeout),
    (183, Meaning::NotInitialised),
    (187, Meaning::NoDriver),
    (781, Meaning::OfflineLock),
    (0x0A00_0003, Meaning::NotSupported),
    (0x0A00_0005, Meaning::NotOpen),
    (0x0A00_0006, Meaning::Parameter),
    (0x0A00_000C, Meaning::NotInitialised),
    (0x0A00_000F, Meaning::Timeout),
    (0x0A00_001C, Meaning::NoCertificate),
    (0x0A00_0023, Meaning::Removed),
    (0x0A00_0024, Meaning::WrongPassword),
    (0x0A00_0025, Meaning::Locked),
    (0x0A00_0027, Meaning::PasswordLength),
    (0x0A00_0029, Meaning::NotInitialised),
    (0x0A00_002D, Meaning::NotVerified),
    (0x0A00_002E, Meaning::NoApplication),
    (0x0A00_0031, Meaning::NoCertificate),
];

impl DeviceCode {
    /// What it means.
    #[must_use]
    pub fn meaning(self) -> Meaning {
        MEANINGS.iter().find(|(number, _)| *number == self.0).map_or(Meaning::Unknown, |(_, meaning)| *meaning)
    }
}

/// As vendors' messages have it: `0x22`, `0x0A000023`.
impl fmt::Display for DeviceCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0..=0xFF => write!(out, "0x{:02X}", self.0),
            // State flags are told in decimal digits.
            0x100..=999 => write!(out, "{}", self.0),
            _ => write!(out, "0x{:08X}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_meaning_and_unknown_ones_their_digits() {
        let shown = |number| (DeviceCode(number).to_string(), DeviceCode(number).meaning());
        assert_eq!(shown(34), ("0x22".to_owned(), Meaning::NoModule));
        assert_eq!(shown(167), ("0xA7".to_owned(), Meaning::NotPluggedIn));
        assert_eq!(shown(187), ("0xBB".to_owned(), Meaning::NoDriver));
        assert_eq!(shown(781), ("781".to_owned(), Meaning::OfflineLock));
        assert_eq!(shown(0x0A00_0023), ("0x0A000023".to_owned(), Meaning::Removed));
        assert_eq!(shown(200), ("0xC8".to_owned(), Meaning::Unknown));
        assert_eq!(shown(7), ("0x07".to_owned(), Meaning::Unknown));
    }
}
