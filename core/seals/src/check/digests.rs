//! The parts that a signature names and their digests.

use std::collections::BTreeSet;

use super::earlier;
use crate::entries::Entries;
use crate::finding::{Found, Outcome, Reason};
use crate::manifest::{List, Manifest};
use crate::name::shown;
use crate::parts::{Digest, Package, PartFault};

/// What the comparison gives: a finding, and the parts that the signature covers.
pub(crate) struct Compared {
    pub found: Found,
    pub covered: BTreeSet<String>,
}

/// Names of SM3 without a key (GM/T 0006); GB/T 33190 leaves the name open, real files write either.
const SM3: [&str; 3] = ["1.2.156.10197.1.401", "1.2.156.10197.1.401.1", "SM3"];

/// Compares the digests in the manifest at `from`, whose signature is entry number `own` of `list`.
pub(crate) fn compare(package: &mut Package<'_>, from: &str, manifest: &Manifest, list: &List, own: usize) -> Compared {
    let known = SM3.iter().any(|name| manifest.method.eq_ignore_ascii_case(name));
    let mut tally = Tally { known, ..Tally::default() };
    for reference in &manifest.references {
        match package.find(from, &reference.location) {
            Some(path) => tally.take(package.digest(&path), path, reference.digest),
            None => tally.missing.push(&reference.location),
        }
    }
    let parts = manifest.references.len();
    let found = match (tally.missing.first(), tally.changed.first()) {
        _ if parts == 0 => (Outcome::Fail, Reason::NothingSigned),
        (Some(first), _) => (Outcome::Fail, Reason::PartsMissing { first: shown(first), missing: tally.missing.len(), parts }),
        _ if !known => (Outcome::NotChecked, Reason::DigestMethodUnknown { method: manifest.method.clone() }),
        (None, None) => (Outcome::Pass, Reason::DigestsFit { parts }),
        (None, Some((first, digest))) => changed(&tally, (first, *digest), parts, list, own),
    };
    let unreadable = tally.unreadable.len();
    let found = match (found, tally.unreadable.first()) {
        ((Outcome::Pass, _), Some(first)) => (Outcome::NotChecked, Reason::PartsUnreadable { first: shown(first), unreadable, parts }),
        (found, _) => found,
    };
    Compared { found, covered: tally.covered }
}

/// Parts were changed: by a later signature, when nothing but the list is concerned.
fn changed(tally: &Tally<'_>, (first, digest): (&str, Option<Digest>), parts: usize, list: &List, own: usize) -> Found {
    let changed = tally.changed.len();
    let later = list.entries.len().saturating_sub(own + 1) + list.more;
    if changed > 1 || first != list.path || later == 0 {
        (Outcome::Fail, Reason::PartsChanged { first: shown(first), changed, parts })
    } else if earlier::restores(list, own, digest) {
        (Outcome::Pass, Reason::SignedLater { later, parts })
    } else {
        (Outcome::NotChecked, Reason::SignedLaterUnproved { later })
    }
}

#[derive(Default)]
struct Tally<'m> {
    known: bool,
    missing: Vec<&'m str>,
    changed: Vec<(String, Option<Digest>)>,
    unreadable: Vec<String>,
    covered: BTreeSet<String>,
}

impl Tally<'_> {
    fn take(&mut self, found: Result<Digest, PartFault>, path: String, signed: Option<Digest>) {
        match found {
            Err(_) => self.unreadable.push(path.clone()),
            Ok(digest) if self.known && signed != Some(digest) => self.changed.push((path.clone(), signed)),
            Ok(_) => {}
        }
        self.covered.insert(path);
    }
}

/// The parts that a list of GM/T 0099 names: it has no digests.
pub(crate) fn named(package: &Package<'_>, entries: &Entries) -> Compared {
    let mut covered = BTreeSet::new();
    let mut missing = Vec::new();
    for location in &entries.locations {
        match package.find(&entries.path, location) {
            Some(path) => {
                covered.insert(path);
            }
            None => missing.push(location),
        }
    }
    let parts = entries.locations.len();
    let found = match missing.first() {
        _ if parts == 0 => (Outcome::Fail, Reason::NothingSigned),
        Some(first) => (Outcome::Fail, Reason::PartsMissing { first: shown(first), missing: missing.len(), parts }),
        None => (Outcome::NotChecked, Reason::NamesOnly { parts }),
    };
    Compared { found, covered }
}
