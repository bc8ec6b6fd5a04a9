//! The parts of an OFD container, read by name into memory within limits. Nothing is ever written to a path of the file.

use std::collections::HashMap;
use std::io::{Cursor, Read as _};

use zip::ZipArchive;

use super::xml::{self, Element};
use crate::error::PreviewError;
use crate::limits;

/// An opened container.
pub(super) struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    /// Entries by their path in lower case: Windows tools write paths in any case.
    names: HashMap<String, usize>,
    /// Bytes that may still be unpacked.
    left: usize,
}

impl<'a> Package<'a> {
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, PreviewError> {
        if bytes.len() > limits::FILE {
            return Err(PreviewError::TooMuch("bytes"));
        }
        let damaged = |error: zip::result::ZipError| PreviewError::Damaged(error.to_string());
        let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
        if archive.len() > limits::ENTRIES {
            return Err(PreviewError::TooMuch("entries"));
        }
        if archive.has_overlapping_files().map_err(damaged)? {
            return Err(PreviewError::Damaged("entries of the container overlap".to_owned()));
        }
        let mut names = HashMap::new();
        for index in 0..archive.len() {
            if let Some(Ok(name)) = archive.name_for_index(index) {
                let place = resolve("", &name).to_lowercase();
                if names.insert(place, index).is_some() {
                    return Err(PreviewError::Damaged("two entries of the container have the same name".to_owned()));
                }
            }
        }
        Ok(Self { archive, names, left: limits::ENTRIES_TOTAL })
    }

    /// The bytes at a path; none when nothing is there.
    pub(super) fn bytes(&mut self, path: &str) -> Result<Option<Vec<u8>>, PreviewError> {
        let Some(index) = self.names.get(&path.to_lowercase()) else { return Ok(None) };
        let damaged = |error: std::io::Error| PreviewError::Damaged(error.to_string());
        let entry = self.archive.by_index(*index).map_err(|error| PreviewError::Damaged(error.to_string()))?;
        let limit = self.left.min(limits::ENTRY);
        let mut bytes = Vec::new();
        entry.take(limit as u64 + 1).read_to_end(&mut bytes).map_err(damaged)?;
        if bytes.len() > limit {
            return Err(PreviewError::TooMuch("bytes in the container"));
        }
        self.left -= bytes.len();
        Ok(Some(bytes))
    }

    /// The XML part at a path; none when nothing is there.
    pub(super) fn part(&mut self, path: &str) -> Result<Option<Element>, PreviewError> {
        self.bytes(path)?.map(|bytes| xml::parse(&bytes)).transpose()
    }
}

/// The place that `location`, stated in the part at `from`, points to. Never outside the container: `..` at its root is
/// the root. A leading slash means the container's root.
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
