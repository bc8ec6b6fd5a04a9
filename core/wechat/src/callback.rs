//! The callback (服务器配置): what the platform sends, and what it gets back.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Deserialize;

use crate::WeChat;
use crate::api::cut;
use crate::crypto::{same, signature};
use crate::error::WeChatError;
use crate::message::Incoming;
use crate::xml::{Fields, cdata};

/// Oldest and youngest signature that is taken, seconds.
const LONGEST_AGE: i64 = 300;
/// Longest value of the query that is looked at.
const VALUE_LENGTH: usize = 256;
/// Plain signatures that are remembered.
const SIGNATURES: usize = 10_000;

/// The query of a call by the platform; take it apart with any form decoder.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct CallbackQuery {
    /// Over token, timestamp and nonce.
    pub signature: String,
    /// Unix seconds, ten digits.
    pub timestamp: String,
    /// Random.
    pub nonce: String,
    /// Only when the address is being verified.
    pub echostr: String,
    /// `aes` in the safe mode.
    pub encrypt_type: String,
    /// Over token, timestamp, nonce and the encrypted text.
    pub msg_signature: String,
}

/// Plain signatures of the last minutes and what they came with.
#[derive(Default)]
pub(crate) struct Signatures {
    inner: Mutex<Remembered>,
}

#[derive(Default)]
struct Remembered {
    bodies: HashMap<String, String>,
    order: VecDeque<String>,
}

impl Signatures {
    /// In plain mode the signature says nothing of the body: who reads one delivery on its way could send others with it
    /// for five minutes. So each is good for the body that it first came with.
    fn check(&self, given: &str, body: &str) -> Result<(), WeChatError> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        match inner.bodies.get(given) {
            Some(known) if known == body => return Ok(()),
            Some(_) => return Err(WeChatError::Replayed),
            None => {}
        }
        inner.bodies.insert(given.to_owned(), body.to_owned());
        inner.order.push_back(given.to_owned());
        while inner.order.len() > SIGNATURES {
            if let Some(oldest) = inner.order.pop_front() {
                inner.bodies.remove(&oldest);
            }
        }
        Ok(())
    }
}

impl WeChat {
    /// Answers the platform's test of the address (a GET): the text to send back, as `text/plain`.
    ///
    /// # Errors
    /// [`WeChatError::Signature`], [`WeChatError::Stale`].
    pub fn verify_url(&self, query: &CallbackQuery) -> Result<String, WeChatError> {
        self.verify_url_at(query, now())
    }

    pub(crate) fn verify_url_at(&self, query: &CallbackQuery, now: i64) -> Result<String, WeChatError> {
        self.check_signature(query, &query.signature, None)?;
        check_age(query, now)?;
        let echo = &query.echostr;
        if echo.is_empty() || echo.len() > VALUE_LENGTH || !echo.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(WeChatError::Argument("echostr has letters and digits"));
        }
        Ok(echo.clone())
    }

    /// Opens a delivery (a POST): checks signature, age, mode and account, and reads it.
    ///
    /// # Errors
    /// Those for which [`WeChatError::is_forged`] is true; [`WeChatError::MessageTooLarge`], [`WeChatError::Xml`].
    pub fn open(&self, query: &CallbackQuery, body: &[u8]) -> Result<Incoming, WeChatError> {
        self.open_at(query, body, now())
    }

    pub(crate) fn open_at(&self, query: &CallbackQuery, body: &[u8], now: i64) -> Result<Incoming, WeChatError> {
        match &self.inner.cipher {
            Some(cipher) => {
                let outer = Fields::parse(body)?;
                let sealed = outer.get("Encrypt").trim();
                // Also for `encrypt_type` left out: somebody without the key must not choose the weaker mode.
                if sealed.is_empty() || query.encrypt_type != "aes" {
                    return Err(WeChatError::Mode);
                }
                self.check_signature(query, &query.msg_signature, Some(sealed))?;
                check_age(query, now)?;
                Incoming::read(&Fields::parse(cipher.open(sealed)?.as_bytes())?)
            }
            None => {
                if query.encrypt_type == "aes" {
                    return Err(WeChatError::Mode);
                }
                self.check_signature(query, &query.signature, None)?;
                check_age(query, now)?;
                let incoming = Incoming::read(&Fields::parse(body)?)?;
                self.inner.signatures.check(&query.signature, &signature(&[&String::from_utf8_lossy(body)]))?;
                Ok(incoming)
            }
        }
    }

    /// The passive reply to a delivery: a text (cut at 2,048 bytes), encrypted in the safe mode. Send it as
    /// `application/xml`. `nonce` is random, `time` Unix seconds.
    #[must_use]
    pub fn seal(&self, incoming: &Incoming, text: &str, nonce: &str, time: i64) -> String {
        let plain = format!(
            "<xml><ToUserName>{}</ToUserName><FromUserName>{}</FromUserName><CreateTime>{time}</CreateTime>\
             <MsgType><![CDATA[text]]></MsgType><Content>{}</Content></xml>",
            cdata(&incoming.from),
            cdata(&incoming.to),
            cdata(cut(text)),
        );
        let Some(cipher) = &self.inner.cipher else { return plain };
        let sealed = cipher.seal(&plain, rand::random());
        let time = time.to_string();
        let signed = signature(&[self.inner.config.token.expose(), &time, nonce, &sealed]);
        format!(
            "<xml><Encrypt><![CDATA[{sealed}]]></Encrypt><MsgSignature><![CDATA[{signed}]]></MsgSignature>\
             <TimeStamp>{time}</TimeStamp><Nonce>{}</Nonce></xml>",
            cdata(nonce),
        )
    }

    fn check_signature(&self, query: &CallbackQuery, given: &str, sealed: Option<&str>) -> Result<(), WeChatError> {
        if query.nonce.len() > VALUE_LENGTH || query.timestamp.len() > VALUE_LENGTH || given.len() > VALUE_LENGTH {
            return Err(WeChatError::Signature);
        }
        let mut parts = vec![self.inner.config.token.expose(), query.timestamp.as_str(), query.nonce.as_str()];
        parts.extend(sealed);
        if same(&signature(&parts), given) { Ok(()) } else { Err(WeChatError::Signature) }
    }
}

/// Ten digits: the parts are signed joined, so a longer or shorter number could borrow digits from the nonce.
fn check_age(query: &CallbackQuery, now: i64) -> Result<(), WeChatError> {
    let text = query.timestamp.as_str();
    if text.len() != 10 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(WeChatError::Signature);
    }
    let seconds = now - text.parse::<i64>().map_err(|_| WeChatError::Signature)?;
    if seconds.abs() > LONGEST_AGE { Err(WeChatError::Stale { seconds }) } else { Ok(()) }
}

/// Unix seconds.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
