//! ZIP archives of documents, unpacked in memory, entry by entry, within limits. No name in an archive is ever a path.

use std::cell::Cell;
use std::ops::ControlFlow;

use crate::container::{self, Container};
use crate::document::Document;
use crate::encoding::entry_name;
use crate::limits::{SHEETS_BYTES, ZIP_ENTRIES, ZIP_ENTRY_BYTES, ZIP_NAME_BYTES, ZIP_TOTAL_BYTES};
use crate::refused::{Refused, ZipFault};
use crate::workbook;

/// Archives within the archive that are opened.
const NESTING: usize = 1;

/// One file, or one entry of an archive, after it was tried.
#[derive(Debug)]
pub struct Entry<'a> {
    /// File name; within an archive the entry's name, `inner.zip/xml/a.xml` in a nested one. For showing, never a path.
    pub name: String,
    /// The document that it is in: that name without folders, sheet and row. To be told to users, never a path.
    pub file: &'a str,
    /// The bytes, to be kept as the original; empty where they could not be unpacked, and for a row of a workbook, whose
    /// name ends in its sheet and row (`全量.xlsx/发票基础信息/5`).
    pub bytes: &'a [u8],
    /// What it says, or why it was not read.
    pub outcome: Result<Document, Refused>,
}

type Each<'e> = dyn FnMut(Entry<'_>) -> ControlFlow<()> + 'e;

/// Reads a file, or every entry of a ZIP in its order. An archive that cannot be opened gives one item with its own name.
/// Folders and what macOS and Windows leave in archives (`__MACOSX`, `.DS_Store`, `Thumbs.db`) are passed over.
#[must_use]
pub fn read_all(name: &str, bytes: &[u8]) -> Vec<(String, Result<Document, Refused>)> {
    let mut all = Vec::new();
    walk(name, bytes, &mut |entry| {
        all.push((entry.name, entry.outcome));
        ControlFlow::Continue(())
    });
    all
}

/// As [`read_all`], one entry at a time and with its bytes. `each` ends the walk by [`ControlFlow::Break`].
pub fn walk(name: &str, bytes: &[u8], each: &mut dyn FnMut(Entry<'_>) -> ControlFlow<()>) {
    let outcome = match crate::read(name, bytes) {
        Err(Refused::Archive) => match Walk::new().archive("", bytes, NESTING, each) {
            Ok(_) => return,
            Err(refused) => Err(refused),
        },
        Err(Refused::Workbook) => match Walk::new().workbook(name, "", bytes, each) {
            Ok(_) => return,
            Err(refused) => Err(refused),
        },
        outcome => outcome,
    };
    // The walk is over either way.
    let _ended = each(Entry { name: name.to_owned(), file: last(name), bytes, outcome });
}

/// A ZIP whose entries are told apart and share nothing.
///
/// # Errors
/// As [`container::open`] and [`container::check`].
fn open_sound(bytes: &[u8]) -> Result<Container<'_>, Refused> {
    let mut package = container::open(bytes)?;
    container::check(&mut package)?;
    Ok(package)
}

/// What may still be read of one file.
struct Walk {
    entries: usize,
    bytes: usize,
    sheets: Cell<u64>,
}

impl Walk {
    fn new() -> Self {
        Self { entries: ZIP_ENTRIES, bytes: ZIP_TOTAL_BYTES, sheets: Cell::new(SHEETS_BYTES) }
    }

    /// Hands out the rows of a workbook; breaks when `each` did.
    fn workbook(&self, name: &str, inside: &str, bytes: &[u8], each: &mut Each<'_>) -> Result<ControlFlow<()>, Refused> {
        workbook::walk(last(name), inside, open_sound(bytes)?, &self.sheets, each)
    }

    /// Tries every entry; `inside` is put before the names. Breaks when `each` did.
    fn archive(&mut self, inside: &str, bytes: &[u8], nesting: usize, each: &mut Each<'_>) -> Result<ControlFlow<()>, Refused> {
        let mut package = open_sound(bytes)?;
        self.entries =
            self.entries.checked_sub(package.len()).ok_or(ZipFault::TooManyEntries { entries: package.len(), limit: ZIP_ENTRIES })?;
        let mut unpacked = Vec::new();
        let mut is_empty = true;
        for index in 0..package.len() {
            let Some(raw) = document_name(&package, index) else {
                continue;
            };
            is_empty = false;
            let outcome = self.unpack(&mut package, index, &mut unpacked);
            let name = format!("{inside}{}", shown(&raw));
            let flow = match outcome {
                Ok(()) => self.entry(name, &unpacked, nesting, each),
                Err(fault) => each(Entry { file: last(&name), name: name.clone(), bytes: &[], outcome: Err(fault.into()) }),
            };
            if flow.is_break() {
                return Ok(flow);
            }
        }
        if is_empty { Err(ZipFault::Empty.into()) } else { Ok(ControlFlow::Continue(())) }
    }

    fn entry(&mut self, name: String, bytes: &[u8], nesting: usize, each: &mut Each<'_>) -> ControlFlow<()> {
        let outcome = match crate::read(&name, bytes) {
            Err(Refused::Archive) if nesting == 0 => Err(ZipFault::Nested.into()),
            Err(Refused::Archive) => match self.archive(&format!("{name}/"), bytes, nesting - 1, each) {
                Ok(flow) => return flow,
                Err(refused) => Err(refused),
            },
            Err(Refused::Workbook) => match self.workbook(&name, &format!("{name}/"), bytes, each) {
                Ok(flow) => return flow,
                Err(refused) => Err(refused),
            },
            outcome => outcome,
        };
        each(Entry { file: last(&name), name: name.clone(), bytes, outcome })
    }

    fn unpack(&mut self, package: &mut Container<'_>, index: usize, into: &mut Vec<u8>) -> Result<(), ZipFault> {
        let room = ZIP_ENTRY_BYTES.min(self.bytes);
        let read = container::unpack(package, index, room, into);
        self.bytes = self.bytes.saturating_sub(into.len());
        match read {
            Err(ZipFault::EntryTooLarge { .. }) if room < ZIP_ENTRY_BYTES => Err(ZipFault::TooMuch { limit: ZIP_TOTAL_BYTES }),
            other => other,
        }
    }
}

/// The raw name of an entry that may be a document: neither a folder nor litter.
fn document_name(package: &Container<'_>, index: usize) -> Option<Vec<u8>> {
    let entry = package.by_index_data(index).ok()?;
    let wanted = !entry.is_dir() && !is_litter(&entry_name(entry.name_raw()));
    wanted.then(|| entry.name_raw().to_vec())
}

/// What operating systems put into archives by themselves.
fn is_litter(name: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or(name);
    name.split('/').any(|folder| folder == "__MACOSX") || matches!(last, ".DS_Store" | "Thumbs.db" | "desktop.ini")
}

/// What follows the last slash.
fn last(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}

fn shown(raw: &[u8]) -> String {
    entry_name(raw).chars().take(ZIP_NAME_BYTES).collect()
}
