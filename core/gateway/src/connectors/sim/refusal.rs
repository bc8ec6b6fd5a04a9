//! The simulated bureau's refusals as errors of the contract.

use jiff::Timestamp;
use piaoxia_bureau::{PlatformPassword, Refusal};
use piaoxia_service::contract::{ErrorClass, code};

use crate::failure::Failure;

/// The contract's error, with the bureau's own code and words.
pub(super) fn refused(refusal: Refusal) -> Failure {
    let (class, code) = sort(&refusal);
    let failure = Failure::new(class, code, refusal.to_string()).upstream("sim", refusal.code(), refusal.words());
    match refusal {
        Refusal::FieldInvalid { field } => failure.field(field),
        Refusal::WrongPassword { left } | Refusal::ChallengeFailed { left } | Refusal::PlatformPassword { left, .. } => {
            failure.attempts_left(left)
        }
        Refusal::Locked { until }
        | Refusal::Maintenance { until, .. }
        | Refusal::IdentitySwitches { until }
        | Refusal::SmsQuota { until }
        | Refusal::Quota { until }
        | Refusal::TooSoon { until }
        | Refusal::PasswordLocked { until, .. }
        | Refusal::ApplicationQuota { until } => failure.until(until),
        Refusal::ResendTooSoon { at } | Refusal::Busy { until: at } => failure.retry_after(seconds_until(at)),
        _ => failure,
    }
}

fn sort(refusal: &Refusal) -> (ErrorClass, &'static str) {
    match refusal {
        Refusal::UnknownCompany | Refusal::ApplicationGone => (ErrorClass::NotFound, code::NOT_FOUND),
        Refusal::FieldInvalid { .. } => (ErrorClass::UserFix, code::FIELD_INVALID),
        Refusal::WrongPassword { .. } => (ErrorClass::UserFix, code::WRONG_PASSWORD),
        Refusal::Locked { .. } => (ErrorClass::Locked, code::ACCOUNT_LOCKED),
        Refusal::IdentityMismatch { .. } => (ErrorClass::UserFix, code::IDENTITY_MISMATCH),
        Refusal::Maintenance { .. } => (ErrorClass::Maintenance, code::MAINTENANCE),
        Refusal::ChallengeGone | Refusal::ChallengeExpired => (ErrorClass::NeedLogin, code::CHALLENGE_GONE),
        Refusal::ChallengeFailed { .. } => (ErrorClass::UserFix, code::CHALLENGE_FAILED),
        Refusal::IdentitySwitches { .. } => (ErrorClass::Quota, code::IDENTITY_SWITCHES),
        Refusal::RelationDenied => (ErrorClass::UserFix, code::RELATION_DENIED),
        Refusal::ScanDenied => (ErrorClass::UserFix, code::CHALLENGE_DENIED),
        Refusal::ResendTooSoon { .. } => (ErrorClass::Throttle, code::RESEND_TOO_SOON),
        Refusal::SmsQuota { .. } | Refusal::Quota { .. } => (ErrorClass::Quota, code::QUOTA),
        Refusal::SessionLost | Refusal::SignedInElsewhere => (ErrorClass::NeedLogin, code::BUREAU_SESSION_LOST),
        Refusal::NoReceiveRight => (ErrorClass::Permission, code::NO_RECEIVE_RIGHT),
        Refusal::RangeTooLarge { .. } => (ErrorClass::TooMany, code::RANGE_TOO_LARGE),
        Refusal::RangeInFuture { .. } => (ErrorClass::UserFix, code::RANGE_IN_FUTURE),
        Refusal::TooMany { .. } => (ErrorClass::TooMany, code::TOO_MANY_INVOICES),
        Refusal::Busy { .. } => (ErrorClass::Busy, code::THROTTLED),
        Refusal::Digital => (ErrorClass::Precondition, code::DISK_DIGITAL),
        Refusal::PlatformPassword { which: PlatformPassword::Platform, .. } => (ErrorClass::UserFix, code::PLATFORM_PASSWORD_WRONG),
        Refusal::PlatformPassword { which: PlatformPassword::Confirmation, .. } => (ErrorClass::UserFix, code::PLATFORM_CONFIRMATION_WRONG),
        Refusal::PasswordLocked { which: PlatformPassword::Platform, .. } => (ErrorClass::Locked, code::PLATFORM_PASSWORD_LOCKED),
        Refusal::PasswordLocked { which: PlatformPassword::Confirmation, .. } => (ErrorClass::Locked, code::PLATFORM_CONFIRMATION_LOCKED),
        Refusal::PasswordNeeded => (ErrorClass::UserFix, code::PLATFORM_PASSWORD_NEEDED),
        Refusal::PasswordCancelled => (ErrorClass::Precondition, code::PLATFORM_PASSWORD_CANCELLED),
        Refusal::PasswordNotAllowed => (ErrorClass::Permission, code::PLATFORM_PASSWORD_NOT_ALLOWED),
        Refusal::TooSoon { .. } => (ErrorClass::Quota, code::PLATFORM_TOO_SOON),
        Refusal::ApplicationQuota { .. } => (ErrorClass::Quota, code::PLATFORM_QUOTA),
        Refusal::BadCursor => (ErrorClass::BadRequest, code::BAD_REQUEST),
    }
}

fn seconds_until(at: Timestamp) -> u64 {
    u64::try_from(at.as_second() - Timestamp::now().as_second()).unwrap_or(0).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bureaus_words_travel_with_the_error() {
        let error = refused(Refusal::WrongPassword { left: 3 }).into_error();
        assert_eq!((error.code.as_str(), error.attempts_left), (code::WRONG_PASSWORD, Some(3)));
        assert!(error.upstream.is_some_and(|upstream| upstream.service == "sim" && !upstream.message.is_empty()));
        let until = Timestamp::MAX;
        assert_eq!(refused(Refusal::Locked { until }).error().until, Some(until));
        for (refusal, code) in [
            (Refusal::TooSoon { until }, code::PLATFORM_TOO_SOON),
            (Refusal::ApplicationQuota { until }, code::PLATFORM_QUOTA),
            (Refusal::Quota { until }, code::QUOTA),
        ] {
            let error = refused(refusal).into_error();
            assert_eq!((error.class, error.code.as_str(), error.until), (ErrorClass::Quota, code, Some(until)));
        }
        assert_eq!(refused(Refusal::ResendTooSoon { at: Timestamp::MIN }).error().retry_after, Some(1));
    }
}
