//! Keys that are believed, and how they change.
//!
//! Two keys are pinned: the current one, which signs releases, and after it the next, whose secret lies elsewhere. A manifest that is
//! signed by one of them may announce the keys that count from its version on. One of them must be known already, and the next key
//! stays and stays the last, unless it signed itself: so a stolen current key takes over nothing, and what it announced is put right
//! by the next key, which follows it with a new one behind. Announcing manifests are kept as links of a chain in `Data/app/keys/`:
//! the portable executable, which still pins the oldest keys, follows it to prove the versions that came later.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::Refusal;
use crate::manifest::Manifest;
use crate::signature;
use crate::version::Version;

/// A public key in minisign's format: `RW…`, 56 characters.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PublicKey {
    text: String,
    key: minisign_verify::PublicKey,
}

/// A text that is no public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a public key of minisign is 56 characters and begins with RW")]
pub struct NotAKey;

impl PublicKey {
    /// Of the text alone, or of a file of minisign with its comment line.
    ///
    /// # Errors
    /// It is none.
    pub fn parse(text: &str) -> Result<Self, NotAKey> {
        let text = text.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default();
        let key = minisign_verify::PublicKey::from_base64(text).map_err(|_| NotAKey)?;
        Ok(Self { text: text.to_owned(), key })
    }

    pub(crate) fn inner(&self) -> &minisign_verify::PublicKey {
        &self.key
    }
}

impl TryFrom<String> for PublicKey {
    type Error = NotAKey;

    fn try_from(text: String) -> Result<Self, NotAKey> {
        Self::parse(&text)
    }
}

