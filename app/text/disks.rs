//! What went wrong at a tax disk, in the user's words.

use jiff::Timestamp;
use jiff::tz::{TimeZone, offset};
use piaoxia_taxdisk::{DiskError, LibraryFault, Meaning, Tries};

use super::{Disks, Text, fill};

/// The day of a moment, as the user's calendar shows it in China: `2026-11-30`.
#[must_use]
pub fn moment_day(at: Timestamp) -> String {
    at.to_zoned(TimeZone::fixed(offset(8))).date().to_string()
}

/// What happened, and what to do next.
#[must_use]
pub fn disk_text(text: &Text, error: &DiskError) -> (String, String) {
    let w = &text.disks;
    let plain = |title: &str, advice: &str| (title.to_owned(), advice.to_owned());
    let with = |(title, advice): (&str, &str), values: &[(&str, &str)]| (fill(title, values), fill(advice, values));
    match error {
        DiskError::NoService => plain(&w.no_service, &w.no_service_advice),
        DiskError::ServiceStopped => plain(&w.stopped, &w.stopped_advice),
        DiskError::NoReader => plain(&w.no_reader, &w.no_reader_advice),
        DiskError::NoCard => plain(&w.no_card, &w.no_card_advice),
        DiskError::UnknownCard { atr } => with((&w.unknown_card, &w.unknown_card_advice), &[("atr", &atr.to_string())]),
        DiskError::InUse => plain(&w.in_use, &w.in_use_advice),
        DiskError::Removed => plain(&w.removed, &w.removed_advice),
        DiskError::Reset => plain(&w.reset, &w.reset_advice),
        DiskError::WrongPassword { left } => with((&w.wrong_password, &w.wrong_password_advice), &[("left", &tries_text(text, *left))]),
        DiskError::Locked => plain(&w.locked, &w.locked_advice),
        DiskError::FailedBefore { left } => with((&w.failed_before, &w.failed_before_advice), &[("left", &tries_text(text, *left))]),
        DiskError::NeedsConsent { left } => with((&w.needs_consent, &w.needs_consent_advice), &[("left", &tries_text(text, *left))]),
        DiskError::StateUnknown { left } => {
            let left = tries_text(text, left.unwrap_or(Tries::Unknown));
            with((&w.state_unknown, &w.state_unknown_advice), &[("left", &left)])
        }
        DiskError::PasswordShape { least, most } => {
            with((&w.password_shape, &w.password_shape_advice), &[("least", &least.to_string()), ("most", &most.to_string())])
        }
        DiskError::NotVerified => plain(&w.not_verified, &w.not_verified_advice),
        DiskError::Damaged(what) => with((&w.damaged, &w.damaged_advice), &[("what", &format!("{what:?}"))]),
        DiskError::Timeout { seconds } => with((&w.timeout, &w.timeout_advice), &[("seconds", &seconds.to_string())]),
        DiskError::Busy => plain(&w.busy, &w.busy_advice),
        DiskError::NoDriver { vendor, usb } => with((&w.no_driver, &w.no_driver_advice), &[("vendor", vendor), ("usb", usb)]),
        DiskError::Refused(word) => with((&w.refused, &w.refused_advice), &[("word", &format!("{word:04X}"))]),
        DiskError::Device(code) => {
            let (title, advice) = meaning(w, code.meaning());
            with((title, advice), &[("code", &code.to_string()), ("number", &code.0.to_string())])
        }
        DiskError::Library(fault) => library(text, fault),
        DiskError::Reader(number) => with((&w.reader, &w.reader_advice), &[("number", &format!("0x{number:08X}"))]),
    }
}

/// How many wrong passwords a disk still takes.
#[must_use]
pub fn tries_text(text: &Text, tries: Tries) -> String {
    match tries {
        Tries::Left(left) => fill(&text.disks.tries_left, &[("n", &left.to_string())]),
        Tries::Locked => text.disks.tries_locked.clone(),
        Tries::Unknown => text.disks.tries_unknown.clone(),
    }
}

/// Numbers of tax disks and of GM/T 0016.
fn meaning(w: &Disks, meaning: Meaning) -> (&str, &str) {
    match meaning {
        Meaning::NoModule | Meaning::NoDriver => (&w.code_no_driver, &w.code_no_driver_advice),
        Meaning::NotOpen => (&w.code_not_open, &w.code_plug_again),
        Meaning::Parameter => (&w.code_parameter, &w.code_vendor),
        Meaning::AuthenticationFailed => (&w.code_authentication, &w.code_tax_hall),
        Meaning::NoCertificate => (&w.code_no_certificate, &w.code_tax_hall),
        Meaning::CertificateVoid => (&w.code_certificate_void, &w.code_tax_hall),
        Meaning::CertificateLost => (&w.code_certificate_lost, &w.code_tax_hall),
        Meaning::CertificateCancelled => (&w.code_certificate_cancelled, &w.code_tax_hall),
        Meaning::CertificateExpired => (&w.code_certificate_expired, &w.code_certificate_expired_advice),
        Meaning::CertificateRefused => (&w.code_certificate_refused, &w.code_tax_hall),
        Meaning::Usb => (&w.code_usb, &w.code_plug_again),
        Meaning::CardAnswer => (&w.code_card_answer, &w.code_plug_again),
        Meaning::CardFault => (&w.code_card_fault, &w.code_tax_hall),
        Meaning::Locked => (&w.locked, &w.locked_advice),
        Meaning::NotPluggedIn => (&w.code_not_plugged, &w.code_plug_again),
        Meaning::WrongPassword => (&w.code_wrong_password, &w.code_wrong_password_advice),
        Meaning::NotVerified => (&w.not_verified, &w.not_verified_advice),
        Meaning::Timeout => (&w.code_timeout, &w.code_plug_again),
        Meaning::NotInitialised => (&w.code_not_initialised, &w.code_tax_hall),
        Meaning::OfflineLock => (&w.code_offline_lock, &w.code_offline_lock_advice),
        Meaning::Removed => (&w.removed, &w.removed_advice),
        Meaning::PasswordLength => (&w.code_password_length, &w.code_wrong_password_advice),
        Meaning::NoApplication => (&w.code_no_application, &w.code_vendor),
        Meaning::NotSupported => (&w.code_not_supported, &w.code_vendor),
        Meaning::Unknown => (&w.code_unknown, &w.code_vendor),
    }
}

fn library(text: &Text, fault: &LibraryFault) -> (String, String) {
    let w = &text.disks;
    let with = |title: &str, advice: &str, values: &[(&str, &str)]| (fill(title, values), fill(advice, values));
    match fault {
        LibraryFault::NotReadable(why) => with(&w.library_unreadable, &w.library_unreadable_advice, &[("why", why)]),
        LibraryFault::NotALibrary => with(&w.library_none, &w.library_none_advice, &[]),
        LibraryFault::Architecture { found, needed } => {
            with(&w.library_architecture, &w.library_architecture_advice, &[("found", found), ("needed", needed)])
        }
        LibraryFault::NoFunction(name) => with(&w.library_function, &w.library_function_advice, &[("name", name)]),
        LibraryFault::NotLoaded(why) => with(&w.library_not_loaded, &w.library_not_loaded_advice, &[("why", why)]),
        LibraryFault::Crashed => with(&w.library_crashed, &w.library_crashed_advice, &[]),
        LibraryFault::Hung { seconds } => with(&w.library_hung, &w.library_hung_advice, &[("seconds", &seconds.to_string())]),
        LibraryFault::NoHelper(why) => with(&w.library_no_helper, &w.library_no_helper_advice, &[("why", why)]),
    }
}
