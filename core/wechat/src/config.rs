//! What the operator of an Official Account writes into a file.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use reqwest::Url;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::crypto::Cipher;
use crate::error::WeChatError;
use crate::secret::Secret;

/// Longest file that is read, bytes.
const FILE_LIMIT: u64 = 64 << 10;

/// Settings of one Official Account (公众号), as its developer page (设置与开发 > 基本配置) shows them.
///
/// In a file, TOML or JSON:
/// ```toml
/// appid = "wx0123456789abcdef"
/// secret = "…"            # AppSecret
/// token = "…"             # Token of the callback
/// encoding_aes_key = "…"  # 43 characters; left out in plain mode (明文模式)
/// template_id = "…"       # left out: no template messages
/// template_fields = { thing1 = "company", character_string2 = "account", time3 = "time" }
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// AppID: letters and digits.
    pub appid: String,
    /// AppSecret.
    pub secret: Secret,
    /// Token of the callback's signature, 3 to 32 letters and digits.
    pub token: Secret,
    /// EncodingAESKey, 43 letters and digits. With it messages must come encrypted; without it they must come plain.
    #[serde(default)]
    pub encoding_aes_key: Option<Secret>,
    /// Template that [`crate::WeChat::notify`] fills.
    #[serde(default)]
    pub template_id: Option<String>,
    /// The template's fields, as its page shows them without `.DATA`, and the fact that each shows.
    #[serde(default)]
    pub template_fields: BTreeMap<String, Fact>,
    /// Where the API answers; another one only for tests and relays.
    #[serde(default = "api_base")]
    pub api_base: String,
    /// Where web authorisation (网页授权) starts.
    #[serde(default = "open_base")]
    pub open_base: String,
}

/// What a field of a template message (模板消息) can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fact {
    /// 企业名称.
    Company,
    /// The account, masked.
    Account,
    /// What is wanted: 需要登录电子税务局.
    Wanted,
    /// When, Beijing time.
    Time,
}

fn api_base() -> String {
    "https://api.weixin.qq.com".to_owned()
}

fn open_base() -> String {
    "https://open.weixin.qq.com".to_owned()
}

impl Config {
    /// Reads and checks a file; a name ending in `.json` is JSON, any other TOML.
    ///
    /// # Errors
    /// [`WeChatError::Config`] says what is wrong; the values of secrets are not repeated.
    pub fn read(path: &Path) -> Result<Self, WeChatError> {
        let fault = |error: std::io::Error| WeChatError::Config(format!("{}: {error}", path.display()));
        let mut text = Zeroizing::new(String::new());
        let length = File::open(path).and_then(|file| file.take(FILE_LIMIT + 1).read_to_string(&mut text)).map_err(fault)?;
        if length as u64 > FILE_LIMIT {
            return Err(WeChatError::Config(format!("{} is larger than {FILE_LIMIT} bytes", path.display())));
        }
        let json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
        if json { Self::from_json(&text) } else { Self::from_toml(&text) }
    }

    /// Reads and checks TOML.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn from_toml(text: &str) -> Result<Self, WeChatError> {
        // `message` leaves out the excerpt of the file that the whole error shows.
        let config: Self = toml::from_str(text).map_err(|error| WeChatError::Config(error.message().to_owned()))?;
        config.check().map(|()| config)
    }

    /// Reads and checks JSON.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn from_json(text: &str) -> Result<Self, WeChatError> {
        let place = |error: serde_json::Error| format!("JSON, line {}, column {}", error.line(), error.column());
        let config: Self = serde_json::from_str(text).map_err(|error| WeChatError::Config(place(error)))?;
        config.check().map(|()| config)
    }

    /// Checks settings that were read elsewhere.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn check(&self) -> Result<(), WeChatError> {
        let fault = |text: &str| Err(WeChatError::Config(text.to_owned()));
        if !is_word(&self.appid, 6, 64) {
            return fault("appid: letters and digits, as in wx0123456789abcdef");
        }
        if !is_word(self.secret.expose(), 8, 128) {
            return fault("secret: the AppSecret, letters and digits");
        }
        if !is_word(self.token.expose(), 3, 32) {
            return fault("token: 3 to 32 letters and digits");
        }
        if let Some(key) = &self.encoding_aes_key {
            Cipher::new(key, &self.appid)?;
        }
        if self.template_id.as_deref().is_some_and(|id| id.is_empty() || id.len() > 128 || !id.bytes().all(|byte| byte.is_ascii_graphic()))
        {
            return fault("template_id: 1 to 128 characters without spaces; leave it out for no template");
        }
        base_url("api_base", &self.api_base)?;
        if let Some(key) = self.template_fields.keys().find(|key| !is_word(&key.replace('_', ""), 1, 32)) {
            return Err(WeChatError::Config(format!("template_fields: {key} is no field of a template, as in thing1")));
        }
        base_url("open_base", &self.open_base).map(drop)
    }
}

