//! What every task of the engine works with: the service, the ledger, the session.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use piaoxia_service::contract::{Company, Device, ErrorClass};
use piaoxia_service::{Client, ClientError, Held};
use piaoxia_store::Store;
use serde::de::DeserializeOwned;
use tokio::sync::{Notify, watch};

use crate::backup::Backups;
use crate::disks::{DiskSetup, Wanted};
use crate::download::lanes::{Lane, Lanes, OWN};
use crate::outbox::panic_problem;
use crate::pace::Pace;
use crate::problem::Problem;
use crate::reader::ReaderProgram;
use crate::secrets::{Secrets, VaultCost};
use crate::session::{Keeper, Renewal, Restored, remove_old_file};

/// Collections of the store's documents.
pub(crate) mod collection {
    /// One document, `device`: the id of this installation.
    pub(crate) const DEVICE: &str = "device";
    /// One document, `all`: the companies as the service last told them.
    pub(crate) const COMPANIES: &str = "companies";
    /// Downloads by their id.
    pub(crate) const DOWNLOADS: &str = "downloads";
    /// What pages have changed of downloads, by their id.
    pub(crate) const PROGRESS: &str = "progress";
    /// How far companies are taken in, by company, scope and mode.
    pub(crate) const MARKS: &str = "marks";
    /// 定时下载 by their id.
    pub(crate) const SCHEDULES: &str = "schedules";
    /// One document, `libraries`: vendors' libraries of tax disks.
    pub(crate) const DISKS: &str = "disks";
    /// Preferences of the window by their name.
    pub(crate) const PREFERENCES: &str = "preferences";
    /// Templates of exports by their name.
    pub(crate) const TEMPLATES: &str = "templates";
}

/// Documents that this version can read, and the number of those that it cannot. These stay as they are: a newer version may have written
/// them.
pub(crate) fn readable<T: DeserializeOwned>(documents: Vec<(String, serde_json::Value)>) -> (Vec<(String, T)>, u64) {
    let (mut readable, mut others) = (Vec::with_capacity(documents.len()), 0);
    for (id, document) in documents {
        match serde_json::from_value(document) {
            Ok(document) => readable.push((id, document)),
            Err(error) => {
                others += 1;
                tracing::warn!(id, %error, "a kept document cannot be read");
            }
        }
    }
    (readable, others)
}

/// Where [`Services`] keep what.
#[derive(Clone, Debug)]
pub struct ServicesConfig {
    /// Data folder.
    pub data: PathBuf,
    /// Folder for this PC's copy of the vault key, outside the data folder: see [`crate::session::default_key_folder`]. None:
    /// only a passphrase opens the vault.
    pub key_folder: Option<PathBuf>,
    /// What trying a new passphrase costs; none measures it.
    pub vault_cost: Option<VaultCost>,
    /// Computer name, shown on the phone's confirm page.
    pub device_name: String,
    /// Certificates that are trusted beside the data folder's own: the sandbox's authority in the sandbox, else none.
    pub authorities: Vec<Vec<u8>>,
    /// How long is waited for what.
    pub pace: Pace,
    /// Reads files for imports; none: this process reads them itself.
    pub reader: Option<ReaderProgram>,
    /// With what tax disks are found.
    pub disks: DiskSetup,
}

/// The service, the ledger and the session. Clones are cheap and share everything.
#[derive(Clone)]
pub struct Services {
    inner: Arc<Inner>,
}

struct Inner {
    client: Client,
    store: Store,
    keeper: Arc<Keeper>,
    secrets: Secrets,
    backups: Backups,
    pace: Pace,
    reader: Option<ReaderProgram>,
    disks: DiskSetup,
    data: PathBuf,
    authorities: Vec<Vec<u8>>,
    /// Of all downloads together.
    lanes: Arc<Lanes>,
    /// Invoices that became new since the start.
    added: AtomicU64,
    /// The ledger changed.
    touched: Notify,
    /// An account was signed in at the bureau from here.
    signed_in: Notify,
    /// Something may have happened at the service.
    look: Notify,
    /// The tax disks that downloads wait for.
    wanted: watch::Sender<Wanted>,
}

impl Services {
    /// Joins service and ledger. The first time, this installation gets its random id; it is no secret.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub async fn open(client: Client, store: Store, config: ServicesConfig) -> Result<Self, Problem> {
        let id = device_id(&store).await?;
        let device = Device { id, name: config.device_name, version: client.options().version };
        remove_old_file(&config.data, config.key_folder.as_deref(), &device.id);
        let secrets = Secrets::open(&config.data, config.key_folder.as_deref(), config.vault_cost).await;
        let backups = Backups::new(&store, &config.data, config.key_folder.as_deref(), &device.id);
        let keeper = Keeper::new(client.clone(), device, secrets.clone());
        let inner = Inner {
            client,
            store,
            keeper: Arc::new(keeper),
            secrets,
            backups,
            pace: config.pace,
            reader: config.reader,
            disks: config.disks,
            data: config.data,
            authorities: config.authorities,
            lanes: Arc::default(),
            added: AtomicU64::new(0),
            touched: Notify::new(),
            signed_in: Notify::new(),
            look: Notify::new(),
            wanted: watch::Sender::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The client; calls that need the session go through [`Services::call`].
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.inner.client
    }

