//! One call to the platform: bounded, timed, its errcode read.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use reqwest::{Method, Response, Url};
use serde::de::DeserializeOwned;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::access::{Ask, Fresh};
use crate::config::{Options, base_url, is_loopback};
use crate::error::{WeChatError, check, from_reqwest, is_token_error};
use crate::secret::Secret;
use crate::{Inner, WeChat};

/// Longest life of a token that is believed.
const LONGEST_LIFE: u64 = 7_200;

/// A call below the base, without its token.
pub(crate) struct Call {
    method: Method,
    path: &'static str,
    query: Vec<(&'static str, Zeroizing<String>)>,
    body: Option<Value>,
}

impl Call {
    pub(crate) fn get(path: &'static str, query: &[(&'static str, &str)]) -> Self {
        let query = query.iter().map(|(key, value)| (*key, Zeroizing::new((*value).to_owned()))).collect();
        Self { method: Method::GET, path, query, body: None }
    }

    pub(crate) fn post(path: &'static str, body: Value) -> Self {
        Self { method: Method::POST, path, query: Vec::new(), body: Some(body) }
    }
}

/// The HTTP client for a base.
pub(crate) fn client(base: &Url, options: &Options) -> Result<reqwest::Client, WeChatError> {
    // rustls takes its cryptography from a provider of the whole process; whoever comes first installs ring.
    if rustls::crypto::CryptoProvider::get_default().is_none() && rustls::crypto::ring::default_provider().install_default().is_err() {
        tracing::debug!("another part of the program installed the TLS provider first");
    }
    let mut builder = reqwest::Client::builder()
        .connect_timeout(options.connect_timeout)
        .timeout(options.timeout)
        .pool_idle_timeout(Duration::from_secs(5))
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("piaoxia/", env!("CARGO_PKG_VERSION")));
    if is_loopback(base) {
        // A system proxy cannot reach this process.
        builder = builder.no_proxy();
    }
    builder.build().map_err(|error| WeChatError::Config(error.to_string()))
}

impl WeChat {
    /// A call with the access token; when the platform refuses the token, once more with a new one.
    pub(crate) async fn with_token<T: DeserializeOwned>(&self, call: &Call) -> Result<T, WeChatError> {
        let token = self.access(None).await?;
        match self.inner.send(call, Some(&token)).await {
            Err(error) if is_token_error(&error) => {
                tracing::info!(path = call.path, %error, "the access token was refused; a new one is fetched");
                let token = self.access(Some(&token)).await?;
                self.inner.send(call, Some(&token)).await
            }
            other => other,
        }
    }

    async fn access(&self, refused: Option<&Secret>) -> Result<Secret, WeChatError> {
        self.inner.access.token(refused, |ask| self.inner.fetch_token(ask)).await
    }
}

type Fetching<'a> = Pin<Box<dyn Future<Output = Result<Fresh, WeChatError>> + Send + 'a>>;

impl Inner {
    /// `POST /cgi-bin/stable_token`.
    fn fetch_token(&self, ask: Ask) -> Fetching<'_> {
        Box::pin(async move {
            let call = Call::post(
                "cgi-bin/stable_token",
                serde_json::json!({
                    "grant_type": "client_credential",
                    "appid": self.config.appid,
                    "secret": self.config.secret.expose(),
                    "force_refresh": ask == Ask::Forced,
                }),
            );
            let answer: Token = self.send(&call, None).await?;
            if answer.access_token.expose().is_empty() || answer.expires_in == 0 {
                return Err(WeChatError::Decode("no access token".to_owned()));
            }
            Ok(Fresh { token: answer.access_token, life: Duration::from_secs(answer.expires_in.min(LONGEST_LIFE)) })
        })
    }

    pub(crate) async fn send<T: DeserializeOwned>(&self, call: &Call, token: Option<&Secret>) -> Result<T, WeChatError> {
        let mut url = self.base.join(call.path).map_err(|_| WeChatError::Config("api_base: no path fits it".to_owned()))?;
        if let Some(token) = token {
            url.query_pairs_mut().append_pair("access_token", token.expose());
        }
        for (key, value) in &call.query {
            url.query_pairs_mut().append_pair(key, value);
        }
        let mut request = self.http.request(call.method.clone(), url);
        if let Some(body) = &call.body {
            request = request.json(body);
        }
        let response = request.send().await.map_err(from_reqwest)?;
        if response.status().as_u16() != 200 {
            return Err(WeChatError::Status(response.status().as_u16()));
        }
        read(&bounded(response, self.options.answer_limit).await?)
    }
}

#[derive(serde::Deserialize)]
struct Token {
    access_token: Secret,
    expires_in: u64,
}

/// errcode and errmsg; successful answers of most APIs leave them out.
#[derive(serde::Deserialize)]
struct Verdict {
    #[serde(default)]
    errcode: i64,
    #[serde(default)]
    errmsg: String,
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, WeChatError> {
    // The place and not the words: an answer may hold a token.
    let fault = |error: serde_json::Error| WeChatError::Decode(format!("line {}, column {}", error.line(), error.column()));
    let verdict: Verdict = serde_json::from_slice(body).map_err(fault)?;
    check(verdict.errcode, &verdict.errmsg)?;
    serde_json::from_slice(body).map_err(fault)
}

async fn bounded(mut response: Response, limit: usize) -> Result<Zeroizing<Vec<u8>>, WeChatError> {
    let too_large = || WeChatError::AnswerTooLarge { limit };
    if response.content_length().is_some_and(|length| length > limit as u64) {
        return Err(too_large());
    }
    let mut body = Zeroizing::new(Vec::new());
    while let Some(chunk) = response.chunk().await.map_err(from_reqwest)? {
        if body.len() + chunk.len() > limit {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The parsed base of the API.
pub(crate) fn base(config: &crate::Config) -> Result<Url, WeChatError> {
    base_url("api_base", &config.api_base)
}
