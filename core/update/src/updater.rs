//! What the window and the command line do with updates.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use piaoxia_files::FilesError;
use piaoxia_service::ClientOptions;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::MANIFEST;
use crate::error::{Refusal, UpdateError};
use crate::judge::{Here, Verdict, judge};
use crate::keys::Keyring;
use crate::launcher::Launched;
use crate::manifest::{FileEntry, Notes, platform};
use crate::mark::Mark;
use crate::probe::Step;
use crate::shelf::{Shelf, State};
use crate::source::{Source, off_thread};
use crate::stage::{Fetch, fetch, install};
use crate::stamp::Stamp;
use crate::version::Version;

/// Pause before a broken download goes on.
const PAUSE: Duration = Duration::from_secs(1);

/// What an [`Updater`] is made of.
#[derive(Clone, Debug)]
pub struct UpdaterConfig {
    /// The running version.
    pub version: Version,
    /// The running program's stamp; none: this build is no release.
    pub stamp: Option<Stamp>,
    /// The folder of versions.
    pub shelf: Shelf,
    /// How this process was started, if by the launcher.
    pub launched: Option<Launched>,
    /// A newer version was to start, and did not.
    pub fell_back: Option<Version>,
    /// This PC's clock.
    pub clock: fn() -> Timestamp,
    /// Pause before a broken download goes on; doubled each time.
    pub pause: Duration,
}

impl UpdaterConfig {
    /// Of the running program.
    #[must_use]
    pub fn new(version: Version, stamp: Option<Stamp>, shelf: Shelf, launched: Option<Launched>) -> Self {
        let fell_back = launched.as_ref().and_then(|launched| launched.fell_back);
        Self { version, stamp, shelf, launched, fell_back, clock: Timestamp::now, pause: PAUSE }
    }
}

/// Checks, downloads, installs, rolls back. Clones share everything.
#[derive(Clone, Debug)]
pub struct Updater {
    config: Arc<UpdaterConfig>,
}

/// A newer version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// Which.
    pub version: Version,
    /// What is new.
    pub notes: Notes,
    /// Bytes to download.
    pub size: u64,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Checked {
    /// Nothing newer.
    Current,
    /// A newer version.
    New(Offer),
    /// A newer version that is offered step by step; it is not this installation's turn.
    NotYet(Version),
}

/// Where this installation stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// The running version.
    pub version: Version,
    /// False in a build that somebody made: it believes no release.
    pub release: bool,
    /// An address is built in.
    pub has_feed: bool,
    /// A version that is downloaded and proved, and can be installed.
    pub ready: Option<Offer>,
    /// The version to which one can go back.
    pub before: Option<Version>,
    /// A newer version that was tried here and did not start.
    pub failed: Option<Version>,
    /// This very start was to be that version's.
    pub fell_back: Option<Version>,
}

impl Updater {
    /// Looks at nothing yet.
    #[must_use]
    pub fn new(config: UpdaterConfig) -> Self {
        Self { config: Arc::new(config) }
    }

    /// The built-in source.
    ///
    /// # Errors
    /// [`Refusal::NotARelease`], [`Refusal::NoSource`].
    pub fn feed(&self, options: ClientOptions) -> Result<Source, UpdateError> {
        let stamp = self.config.stamp.as_ref().ok_or(Refusal::NotARelease)?;
        Source::named(stamp.feed.as_deref().ok_or(Refusal::NoSource)?, options)
    }

    /// The address that is built in, if one is.
    #[must_use]
    pub fn feed_address(&self) -> Option<&str> {
        self.config.stamp.as_ref()?.feed.as_deref()
    }

    /// Where this installation stands. Reads and hashes what was downloaded.
    ///
    /// # Errors
    /// The disk.
    pub async fn status(&self) -> Result<Status, UpdateError> {
        let this = self.clone();
        off_thread(&self.config.shelf.incoming(), move || Ok(this.look())).await
    }

