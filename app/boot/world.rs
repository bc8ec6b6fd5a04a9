//! Everything behind the window or the command line: the data folder, the ledger, the service and its client.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use piaoxia_engine::problem::{FileFault, What};
use piaoxia_engine::secrets::{self, VaultCost};
use piaoxia_engine::session::default_key_folder;
use piaoxia_engine::update::Updater;
use piaoxia_engine::{
    Engine, EngineConfig, EngineHandle, Opener, OwnGateway, Pace, Problem, ReaderProgram, ServiceBy, ServiceChoice, Services,
    ServicesConfig, Wake, choice, network,
};
use piaoxia_gateway::{Gateway, GatewayConfig, GatewayHandle, Limits, SimConnector, Warning};
use piaoxia_service::contract::SandboxSize;
use piaoxia_service::{Client, ClientOptions};
use piaoxia_store::{Store, StoreError};
use piaoxia_taxdisk::skf::HelperProgram;
use tokio::runtime::Handle;

use super::disks::{disk_setup, library_helper};
use super::embedded::Embedded;
use super::{BootError, Folder, Locked};

/// The sandbox that a newcomer gets.
pub const SANDBOX: SandboxSize = SandboxSize { seed: 1, invoices: 3000 };

/// File of the gateway's settings, as the user finds it in the data folder.
const SETTINGS: &str = "gateway/settings.toml";
/// Where a sandbox of another size is remembered: collection and id of the store's document.
const SIZE: (&str, &str) = ("sandbox", "size");
/// Pause between two looks at a job of the quick sandbox.
const QUICK_POLL: Duration = Duration::from_millis(10);
/// Longest wait for the gateway's last answers.
const STOP: Duration = Duration::from_secs(3);

/// Which simulated bureau stands behind the embedded gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sandbox {
    /// The one of the data folder; at the first start it is made by [`SANDBOX`].
    Kept,
    /// The one of the data folder, which has this size from now on.
    Sized(SandboxSize),
    /// One in memory that works without pauses and is forgotten at the end: for the headless demo and for tests.
    Quick(SandboxSize),
}

/// Which service the program works with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Service {
    /// 连接服务: the one at this address.
    Hosted(String),
    /// 体验: the embedded gateway with the simulated bureau.
    Sandbox,
    /// The one that was chosen in the data folder, else the sandbox; a window on a new folder asks.
    Chosen,
}

/// What the program is started with.
#[derive(Clone, Debug)]
pub struct Options {
    /// Data folder; none takes the one of this installation.
    pub data: Option<PathBuf>,
    /// The service.
    pub service: Service,
    /// The simulated bureau, where there is no hosted service.
    pub sandbox: Sandbox,
    /// Folder for this PC's copy of the vault key, see [`default_key_folder`]; none: only a passphrase opens the vault.
    pub key_folder: Option<PathBuf>,
    /// What trying a new passphrase costs; none measures it.
    pub vault_cost: Option<VaultCost>,
    /// How long the engine waits for what.
    pub pace: Pace,
    /// Reads files for imports; none: this process reads them itself.
    pub reader: Option<ReaderProgram>,
    /// Loads vendors' libraries of tax disks; none: there are none.
    pub libraries: Option<HelperProgram>,
    /// Updates of the program; none where it is none that can be updated.
    pub updater: Option<Updater>,
}

impl Options {
    /// As a user starts it, with a service that is named or not.
    #[must_use]
    pub fn new(data: Option<PathBuf>, service: Option<String>) -> Self {
        Self {
            data,
            service: service.map_or(Service::Chosen, Service::Hosted),
            sandbox: Sandbox::Kept,
            key_folder: default_key_folder(),
            vault_cost: None,
            pace: Pace::default(),
            reader: this_program(),
            libraries: library_helper(),
            updater: None,
        }
    }
}

/// This program once more, as the process that reads files.
fn this_program() -> Option<ReaderProgram> {
    match std::env::current_exe() {
        Ok(program) => Some(ReaderProgram { program, arguments: vec![READ_FILES.into()] }),
        Err(error) => {
            tracing::warn!(%error, "the program does not find itself; it reads files itself");
            None
        }
    }
}

/// What makes the program the process that reads files; known to itself alone.
pub const READ_FILES: &str = "read-files";

/// The parts that the window or the command line works with.
pub struct World {
    folder: Folder,
    client: Client,
    gateway: Option<Embed>,
    /// The service in it is resolved, never [`Service::Chosen`].
    options: Options,
    service_by: ServiceBy,
    /// What went wrong and kept nothing from starting.
    troubles: Vec<Problem>,
}

/// The gateway inside the program, and how large its sandbox is.
struct Embed {
    gateway: Arc<GatewayHandle>,
    sandbox: SandboxSize,
}

impl World {
    /// Opens the data folder and its ledger, starts the embedded gateway or finds the hosted service's address good.
    ///
    /// # Errors
    /// [`BootError`]; nothing is left open then.
    pub async fn open(options: Options) -> Result<Self, BootError> {
        let data = options.data.clone();
        let locked = blocking(move || Locked::acquire(data)).await?;
        Self::behind(locked, options).await
    }

