//! Where each original goes: names that nobody else has, in folders that do not overflow.

use std::collections::HashMap;

use piaoxia_domain::Invoice;
use piaoxia_domain::names::{NamePattern, PATH_UNITS, Taken};

use crate::source::OriginalFile;

/// The most entries of a folder: a folder on FAT32 ends at 65,536 records of 32 bytes, and a long name takes several.
const FOLDER_ENTRIES: usize = 2_000;
/// The most that a whole path may have, in UTF-16 units, below the 260 of Windows.
const WHOLE_PATH_UNITS: usize = 240;

/// Gives every original its path below the target.
pub(super) struct Shelf<'a> {
    pattern: &'a NamePattern,
    stems: Taken,
    files: Taken,
    folders: HashMap<String, Folder>,
    /// What the continuations of the target itself are called.
    label: String,
    limit: usize,
}

/// Where the entries of a wanted folder go at present.
struct Folder {
    path: String,
    entries: usize,
    /// 1 for the wanted folder itself, 2 for its first continuation.
    part: usize,
}

impl<'a> Shelf<'a> {
    /// `target_units` is the length of the target's own path, zero in an archive.
    pub(super) fn new(pattern: &'a NamePattern, label: &str, target_units: usize) -> Self {
        let units = WHOLE_PATH_UNITS.saturating_sub(target_units).min(PATH_UNITS);
        Self {
            pattern,
            stems: Taken::within(units),
            files: Taken::within(units),
            folders: HashMap::new(),
            label: label.to_owned(),
            limit: FOLDER_ENTRIES,
        }
    }

    /// Relative paths of an invoice's originals, parted by `/`, in their order; all in one folder with one stem.
    pub(super) fn place(&mut self, invoice: &Invoice, originals: &[OriginalFile]) -> Vec<String> {
        if originals.is_empty() {
            return Vec::new();
        }
        let wanted = self.pattern.render(invoice, &mut self.stems);
        let (folder, name) = wanted.rsplit_once('/').unwrap_or(("", &wanted));
        let folder = self.room(folder, originals.len());
        let stem = join(&folder, name);
        originals.iter().map(|original| self.files.claim(&stem, &extension(original))).collect()
    }

    /// Another path for an original whose path is taken by something that was there before.
    pub(super) fn place_again(&mut self, path: &str, original: &OriginalFile) -> String {
        let extension = extension(original);
        self.files.claim(path.strip_suffix(&extension).unwrap_or(path), &extension)
    }

    /// The folder that takes so many more entries in place of the wanted one: itself, or `wanted-2`, `wanted-3` beside it.
    fn room(&mut self, wanted: &str, entries: usize) -> String {
        // Folders that differ in case alone are one folder on Windows.
        let key = wanted.to_lowercase();
        let mut part = 1;
        if let Some(folder) = self.folders.get_mut(&key) {
            if folder.entries + entries <= self.limit {
                folder.entries += entries;
                return folder.path.clone();
            }
            part = folder.part + 1;
        }
        let suffix = if part == 1 { String::new() } else { format!("-{part}") };
        let path = match wanted.rsplit_once('/') {
            Some((parent, name)) => join(&self.room(parent, 1), &format!("{name}{suffix}")),
            None if wanted.is_empty() && part == 1 => String::new(),
            None if wanted.is_empty() => format!("{}{suffix}", self.label),
            None => join(&self.room("", 1), &format!("{wanted}{suffix}")),
        };
        self.folders.insert(key, Folder { path: path.clone(), entries, part });
        path
    }
}

