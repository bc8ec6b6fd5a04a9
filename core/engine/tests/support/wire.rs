//! The network between a program and the service, to be pulled out and plugged in again, or to hold requests back.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Passes connections on to the service.
pub struct Wire {
    address: SocketAddr,
    to: SocketAddr,
    plugged: Arc<Mutex<CancellationToken>>,
    held: Arc<Held>,
}

/// What is held back.
#[derive(Default)]
struct Held {
    /// What is in the requests.
    text: watch::Sender<Option<&'static str>>,
    /// How many were held.
    count: AtomicUsize,
}

impl Wire {
    pub async fn to(base_url: &str) -> Self {
        let to = base_url.trim_start_matches("http://").trim_end_matches('/').parse().unwrap();
        let mut wire = Self { address: SocketAddr::from(([127, 0, 0, 1], 0)), to, plugged: Arc::default(), held: Arc::default() };
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
                Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        };
        self.address = listener.local_addr().unwrap();
        let (plugged, to, held) = (CancellationToken::new(), self.to, Arc::clone(&self.held));
        *self.plugged.lock().unwrap() = plugged.clone();
        tokio::spawn(plugged.clone().run_until_cancelled_owned(async move {
            while let Ok((caller, _)) = listener.accept().await {
                let held = Arc::clone(&held);
                tokio::spawn(plugged.clone().run_until_cancelled_owned(async move {
                    pass(caller, to, &held).await.ok();
                }));
            }
        }));
    }

    /// Requests with this text in them do not arrive before [`Wire::let_go`].
    pub fn hold(&self, text: &'static str) {
        self.held.text.send_replace(Some(text));
    }

    pub fn let_go(&self) {
        self.held.text.send_replace(None);
    }

    /// Waits until a request is held.
    pub async fn caught(&self) {
        while self.held.count.load(Ordering::SeqCst) == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// One connection, in both directions.
async fn pass(mut caller: TcpStream, to: SocketAddr, held: &Held) -> std::io::Result<()> {
    let mut service = TcpStream::connect(to).await?;
    let (mut from_caller, mut to_caller) = caller.split();
    let (mut from_service, mut to_service) = service.split();
    let there = async {
        let (mut text, mut bytes) = (held.text.subscribe(), vec![0; 64 << 10]);
        loop {
            let count = from_caller.read(&mut bytes).await?;
            if count == 0 {
                return to_service.shutdown().await;
            }
            let said = String::from_utf8_lossy(&bytes[..count]).into_owned();
            let passes = |text: &Option<&'static str>| text.is_none_or(|text| !said.contains(text));
            if !passes(&text.borrow()) {
                held.count.fetch_add(1, Ordering::SeqCst);
            }
            text.wait_for(passes).await.ok();
            to_service.write_all(&bytes[..count]).await?;
        }
    };
    let back = async {
        tokio::io::copy(&mut from_service, &mut to_caller).await?;
        to_caller.shutdown().await
    };
    tokio::try_join!(there, back).map(drop)
}
