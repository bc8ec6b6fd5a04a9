//! A release, who signs it, and an installation that is offered it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use piaoxia_signer::SecretKey;

use crate::keys::PublicKey;
use crate::manifest::{FileEntry, Manifest, Notes, platform};
use crate::signature::{SIGNATURE, trusted_comment};
use crate::stamp::Stamp;
use crate::updater::{Updater, UpdaterConfig};
use crate::{MANIFEST, Shelf, Version};

/// The day on which the tests take place.
pub(crate) fn now() -> Timestamp {
    "2026-11-29T08:00:00Z".parse().unwrap()
}

/// The version that runs, and the one that is offered.
pub(crate) const OLD: Version = Version::new(0, 1, 0);
pub(crate) const NEW: Version = Version::new(0, 2, 0);

/// Who signs.
pub(crate) struct Signer(SecretKey);

impl Signer {
    pub(crate) fn new() -> Self {
        Self(SecretKey::generate().unwrap())
    }

    pub(crate) fn public(&self) -> PublicKey {
        PublicKey::parse(&self.0.public()).unwrap()
    }

    pub(crate) fn sign(&self, bytes: &[u8], comment: &str) -> String {
        self.0.sign(bytes, comment)
    }

    pub(crate) fn sign_as_long_ago(&self, bytes: &[u8], comment: &str) -> String {
        self.0.sign_as_long_ago(bytes, comment)
    }
}

/// A manifest and the program that it describes.
#[derive(Clone)]
pub(crate) struct Release {
    pub(crate) manifest: Manifest,
    pub(crate) program: Vec<u8>,
}

impl Release {
    pub(crate) fn new(version: Version) -> Self {
        Self::of(version, format!("the program of {version}").into_bytes())
    }

    pub(crate) fn of(version: Version, program: Vec<u8>) -> Self {
        let manifest = Manifest {
            product: "piaoxia".into(),
            channel: "stable".into(),
            version,
            minimum: OLD,
            published: "2026-11-20T08:00:00Z".parse().unwrap(),
            expires: "2027-02-20T08:00:00Z".parse().unwrap(),
            percent: 100,
            notes: Notes { zh: "更新。".into(), en: "An update.".into() },
            keys: Vec::new(),
            files: vec![FileEntry::of(version, &platform(), &program)],
        };
        Self { manifest, program }
    }

    pub(crate) fn comment(&self) -> String {
        trusted_comment(self.manifest.version, &self.manifest.channel)
    }

    pub(crate) fn signed_by(&self, signer: &Signer) -> (Vec<u8>, String) {
        let manifest = serde_json::to_vec(&self.manifest).unwrap();
        let signature = signer.sign(&manifest, &format!("timestamp:1795939200\t{}", self.comment()));
        (manifest, signature)
    }

    /// Puts it into a folder, as the release tool does.
    pub(crate) fn write_to(&self, folder: &Path, signer: &Signer) {
        let (manifest, signature) = self.signed_by(signer);
        fs::create_dir_all(folder).unwrap();
        fs::write(folder.join(MANIFEST), manifest).unwrap();
        fs::write(folder.join(SIGNATURE), signature).unwrap();
        fs::write(folder.join(&self.manifest.files[0].name), &self.program).unwrap();
    }
}

/// The stamp of the installed program.
pub(crate) fn stamp(keys: &[&Signer]) -> Stamp {
    Stamp { version: OLD, channel: "stable".into(), feed: None, keys: keys.iter().map(|signer| signer.public()).collect() }
}

/// An installation of version 0.1.0 in a data folder.
pub(crate) fn updater(data: &Path, stamp: Stamp) -> Updater {
    let version = stamp.version;
    let mut config = UpdaterConfig::new(version, Some(stamp), Shelf::of(data), None);
    config.clock = now;
    config.pause = Duration::from_millis(1);
    Updater::new(config)
}

/// Everything in a folder, by path: to see that nothing changed.
pub(crate) fn tree(folder: &Path) -> Vec<(PathBuf, u64)> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut found: Vec<_> = entries
        .flatten()
        .flat_map(|entry| match entry.metadata().unwrap() {
            folder if folder.is_dir() => tree(&entry.path()),
            file => vec![(entry.path(), file.len())],
        })
        .collect();
    found.sort();
    found
}
