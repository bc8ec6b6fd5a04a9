//! The mail server, as its operator writes it into a file.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::net::IpAddr;
use std::path::Path;

use serde::Deserialize;
use zeroize::Zeroizing;

use crate::address;
use crate::error::MailError;
use crate::escape;

/// Longest file that is read, bytes.
const FILE_LIMIT: u64 = 64 << 10;
const NAME_LENGTH: usize = 64;

/// A mail server and who sends.
///
/// In a file, TOML or JSON:
/// ```toml
/// host = "smtp.example.com"
/// port = 465
/// security = "tls"          # tls | starttls | none (this machine only)
/// user = "notice@example.com"
/// password = "…"
/// from = { name = "票匣", address = "notice@example.com" }
/// ```
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailConfig {
    /// Name or address of the server.
    pub host: String,
    /// 465 for `tls`, 587 for `starttls`, mostly.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// Login name; none for a server that asks for none.
    #[serde(default)]
    pub user: Option<String>,
    /// Its password; many Chinese providers want an authorisation code (授权码) of their own here.
    #[serde(default, deserialize_with = "hidden")]
    pub password: Option<Zeroizing<String>>,
    /// The sender.
    pub from: From,
}

/// A sender.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct From {
    /// Shown name.
    pub name: String,
    /// Address.
    pub address: String,
}

/// How the connection is protected.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// TLS from the first byte.
    Tls,
    /// Plain, then TLS; a server that offers none is refused.
    Starttls,
    /// Plain: only for a server on this machine.
    None,
}

fn hidden<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Zeroizing<String>>, D::Error> {
    Option::<String>::deserialize(deserializer).map(|text| text.map(Zeroizing::new))
}

impl MailConfig {
    /// Reads and checks a file; a name ending in `.json` is JSON, any other TOML.
    ///
    /// # Errors
    /// [`MailError::Config`] and those of its fields; the password is not repeated.
    pub fn read(path: &Path) -> Result<Self, MailError> {
        let fault = |error: std::io::Error| MailError::Config(format!("{}: {error}", path.display()));
        let mut text = Zeroizing::new(String::new());
        let length = File::open(path).and_then(|file| file.take(FILE_LIMIT + 1).read_to_string(&mut text)).map_err(fault)?;
        if length as u64 > FILE_LIMIT {
            return Err(MailError::Config(format!("{} is larger than {FILE_LIMIT} bytes", path.display())));
        }
        let json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
        if json { Self::from_json(&text) } else { Self::from_toml(&text) }
    }

    /// Reads and checks TOML.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn from_toml(text: &str) -> Result<Self, MailError> {
        // `message` leaves out the excerpt of the file that the whole error shows.
        let config: Self = toml::from_str(text).map_err(|error| MailError::Config(error.message().to_owned()))?;
        config.check().map(|()| config)
    }

    /// Reads and checks JSON.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn from_json(text: &str) -> Result<Self, MailError> {
        let place = |error: serde_json::Error| MailError::Config(format!("JSON, line {}, column {}", error.line(), error.column()));
        let config: Self = serde_json::from_str(text).map_err(place)?;
        config.check().map(|()| config)
    }

    /// Checks settings that were made elsewhere.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn check(&self) -> Result<(), MailError> {
        let fault = |text: &str| Err(MailError::Config(text.to_owned()));
        let name = |byte: u8| byte.is_ascii_alphanumeric() || b".-:".contains(&byte);
        if self.host.is_empty() || self.host.len() > 253 || !self.host.bytes().all(name) {
            return fault("host: a name or an address");
        }
        if self.port == 0 {
            return fault("port: 1 to 65535");
        }
        if self.security == Security::None && !is_loopback(&self.host) {
            return fault("security: none is for a server on this machine; others need tls or starttls");
        }
        if self.user.is_some() != self.password.is_some() {
            return fault("user and password come together");
        }
        address::parse("from.address", &self.from.address)?;
        escape::header("from.name", &self.from.name, NAME_LENGTH).map(drop)
    }
}

impl fmt::Debug for MailConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("MailConfig");
        shown.field("host", &self.host).field("port", &self.port).field("security", &self.security).field("from", &self.from);
        shown.finish_non_exhaustive()
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    fn text(host: &str, security: &str, rest: &str) -> String {
        format!("host = '{host}'\nport = 25\nsecurity = '{security}'\nfrom = {{ name = '票匣', address = 'n@example.com' }}\n{rest}")
    }

    #[test]
    fn a_file_is_read_and_its_password_hidden() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mail.toml");
        std::fs::write(&path, text("smtp.example.com", "starttls", "user = 'u'\npassword = 'topsecret1'")).unwrap();
        let config = MailConfig::read(&path).unwrap();
        assert_eq!(config.password.as_deref().map(String::as_str), Some("topsecret1"));
        assert!(!format!("{config:?}").contains("topsecret1"));
        let json = r#"{"host":"127.0.0.1","port":25,"security":"none","from":{"name":"票匣","address":"n@example.com"}}"#;
        assert_eq!(MailConfig::from_json(json).unwrap().security, Security::None);
    }

    #[test]
    fn plain_connections_stay_on_this_machine() {
        for host in ["127.0.0.1", "::1", "localhost", "127.3.2.1"] {
            assert!(MailConfig::from_toml(&text(host, "none", "")).is_ok(), "{host}");
        }
        for host in ["smtp.example.com", "10.0.0.1", "127.0.0.1.example.com", "localhost.example.com"] {
            assert!(MailConfig::from_toml(&text(host, "none", "")).is_err(), "{host}");
            assert!(MailConfig::from_toml(&text(host, "tls", "")).is_ok(), "{host}");
        }
    }

    #[test]
    fn wrong_settings_say_what_and_repeat_no_password() {
        let cases = [
            text("a b", "tls", ""),
            text("", "tls", ""),
            text("smtp.example.com", "ssl", ""),
            text("smtp.example.com", "tls", "user = 'u'"),
            text("smtp.example.com", "tls", "password = 'topsecret1'"),
            text("smtp.example.com", "tls", "passwort = 'topsecret1'"),
            text("smtp.example.com", "tls", "password = topsecret1"),
            text("smtp.example.com", "tls", "").replace("n@example.com", "nobody"),
            text("smtp.example.com", "tls", "").replace("'票匣'", "\"a\\r\\nBcc: x@y.cn\""),
        ];
        for case in cases {
            let error = MailConfig::from_toml(&case).unwrap_err().to_string();
            assert!(!error.is_empty() && !error.contains("topsecret1"), "{case}: {error}");
        }
    }
}
