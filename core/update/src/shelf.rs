//! `Data/app`: the versions that lie beside the portable executable.
//!
//! ```text
//! Data/app/state.json                     what was ever offered, and the number of this installation
//!          LOCK                           held while something is downloaded, installed or set aside
//!          incoming/0.3.0/                what is being downloaded
//!          keys/0.3.0.json, .minisig      links of the key chain
//!          0.3.0/update.json, .minisig    a version: what it says of itself, its signature,
//!                piaoxia-0.3.0-…          the program,
//!                mark.json                and how its starts went
//! ```

use std::fs;
use std::path::{Path, PathBuf};

use piaoxia_files::{FilesError, FolderLock, durable_write};
use serde::{Deserialize, Serialize};

use crate::MANIFEST;
use crate::error::{Refusal, UpdateError};
use crate::keys::{Keyring, Link, PublicKey};
use crate::manifest::{FileEntry, MANIFEST_LIMIT, Manifest, platform};
use crate::probe::{Probe, Step};
use crate::proof::prove_file;
use crate::signature::{SIGNATURE, SIGNATURE_LIMIT, read_signed};
use crate::version::Version;

const STATE: &str = "state.json";
const INCOMING: &str = "incoming";
const KEYS: &str = "keys";

/// The folder. Nothing in it is believed because it is there.
#[derive(Clone, Debug)]
pub struct Shelf {
    root: PathBuf,
    pub(crate) probe: Probe,
}

/// What is remembered beside the versions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct State {
    /// Random text of this installation.
    pub(crate) installation: String,
    /// Highest version that was ever offered and believed.
    pub(crate) seen: Option<Version>,
}

/// A version whose signature is good; its file is proved before it is used.
#[derive(Clone, Debug)]
pub(crate) struct Shelved {
    pub(crate) manifest: Manifest,
    pub(crate) entry: FileEntry,
    /// The program.
    pub(crate) program: PathBuf,
}

impl Shelf {
    /// The one in a data folder. Nothing is made.
    #[must_use]
    pub fn of(data: &Path) -> Self {
        Self { root: data.join("app"), probe: Probe::default() }
    }

    /// There is something to look for.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.root.is_dir()
    }

    /// Keeps other windows and commands from it. It is made if it is not there.
    pub(crate) fn lock(&self) -> Result<FolderLock, UpdateError> {
        FolderLock::acquire(&self.root).map_err(|error| match error {
            FilesError::Locked { .. } => UpdateError::Busy,
            other => other.into(),
        })
    }

    /// The folder of a version.
    #[must_use]
    pub fn folder(&self, version: Version) -> PathBuf {
        self.root.join(version.to_string())
    }

    /// The folder into which versions are downloaded.
    pub(crate) fn incoming(&self) -> PathBuf {
        self.root.join(INCOMING)
    }

    /// Versions of which there is a folder, newest first; nothing is said of what is in it.
    #[must_use]
    pub fn versions(&self) -> Vec<Version> {
        folders(&self.root)
    }

    /// Versions that were begun to be downloaded.
    pub(crate) fn coming(&self) -> Vec<Version> {
        folders(&self.incoming())
    }

    /// Reads and verifies manifest and signature of a version in this folder.
    ///
    /// # Errors
    /// The [`Refusal`], or what the system says.
    pub(crate) fn read(folder: &Path, version: Version, keys: &[PublicKey]) -> Result<Shelved, UpdateError> {
        let (manifest, signature) = read_pair(&folder.join(MANIFEST), &folder.join(SIGNATURE))?;
        let manifest = read_signed(&manifest, &signature, keys)?;
        let platform = platform();
        let Some(entry) = manifest.file(&platform).cloned() else { return Err(Refusal::NoFile { platform }.into()) };
        if manifest.version != version {
            return Err(Refusal::CommentWrong.into());
        }
        Ok(Shelved { program: folder.join(&entry.name), entry, manifest })
    }

    /// The same, with the program read and compared.
    pub(crate) fn prove(folder: &Path, version: Version, keys: &[PublicKey]) -> Result<Shelved, UpdateError> {
        let shelved = Self::read(folder, version, keys)?;
        prove_file(&shelved.program, &shelved.entry)?;
        Ok(shelved)
    }

    /// What is remembered; a damaged file counts as none.
    pub(crate) fn state(&self) -> State {
        let read = fs::read(self.root.join(STATE)).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        read.unwrap_or_default()
    }

    pub(crate) fn keep_state(&self, state: &State) -> Result<(), FilesError> {
        let path = self.root.join(STATE);
        let bytes = serde_json::to_vec(state).map_err(|error| FilesError::from_io(&path, error.into()))?;
        self.probe.pass(Step::StateWritten);
        durable_write(&path, &bytes)
    }

    /// The keys that a program of this version believes, with what was announced since.
    #[must_use]
    pub fn keyring(&self, pinned: &[PublicKey], version: Version) -> Keyring {
        Keyring::follow(pinned, version, &self.links())
    }

    fn links(&self) -> Vec<Link> {
        let Ok(entries) = fs::read_dir(self.root.join(KEYS)) else { return Vec::new() };
        let manifests = entries.flatten().map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|found| found == "json"));
        manifests
            .filter_map(|path| read_pair(&path, &path.with_extension("minisig")).ok())
            .map(|(manifest, signature)| Link { manifest, signature })
            .collect()
    }

    /// Keeps a manifest that announces keys.
    pub(crate) fn keep_link(&self, version: Version, manifest: &[u8], signature: &str) -> Result<(), FilesError> {
        self.probe.pass(Step::KeyLink);
        let folder = self.root.join(KEYS);
        piaoxia_files::create_folder(&folder)?;
        // Not `with_extension`: a version holds dots.
        let path = |extension: &str| folder.join(format!("{version}.{extension}"));
        durable_write(&path("minisig"), signature.as_bytes())?;
        durable_write(&path("json"), manifest)
    }
}

/// Folders that are named as versions are, newest first.
fn folders(within: &Path) -> Vec<Version> {
    let Ok(entries) = fs::read_dir(within) else { return Vec::new() };
    let mut found: Vec<Version> = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    found.sort_by(|a, b| b.cmp(a));
    found
}

/// A manifest and its signature, both no longer than they may be.
pub(crate) fn read_pair(manifest: &Path, signature: &Path) -> Result<(Vec<u8>, String), UpdateError> {
    let manifest = read_small(manifest, MANIFEST_LIMIT)?.ok_or(Refusal::NoManifest)?;
    let signature = read_small(signature, SIGNATURE_LIMIT)?.ok_or(Refusal::NoSignature)?;
    Ok((manifest, String::from_utf8(signature).map_err(|_| Refusal::SignatureUnreadable)?))
}

/// A small file; none when it is not there.
pub(crate) fn read_small(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, UpdateError> {
    use std::io::Read as _;
    let file = match fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && path.parent().is_some_and(Path::is_dir) => return Ok(None),
        Err(error) => return Err(FilesError::from_io(path, error).into()),
    };
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes).map_err(|error| FilesError::from_io(path, error))?;
    if bytes.len() as u64 > limit {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        return Err(Refusal::TooLarge { name, limit }.into());
    }
    Ok(Some(bytes))
}