    fn look(&self) -> Status {
        let config = &self.config;
        let newer_failed = self.failed().into_iter().filter(|failed| *failed > config.version).max();
        Status {
            version: config.version,
            release: config.stamp.is_some(),
            has_feed: config.stamp.as_ref().is_some_and(|stamp| stamp.feed.is_some()),
            ready: self.ready(),
            before: self.before(),
            failed: newer_failed,
            fell_back: config.fell_back,
        }
    }

    /// Looks at a source.
    ///
    /// # Errors
    /// Why what is there is refused, or cannot be read.
    pub async fn check(&self, source: &Source) -> Result<Checked, UpdateError> {
        let (verdict, _) = self.judge(source).await?;
        Ok(match verdict {
            Verdict::Current(_) => Checked::Current,
            Verdict::NotYet(manifest) => Checked::NotYet(manifest.version),
            Verdict::New { manifest, file } => Checked::New(offer(&manifest.notes, manifest.version, &file)),
        })
    }

    /// Downloads what the source offers; it can be installed then. `progress` is told of bytes there and bytes in all.
    ///
    /// # Errors
    /// [`UpdateError`]. After a cut or a stop it goes on where it was the next time.
    pub async fn download(
        &self,
        source: &Source,
        progress: &(dyn Fn(u64, u64) + Send + Sync),
        stop: &CancellationToken,
    ) -> Result<Checked, UpdateError> {
        let judged = stop.run_until_cancelled(self.judge(source)).await.ok_or(UpdateError::Cancelled)?;
        let (verdict, announcement) = judged?;
        let (manifest, file) = match verdict {
            Verdict::Current(_) => return Ok(Checked::Current),
            Verdict::NotYet(manifest) => return Ok(Checked::NotYet(manifest.version)),
            Verdict::New { manifest, file } => (manifest, file),
        };
        let shelf = self.config.shelf.clone();
        let lock = off_thread(&shelf.incoming(), move || shelf.lock()).await?;
        let order = Fetch {
            shelf: &self.config.shelf,
            source,
            version: manifest.version,
            entry: &file,
            announcement: &announcement,
            pause: self.config.pause,
        };
        let fetched = fetch(&order, progress, stop).await;
        drop(lock);
        fetched?;
        Ok(Checked::New(offer(&manifest.notes, manifest.version, &file)))
    }

    /// Puts what was downloaded in its place: the next start is that version's.
    ///
    /// # Errors
    /// [`Refusal::NothingReady`], or why what was downloaded is refused now; nothing is changed then.
    pub async fn install(&self) -> Result<Version, UpdateError> {
        let this = self.clone();
        off_thread(&self.config.shelf.incoming(), move || {
            let config = &this.config;
            if config.stamp.is_none() {
                return Err(Refusal::NotARelease.into());
            }
            let version = config.shelf.coming().into_iter().find(|coming| *coming > config.version).ok_or(Refusal::NothingReady)?;
            let _lock = config.shelf.lock()?;
            Ok(install(&config.shelf, version, &this.keys(), config.version)?.manifest.version)
        })
        .await
    }

    /// Goes back to the version before: the next start is its.
    ///
    /// # Errors
    /// [`Refusal::NothingBefore`], or the disk.
    pub async fn roll_back(&self) -> Result<Version, UpdateError> {
        let this = self.clone();
        off_thread(&self.config.shelf.incoming(), move || {
            let config = &this.config;
            let before = this.before().ok_or(Refusal::NothingBefore)?;
            let _lock = config.shelf.lock()?;
            // Newer ones that did not start are no way back either.
            for version in config.shelf.versions().into_iter().filter(|version| *version > before) {
                let folder = config.shelf.folder(version);
                config.shelf.probe.pass(Step::MarkWritten);
                Mark { aside: true, ..Mark::read(&folder) }.write(&folder)?;
            }
            Ok(before)
        })
        .await
    }

