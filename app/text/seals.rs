//! What the checks of electronic seals found, in words.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use piaoxia_documents::SealReason;
use piaoxia_seals::{Bearer, CertificateFault, Listing, Malformed, Period, Reason, TrustFault};

use super::{Seals as Sentences, fill};

/// What a check of `piaoxia_seals::Check::id` is about; none for other checks.
#[must_use]
pub fn seal_check<'w>(w: &'w Sentences, check: &str) -> Option<&'w str> {
    Some(match check {
        "seal_digests" => &w.check_digests,
        "seal_data_hash" => &w.check_data_hash,
        "seal_signature" => &w.check_signature,
        "seal_maker" => &w.check_maker,
        "seal_signer_listed" => &w.check_signer_listed,
        "seal_validity" => &w.check_validity,
        "seal_certificate" => &w.check_certificate,
        "seal_chain" => &w.check_chain,
        "seal_coverage" => &w.check_coverage,
        "seal_time_stamp" => &w.check_time_stamp,
        _ => return None,
    })
}

/// Why a file of the trust store was refused.
#[must_use]
pub fn trust_fault(w: &Sentences, fault: TrustFault) -> &str {
    match fault {
        TrustFault::NoCertificate | TrustFault::Certificate(CertificateFault::Malformed) => &w.trust_no_certificate,
        TrustFault::TooLarge | TrustFault::Certificate(CertificateFault::TooLarge) => &w.trust_too_large,
        TrustFault::TooMany => &w.trust_too_many,
        TrustFault::Certificate(CertificateFault::NotSm2) => &w.trust_not_sm2,
    }
}

/// A verdict on one seal; which of several it is comes first.
pub(super) fn seal_text(w: &Sentences, reason: &SealReason) -> String {
    let text = found_text(w, &reason.found);
    if reason.of < 2 {
        return text;
    }
    let template = if reason.name.is_empty() { &w.several_unnamed } else { &w.several };
    let (number, of) = (reason.number.to_string(), reason.of.to_string());
    fill(template, &[("number", &number), ("of", &of), ("name", &reason.name), ("text", &text)])
}

fn found_text(w: &Sentences, reason: &Reason) -> String {
    parts_text(w, reason)
        .or_else(|| value_text(w, reason))
        .or_else(|| seal_and_time_text(w, reason))
        .unwrap_or_else(|| chain_text(w, reason))
}

fn numbered(template: &str, n: usize, others: &[(&str, &str)]) -> String {
    let n = n.to_string();
    fill(template, &[&[("n", n.as_str())], others].concat())
}

/// Digests and coverage.
fn parts_text(w: &Sentences, reason: &Reason) -> Option<String> {
    Some(match reason {
        Reason::DigestsFit { parts } => numbered(&w.digests_fit, *parts, &[]),
        Reason::PartsChanged { first, changed, parts } => {
            numbered(&w.parts_changed, *parts, &[("changed", &changed.to_string()), ("path", first)])
        }
        Reason::PartsUnreadable { first, unreadable, parts } => {
            numbered(&w.parts_unreadable, *parts, &[("unreadable", &unreadable.to_string()), ("path", first)])
        }
        Reason::PartsMissing { first, missing, .. } => fill(&w.parts_missing, &[("missing", &missing.to_string()), ("path", first)]),
        Reason::SignedLater { later, parts } => numbered(&w.signed_later, *parts, &[("later", &later.to_string())]),
        Reason::SignedLaterUnproved { later } => fill(&w.signed_later_unproved, &[("later", &later.to_string())]),
        Reason::DigestMethodUnknown { method } => {
            let method = if method.is_empty() { &w.method_unnamed } else { method };
            fill(&w.digest_method_unknown, &[("method", method)])
        }
        Reason::NothingSigned => w.nothing_signed.clone(),
        Reason::NamesOnly { parts } => numbered(&w.names_only, *parts, &[]),
        Reason::CoversAll => w.covers_all.clone(),
        Reason::CoversAllButHead => w.covers_all_but_head.clone(),
        Reason::Uncovered { paths, more } => {
            let named = paths.join(&w.separator);
            let named = if *more > 0 { fill(&w.uncovered_more, &[("paths", &named)]) } else { named };
            numbered(&w.uncovered, paths.len() + more, &[("paths", &named)])
        }
        _ => return None,
    })
}

