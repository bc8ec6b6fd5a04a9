//! A release comes onto the stick: downloaded into `incoming/`, proved, moved to its place, proved again.
//!
//! A download that was cut or stopped goes on where it stopped, also after a restart: what is there is hashed first, so a
//! damaged beginning is found out. Should a file that was put together so not be the signed one, it is fetched once more from
//! the beginning before it is refused.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use piaoxia_files::{FilesError, create_folder, durable_write, free_space, move_folder};
use piaoxia_service::ClientError;
use sha2::{Digest, Sha256};
use tokio::fs::{File, OpenOptions};
use tokio::io::AsyncWriteExt;
use tokio_util::sync::CancellationToken;

use crate::MANIFEST;
use crate::error::{Refusal, UpdateError};
use crate::keys::Keyring;
use crate::manifest::FileEntry;
use crate::probe::Step;
use crate::proof::{compare, hash_file};
use crate::shelf::{Shelf, Shelved, State, read_pair};
use crate::signature::SIGNATURE;
use crate::source::{Coming, Source, off_thread};
use crate::version::Version;

/// Room that a stick keeps beside the file, bytes: the ledger goes on while it is downloaded.
const SLACK: u64 = 8 << 20;
/// Tries without a byte more than before.
const TRIES: u32 = 4;

/// Told of bytes there and bytes in all.
pub(crate) type Progress<'a> = &'a (dyn Fn(u64, u64) + Send + Sync);

/// What is to be fetched, from where.
pub(crate) struct Fetch<'a> {
    pub(crate) shelf: &'a Shelf,
    pub(crate) source: &'a Source,
    pub(crate) version: Version,
    pub(crate) entry: &'a FileEntry,
    /// Manifest and signature, as they were judged.
    pub(crate) announcement: &'a (Vec<u8>, String),
    /// Pause before the second try; doubled each time.
    pub(crate) pause: Duration,
}

/// A file that is being put together.
struct Part {
    path: PathBuf,
    file: File,
    hash: Sha256,
    length: u64,
    /// A part of it was there already.
    resumed: bool,
}

/// Fetches a file of a release until it is whole and proved. The shelf is locked by the caller.
pub(crate) async fn fetch(order: &Fetch<'_>, progress: Progress<'_>, stop: &CancellationToken) -> Result<(), UpdateError> {
    let folder = order.shelf.incoming().join(order.version.to_string());
    prepare(order, &folder).await?;
    let mut part = Part::open(folder.join(&order.entry.name), order.entry.size).await?;
    loop {
        let missing = order.entry.size.saturating_sub(part.length);
        let free = free_space(&folder)?;
        if missing > 0 && free < missing + SLACK {
            return Err(FilesError::DiskFull { path: part.path, needed: Some(missing + SLACK - free) }.into());
        }
        persist(order, &mut part, progress, stop).await?;
        match compare(&part.hash, part.length, order.entry) {
            Ok(()) => return part.close(order.shelf).await,
            Err(_) if part.resumed => part.empty().await?,
            Err(refusal) => {
                part.empty().await?;
                return Err(refusal.into());
            }
        }
    }
}

/// Makes the folder with the announcement in it; what was left of other versions goes.
async fn prepare(order: &Fetch<'_>, folder: &Path) -> Result<(), UpdateError> {
    let (shelf, version) = (order.shelf.clone(), order.version);
    let (folder, (manifest, signature)) = (folder.to_path_buf(), order.announcement.clone());
    off_thread(&folder.clone(), move || {
        for other in shelf.coming().into_iter().filter(|other| *other != version) {
            shelf.probe.pass(Step::Tidy);
            remove(&shelf.incoming().join(other.to_string()))?;
        }
        shelf.probe.pass(Step::IncomingMade);
        create_folder(&folder)?;
        shelf.probe.pass(Step::ManifestWritten);
        durable_write(&folder.join(MANIFEST), &manifest)?;
        Ok(durable_write(&folder.join(SIGNATURE), signature.as_bytes())?)
    })
    .await
}

/// Pours until the file is whole; a connection that breaks is taken up again.
async fn persist(order: &Fetch<'_>, part: &mut Part, progress: Progress<'_>, stop: &CancellationToken) -> Result<(), UpdateError> {
    let (mut tries, mut farthest) = (1, part.length);
    loop {
        let error = match pour(order, part, progress, stop).await {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        // What was written so far counts when it goes on, now or at another start.
        part.settle().await?;
        if part.length > farthest {
            (tries, farthest) = (0, part.length);
        }
        if !may_pass(&error, order.source) || tries >= TRIES {
            return Err(error);
        }
        tracing::info!(%error, tries, got = part.length, "the update goes on where it was cut");
        let pause = order.pause.saturating_mul(1 << tries);
        tries += 1;
        if stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
            return Err(UpdateError::Cancelled);
        }
    }
}

/// A hiccup of the network. A file that ends early is one, too, until it has done so often.
fn may_pass(error: &UpdateError, source: &Source) -> bool {
    match error {
        UpdateError::Network(error) => matches!(error, ClientError::Unreachable(_) | ClientError::Timeout | ClientError::Cut),
        UpdateError::Refused(Refusal::WrongSize { .. }) => matches!(source, Source::Web(_)),
        _ => false,
    }
}

