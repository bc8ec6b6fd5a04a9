//! How the 36 regions differ in signing in.
//!
//! The real bureaus differ in the labels of their forms, in what a login name is, and in what follows the password; which
//! region does what changes with their releases, so the assignment here is the sandbox's own.

pub mod forms;

use piaoxia_domain::account::Identity;

/// What a region takes as a login name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LoginName {
    /// 居民身份证号码/手机号码/用户名.
    Any,
    /// 手机号码.
    Phone,
    /// 居民身份证号码.
    IdNumber,
    /// 用户名.
    UserName,
}

/// What a bureau asks after the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    /// 图形验证码.
    Image,
    /// 短信验证码.
    Sms,
    /// 扫码.
    Qr,
    /// 选择身份, of a person who has more than one.
    SelectIdentity,
    /// 办税关系待确认, of a person who has not confirmed it yet.
    ConfirmRelation,
    /// 人脸.
    Face,
}

/// The rules of one region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RegionRule {
    pub(crate) code: &'static str,
    pub(crate) login: LoginName,
    pub(crate) asks: &'static [Ask],
    pub(crate) identities: &'static [Identity],
}

const IMAGE_SMS: &[Ask] = &[Ask::Image, Ask::Sms];
const SMS: &[Ask] = &[Ask::Sms];
const SMS_IDENTITY: &[Ask] = &[Ask::Sms, Ask::SelectIdentity];
const QR: &[Ask] = &[Ask::Qr];
const FACE: &[Ask] = &[Ask::Face];
const SMS_FACE: &[Ask] = &[Ask::Sms, Ask::Face];

const ALL_IDENTITIES: &[Identity] = &Identity::ALL;
/// Regions that do not list 管理员.
const FOUR_IDENTITIES: &[Identity] = &[Identity::LegalRepresentative, Identity::FinanceOfficer, Identity::TaxOfficer, Identity::Issuer];

const fn rule(code: &'static str, login: LoginName, asks: &'static [Ask], identities: &'static [Identity]) -> RegionRule {
    RegionRule { code, login, asks, identities }
}

use LoginName::{Any, IdNumber, Phone, UserName};

const RULES: [RegionRule; 36] = [
    rule("1100", Any, IMAGE_SMS, ALL_IDENTITIES),
    rule("1200", Any, IMAGE_SMS, ALL_IDENTITIES),
    rule("1300", Any, IMAGE_SMS, ALL_IDENTITIES),
    rule("1400", Any, IMAGE_SMS, ALL_IDENTITIES),
    rule("1500", Any, SMS, ALL_IDENTITIES),
    rule("2100", IdNumber, IMAGE_SMS, ALL_IDENTITIES),
    rule("2102", IdNumber, IMAGE_SMS, ALL_IDENTITIES),
    rule("2200", Any, IMAGE_SMS, ALL_IDENTITIES),
    rule("2300", Any, SMS, ALL_IDENTITIES),
    rule("3100", Any, IMAGE_SMS, ALL_IDENTITIES),
    rule("3200", UserName, IMAGE_SMS, FOUR_IDENTITIES),
    rule("3300", Any, QR, ALL_IDENTITIES),
    rule("3302", Any, QR, ALL_IDENTITIES),
    rule("3400", Any, IMAGE_SMS, ALL_IDENTITIES),
    rule("3500", Phone, SMS, ALL_IDENTITIES),
    rule("3502", Phone, SMS, ALL_IDENTITIES),
    rule("3600", Any, IMAGE_SMS, ALL_IDENTITIES),
    rule("3700", IdNumber, SMS_IDENTITY, FOUR_IDENTITIES),
    rule("3702", IdNumber, SMS_IDENTITY, FOUR_IDENTITIES),
    rule("4100", Any, IMAGE_SMS, ALL_IDENTITIES),
    rule("4200", Any, SMS, ALL_IDENTITIES),
    rule("4300", Any, IMAGE_SMS, ALL_IDENTITIES),
    rule("4400", Phone, SMS_IDENTITY, ALL_IDENTITIES),
    rule("4403", Phone, SMS_IDENTITY, ALL_IDENTITIES),
    rule("4500", Any, IMAGE_SMS, ALL_IDENTITIES),
    rule("4600", Any, SMS_FACE, ALL_IDENTITIES),
    rule("5000", Any, IMAGE_SMS, ALL_IDENTITIES),
    rule("5100", UserName, SMS, FOUR_IDENTITIES),
    rule("5200", Any, IMAGE_SMS, ALL_IDENTITIES),
    rule("5300", Any, IMAGE_SMS, ALL_IDENTITIES),
    rule("5400", Any, SMS, ALL_IDENTITIES),
    rule("6100", Any, IMAGE_SMS, ALL_IDENTITIES),
    rule("6200", Any, IMAGE_SMS, ALL_IDENTITIES),
    rule("6300", Any, SMS, ALL_IDENTITIES),
    rule("6400", Any, FACE, ALL_IDENTITIES),
    rule("6500", Any, IMAGE_SMS, ALL_IDENTITIES),
];

impl RegionRule {
    /// The rules of the region with this four-digit code.
    pub(crate) fn of(code: &str) -> Option<&'static Self> {
        RULES.iter().find(|rule| rule.code == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use piaoxia_domain::Region;

    #[test]
    fn every_region_has_its_rules() {
        let known: Vec<&str> = Region::all().iter().map(|region| region.code.as_str()).collect();
        let ruled: Vec<&str> = RULES.iter().map(|rule| rule.code).collect();
        assert_eq!(ruled, known);
        for asks in [IMAGE_SMS, SMS, SMS_IDENTITY, QR, FACE, SMS_FACE] {
            assert!(RULES.iter().any(|rule| rule.asks == asks), "{asks:?}");
        }
    }
}
