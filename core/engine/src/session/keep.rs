//! 30 天免登录: the refresh token, in the vault.

use std::io;
use std::path::{Path, PathBuf};

use piaoxia_service::contract::PersonInfo;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use crate::command::Secret;
use crate::problem::{Problem, What};
use crate::secrets::{SESSION, Secrets};

/// The gateway inside this program, whose port is another one at each start.
pub(super) const OWN: &str = "own";

/// What is kept.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Kept {
    pub refresh_token: String,
    /// Which service gave it: its address, or [`OWN`]. It is shown to no other. None in what earlier versions kept.
    #[serde(default)]
    pub service: Option<String>,
    pub person: PersonInfo,
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.refresh_token.zeroize();
    }
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

pub(super) async fn save(secrets: &Secrets, kept: &Kept) -> Result<(), Problem> {
    let text = serde_json::to_string(kept).map_err(|_| Problem::new(What::Internal, "the session cannot be written"))?;
    secrets.keep(SESSION.to_owned(), Secret::new(text)).await
}

/// None when nothing is kept.
pub(super) async fn load(secrets: &Secrets) -> Result<Option<Kept>, Problem> {
    let text = secrets.get(SESSION.to_owned()).await?;
    Ok(text.and_then(|text| serde_json::from_str(text.expose()).ok()))
}

/// The token alone.
pub(super) async fn load_token(secrets: &Secrets) -> Result<Option<Zeroizing<String>>, Problem> {
    let kept = load(secrets).await?;
    Ok(kept.map(|mut kept| Zeroizing::new(std::mem::take(&mut kept.refresh_token))))
}

/// The file in which earlier versions kept the session, and its key: who had one signs in once more.
pub(crate) fn remove_old_file(data: &Path, here: Option<&Path>, device: &str) {
    let key = here.map(|here| here.join(format!("session-{}.key", device.get(..16).unwrap_or(device))));
    for path in std::iter::once(data.join("session.bin")).chain(key) {
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => tracing::warn!(%error, "an old file of the session stays behind"),
            _ => {}
        }
    }
}
