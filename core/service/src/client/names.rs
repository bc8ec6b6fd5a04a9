//! Names of hosts: asked of the system, with an error of their own, because "no such name" leads to other steps than "nobody
//! answers".

use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// There is no such name, or nobody who knows names answers.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("no address is known for this name")]
pub(super) struct NoSuchName;

/// Asks the system.
pub(super) struct Names;

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            // The port is put in by whoever connects.
            let found = resolve(name.as_str(), 0).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Addresses of a host, at least one.
pub(super) async fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, NoSuchName> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let found: Vec<SocketAddr> = tokio::net::lookup_host((bare, port)).await.map_err(|_| NoSuchName)?.collect();
    if found.is_empty() { Err(NoSuchName) } else { Ok(found) }
}