    /// The same with a folder that is locked already.
    ///
    /// # Errors
    /// [`BootError`].
    pub async fn behind(locked: Locked, options: Options) -> Result<Self, BootError> {
        let folder = blocking(move || locked.open()).await?;
        let Settled { options, service_by, mut troubles } = settled(folder.path(), options);
        let service = match &options.service {
            Service::Hosted(address) => hosted(folder.path(), address).map(|client| (client, None)),
            Service::Sandbox | Service::Chosen => {
                let own = embedded(&folder, options.sandbox, options.key_folder.as_deref(), &mut troubles).await;
                own.map(|(client, own)| (client, Some(own)))
            }
        };
        match service {
            Ok((client, gateway)) => Ok(Self { folder, client, gateway, options, service_by, troubles }),
            Err(error) => {
                folder.close().await;
                Err(error)
            }
        }
    }

    /// The client of the service.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The data folder.
    #[must_use]
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// Starts the engine for a window, on the runtime of the caller. `wake` is called after each event.
    #[must_use]
    pub fn engine(&self, wake: Wake) -> EngineHandle {
        let config = EngineConfig {
            client: self.client.clone(),
            store: self.folder.store.clone(),
            opened: self.folder.report,
            data: self.folder.path().to_path_buf(),
            key_folder: self.options.key_folder.clone(),
            vault_cost: self.options.vault_cost,
            device_name: device_name(),
            gateway: self.gateway.as_ref().map(|own| Arc::new(Embedded(Arc::clone(&own.gateway))) as Arc<dyn OwnGateway>),
            service_by: self.service_by,
            troubles: self.troubles.clone(),
            opener: opener(),
            authorities: authorities(&self.folder, &self.options),
            pace: self.options.pace.clone(),
            reader: self.options.reader.clone(),
            disks: disk_setup(self.sandbox(), self.options.libraries.clone()),
            updater: self.options.updater.clone(),
        };
        Engine::start(config, &Handle::current(), wake)
    }

    /// The engine's functions for the command line.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub async fn services(&self) -> Result<Services, Problem> {
        services(&self.folder, self.client.clone(), &self.options, self.sandbox()).await
    }

    fn sandbox(&self) -> Option<SandboxSize> {
        self.gateway.as_ref().map(|own| own.sandbox)
    }

    /// Stops the gateway, closes the ledger, lets the folder go. The engine is to be stopped before.
    pub async fn close(self) {
        // An engine that did not stop in time still holds it; dropping it then stops it as well.
        if let Some(gateway) = self.gateway.and_then(|own| Arc::into_inner(own.gateway))
            && tokio::time::timeout(STOP, gateway.stop()).await.is_err()
        {
            tracing::warn!("the gateway did not stop in time");
        }
        self.folder.close().await;
    }
}

/// What the data folder says of the service.
struct Settled {
    /// The service in it is resolved.
    options: Options,
    service_by: ServiceBy,
    /// Settings that cannot be read.
    troubles: Vec<Problem>,
}

/// The options with the service that the data folder says, where they name none.
fn settled(data: &Path, options: Options) -> Settled {
    let mut troubles: Vec<Problem> = network::load(data).err().into_iter().collect();
    let (service, service_by) = match choice::load(data) {
        _ if options.service != Service::Chosen => (options.service.clone(), ServiceBy::Start),
        // The key that the user fixed is among what cannot be read: the service is not talked to before the user has decided.
        Ok(Some(ServiceChoice::Hosted { .. })) if !troubles.is_empty() => (Service::Sandbox, ServiceBy::Unreadable),
        Ok(Some(choice)) => (of_choice(Some(choice)), ServiceBy::Choice),
        Ok(None) => (Service::Sandbox, ServiceBy::Nobody),
        Err(problem) => {
            troubles.push(problem);
            (Service::Sandbox, ServiceBy::Unreadable)
        }
    };
    for problem in &troubles {
        tracing::error!(problem.detail, "settings of the service cannot be read");
    }
    Settled { options: Options { service, ..options }, service_by, troubles }
}

fn of_choice(chosen: Option<ServiceChoice>) -> Service {
    match chosen {
        Some(ServiceChoice::Hosted { address }) => Service::Hosted(address),
        Some(ServiceChoice::Sandbox) | None => Service::Sandbox,
    }
}

/// The service of a data folder for a command, which asks nobody: the one that is named, else the one that was chosen, else the
/// sandbox.
///
/// # Errors
/// What was chosen cannot be read.
pub fn service_of(data: &Path, named: Option<&str>) -> Result<Service, Problem> {
    match named {
        Some(address) => Ok(Service::Hosted(address.to_owned())),
        None => choice::load(data).map(of_choice),
    }
}

/// How the network is reached from this data folder by whoever talks to no service: the program's own gateway is on this PC, and
/// updates are signed. Settings that cannot be read are told in the log; without them most networks are reached all the same.
#[must_use]
pub fn client_options(data: &Path) -> ClientOptions {
    let network = network::load(data).unwrap_or_else(|problem| {
        tracing::error!(problem.detail, "the settings of the network cannot be read");
        network::Network::default()
    });
    figures(network)
}

