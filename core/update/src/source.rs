//! Where a release lies: at an HTTPS address, in a folder, on a second stick.

use std::io::SeekFrom;
use std::path::{Path, PathBuf};

use piaoxia_files::FilesError;
use piaoxia_service::{ClientError, ClientOptions, WebFile, WebFolder};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

use crate::MANIFEST;
use crate::error::{Refusal, UpdateError};
use crate::manifest::MANIFEST_LIMIT;
use crate::shelf::read_pair;
use crate::signature::{SIGNATURE, SIGNATURE_LIMIT};

/// Read at once from a folder.
const PIECE: usize = 256 << 10;

/// Where a release lies.
#[derive(Clone, Debug)]
pub enum Source {
    /// A folder: on this PC, in the network, on a second stick.
    Folder(PathBuf),
    /// A folder of a web server.
    Web(Box<WebFolder>),
}

/// A file of a release on its way.
pub(crate) enum Coming {
    Folder { file: File, path: PathBuf, start: u64 },
    Web(Box<WebFile>),
}

impl Source {
    /// An address (`https://…`), else a folder.
    ///
    /// # Errors
    /// The address is none, or plain HTTP to another PC.
    pub fn named(text: &str, options: ClientOptions) -> Result<Self, UpdateError> {
        if text.contains("://") { Ok(Self::Web(Box::new(WebFolder::new(text, options)?))) } else { Ok(Self::Folder(PathBuf::from(text))) }
    }

    /// A release is offered step by step to those who look at its address; a folder was brought here on purpose.
    pub(crate) fn is_phased(&self) -> bool {
        matches!(self, Self::Web(_))
    }

    /// Manifest and signature, not yet believed.
    pub(crate) async fn announcement(&self) -> Result<(Vec<u8>, String), UpdateError> {
        let (manifest, signature) = match self {
            Self::Folder(folder) => {
                let folder = folder.clone();
                return off_thread(&folder.clone(), move || read_pair(&folder.join(MANIFEST), &folder.join(SIGNATURE))).await;
            }
            Self::Web(web) => (small(web, MANIFEST, MANIFEST_LIMIT).await?, small(web, SIGNATURE, SIGNATURE_LIMIT).await?),
        };
        let signature = String::from_utf8(signature.ok_or(Refusal::NoSignature)?).map_err(|_| Refusal::SignatureUnreadable)?;
        Ok((manifest.ok_or(Refusal::NoManifest)?, signature))
    }

    /// Opens a file from a byte on; it may begin earlier.
    pub(crate) async fn open(&self, name: &str, from: u64) -> Result<Coming, UpdateError> {
        let missing = || Refusal::FileMissing { name: name.to_owned() };
        match self {
            Self::Folder(folder) => {
                let path = folder.join(name);
                match open_at(&path, from).await {
                    Ok(file) => Ok(Coming::Folder { file, path, start: from }),
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound && folder.is_dir() => Err(missing().into()),
                    Err(error) => Err(FilesError::from_io(&path, error).into()),
                }
            }
            Self::Web(web) => Ok(Coming::Web(Box::new(web.open(name, from).await?.ok_or_else(missing)?))),
        }
    }
}

async fn open_at(path: &Path, from: u64) -> std::io::Result<File> {
    let mut file = File::open(path).await?;
    file.seek(SeekFrom::Start(from)).await?;
    Ok(file)
}

async fn small(web: &WebFolder, name: &str, limit: u64) -> Result<Option<Vec<u8>>, UpdateError> {
    web.small(name, limit).await.map_err(|error| match error {
        ClientError::TooLarge { limit } => Refusal::TooLarge { name: name.to_owned(), limit }.into(),
        other => other.into(),
    })
}

impl Coming {
    /// The byte that comes first.
    pub(crate) fn start(&self) -> u64 {
        match self {
            Self::Folder { start, .. } => *start,
            Self::Web(file) => file.start(),
        }
    }

    /// What came next; none at the end.
    pub(crate) async fn piece(&mut self) -> Result<Option<Vec<u8>>, UpdateError> {
        match self {
            Self::Folder { file, path, .. } => {
                let mut piece = vec![0; PIECE];
                let count = file.read(&mut piece).await.map_err(|error| FilesError::from_io(path, error))?;
                piece.truncate(count);
                Ok((count > 0).then_some(piece))
            }
            Self::Web(file) => Ok(file.chunk().await?),
        }
    }
}

/// Runs what waits for the disk where it may wait.
pub(crate) async fn off_thread<T: Send + 'static>(
    about: &Path,
    work: impl FnOnce() -> Result<T, UpdateError> + Send + 'static,
) -> Result<T, UpdateError> {
    let ended = tokio::task::spawn_blocking(work).await;
    ended.unwrap_or_else(|error| Err(FilesError::from_io(about, std::io::Error::other(error)).into()))
}