fn extension(original: &OriginalFile) -> String {
    format!(".{}", original.format.extension())
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use std::collections::{HashMap, HashSet};

    use piaoxia_domain::invoice::Format;

    use super::*;

    fn invoice(number: u64, seller: &str) -> Invoice {
        let json = format!(
            r#"{{"key":"{number:020}","kind":"81","direction":"received","issuedAt":"2026-10-08T00:00:00","seller":{{"name":"{seller}"}},
            "buyer":{{"name":"乙"}},"net":"1.00","tax":"0.13","gross":"1.13","status":"normal"}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    fn originals() -> Vec<OriginalFile> {
        [Format::Xml, Format::Pdf].map(|format| OriginalFile { format, bytes: Vec::new() }).to_vec()
    }

    fn shelved(pattern: &str, invoices: &[Invoice], limit: usize) -> Vec<String> {
        let pattern = NamePattern::parse(pattern).unwrap();
        let mut shelf = Shelf { limit, ..Shelf::new(&pattern, "原件", 0) };
        invoices.iter().flat_map(|invoice| shelf.place(invoice, &originals())).collect()
    }

    #[test]
    fn originals_of_an_invoice_share_their_stem() {
        let invoices = [invoice(1, "甲"), invoice(2, "甲")];
        assert_eq!(shelved("{seller}", &invoices, 9), ["甲.xml", "甲.pdf", "甲 (2).xml", "甲 (2).pdf"]);
    }

    #[test]
    fn a_full_folder_goes_on_beside_itself() {
        let invoices: Vec<_> = (0..5).map(|number| invoice(number, "甲")).collect();
        let paths = shelved("{month}/{number}", &invoices, 4);
        let folders: Vec<_> = paths.iter().map(|path| path.split('/').next().unwrap()).collect();
        assert_eq!(folders, [["2026-10"; 4], ["2026-10-2"; 4]].concat().into_iter().chain(["2026-10-3"; 2]).collect::<Vec<_>>());
        let flat = shelved("{number}", &invoices, 4);
        assert!(flat[3].starts_with("0000") && flat[4].starts_with("原件-2/") && flat[9].starts_with("原件-3/"), "{flat:?}");
    }

    #[test]
    fn a_month_of_many_invoices_keeps_to_the_limit_of_a_folder() {
        let invoices: Vec<_> = (0..5_000).map(|number| invoice(number, "甲")).collect();
        let mut entries: HashMap<String, usize> = HashMap::new();
        for path in shelved("{month}/{seller}", &invoices, FOLDER_ENTRIES) {
            *entries.entry(path.rsplit_once('/').unwrap().0.to_owned()).or_default() += 1;
        }
        assert_eq!(entries.values().sum::<usize>(), 10_000);
        assert!(entries.values().all(|count| *count <= 2_000), "{entries:?}");
    }

    #[test]
    fn no_folder_holds_too_much_and_no_path_is_given_twice() {
        let sellers = ["甲", "ABC", "abc", "甲-2", "原件-2"];
        let invoices: Vec<_> =
            (0..400).map(|number| invoice(number, &format!("{}{}", sellers[number as usize % 5], number % 7 / 6))).collect();
        for pattern in ["{seller}/{month}/{number}", "{number}", "{seller}", "{number}/{seller}"] {
            let paths = shelved(pattern, &invoices, 20);
            let distinct: HashSet<_> = paths.iter().map(|path| path.to_lowercase()).collect();
            assert_eq!(distinct.len(), 800, "{pattern}");
            let mut entries: HashMap<String, HashSet<String>> = HashMap::new();
            for path in &distinct {
                let mut path = path.as_str();
                while let Some((folder, name)) = path.rsplit_once('/').or((!path.is_empty()).then_some(("", path))) {
                    entries.entry(folder.to_owned()).or_default().insert(name.to_owned());
                    path = folder;
                }
            }
            // The target itself also holds the continuations.
            let overflowing: Vec<_> = entries.iter().filter(|(folder, names)| !folder.is_empty() && names.len() > 20).collect();
            assert!(overflowing.is_empty(), "{pattern}: {overflowing:?}");
            assert!(entries[""].len() <= 20 + 800 / 20, "{pattern}: {}", entries[""].len());
        }
    }
}