    /// The executable that starts the version which is to run next.
    ///
    /// # Errors
    /// The program does not find itself.
    pub fn portable(&self) -> std::io::Result<PathBuf> {
        self.config.launched.as_ref().map_or_else(std::env::current_exe, |launched| Ok(launched.portable.clone()))
    }

    fn keys(&self) -> Keyring {
        let pinned = self.config.stamp.as_ref().map(|stamp| stamp.keys.as_slice()).unwrap_or_default();
        self.config.shelf.keyring(pinned, self.config.version)
    }

    async fn judge(&self, source: &Source) -> Result<(Verdict, (Vec<u8>, String)), UpdateError> {
        let stamp = self.config.stamp.as_ref().ok_or(Refusal::NotARelease)?;
        let announcement = source.announcement().await?;
        let (this, phased) = (self.clone(), source.is_phased());
        let (channel, judged) = (stamp.channel.clone(), announcement.clone());
        let verdict = off_thread(&self.config.shelf.incoming(), move || {
            let config = &this.config;
            let state = config.shelf.state();
            let here = Here {
                version: config.version,
                channel: &channel,
                platform: &platform(),
                keys: &this.keys(),
                seen: state.seen,
                failed: &this.failed(),
                installation: &this.number(&state)?,
                phased,
                now: (config.clock)(),
            };
            let judged = judge(&judged.0, &judged.1, &here)?;
            this.remember(judged.manifest().version)?;
            Ok(judged)
        })
        .await?;
        Ok((verdict, announcement))
    }

    /// The number of this installation, made when it is first needed.
    fn number(&self, state: &State) -> Result<String, UpdateError> {
        if !state.installation.is_empty() {
            return Ok(state.installation.clone());
        }
        let installation = format!("{:032x}", rand::random::<u128>());
        self.change_state(|state| State { installation: installation.clone(), ..state })?;
        Ok(installation)
    }

    /// What was once offered and believed is never gone below.
    fn remember(&self, version: Version) -> Result<(), UpdateError> {
        if version <= self.config.version || self.config.shelf.state().seen >= Some(version) {
            return Ok(());
        }
        self.change_state(|state| State { seen: state.seen.max(Some(version)), ..state })
    }

    /// On a write-protected medium nothing is kept, and a check answers all the same.
    fn change_state(&self, change: impl FnOnce(State) -> State) -> Result<(), UpdateError> {
        let shelf = &self.config.shelf;
        match shelf.lock().and_then(|_lock| Ok(shelf.keep_state(&change(shelf.state()))?)) {
            Err(UpdateError::Files(FilesError::ReadOnly { .. } | FilesError::Denied { .. })) => Ok(()),
            changed => changed,
        }
    }

    fn failed(&self) -> Vec<Version> {
        let shelf = &self.config.shelf;
        shelf.versions().into_iter().filter(|version| Mark::read(&shelf.folder(*version)).is_bad()).collect()
    }

    fn ready(&self) -> Option<Offer> {
        let shelf = &self.config.shelf;
        let coming = shelf.coming().into_iter().find(|coming| *coming > self.config.version)?;
        let keys = self.keys();
        let shelved = Shelf::prove(&shelf.incoming().join(coming.to_string()), coming, keys.current()).ok()?;
        Some(offer(&shelved.manifest.notes, coming, &shelved.entry))
    }

    /// The newest version below this one; the launcher proves it when it is to start.
    fn before(&self) -> Option<Version> {
        let config = &self.config;
        let launched = config.launched.as_ref()?;
        let usable = |version: &Version| {
            let folder = config.shelf.folder(*version);
            launched.version < *version && *version < config.version && folder.join(MANIFEST).exists() && !Mark::read(&folder).is_bad()
        };
        let shelved = config.shelf.versions().into_iter().find(usable);
        shelved.or((launched.version < config.version).then_some(launched.version))
    }
}

fn offer(notes: &Notes, version: Version, file: &FileEntry) -> Offer {
    Offer { version, notes: notes.clone(), size: file.size }
}