    /// The ledger.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    pub(crate) fn disk_setup(&self) -> &DiskSetup {
        &self.inner.disks
    }

    /// The vault.
    #[must_use]
    pub fn secrets(&self) -> &Secrets {
        &self.inner.secrets
    }

    pub(crate) fn backups(&self) -> &Backups {
        &self.inner.backups
    }

    pub(crate) fn keeper(&self) -> &Keeper {
        &self.inner.keeper
    }

    pub(crate) fn pace(&self) -> &Pace {
        &self.inner.pace
    }

    /// A lane to a host for one file; see [`crate::download::lanes`].
    pub(crate) async fn lane(&self, host: &str) -> Lane {
        // What the service asked of any call of the downloads holds for files as well.
        if host == OWN
            && let Some(held) = self.held()
        {
            self.inner.lanes.hold(OWN, held.left, &held.error.into());
        }
        self.inner.lanes.enter(host).await
    }

    pub(crate) fn lanes(&self) -> &Lanes {
        &self.inner.lanes
    }

    /// What the service asked of whoever sends many calls, unless nobody would wait so long.
    pub(crate) fn held(&self) -> Option<Held> {
        self.client().held().filter(|held| held.left <= self.pace().patience)
    }

    pub(crate) fn reader(&self) -> Option<&ReaderProgram> {
        self.inner.reader.as_ref()
    }

    pub(crate) fn data(&self) -> &PathBuf {
        &self.inner.data
    }

    pub(crate) fn authorities(&self) -> &[Vec<u8>] {
        &self.inner.authorities
    }

    /// Asks the service. When the session is over, it is renewed once for all who ask, and `ask` is asked again.
    ///
    /// # Errors
    /// The [`Problem`]; of class `Unauthorized` when the person must sign in again.
    pub async fn call<T, F>(&self, ask: impl Fn() -> F) -> Result<T, Problem>
    where
        F: Future<Output = Result<T, ClientError>>,
    {
        let era = self.keeper().era();
        match ask().await {
            Err(error) if error.class() == Some(ErrorClass::Unauthorized) => match self.renew(era).await {
                Renewal::Fresh => ask().await.map_err(Problem::from),
                Renewal::Over => Err(error.into()),
                Renewal::Failed(problem) => Err(problem),
            },
            answer => answer.map_err(Problem::from),
        }
    }

    /// In a task of its own: the asking task may be cancelled in the middle, a renewal may not.
    async fn renew(&self, era: u64) -> Renewal {
        let keeper = Arc::clone(&self.inner.keeper);
        let renewal = tokio::spawn(async move { keeper.renew(era).await }).await;
        renewal.unwrap_or_else(|_| Renewal::Failed(panic_problem()))
    }

    /// Signs in with the kept session, in a task of its own for the same reason.
    pub(crate) async fn restore(&self) -> Restored {
        let keeper = Arc::clone(&self.inner.keeper);
        let restored = tokio::spawn(async move { keeper.restore().await }).await;
        restored.unwrap_or_else(|_| Restored::Failed(panic_problem()))
    }

    /// Notes that a commit changed the ledger.
    pub(crate) fn touch(&self, new: u64) {
        self.inner.added.fetch_add(new, Ordering::Relaxed);
        self.inner.touched.notify_one();
    }

    pub(crate) async fn touched(&self) {
        self.inner.touched.notified().await;
    }

    pub(crate) fn added(&self) -> u64 {
        self.inner.added.load(Ordering::Relaxed)
    }

    /// Wakes the downloads that wait for a sign-in at the bureau.
    pub(crate) fn account_signed_in(&self) {
        self.inner.signed_in.notify_waiters();
    }

    pub(crate) async fn until_account_signed_in(&self) {
        self.inner.signed_in.notified().await;
    }

    /// A download waits for the tax disk with this number: told at each of its looks.
    pub(crate) fn want_disk(&self, serial: &str) {
        self.inner.wanted.send_modify(|wanted| wanted.add(serial));
    }

    /// No download waits for it any more.
    pub(crate) fn leave_disk(&self, serial: &str) {
        self.inner.wanted.send_if_modified(|wanted| wanted.remove(serial));
    }

    pub(crate) fn wanted_disks(&self) -> &watch::Sender<Wanted> {
        &self.inner.wanted
    }

    /// Has the service looked at without waiting for the next time: see [`crate::watch`].
    pub(crate) fn look_around(&self) {
        self.inner.look.notify_one();
    }

    pub(crate) async fn until_look_around(&self) {
        self.inner.look.notified().await;
    }

    /// The companies as the service last told them: known without a network.
    pub(crate) async fn known_companies(&self) -> Result<Vec<Company>, Problem> {
        Ok(self.store().get_document(collection::COMPANIES, "all").await?.unwrap_or_default())
    }

    pub(crate) async fn remember_companies(&self, companies: &Vec<Company>) {
        if let Err(error) = self.store().put_document(collection::COMPANIES, "all", companies).await {
            tracing::warn!(%error, "the companies cannot be kept");
        }
    }
}

async fn device_id(store: &Store) -> Result<String, Problem> {
    if let Some(id) = store.get_document::<String>(collection::DEVICE, "device").await? {
        return Ok(id);
    }
    let id = format!("{:032x}", rand::random::<u128>());
    // A read-only stick: the id lives as long as the program.
    if let Err(error) = store.put_document(collection::DEVICE, "device", &id).await {
        tracing::warn!(%error, "the id of this installation cannot be kept");
    }
    Ok(id)
}
