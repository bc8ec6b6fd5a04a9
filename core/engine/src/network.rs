//! Settings of the network: `network.json` of the data folder, a file of its own, so that they are known before the ledger is
//! opened and while another process has it.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use piaoxia_files::{FilesError, durable_write};
use piaoxia_service::ClientError;
pub use piaoxia_service::{Network, Pin, Proxy, ProxyChoice, Roots};

use crate::outbox::panic_problem;
use crate::problem::{FileFault, NetworkFault, Problem, What};
use crate::services::Services;

const FILE: &str = "network.json";
/// Sixteen certificates fit into that, bytes.
const LIMIT: u64 = 1 << 20;

/// What the window wants of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NetworkWish {
    /// Another proxy.
    Proxy(ProxyChoice),
    /// Believe the certificates of this file, too; none: no longer.
    Roots(Option<PathBuf>),
    /// Accept no other key from the service than the one that it shows now; or any again.
    Pin(bool),
}

/// The settings that are kept; the usual ones where there are none.
///
/// # Errors
/// The file is there and cannot be used.
pub fn load(data: &Path) -> Result<Network, Problem> {
    let path = data.join(FILE);
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Network::default()),
        Err(error) => return Err(FilesError::from_io(&path, error).into()),
    };
    serde_json::from_slice(&bytes).map_err(|error| settings(&path, error.to_string()))
}

/// A service is not talked to without the settings that are kept: a fixed key is among them.
///
/// # Errors
/// As [`load`].
pub(crate) async fn check(services: &Services) -> Result<(), Problem> {
    let data = services.data().clone();
    off_thread(move || load(&data).map(drop)).await
}

/// Changes them for this process and keeps them. A file that cannot be used is put aside.
///
/// # Errors
/// The wish cannot be fulfilled; everything is as before then.
pub async fn change(services: &Services, wish: NetworkWish) -> Result<Network, Problem> {
    let mut network = services.client().options().network;
    match wish {
        NetworkWish::Proxy(proxy) => network.proxy = proxy,
        NetworkWish::Roots(None) => network.roots = None,
        NetworkWish::Roots(Some(path)) => network.roots = Some(off_thread(move || read_roots(&path)).await?),
        NetworkWish::Pin(false) => network.pin = None,
        NetworkWish::Pin(true) => network.pin = Some(pin(services).await?),
    }
    let before = services.client().options().network;
    services.client().set_network(network.clone())?;
    let (data, kept) = (services.data().clone(), network.clone());
    let saved = off_thread(move || save(&data, &kept));
    if let Err(problem) = saved.await {
        services.client().set_network(before)?;
        return Err(problem);
    }
    Ok(network)
}

fn save(data: &Path, network: &Network) -> Result<(), Problem> {
    let path = data.join(FILE);
    let text = serde_json::to_vec_pretty(network).map_err(|error| settings(&path, error.to_string()))?;
    if load(data).is_err()
        && let Ok(unusable) = fs::read(&path)
    {
        durable_write(&path.with_added_extension("damaged"), &unusable)?;
    }
    Ok(durable_write(&path, &text)?)
}

fn read_roots(path: &Path) -> Result<Roots, Problem> {
    let file_error = |error| Problem::from(FilesError::from_io(path, error));
    if fs::metadata(path).map_err(file_error)?.len() > LIMIT {
        return Err(Problem::new(What::Network(NetworkFault::NoCertificate), "the file is too large for certificates"));
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let no_certificate = |error: ClientError| Problem::new(What::Network(NetworkFault::NoCertificate), error.to_string());
    Roots::read(&name, &fs::read(path).map_err(file_error)?).map_err(no_certificate)
}

/// The key that the service shows now, over a connection that is believed.
async fn pin(services: &Services) -> Result<Pin, Problem> {
    let probe = services.client().probe();
    let key = probe.greet().await?.key;
    let key = key.ok_or_else(|| Problem::new(What::Network(NetworkFault::Tls), "the service shows no certificate"))?;
    Ok(Pin { host: probe.route().host, keys: vec![key] })
}

fn settings(path: &Path, detail: String) -> Problem {
    Problem::new(What::File { fault: FileFault::Settings, path: path.to_path_buf() }, detail)
}

async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> Result<T, Problem> + Send + 'static) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| Err(panic_problem()))
}
