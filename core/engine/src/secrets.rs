//! The vault (保险箱) for tasks: what is kept in it, and who must hear when it is opened or locked.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use piaoxia_domain::AccountId;
pub use piaoxia_vault::{Cost as VaultCost, Strength, Warning as VaultWarning, Weakness, check_passphrase};
use piaoxia_vault::{Place, Status, Vault, VaultError, swept};
use tokio::sync::watch;
use zeroize::Zeroizing;

use crate::command::Secret;
use crate::problem::{Problem, VaultFault, What};

/// Name of the kept sign-in (30 天免登录).
pub(crate) const SESSION: &str = "session";
/// Names of accounts' passwords begin so.
const ACCOUNT: &str = "account/";
/// Names of secrets of the gateway's settings begin so.
const GATEWAY: &str = "gateway/";

/// How the vault stands, as the window shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VaultView {
    /// There is one.
    pub exists: bool,
    /// It cannot be read any more.
    pub damaged: bool,
    /// Its secrets can be used.
    pub open: bool,
    /// A passphrase opens it.
    pub passphrase: bool,
    /// This PC opens it by itself.
    pub here: bool,
    /// Seconds until the next passphrase is taken.
    pub wait: u64,
    /// Found when it was opened.
    pub warning: Option<VaultWarning>,
    /// Accounts whose passwords are in it; none while it is locked.
    pub accounts: BTreeSet<AccountId>,
    /// The sign-in to the service is in it.
    pub session: bool,
    /// Why there is no vault to work with.
    pub problem: Option<Problem>,
}

/// The vault. Clones share it.
#[derive(Clone)]
pub struct Secrets {
    vault: Arc<Result<Vault, Problem>>,
    changed: Arc<watch::Sender<()>>,
}

impl Secrets {
    /// Looks at the vault of the data folder, and opens it where this PC may. A vault that cannot be had is no reason not to
    /// start: see [`VaultView::problem`].
    pub(crate) async fn open(data: &Path, here: Option<&Path>, cost: Option<VaultCost>) -> Self {
        let place = Place { data: data.to_path_buf(), here: here.map(Path::to_path_buf), cost, clock: Arc::new(seconds) };
        let opened = tokio::task::spawn_blocking(move || {
            let vault = Vault::open(place)?;
            if let Err(error) = swept(|| vault.unlock_here()) {
                tracing::error!(%error, "this PC cannot open the vault");
            }
            Ok(vault)
        })
        .await;
        let vault = opened.map_err(|_| crate::outbox::panic_problem()).and_then(|vault| vault.map_err(|error: VaultError| error.into()));
        if let Err(problem) = &vault {
            tracing::error!(problem.detail, "there is no vault to work with");
        }
        Self { vault: Arc::new(vault), changed: Arc::new(watch::channel(()).0) }
    }

    /// How it stands.
    pub async fn view(&self) -> VaultView {
        let read = |vault: &Vault| Ok((vault.status(), vault.names().unwrap_or_default()));
        match self.with(read).await {
            Ok((status, names)) => view(status, &names),
            Err(problem) => VaultView { problem: Some(problem), ..VaultView::default() },
        }
    }

    /// Wakes whoever shows the vault.
    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// Done once it is not locked any more: it is open, or gone.
    pub(crate) async fn until_unlocked(&self) {
        let mut changes = self.changes();
        loop {
            let view = self.view().await;
            let locked = view.exists && !view.open && !view.damaged;
            if !locked || changes.changed().await.is_err() {
                return;
            }
        }
    }

    /// Opens it.
    ///
    /// # Errors
    /// [`What::Vault`], and the files.
    pub async fn unlock(&self, passphrase: Secret) -> Result<(), Problem> {
        self.change(move |vault| vault.unlock(passphrase.expose())).await
    }

    /// Forgets its key.
    pub async fn lock(&self) {
        if let Err(problem) = self
            .change(|vault| {
                vault.lock();
                Ok(())
            })
            .await
        {
            tracing::debug!(problem.detail, "there was nothing to lock");
        }
    }

    /// Sets a passphrase, another one, or none. The first one makes the vault, if there is none.
    ///
    /// # Errors
    /// [`What::Vault`], and the files.
    pub async fn set_passphrase(&self, passphrase: Option<Secret>) -> Result<(), Problem> {
        self.change(move |vault| match &passphrase {
            Some(typed) if !vault.status().exists => vault.create(Some(typed.expose()), false),
            typed => vault.set_passphrase(typed.as_ref().map(Secret::expose)),
        })
        .await
    }

    /// Has this PC open it by itself, or no longer.
    ///
    /// # Errors
    /// [`What::Vault`], and the files.
    pub async fn set_here(&self, wanted: bool) -> Result<(), Problem> {
        self.change(move |vault| vault.set_here(wanted)).await
    }

    /// Removes it with everything in it.
    ///
    /// # Errors
    /// The files.
    pub async fn destroy(&self) -> Result<(), Problem> {
        self.change(Vault::destroy).await
    }

    /// Keeps the password of an account.
    ///
    /// # Errors
    /// [`What::Vault`], and the files.
    pub async fn keep_password(&self, account: &AccountId, password: Secret) -> Result<(), Problem> {
        self.keep(account_name(account), password).await
    }

    /// The kept password of an account; none as well while the vault is locked.
    pub async fn password(&self, account: &AccountId) -> Option<Secret> {
        self.get(account_name(account)).await.ok().flatten()
    }