/// The signature value.
fn value_text(w: &Sentences, reason: &Reason) -> Option<String> {
    Some(match reason {
        Reason::DataHashFits => w.data_hash_fits.clone(),
        Reason::DataHashDiffers => w.data_hash_differs.clone(),
        Reason::NoDataHash => w.no_data_hash.clone(),
        Reason::SignatureFits => w.signature_fits.clone(),
        Reason::SignatureWrong => w.signature_wrong.clone(),
        Reason::NoCertificate => w.no_certificate.clone(),
        Reason::AlgorithmUnknown { algorithm } => fill(&w.algorithm_unknown, &[("algorithm", algorithm)]),
        Reason::ValueUnreadable(fault) => fill(&w.value_unreadable, &[("why", &malformed_text(w, *fault))]),
        Reason::ValueMissing { path } => fill(&w.value_missing, &[("path", path)]),
        Reason::ManifestUnreadable { path } => fill(&w.manifest_unreadable, &[("path", path)]),
        Reason::ListUnreadable { path } => fill(&w.list_unreadable, &[("path", path)]),
        Reason::TimeStampNotChecked => w.time_stamp_not_checked.clone(),
        _ => return None,
    })
}

fn malformed_text(w: &Sentences, fault: Malformed) -> String {
    match fault {
        Malformed::Empty => w.value_empty.clone(),
        Malformed::Truncated => w.value_truncated.clone(),
        Malformed::Trailing => w.value_trailing.clone(),
        Malformed::Ber => w.value_ber.clone(),
        Malformed::Unknown => w.value_unknown.clone(),
        Malformed::Version(version) => fill(&w.value_version, &[("version", &version.to_string())]),
        Malformed::TooLarge => w.value_too_large.clone(),
    }
}

/// The seal and the signer's certificate.
fn seal_and_time_text(w: &Sentences, reason: &Reason) -> Option<String> {
    Some(match reason {
        Reason::MakerFits { maker } => fill(&w.maker_fits, &[("maker", maker)]),
        Reason::MakerWrong { maker } => fill(&w.maker_wrong, &[("maker", maker)]),
        Reason::SealFileDiffers { path } => fill(&w.seal_file_differs, &[("path", path)]),
        Reason::MakerNotValid(period) => period_text(&w.maker_not_valid, period),
        Reason::MakerRenewed(period) => period_text(&w.maker_renewed, period),
        Reason::SignerListed { by: Listing::Certificates } => w.listed_certificates.clone(),
        Reason::SignerListed { by: Listing::Digests } => w.listed_digests.clone(),
        Reason::SignerNotListed { listed } => numbered(&w.not_listed, *listed, &[]),
        Reason::ListUnknown => w.list_unknown.clone(),
        Reason::SealValid(period) => period_text(&w.seal_valid, period),
        Reason::SealExpired(period) => period_text(&w.seal_expired, period),
        Reason::SealTooEarly(period) => period_text(&w.seal_too_early, period),
        Reason::NoTime => w.no_time.clone(),
        Reason::CertificateValid(period) => period_text(&w.certificate_valid, period),
        Reason::CertificateExpired(period) => period_text(&w.certificate_expired, period),
        Reason::CertificateTooEarly(period) => period_text(&w.certificate_too_early, period),
        Reason::NotForSigning => w.not_for_signing.clone(),
        Reason::CertificateUnreadable(of) => fill(&w.certificate_unreadable, &[("of", bearer(w, *of))]),
        _ => return None,
    })
}

/// The chain of certificates; the last of the groups.
fn chain_text(w: &Sentences, reason: &Reason) -> String {
    match reason {
        Reason::ChainFits { anchor } => fill(&w.chain_fits, &[("anchor", anchor)]),
        Reason::NoTrust { issuer } => fill(&w.no_trust, &[("issuer", issuer)]),
        Reason::IssuerUnknown { of, issuer } => fill(&w.issuer_unknown, &[("of", bearer(w, *of)), ("issuer", issuer)]),
        Reason::IssuerWrong { of, issuer } => fill(&w.issuer_wrong, &[("of", bearer(w, *of)), ("issuer", issuer)]),
        Reason::IssuerNotValid { issuer, period } => {
            fill(&w.issuer_not_valid, &[("issuer", issuer), ("from", &moment(period.from)), ("to", &moment(period.to))])
        }
        Reason::NotAuthority { issuer } => fill(&w.not_authority, &[("issuer", issuer)]),
        Reason::PathTooLong { issuer } => fill(&w.path_too_long, &[("issuer", issuer)]),
        Reason::ConditionUnknown { issuer, extension } => fill(&w.condition_unknown, &[("issuer", issuer), ("extension", extension)]),
        // The other groups took all others; a test goes over every one.
        _ => String::new(),
    }
}

fn bearer(w: &Sentences, of: Bearer) -> &str {
    match of {
        Bearer::Signer => &w.bearer_signer,
        Bearer::Maker => &w.bearer_maker,
    }
}

