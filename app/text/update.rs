//! Why an update is refused, in the user's words.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use piaoxia_engine::update::Refusal;

use super::{Text, fill};

/// A length as a person reads it: `24.3 MB`.
#[must_use]
pub fn megabytes(bytes: u64) -> String {
    let tenths = bytes / 100_000;
    format!("{}.{} MB", tenths / 10, tenths % 10)
}

/// What happened, and what to do next.
pub(super) fn refusal(text: &Text, refusal: &Refusal) -> (String, String) {
    let w = &text.update;
    let (title, advice) = match refusal {
        Refusal::NotARelease => (&w.no_release, &w.no_release_advice),
        Refusal::NoSource => (&w.no_source, &w.no_source_advice),
        Refusal::NoManifest => (&w.no_manifest, &w.no_manifest_advice),
        Refusal::NoSignature => (&w.no_signature, &w.untrusted_advice),
        Refusal::SignatureUnreadable => (&w.signature_unreadable, &w.untrusted_advice),
        Refusal::LegacySignature => (&w.legacy_signature, &w.untrusted_advice),
        Refusal::UnknownKey => (&w.unknown_key, &w.unknown_key_advice),
        Refusal::SignatureWrong => (&w.signature_wrong, &w.untrusted_advice),
        Refusal::CommentWrong => (&w.comment_wrong, &w.untrusted_advice),
        Refusal::ManifestUnreadable { .. } => (&w.manifest_unreadable, &w.manifest_unreadable_advice),
        Refusal::TooLarge { .. } => (&w.too_large, &w.untrusted_advice),
        Refusal::OtherProduct => (&w.other_product, &w.other_product_advice),
        Refusal::OtherChannel { .. } => (&w.other_channel, &w.other_channel_advice),
        Refusal::Expired { .. } => (&w.expired, &w.expired_advice),
        Refusal::ClockBehind { .. } => (&w.clock_behind, &w.clock_behind_advice),
        Refusal::Older { .. } => (&w.older, &w.older_advice),
        Refusal::BelowMinimum { .. } => (&w.below_minimum, &w.below_minimum_advice),
        Refusal::NextKeyDropped => (&w.next_key_dropped, &w.untrusted_advice),
        Refusal::NoFile { .. } => (&w.no_file, &w.no_file_advice),
        Refusal::FailedBefore { .. } => (&w.failed_before, &w.failed_before_advice),
        Refusal::FileMissing { .. } => (&w.file_missing, &w.file_missing_advice),
        Refusal::WrongSize { .. } => (&w.wrong_size, &w.wrong_file_advice),
        Refusal::WrongHash { .. } => (&w.wrong_hash, &w.wrong_file_advice),
        Refusal::NothingReady => (&w.nothing_ready, &w.nothing_ready_advice),
        Refusal::NothingBefore => (&w.nothing_before, &w.nothing_before_advice),
    };
    let values = values(refusal);
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    (fill(title, &values), fill(advice, &values))
}

fn values(refusal: &Refusal) -> Vec<(&'static str, String)> {
    match refusal {
        Refusal::OtherChannel { channel } => vec![("channel", channel.clone())],
        Refusal::Expired { expires, now } => vec![("expires", day(*expires)), ("now", day(*now))],
        Refusal::ClockBehind { published, now } => vec![("published", day(*published)), ("now", day(*now))],
        Refusal::Older { offered, known } => vec![("offered", offered.to_string()), ("known", known.to_string())],
        Refusal::BelowMinimum { offered, minimum } => vec![("offered", offered.to_string()), ("minimum", minimum.to_string())],
        Refusal::NoFile { platform } => vec![("platform", platform.clone())],
        Refusal::FailedBefore { version } => vec![("version", version.to_string())],
        Refusal::TooLarge { name, .. } | Refusal::FileMissing { name } | Refusal::WrongSize { name } | Refusal::WrongHash { name } => {
            vec![("name", name.clone())]
        }
        _ => Vec::new(),
    }
}

/// Day and time with the year, because it is the year that is wrong on a PC whose battery is empty.
fn day(at: Timestamp) -> String {
    at.to_zoned(TimeZone::fixed(jiff::tz::offset(8))).strftime("%Y-%m-%d %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use piaoxia_engine::update::Version;

    fn all() -> Vec<Refusal> {
        let (old, new, at) = (Version::new(0, 1, 0), Version::new(0, 2, 0), Timestamp::UNIX_EPOCH);
        let name = || "piaoxia-0.2.0-windows-x86_64.exe".to_owned();
        vec![
            Refusal::NotARelease,
            Refusal::NoSource,
            Refusal::NoManifest,
            Refusal::NoSignature,
            Refusal::SignatureUnreadable,
            Refusal::LegacySignature,
            Refusal::UnknownKey,
            Refusal::SignatureWrong,
            Refusal::CommentWrong,
            Refusal::ManifestUnreadable { detail: "line 1".into() },
            Refusal::TooLarge { name: name(), limit: 9 },
            Refusal::OtherProduct,
            Refusal::OtherChannel { channel: "preview".into() },
            Refusal::Expired { expires: at, now: at },
            Refusal::ClockBehind { published: at, now: at },
            Refusal::Older { offered: old, known: new },
            Refusal::BelowMinimum { offered: new, minimum: old },
            Refusal::NextKeyDropped,
            Refusal::NoFile { platform: "linux-aarch64".into() },
            Refusal::FailedBefore { version: new },
            Refusal::FileMissing { name: name() },
            Refusal::WrongSize { name: name() },
            Refusal::WrongHash { name: name() },
            Refusal::NothingReady,
            Refusal::NothingBefore,
        ]
    }

    #[test]
    fn every_refusal_has_a_sentence_of_its_own_and_says_what_to_do() {
        let mut titles = Vec::new();
        for one in all() {
            let (title, advice) = refusal(Text::zh_cn(), &one);
            assert!(!title.contains('{') && !advice.contains('{') && !advice.is_empty(), "{one:?}: {title} {advice}");
            titles.push(title);
        }
        let count = titles.len();
        titles.sort();
        titles.dedup();
        assert_eq!(titles.len(), count);
    }

    #[test]
    fn lengths_are_read_in_megabytes() {
        assert_eq!((megabytes(0).as_str(), megabytes(24_360_000).as_str()), ("0.0 MB", "24.3 MB"));
    }

    #[test]
    fn a_wrong_clock_is_named_with_its_year() {
        let (title, advice) = refusal(
            Text::zh_cn(),
            &Refusal::ClockBehind { published: "2026-11-20T00:00:00Z".parse().unwrap_or_default(), now: Timestamp::UNIX_EPOCH },
        );
        assert!(title.contains("1970-01-01") && advice.contains("时间"), "{title} {advice}");
    }
}
