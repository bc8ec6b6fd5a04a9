//! The way to a server, step by step, for the network check: where it leads, its name, a connection, what it answers.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use jiff::Timestamp;
use reqwest::Url;
use reqwest::header::{CONTENT_TYPE, DATE};
use rustls::pki_types::CertificateDer;
use tokio::net::TcpStream;

use super::network::Proxy;
use super::response::{http_date, text};
use super::tls::{Time, key_of};
use super::transport::progress;
use super::{Client, ClientError, ClientOptions, TlsFault, checked_base, http_client, http_client_at, is_loopback};
use crate::contract::PROTOCOL_HEADER;

/// A clock that is off by less is none that anybody notices, seconds.
pub const SKEW: i64 = 300;

/// The way to a server.
#[derive(Clone, Debug)]
pub struct Probe {
    url: Url,
    options: ClientOptions,
    client: Option<Client>,
}

/// Where the way leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Host of the server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// It is this PC.
    pub here: bool,
    /// With TLS.
    pub encrypted: bool,
    /// Through this proxy, which alone has to be reached from here.
    pub proxy: Option<Proxy>,
}

/// What a server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Greeting {
    /// Status code.
    pub status: u16,
    /// So many seconds this PC's clock is ahead of its; less than 0: behind. None where it tells no time.
    pub ahead: Option<i64>,
    /// The version of the contract, where it is a gateway.
    pub protocol: Option<String>,
    /// A web page, as the sign-in page of a network is one, or a redirection to one.
    pub page: bool,
    /// SHA-256 of its public key in Base64, see [`super::Pin`].
    pub key: Option<String>,
}

impl Client {
    /// The way to the service.
    #[must_use]
    pub fn probe(&self) -> Probe {
        let url = self.inner.base.join("v1/session").unwrap_or_else(|_| self.inner.base.clone());
        Probe { url, options: self.options(), client: Some(self.clone()) }
    }

    /// The same error, and where a certificate was not valid at this PC's time, whether that is the clock's fault.
    pub(super) async fn explained(&self, error: ClientError) -> ClientError {
        explained(error, &self.inner.base, &self.options()).await
    }
}

impl Probe {
    /// The way to any other server.
    ///
    /// # Errors
    /// [`ClientError::Address`] when the address is none, or plain HTTP to another PC.
    pub fn of(address: &str, options: ClientOptions) -> Result<Self, ClientError> {
        Ok(Self { url: checked_base(address)?, options, client: None })
    }

    /// Where it leads.
    #[must_use]
    pub fn route(&self) -> Route {
        Route {
            host: bare(self.url.host_str().unwrap_or_default()).to_owned(),
            port: self.url.port_or_known_default().unwrap_or_default(),
            here: is_loopback(&self.url),
            encrypted: self.url.scheme() == "https",
            proxy: self.options.network.proxy_for(&self.url),
        }
    }

    /// Addresses of the first host on the way: the proxy, else the server.
    ///
    /// # Errors
    /// [`ClientError::NameUnknown`], [`ClientError::Timeout`].
    pub async fn resolve(&self) -> Result<Vec<SocketAddr>, ClientError> {
        let route = self.route();
        let (host, port) = route.proxy.map_or((route.host, route.port), |proxy| (proxy.host, proxy.port));
        let asked = tokio::time::timeout(self.options.connect_timeout, tokio::net::lookup_host((bare(&host), port)));
        let found: Vec<SocketAddr> = match asked.await {
            Ok(found) => found.map_err(|_| ClientError::NameUnknown)?.collect(),
            Err(_) => return Err(ClientError::Timeout),
        };
        if found.is_empty() { Err(ClientError::NameUnknown) } else { Ok(found) }
    }

    /// Connects to one of these addresses and lets the connection go; the address and how long it took.
    ///
    /// # Errors
    /// [`ClientError::Unreachable`] with what the system said of the last one.
    pub async fn connect(&self, addresses: &[SocketAddr]) -> Result<(IpAddr, Duration), ClientError> {
        let mut last = ClientError::Unreachable("no address".to_owned());
        for address in addresses {
            let begun = tokio::time::Instant::now();
            last = match tokio::time::timeout(self.options.connect_timeout, TcpStream::connect(address)).await {
                Ok(Ok(_)) => return Ok((address.ip(), begun.elapsed())),
                Ok(Err(error)) => ClientError::Unreachable(error.to_string()),
                Err(_) => ClientError::Unreachable("no connection in time".to_owned()),
            };
        }
        Err(last)
    }

    /// Asks the server for anything at all and looks at the head of its answer.
    ///
    /// # Errors
    /// Why there is no answer; a wrong clock is told from an expired certificate.
    pub async fn greet(&self) -> Result<Greeting, ClientError> {
        let request = match &self.client {
            Some(client) => client.request(reqwest::Method::GET, self.url.clone()),
            None => http_client(&self.url, &self.options)?.get(self.url.clone()),
        };
        match progress(self.options.idle_timeout, request.send()).await {
            Ok(response) => Ok(greeting(&response)),
            Err(error) => Err(explained(error, &self.url, &self.options).await),
        }
    }
}

/// An IPv6 address without the brackets that it has in an address of the web.
fn bare(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

fn greeting(response: &reqwest::Response) -> Greeting {
    let headers = response.headers();
    let certificate = response.extensions().get::<reqwest::tls::TlsInfo>().and_then(reqwest::tls::TlsInfo::peer_certificate);
    let html = text(headers, &CONTENT_TYPE).is_some_and(|kind| kind.starts_with("text/html"));
    Greeting {
        status: response.status().as_u16(),
        ahead: ahead(response),
        protocol: headers.get(PROTOCOL_HEADER).and_then(|value| value.to_str().ok()).map(str::to_owned),
        page: html || response.status().is_redirection(),
        key: certificate.and_then(|der| key_of(&CertificateDer::from(der)).ok()),
    }
}

/// Seconds by which this PC's clock is ahead of the server's.
pub(super) fn ahead(response: &reqwest::Response) -> Option<i64> {
    let date = text(response.headers(), &DATE).and_then(http_date)?;
    Some(Timestamp::now().as_second() - date.as_second())
}

/// Asks the server for its time, at a moment at which its certificate is valid. Nothing is sent but the question, and what
/// comes back decides nothing but which sentence the user reads.
async fn explained(error: ClientError, url: &Url, options: &ClientOptions) -> ClientError {
    let ClientError::Tls { fault: TlsFault::Time { inside }, detail } = error else { return error };
    let unknown = |detail| ClientError::Tls { fault: TlsFault::Time { inside }, detail };
    let Some(moment) = inside.or_else(|| options.built.map(Timestamp::as_second)) else { return unknown(detail) };
    let Ok(http) = http_client_at(url, options, Time::Fixed(moment)) else { return unknown(detail) };
    let mut home = url.clone();
    home.set_path("/");
    let Ok(response) = progress(options.idle_timeout, http.get(home).send()).await else { return unknown(detail) };
    let Some(ahead) = ahead(&response) else { return unknown(detail) };
    let (here, there) = (Timestamp::now().as_second(), Timestamp::now().as_second() - ahead);
    // At the server's own time the certificate is valid.
    let valid_there = if here > moment { there <= moment } else { there >= moment };
    let fault = if ahead.abs() > SKEW && valid_there { TlsFault::Clock { ahead } } else { TlsFault::Expired };
    ClientError::Tls { fault, detail }
}
