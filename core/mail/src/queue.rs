//! The queue's folder: one file a mail.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use piaoxia_files::{FilesError, create_folder, durable_write, remove_leftovers, sync_folder};
use serde::{Deserialize, Serialize};

use crate::error::MailError;
use crate::mail::Mail;

/// Largest file that is read, bytes: two bodies, escaped.
const FILE_LIMIT: u64 = 2 << 20;
/// Most files that are read.
const FILES: usize = 10_000;
const SUFFIX: &str = "json";

/// A mail on its way, or one that did not arrive.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Record {
    /// 32 hex digits; the file's name.
    pub(crate) id: String,
    pub(crate) created: Timestamp,
    pub(crate) tries: u32,
    pub(crate) next_try: Timestamp,
    /// Why the last try failed.
    pub(crate) reason: Option<String>,
    /// When it was given up; its bodies are gone then.
    pub(crate) dead: Option<Timestamp>,
    pub(crate) mail: Mail,
}

/// Where records are kept; none keeps nothing.
#[derive(Clone)]
pub(crate) struct Folder(Option<PathBuf>);

impl Folder {
    /// Opens the folder, made if needed, and reads what is there, the oldest first. Files that cannot be read stay where
    /// they are and are named in the log.
    ///
    /// # Errors
    /// The folder cannot be made or listed.
    pub(crate) fn open(path: Option<PathBuf>) -> Result<(Self, Vec<Record>), MailError> {
        let Some(path) = path else { return Ok((Self(None), Vec::new())) };
        create_folder(&path)?;
        // Mails hold activation codes and operation keys: whoever reads one can activate a PC in somebody's name. The
        // folder is closed first, so that no file is open to others even for the moment before its own mode is set.
        only_owner(&path, 0o700);
        remove_leftovers(&path)?;
        let records = read_all(&path)?;
        Ok((Self(Some(path)), records))
    }

    /// Writes a record, over its earlier one.
    pub(crate) fn write(&self, record: &Record) -> Result<(), MailError> {
        let Some(folder) = &self.0 else { return Ok(()) };
        let path = file(folder, &record.id);
        let bytes = serde_json::to_vec(record).map_err(|error| FilesError::from_io(&path, io::Error::other(error)))?;
        durable_write(&path, &bytes)?;
        only_owner(&path, 0o600);
        Ok(())
    }

    /// Removes a record; one that is not there is removed already.
    pub(crate) fn remove(&self, id: &str) -> Result<(), MailError> {
        let Some(folder) = &self.0 else { return Ok(()) };
        let path = file(folder, id);
        match fs::remove_file(&path) {
            Ok(()) => Ok(sync_folder(folder)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(FilesError::from_io(&path, error).into()),
        }
    }
}

fn file(folder: &Path, id: &str) -> PathBuf {
    folder.join(format!("{id}.{SUFFIX}"))
}

fn read_all(folder: &Path) -> Result<Vec<Record>, MailError> {
    let at = |error| FilesError::from_io(folder, error);
    let mut records = Vec::new();
    for entry in fs::read_dir(folder).map_err(at)?.take(FILES) {
        let path = entry.map_err(at)?.path();
        if path.extension().is_none_or(|extension| extension != SUFFIX) {
            continue;
        }
        match read(&path) {
            Ok(record) => records.push(record),
            // The reason names places, never content.
            Err(reason) => tracing::warn!(path = %path.display(), reason, "a file of the mail queue cannot be read and stays behind"),
        }
    }
    records.sort_by(|one, other| (one.created, &one.id).cmp(&(other.created, &other.id)));
    Ok(records)
}

fn read(path: &Path) -> Result<Record, String> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| error.to_string())?;
    file.take(FILE_LIMIT + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > FILE_LIMIT {
        return Err("too large".to_owned());
    }
    let record: Record = serde_json::from_slice(&bytes).map_err(|error| format!("line {}, column {}", error.line(), error.column()))?;
    let named = path.file_stem().is_some_and(|stem| stem == record.id.as_str());
    let hex = record.id.len() == 32 && record.id.bytes().all(|byte| byte.is_ascii_hexdigit());
    if named && hex { Ok(record) } else { Err("its name is not its own".to_owned()) }
}

#[cfg(unix)]
fn only_owner(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    // FAT sticks have no modes.
    if let Err(error) = fs::set_permissions(path, fs::Permissions::from_mode(mode)) {
        tracing::warn!(path = %path.display(), %error, "others on this machine may read the mail queue");
    }
}

#[cfg(not(unix))]
fn only_owner(_path: &Path, _mode: u32) {}
