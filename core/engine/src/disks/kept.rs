//! What is kept of tax disks: in the vault their passwords by the disk's number, and what failed on them; in the store the vendors'
//! libraries that the user picked.

use std::path::PathBuf;

use piaoxia_store::Store;
use piaoxia_taxdisk::FailedPasswords;
use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

use super::{DiskPasswords, Keep, KeptPasswords};
use crate::command::Secret;
use crate::problem::{Problem, VaultFault, What};
use crate::secrets::Secrets;
use crate::services::collection;

/// Names of disks' passwords begin so; the disk's number follows.
const DISK: &str = "disk/";
/// Name of what failed.
const FAILED: &str = "failed-on-disks";

/// Document of the libraries.
const LIBRARIES: &str = "libraries";

/// As it is written into the vault.
#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    certificate: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    platform: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    confirmation: Option<String>,
    /// The platform took it.
    #[serde(default)]
    platform_proved: bool,
    /// As above.
    #[serde(default)]
    confirmation_proved: bool,
}

impl Drop for Written {
    fn drop(&mut self) {
        self.certificate.zeroize();
        self.platform.zeroize();
        self.confirmation.zeroize();
    }
}

/// The passwords of a disk, for signing in.
pub(super) struct Kept {
    pub(super) certificate: Secret,
    pub(super) platform: Option<Secret>,
    /// Only as long as the platform has not taken it: it is needed for nothing else.
    pub(super) confirmation: Option<Secret>,
}

/// A password of the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OfPlatform {
    Password,
    Confirmation,
}

/// None when nothing is kept, and as long as the vault is locked.
pub(super) async fn load(secrets: &Secrets, serial: &str) -> Option<Kept> {
    let mut written = read(secrets, serial).await?;
    Some(Kept {
        certificate: Secret::new(std::mem::take(&mut written.certificate)),
        platform: written.platform.take().map(Secret::new),
        confirmation: written.confirmation.take().filter(|_| !written.confirmation_proved).map(Secret::new),
    })
}

/// Which of them are kept.
pub(super) async fn look(secrets: &Secrets, serial: &str) -> KeptPasswords {
    let keep = |password: &Option<String>, proved| match password {
        None => Keep::No,
        Some(_) if proved => Keep::Proved,
        Some(_) => Keep::Unproved,
    };
    read(secrets, serial).await.map_or_else(KeptPasswords::default, |written| KeptPasswords {
        certificate: true,
        platform: keep(&written.platform, written.platform_proved),
        confirmation: keep(&written.confirmation, written.confirmation_proved),
    })
}

/// Keeps what is given; what is left empty stays as it is kept.
pub(super) async fn save(secrets: &Secrets, serial: &str, passwords: &DiskPasswords) -> Result<(), Problem> {
    let mut written = read(secrets, serial).await.unwrap_or_default();
    if let Some(certificate) = &passwords.certificate {
        certificate.expose().clone_into(&mut written.certificate);
    }
    if let Some(platform) = &passwords.platform {
        (written.platform, written.platform_proved) = (Some(platform.expose().to_owned()), false);
    }
    if let Some(confirmation) = &passwords.confirmation {
        (written.confirmation, written.confirmation_proved) = (Some(confirmation.expose().to_owned()), false);
    }
    write(secrets, serial, &written).await
}

/// The platform took them.
pub(super) async fn proved(secrets: &Secrets, serial: &str) -> Result<(), Problem> {
    let Some(mut written) = read(secrets, serial).await else { return Ok(()) };
    let before = (written.platform_proved, written.confirmation_proved);
    (written.platform_proved, written.confirmation_proved) = (written.platform.is_some(), written.confirmation.is_some());
    if before == (written.platform_proved, written.confirmation_proved) {
        return Ok(());
    }
    write(secrets, serial, &written).await
}

/// The platform refused it: it is not sent again.
pub(super) async fn drop_refused(secrets: &Secrets, serial: &str, which: OfPlatform) -> Result<(), Problem> {
    let Some(mut written) = read(secrets, serial).await else { return Ok(()) };
    match which {
        OfPlatform::Password => written.platform.zeroize(),
        OfPlatform::Confirmation => written.confirmation.zeroize(),
    }
    write(secrets, serial, &written).await
}

async fn read(secrets: &Secrets, serial: &str) -> Option<Written> {
    let text = secrets.get(name(serial)).await.ok().flatten()?;
    serde_json::from_str(text.expose()).ok()
}

async fn write(secrets: &Secrets, serial: &str, written: &Written) -> Result<(), Problem> {
    let text = serde_json::to_string(written).map_err(|_| Problem::new(What::Internal, "the passwords of a disk cannot be written"))?;
    secrets.keep(name(serial), Secret::new(text)).await
}

pub(super) async fn forget(secrets: &Secrets, serial: &str) -> Result<(), Problem> {
    secrets.forget(name(serial)).await
}

/// What failed before; none where the vault has nothing of it.
///
/// # Errors
/// The vault is locked; [`VaultFault::FailedPasswords`].
pub(super) async fn failed(secrets: &Secrets) -> Result<Option<FailedPasswords>, Problem> {
    let Some(text) = secrets.get(FAILED.to_owned()).await? else { return Ok(None) };
    // The parser's own error may quote the passwords.
    let unreadable = |_| Problem::new(What::Vault(VaultFault::FailedPasswords), "the passwords that failed on disks cannot be read");
    serde_json::from_str(text.expose()).map(Some).map_err(unreadable)
}

pub(super) async fn save_failed(secrets: &Secrets, failed: &FailedPasswords) -> Result<(), Problem> {
    let text = serde_json::to_string(failed).map_err(|error| Problem::new(What::Internal, error.to_string()))?;
    secrets.keep(FAILED.to_owned(), Secret::new(text)).await
}

/// Vendors' libraries that the user picked.
pub(super) async fn libraries(store: &Store) -> Result<Vec<PathBuf>, Problem> {
    Ok(store.get_document(collection::DISKS, LIBRARIES).await?.unwrap_or_default())
}

pub(super) async fn save_libraries(store: &Store, libraries: &[PathBuf]) -> Result<(), Problem> {
    Ok(store.put_document(collection::DISKS, LIBRARIES, &libraries).await?)
}

fn name(serial: &str) -> String {
    format!("{DISK}{serial}")
}