fn figures(network: network::Network) -> ClientOptions {
    ClientOptions { network, built: super::built(), version: super::version().to_string(), ..ClientOptions::default() }
}

/// A service that somebody runs. It is not talked to without what the user has set.
fn hosted(data: &Path, address: &str) -> Result<Client, BootError> {
    let network = network::load(data).map_err(|problem| BootError::Settings(Box::new(problem)))?;
    Ok(Client::with_options(address, None, figures(network))?)
}

/// The engine's functions over a folder and a client; the options name the service, and `sandbox` is the size of the embedded one, if there is one.
///
/// # Errors
/// The ledger cannot be read.
pub async fn services(folder: &Folder, client: Client, options: &Options, sandbox: Option<SandboxSize>) -> Result<Services, Problem> {
    let config = ServicesConfig {
        data: folder.path().to_path_buf(),
        key_folder: options.key_folder.clone(),
        vault_cost: options.vault_cost,
        device_name: device_name(),
        authorities: authorities(folder, options),
        pace: options.pace.clone(),
        reader: options.reader.clone(),
        disks: disk_setup(sandbox, options.libraries.clone()),
    };
    Services::open(client, folder.store.clone(), config).await
}

/// In the sandbox its own authority, so that its documents show what a good one looks like; a hosted service's never.
fn authorities(folder: &Folder, options: &Options) -> Vec<Vec<u8>> {
    let sandbox = (options.service == Service::Sandbox).then(|| SimConnector::root_certificate(&folder.path().join("gateway")));
    sandbox.flatten().into_iter().collect()
}

/// The gateway inside the program. Its secret lives as long as the process, so that no other program can use it. What it goes
/// without is added to the troubles.
async fn embedded(
    folder: &Folder,
    sandbox: Sandbox,
    keys: Option<&Path>,
    troubles: &mut Vec<Problem>,
) -> Result<(Client, Embed), BootError> {
    let dir = (!folder.is_read_only()).then(|| folder.path().join("gateway"));
    let size = size(&folder.store, sandbox).await.map_err(|error| BootError::Ledger { path: folder.path().to_path_buf(), error })?;
    let secret = format!("{:032x}{:032x}", rand::random::<u128>(), rand::random::<u128>());
    let own = Some(secret.clone());
    let kept = secrets::of_gateway(folder.path(), keys).await.unwrap_or_else(|problem| {
        tracing::error!(problem.detail, "the gateway goes without what the vault keeps for it");
        troubles.push(problem.about(SETTINGS));
        Vec::new()
    });
    let config = blocking(move || {
        Ok(match sandbox {
            Sandbox::Quick(_) => {
                let limits = Limits { poll_after: QUICK_POLL, ..Limits::default() };
                GatewayConfig { connector: Arc::new(SimConnector::quick(size)), limits, secret: own, ..GatewayConfig::sandbox(size, None) }
            }
            Sandbox::Kept | Sandbox::Sized(_) => GatewayConfig { secret: own, ..GatewayConfig::sandbox(size, dir) }.with_settings(&kept)?,
        })
    })
    .await?;
    let gateway = Gateway::start(GatewayConfig { version: super::version().to_string(), ..config }).await?;
    troubles.extend(gateway.warnings().iter().map(loss));
    let client = Client::with_options(gateway.base_url(), Some(secret), client_options(folder.path()))?;
    Ok((client, Embed { gateway: Arc::new(gateway), sandbox: size }))
}

/// What a gateway started without.
#[must_use]
pub fn loss(warning: &Warning) -> Problem {
    tracing::warn!(?warning, "the gateway started with a loss");
    let Warning::StateSetAside { kept_as, reason } = warning;
    Problem::new(What::File { fault: FileFault::SetAside, path: kept_as.clone() }, reason)
}

/// Size of the sandbox. One that was chosen is kept with the ledger whose invoices came from it.
async fn size(store: &Store, sandbox: Sandbox) -> Result<SandboxSize, StoreError> {
    match sandbox {
        Sandbox::Quick(size) => Ok(size),
        Sandbox::Kept => Ok(store.get_document(SIZE.0, SIZE.1).await?.unwrap_or(SANDBOX)),
        Sandbox::Sized(size) => {
            store.put_document(SIZE.0, SIZE.1, &size).await?;
            Ok(size)
        }
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, BootError> + Send + 'static) -> Result<T, BootError> {
    tokio::task::spawn_blocking(work).await.map_err(std::io::Error::from)?
}

fn opener() -> Opener {
    Arc::new(|path| open::that_detached(path))
}

/// Name of this PC, as the phone's confirm page shows it.
pub(super) fn device_name() -> String {
    let named = std::env::var("COMPUTERNAME").ok().or_else(|| std::fs::read_to_string("/proc/sys/kernel/hostname").ok());
    named.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).unwrap_or_else(|| "PC".to_owned())
}
