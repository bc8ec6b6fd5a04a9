//! Updates of the program, for the window and the command line. What is believed and how it is started is in
//! [`piaoxia_update`].

pub use piaoxia_update::{Checked, Notes, Offer, Refusal, Status, Updater, Version};

use std::path::PathBuf;

use piaoxia_service::ClientOptions;
use piaoxia_update::{Source, UpdateError};
use tokio_util::sync::CancellationToken;

use crate::problem::Problem;

/// Where an update is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum UpdateSource {
    /// At the address that is built in.
    #[default]
    Feed,
    /// In this folder, or at this address.
    Named(String),
    /// In this folder.
    Folder(PathBuf),
}

/// What the window wants of updates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UpdateWish {
    /// Where this installation stands.
    Look,
    /// 检查更新.
    Check(UpdateSource),
    /// Download what the source offers.
    Download(UpdateSource),
    /// Stop the download; what came is kept.
    Stop,
    /// Put what was downloaded in its place; the window restarts then.
    Install,
    /// Go back to the version before; the window restarts then.
    RollBack,
}

/// What the window hears of updates.
#[derive(Clone, Debug)]
pub enum UpdateStep {
    /// Where this installation stands.
    Status(Result<Status, Problem>),
    /// A check is over.
    Checked(Result<Checked, Problem>),
    /// Bytes of the download.
    Progress {
        /// Bytes there.
        done: u64,
        /// Of so many; 0 while unknown.
        total: u64,
    },
    /// A download is over.
    Downloaded(Result<Checked, Problem>),
    /// The next start is another version's: restart.
    Restart(Result<Version, Problem>),
}

/// Looks at a source, by the way that the options name.
///
/// # Errors
/// Why what is there is refused, or cannot be read.
pub async fn check(updater: &Updater, source: &UpdateSource, options: ClientOptions) -> Result<Checked, Problem> {
    Ok(updater.check(&found(updater, source, options)?).await?)
}

/// Downloads what the source offers. `progress` is told of bytes there and bytes in all.
///
/// # Errors
/// As [`check`]; after a cut or a stop it goes on where it was the next time.
pub async fn download(
    updater: &Updater,
    source: &UpdateSource,
    options: ClientOptions,
    progress: impl Fn(u64, u64) + Send + Sync,
    stop: &CancellationToken,
) -> Result<Checked, Problem> {
    Ok(updater.download(&found(updater, source, options)?, &progress, stop).await?)
}

fn found(updater: &Updater, source: &UpdateSource, options: ClientOptions) -> Result<Source, UpdateError> {
    match source {
        UpdateSource::Feed => updater.feed(options),
        UpdateSource::Named(name) => Source::named(name, options),
        UpdateSource::Folder(folder) => Ok(Source::Folder(folder.clone())),
    }
}
