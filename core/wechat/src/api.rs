//! Calls to the platform: QR, web authorisation, messages, menu.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::WeChat;
use crate::config::{Fact, base_url};
use crate::error::WeChatError;
use crate::http::Call;
use crate::scene::Scene;

/// Longest life of a temporary QR.
const LONGEST_LIFE: Duration = Duration::from_secs(30 * 86_400);
/// Longest address of a menu entry, bytes.
const URL_LENGTH: usize = 1_024;
/// Longest text of a message, bytes.
pub(crate) const TEXT_LENGTH: usize = 2_048;

/// A parametric QR.
#[derive(Clone, PartialEq, Eq)]
pub struct Qr {
    /// Names the QR's picture at the platform; the event of a scan carries it too.
    pub ticket: String,
    /// What the picture says: draw it here, at any size.
    pub url: String,
    /// How long it can be scanned from now.
    pub life: Duration,
}

// Whoever has the ticket has the QR.
impl std::fmt::Debug for Qr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Qr").field("life", &self.life).finish_non_exhaustive()
    }
}

/// A filled template message (模板消息).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Note {
    /// Page that opens when it is tapped.
    pub url: Option<String>,
    /// The template's fields by key (`first`, `thing1`), and their texts.
    pub fields: Vec<(String, String)>,
    /// Repeating a message with the same id sends it once (`client_msg_id`, at most 32 characters).
    pub id: Option<String>,
}

/// Pages that the menu opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MenuLinks {
    /// 数电升级.
    pub upgrade: String,
    /// 配置企业.
    pub configure: String,
    /// 个人中心.
    pub personal: String,
}

/// An answer that says nothing beyond its errcode.
#[derive(Deserialize)]
struct Done {}

impl WeChat {
    /// Makes a parametric QR that lives `life` (1 s to 30 days, whole seconds).
    ///
    /// # Errors
    /// [`WeChatError::Argument`] for a scene or a life that the platform does not take; else what the call ran into.
    pub async fn qr(&self, scene: &Scene, life: Duration) -> Result<Qr, WeChatError> {
        #[derive(Deserialize)]
        struct Made {
            ticket: String,
            url: String,
            expire_seconds: u64,
        }
        let text = scene.text().ok_or(WeChatError::Argument("a scene has 1 to 64 characters and a known purpose"))?;
        if life.as_secs() == 0 || life > LONGEST_LIFE {
            return Err(WeChatError::Argument("a QR lives 1 s to 30 days"));
        }
        let body = json!({
            "expire_seconds": life.as_secs(),
            "action_name": "QR_STR_SCENE",
            "action_info": { "scene": { "scene_str": text } },
        });
        let made: Made = self.with_token(&Call::post("cgi-bin/qrcode/create", body)).await?;
        if made.url.is_empty() || made.url.len() > URL_LENGTH || made.ticket.is_empty() {
            return Err(WeChatError::Decode("no QR".to_owned()));
        }
        Ok(Qr { ticket: made.ticket, url: made.url, life: Duration::from_secs(made.expire_seconds) })
    }