    /// Forgets the password of an account.
    ///
    /// # Errors
    /// [`What::Vault`], and the files.
    pub async fn forget_password(&self, account: &AccountId) -> Result<(), Problem> {
        self.forget(account_name(account)).await
    }

    /// Keeps a secret. The first one makes the vault, bound to this PC: a passphrase can be set later.
    pub(crate) async fn keep(&self, name: String, value: Secret) -> Result<(), Problem> {
        self.change(move |vault| {
            if !vault.status().exists {
                vault.create(None, true)?;
            }
            vault.put(&name, value.expose())
        })
        .await
    }

    /// None where there is no vault, or nothing of this name in it.
    pub(crate) async fn get(&self, name: String) -> Result<Option<Secret>, Problem> {
        let read = move |vault: &Vault| match vault.get(&name) {
            Err(VaultError::Missing) => Ok(None),
            found => Ok(found?.map(|value| Secret::new(value.as_str()))),
        };
        self.with(read).await
    }

    pub(crate) async fn forget(&self, name: String) -> Result<(), Problem> {
        self.change(move |vault| {
            match vault.remove(&name) {
                Err(VaultError::Missing) => return Ok(()),
                removed => removed?,
            }
            // An empty vault that nobody chose to have: nothing of it stays, here or in the data folder.
            let status = vault.status();
            if status.secrets == 0 && !status.passphrase { vault.destroy() } else { Ok(()) }
        })
        .await
    }

    async fn change(&self, work: impl FnOnce(&Vault) -> Result<(), VaultError> + Send + 'static) -> Result<(), Problem> {
        let done = self.with(work).await;
        // An error carries by itself how long the next passphrase must wait.
        if done.is_ok() {
            self.changed.send_replace(());
        }
        done
    }

    async fn with<T: Send + 'static>(&self, work: impl FnOnce(&Vault) -> Result<T, VaultError> + Send + 'static) -> Result<T, Problem> {
        let vault = Arc::clone(&self.vault);
        let done =
            tokio::task::spawn_blocking(move || vault.as_ref().as_ref().map_err(Clone::clone).and_then(|vault| Ok(swept(|| work(vault))?)));
        done.await.unwrap_or_else(|_| Err(crate::outbox::panic_problem()))
    }
}

/// The secrets of a gateway's settings that lie in the vault of this folder, by their names there. None while only a passphrase
/// opens it.
///
/// # Errors
/// The vault cannot be read.
pub async fn of_gateway(data: &Path, here: Option<&Path>) -> Result<Vec<(String, Zeroizing<String>)>, Problem> {
    let secrets = Secrets::open(data, here, None).await;
    let read = |vault: &Vault| {
        let names = if vault.status().open { vault.names()? } else { Vec::new() };
        let mut kept = Vec::new();
        for name in &names {
            if let (Some(short), Some(value)) = (name.strip_prefix(GATEWAY), vault.get(name)?) {
                kept.push((short.to_owned(), value));
            }
        }
        Ok(kept)
    };
    secrets.with(read).await
}

/// Keeps a secret of the gateway's settings in the vault, which this PC opens by itself; none forgets it.
///
/// # Errors
/// [`What::Vault`], and the files.
pub async fn keep_of_gateway(data: &Path, here: Option<&Path>, name: &str, value: Option<Secret>) -> Result<(), Problem> {
    let (secrets, name) = (Secrets::open(data, here, None).await, format!("{GATEWAY}{name}"));
    match value {
        Some(value) => secrets.keep(name, value).await,
        None => secrets.forget(name).await,
    }
}

fn account_name(account: &AccountId) -> String {
    format!("{ACCOUNT}{}", account.0)
}

fn view(status: Status, names: &[String]) -> VaultView {
    VaultView {
        exists: status.exists,
        damaged: status.damaged,
        open: status.open,
        passphrase: status.passphrase,
        here: status.here,
        wait: status.wait.as_secs(),
        warning: status.warning,
        accounts: names.iter().filter_map(|name| name.strip_prefix(ACCOUNT)).map(|id| AccountId(id.to_owned())).collect(),
        session: names.iter().any(|name| name == SESSION),
        problem: None,
    }
}

fn seconds() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

impl From<VaultError> for Problem {
    fn from(error: VaultError) -> Self {
        let detail = error.to_string();
        let fault = match error {
            VaultError::Files(error) => return error.into(),
            VaultError::Missing => VaultFault::Missing,
            VaultError::Locked => VaultFault::Locked,
            VaultError::WrongPassphrase { wait } => VaultFault::WrongPassphrase { wait: wait.as_secs() },
            VaultError::TooSoon { wait } => VaultFault::TooSoon { wait: wait.as_secs() },
            VaultError::Weak(Weakness::TooShort) => VaultFault::TooShort,
            VaultError::Weak(Weakness::Common | Weakness::Pattern) => VaultFault::TooWeak,
            VaultError::NoWayIn => VaultFault::NoWayIn,
            VaultError::NoPlaceHere => VaultFault::NoPlaceHere,
            VaultError::Damaged(_) => VaultFault::Damaged,
            VaultError::Refused(_) => VaultFault::Refused,
            _ => return Self::new(What::Internal, detail),
        };
        Self::new(What::Vault(fault), detail)
    }
}
