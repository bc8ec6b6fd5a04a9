//! A server that does what a test says, connection by connection; in the clear, or with TLS behind or without a proxy.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use piaoxia_service::{Client, ClientOptions, Network, Roots};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;

use crate::certificates::{Authority, Identity};

/// Any connection.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// A server that runs until the test ends.
pub struct Server {
    pub address: SocketAddr,
    /// Connections so far.
    pub count: Arc<AtomicUsize>,
}

impl Server {
    /// Does the same with every connection.
    pub async fn start<F, Fut>(serve: F) -> Self
    where
        F: Fn(TcpStream) -> Fut + Send + 'static,
        Fut: Future<Output = std::io::Result<()>> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, count) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
        let counted = Arc::clone(&count);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                let work = serve(stream);
                tokio::spawn(async move {
                    // A client that goes away is what is tested.
                    let _gone = work.await;
                });
            }
        });
        Self { address, count }
    }

    /// Reads a request and writes these bytes.
    pub async fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let answer: Arc<[u8]> = answer.into().into();
        Self::start(move |stream| {
            let answer = Arc::clone(&answer);
            async move { reply(stream, &answer).await }
        })
        .await
    }

    /// The same with TLS.
    pub async fn secure(identity: Identity, answer: String) -> Self {
        let (acceptor, answer) = (acceptor(identity), Arc::new(answer));
        Self::start(move |stream| {
            let (acceptor, answer) = (acceptor.clone(), Arc::clone(&answer));
            async move { reply(acceptor.accept(stream).await?, answer.as_bytes()).await }
        })
        .await
    }

    /// A proxy that leads every tunnel to `to`, whatever name was asked for.
    pub async fn proxy(to: SocketAddr) -> Self {
        Self::start(move |mut stream| async move {
            head(&mut stream).await?;
            let mut server = TcpStream::connect(to).await?;
            stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
            tokio::io::copy_bidirectional(&mut stream, &mut server).await.map(drop)
        })
        .await
    }

    pub fn connections(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }
}

pub fn acceptor(identity: Identity) -> TlsAcceptor {
    let builder = ServerConfig::builder_with_provider(Arc::new(default_provider())).with_safe_default_protocol_versions().unwrap();
    TlsAcceptor::from(Arc::new(builder.with_no_client_auth().with_single_cert(identity.chain, identity.key).unwrap()))
}

/// Reads the head of a request.
pub async fn head(stream: &mut impl Stream) -> std::io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

async fn reply(mut stream: impl Stream, answer: &[u8]) -> std::io::Result<()> {
    head(&mut stream).await?;
    stream.write_all(answer).await?;
    stream.flush().await?;
    stream.shutdown().await
}

pub const OURS: &str = "x-piaoxia-protocol: 1\r\nContent-Type: application/json\r\n";

/// An answer of a gateway at this time, as the header says it.
pub fn companies_at(date: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\nDate: {date}\r\n{OURS}\r\n[]")
}

pub fn companies() -> String {
    companies_at(&Timestamp::now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())
}

/// One try, small limits, little patience.
pub fn options() -> ClientOptions {
    ClientOptions {
        max_tries: 1,
        idle_timeout: Duration::from_millis(500),
        grace: Duration::from_millis(200),
        slowest: 100_000,
        json_limit: 100_000,
        file_limit: 200_000,
        ..ClientOptions::quick()
    }
}

/// Believes this authority, too.
pub fn believing(authority: &Authority) -> ClientOptions {
    let network = Network { roots: Some(Roots::read("company.cer", &authority.file()).unwrap()), ..Network::default() };
    ClientOptions { network, idle_timeout: Duration::from_secs(20), ..options() }
}

pub fn client(base: &str, options: ClientOptions) -> Client {
    Client::with_options(base, None, options).unwrap()
}
