//! Why an update is not taken, and what can fail on the way.

use jiff::Timestamp;
use piaoxia_files::FilesError;
use piaoxia_service::ClientError;
use serde::{Deserialize, Serialize};

use crate::version::Version;

/// Why what was offered is refused, or why there is nothing to do. Each has a sentence of its own in the window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Refusal {
    /// This program pins no key: it was built by somebody and is not a release.
    #[error("this build pins no release key")]
    NotARelease,
    /// No address is built in, and no other source was named.
    #[error("no source of updates is known")]
    NoSource,
    /// There is no `update.json` at the source.
    #[error("there is no release at the source")]
    NoManifest,
    /// The manifest has no signature.
    #[error("the release has no signature")]
    NoSignature,
    /// The signature is none.
    #[error("the signature cannot be read")]
    SignatureUnreadable,
    /// The signature is of the old kind, without the prehash.
    #[error("the signature is of the legacy kind")]
    LegacySignature,
    /// Signed by a key that this program does not know.
    #[error("signed by an unknown key")]
    UnknownKey,
    /// The signature is not of these bytes: they were changed.
    #[error("the signature does not fit")]
    SignatureWrong,
    /// The signature is good, but of another file, version or channel.
    #[error("the signature is of something else")]
    CommentWrong,
    /// The manifest is not what a manifest looks like.
    #[error("the manifest cannot be read: {detail}")]
    ManifestUnreadable {
        /// English, for the details.
        detail: String,
    },
    /// Larger than any real one.
    #[error("{name} is larger than {limit} bytes")]
    TooLarge {
        /// Which file.
        name: String,
        /// Bytes.
        limit: u64,
    },
    /// A release of another program.
    #[error("a release of another program")]
    OtherProduct,
    /// A release of another channel than this installation follows.
    #[error("a release of channel {channel}")]
    OtherChannel {
        /// Which.
        channel: String,
    },
    /// The manifest is over: the source is kept from giving a newer one, or this PC's clock is ahead.
    #[error("the manifest was good until {expires}; it is {now}")]
    Expired {
        /// Until when it was good.
        expires: Timestamp,
        /// By this PC's clock.
        now: Timestamp,
    },
    /// The manifest comes from the future: this PC's clock is behind.
    #[error("the manifest was made at {published}; it is {now}")]
    ClockBehind {
        /// When it was made.
        published: Timestamp,
        /// By this PC's clock.
        now: Timestamp,
    },
    /// Older than what runs here, or than what this source or another has offered before.
    #[error("{offered} is older than {known}")]
    Older {
        /// The offered version.
        offered: Version,
        /// What is known here.
        known: Version,
    },
    /// This version is too old to go there directly.
    #[error("only from {minimum} upward")]
    BelowMinimum {
        /// The offered version.
        offered: Version,
        /// Lowest version that may.
        minimum: Version,
    },
    /// It would drop the next key, which did not sign it, or every key that is known.
    #[error("the next key would be dropped and did not sign")]
    NextKeyDropped,
    /// The release has no file for this kind of PC.
    #[error("no file for {platform}")]
    NoFile {
        /// `windows-x86_64`.
        platform: String,
    },
    /// It was tried here and did not start.
    #[error("{version} did not start here")]
    FailedBefore {
        /// Which.
        version: Version,
    },
    /// The file of the release is not at the source.
    #[error("{name} is not at the source")]
    FileMissing {
        /// Which.
        name: String,
    },
    /// The file has another length than the manifest says.
    #[error("{name} has not the length that was signed")]
    WrongSize {
        /// Which.
        name: String,
    },
    /// The file is another one than the manifest says.
    #[error("{name} is not what was signed")]
    WrongHash {
        /// Which.
        name: String,
    },
    /// Nothing was downloaded that could be installed.
    #[error("nothing is ready to be installed")]
    NothingReady,
    /// There is no version before this one.
    #[error("there is no version before this one")]
    NothingBefore,
}

/// Why an update did not happen.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// What was offered is refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The disk.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// The network.
    #[error(transparent)]
    Network(#[from] ClientError),
    /// Another window or command is at it.
    #[error("another update is under way")]
    Busy,
    /// The user stopped it; what came is kept.
    #[error("stopped")]
    Cancelled,
}
