//! A small platform: tokens that end, and whatever fault a test asks for.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use piaoxia_wechat::{Config, Options, WeChat};
use serde_json::{Value, json};

pub const APPID: &str = "wx0123456789abcdef";
pub const TOKEN: &str = "callbacktoken";
pub const AES_KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";

/// What a path does instead of its work.
#[derive(Clone)]
pub enum Fault {
    /// Answers with an errcode.
    Code(i64),
    /// Says nothing for ever.
    Hang,
    /// Sends this many bytes.
    Huge(usize),
    /// Another status.
    Status(u16),
    /// No JSON.
    Html,
    /// This JSON.
    Json(Value),
}

#[derive(Default)]
pub struct Record {
    /// Number of the present token; 0 is none.
    pub token: u32,
    pub token_calls: u32,
    pub forced: u32,
    /// Seconds.
    pub token_life: u64,
    pub token_pause: Duration,
    pub faults: HashMap<&'static str, Fault>,
    /// Whose phone opens the next web authorisation; empty is `oPERSON`.
    pub person: String,
    /// Path and body (or query) of everything beyond the token.
    pub calls: Vec<(String, Value)>,
}

#[derive(Clone)]
pub struct Platform {
    pub address: SocketAddr,
    record: Arc<Mutex<Record>>,
}

impl Platform {
    pub async fn start() -> Self {
        let record = Arc::new(Mutex::new(Record { token_life: 7_200, ..Record::default() }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let platform = Self { address: listener.local_addr().unwrap(), record };
        let router = Router::new().fallback(serve).with_state(platform.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        platform
    }

    pub fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap()
    }

    pub fn fault(&self, path: &'static str, fault: Fault) {
        self.record().faults.insert(path, fault);
    }

    /// Calls for a token, and those of them by force.
    pub fn token_calls(&self) -> (u32, u32) {
        let record = self.record();
        (record.token_calls, record.forced)
    }

    /// Bodies that came to a path.
    pub fn bodies(&self, path: &str) -> Vec<Value> {
        self.record().calls.iter().filter(|(called, _)| called == path).map(|(_, body)| body.clone()).collect()
    }

    pub fn account(&self, options: Options) -> WeChat {
        WeChat::new(config(&format!("http://{}", self.address), false), options).unwrap()
    }
}

pub fn config(base: &str, safe: bool) -> Config {
    let mut text = format!(
        "appid = '{APPID}'\nsecret = 'topsecret1'\ntoken = '{TOKEN}'\ntemplate_id = 'tmpl-1'\ntemplate_fields = {{ thing1 = 'company', time2 = 'time' }}\napi_base = '{base}'\n"
    );
    if safe {
        text += &format!("encoding_aes_key = '{AES_KEY}'\n");
    }
    Config::from_toml(&text).unwrap()
}

async fn serve(State(platform): State<Platform>, uri: Uri, Query(query): Query<HashMap<String, String>>, body: Bytes) -> Response {
    let path = uri.path().to_owned();
    let body: Value = serde_json::from_slice(&body).unwrap_or_else(|_| json!(query));
    let fault = platform.record().faults.get(path.as_str()).cloned();
    if let Some(fault) = fault {
        platform.record().calls.push((path, body));
        return fail(fault).await;
    }
    if path == "/cgi-bin/stable_token" {
        return token(&platform, &body).await;
    }
    let mut record = platform.record();
    record.calls.push((path.clone(), body.clone()));
    let wanted = format!("TOKEN-{}", record.token);
    if path.starts_with("/cgi-bin/") && query.get("access_token") != Some(&wanted) {
        return json_text(&json!({ "errcode": 40001, "errmsg": "invalid credential, access_token is invalid or not latest" }));
    }
    json_text(&match path.as_str() {
        "/cgi-bin/qrcode/create" => {
            let scene = body["action_info"]["scene"]["scene_str"].as_str().unwrap_or("0");
            json!({ "ticket": format!("ticket-of-{scene}"), "expire_seconds": body["expire_seconds"], "url": format!("http://weixin.qq.com/q/{scene}") })
        }
        "/sns/oauth2/access_token" => {
            let person = query.get("code").and_then(|code| code.strip_prefix("code-of-")).unwrap_or("oPERSON");
            json!({ "access_token": "person", "expires_in": 7200, "openid": person, "scope": "snsapi_base" })
        }
        "/connect/oauth2/authorize" => {
            let back = format!("{}&code=code-of-{}&state={}", query["redirect_uri"], record.person, query["state"]);
            return (StatusCode::FOUND, [("location", back)]).into_response();
        }
        "/cgi-bin/message/template/send" => json!({ "errcode": 0, "errmsg": "ok", "msgid": 200228332 }),
        "/cgi-bin/message/custom/send" | "/cgi-bin/menu/create" => json!({ "errcode": 0, "errmsg": "ok" }),
        _ => return StatusCode::NOT_FOUND.into_response(),
    })
}

async fn token(platform: &Platform, body: &Value) -> Response {
    let pause = platform.record().token_pause;
    tokio::time::sleep(pause).await;
    let mut record = platform.record();
    record.token_calls += 1;
    if body["secret"] != "topsecret1" || body["appid"] != APPID || body["grant_type"] != "client_credential" {
        return json_text(&json!({ "errcode": 40125, "errmsg": "invalid appsecret" }));
    }
    if body["force_refresh"] == true {
        record.forced += 1;
        record.token += 1;
    }
    record.token = record.token.max(1);
    json_text(&json!({ "access_token": format!("TOKEN-{}", record.token), "expires_in": record.token_life }))
}

async fn fail(fault: Fault) -> Response {
    match fault {
        Fault::Code(code) => json_text(&json!({ "errcode": code, "errmsg": "as asked rid: 1-2-3" })),
        Fault::Hang => std::future::pending().await,
        Fault::Huge(bytes) => vec![b' '; bytes].into_response(),
        Fault::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Fault::Html => "<html>busy</html>".into_response(),
        Fault::Json(value) => json_text(&value),
    }
}

/// The platform calls its JSON text/plain.
fn json_text(value: &Value) -> Response {
    ([("content-type", "text/plain; encoding=utf-8")], value.to_string()).into_response()
}