fn period_text(template: &str, period: &Period) -> String {
    fill(template, &[("at", &moment(period.at)), ("from", &moment(period.from)), ("to", &moment(period.to))])
}

/// Beijing time.
fn moment(at: Timestamp) -> String {
    at.to_zoned(TimeZone::fixed(Offset::constant(8))).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Text;

    /// Every reason that there is.
    fn all() -> Vec<Reason> {
        let text = || "甲".to_owned();
        let period = Period { from: Timestamp::UNIX_EPOCH, to: Timestamp::UNIX_EPOCH, at: Timestamp::UNIX_EPOCH };
        let faults = [
            Malformed::Empty,
            Malformed::Truncated,
            Malformed::Trailing,
            Malformed::Ber,
            Malformed::Unknown,
            Malformed::Version(9),
            Malformed::TooLarge,
        ];
        let mut all = vec![
            Reason::DigestsFit { parts: 3 },
            Reason::PartsChanged { first: text(), changed: 1, parts: 3 },
            Reason::PartsUnreadable { first: text(), unreadable: 1, parts: 3 },
            Reason::PartsMissing { first: text(), missing: 1, parts: 3 },
            Reason::SignedLater { later: 1, parts: 3 },
            Reason::SignedLaterUnproved { later: 1 },
            Reason::DigestMethodUnknown { method: String::new() },
            Reason::NothingSigned,
            Reason::NamesOnly { parts: 3 },
            Reason::DataHashFits,
            Reason::DataHashDiffers,
            Reason::NoDataHash,
            Reason::SignatureFits,
            Reason::SignatureWrong,
            Reason::NoCertificate,
            Reason::AlgorithmUnknown { algorithm: text() },
            Reason::ValueMissing { path: text() },
            Reason::ManifestUnreadable { path: text() },
            Reason::ListUnreadable { path: text() },
            Reason::MakerFits { maker: text() },
            Reason::MakerWrong { maker: text() },
            Reason::SealFileDiffers { path: text() },
            Reason::MakerNotValid(period),
            Reason::MakerRenewed(period),
            Reason::SignerListed { by: Listing::Certificates },
            Reason::SignerListed { by: Listing::Digests },
            Reason::SignerNotListed { listed: 2 },
            Reason::ListUnknown,
            Reason::SealValid(period),
            Reason::SealExpired(period),
            Reason::SealTooEarly(period),
            Reason::NoTime,
            Reason::CertificateValid(period),
            Reason::CertificateExpired(period),
            Reason::CertificateTooEarly(period),
            Reason::NotForSigning,
            Reason::CertificateUnreadable(Bearer::Signer),
            Reason::CertificateUnreadable(Bearer::Maker),
            Reason::ChainFits { anchor: text() },
            Reason::NoTrust { issuer: text() },
            Reason::IssuerUnknown { of: Bearer::Signer, issuer: text() },
            Reason::IssuerWrong { of: Bearer::Maker, issuer: text() },
            Reason::IssuerNotValid { issuer: text(), period },
            Reason::NotAuthority { issuer: text() },
            Reason::PathTooLong { issuer: text() },
            Reason::ConditionUnknown { issuer: text(), extension: text() },
            Reason::CoversAll,
            Reason::CoversAllButHead,
            Reason::Uncovered { paths: vec![text()], more: 0 },
            Reason::Uncovered { paths: vec![text(), text()], more: 3 },
            Reason::TimeStampNotChecked,
        ];
        all.extend(faults.map(Reason::ValueUnreadable));
        all
    }

    #[test]
    fn every_reason_has_a_sentence_of_its_own() {
        let w = &Text::zh_cn().seals;
        let sentences: Vec<String> = all().iter().map(|reason| found_text(w, reason)).collect();
        assert!(sentences.iter().all(|sentence| !sentence.is_empty() && !sentence.contains('{')), "{sentences:#?}");
        let distinct: std::collections::BTreeSet<&String> = sentences.iter().collect();
        assert_eq!(distinct.len(), sentences.len());
    }

    #[test]
    fn one_of_several_seals_is_named() {
        let w = &Text::zh_cn().seals;
        let reason = |of, name: &str| SealReason { number: 2, of, name: name.to_owned(), found: Reason::SignatureFits };
        assert_eq!(seal_text(w, &reason(1, "章")), w.signature_fits);
        assert_eq!(seal_text(w, &reason(2, "章")), format!("第 2/2 个（章）{}", w.signature_fits));
        assert_eq!(seal_text(w, &reason(2, "")), format!("第 2/2 个：{}", w.signature_fits));
    }

    #[test]
    fn times_are_those_of_beijing() {
        assert_eq!(moment(Timestamp::UNIX_EPOCH), "1970-01-01 08:00:00");
    }
}
