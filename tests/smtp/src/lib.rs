//! A small mail server for tests: it listens on 127.0.0.1, keeps what it gets, and fails as it is told.
//!
//! It speaks EHLO, AUTH PLAIN and LOGIN, MAIL, RCPT, DATA, RSET, NOOP and QUIT (RFC 5321), without TLS.

mod session;

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A mail as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Envelope sender.
    pub from: String,
    /// Envelope receivers.
    pub to: Vec<String>,
    /// Login name, if there was a login.
    pub user: Option<String>,
    /// The message with its CRLFs, dots unstuffed.
    pub data: Vec<u8>,
}

/// What a connection meets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Behaviour {
    /// Everything is taken.
    #[default]
    Accept,
    /// The greeting is this code (421, 554), then the connection ends.
    Greeting(u16),
    /// MAIL FROM is answered with this code.
    Sender(u16),
    /// RCPT TO is answered with this code.
    Recipient(u16),
    /// The end of the data is answered with this code.
    Data(u16),
    /// The connection ends without a greeting.
    Drop,
    /// The connection ends in the middle of the data.
    DropInData,
    /// The mail is kept, then the connection ends before it is acknowledged.
    DropAfterData,
    /// Every answer takes this long.
    Slow(Duration),
    /// Nothing is ever answered.
    Silent,
}

/// The server; it ends when this is dropped.
#[derive(Debug)]
pub struct SmtpSink {
    address: SocketAddr,
    shared: Arc<Shared>,
    listening: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    login: Option<(String, String)>,
    connections: AtomicUsize,
    logins: AtomicUsize,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    received: Vec<Received>,
    script: VecDeque<Behaviour>,
    standing: Behaviour,
}

impl SmtpSink {
    /// Listens on a free port and asks for no login.
    ///
    /// # Errors
    /// No port can be had.
    pub async fn start() -> io::Result<Self> {
        Self::listen(0, None).await
    }

    /// Listens on a free port and takes mail only after this login.
    ///
    /// # Errors
    /// No port can be had.
    pub async fn with_login(user: &str, password: &str) -> io::Result<Self> {
        Self::listen(0, Some((user.to_owned(), password.to_owned()))).await
    }

    /// Listens on this port: for a server that comes back.
    ///
    /// # Errors
    /// The port is taken.
    pub async fn on_port(port: u16) -> io::Result<Self> {
        Self::listen(port, None).await
    }

    async fn listen(port: u16, login: Option<(String, String)>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared { login, connections: AtomicUsize::new(0), logins: AtomicUsize::new(0), inner: Mutex::default() });
        let listening = tokio::spawn(serve(listener, Arc::clone(&shared)));
        Ok(Self { address, shared, listening })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The port of [`Self::address`].
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// What every connection meets from now on, unless a script says otherwise.
    pub fn behave(&self, behaviour: Behaviour) {
        self.shared.lock().standing = behaviour;
    }

    /// What the next connections meet, one each.
    pub fn script(&self, behaviours: impl IntoIterator<Item = Behaviour>) {
        self.shared.lock().script.extend(behaviours);
    }

    /// All mails so far.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.shared.lock().received.clone()
    }

    /// Connections so far.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// Logins that were tried so far, right or wrong.
    #[must_use]
    pub fn logins(&self) -> usize {
        self.shared.logins.load(Ordering::SeqCst)
    }

    /// Waits until this many mails are there; gives them. None when `patience` is over first.
    pub async fn wait_for(&self, count: usize, patience: Duration) -> Option<Vec<Received>> {
        let enough = async {
            while self.shared.lock().received.len() < count {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(patience, enough).await.ok().map(|()| self.received())
    }
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next_behaviour(&self) -> Behaviour {
        self.connections.fetch_add(1, Ordering::SeqCst);
        let mut inner = self.lock();
        inner.script.pop_front().unwrap_or_else(|| inner.standing.clone())
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    // The sessions end with the server.
    let mut sessions = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let behaviour = shared.next_behaviour();
        let shared = Arc::clone(&shared);
        sessions.spawn(async move {
            // A client that goes away is nothing to report.
            session::run(stream, &shared, &behaviour).await.ok();
        });
    }
}
