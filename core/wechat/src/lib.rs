//! Adapter of a WeChat Official Account (微信公众号, 服务号): QR codes that carry a purpose, the callback in plain and safe mode,
//! replies, web authorisation, template messages, the menu. It owns no routes: the gateway does.
//!
//! The platform's signatures are SHA-1 over a shared token, and its AES has no authentication: whoever knows token and key is
//! the platform. A scan tells an openid, never a consent: what it starts is confirmed on a page.

mod access;
mod api;
mod callback;
mod config;
mod crypto;
mod delivery;
mod error;
mod http;
mod message;
mod scene;
mod secret;
mod xml;

pub use api::{MenuLinks, Note, Qr};
pub use callback::CallbackQuery;
pub use config::{Config, Fact, Options};
pub use delivery::SUCCESS;
pub use error::WeChatError;
pub use message::{Incoming, Message};
pub use scene::Scene;
pub use secret::Secret;

use std::fmt;
use std::sync::Arc;

use reqwest::Url;

/// One Official Account. Clones are cheap and share the access token and the memory of deliveries.
#[derive(Clone)]
pub struct WeChat {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    config: Config,
    options: Options,
    base: Url,
    http: reqwest::Client,
    cipher: Option<crypto::Cipher>,
    access: access::Access,
    signatures: callback::Signatures,
    deliveries: delivery::Deliveries,
}

impl WeChat {
    /// An account with these settings. Nothing is sent yet.
    ///
    /// # Errors
    /// [`WeChatError::Config`].
    pub fn new(config: Config, options: Options) -> Result<Self, WeChatError> {
        let base = http::base(&config)?;
        let http = http::client(&base, &options)?;
        let cipher = config.encoding_aes_key.as_ref().map(|key| crypto::Cipher::new(key, &config.appid)).transpose()?;
        let inner = Inner {
            config,
            options,
            base,
            http,
            cipher,
            access: access::Access::default(),
            signatures: callback::Signatures::default(),
            deliveries: delivery::Deliveries::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The AppID.
    #[must_use]
    pub fn appid(&self) -> &str {
        &self.inner.config.appid
    }
}

impl fmt::Debug for WeChat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeChat").field("appid", &self.appid()).finish_non_exhaustive()
    }
}
