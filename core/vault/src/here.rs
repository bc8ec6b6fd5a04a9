//! What stays on this PC, outside the data folder: a copy of the vault key, if the user wants one, and what was last seen.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use piaoxia_files::{FilesError, create_folder, durable_write};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::cost::KEY;
use crate::crypt::ID;
use crate::error::{Result, VaultError};

/// Longest file that is read: a key that Windows has protected has some 300 bytes.
const LIMIT: u64 = 4096;

/// The folder of this user on this PC, for one vault.
#[derive(Clone, Debug)]
pub(crate) struct Here {
    folder: PathBuf,
    id: String,
}

/// What this PC remembers of a vault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Seen {
    /// Newest edition that was opened here.
    pub edition: u64,
    /// Wrong passphrases in a row.
    pub wrong: u32,
    /// When the last one was typed, in seconds since 1970.
    pub last: i64,
}

impl Here {
    pub(crate) fn new(folder: &Path, id: &[u8; ID]) -> Self {
        let id = id.iter().map(|byte| format!("{byte:02x}")).collect();
        Self { folder: folder.to_path_buf(), id }
    }

    /// True when this PC opens the vault by itself.
    pub(crate) fn has_key(&self) -> bool {
        self.key_file().exists()
    }

    /// None when there is no key, or none that this user of this PC can read.
    pub(crate) fn key(&self) -> Option<Zeroizing<[u8; KEY]>> {
        let protected = Zeroizing::new(read_at_most(&self.key_file(), LIMIT)?);
        let plain = guard::open(&protected)?;
        plain.as_slice().try_into().ok().map(Zeroizing::new)
    }

    pub(crate) fn keep_key(&self, key: &[u8; KEY]) -> Result<()> {
        let path = self.key_file();
        let protected = guard::protect(key).ok_or(VaultError::NoPlaceHere)?;
        create_folder(&self.folder)?;
        write_private(&path, &protected).map_err(|error| FilesError::from_io(&path, error))?;
        Ok(())
    }

    pub(crate) fn forget_key(&self) -> Result<()> {
        remove(&self.key_file())
    }

    pub(crate) fn seen(&self) -> Seen {
        read_at_most(&self.seen_file(), LIMIT).and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
    }

    pub(crate) fn note(&self, seen: Seen) -> Result<()> {
        create_folder(&self.folder)?;
        let bytes = serde_json::to_vec(&seen).map_err(|error| FilesError::from_io(&self.seen_file(), error.into()))?;
        Ok(durable_write(&self.seen_file(), &bytes)?)
    }

    /// Nothing of the vault is left on this PC.
    pub(crate) fn forget(&self) -> Result<()> {
        self.forget_key()?;
        remove(&self.seen_file())
    }

    fn key_file(&self) -> PathBuf {
        self.folder.join(format!("vault-{}.key", self.id))
    }

    fn seen_file(&self) -> PathBuf {
        self.folder.join(format!("vault-{}.seen", self.id))
    }
}

pub(crate) fn read_at_most(path: &Path, limit: u64) -> Option<Vec<u8>> {
    let length = fs::metadata(path).ok()?.len();
    if length > limit { None } else { fs::read(path).ok() }
}

pub(crate) fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(FilesError::from_io(path, error).into()),
        _ => Ok(()),
    }
}

/// A file that only this user may read. Written in place: a torn one is no loss where a passphrase opens the vault too, and
/// is compared before anybody relies on it where none does.
fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    if fs::read(path)? == bytes { Ok(()) } else { Err(io::Error::other("it does not hold what was written")) }
}

/// On Linux the file's rights keep other users away; whoever can become this user reads it, as with any desktop's files.
#[cfg(not(windows))]
mod guard {
    use zeroize::Zeroizing;

    #[expect(clippy::unnecessary_wraps, reason = "on Windows it can fail")]
    pub(super) fn protect(key: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        Some(Zeroizing::new(key.to_vec()))
    }

    #[expect(clippy::unnecessary_wraps, reason = "on Windows it can fail")]
    pub(super) fn open(protected: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        Some(Zeroizing::new(protected.to_vec()))
    }
}

/// DPAPI: bound to the user of this Windows. The same user on another PC cannot read it, nor can another user here.
#[cfg(windows)]
#[expect(unsafe_code, reason = "two calls of crypt32.dll; there is no safe way to them")]
mod guard {
    use std::ptr;

    use windows_sys::Win32::Foundation::LocalFree;
    use windows_sys::Win32::Security::Cryptography::{CRYPT_INTEGER_BLOB, CRYPTPROTECT_UI_FORBIDDEN, CryptProtectData, CryptUnprotectData};
    use zeroize::{Zeroize, Zeroizing};

    pub(super) fn protect(key: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (input, mut output) = (blob(key)?, empty());
        // SAFETY: both blobs outlive the call, the input is only read; what comes back is freed in `take`.
        let done =
            unsafe { CryptProtectData(&input, ptr::null(), ptr::null(), ptr::null(), ptr::null(), CRYPTPROTECT_UI_FORBIDDEN, &mut output) };
        if done == 0 { None } else { Some(take(output)) }
    }

    pub(super) fn open(protected: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (input, mut output) = (blob(protected)?, empty());
        // SAFETY: as above.
        let done = unsafe {
            CryptUnprotectData(&input, ptr::null_mut(), ptr::null(), ptr::null(), ptr::null(), CRYPTPROTECT_UI_FORBIDDEN, &mut output)
        };
        if done == 0 { None } else { Some(take(output)) }
    }

    fn blob(bytes: &[u8]) -> Option<CRYPT_INTEGER_BLOB> {
        Some(CRYPT_INTEGER_BLOB { cbData: u32::try_from(bytes.len()).ok()?, pbData: bytes.as_ptr().cast_mut() })
    }

    fn empty() -> CRYPT_INTEGER_BLOB {
        CRYPT_INTEGER_BLOB { cbData: 0, pbData: ptr::null_mut() }
    }

    fn take(output: CRYPT_INTEGER_BLOB) -> Zeroizing<Vec<u8>> {
        // SAFETY: Windows made this buffer of this length for us; it is overwritten and freed once, here.
        unsafe {
            let bytes = std::slice::from_raw_parts_mut(output.pbData, output.cbData as usize);
            let copy = Zeroizing::new(bytes.to_vec());
            bytes.zeroize();
            LocalFree(output.pbData.cast());
            copy
        }
    }
}
