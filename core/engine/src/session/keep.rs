//! 30 天免登录: the refresh token on disk, encrypted, under a key that stays on this PC.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use piaoxia_files::{FilesError, durable_write};
use piaoxia_service::contract::PersonInfo;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

/// Format of the file: these bytes, a nonce of 24 bytes, then the ciphertext with its tag.
const FORMAT: &[u8] = b"PXSESSION1";
const NONCE: usize = 24;
const KEY: usize = 32;
/// Longest file that is read.
const LIMIT: u64 = 64 * 1024;

/// What is kept.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Kept {
    pub refresh_token: String,
    pub person: PersonInfo,
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.refresh_token.zeroize();
    }
}

/// The encrypted file in the data folder and its key outside of it. A copied data folder is of no use without the key.
pub(crate) struct SessionFile {
    file: PathBuf,
    key: PathBuf,
    device: String,
}

/// The folder of this user on this PC for what must not travel with the data folder: `$XDG_STATE_HOME/piaoxia` or
/// `~/.local/state/piaoxia`; on Windows `%LOCALAPPDATA%\Piaoxia-State`. None on an account without a home.
#[must_use]
pub fn default_key_folder() -> Option<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    if cfg!(windows) {
        return folder("LOCALAPPDATA").map(|local| local.join("Piaoxia-State"));
    }
    let state = folder("XDG_STATE_HOME").or_else(|| folder("HOME").map(|home| home.join(".local").join("state")));
    state.map(|state| state.join("piaoxia"))
}

impl SessionFile {
    /// None when the key would travel with the data.
    pub(crate) fn new(data: &Path, key_folder: &Path, device: &str) -> Option<Self> {
        if key_folder.starts_with(data) {
            tracing::warn!("the folder of the session key lies inside the data folder: the session is not kept");
            return None;
        }
        let key = key_folder.join(format!("session-{}.key", device.get(..16).unwrap_or(device)));
        Some(Self { file: data.join("session.bin"), key, device: device.to_owned() })
    }

    /// Encrypts under the key of this PC, which is made the first time.
    pub(crate) fn save(&self, kept: &Kept) -> Result<(), FilesError> {
        let key = self.key_or_new()?;
        let nonce: [u8; NONCE] = rand::random();
        let plain = Zeroizing::new(serde_json::to_vec(kept).map_err(|error| self.odd(&error.to_string()))?);
        let sealed = cipher(&key)
            .encrypt(&XNonce::from(nonce), Payload { msg: &plain, aad: &self.associated() })
            .map_err(|_| self.odd("the session cannot be encrypted"))?;
        durable_write(&self.file, &[FORMAT, nonce.as_slice(), sealed.as_slice()].concat())
    }

    /// What was kept; none when there is nothing, or nothing that this PC can read.
    pub(crate) fn load(&self) -> Option<Kept> {
        let sealed = read_at_most(&self.file, LIMIT)?;
        let key = self.stored_key()?;
        let body = sealed.strip_prefix(FORMAT)?;
        let (nonce, ciphertext) = body.split_first_chunk::<NONCE>()?;
        let payload = Payload { msg: ciphertext, aad: &self.associated() };
        let plain = cipher(&key).decrypt(&XNonce::from(*nonce), payload).ok().map(Zeroizing::new);
        if plain.is_none() {
            tracing::info!("the kept session was made on another PC or is damaged");
        }
        serde_json::from_slice(&plain?).ok()
    }

    /// Removes the session and its key.
    pub(crate) fn forget(&self) {
        for path in [&self.key, &self.file] {
            if let Err(error) = fs::remove_file(path)
                && error.kind() != io::ErrorKind::NotFound
            {
                tracing::warn!(%error, "a kept session cannot be removed");
            }
        }
    }

    /// Bound to the ciphertext: a file of another format or another installation does not decrypt.
    fn associated(&self) -> Vec<u8> {
        [FORMAT, self.device.as_bytes()].concat()
    }

    fn stored_key(&self) -> Option<Zeroizing<[u8; KEY]>> {
        let bytes = Zeroizing::new(read_at_most(&self.key, KEY as u64)?);
        bytes.as_slice().try_into().ok().map(Zeroizing::new)
    }

    fn key_or_new(&self) -> Result<Zeroizing<[u8; KEY]>, FilesError> {
        if let Some(key) = self.stored_key() {
            return Ok(key);
        }
        let key = Zeroizing::new(rand::random::<[u8; KEY]>());
        write_private(&self.key, key.as_slice()).map_err(|error| FilesError::from_io(&self.key, error))?;
        Ok(key)
    }

    fn odd(&self, what: &str) -> FilesError {
        FilesError::Io { path: self.file.clone(), source: io::Error::other(what.to_owned()) }
    }
}

fn cipher(key: &[u8; KEY]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&Key::from(*key))
}

fn read_at_most(path: &Path, limit: u64) -> Option<Vec<u8>> {
    let length = fs::metadata(path).ok()?.len();
    if length > limit { None } else { fs::read(path).ok() }
}

/// A file that only this user may read. A torn one is no loss: the next sign-in makes a new key.
fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;

    fn kept() -> Kept {
        Kept { refresh_token: "r3fresh-t0ken".to_owned(), person: PersonInfo { id: "p".to_owned(), name: "王会计".to_owned() } }
    }

    #[test]
    fn only_this_pc_reads_it_back() {
        let (data, here, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let file = SessionFile::new(data.path(), here.path(), "00112233445566778899aabbccddeeff").unwrap();
        assert!(file.load().is_none());
        file.save(&kept()).unwrap();
        assert_eq!(file.load().unwrap().refresh_token, "r3fresh-t0ken");
        let other_pc = SessionFile::new(data.path(), elsewhere.path(), "00112233445566778899aabbccddeeff").unwrap();
        assert!(other_pc.load().is_none());
        let other_device = SessionFile::new(data.path(), here.path(), "00112233445566770000000000000000").unwrap();
        assert!(other_device.load().is_none(), "the device id is bound to it");
        file.forget();
        assert!(file.load().is_none());
        assert_eq!(fs::read_dir(here.path()).unwrap().count(), 0, "the key is gone");
    }

    #[test]
    fn nothing_readable_lies_in_the_data_folder_and_no_byte_can_change() {
        let (data, here) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let file = SessionFile::new(data.path(), here.path(), "00112233445566778899aabbccddeeff").unwrap();
        file.save(&kept()).unwrap();
        let path = data.path().join("session.bin");
        let bytes = fs::read(&path).unwrap();
        assert!(!bytes.windows(7).any(|window| window == b"r3fresh"));
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            fs::write(&path, &changed).unwrap();
            assert!(file.load().is_none(), "byte {place}");
        }
        for length in 0..bytes.len() {
            fs::write(&path, &bytes[..length]).unwrap();
            assert!(file.load().is_none(), "length {length}");
        }
    }

    #[test]
    fn the_key_never_lies_in_the_data_folder() {
        let data = tempfile::tempdir().unwrap();
        assert!(SessionFile::new(data.path(), data.path(), "0011").is_none());
        assert!(SessionFile::new(data.path(), &data.path().join("keys"), "0011").is_none());
    }

    #[cfg(unix)]
    #[test]
    fn the_key_is_for_this_user_alone() {
        use std::os::unix::fs::PermissionsExt;
        let (data, here) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let file = SessionFile::new(data.path(), here.path(), "00112233445566778899aabbccddeeff").unwrap();
        file.save(&kept()).unwrap();
        assert_eq!(fs::metadata(&file.key).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
