//! The WeChat Official Account (微信公众号) of the service: its QR codes, its callback, who scanned, and messages.
//!
//! A scan tells an openid, never a consent: it is answered with the link of a page, and only the phone that scanned may confirm
//! there. The page learns whose phone it is by web authorisation (网页授权).

mod callback;
mod introduce;
mod scans;

pub(crate) use introduce::{Introduced, introduce};

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use jiff::Timestamp;
use piaoxia_wechat::{Config, Fact, MenuLinks, Options, Scene, WeChat, WeChatError};

use crate::app::App;
use scans::Scans;

pub(crate) use scans::Scan;

/// The account and what it has told.
pub(crate) struct Official {
    account: WeChat,
    scans: Scans,
}

/// What a message to a person says.
pub(crate) struct Notice<'a> {
    /// 企业名称.
    pub(crate) company: &'a str,
    /// The account, masked.
    pub(crate) account: &'a str,
    /// What is wanted of her.
    pub(crate) wanted: &'a str,
    /// Page that it opens.
    pub(crate) page: String,
}

impl Official {
    /// True when a template message can be sent.
    pub(crate) fn notifies(&self) -> bool {
        self.account.notifies()
    }

    /// # Errors
    /// [`WeChatError::Config`]: also where no public address leads to the callback.
    pub(crate) fn new(settings: Config, public_url: Option<&str>) -> Result<Self, WeChatError> {
        if public_url.is_none() {
            return Err(WeChatError::Config("public_url is missing: the platform calls back there".to_owned()));
        }
        Ok(Self { account: WeChat::new(settings, Options::default())?, scans: Scans::default() })
    }

    /// What is known of the WeChat QR of this scene; none where its page's own address was shown.
    pub(crate) fn scan(&self, scene: &Scene) -> Option<Scan> {
        self.scans.of(scene)
    }
}

/// Routes of the platform, and of the web authorisation. They are served where the public address leads to.
pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/wechat/callback", get(callback::verify).post(callback::deliver))
        .route("/wechat/go", get(introduce::go))
        .route("/wechat/in", get(introduce::enter))
}

impl App {
    /// The text of a QR that leads a phone to a page: a WeChat QR where there is an account, else the page. The second is the same
    /// page for a browser on this PC.
    pub(crate) async fn qr_text(&self, scene: &Scene, page: &str, life: Duration) -> (String, Option<String>) {
        let (url, local) = self.phone_urls(page);
        let Some(official) = &self.official else { return (url, local) };
        match official.account.qr(scene, life).await {
            Ok(qr) => {
                official.scans.made(scene);
                (qr.url, local)
            }
            Err(error) => {
                // The page itself asks WeChat who it is.
                tracing::warn!(%error, "no WeChat QR; the page's own address is shown");
                (url, local)
            }
        }
    }

    /// Puts the account's menu into place, in the background.
    pub(crate) fn introduce_menu(&self) {
        let Some(official) = &self.official else { return };
        let account = official.account.clone();
        let page = |path: &str| self.phone_urls(path).0;
        let links = MenuLinks { upgrade: page("/p/upgrade"), configure: page("/p/companies"), personal: page("/p/me") };
        let stopping = self.stopping.clone();
        tokio::spawn(async move {
            if let Some(Err(error)) = stopping.run_until_cancelled(account.create_menu(&links)).await {
                tracing::warn!(%error, "the menu of the WeChat account was not put into place");
            }
        });
    }

    /// Tells a person by a template message (模板消息), in the background; nothing where no template is set.
    pub(crate) fn notify(&self, openid: &str, notice: &Notice<'_>) {
        let Some(official) = self.official.as_ref().filter(|official| official.notifies()) else { return };
        let note = official.account.note(&notice.page, |fact| match fact {
            Fact::Company => notice.company.to_owned(),
            Fact::Account => notice.account.to_owned(),
            Fact::Wanted => notice.wanted.to_owned(),
            Fact::Time => crate::words::beijing(Timestamp::now()),
        });
        let (account, openid, stopping) = (official.account.clone(), openid.to_owned(), self.stopping.clone());
        tokio::spawn(async move {
            if let Some(Err(error)) = stopping.run_until_cancelled(account.notify(&openid, &note)).await {
                tracing::warn!(%error, "a WeChat message did not go out");
            }
        });
    }
}