    /// Address that tells `redirect` who opened it (网页授权, `snsapi_base`: no question is asked). WeChat adds `code` and
    /// `state` to it. `state` must be random, kept by the caller with what it belongs to, and taken once.
    ///
    /// # Errors
    /// [`WeChatError::Argument`] for an address that is no http(s) URL, or a state beyond 128 letters and digits.
    pub fn authorise_url(&self, redirect: &str, state: &str) -> Result<String, WeChatError> {
        checked_url(redirect)?;
        if !(1..=128).contains(&state.len()) || !state.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(WeChatError::Argument("a state has 1 to 128 letters and digits"));
        }
        let config = &self.inner.config;
        let mut url = base_url("open_base", &config.open_base)?
            .join("connect/oauth2/authorize")
            .map_err(|_| WeChatError::Config("open_base: no path fits it".to_owned()))?;
        // The platform is said to want this order.
        url.query_pairs_mut()
            .append_pair("appid", &config.appid)
            .append_pair("redirect_uri", redirect)
            .append_pair("response_type", "code")
            .append_pair("scope", "snsapi_base")
            .append_pair("state", state);
        url.set_fragment(Some("wechat_redirect"));
        Ok(url.into())
    }

    /// The openid of the person whose browser brought this code, which is good once and for 5 minutes.
    ///
    /// # Errors
    /// [`WeChatError::AuthorisationCode`] for a wrong, used or old one; else what the call ran into.
    pub async fn openid(&self, code: &str) -> Result<String, WeChatError> {
        #[derive(Deserialize)]
        struct Person {
            openid: String,
        }
        if !(1..=256).contains(&code.len()) || !code.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(WeChatError::AuthorisationCode { code: 40029 });
        }
        let config = &self.inner.config;
        let query =
            [("appid", config.appid.as_str()), ("secret", config.secret.expose()), ("code", code), ("grant_type", "authorization_code")];
        let person: Person = self.inner.send(&Call::get("sns/oauth2/access_token", &query), None).await?;
        if person.openid.is_empty() { Err(WeChatError::Decode("no openid".to_owned())) } else { Ok(person.openid) }
    }

    /// A message with the fields that the settings' template shows, each cut to what the platform takes (20 characters; 32 of
    /// a `character_string`).
    #[must_use]
    pub fn note(&self, url: &str, value: impl Fn(Fact) -> String) -> Note {
        let field = |(key, fact): (&String, &Fact)| {
            let longest = if key.starts_with("character_string") { 32 } else { 20 };
            (key.clone(), value(*fact).chars().take(longest).collect())
        };
        Note { url: Some(url.to_owned()), fields: self.inner.config.template_fields.iter().map(field).collect(), id: None }
    }

    /// True when the settings name a template, so that [`Self::notify`] can send.
    #[must_use]
    pub fn notifies(&self) -> bool {
        self.inner.config.template_id.is_some()
    }

    /// Sends a template message; gives its number. Templates are for services only: the passive reply is the first choice.
    ///
    /// # Errors
    /// [`WeChatError::NotFollowing`], [`WeChatError::NotTaking`], [`WeChatError::NoTemplate`]; [`WeChatError::Config`] when the
    /// settings name no template; else what the call ran into.
    pub async fn notify(&self, openid: &str, note: &Note) -> Result<i64, WeChatError> {
        #[derive(Deserialize)]
        struct Sent {
            #[serde(default)]
            msgid: i64,
        }
        let template = self.inner.config.template_id.as_deref().ok_or_else(|| WeChatError::Config("no template_id is set".to_owned()))?;
        let fields: Map<String, Value> = note.fields.iter().map(|(key, value)| (key.clone(), json!({ "value": value }))).collect();
        let mut body = Map::new();
        body.insert("touser".to_owned(), openid.into());
        body.insert("template_id".to_owned(), template.into());
        body.insert("data".to_owned(), fields.into());
        if let Some(url) = &note.url {
            body.insert("url".to_owned(), checked_url(url)?.into());
        }
        if let Some(id) = &note.id {
            body.insert("client_msg_id".to_owned(), id.chars().take(32).collect::<String>().into());
        }
        let sent: Sent = self.with_token(&Call::post("cgi-bin/message/template/send", body.into())).await?;
        Ok(sent.msgid)
    }

    /// Sends a text as 客服消息, which is allowed for 48 hours after a person was in touch. Cut at 2,048 bytes.
    ///
    /// # Errors
    /// [`WeChatError::OutOfWindow`], [`WeChatError::NotFollowing`]; else what the call ran into.
    pub async fn send_text(&self, openid: &str, text: &str) -> Result<(), WeChatError> {
        let body = json!({ "touser": openid, "msgtype": "text", "text": { "content": cut(text) } });
        self.with_token::<Done>(&Call::post("cgi-bin/message/custom/send", body)).await.map(drop)
    }

    /// Puts the menu into place: 我的服务 with 数电升级, 配置企业 and 个人中心. Phones show it within 24 hours.
    ///
    /// # Errors
    /// [`WeChatError::Argument`] for a link that is no http(s) URL of at most 1,024 bytes; else what the call ran into.
    pub async fn create_menu(&self, links: &MenuLinks) -> Result<(), WeChatError> {
        let entry =
            |name: &str, url: &str| -> Result<Value, WeChatError> { Ok(json!({ "type": "view", "name": name, "url": checked_url(url)? })) };
        let entries = [entry("数电升级", &links.upgrade)?, entry("配置企业", &links.configure)?, entry("个人中心", &links.personal)?];
        let body = json!({ "button": [{ "name": "我的服务", "sub_button": entries }] });
        self.with_token::<Done>(&Call::post("cgi-bin/menu/create", body)).await.map(drop)
    }
}

fn checked_url(text: &str) -> Result<&str, WeChatError> {
    let good = text.len() <= URL_LENGTH
        && text.parse::<reqwest::Url>().is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.host_str().is_some());
    if good { Ok(text) } else { Err(WeChatError::Argument("a link is an http(s) URL of at most 1,024 bytes")) }
}

/// A text as long as the platform takes it.
pub(crate) fn cut(text: &str) -> &str {
    text.get(..text.floor_char_boundary(TEXT_LENGTH)).unwrap_or(text)
}
