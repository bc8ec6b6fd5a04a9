//! Originals (原件): files named by their SHA-256, written once and never again.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use piaoxia_domain::InvoiceKey;
use piaoxia_domain::invoice::Format;
use piaoxia_files::{FilesError, create_folder, durable_finish_all, durable_write_all, remove_leftovers};

use crate::changes::Changes;
use crate::core::Core;
use crate::digest::Digest;
use crate::draft::Content;
use crate::error::{Result, StoreError, damaged};
use crate::ledger::types::{Attached, NewOriginal, Original};
use crate::ledger::{digital_of, invoice_key, original_key};

/// More files make a folder slow on FAT32 and in a file manager.
const FILES_A_FOLDER: usize = 2_000;

/// The files: `originals/ab/SHA256`, and `originals/ab/cd/SHA256` once a folder is full.
pub(crate) struct Originals {
    dir: PathBuf,
    /// Files in a folder, counted when it is first written to.
    counts: HashMap<PathBuf, usize>,
    limit: usize,
}

impl Originals {
    pub(crate) fn new(data: &Path) -> Self {
        Self { dir: data.join("originals"), counts: HashMap::new(), limit: FILES_A_FOLDER }
    }

    /// Keeps these bytes durably. What is there and whole already is left alone; what is there and damaged is put right.
    pub(crate) fn keep(&mut self, files: impl Iterator<Item = (Digest, Content)>) -> Result<()> {
        let (mut held, mut spilled, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
        for (sha256, content) in files {
            if !seen.insert(sha256) {
                continue;
            }
            let found = self.places(&sha256).into_iter().find(|place| place.exists());
            let place = match found {
                Some(place) if content.is_at(&place) => continue,
                Some(place) => place,
                None => self.free_place(&sha256)?,
            };
            match content.into_body() {
                Ok(bytes) => held.push((place, bytes)),
                Err(file) => {
                    let mut file = file.ok_or_else(|| damaged("a draft without its file"))?;
                    file.aim(&place)?;
                    spilled.push(file);
                }
            }
        }
        durable_finish_all(spilled)?;
        let held: Vec<(PathBuf, &[u8])> = held.iter().map(|(place, bytes)| (place.clone(), bytes.as_slice())).collect();
        Ok(durable_write_all(&held)?)
    }

    /// The bytes with this hash.
    pub(crate) fn read(&self, sha256: &Digest) -> Result<Vec<u8>> {
        for place in self.places(sha256) {
            match fs::read(&place) {
                Ok(bytes) if Digest::of(&bytes) == *sha256 => return Ok(bytes),
                Ok(_) => return Err(StoreError::OriginalDamaged { sha256: *sha256 }),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(FilesError::from_io(&place, error).into()),
            }
        }
        Err(StoreError::OriginalMissing { sha256: *sha256 })
    }

    /// Where it may lie: folder by the first two digits, or below that by the next two.
    fn places(&self, sha256: &Digest) -> [PathBuf; 2] {
        let name = sha256.to_string();
        let digits = |from: usize| name.get(from..from + 2).unwrap_or_default().to_owned();
        let folder = self.dir.join(digits(0));
        [folder.join(&name), folder.join(digits(2)).join(&name)]
    }

    fn free_place(&mut self, sha256: &Digest) -> Result<PathBuf> {
        let [near, far] = self.places(sha256);
        let place = if self.count(&near)? < self.limit { near } else { far };
        self.count(&place)?;
        if let Some(count) = place.parent().and_then(|folder| self.counts.get_mut(folder)) {
            *count += 1;
        }
        Ok(place)
    }

    /// Files in the folder of this place, which is made if need be.
    fn count(&mut self, place: &Path) -> Result<usize> {
        let folder = place.parent().unwrap_or(&self.dir);
        if let Some(count) = self.counts.get(folder) {
            return Ok(*count);
        }
        let explain = |error| FilesError::from_io(folder, error);
        create_folder(folder)?;
        remove_leftovers(folder)?;
        let count = fs::read_dir(folder).map_err(explain)?.count();
        self.counts.insert(folder.to_path_buf(), count);
        Ok(count)
    }
}

/// What the ledger is to note of an original whose file is kept.
pub(crate) struct Attachment {
    pub key: InvoiceKey,
    pub original: Original,
}

impl Attachment {
    /// With what is to be kept.
    pub(crate) fn of(new: NewOriginal) -> (Self, Content) {
        let NewOriginal { key, format, name, content } = new;
        let original = Original { format, sha256: content.digest(), size: content.size(), name, added_at: Timestamp::now() };
        (Self { key, original }, content)
    }
}

impl Core {
    /// Fails when one of these invoices is not in the ledger.
    pub(crate) fn check_known(&self, keys: &[InvoiceKey]) -> Result<()> {
        let records = Changes::on(self.engine()?);
        for key in keys {
            let digital = digital_of(&records, key)?;
            if !records.has(&invoice_key(digital.as_ref().unwrap_or(key)))? {
                return Err(StoreError::UnknownInvoice { key: key.clone() });
            }
        }
        Ok(())
    }

