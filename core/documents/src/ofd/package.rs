//! The package: parts by name, each unpacked when it is asked for. Nothing is ever looked up outside of it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::container::{self, Container};
use crate::encoding::entry_name;
use crate::limits::{ZIP_ENTRY_BYTES, ZIP_TOTAL_BYTES};
use crate::refused::{OfdFault, Refused, ZipFault, shortened};

/// Most folders that a path may go through.
const PATH_DEPTH: usize = 32;

/// An OFD in memory.
///
/// Names are found whatever their case, and whether the ZIP writes them with `\`, `./`, a leading slash, or in GBK. All
/// that is unpacked over the package's life counts against one limit of 128 MiB; a part may have 32 MiB.
pub struct OfdPackage<'a> {
    container: Container<'a>,
    names: Vec<Option<PartName>>,
    /// Entry by folded name.
    index: HashMap<String, usize>,
    /// Bytes that may still be unpacked.
    room: AtomicUsize,
}

/// The name of a part: its path from the root of the package, without a leading slash, `Doc_0/Document.xml`.
///
/// Two names are equal when they name the same part: their case does not count.
#[derive(Clone, Debug)]
pub struct PartName(String);

impl<'a> OfdPackage<'a> {
    /// Opens a package; nothing is unpacked yet.
    ///
    /// # Errors
    /// [`Refused::TooLarge`], or [`Refused::Zip`] for a ZIP that is unreadable, whose entries overlap or are too many, or in
    /// which two entries have the same name; [`OfdFault::MissingPart`] without `OFD.xml`.
    pub fn open(bytes: &'a [u8]) -> Result<Self, Refused> {
        let mut container = container::open(bytes)?;
        container::check(&mut container)?;
        let mut index = HashMap::with_capacity(container.len());
        let mut names = Vec::with_capacity(container.len());
        for (at, raw) in container.file_names_raw().enumerate() {
            let name = PartName::root().join(&entry_name(raw)).ok().filter(|_| !raw.ends_with(b"/") && !raw.ends_with(b"\\"));
            if let Some(name) = &name
                && index.insert(name.folded(), at).is_some()
            {
                return Err(ZipFault::DuplicateNames.into());
            }
            names.push(name);
        }
        let package = Self { container, names, index, room: AtomicUsize::new(ZIP_TOTAL_BYTES) };
        let main = PartName::main();
        if package.contains(&main) { Ok(package) } else { Err(main.missing()) }
    }

    /// Names of all parts in the order of the ZIP, as written there (case, but not slashes). Folders are no parts.
    pub fn parts(&self) -> impl Iterator<Item = &PartName> {
        self.names.iter().flatten()
    }

    /// Whether there is such a part.
    #[must_use]
    pub fn contains(&self, name: &PartName) -> bool {
        self.index.contains_key(&name.folded())
    }

