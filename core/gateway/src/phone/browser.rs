//! What a phone's browser brings along, and whether a form really comes from our page.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use maud::{Markup, html};
use piaoxia_domain::AccountId;
use piaoxia_wechat::Scene;

use super::page::{Page, failed};
use crate::app::{App, Peer};
use crate::failure::Failure;
use crate::persons::{By, Who};
use crate::random;
use crate::state::{KeptAccount, State};
use crate::wechat::{Introduced, Scan};

/// Holds the secret of the phone's owner.
const OWNER: &str = "piaoxia_phone";
/// Ties a form to the browser that it was sent to.
const FORM: &str = "piaoxia_form";
const YEAR: u32 = 365 * 86_400;
const STRICT: &str = "; SameSite=Strict";

/// One request of a browser.
pub(super) struct Visit {
    /// The browser's mark for forms.
    mark: String,
    /// The browser has no mark yet.
    is_new: bool,
    headers: HeaderMap,
    /// Whose phone it is, when the browser has confirmed before.
    pub(super) owner: Option<Owner>,
    /// Address of the phone.
    pub(super) peer: IpAddr,
    /// The WeChat account that the browser was authorised for.
    openid: Option<String>,
}

/// The phone's owner.
#[derive(Clone)]
pub(super) struct Owner {
    /// Id.
    pub(super) id: String,
    /// 姓名.
    pub(super) name: String,
}

impl FromRequestParts<Arc<App>> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Infallible> {
        let known = cookie(app, &parts.headers, FORM).filter(|mark| mark.len() == 32).map(str::to_owned);
        let Introduced(openid) = Introduced::of(app, &parts.headers);
        let peer = parts.extensions.get::<Peer>().map_or(IpAddr::from([0, 0, 0, 0]), Peer::ip);
        Ok(Self {
            is_new: known.is_none(),
            mark: known.unwrap_or_else(random::id),
            owner: owner(app, &app.book.read(), openid.as_deref(), &parts.headers),
            openid,
            headers: parts.headers.clone(),
            peer,
        })
    }
}

impl Visit {
    /// The hidden field that a form of this scope must send back.
    pub(super) fn field(&self, app: &App, scope: &str) -> Markup {
        html! { input type="hidden" name="token" value=(self.token(app, scope)); }
    }

    /// The value of that field, for a script.
    pub(super) fn token(&self, app: &App, scope: &str) -> String {
        app.form_token(scope, &self.mark)
    }

    /// Sends a page; a browser without a mark gets one.
    pub(super) fn send(&self, app: &App, page: Page) -> Response {
        let mut response = page.send();
        if self.is_new {
            add_cookie(app, &mut response, (FORM, &self.mark), STRICT);
        }
        response
    }

    /// True when a form was sent by our own page, in the browser that the page was sent to.
    pub(super) fn is_own_form(&self, app: &App, scope: &str, token: &str) -> bool {
        let text = |name: &str| self.headers.get(name).and_then(|value| value.to_str().ok());
        let site = text("sec-fetch-site").unwrap_or("same-origin");
        let own = match (&app.public_url, text("host")) {
            (Some(url), _) if text("origin").is_some_and(|origin| is_origin_of(origin, url)) => true,
            (_, Some(host)) => text("origin") == Some(&format!("http://{host}")),
            _ => false,
        };
        site == "same-origin" && own && !self.is_new && random::same(token, &self.token(app, scope))
    }

    /// Nothing when the form is our own, else the page that says so.
    #[expect(clippy::result_large_err, reason = "the page is sent at once, not kept")]
    pub(super) fn check(&self, app: &App, scope: &str, token: &str) -> Result<(), Response> {
        if self.is_own_form(app, scope, token) {
            return Ok(());
        }
        let next = "页面可能已过期。请重新打开页面，再操作一次。";
        Err(Page::message(app, StatusCode::FORBIDDEN, "无法确认这次操作", next).send())
    }

    /// Who confirms, and the secret that a browser which is not known yet will be known by.
    pub(super) fn who(&self, app: &App, name: &str) -> (Who, Option<String>) {
        let (by, secret) = match &self.owner {
            Some(owner) => (By::Id(owner.id.clone()), None),
            None => {
                // The same each time for this browser: an answer that was lost on its way can be asked for again.
                let secret = app.form_token(OWNER, &self.mark);
                let hash = random::digest(&secret);
                let state = app.book.read();
                let known = state.persons.iter().find(|(_, person)| random::same(&person.browser, &hash));
                let new = || By::New { name: name.to_owned(), browser: secret.clone() };
                (known.map_or_else(new, |(id, _)| By::Id(id.clone())), Some(secret))
            }
        };
        (Who { by, openid: self.openid.clone() }, secret)
    }

