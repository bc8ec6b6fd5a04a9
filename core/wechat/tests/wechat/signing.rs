//! What the platform delivers, signed as in the plain mode. Written here again, from the documentation.

use std::time::{SystemTime, UNIX_EPOCH};

use piaoxia_wechat::CallbackQuery;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

use crate::platform::TOKEN;

pub fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64
}

pub fn signed(mut parts: Vec<String>) -> String {
    parts.sort();
    digest(&SHA1_FOR_LEGACY_USE_ONLY, parts.concat().as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn query(time: i64, nonce: &str) -> CallbackQuery {
    let signature = signed(vec![TOKEN.to_owned(), time.to_string(), nonce.to_owned()]);
    CallbackQuery { signature, timestamp: time.to_string(), nonce: nonce.to_owned(), ..CallbackQuery::default() }
}

pub fn xml(rest: &str) -> String {
    from("oPERSON", rest)
}

fn from(person: &str, rest: &str) -> String {
    format!(
        "<xml><ToUserName><![CDATA[gh_1]]></ToUserName>\n<FromUserName><![CDATA[{person}]]></FromUserName>\n\
         <CreateTime>1700000000</CreateTime>{rest}</xml>"
    )
}

pub fn event(name: &str, key: &str) -> String {
    event_of("oPERSON", name, key)
}

pub fn event_of(person: &str, name: &str, key: &str) -> String {
    from(person, &format!("<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[{name}]]></Event><EventKey><![CDATA[{key}]]></EventKey>"))
}
