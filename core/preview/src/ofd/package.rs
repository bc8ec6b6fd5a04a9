//! The parts of an OFD container by their place, within the limits of `piaoxia-documents`.

use piaoxia_documents::{OfdPackage, PartName, Refused, ZipFault};

use super::xml::{self, Element};
use crate::error::PreviewError;

/// An opened container.
pub(super) struct Package<'a>(OfdPackage<'a>);

impl<'a> Package<'a> {
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, PreviewError> {
        OfdPackage::open(bytes).map(Self).map_err(error)
    }

    /// The bytes at a place; none when nothing is there.
    pub(super) fn bytes(&self, place: &str) -> Result<Option<Vec<u8>>, PreviewError> {
        let name = self.0.resolve(&PartName::root(), place).map_err(error)?;
        if !self.0.contains(&name) {
            return Ok(None);
        }
        self.0.part(&name).map(|bytes| Some(bytes.into_owned())).map_err(error)
    }

    /// The XML part at a place; none when nothing is there.
    pub(super) fn part(&self, place: &str) -> Result<Option<Element>, PreviewError> {
        self.bytes(place)?.map(|bytes| xml::parse(&bytes)).transpose()
    }
}

fn error(refused: Refused) -> PreviewError {
    match refused {
        Refused::TooLarge { .. } => PreviewError::TooMuch("bytes"),
        Refused::Zip(ZipFault::TooManyEntries { .. }) => PreviewError::TooMuch("entries"),
        Refused::Zip(ZipFault::EntryTooLarge { .. } | ZipFault::TooMuch { .. } | ZipFault::Bomb { .. }) => {
            PreviewError::TooMuch("unpacked bytes")
        }
        Refused::Zip(ZipFault::Encrypted) => PreviewError::Protected,
        other => PreviewError::Damaged(other.to_string()),
    }
}

/// The place that `location`, stated in the part at `from`, points to: a path from the container's root. `..` at the root
/// is the root; a leading slash means the root.
pub(super) fn resolve(from: &str, location: &str) -> String {
    let location = location.trim().replace('\\', "/");
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let folder = if location.starts_with('/') { "" } else { folder };
    let mut steps: Vec<&str> = Vec::new();
    for step in folder.split('/').chain(location.split('/')) {
        match step {
            "" | "." => {}
            ".." => {
                steps.pop();
            }
            step => steps.push(step),
        }
    }
    steps.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_stay_inside() {
        for (from, location, place) in [
            ("OFD.xml", "Doc_0/Document.xml", "Doc_0/Document.xml"),
            ("Doc_0/Document.xml", "Pages/Page_0/Content.xml", "Doc_0/Pages/Page_0/Content.xml"),
            ("Doc_0/Document.xml", "/Doc_0/Res/a.png", "Doc_0/Res/a.png"),
            ("Doc_0/Pages/Page_0/Content.xml", "../../Res/./a.png", "Doc_0/Res/a.png"),
            ("Doc_0/a.xml", "..\\..\\..\\etc\\passwd", "etc/passwd"),
            ("", "./OFD.xml", "OFD.xml"),
        ] {
            assert_eq!(resolve(from, location), place, "{location}");
        }
    }
}
