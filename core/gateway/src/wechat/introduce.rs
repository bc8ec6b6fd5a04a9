//! Whose phone a browser inside WeChat is: web authorisation (网页授权), once a day.
//!
//! ```text
//! page without a known openid ─► /wechat/go ─► WeChat ─► /wechat/in ─► a page that goes on to the first
//! ```
//! Nothing is kept here: who began is told by a cookie, who came back by a signed one.

use std::sync::Arc;

use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use maud::html;
use serde::Deserialize;

use crate::app::App;
use crate::phone::{Page, add_cookie, cookie, go as see_other};
use crate::random;

/// Ties an authorisation to the browser that began it. `Lax`: the browser comes back from another site.
const BEGUN: &str = "piaoxia_begun";
/// Whose phone it is: openid, second of the authorisation, signature.
const OPENID: &str = "piaoxia_openid";
/// How long an authorisation is good.
const HOURS: i64 = 12;
/// Goes on where the link leads. The page exists so that the browser sends its cookies, which a redirect that began elsewhere does not.
const ON: &str = r#"location.replace(document.getElementById("on").href);"#;

/// The openid that a browser was authorised for.
pub(crate) struct Introduced(pub(crate) Option<String>);

impl Introduced {
    /// Reads and checks the cookie; one of an earlier run, or one that is too old, counts for nothing.
    pub(crate) fn of(app: &App, headers: &HeaderMap) -> Self {
        Self(app.official.as_ref().and_then(|_| read(app, cookie(app, headers, OPENID)?, Timestamp::now())))
    }
}

fn read(app: &App, value: &str, now: Timestamp) -> Option<String> {
    let (rest, signature) = value.rsplit_once('.')?;
    let (openid, at) = rest.rsplit_once('.')?;
    let age = now.as_second().checked_sub(at.parse().ok()?)?;
    let good = random::same(signature, &app.form_token(OPENID, rest)) && (0..HOURS * 3600).contains(&age);
    good.then(|| openid.to_owned())
}

fn written(app: &App, openid: &str) -> String {
    let rest = format!("{openid}.{}", Timestamp::now().as_second());
    format!("{rest}.{}", app.form_token(OPENID, &rest))
}

/// Sends a browser inside WeChat whose person is unknown to be introduced, before it sees a page.
pub(crate) async fn introduce(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let is_wechat =
        request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).is_some_and(|a| a.contains("MicroMessenger"));
    let wanted = app.official.is_some() && is_wechat && request.method() == Method::GET;
    let path = request.uri().path();
    if !wanted || !is_page(path) || is_for_anybody(path) || Introduced::of(&app, request.headers()).0.is_some() {
        return next.run(request).await;
    }
    see_other(&format!("{}?to={path}", app.phone_urls("/wechat/go").0))
}

/// Pages that ask nobody who she is. Links of mails hold a secret in their fragment, which a way through WeChat would lose; files
/// are fetched by other programs of the phone, without cookies.
fn is_for_anybody(path: &str) -> bool {
    matches!(path, "/p/key" | "/p/renew" | "/p/revoke") || path.starts_with("/p/upgrade") || path.starts_with("/p/download")
}

/// A path of our own pages, nothing else: it is put into links.
fn is_page(path: &str) -> bool {
    (path == "/p" || path.starts_with("/p/")) && path.len() <= 200 && path.bytes().all(|b| b.is_ascii_alphanumeric() || b"/-_".contains(&b))
}

/// Where to go afterwards, and what WeChat adds.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Back {
    to: String,
    code: String,
    state: String,
}

/// Leads to WeChat, which leads back.
pub(super) async fn go(State(app): State<Arc<App>>, Query(back): Query<Back>) -> Response {
    let Some(official) = &app.official else { return StatusCode::NOT_FOUND.into_response() };
    if !is_page(&back.to) {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let secret = random::token();
    let redirect = format!("{}?to={}", app.phone_urls("/wechat/in").0, back.to);
    match official.account.authorise_url(&redirect, &app.form_token(&back.to, &secret)) {
        Ok(url) => {
            let mut response = see_other(&url);
            add_cookie(&app, &mut response, (BEGUN, &secret), "; SameSite=Lax; Max-Age=600");
            response
        }
        Err(error) => {
            tracing::error!(%error, "no web authorisation");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// WeChat led back, with a code that tells the openid.
pub(super) async fn enter(State(app): State<Arc<App>>, Query(back): Query<Back>, headers: HeaderMap) -> Response {
    let Some(official) = &app.official else { return StatusCode::NOT_FOUND.into_response() };
    let secret = cookie(&app, &headers, BEGUN).unwrap_or_default();
    // Whoever is sent here by somebody else's link must not become that other person.
    if !is_page(&back.to) || secret.is_empty() || !random::same(&back.state, &app.form_token(&back.to, secret)) {
        return Page::message(&app, StatusCode::FORBIDDEN, "无法确认这次操作", "页面可能已过期。请在微信里重新打开。").send();
    }
    match official.account.openid(&back.code).await {
        Ok(openid) => welcome(&app, &openid, &back.to),
        Err(error) => {
            tracing::warn!(%error, "a web authorisation failed");
            Page::message(&app, StatusCode::BAD_GATEWAY, "微信没有确认您的身份", "请返回微信，重新打开刚才的链接。").send()
        }
    }
}

fn welcome(app: &App, openid: &str, to: &str) -> Response {
    let to = app.phone_urls(to).0;
    let body = html! { section { h1 { "正在打开" } a class="button yes" id="on" href=(to) { "继续" } } };
    let mut response = Page::new(app, "正在打开", body).script(ON).send();
    add_cookie(app, &mut response, (OPENID, &written(app, openid)), "; SameSite=Strict");
    add_cookie(app, &mut response, (BEGUN, ""), "; SameSite=Lax; Max-Age=0");
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_are_gone_to() {
        for good in ["/p", "/p/me", "/p/login/0123abcd"] {
            assert!(is_page(good), "{good}");
        }
        for bad in ["", "/", "//evil.example", "/p/../v1", "/px", "/p?x=1", "/p/%2f", "https://evil.example/p/", "/v1/jobs"] {
            assert!(!is_page(bad), "{bad}");
        }
    }
}
