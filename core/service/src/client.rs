//! The program's side of the contract: one method an endpoint, retries, limits, and errors that tell network from service.

mod accounts;
mod bounds;
mod disks;
mod error;
mod files;
mod jobs;
mod network;
mod options;
mod probe;
mod response;
mod sandbox;
mod session;
mod tls;
mod transport;
mod verifier;
mod web;

pub use bounds::LONGEST;
pub use error::{ClientError, TlsFault};
pub use files::Transfer;
pub use network::{Network, Pin, Proxy, ProxyChoice, Roots};
pub use options::ClientOptions;
pub use probe::{Greeting, Probe, Route, SKEW};
pub use sandbox::Sandbox;
pub use verifier::Verifier;
pub use web::{WebFile, WebFolder};

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use reqwest::Url;
use reqwest::header::HeaderValue;
use tls::Time;
use tokio::sync::watch;

use crate::contract::{ApiError, ErrorClass};

/// Speaks to one gateway. Clones are cheap and share the session.
///
/// Redirects are off (a service never redirects; a captive portal does), HTTPS is required except towards this PC, and
/// no answer is taken without the header by which a gateway says that it is one.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    way: RwLock<Way>,
    /// Seconds by which this PC's clock is ahead of the service's; [`i64::MIN`] while that is unknown.
    ahead: AtomicI64,
    base: Url,
    secret: Option<HeaderValue>,
    session: RwLock<Option<HeaderValue>>,
    /// Until when the service asked to be left alone, and how.
    held: watch::Sender<Option<(Instant, ApiError)>>,
    /// Its network is the one that the client began with.
    options: ClientOptions,
}

/// What the service asked for: to be left alone.
#[derive(Clone, Debug)]
pub struct Held {
    /// For so long still.
    pub left: Duration,
    /// In which words.
    pub error: ApiError,
}

/// The way that calls take now.
struct Way {
    http: reqwest::Client,
    network: Network,
}

impl Client {
    /// A client of the gateway at `base_url` (`https://host[:port][/prefix]`, or `http://127.0.0.1:port`).
    ///
    /// `secret` is that of an embedded gateway; it is sent with every call.
    ///
    /// # Errors
    /// [`ClientError::Address`] when the address is none, or plain HTTP to another PC.
    pub fn new(base_url: &str, secret: Option<String>) -> Result<Self, ClientError> {
        Self::with_options(base_url, secret, ClientOptions::default())
    }

    /// As [`Client::new`], with other figures.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub fn with_options(base_url: &str, secret: Option<String>, options: ClientOptions) -> Result<Self, ClientError> {
        let base = checked_base(base_url)?;
        let way = Way { http: http_client(&base, &options)?, network: options.network.clone() };
        let secret = secret.map(|text| sensitive(&text)).transpose()?;
        let (way, ahead, session) = (RwLock::new(way), AtomicI64::new(i64::MIN), RwLock::new(None));
        Ok(Self { inner: Arc::new(Inner { way, ahead, base, secret, session, held: watch::Sender::default(), options }) })
    }

    /// The address that the client was made with, ending in `/`.
    #[must_use]
    pub fn base_url(&self) -> &str {
        self.inner.base.as_str()
    }

    /// True for a client of the gateway inside this program.
    #[must_use]
    pub fn is_embedded(&self) -> bool {
        self.inner.secret.is_some()
    }

    /// Uses this session token from now on, or none. Shared by all clones. A text that no header can carry counts as none.
    pub fn set_session(&self, token: Option<String>) {
        let header = token.and_then(|token| sensitive(&format!("Bearer {token}")).ok());
        *self.inner.session.write().unwrap_or_else(PoisonError::into_inner) = header;
    }

    /// True while a session token is set; it may be over all the same.
    #[must_use]
    pub fn has_session(&self) -> bool {
        self.session_header().is_some()
    }

    /// Takes another way from the next call on. Shared by all clones.
    ///
    /// # Errors
    /// The settings cannot be used; the old ones stay.
    pub fn set_network(&self, network: Network) -> Result<(), ClientError> {
        let options = ClientOptions { network: network.clone(), ..self.inner.options.clone() };
        let http = http_client(&self.inner.base, &options)?;
        *self.inner.way.write().unwrap_or_else(PoisonError::into_inner) = Way { http, network };
        Ok(())
    }

    /// The figures of this client with the network as it is set now.
    #[must_use]
    pub fn options(&self) -> ClientOptions {
        let network = self.inner.way.read().unwrap_or_else(PoisonError::into_inner).network.clone();
        ClientOptions { network, ..self.inner.options.clone() }
    }

    /// Seconds by which this PC's clock is ahead of the service's, as the last answer said; less than 0: behind.
    #[must_use]
    pub fn clock_ahead(&self) -> Option<i64> {
        Some(self.inner.ahead.load(Ordering::Relaxed)).filter(|ahead| *ahead != i64::MIN)
    }

    /// How long the service asked to be left alone (`Retry-After`), as long as that lasts. Calls of a person are not kept back by
    /// it; whoever sends many looks here first.
    #[must_use]
    pub fn held(&self) -> Option<Held> {
        let (until, error) = self.inner.held.borrow().clone()?;
        let left = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())?;
        Some(Held { left, error })
    }

    /// Done when the service asks anew to be left alone, in an answer to whatever call; [`Client::held`] then says for how long. What
    /// was asked for before this was called is not waited for.
    pub fn until_held(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut held = self.inner.held.subscribe();
        async move {
            // The sender lives as long as some client; without any, nothing more is asked for.
            if held.changed().await.is_err() {
                std::future::pending().await
            }
        }
    }

    /// Remembers what the service asked for; a shorter pause does not end a longer one.
    fn note_held(&self, error: &ClientError) {
        // A bureau that is busy with one query is not busy with others.
        let of_all = |error: &&ApiError| matches!(error.class, ErrorClass::Throttle | ErrorClass::UpstreamDown);
        let Some(asked) = error.api().filter(of_all).and_then(|error| error.retry_after) else { return };
        let Some(until) = Instant::now().checked_add(Duration::from_secs(asked)) else { return };
        self.inner.held.send_if_modified(|held| {
            let longer = held.as_ref().is_none_or(|(before, _)| *before < until);
            if longer && let Some(error) = error.api() {
                *held = Some((until, error.clone()));
            }
            longer
        });
    }

    fn note_clock(&self, response: &reqwest::Response) {
        if let Some(ahead) = probe::ahead(response) {
            self.inner.ahead.store(ahead, Ordering::Relaxed);
        }
    }

    fn http(&self) -> reqwest::Client {
        self.inner.way.read().unwrap_or_else(PoisonError::into_inner).http.clone()
    }

    fn session_header(&self) -> Option<HeaderValue> {
        self.inner.session.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

// Neither the secret nor the session reaches a log.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base", &self.base_url()).finish_non_exhaustive()
    }
}

