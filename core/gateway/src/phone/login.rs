//! The confirm page of a sign-in. A GET changes nothing: mail scanners and previews fetch links too.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::html;
use piaoxia_wechat::Scene;
use serde::Deserialize;

use super::browser::{Visit, remember};
use super::confirm;
use super::page::{self, Page, SEEN, trouble};
use crate::app::App;
use crate::applications::slow_down;
use crate::extract::{Form, Id};
use crate::tickets::{Phase, Typed, View};
use crate::words::beijing;

/// Shows which PC wants to sign in.
pub(super) async fn show(State(app): State<Arc<App>>, Id(id): Id, visit: Visit) -> Response {
    match open_view(&app, &id) {
        Ok(view) => ask(&app, &id, &view, &visit, StatusCode::OK, None),
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
pub(super) async fn seen(State(app): State<Arc<App>>, Id(id): Id, visit: Visit, Form(sent): Form<Sent>) -> Response {
    if !visit.is_own_form(&app, &id, &sent.token) {
        return StatusCode::FORBIDDEN.into_response();
    }
    app.tickets.scanned(&id);
    StatusCode::NO_CONTENT.into_response()
}

/// Confirms or refuses.
pub(super) async fn decide(State(app): State<Arc<App>>, Id(id): Id, visit: Visit, Form(sent): Form<Sent>) -> Response {
    if let Err(stranger) = visit.check(&app, &id, &sent.token) {
        return stranger;
    }
    match sent.action.as_str() {
        "confirm" => agree(&app, &id, &visit, sent).await,
        "deny" => match app.tickets.deny(&id) {
            Some(Phase::Pending | Phase::Scanned) => over(&app, Some(&Phase::Denied)).status(StatusCode::OK).send(),
            before => over(&app, before.as_ref()).send(),
        },
        _ => Page::message(&app, StatusCode::BAD_REQUEST, "没有收到您的选择", "请返回上一页，点「确认登录」或「拒绝」。").send(),
    }
}

async fn agree(app: &Arc<App>, id: &str, visit: &Visit, sent: Sent) -> Response {
    let view = match open_view(app, id) {
        Ok(view) => view,
        Err(over) => return over,
    };
    if let Err(failure) = slow_down(&app.throttles.approvals, visit.peer) {
        return page::failed(app, &failure);
    }
    app.throttles.approvals.note(visit.peer);
    if let Err(stranger) = visit.may_confirm(app, &Scene::Login(id.to_owned())) {
        return stranger;
    }
    let (who, secret) = visit.who(app, &sent.name);
    let again = |wrong: &str| ask(app, id, &view, visit, StatusCode::UNPROCESSABLE_ENTITY, Some(wrong));
    match confirm(app, id, &sent.number, who).await {
        Ok(Some(Typed::Right)) => welcome(app, secret),
        Ok(Some(Typed::Wrong { left })) => again(&format!("数字不对，还可以再试 {left} 次。请输入电脑屏幕上的 3 位数字。")),
        Ok(Some(Typed::Over(phase))) => over(app, Some(&phase)).send(),
        Ok(None) => over(app, None).send(),
        Err(failure) if failure.error().field.as_deref() == Some("name") => again("请填写您的姓名，1 到 20 个字。"),
        Err(failure) => page::failed(app, &failure),
    }
}

fn welcome(app: &App, secret: Option<String>) -> Response {
    let mut response = Page::message(app, StatusCode::OK, "已确认登录", "请回到电脑继续。这个页面可以关闭了。").send();
    if let Some(secret) = secret {
        remember(app, &mut response, &secret);
    }
    response
}

fn ask(app: &App, id: &str, view: &View, visit: &Visit, status: StatusCode, wrong: Option<&str>) -> Response {
    let place = if view.peer.is_loopback() { format!("{}（本机）", view.peer) } else { view.peer.to_string() };
    let body = html! {
        section {
            h1 { "登录电脑上的票匣？" }
            (trouble(wrong))
            dl {
                dt { "电脑" } dd { (view.device.name) }
                dt { "版本" } dd { (view.device.version) }
                dt { "时间" } dd { (beijing(view.created_at)) }
                dt { "网络地址" } dd { (place) }
            }
            @if is_elsewhere(view.peer, visit.peer) {
                p class="wrong" { "这台电脑和您的手机不在同一个网络。如果电脑不在您面前，请点「拒绝」。" }
            }
            form method="post" autocomplete="off" {
                (visit.field(app, id))
                @if let Some(owner) = &visit.owner {
                    p { "以 " b { (owner.name) } " 的身份登录" }
                } @else {
                    label for="name" { "您的姓名" }
                    input id="name" name="name" type="text" maxlength="20" required;
                }
                label for="number" { "电脑屏幕上显示的 3 位数字" }
                input class="number" id="number" name="number" type="text" inputmode="numeric" pattern="[0-9０-９]{3}" maxlength="3" required;
                button class="yes" name="action" value="confirm" { "确认登录" }
                button name="action" value="deny" formnovalidate { "拒绝" }
            }
            p class="hint" { "不是您本人在电脑前操作，或者屏幕上没有数字？请点「拒绝」。不要把数字告诉任何人。" }
        }
    };
    visit.send(app, Page::new(app, "登录确认", body).status(status).script(SEEN))
}

/// A PC of the internet at another address than the phone. Within a local network nothing can be said.
fn is_elsewhere(pc: IpAddr, phone: IpAddr) -> bool {
    let is_public = |address: IpAddr| match address {
        IpAddr::V4(v4) => !v4.is_private() && !v4.is_loopback() && !v4.is_link_local() && !v4.is_unspecified(),
        IpAddr::V6(v6) => !v6.is_loopback() && !v6.is_unique_local() && !v6.is_unicast_link_local() && !v6.is_unspecified(),
    };
    is_public(pc) && pc != phone
}

/// The ticket while it can still be decided, or the page that says why it cannot.
#[expect(clippy::result_large_err, reason = "the page is sent at once, not kept")]
fn open_view(app: &App, id: &str) -> Result<View, Response> {
    match app.tickets.view(id) {
        Some(view) if matches!(view.phase, Phase::Pending | Phase::Scanned) => Ok(view),
        Some(view) => Err(over(app, Some(&view.phase)).send()),
        None => Err(over(app, None).send()),
    }
}

fn over(app: &App, phase: Option<&Phase>) -> Page {
    let (status, title, next) = match phase {
        Some(Phase::Denied) => (StatusCode::FORBIDDEN, "已拒绝这次登录", "电脑没有登录。如果是您本人操作，请在电脑上刷新二维码再扫一次。"),
        Some(Phase::Claimed | Phase::Confirmed { .. } | Phase::Used) => {
            (StatusCode::GONE, "这个二维码已经用过了", "每个二维码只能确认一次。需要再次登录时，请在电脑上刷新二维码。")
        }
        Some(Phase::Expired) => (StatusCode::GONE, "二维码已过期", "请在电脑上刷新二维码，再扫一次。"),
        Some(Phase::Pending | Phase::Scanned) | None => (StatusCode::NOT_FOUND, "二维码无效", "请扫描电脑上票匣显示的登录二维码。"),
    };
    Page::message(app, status, title, next)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn only_a_public_pc_can_be_elsewhere() {
        let at = |text: &str| text.parse::<IpAddr>().unwrap();
        assert!(is_elsewhere(at("203.0.113.5"), at("198.51.100.7")));
        assert!(!is_elsewhere(at("203.0.113.5"), at("203.0.113.5")));
        assert!(!is_elsewhere(at("192.168.1.4"), at("192.168.1.9")));
        assert!(!is_elsewhere(at("127.0.0.1"), at("192.168.1.9")));
    }
}