    /// The bytes of a part.
    ///
    /// # Errors
    /// [`OfdFault::MissingPart`]; [`Refused::Zip`] for an entry that is damaged, encrypted or too large, and when the whole
    /// package has given too much ([`ZipFault::TooMuch`]).
    pub fn part(&self, name: &PartName) -> Result<Cow<'a, [u8]>, Refused> {
        self.part_within(name, ZIP_ENTRY_BYTES)
    }

    /// As [`Self::part`], of at most `limit` bytes.
    ///
    /// # Errors
    /// As [`Self::part`]; more than `limit` is [`ZipFault::EntryTooLarge`].
    pub(crate) fn part_within(&self, name: &PartName, limit: usize) -> Result<Cow<'a, [u8]>, Refused> {
        let index = *self.index.get(&name.folded()).ok_or_else(|| name.missing())?;
        let left = self.room.load(Ordering::Relaxed);
        let room = limit.min(left);
        let mut unpacked = Vec::new();
        let outcome = container::unpack(&mut self.container.clone(), index, room, &mut unpacked);
        self.room.store(left.saturating_sub(unpacked.len()), Ordering::Relaxed);
        match outcome {
            Ok(()) => Ok(Cow::Owned(unpacked)),
            Err(ZipFault::EntryTooLarge { .. }) if left < limit => Err(ZipFault::TooMuch { limit: ZIP_TOTAL_BYTES }.into()),
            Err(ZipFault::EntryTooLarge { .. }) => Err(ZipFault::EntryTooLarge { limit }.into()),
            Err(fault) => Err(fault.into()),
        }
    }

    /// How a part begins, at most `most` bytes of it; nothing where it cannot be unpacked.
    pub(crate) fn head(&self, name: &PartName, most: usize) -> Vec<u8> {
        let mut unpacked = Vec::new();
        if let Some(index) = self.index.get(&name.folded()) {
            // More than was asked for is no fault here.
            let _fault = container::unpack(&mut self.container.clone(), *index, most, &mut unpacked);
        }
        unpacked
    }

    /// The part that `loc` means in the part `base`: an `ST_Loc` from the root when it starts with a slash, else from the
    /// folder of `base`. Writers mix the two up, so where there is no such part the other reading is tried; when that is not
    /// there either, the answer is the first, and [`Self::part`] says that it is missing.
    ///
    /// # Errors
    /// [`OfdFault::BadPath`] for a path that leads out of the package.
    pub fn resolve(&self, base: &PartName, loc: &str) -> Result<PartName, Refused> {
        let loc = loc.trim();
        let absolute = loc.starts_with(['/', '\\']);
        let root = PartName::root();
        let (meant, else_meant) = if absolute { (&root, base) } else { (base, &root) };
        let meant = meant.join(loc);
        if let Ok(name) = &meant
            && self.contains(name)
        {
            return meant;
        }
        match else_meant.join(loc) {
            Ok(other) if self.contains(&other) => Ok(other),
            _ => meant,
        }
    }
}

impl fmt::Debug for OfdPackage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OfdPackage").field("parts", &self.index.len()).finish_non_exhaustive()
    }
}

impl PartName {
    /// The root of a package, which is no part: paths that belong to no part are resolved against it.
    #[must_use]
    pub fn root() -> Self {
        Self(String::new())
    }

    /// `OFD.xml`, with which every package begins.
    #[must_use]
    pub fn main() -> Self {
        Self("OFD.xml".to_owned())
    }

    /// The path from the root, without a leading slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last part of the path.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// `loc` from the folder of this part. `.` and empty steps are nothing, `..` goes up.
    ///
    /// # Errors
    /// [`OfdFault::BadPath`] above the root, with a drive letter, beyond 32 folders, or without a name.
    fn join(&self, loc: &str) -> Result<Self, Refused> {
        let bad = || Refused::from(OfdFault::BadPath { path: shortened(loc) });
        let mut steps: Vec<&str> = self.0.split('/').collect();
        // The file itself; the root has one empty step.
        steps.pop();
        for step in loc.split(['/', '\\']) {
            match step.trim() {
                "" | "." => {}
                ".." => {
                    steps.pop().ok_or_else(bad)?;
                }
                step if step.contains(':') || step.chars().any(char::is_control) => return Err(bad()),
                step => steps.push(step),
            }
        }
        if loc.trim().is_empty() || steps.is_empty() || steps.len() > PATH_DEPTH { Err(bad()) } else { Ok(Self(steps.join("/"))) }
    }

    fn folded(&self) -> String {
        self.0.to_lowercase()
    }

    fn missing(&self) -> Refused {
        OfdFault::MissingPart { part: shortened(&self.0) }.into()
    }
}

impl PartialEq for PartName {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 || self.folded() == other.folded()
    }
}

impl Eq for PartName {}

