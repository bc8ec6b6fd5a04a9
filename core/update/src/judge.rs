//! Is a release to be believed, and is it for this installation? No I/O, no clock: everything that decides is handed in.

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use crate::error::Refusal;
use crate::keys::Keyring;
use crate::manifest::{FileEntry, Manifest};
use crate::signature::{read_signed, signers};
use crate::version::Version;

/// A clock may be behind by this much before it is called wrong.
const CLOCK: SignedDuration = SignedDuration::from_hours(24);

/// What decides, on this side.
#[derive(Clone, Debug)]
pub struct Here<'a> {
    /// The running version.
    pub version: Version,
    /// The channel that is followed.
    pub channel: &'a str,
    /// As [`crate::platform`] names it.
    pub platform: &'a str,
    /// Keys that are believed.
    pub keys: &'a Keyring,
    /// Highest version that was ever offered here and believed.
    pub seen: Option<Version>,
    /// Versions that were tried here and did not start.
    pub failed: &'a [Version],
    /// Random text of this installation: decides who is offered a version first.
    pub installation: &'a str,
    /// A release is offered step by step; false where somebody brought it here on purpose.
    pub phased: bool,
    /// By this PC's clock.
    pub now: Timestamp,
}

/// What a believed release means here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the running version.
    Current(Box<Manifest>),
    /// It is newer.
    New {
        /// What it says of itself.
        manifest: Box<Manifest>,
        /// Its file for this PC.
        file: FileEntry,
    },
    /// It is newer, and this installation's turn has not come.
    NotYet(Box<Manifest>),
}

impl Verdict {
    /// What the release says of itself.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        match self {
            Self::Current(manifest) | Self::NotYet(manifest) | Self::New { manifest, .. } => manifest,
        }
    }
}

/// Judges a manifest and its signature.
///
/// # Errors
/// Why it is refused.
pub fn judge(bytes: &[u8], signature: &str, here: &Here<'_>) -> Result<Verdict, Refusal> {
    if here.keys.current().is_empty() {
        return Err(Refusal::NotARelease);
    }
    let manifest = read_signed(bytes, signature, here.keys.current())?;
    if manifest.channel != here.channel {
        return Err(Refusal::OtherChannel { channel: manifest.channel });
    }
    check_time(&manifest, here.now)?;
    check_version(&manifest, here)?;
    here.keys.allows(&manifest.keys, &signers(bytes, signature, here.keys.current()))?;
    let manifest = Box::new(manifest);
    if manifest.version == here.version {
        return Ok(Verdict::Current(manifest));
    }
    let Some(file) = manifest.file(here.platform).cloned() else {
        return Err(Refusal::NoFile { platform: here.platform.to_owned() });
    };
    if here.failed.contains(&manifest.version) {
        return Err(Refusal::FailedBefore { version: manifest.version });
    }
    let turn = !here.phased || share(here.installation, manifest.version) < manifest.percent;
    Ok(if turn { Verdict::New { manifest, file } } else { Verdict::NotYet(manifest) })
}

fn check_time(manifest: &Manifest, now: Timestamp) -> Result<(), Refusal> {
    if now > manifest.expires {
        return Err(Refusal::Expired { expires: manifest.expires, now });
    }
    if now.saturating_add(CLOCK).is_ok_and(|latest| latest < manifest.published) {
        return Err(Refusal::ClockBehind { published: manifest.published, now });
    }
    Ok(())
}

/// Only upward: neither below what runs, nor below what was ever offered here.
fn check_version(manifest: &Manifest, here: &Here<'_>) -> Result<(), Refusal> {
    let offered = manifest.version;
    let known = here.seen.map_or(here.version, |seen| seen.max(here.version));
    // The running version may be below the highest one: it was rolled back to. Then only the highest is offered again.
    if offered < known {
        return Err(Refusal::Older { offered, known });
    }
    if offered > here.version && here.version < manifest.minimum {
        return Err(Refusal::BelowMinimum { offered, minimum: manifest.minimum });
    }
    Ok(())
}

/// Where among a hundred this installation stands for a version: always the same, and another one for each version.
fn share(installation: &str, version: Version) -> u8 {
    let hash: [u8; 32] = Sha256::digest(format!("{installation} {version}")).into();
    let [a, b, c, d, ..] = hash;
    u8::try_from(u32::from_be_bytes([a, b, c, d]) % 100).unwrap_or(99)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_even_and_differ_by_version() {
        let version = Version::new(0, 2, 0);
        let below = |percent: u8| (0..10_000).filter(|n| share(&format!("installation {n}"), version) < percent).count();
        for (percent, expected) in [(0, 0..=0), (10, 900..=1100), (50, 4800..=5200), (100, 10_000..=10_000)] {
            assert!(expected.contains(&below(percent)), "{percent} %: {}", below(percent));
        }
        let same = (0..1000).filter(|n| share(&n.to_string(), version) == share(&n.to_string(), Version::new(0, 3, 0))).count();
        assert!(same < 50, "{same}");
    }
}