impl From<PublicKey> for String {
    fn from(key: PublicKey) -> Self {
        key.text
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

/// A kept manifest that announces keys, and its signature.
#[derive(Clone, Debug)]
pub struct Link {
    /// `update.json`.
    pub manifest: Vec<u8>,
    /// `update.json.minisig`.
    pub signature: String,
}

/// The keys that are believed now, and those that once were.
#[derive(Clone, Debug)]
pub struct Keyring {
    current: Vec<PublicKey>,
    all: Vec<PublicKey>,
}

impl Keyring {
    /// Starts with the keys that are pinned in the program of this version and follows the links of later ones.
    #[must_use]
    pub fn follow(pinned: &[PublicKey], version: Version, links: &[Link]) -> Self {
        let mut ring = Self { current: pinned.to_vec(), all: pinned.to_vec() };
        let mut later: Vec<(Version, &Link)> = links
            .iter()
            .filter_map(|link| Some((Manifest::parse(&link.manifest).ok()?.version, link)))
            .filter(|(announced_by, _)| *announced_by > version)
            .collect();
        later.sort_by_key(|(announced_by, _)| *announced_by);
        for (announced_by, link) in later {
            if let Err(refusal) = ring.add(link) {
                tracing::warn!(%announced_by, %refusal, "a link of the key chain does not count");
            }
        }
        ring
    }

    fn add(&mut self, link: &Link) -> Result<(), Refusal> {
        let manifest = signature::read_signed(&link.manifest, &link.signature, &self.current)?;
        self.allows(&manifest.keys, &signature::signers(&link.manifest, &link.signature, &self.current))?;
        if !manifest.keys.is_empty() {
            self.all.extend(manifest.keys.iter().filter(|key| !self.all.contains(key)).cloned().collect::<Vec<_>>());
            self.current = manifest.keys;
        }
        Ok(())
    }

    /// Keys whose signature makes a new release count.
    #[must_use]
    pub fn current(&self) -> &[PublicKey] {
        &self.current
    }

    /// Keys whose signature proves a version that is installed already: one was retired since, perhaps.
    #[must_use]
    pub fn all(&self) -> &[PublicKey] {
        &self.all
    }

    /// Announced keys may take over: none are announced; or one of them is believed already, and the next key signed or is the last
    /// of them still.
    ///
    /// # Errors
    /// [`Refusal::NextKeyDropped`].
    pub fn allows(&self, announced: &[PublicKey], signers: &[PublicKey]) -> Result<(), Refusal> {
        let known = announced.iter().any(|key| self.current.contains(key));
        let next = self.current.last();
        let kept = announced.last() == next || next.is_some_and(|next| signers.contains(next));
        if announced.is_empty() || (known && kept) { Ok(()) } else { Err(Refusal::NextKeyDropped) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::tests::kit::{Release, Signer};

    fn link(version: Version, by: &Signer, keys: &[&Signer]) -> Link {
        let mut release = Release::new(version);
        release.manifest.keys = keys.iter().map(|signer| signer.public()).collect();
        let (manifest, signature) = release.signed_by(by);
        Link { manifest, signature }
    }

    fn version(minor: u32) -> Version {
        Version::new(0, minor, 0)
    }

    #[test]
    fn keys_follow_a_chain_in_which_one_is_always_known() {
        let [a, b, c, d] = [(); 4].map(|()| Signer::new());
        let pinned = [a.public(), b.public()];
        let links = [link(version(3), &c, &[&c, &d]), link(version(2), &b, &[&b, &c])];
        let ring = Keyring::follow(&pinned, version(1), &links);
        assert_eq!(ring.current(), [c.public(), d.public()]);
        assert_eq!(ring.all().len(), 4);
        // The program of version 2 pins what version 2 announced.
        let ring = Keyring::follow(&[b.public(), c.public()], version(2), &links);
        assert_eq!(ring.current(), [c.public(), d.public()]);
    }

    #[test]
    fn a_link_that_changes_both_keys_or_is_signed_by_a_stranger_does_not_count() {
        let [a, b, c, d] = [(); 4].map(|()| Signer::new());
        let pinned = [a.public(), b.public()];
        for bad in [link(version(2), &b, &[&c, &d]), link(version(2), &c, &[&b, &c])] {
            assert_eq!(Keyring::follow(&pinned, version(1), &[bad]).all(), pinned);
        }
        // A retired key can announce nothing any more.
        let links = [link(version(2), &b, &[&b, &c]), link(version(3), &a, &[&a, &c])];
        assert_eq!(Keyring::follow(&pinned, version(1), &links).current(), [b.public(), c.public()]);
    }

    #[test]
    fn a_stolen_current_key_takes_over_nothing() {
        let [a, b, c, d] = [(); 4].map(|()| Signer::new());
        let pinned = [a.public(), b.public()];
        for stolen in [&[&a, &c][..], &[&b, &c], &[&a], &[&b, &a]] {
            assert_eq!(Keyring::follow(&pinned, version(1), &[link(version(2), &a, stolen)]).current(), pinned);
        }
        // It can bring another in its own place; the next key throws that out.
        let brought = link(version(2), &a, &[&c, &b]);
        let still = [link(version(3), &c, &[&c, &d]), link(version(4), &b, &[&b, &d])];
        let ring = Keyring::follow(&pinned, version(1), &[brought, still[0].clone(), still[1].clone()]);
        assert_eq!(ring.current(), [b.public(), d.public()]);
        // With both signatures either goes.
        let (one, other) = (link(version(2), &a, &[&a, &c]), link(version(2), &b, &[&a, &c]));
        let both = Link { signature: format!("{}{}", other.signature, one.signature), ..one };
        assert_eq!(Keyring::follow(&pinned, version(1), &[both]).current(), [a.public(), c.public()]);
    }

    #[test]
    fn keys_are_read_from_a_file_of_minisign() {
        let text = "untrusted comment: minisign public key E7620F1842B4E81F\nRWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3\n";
        assert_eq!(PublicKey::parse(text).unwrap().to_string(), "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3");
        for bad in ["", "RW", "untrusted comment: x", "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO"] {
            assert_eq!(PublicKey::parse(bad), Err(NotAKey));
        }
    }
}