impl fmt::Display for PartName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use std::io::{Cursor, Write};

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in entries {
            writer.start_file(*name, SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored)).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn at(base: &str, loc: &str) -> Option<String> {
        PartName(base.to_owned()).join(loc).ok().map(|name| name.0)
    }

    #[test]
    fn paths_stay_inside() {
        let base = "Doc_0/Tags/CustomTags.xml";
        for (loc, name) in [
            ("Tag.xml", "Doc_0/Tags/Tag.xml"),
            ("./Tag.xml", "Doc_0/Tags/Tag.xml"),
            ("../Res//a.png", "Doc_0/Res/a.png"),
            ("..\\Res\\a.png", "Doc_0/Res/a.png"),
            ("../../OFD.xml", "OFD.xml"),
            ("数据 1/文件.txt", "Doc_0/Tags/数据 1/文件.txt"),
        ] {
            assert_eq!(at(base, loc).as_deref(), Some(name), "{loc}");
        }
        let deep = "a/".repeat(40);
        for loc in ["../../../OFD.xml", "C:/x", "a/../../../../x", "../..", "", "a\0b", deep.as_str()] {
            assert_eq!(at(base, loc), None, "{loc}");
        }
    }

    #[test]
    fn parts_are_found_however_they_are_written() {
        let bytes = zip(&[
            ("ofd.XML", b"<OFD/>"),
            ("Doc_0\\Document.xml", b"document"),
            ("/Doc_0/Tpls/Tpl_0/Content.xml", b"form"),
            ("./Doc_0/Attachs/a.xml", b"attached"),
        ]);
        let package = OfdPackage::open(&bytes).unwrap();
        let root = PartName::root();
        let document = package.resolve(&root, "Doc_0/Document.xml").unwrap();
        let read = |loc| package.part(&package.resolve(&document, loc).unwrap()).map(Cow::into_owned);
        assert_eq!(package.part(&document).unwrap().as_ref(), b"document");
        for loc in ["TPLS/TPL_0/Content.xml", "/Doc_0/Tpls/Tpl_0/Content.xml", "Doc_0/Tpls/Tpl_0/Content.xml", "/Tpls/Tpl_0/Content.xml"] {
            assert_eq!(read(loc).unwrap(), b"form", "{loc}");
        }
        assert_eq!(read(" Attachs\\a.xml ").unwrap(), b"attached");
        assert_eq!(read("b.xml"), Err(OfdFault::MissingPart { part: "Doc_0/b.xml".to_owned() }.into()));
        assert_eq!(package.resolve(&document, "../../x"), Err(OfdFault::BadPath { path: "../../x".to_owned() }.into()));
        assert_eq!(package.parts().count(), 4);
        assert_eq!(package.parts().next().map(PartName::as_str), Some("ofd.XML"));
    }

    #[test]
    fn two_spellings_of_one_name_are_ambiguous() {
        for twin in ["a.XML", "./a.xml", "/a.xml", "b/../a.xml"] {
            let bytes = zip(&[("OFD.xml", b""), ("a.xml", b"1"), (twin, b"2")]);
            assert_eq!(OfdPackage::open(&bytes).unwrap_err(), ZipFault::DuplicateNames.into(), "{twin}");
        }
        let other = zip(&[("a.xml", b"1")]);
        assert_eq!(OfdPackage::open(&other).unwrap_err(), OfdFault::MissingPart { part: "OFD.xml".to_owned() }.into());
    }

    #[test]
    fn all_that_is_unpacked_counts() {
        let noise: Vec<u8> = (0..ZIP_ENTRY_BYTES / 8)
            .scan(1_u64, |state, _| {
                *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                Some(state.to_le_bytes().map(|byte| byte & 0x8F))
            })
            .flatten()
            .collect();
        let bytes = zip(&[("OFD.xml", b""), ("large", &noise)]);
        let package = OfdPackage::open(&bytes).unwrap();
        let large = package.resolve(&PartName::root(), "large").unwrap();
        assert_eq!(package.part_within(&large, 1000), Err(ZipFault::EntryTooLarge { limit: 1000 }.into()));
        for _ in 0..3 {
            assert_eq!(package.part(&large).unwrap().len(), noise.len());
        }
        assert_eq!(package.part(&large), Err(ZipFault::TooMuch { limit: ZIP_TOTAL_BYTES }.into()));
    }
}
