//! The network between a program and the service, to be pulled out and plugged in again.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// Passes connections on to the service.
pub struct Wire {
    address: SocketAddr,
    to: SocketAddr,
    plugged: Arc<Mutex<CancellationToken>>,
}

impl Wire {
    pub async fn to(base_url: &str) -> Self {
        let to = base_url.trim_start_matches("http://").trim_end_matches('/').parse().unwrap();
        let mut wire = Self { address: SocketAddr::from(([127, 0, 0, 1], 0)), to, plugged: Arc::default() };
        wire.plug_in().await;
        wire
    }

    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every connection is dead, and nobody listens any more.
    pub fn pull_out(&self) {
        self.plugged.lock().unwrap().cancel();
    }

    /// Listens again at the same address.
    pub async fn plug_in(&mut self) {
        let listener = loop {
            match TcpListener::bind(self.address).await {
                Ok(listener) => break listener,
                Err(_) => tokio::time::sleep(std::time::Duration::from_millis(5)).await,
            }
        };
        self.address = listener.local_addr().unwrap();
        let (plugged, to) = (CancellationToken::new(), self.to);
        *self.plugged.lock().unwrap() = plugged.clone();
        tokio::spawn(plugged.clone().run_until_cancelled_owned(async move {
            while let Ok((mut caller, _)) = listener.accept().await {
                tokio::spawn(plugged.clone().run_until_cancelled_owned(async move {
                    if let Ok(mut service) = TcpStream::connect(to).await {
                        copy_bidirectional(&mut caller, &mut service).await.ok();
                    }
                }));
            }
        }));
    }
}