/// The HTTP client of everything that this program asks for.
fn http_client(base: &Url, options: &ClientOptions) -> Result<reqwest::Client, ClientError> {
    http_client_at(base, options, Time::Here { built: options.built })
}

fn http_client_at(base: &Url, options: &ClientOptions, time: Time) -> Result<reqwest::Client, ClientError> {
    install_crypto();
    let builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls::config(&options.network, time)?)
        .tls_info(true)
        .connect_timeout(options.connect_timeout)
        // Shorter than any server keeps an idle connection, so that no call is sent into one that is being closed.
        .pool_idle_timeout(std::time::Duration::from_secs(5))
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(format!("piaoxia/{}", options.version));
    options.network.apply(builder, base)?.build().map_err(|error| ClientError::Address(error.to_string()))
}

fn sensitive(text: &str) -> Result<HeaderValue, ClientError> {
    let mut value = HeaderValue::from_str(text).map_err(|_| ClientError::Address("the secret cannot be sent in a header".to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}

fn checked_base(base_url: &str) -> Result<Url, ClientError> {
    let mut base: Url = base_url.trim().parse().map_err(|_| ClientError::Address("not a URL".to_owned()))?;
    if !base.username().is_empty() || base.password().is_some() || base.query().is_some() || base.fragment().is_some() {
        return Err(ClientError::Address("an address has no user, query or fragment".to_owned()));
    }
    match base.scheme() {
        "https" => {}
        "http" if is_loopback(&base) => {}
        _ => return Err(ClientError::Address("only https is safe beyond this PC".to_owned())),
    }
    if !base.path().ends_with('/') {
        let path = format!("{}/", base.path());
        base.set_path(&path);
    }
    Ok(base)
}

/// True for `localhost`, `127.0.0.0/8` and `::1`.
fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// rustls takes its cryptography from a provider of the whole process; whoever comes first installs ring.
fn install_crypto() {
    if rustls::crypto::CryptoProvider::get_default().is_none() && rustls::crypto::ring::default_provider().install_default().is_err() {
        tracing::debug!("another part of the program installed the TLS provider first");
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn plain_http_reaches_this_pc_alone() {
        for good in ["http://127.0.0.1:1", "http://localhost:8080/", "http://[::1]:9", "https://example.com", "https://example.com/px"] {
            let client = Client::new(good, None).unwrap();
            assert!(client.base_url().ends_with('/'), "{good}");
        }
        for bad in [
            "http://example.com",
            "http://192.168.1.4:80",
            "ftp://127.0.0.1",
            "nonsense",
            "",
            "https://user:pw@example.com",
            "https://e.com/?a=b",
        ] {
            assert!(matches!(Client::new(bad, None), Err(ClientError::Address(_))), "{bad}");
        }
    }

    #[test]
    fn a_pause_that_is_asked_for_is_known_to_all_and_a_shorter_one_ends_none() {
        let client = Client::new("http://127.0.0.1:1", None).unwrap();
        let note = |class, seconds| {
            let mut error = ApiError::new(class, "x", "y");
            error.retry_after = seconds;
            client.note_held(&error.into());
        };
        for (class, seconds) in [(ErrorClass::Throttle, None), (ErrorClass::Busy, Some(60)), (ErrorClass::UserFix, Some(60))] {
            note(class, seconds);
        }
        assert!(client.held().is_none());
        note(ErrorClass::Throttle, Some(60));
        note(ErrorClass::UpstreamDown, Some(1));
        assert!(client.clone().held().is_some_and(|held| held.left > Duration::from_secs(50)), "{:?}", client.held());
    }

    #[test]
    fn secrets_stay_out_of_debug() {
        let client = Client::new("http://127.0.0.1:1", Some("s3cret".to_owned())).unwrap();
        client.set_session(Some("t0ken".to_owned()));
        let text = format!("{client:?} {:?}", client.session_header());
        assert!(!text.contains("s3cret") && !text.contains("t0ken"), "{text}");
        client.clone().set_session(None);
        assert!(!client.has_session());
    }
}
