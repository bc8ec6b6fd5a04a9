//! Links of mails: a new key and code, and taking a PC's right away.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use maud::html;
use serde::Deserialize;

use super::browser::Visit;
use super::page::{self, Page};
use super::words::why;
use crate::app::App;
use crate::extract::Form;
use crate::failure::{Failure, status_of};

/// Takes the token from the fragment, which no server sees; without one there is nothing to press.
const FRAGMENT: &str = r#"(function(){var token=location.hash.slice(1);document.getElementById("link").value=token;
if(!token){document.getElementById("go").disabled=true}history.replaceState(null,"",location.pathname)})();"#;

/// The form of the pages.
#[derive(Deserialize)]
pub(super) struct Sent {
    #[serde(default)]
    token: String,
    #[serde(default)]
    link: String,
}

/// Asks whether a new mail is wanted. A mail scanner that opens the link changes nothing.
pub(super) async fn ask_renewal(State(app): State<Arc<App>>, visit: Visit) -> Response {
    let next = "操作密钥 15 分钟内有效，激活码 24 小时内有效。每小时最多重新获取 3 次。";
    ask(&app, &visit, "renew", ("重新获取密钥和激活码", next, "发送新邮件"))
}

/// Asks whether the PC's right is to end.
pub(super) async fn ask_revocation(State(app): State<Arc<App>>, visit: Visit) -> Response {
    let next = "取消后，那台电脑会立即退出，再次使用需要重新扫码和激活。电脑上已下载的发票不受影响。";
    ask(&app, &visit, "revoke", ("取消电脑的使用权限", next, "取消权限"))
}

fn ask(app: &App, visit: &Visit, scope: &str, (title, next, button): (&str, &str, &str)) -> Response {
    let body = html! {
        section {
            h1 { (title) }
            p { (next) }
            form method="post" {
                (visit.field(app, scope))
                input type="hidden" id="link" name="link";
                button class="yes" id="go" { (button) }
            }
        }
    };
    visit.send(app, Page::new(app, title, body).script(FRAGMENT))
}

/// Sends a new mail.
pub(super) async fn renew(State(app): State<Arc<App>>, visit: Visit, Form(sent): Form<Sent>) -> Response {
    if let Err(stranger) = visit.check(&app, "renew", &sent.token) {
        return stranger;
    }
    match app.renew_mail(visit.peer, &sent.link).await {
        Ok(email) => {
            Page::message(&app, StatusCode::OK, "新邮件已发送", &format!("请查收 {}。旧的操作密钥已失效。", masked(&email))).send()
        }
        Err(failure) => refused(&app, &failure),
    }
}

/// Ends the right.
pub(super) async fn revoke(State(app): State<Arc<App>>, visit: Visit, Form(sent): Form<Sent>) -> Response {
    if let Err(stranger) = visit.check(&app, "revoke", &sent.token) {
        return stranger;
    }
    match app.revoke(visit.peer, &sent.link).await {
        Ok(device) => Page::message(&app, StatusCode::OK, "已取消权限", &format!("电脑“{device}”已退出。")).send(),
        Err(failure) => refused(&app, &failure),
    }
}

fn refused(app: &App, failure: &Failure) -> Response {
    page::note(failure);
    match status_of(failure.error().class) {
        StatusCode::NOT_FOUND => Page::message(app, StatusCode::NOT_FOUND, "链接无效或已失效", "请从最新的邮件里重新打开链接。").send(),
        StatusCode::TOO_MANY_REQUESTS => page::failed(app, failure),
        status => Page::message(app, status, "暂时无法完成", &why(failure)).send(),
    }
}

/// `c***u@example.com`: whoever holds the link need not learn the address.
fn masked(email: &str) -> String {
    let (local, domain) = email.split_once('@').unwrap_or((email, ""));
    let first: String = local.chars().take(1).collect();
    format!("{first}***@{domain}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_masked() {
        assert_eq!(masked("caiwu@example.com"), "c***@example.com");
    }
}
