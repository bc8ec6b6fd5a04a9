//! How this PC reaches the network: through which proxy, whose certificates it believes beside the usual ones, which key the
//! service has to show.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::Url;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde::{Deserialize, Serialize};

use super::{ClientError, is_loopback};

/// Certificates of one file that are read at most.
const ROOTS: usize = 16;

/// Settings of the network. There is no secret in them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Network {
    /// Through which proxy.
    pub proxy: ProxyChoice,
    /// Certificates of a company whose proxy looks into connections.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roots: Option<Roots>,
    /// Which key the service has to show.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pin: Option<Pin>,
}

/// Through which proxy connections go. None is ever used towards this PC itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind", content = "address")]
pub enum ProxyChoice {
    /// 不使用代理.
    Direct,
    /// 跟随系统: that of Windows, or of the environment.
    #[default]
    System,
    /// 手动填写: `host:port`.
    Manual(String),
}

/// Certificates that are believed beside those of the system and of the program.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Roots {
    /// Name of the file that they came from, for people.
    pub name: String,
    /// DER in Base64.
    certificates: Vec<String>,
}

/// The keys that a host may show: none other is accepted from it, whoever signed for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pin {
    /// Host.
    pub host: String,
    /// SHA-256 of their SubjectPublicKeyInfo in Base64, as in RFC 7469, 2.4. More than one while a key is replaced.
    pub keys: Vec<String>,
}

/// A proxy that is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxy {
    /// Host.
    pub host: String,
    /// Port.
    pub port: u16,
    /// The user typed it; else the system says so.
    pub manual: bool,
}

impl ProxyChoice {
    /// A typed address: `proxy.example:8080`, with or without `http://`.
    ///
    /// # Errors
    /// [`ClientError::Address`] when it is none, or holds a user name: a password has no place in these settings.
    pub fn manual(typed: &str) -> Result<Self, ClientError> {
        let url = proxy_url(typed)?;
        let port = url.port_or_known_default().unwrap_or(80);
        Ok(Self::Manual(format!("{}:{port}", url.host_str().unwrap_or_default())))
    }
}

fn proxy_url(typed: &str) -> Result<Url, ClientError> {
    let wrong = || ClientError::Address("not an address of a proxy".to_owned());
    let typed = typed.trim();
    let text = if typed.contains("://") { typed.to_owned() } else { format!("http://{typed}") };
    let url: Url = text.parse().map_err(|_| wrong())?;
    let bare =
        url.username().is_empty() && url.password().is_none() && url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    if url.scheme() == "http" && bare && url.has_host() { Ok(url) } else { Err(wrong()) }
}

impl Network {
    /// The proxy towards this address, if one is used.
    #[must_use]
    pub fn proxy_for(&self, url: &Url) -> Option<Proxy> {
        if is_loopback(url) {
            return None;
        }
        match &self.proxy {
            ProxyChoice::Direct => None,
            ProxyChoice::Manual(address) => {
                let url = proxy_url(address).ok()?;
                Some(Proxy { host: url.host_str()?.to_owned(), port: url.port_or_known_default()?, manual: true })
            }
            ProxyChoice::System => {
                let found = Matcher::from_system().intercept(&url.as_str().parse().ok()?)?;
                let uri = found.uri();
                let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
                Some(Proxy { host: uri.host()?.to_owned(), port, manual: false })
            }
        }
    }

    /// Puts the proxy into a client that is being built.
    pub(super) fn apply(&self, builder: reqwest::ClientBuilder, base: &Url) -> Result<reqwest::ClientBuilder, ClientError> {
        // A proxy cannot reach this process.
        if is_loopback(base) {
            return Ok(builder.no_proxy());
        }
        Ok(match &self.proxy {
            ProxyChoice::System => builder,
            ProxyChoice::Direct => builder.no_proxy(),
            ProxyChoice::Manual(address) => {
                let proxy = reqwest::Proxy::all(proxy_url(address)?).map_err(|error| ClientError::Address(error.to_string()))?;
                builder.no_proxy().proxy(proxy)
            }
        })
    }

    /// The certificates that are believed beside the usual ones.
    pub(super) fn certificates(&self) -> impl Iterator<Item = CertificateDer<'static>> + '_ {
        let all = self.roots.iter().flat_map(|roots| &roots.certificates);
        all.filter_map(|text| STANDARD.decode(text).ok()).map(CertificateDer::from)
    }
}

impl Roots {
    /// Reads a file of certificates: PEM, or one in DER.
    ///
    /// # Errors
    /// [`ClientError::Address`] when there is no certificate in it that can sign for others.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, ClientError> {
        let pem: Vec<_> = CertificateDer::pem_slice_iter(bytes).filter_map(Result::ok).take(ROOTS).collect();
        let found = if pem.is_empty() { vec![CertificateDer::from(bytes.to_vec())] } else { pem };
        let usable = |certificate: &CertificateDer<'static>| RootCertStore::empty().add(certificate.clone()).is_ok();
        let certificates: Vec<String> = found.iter().filter(|one| usable(one)).map(|one| STANDARD.encode(one)).collect();
        if certificates.is_empty() {
            return Err(ClientError::Address("the file holds no certificate".to_owned()));
        }
        Ok(Self { name: name.to_owned(), certificates })
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.certificates.len()
    }
}

// A page of Base64 helps nobody.
impl fmt::Debug for Roots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Roots").field("name", &self.name).field("count", &self.count()).finish()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn a_typed_proxy_is_a_host_and_a_port() {
        for (typed, kept) in [
            ("proxy.corp:8080", "proxy.corp:8080"),
            (" http://proxy.corp:3128/ ", "proxy.corp:3128"),
            ("10.0.0.1", "10.0.0.1:80"),
            ("[fd00::1]:8080", "[fd00::1]:8080"),
        ] {
            assert_eq!(ProxyChoice::manual(typed), Ok(ProxyChoice::Manual(kept.to_owned())), "{typed}");
        }
        for bad in ["", "http://", "user:pw@proxy:1", "socks5://proxy:1", "proxy:port", "proxy:1/path", "proxy:1?x"] {
            assert!(ProxyChoice::manual(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn this_pc_needs_no_proxy() {
        let network = Network { proxy: ProxyChoice::manual("proxy:1").unwrap(), ..Network::default() };
        assert_eq!(network.proxy_for(&"http://127.0.0.1:9/".parse().unwrap()), None);
        let used = network.proxy_for(&"https://example.com/".parse().unwrap()).unwrap();
        assert_eq!((used.host.as_str(), used.port, used.manual), ("proxy", 1, true));
    }

    #[test]
    fn settings_of_an_earlier_version_are_read_and_nonsense_is_no_certificate() {
        assert_eq!(serde_json::from_str::<Network>("{}").unwrap(), Network::default());
        let network = Network { proxy: ProxyChoice::manual("proxy:1").unwrap(), ..Network::default() };
        assert_eq!(serde_json::from_str::<Network>(&serde_json::to_string(&network).unwrap()).unwrap(), network);
        assert!(Roots::read("x.cer", b"no certificate").is_err());
        assert!(Roots::read("x.pem", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").is_err());
    }
}
