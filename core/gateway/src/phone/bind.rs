//! 微信绑定: ties an account to the phone's owner, from the phone itself or by the QR that the PC shows.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use piaoxia_service::contract::BindState;
use piaoxia_wechat::Scene;
use serde::Deserialize;

use super::browser::Visit;
use super::page::{self, Page, SEEN};
use crate::app::App;
use crate::extract::{Form, Id};
use crate::failure::Failure;
use crate::state::KeptAccount;

/// The form of the pages.
#[derive(Deserialize)]
pub(super) struct Sent {
    #[serde(default)]
    token: String,
    #[serde(default)]
    action: String,
}

/// Asks whether an account is to be bound to this phone.
pub(super) async fn ask(State(app): State<Arc<App>>, Id(id): Id, visit: Visit) -> Response {
    match visit.account(&app, &id) {
        Ok(kept) => question(&app, &visit, &id, &kept, false),
        Err(other) => other,
    }
}

fn question(app: &App, visit: &Visit, scope: &str, kept: &KeptAccount, by_qr: bool) -> Response {
    let body = html! {
        section {
            h1 { "绑定账号到这部手机？" }
            dl {
                dt { "企业" } dd { (app.book.read().company_name(&kept.company)) }
                dt { "账号" } dd { (kept.account.person) "　" (kept.account.login_name) }
                dt { "身份" } dd { (kept.account.identity.name()) }
            }
            p { "绑定后，这个账号需要登录或验证时会通知这部手机，您可以在“个人中心”里处理。" }
            form method="post" {
                (visit.field(app, scope))
                button class="yes" name="action" value="confirm" { "确认绑定" }
                button name="action" value="deny" { @if by_qr { "拒绝" } @else { "暂不绑定" } }
            }
        }
    };
    let page = Page::new(app, "绑定账号", body);
    visit.send(app, if by_qr { page.script(SEEN) } else { page })
}

/// Binds, or leaves it.
pub(super) async fn decide(State(app): State<Arc<App>>, Id(id): Id, visit: Visit, Form(sent): Form<Sent>) -> Response {
    if let Err(stranger) = visit.check(&app, &id, &sent.token) {
        return stranger;
    }
    let kept = match visit.account(&app, &id) {
        Ok(kept) => kept,
        Err(other) => return other,
    };
    let back = format!("/p/company/{}", kept.company);
    if sent.action != "confirm" {
        return page::go(&back);
    }
    let person = visit.owner.as_ref().map(|owner| owner.id.clone()).unwrap_or_default();
    match app.set_binding(&kept.account.id, Some(&person)).await {
        Ok(()) => page::go(&back),
        Err(failure) => page::failed(&app, &failure),
    }
}

/// The QR that the PC shows was scanned.
pub(super) async fn ask_by_qr(State(app): State<Arc<App>>, Id(ticket): Id, visit: Visit) -> Response {
    match open_ticket(&app, &visit, &ticket) {
        Ok(kept) => question(&app, &visit, &ticket, &kept, true),
        Err(other) => other,
    }
}

/// The account of an open ticket. Whoever scans must be known: the requests of the account go to her.
#[expect(clippy::result_large_err, reason = "the page is sent at once, not kept")]
fn open_ticket(app: &App, visit: &Visit, ticket: &str) -> Result<KeptAccount, Response> {
    visit.known(app)?;
    let (account, state) = app.bindings.look(ticket).ok_or_else(|| over(app, None))?;
    match state {
        BindState::Pending | BindState::Scanned => {
            let kept = app.book.read().accounts.iter().find(|kept| kept.account.id == account).cloned();
            let kept = kept.ok_or_else(|| page::failed(app, &Failure::not_found("account")))?;
            // Her 个人中心 could show its requests to her otherwise, but not let her answer.
            if visit.companies(app)?.contains(&kept.company) {
                return Ok(kept);
            }
            let next = "这家企业还不在您名下。请先用升级邮件里的操作密钥绑定这部手机，或者在电脑上用激活码激活，再扫一次。";
            Err(Page::message(app, StatusCode::FORBIDDEN, "不能绑定到这部手机", next).send())
        }
        state => Err(over(app, Some(&state))),
    }
}

/// The page is open on the phone.
pub(super) async fn seen(State(app): State<Arc<App>>, Id(ticket): Id, visit: Visit, Form(sent): Form<Sent>) -> Response {
    if !visit.is_own_form(&app, &ticket, &sent.token) {
        return StatusCode::FORBIDDEN.into_response();
    }
    app.bindings.scanned(&ticket);
    StatusCode::NO_CONTENT.into_response()
}

/// Binds by the QR, or refuses.
pub(super) async fn decide_by_qr(State(app): State<Arc<App>>, Id(ticket): Id, visit: Visit, Form(sent): Form<Sent>) -> Response {
    if let Err(stranger) = visit.check(&app, &ticket, &sent.token) {
        return stranger;
    }
    if let Err(other) = open_ticket(&app, &visit, &ticket) {
        return other;
    }
    if let Err(other) = visit.may_confirm(&app, &Scene::Bind(ticket.clone())) {
        return other;
    }
    if sent.action != "confirm" {
        app.bindings.deny(&ticket);
        return Page::message(&app, StatusCode::OK, "已拒绝", "账号没有绑定到这部手机。").send();
    }
    let person = visit.owner.as_ref().map(|owner| owner.id.clone()).unwrap_or_default();
    match app.bind_by_ticket(&ticket, &person).await {
        Ok(true) => visit.send(&app, Page::new(&app, "已绑定", done())),
        Ok(false) => over(&app, app.bindings.look(&ticket).map(|(_, state)| state).as_ref()),
        Err(failure) => page::failed(&app, &failure),
    }
}

fn done() -> Markup {
    html! {
        section {
            h1 { "已绑定" }
            p { "请回到电脑继续。账号需要登录或验证时，会出现在“个人中心”。" }
            a class="button yes" href="/p/me" { "个人中心" }
        }
    }
}

fn over(app: &App, state: Option<&BindState>) -> Response {
    let (status, title, next) = match state {
        Some(BindState::Bound { .. }) => {
            (StatusCode::GONE, "这个二维码已经用过了", "账号已经绑定。要换手机，请在电脑上重新打开绑定二维码。")
        }
        Some(BindState::Denied) => (StatusCode::GONE, "已拒绝", "账号没有绑定。需要时请在电脑上重新打开绑定二维码。"),
        Some(BindState::Expired) => (StatusCode::GONE, "二维码已过期", "请在电脑上刷新绑定二维码，再扫一次。"),
        _ => (StatusCode::NOT_FOUND, "二维码无效", "请扫描电脑上票匣显示的绑定二维码。"),
    };
    Page::message(app, status, title, next).send()
}