/// How patient a [`crate::WeChat`] is, and how much it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Longest time to connect.
    pub connect_timeout: Duration,
    /// Longest time of one call, connecting included.
    pub timeout: Duration,
    /// Largest answer of the API, bytes.
    pub answer_limit: usize,
    /// Time that a handler has for a passive reply. The platform waits 5 s, then delivers again.
    pub reply_time: Duration,
    /// Deliveries that are remembered to know a repeated one.
    pub deliveries: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(10),
            answer_limit: 64 << 10,
            reply_time: Duration::from_millis(4_500),
            deliveries: 10_000,
        }
    }
}

/// The base of an API: HTTPS, or plain HTTP on this PC; no user, query or fragment.
pub(crate) fn base_url(name: &str, text: &str) -> Result<Url, WeChatError> {
    let fault = |why: &str| WeChatError::Config(format!("{name}: {why}"));
    let mut url: Url = text.trim().parse().map_err(|_| fault("not a URL"))?;
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        return Err(fault("an address has no user, query or fragment"));
    }
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        _ => return Err(fault("only https is safe beyond this PC")),
    }
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}

/// True for `localhost`, `127.0.0.0/8` and `::1`.
pub(crate) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    host == "localhost" || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn is_word(text: &str, shortest: usize, longest: usize) -> bool {
    (shortest..=longest).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    const GOOD: &str = "appid = 'wx0123456789abcdef'\nsecret = 'topsecret1'\ntoken = 'callbacktoken'\n";

    #[test]
    fn a_file_is_read_as_toml_or_json_and_secrets_stay_hidden() {
        let folder = tempfile::tempdir().unwrap();
        let (toml, json) = (folder.path().join("wechat.toml"), folder.path().join("wechat.json"));
        std::fs::write(&toml, format!("{GOOD}encoding_aes_key = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG'\n")).unwrap();
        std::fs::write(&json, r#"{"appid":"wx0123456789abcdef","secret":" topsecret1 ","token":"callbacktoken"}"#).unwrap();
        let config = Config::read(&toml).unwrap();
        assert_eq!((config.api_base.as_str(), config.secret.expose()), ("https://api.weixin.qq.com", "topsecret1"));
        assert!(config.encoding_aes_key.is_some());
        let shown = format!("{config:?} {:?}", Config::read(&json).unwrap());
        for secret in ["topsecret1", "callbacktoken", "abcdefghijkl"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        assert!(matches!(Config::read(&folder.path().join("none")), Err(WeChatError::Config(_))));
    }

    #[test]
    fn a_wrong_file_says_what_is_wrong_and_repeats_no_secret() {
        let cases = [
            ("appid = 'wx 1'\nsecret = 'topsecret1'\ntoken = 'abc'", "appid"),
            ("appid = 'wx0123456789abcdef'\nsecret = 'topsecret1 x'\ntoken = 'abc'", "secret"),
            ("appid = 'wx0123456789abcdef'\nsecret = 'topsecret1'\ntoken = 'a'", "token"),
            ("appid = 'wx0123456789abcdef'\nsecret = 'topsecret1'", "token"),
            ("secret = 'topsecret1", ""),
            (&format!("{GOOD}encoding_aes_key = 'topsecret1'"), "encoding_aes_key"),
            (&format!("{GOOD}api_base = 'http://example.com'"), "api_base"),
            (&format!("{GOOD}open_base = 'https://user:topsecret1@example.com'"), "open_base"),
            (&format!("{GOOD}template_id = ''"), "template_id"),
            (&format!("{GOOD}templateid = 'x'"), "templateid"),
        ];
        for (text, wanted) in cases {
            let error = Config::from_toml(text).unwrap_err().to_string();
            assert!(error.contains(wanted) && !error.contains("topsecret1"), "{wanted}: {error}");
        }
        assert!(!Config::from_json(r#"{"appid":"topsecret1"#).unwrap_err().to_string().contains("topsecret1"));
    }
}
