//! What can go wrong with the vault.

use std::time::Duration;

use piaoxia_files::FilesError;

use crate::passphrase::Weakness;

/// Result of everything in this package.
pub type Result<T> = std::result::Result<T, VaultError>;

/// Why the vault did not do it. None of them carries a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// There is no vault yet.
    #[error("there is no vault")]
    Missing,
    /// There is one already.
    #[error("there is a vault already")]
    Exists,
    /// It is locked (已锁).
    #[error("the vault is locked")]
    Locked,
    /// Not this passphrase (口令不对).
    #[error("wrong passphrase")]
    WrongPassphrase {
        /// Until the next try is taken; zero during the first five.
        wait: Duration,
    },
    /// After five wrong tries each next one must wait.
    #[error("too many wrong passphrases, {} s to wait", wait.as_secs())]
    TooSoon {
        /// Until the next try is taken.
        wait: Duration,
    },
    /// A passphrase that anybody would try.
    #[error("the passphrase is too weak: {0:?}")]
    Weak(Weakness),
    /// Without a passphrase and without a copy on this PC nobody could open it again.
    #[error("nothing would open the vault any more")]
    NoWayIn,
    /// There is no folder of this PC outside the data folder.
    #[error("this PC has no folder for the key")]
    NoPlaceHere,
    /// Neither slot is whole, or the vault was changed without its key.
    #[error("the vault is damaged: {0}")]
    Damaged(&'static str),
    /// Made by a newer version of the program, or with costs that no version of it makes.
    #[error("the vault is of a kind that is not opened: {0}")]
    Refused(&'static str),
    /// The files.
    #[error(transparent)]
    Files(#[from] FilesError),
}