async fn pour(order: &Fetch<'_>, part: &mut Part, progress: Progress<'_>, stop: &CancellationToken) -> Result<(), UpdateError> {
    let entry = order.entry;
    if part.length == entry.size {
        return Ok(());
    }
    let stopped = || UpdateError::Cancelled;
    let mut coming: Coming = stop.run_until_cancelled(order.source.open(&entry.name, part.length)).await.ok_or_else(stopped)??;
    if coming.start() != part.length {
        // The server gives whole files only.
        part.empty().await?;
    }
    progress(part.length, entry.size);
    while let Some(piece) = stop.run_until_cancelled(coming.piece()).await.ok_or_else(stopped)?? {
        if part.length + piece.len() as u64 > entry.size {
            part.empty().await?;
            return Err(Refusal::WrongSize { name: entry.name.clone() }.into());
        }
        order.shelf.probe.pass(Step::Piece);
        part.add(&piece).await?;
        progress(part.length, entry.size);
    }
    if part.length == entry.size { Ok(()) } else { Err(Refusal::WrongSize { name: entry.name.clone() }.into()) }
}

impl Part {
    async fn open(path: PathBuf, size: u64) -> Result<Self, UpdateError> {
        let explain = |error| FilesError::from_io(&path, error);
        let file = OpenOptions::new().append(true).create(true).open(&path).await.map_err(explain)?;
        let hashed = path.clone();
        let (hash, length) = off_thread(&path, move || Ok(hash_file(&hashed)?)).await?;
        let mut part = Self { file, hash, length, resumed: length > 0, path };
        if part.length > size {
            part.empty().await?;
        }
        Ok(part)
    }

    async fn add(&mut self, piece: &[u8]) -> Result<(), FilesError> {
        self.file.write_all(piece).await.map_err(|error| FilesError::from_io(&self.path, error))?;
        self.hash.update(piece);
        self.length += piece.len() as u64;
        Ok(())
    }

    async fn empty(&mut self) -> Result<(), FilesError> {
        self.settle().await?;
        self.file.set_len(0).await.map_err(|error| FilesError::from_io(&self.path, error))?;
        (self.hash, self.length, self.resumed) = (Sha256::new(), 0, false);
        Ok(())
    }

    /// Everything that was added is with the system.
    async fn settle(&mut self) -> Result<(), FilesError> {
        self.file.flush().await.map_err(|error| FilesError::from_io(&self.path, error))
    }

    async fn close(mut self, shelf: &Shelf) -> Result<(), UpdateError> {
        self.settle().await?;
        shelf.probe.pass(Step::Synced);
        self.file.sync_all().await.map_err(|error| FilesError::from_io(&self.path, error))?;
        drop(self.file);
        allow_to_run(&self.path);
        Ok(())
    }
}

/// On FAT every file may be run, and its rights cannot be changed.
fn allow_to_run(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        if let Err(error) = fs::set_permissions(path, fs::Permissions::from_mode(0o755)) {
            tracing::debug!(%error, "the rights of the new program stay as they are");
        }
    }
    #[cfg(not(unix))]
    let _ = path;
}

/// Puts a downloaded version in its place. The shelf is locked by the caller. What runs now is kept as the version before;
/// the others go.
pub(crate) fn install(shelf: &Shelf, version: Version, keys: &Keyring, running: Version) -> Result<Shelved, UpdateError> {
    let incoming = shelf.incoming().join(version.to_string());
    let before = Shelf::prove(&incoming, version, keys.current())?;
    if !before.manifest.keys.is_empty() {
        // Before the move: a version that lies in its place can always be followed by the next.
        let (manifest, signature) = read_pair(&incoming.join(MANIFEST), &incoming.join(SIGNATURE))?;
        shelf.keep_link(version, &manifest, &signature)?;
    }
    let place = shelf.folder(version);
    if place.exists() {
        shelf.probe.pass(Step::BrokenRemoved);
        remove(&place)?;
    }
    shelf.probe.pass(Step::Move);
    move_folder(&incoming, &place)?;
    shelf.probe.pass(Step::Moved);
    let after = Shelf::prove(&place, version, keys.current()).inspect_err(|_| discard(&place))?;
    let state = shelf.state();
    shelf.keep_state(&State { seen: state.seen.max(Some(version)), ..state })?;
    prune(shelf, version, running);
    Ok(after)
}

fn prune(shelf: &Shelf, installed: Version, running: Version) {
    for other in shelf.versions().into_iter().filter(|other| *other != installed && *other != running) {
        shelf.probe.pass(Step::Prune);
        discard(&shelf.folder(other));
    }
}

/// Removes what nobody needs; on Windows a program that still runs stays until the next time.
fn discard(folder: &Path) {
    if let Err(error) = remove(folder) {
        tracing::warn!(%error, "an old version stays");
    }
}

pub(crate) fn remove(folder: &Path) -> Result<(), FilesError> {
    fs::remove_dir_all(folder).map_err(|error| FilesError::from_io(folder, error))
}
