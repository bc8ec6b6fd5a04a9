//! What is kept of tax disks: in the vault their passwords by the disk's number, and what failed on them; in the store the vendors'
//! libraries that the user picked.

use std::path::PathBuf;

use piaoxia_store::Store;
use piaoxia_taxdisk::FailedPasswords;
use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

use super::{DiskPasswords, KeptPasswords};
use crate::command::Secret;
use crate::problem::{Problem, What};
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
}

impl Drop for Written {
    fn drop(&mut self) {
        self.certificate.zeroize();
        self.platform.zeroize();
        self.confirmation.zeroize();
    }
}

/// None when nothing is kept, and as long as the vault is locked.
pub(super) async fn load(secrets: &Secrets, serial: &str) -> Option<DiskPasswords> {
    let text = secrets.get(name(serial)).await.ok().flatten()?;
    let mut written: Written = serde_json::from_str(text.expose()).ok()?;
    Some(DiskPasswords {
        certificate: Secret::new(std::mem::take(&mut written.certificate)),
        platform: written.platform.take().map(Secret::new),
        confirmation: written.confirmation.take().map(Secret::new),
    })
}

/// Which of them are kept.
pub(super) async fn look(secrets: &Secrets, serial: &str) -> KeptPasswords {
    load(secrets, serial).await.map_or_else(KeptPasswords::default, |kept| KeptPasswords {
        certificate: true,
        platform: kept.platform.is_some(),
        confirmation: kept.confirmation.is_some(),
    })
}

/// Keeps what is given; what is left empty stays as it is kept.
pub(super) async fn save(secrets: &Secrets, serial: &str, passwords: &DiskPasswords) -> Result<(), Problem> {
    let before = load(secrets, serial).await.unwrap_or_default();
    let chosen = |new: &Option<Secret>, old: &Option<Secret>| new.as_ref().or(old.as_ref()).map(|secret| secret.expose().to_owned());
    let written = Written {
        certificate: passwords.certificate.expose().to_owned(),
        platform: chosen(&passwords.platform, &before.platform),
        confirmation: chosen(&passwords.confirmation, &before.confirmation),
    };
    let text = serde_json::to_string(&written).map_err(|_| Problem::new(What::Internal, "the passwords of a disk cannot be written"))?;
    secrets.keep(name(serial), Secret::new(text)).await
}

pub(super) async fn forget(secrets: &Secrets, serial: &str) -> Result<(), Problem> {
    secrets.forget(name(serial)).await
}

/// What failed before; nothing while the vault is locked.
pub(super) async fn failed(secrets: &Secrets) -> FailedPasswords {
    let text = secrets.get(FAILED.to_owned()).await.ok().flatten();
    text.and_then(|text| serde_json::from_str(text.expose()).ok()).unwrap_or_default()
}

/// Kept where a vault is open; without one it is known until the program ends.
pub(super) async fn save_failed(secrets: &Secrets, failed: &FailedPasswords) {
    if !secrets.view().await.open || self::failed(secrets).await == *failed {
        return;
    }
    let kept = match serde_json::to_string(failed) {
        Ok(text) => secrets.keep(FAILED.to_owned(), Secret::new(text)).await,
        Err(error) => Err(Problem::new(What::Internal, error.to_string())),
    };
    if let Err(problem) = kept {
        tracing::warn!(problem.detail, "a password that failed on a disk is known until the program ends alone");
    }
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
