//! What a release says of itself: `update.json`.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::MANIFEST;
use crate::error::Refusal;
use crate::keys::PublicKey;
use crate::version::Version;

/// Largest manifest, bytes.
pub(crate) const MANIFEST_LIMIT: u64 = 16 << 10;
/// Largest file of a release, bytes.
pub const PACKAGE_LIMIT: u64 = 128 << 20;
/// Files of a release, at most.
const FILES: usize = 16;
/// Longest notes of a language, characters.
const NOTES: usize = 4000;
/// What a manifest of this program says it is.
const PRODUCT: &str = "piaoxia";

/// `update.json`. Unknown fields are passed over, so that a later version may say more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// `piaoxia`.
    pub product: String,
    /// `stable`, `preview`.
    pub channel: String,
    /// The version.
    pub version: Version,
    /// Lowest version that may go there directly.
    pub minimum: Version,
    /// When it was made.
    pub published: Timestamp,
    /// Until when it is believed: a source that is kept from giving a newer one is found out.
    pub expires: Timestamp,
    /// How many of a hundred installations are offered it.
    pub percent: u8,
    /// What is new.
    pub notes: Notes,
    /// Keys that count from this version on; empty leaves them as they are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<PublicKey>,
    /// A file a platform.
    pub files: Vec<FileEntry>,
}

/// What is new, in each language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notes {
    /// 简体中文.
    pub zh: String,
    /// English.
    pub en: String,
}

/// The program for one platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileEntry {
    /// `windows-x86_64`.
    pub platform: String,
    /// As [`file_name`] makes it.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Of the whole file, 64 small hex digits.
    pub sha256: String,
}

impl FileEntry {
    /// Of a program's bytes.
    #[must_use]
    pub fn of(version: Version, platform: &str, program: &[u8]) -> Self {
        Self {
            platform: platform.to_owned(),
            name: file_name(version, platform),
            size: program.len() as u64,
            sha256: hex(&Sha256::digest(program)),
        }
    }
}

/// The platform of this program: `windows-x86_64`, `linux-aarch64`.
#[must_use]
pub fn platform() -> String {
    format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH)
}

/// The one name that the file of a version for a platform may have.
#[must_use]
pub fn file_name(version: Version, platform: &str) -> String {
    let extension = if platform.starts_with("windows-") { ".exe" } else { "" };
    format!("piaoxia-{version}-{platform}{extension}")
}

impl Manifest {
    /// Reads a manifest. Its signature is verified before.
    ///
    /// # Errors
    /// [`Refusal::ManifestUnreadable`], [`Refusal::TooLarge`], [`Refusal::OtherProduct`].
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes.len() as u64 > MANIFEST_LIMIT {
            return Err(Refusal::TooLarge { name: MANIFEST.to_owned(), limit: MANIFEST_LIMIT });
        }
        let manifest: Self = serde_json::from_slice(bytes).map_err(|error| Refusal::ManifestUnreadable { detail: error.to_string() })?;
        manifest.check()?;
        Ok(manifest)
    }

    /// The file for a platform.
    #[must_use]
    pub fn file(&self, platform: &str) -> Option<&FileEntry> {
        self.files.iter().find(|file| file.platform == platform)
    }

    fn check(&self) -> Result<(), Refusal> {
        if self.product != PRODUCT {
            return Err(Refusal::OtherProduct);
        }
        let plain = |text: &str| {
            !text.is_empty() && text.len() <= 40 && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'))
        };
        let faults = [
            (!plain(&self.channel), "channel"),
            (self.percent > 100, "percent"),
            (self.expires <= self.published, "expires"),
            (self.minimum > self.version, "minimum"),
            (self.keys.len() > 2, "keys"),
            (self.notes.zh.chars().count() > NOTES || self.notes.en.chars().count() > NOTES, "notes"),
            (self.files.is_empty() || self.files.len() > FILES, "files"),
            (self.files.iter().any(|file| !plain(&file.platform)), "platform"),
            (self.files.iter().any(|file| file.name != file_name(self.version, &file.platform)), "name"),
            (self.files.iter().any(|file| file.size == 0), "size"),
            (self.files.iter().any(|file| !is_hash(&file.sha256)), "sha256"),
            (
                self.files.iter().enumerate().any(|(at, file)| self.files.iter().skip(at + 1).any(|other| other.platform == file.platform)),
                "platform twice",
            ),
        ];
        match faults.iter().find(|(wrong, _)| *wrong) {
            Some((_, field)) => Err(Refusal::ManifestUnreadable { detail: format!("{field} is not what it may be") }),
            None => self.check_sizes(),
        }
    }

    fn check_sizes(&self) -> Result<(), Refusal> {
        match self.files.iter().find(|file| file.size > PACKAGE_LIMIT) {
            Some(file) => Err(Refusal::TooLarge { name: file.name.clone(), limit: PACKAGE_LIMIT }),
            None => Ok(()),
        }
    }
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// A hash as it stands in a manifest.
pub(crate) fn hex(hash: &[u8]) -> String {
    hash.iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a String cannot fail.
        write!(hex, "{byte:02x}").ok();
        hex
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;
    use crate::tests::kit::Release;

    #[test]
    fn a_manifest_is_read_as_it_was_written_and_later_fields_are_passed_over() {
        let manifest = Release::new(Version::new(0, 2, 0)).manifest;
        let mut value = serde_json::to_value(&manifest).unwrap();
        assert_eq!(Manifest::parse(value.to_string().as_bytes()), Ok(manifest.clone()));
        value["critical"] = true.into();
        assert_eq!(Manifest::parse(value.to_string().as_bytes()), Ok(manifest));
    }

    #[test]
    fn a_manifest_with_a_field_that_may_not_be_so_is_refused() {
        let good = serde_json::to_value(Release::new(Version::new(0, 2, 0)).manifest).unwrap();
        let entry = good["files"][0].clone();
        let bad: [(&str, serde_json::Value); 17] = [
            ("/channel", "../stable".into()),
            ("/version", "0.2".into()),
            ("/version", "../../0.2.0".into()),
            ("/percent", 101.into()),
            ("/percent", (-1).into()),
            ("/expires", "2020-01-01T00:00:00Z".into()),
            ("/minimum", "9.0.0".into()),
            ("/notes/zh", "长".repeat(NOTES + 1).into()),
            ("/files", serde_json::json!([])),
            ("/files", serde_json::json!([entry, entry])),
            ("/files/0/name", "../piaoxia".into()),
            ("/files/0/name", "piaoxia-0.1.0-linux-x86_64".into()),
            ("/files/0/platform", "C:\\windows".into()),
            ("/files/0/size", 0.into()),
            ("/files/0/size", (-5).into()),
            ("/files/0/sha256", "AB".repeat(32).into()),
            ("/files/0/sha256", "ab".repeat(31).into()),
        ];
        for (at, value) in bad {
            let mut manifest = good.clone();
            *manifest.pointer_mut(at).unwrap() = value;
            let refused = Manifest::parse(manifest.to_string().as_bytes());
            assert!(matches!(refused, Err(Refusal::ManifestUnreadable { .. })), "{at}: {refused:?}");
        }
        let twice = good.to_string().replacen('{', "{\"percent\":100,", 1);
        assert!(matches!(Manifest::parse(twice.as_bytes()), Err(Refusal::ManifestUnreadable { .. })), "a field twice");
    }
}
