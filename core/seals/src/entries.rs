//! The list of files under integrity protection: `OFDEntries.xml` (GM/T 0099).

use crate::limits::XML_BYTES;
use crate::markup::Markup;
use crate::parts::Package;

/// What an `OFDEntries.xml` says.
#[derive(Debug)]
pub(crate) struct Entries {
    /// Its path.
    pub path: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Where the listed parts are.
    pub locations: Vec<String>,
    /// Where the signature value is.
    pub value: String,
}

impl Entries {
    /// Reads the list when the package has one; `Err` with its path when it cannot be read.
    pub fn find(package: &mut Package<'_>) -> Option<Result<Self, String>> {
        let path = package.find("", "OFDEntries.xml")?;
        Some(Self::read(package, &path).ok_or(path))
    }

    fn read(package: &mut Package<'_>, path: &str) -> Option<Self> {
        let bytes = package.bytes(path, XML_BYTES).ok()?;
        let markup = Markup::read(&bytes)?;
        let value = markup.child_text(0, "SignedValueLoc")?.to_owned();
        let (list, _) = markup.child(0, "FileList")?;
        let files = markup.children(list).filter(|(_, element)| element.is("File"));
        let locations = files.filter_map(|(_, element)| element.attribute("FileLoc")).map(str::to_owned).collect();
        Some(Self { path: path.to_owned(), bytes, locations, value })
    }
}
