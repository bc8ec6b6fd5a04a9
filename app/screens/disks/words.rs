//! What disks are called.

use piaoxia_engine::disks::{DiskFacts, DiskView};
use piaoxia_service::contract::DiskSession;
use piaoxia_taxdisk::{CertificateState, DiskError, DiskKind, Presence, Seat};
use piaoxia_widgets::tokens::Tone;

use crate::text::{Text, disk_text, fill, moment, moment_day};

/// 设备类型.
pub(super) fn kind(text: &Text, kind: DiskKind) -> &str {
    let words = &text.disks;
    match kind {
        DiskKind::GoldenTax => &words.kind_golden,
        DiskKind::TaxControl => &words.kind_control,
        DiskKind::TaxUKey => &words.kind_ukey,
        DiskKind::Sandbox => &words.kind_sandbox,
        DiskKind::Unknown => &words.kind_unknown,
    }
}

/// What is at a seat, in a word.
pub(super) fn presence(text: &Text, presence: &Presence) -> (String, Tone) {
    let words = &text.disks;
    match presence {
        Presence::Disk(found) => (kind(text, *found).to_owned(), Tone::Good),
        Presence::Empty => (words.seat_empty.clone(), Tone::Neutral),
        Presence::Unknown(_) => (words.seat_unknown.clone(), Tone::Warning),
        Presence::Mute => (words.seat_mute.clone(), Tone::Warning),
        Presence::InUse => (words.seat_in_use.clone(), Tone::Warning),
        Presence::NoDriver { kind: found, .. } => (kind(text, *found).to_owned(), Tone::Warning),
    }
}

/// Where a seat is.
pub(super) fn seat(text: &Text, seat: &Seat) -> String {
    match seat {
        Seat::Reader(name) => name.clone(),
        Seat::Library { device, .. } => device.clone(),
        Seat::Sandbox(_) => text.disks.kind_sandbox.clone(),
        Seat::Usb(place) => format!("USB {place}"),
    }
}

/// Why a disk cannot be read, and what to do.
pub(super) fn why(text: &Text, disk: &DiskView) -> (String, String) {
    let error = disk.fault.clone().unwrap_or_else(|| match &disk.presence {
        Presence::Unknown(atr) => DiskError::UnknownCard { atr: atr.clone() },
        Presence::InUse => DiskError::InUse,
        Presence::NoDriver { vendor, usb, .. } => DiskError::NoDriver { vendor: vendor.clone(), usb: usb.clone() },
        Presence::Disk(_) | Presence::Empty | Presence::Mute => DiskError::NoCard,
    });
    disk_text(text, &error)
}

/// How long a certificate is valid.
pub(super) fn certificate(text: &Text, facts: &DiskFacts) -> String {
    let words = &text.disks;
    let day = moment_day(facts.holder.not_after);
    match facts.certificate {
        CertificateState::Valid => fill(&words.certificate_valid, &[("day", &day)]),
        CertificateState::ExpiresSoon { days } => fill(&words.certificate_soon, &[("day", &day), ("n", &days.to_string())]),
        CertificateState::Expired { days } => fill(&words.certificate_expired, &[("day", &day), ("n", &days.to_string())]),
        CertificateState::NotYetValid => fill(&words.certificate_early, &[("day", &moment_day(facts.holder.not_before))]),
    }
}

/// Since when and until when a disk is signed in.
pub(in crate::screens) fn session_line(text: &Text, session: &DiskSession) -> String {
    fill(&text.disks.signed_in, &[("company", &session.company.name), ("until", &moment(session.expires_at))])
}