    /// Notes originals whose files are kept, with one commit.
    pub(crate) fn attach(&mut self, attachments: &[Attachment]) -> Result<Vec<Attached>> {
        let mut changes = Changes::on(self.engine()?);
        let mut outcomes = Vec::with_capacity(attachments.len());
        let mut marks: Vec<(InvoiceKey, Format)> = Vec::with_capacity(attachments.len());
        for Attachment { key, original } in attachments {
            let key = digital_of(&changes, key)?.unwrap_or_else(|| key.clone());
            let record = original_key(&key, &original.sha256);
            let known = changes.has(&record)?;
            if !known {
                changes.put_json(&record, original)?;
            }
            outcomes.push(if known { Attached::Known } else { Attached::New });
            marks.push((key, original.format));
        }
        let records = changes.into_records();
        self.commit(&records)?;
        self.publish(marks.len(), |index| marks.iter().for_each(|(key, format)| index.mark_original(key, *format)));
        Ok(outcomes)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    fn keep(originals: &mut Originals, files: &[&[u8]]) {
        originals.keep(files.iter().map(|bytes| (Digest::of(bytes), Content::from(bytes.to_vec())))).unwrap();
    }

    #[test]
    fn a_full_folder_gets_folders_below_it() {
        let dir = tempfile::tempdir().unwrap();
        let mut originals = Originals { limit: 2, ..Originals::new(dir.path()) };
        // All of these begin with the same two digits.
        let contents: Vec<Vec<u8>> =
            (0_u32..).map(|n| n.to_le_bytes().to_vec()).filter(|bytes| Digest::of(bytes).to_string().starts_with("ab")).take(6).collect();
        for bytes in &contents {
            keep(&mut originals, &[bytes]);
        }
        let reopened = Originals::new(dir.path());
        for bytes in &contents {
            assert_eq!(reopened.read(&Digest::of(bytes)).unwrap(), *bytes);
        }
        let files = fs::read_dir(dir.path().join("originals/ab")).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_file()).count();
        assert_eq!(files, 2);
    }

    #[test]
    fn damage_is_told_and_put_right_by_the_same_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let mut originals = Originals::new(dir.path());
        let sha256 = Digest::of(b"<xml/>");
        assert!(matches!(originals.read(&sha256), Err(StoreError::OriginalMissing { .. })));
        keep(&mut originals, &[b"<xml/>", b"<xml/>"]);
        let [place, _] = originals.places(&sha256);
        let written = fs::metadata(&place).unwrap().modified().unwrap();
        keep(&mut originals, &[b"<xml/>"]);
        assert_eq!(fs::metadata(&place).unwrap().modified().unwrap(), written);
        for damage in [b"<xmk/>".as_slice(), b"<xml/", b""] {
            fs::write(&place, damage).unwrap();
            assert!(matches!(originals.read(&sha256), Err(StoreError::OriginalDamaged { sha256: found }) if found == sha256));
            keep(&mut originals, &[b"<xml/>"]);
            assert_eq!(originals.read(&sha256).unwrap(), b"<xml/>");
        }
    }
}