    /// Nothing when this phone may confirm what a QR began, else the page that says why not: a QR of WeChat is confirmed by the
    /// account that scanned it.
    #[expect(clippy::result_large_err, reason = "the page is sent at once, not kept")]
    pub(super) fn may_confirm(&self, app: &App, scene: &Scene) -> Result<(), Response> {
        let Some(official) = &app.official else { return Ok(()) };
        let next = match (&self.openid, official.scan(scene)) {
            (Some(mine), Some(Scan::By(scanner))) if *mine == scanner => return Ok(()),
            (_, Some(Scan::By(_))) => {
                "这个二维码是由另一个微信扫描的，只能由扫码的微信确认。请在电脑上刷新二维码，用您自己的微信再扫一次。"
            }
            // “就用这部手机” stands beside the QR of an operation key.
            (Some(_), Some(Scan::Nobody)) if matches!(scene, Scene::Key(_)) => return Ok(()),
            // A link that somebody sent is no QR that was seen.
            (Some(_), Some(Scan::Nobody)) => "请用微信扫描电脑屏幕上的二维码，再在微信里确认。别人转发的链接不能确认登录。",
            // The sandbox also shows its pages to the browser of this PC.
            (None, _) if !app.sandbox => "请用微信扫描电脑上的二维码，在微信里确认。",
            (Some(_), None) | (None, _) => return Ok(()),
        };
        Err(Page::message(app, StatusCode::FORBIDDEN, "不能在这里确认", next).send())
    }

    /// The phone's owner, or the page that says how to become known.
    #[expect(clippy::result_large_err, reason = "the page is sent at once, not kept")]
    pub(super) fn known(&self, app: &App) -> Result<&Owner, Response> {
        self.owner.as_ref().ok_or_else(|| {
            let next = "请先用升级邮件里的操作密钥绑定本机，或者扫描电脑上票匣的登录二维码。";
            Page::message(app, StatusCode::FORBIDDEN, "还不认识这部手机", next).send()
        })
    }

    /// The companies that the phone's owner may configure.
    #[expect(clippy::result_large_err, reason = "the page is sent at once, not kept")]
    pub(super) fn companies(&self, app: &App) -> Result<Vec<String>, Response> {
        self.known(app).map(|owner| app.book.read().companies_of(&owner.id))
    }

    /// An account of one of them.
    #[expect(clippy::result_large_err, reason = "the page is sent at once, not kept")]
    pub(super) fn account(&self, app: &App, id: &str) -> Result<KeptAccount, Response> {
        let companies = self.companies(app)?;
        app.kept_account(&companies, &AccountId(id.to_owned())).map_err(|failure| failed(app, &failure))
    }

    /// The phone's owner, when the company is among hers.
    #[expect(clippy::result_large_err, reason = "the page is sent at once, not kept")]
    pub(super) fn may(&self, app: &App, company: &str) -> Result<&Owner, Response> {
        let owner = self.known(app)?;
        if self.companies(app)?.iter().any(|mine| mine == company) {
            return Ok(owner);
        }
        Err(failed(app, &Failure::not_found("company")))
    }
}

/// The person that a browser belongs to: by the WeChat account, else by the browser's own secret.
fn owner(app: &App, state: &State, openid: Option<&str>, headers: &HeaderMap) -> Option<Owner> {
    if let Some((id, person)) = openid.and_then(|openid| state.person_of(openid)) {
        return Some(Owner { id: id.clone(), name: person.name.clone() });
    }
    let hash = random::digest(cookie(app, headers, OWNER)?);
    let (id, person) = state.persons.iter().find(|(_, person)| random::same(&person.browser, &hash))?;
    // The browser of one WeChat account is not another's, whatever cookie it has from before.
    let is_others = openid.is_some() && person.openid.is_some();
    (!is_others).then(|| Owner { id: id.clone(), name: person.name.clone() })
}

fn is_origin_of(origin: &str, url: &str) -> bool {
    url.strip_prefix(origin).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Remembers the phone's owner in this browser.
pub(super) fn remember(app: &App, response: &mut Response, secret: &str) {
    add_cookie(app, response, (OWNER, secret), &format!("{STRICT}; Max-Age={YEAR}"));
}

/// Sets a cookie, which no script reads.
pub(crate) fn add_cookie(app: &App, response: &mut Response, (name, value): (&str, &str), attributes: &str) {
    let (name, secure) = (name_of(app, name), if is_secure(app) { "; Secure" } else { "" });
    if let Ok(cookie) = HeaderValue::from_str(&format!("{name}={value}; Path=/; HttpOnly{attributes}{secure}")) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

fn is_secure(app: &App) -> bool {
    app.public_url.as_ref().is_some_and(|url| url.starts_with("https:"))
}

/// Over HTTPS the name binds the cookie to this very host (RFC 6265bis, 4.1.3.2).
fn name_of(app: &App, name: &str) -> String {
    if is_secure(app) { format!("__Host-{name}") } else { name.to_owned() }
}

/// A cookie of a request.
pub(crate) fn cookie<'a>(app: &App, headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let name = name_of(app, name);
    let all = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_compared_whole() {
        assert!(is_origin_of("https://tax.example.com", "https://tax.example.com/px"));
        assert!(!is_origin_of("https://tax.example.co", "https://tax.example.com"));
        assert!(!is_origin_of("null", "https://tax.example.com"));
    }
}
