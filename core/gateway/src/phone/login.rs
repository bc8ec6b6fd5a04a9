//! The confirm page. A GET changes nothing: mail scanners and previews fetch links too.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::{Who, browser, confirm, page};
use crate::app::App;
use crate::extract::{Form, Id};
use crate::random;
use crate::tickets::{Phase, Typed, View};

/// Shows which PC wants to sign in.
pub(super) async fn show(State(app): State<Arc<App>>, Id(id): Id, headers: HeaderMap) -> Response {
    match open_view(&app, &id) {
        Ok(view) => ask(&app, &id, &view, &headers, StatusCode::OK, None),
        Err(over) => over,
    }
}

/// The form of the page.
#[derive(Deserialize)]
pub(super) struct Sent {
    #[serde(default)]
    token: String,
    #[serde(default)]
    number: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    action: String,
}

/// The page is open on the phone: the PC shows 已扫码.
pub(super) async fn seen(State(app): State<Arc<App>>, Id(id): Id, headers: HeaderMap, Form(sent): Form<Sent>) -> Response {
    if !browser::is_own_form(&app, &id, &headers, &sent.token) {
        return StatusCode::FORBIDDEN.into_response();
    }
    app.tickets.scanned(&id);
    StatusCode::NO_CONTENT.into_response()
}

/// Confirms or refuses.
pub(super) async fn decide(State(app): State<Arc<App>>, Id(id): Id, headers: HeaderMap, Form(sent): Form<Sent>) -> Response {
    if !browser::is_own_form(&app, &id, &headers, &sent.token) {
        return page::message(StatusCode::FORBIDDEN, "无法确认这次操作", "请回到电脑，重新扫描登录二维码。", app.sandbox);
    }
    match sent.action.as_str() {
        "confirm" => agree(&app, &id, &headers, sent).await,
        "deny" => match app.tickets.deny(&id) {
            Some(Phase::Pending | Phase::Scanned) => over(&app, Some(&Phase::Denied)).map_status(StatusCode::OK),
            before => over(&app, before.as_ref()),
        },
        _ => page::message(StatusCode::BAD_REQUEST, "没有收到您的选择", "请返回上一页，点「确认登录」或「拒绝」。", app.sandbox),
    }
}

async fn agree(app: &Arc<App>, id: &str, headers: &HeaderMap, sent: Sent) -> Response {
    let view = match open_view(app, id) {
        Ok(view) => view,
        Err(over) => return over,
    };
    let (who, secret) = match browser::owner(&app.book.read(), headers) {
        Some((person, _)) => (Who::Known(person), None),
        None => {
            let secret = random::token();
            (Who::New { name: sent.name, browser: secret.clone() }, Some(secret))
        }
    };
    match confirm(app, id, &sent.number, who).await {
        Ok(Some(Typed::Right)) => welcome(app, secret),
        Ok(Some(Typed::Wrong { left })) => {
            let wrong = format!("数字不对，还可以再试 {left} 次。请输入电脑屏幕上的 3 位数字。");
            ask(app, id, &view, headers, StatusCode::UNPROCESSABLE_ENTITY, Some(&wrong))
        }
        Ok(Some(Typed::Over(phase))) => over(app, Some(&phase)),
        Ok(None) => over(app, None),
        Err(failure) if failure.error().field.as_deref() == Some("name") => {
            ask(app, id, &view, headers, StatusCode::UNPROCESSABLE_ENTITY, Some("请填写您的姓名，1 到 20 个字。"))
        }
        Err(failure) => {
            tracing::error!(error = %failure.error(), "a confirmation failed");
            page::message(StatusCode::INTERNAL_SERVER_ERROR, "暂时无法确认", "请稍后返回上一页再试一次。", app.sandbox)
        }
    }
}

fn welcome(app: &App, secret: Option<String>) -> Response {
    let mut response = page::message(StatusCode::OK, "已确认登录", "请回到电脑继续。这个页面可以关闭了。", app.sandbox);
    add_cookie(&mut response, secret.and_then(|secret| browser::set_owner(app, &secret)));
    response
}

fn ask(app: &App, id: &str, view: &View, headers: &HeaderMap, status: StatusCode, wrong: Option<&str>) -> Response {
    let known = browser::mark(headers).map(str::to_owned);
    let mark = known.clone().unwrap_or_else(random::id);
    let owner = browser::owner(&app.book.read(), headers).map(|(_, name)| name);
    let token = app.form_token(id, &mark);
    let form = page::Form { ticket: id, token: &token, owner: owner.as_deref(), wrong, sandbox: app.sandbox };
    let mut response = page::form(status, view, &form);
    if known.is_none() {
        add_cookie(&mut response, browser::set_mark(app, &mark));
    }
    response
}

fn add_cookie(response: &mut Response, cookie: Option<HeaderValue>) {
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// The ticket while it can still be decided, or the page that says why it cannot.
#[expect(clippy::result_large_err, reason = "the page is sent at once, not kept")]
fn open_view(app: &App, id: &str) -> Result<View, Response> {
    match app.tickets.view(id) {
        Some(view) if matches!(view.phase, Phase::Pending | Phase::Scanned) => Ok(view),
        Some(view) => Err(over(app, Some(&view.phase))),
        None => Err(over(app, None)),
    }
}

fn over(app: &App, phase: Option<&Phase>) -> Response {
    let (status, title, next) = match phase {
        Some(Phase::Denied) => (StatusCode::FORBIDDEN, "已拒绝这次登录", "电脑没有登录。如果是您本人操作，请在电脑上刷新二维码再扫一次。"),
        Some(Phase::Claimed | Phase::Confirmed { .. } | Phase::Used) => {
            (StatusCode::GONE, "这个二维码已经用过了", "每个二维码只能确认一次。需要再次登录时，请在电脑上刷新二维码。")
        }
        Some(Phase::Expired) => (StatusCode::GONE, "二维码已过期", "请在电脑上刷新二维码，再扫一次。"),
        Some(Phase::Pending | Phase::Scanned) | None => (StatusCode::NOT_FOUND, "二维码无效", "请扫描电脑上票匣显示的登录二维码。"),
    };
    page::message(status, title, next, app.sandbox)
}

trait MapStatus {
    fn map_status(self, status: StatusCode) -> Self;
}

impl MapStatus for Response {
    fn map_status(mut self, status: StatusCode) -> Self {
        *self.status_mut() = status;
        self
    }
}
