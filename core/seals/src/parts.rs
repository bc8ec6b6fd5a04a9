//! The parts of an OFD package, and how files in it name each other.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::sm2sm3::digest;

/// The files of a container, unpacked one by one. Whoever implements it bounds their sizes.
pub trait Parts {
    /// The paths of all files, without a leading slash; no folders.
    fn paths(&self) -> Vec<String>;

    /// The bytes of the file at one of these paths.
    ///
    /// # Errors
    /// [`PartFault`].
    fn bytes(&mut self, path: &str) -> Result<Cow<'_, [u8]>, PartFault>;
}

/// Why there are no bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PartFault {
    /// No file has this path.
    #[error("there is no such part")]
    Absent,
    /// The file cannot be unpacked, or is too large.
    #[error("the part cannot be read")]
    Unreadable,
}

impl Parts for BTreeMap<String, Vec<u8>> {
    fn paths(&self) -> Vec<String> {
        self.keys().cloned().collect()
    }

    fn bytes(&mut self, path: &str) -> Result<Cow<'_, [u8]>, PartFault> {
        self.get(path).map(|bytes| Cow::Borrowed(bytes.as_slice())).ok_or(PartFault::Absent)
    }
}

/// SM3 of a part.
pub(crate) type Digest = [u8; 32];

/// The parts behind a table of paths; each part's digest is computed once.
pub(crate) struct Package<'p> {
    parts: &'p mut dyn Parts,
    /// All paths, as they are and in lower case.
    exact: Vec<String>,
    folded: BTreeMap<String, usize>,
    digests: BTreeMap<String, Result<Digest, PartFault>>,
}

impl<'p> Package<'p> {
    pub fn new(parts: &'p mut dyn Parts) -> Self {
        let exact: Vec<String> = parts.paths().into_iter().filter(|path| !path.ends_with('/')).collect();
        let folded = exact.iter().enumerate().map(|(at, path)| (bare(path).to_lowercase(), at)).collect();
        Self { parts, exact, folded, digests: BTreeMap::new() }
    }

    /// The paths of all files.
    pub fn paths(&self) -> &[String] {
        &self.exact
    }

    /// The file that `location` names in the file at `from`: absolute with a leading slash, else relative to its folder, or
    /// to the root where there is no such file. Gives the path as the package has it.
    pub fn find(&self, from: &str, location: &str) -> Option<String> {
        let location = location.trim();
        let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
        let relative = if location.starts_with('/') { None } else { resolved(&format!("{folder}/{location}")) };
        let known = |path: Option<String>| path.and_then(|path| self.known(&path));
        known(relative).or_else(|| known(resolved(location)))
    }

    fn known(&self, path: &str) -> Option<String> {
        self.folded.get(&path.to_lowercase()).and_then(|at| self.exact.get(*at)).cloned()
    }

    /// The bytes of a part, not larger than `limit`.
    pub fn bytes(&mut self, path: &str, limit: usize) -> Result<Vec<u8>, PartFault> {
        let bytes = self.parts.bytes(path)?;
        if bytes.len() > limit { Err(PartFault::Unreadable) } else { Ok(bytes.into_owned()) }
    }

    /// The digest of a part.
    pub fn digest(&mut self, path: &str) -> Result<Digest, PartFault> {
        if let Some(known) = self.digests.get(path) {
            return *known;
        }
        let found = self.parts.bytes(path).map(|bytes| digest(&[&bytes]));
        self.digests.insert(path.to_owned(), found);
        found
    }
}

fn bare(path: &str) -> &str {
    path.trim_start_matches('/')
}

/// A path without `.` and `..`, without a leading slash; none when it leads out of the package.
fn resolved(path: &str) -> Option<String> {
    let mut steps: Vec<&str> = Vec::new();
    for step in path.split('/') {
        match step {
            "" | "." => {}
            ".." => {
                steps.pop()?;
            }
            step => steps.push(step),
        }
    }
    (!steps.is_empty()).then(|| steps.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_lead_to_parts() {
        let mut files: BTreeMap<String, Vec<u8>> = ["OFD.xml", "Doc_0/Signs/Sign_0/Signature.xml", "Doc_0/Res/图.png", "Doc_0/Signs/"]
            .map(|path| (path.to_owned(), vec![1]))
            .into();
        let mut package = Package::new(&mut files);
        let from = "Doc_0/Signs/Signatures.xml";
        for (location, path) in [
            ("Sign_0/Signature.xml", Some("Doc_0/Signs/Sign_0/Signature.xml")),
            ("/Doc_0/Signs/Sign_0/Signature.xml", Some("Doc_0/Signs/Sign_0/Signature.xml")),
            ("Doc_0/signs/Sign_0/signature.xml", Some("Doc_0/Signs/Sign_0/Signature.xml")),
            ("../Res/图.png", Some("Doc_0/Res/图.png")),
            (" ./../../OFD.xml ", Some("OFD.xml")),
            ("../../../OFD.xml", None),
            ("/../OFD.xml", None),
            ("", None),
            ("/Doc_0/Signs/", None),
        ] {
            assert_eq!(package.find(from, location).as_deref(), path, "{location}");
        }
        assert_eq!(package.paths().len(), 3);
        assert_eq!(package.digest("OFD.xml"), Ok(digest(&[&[1]])));
        assert_eq!(package.digest("none"), Err(PartFault::Absent));
        assert_eq!(package.bytes("OFD.xml", 0), Err(PartFault::Unreadable));
    }
}
