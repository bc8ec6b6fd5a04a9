//! Which service a data folder works with (体验, 连接服务): `service.json` of the folder, a file of its own, so that it is known before
//! there is a client.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use piaoxia_domain::typed;
use piaoxia_files::{FilesError, durable_write};
use piaoxia_service::contract::PROTOCOL;
use piaoxia_service::{Client, ClientError, ClientOptions, Greeting};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::network;
use crate::outbox::panic_problem;
use crate::problem::{FileFault, NetworkFault, Problem, What};
use crate::services::Services;

const FILE: &str = "service.json";

/// The service of a data folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "mode")]
pub enum ServiceChoice {
    /// 体验: the gateway inside the program with the simulated bureau.
    Sandbox,
    /// 连接服务: a service that somebody runs.
    Hosted {
        /// Its address, as [`Client::base_url`] gives it.
        address: String,
    },
}

/// Who said which service it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ServiceBy {
    /// Whoever started the program; it holds for this start alone.
    #[default]
    Start,
    /// The choice that is kept in the data folder.
    Choice,
    /// Nobody: it is the sandbox, and a window on a new folder asks.
    Nobody,
    /// The choice that is kept, or how the service is reached, cannot be read: it is the sandbox, and a window asks.
    Unreadable,
}

/// What the window wants of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServiceWish {
    /// 体验.
    Sandbox,
    /// 连接服务 the service at this address, as typed; it is kept once it has answered.
    Hosted(String),
    /// Wait for an answer no longer.
    Stop,
}

/// The choice that is kept in a data folder; none where nothing was chosen.
///
/// # Errors
/// The file is there and cannot be used.
pub fn load(data: &Path) -> Result<Option<ServiceChoice>, Problem> {
    let path = data.join(FILE);
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(FilesError::from_io(&path, error).into()),
    };
    serde_json::from_slice(&bytes).map(Some).map_err(|error| unusable(path, error.to_string()))
}

/// Finds the service that is wished for and keeps the choice. None when `stop` was called before it answered.
pub(crate) async fn choose(services: &Services, wish: ServiceWish, stop: &CancellationToken) -> Option<Result<ServiceChoice, Problem>> {
    let choice = match wish {
        ServiceWish::Sandbox => ServiceChoice::Sandbox,
        ServiceWish::Hosted(typed) => {
            let finding = async {
                network::check(services).await?;
                find(&typed, services.client().options()).await
            };
            match stop.run_until_cancelled(finding).await? {
                Ok(address) => ServiceChoice::Hosted { address },
                Err(problem) => return Some(Err(problem)),
            }
        }
        ServiceWish::Stop => return None,
    };
    Some(keep(services.data(), &choice).await.map(|()| choice))
}

async fn keep(data: &Path, choice: &ServiceChoice) -> Result<(), Problem> {
    let (path, choice) = (data.join(FILE), choice.clone());
    let written = tokio::task::spawn_blocking(move || {
        let text = serde_json::to_vec_pretty(&choice).map_err(|error| unusable(path.clone(), error.to_string()))?;
        Ok(durable_write(&path, &text)?)
    });
    written.await.unwrap_or_else(|_| Err(panic_problem()))
}

/// Asks whether a service answers at a typed address; its address as it is kept.
///
/// # Errors
/// What was typed is no address, nobody answers there, or somebody else does.
pub async fn find(typed: &str, options: ClientOptions) -> Result<String, Problem> {
    let address = whole(typed);
    let client = Client::with_options(&address, None, options).map_err(|error| refused(&address, error))?;
    let greeting = client.probe().greet().await.map_err(|error| Problem::from(error).about(client.base_url()))?;
    let fault = match greeting {
        Greeting { protocol: Some(protocol), .. } if protocol == PROTOCOL => return Ok(client.base_url().to_owned()),
        Greeting { protocol: Some(_), .. } => NetworkFault::Unreadable,
        // A proxy or a load balancer whose service is gone.
        Greeting { status: 502..=504, .. } => NetworkFault::Unreachable,
        Greeting { .. } => NetworkFault::NoService,
    };
    let detail = format!("status {}, protocol {:?}", greeting.status, greeting.protocol);
    Err(Problem::new(What::Network(fault), detail).about(client.base_url()))
}

/// With the scheme that nobody types: HTTPS, and plain HTTP towards this PC.
fn whole(typed: &str) -> String {
    let typed: String = typed.chars().filter(|letter| !letter.is_whitespace() && !typed::is_invisible(*letter)).collect();
    if typed.contains("://") {
        return typed;
    }
    let here = ["127.", "localhost", "[::1]"].iter().any(|host| typed.starts_with(host));
    format!("{}{typed}", if here { "http://" } else { "https://" })
}

fn refused(address: &str, error: ClientError) -> Problem {
    let fault = match &error {
        ClientError::Address(_) if address.to_ascii_lowercase().starts_with("http://") => NetworkFault::NotEncrypted,
        ClientError::Address(_) => NetworkFault::ServiceAddress,
        _ => return error.into(),
    };
    Problem::new(What::Network(fault), error.to_string())
}

fn unusable(path: PathBuf, detail: String) -> Problem {
    Problem::new(What::File { fault: FileFault::Settings, path }, detail)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn an_address_is_understood_as_it_is_pasted() {
        for (typed, meant) in [
            ("gw.example.com", "https://gw.example.com"),
            (" https://gw.example.com/px \n", "https://gw.example.com/px"),
            ("\u{200b}gw.example.com:8443\u{feff}", "https://gw.example.com:8443"),
            ("127.0.0.1:8100", "http://127.0.0.1:8100"),
            ("localhost:8100", "http://localhost:8100"),
            ("http://192.168.1.4", "http://192.168.1.4"),
        ] {
            assert_eq!(whole(typed), meant);
        }
    }

    #[tokio::test]
    async fn what_cannot_be_a_service_is_told_apart() {
        let fault = async |typed: &str| match find(typed, ClientOptions::quick()).await.unwrap_err().what {
            What::Network(fault) => Some(fault),
            _ => None,
        };
        assert_eq!(fault("http://192.168.1.4:80").await, Some(NetworkFault::NotEncrypted));
        assert_eq!(fault("").await, Some(NetworkFault::ServiceAddress));
        assert_eq!(fault("https://user:pw@example.com").await, Some(NetworkFault::ServiceAddress));
        assert_eq!(fault("127.0.0.1:9").await, Some(NetworkFault::Unreachable));
    }

    #[tokio::test]
    async fn a_choice_is_kept_and_a_damaged_one_is_told() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(load(folder.path()).unwrap(), None);
        for choice in [ServiceChoice::Hosted { address: "https://gw.example.com/".into() }, ServiceChoice::Sandbox] {
            keep(folder.path(), &choice).await.unwrap();
            assert_eq!(load(folder.path()).unwrap(), Some(choice));
        }
        fs::write(folder.path().join(FILE), "{").unwrap();
        assert!(matches!(load(folder.path()).unwrap_err().what, What::File { fault: FileFault::Settings, .. }));
    }
}
