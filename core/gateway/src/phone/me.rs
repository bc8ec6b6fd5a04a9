//! 个人中心: what waits for the phone's owner, and the accounts that are bound to her.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};
use piaoxia_domain::AccountId;
use piaoxia_service::contract::Challenge;
use serde::Deserialize;

use super::browser::Visit;
use super::companies::account_lines;
use super::page::{self, Page};
use crate::app::App;
use crate::extract::{Form, Id};
use crate::failure::Failure;
use crate::state::KeptAccount;

/// Looks anew every ten seconds while nothing waits, so that a pushed request appears by itself.
const REFRESH: &str = "setTimeout(function(){location.reload()},10000);";

/// What an account asks of its person.
enum Request {
    /// A challenge is open.
    Challenge(Challenge),
    /// Work at the bureau waits until the account is signed in.
    SignIn,
}

/// The page.
pub(super) async fn show(State(app): State<Arc<App>>, visit: Visit) -> Response {
    let owner = match visit.known(&app) {
        Ok(owner) => owner.clone(),
        Err(stranger) => return stranger,
    };
    let state = app.book.read();
    let companies = state.companies_of(&owner.id);
    let open = app.desk.challenges(&companies);
    let bound: Vec<KeptAccount> = state.accounts.iter().filter(|kept| kept.bound_to.as_deref() == Some(&owner.id)).cloned().collect();
    let requests: Vec<(&KeptAccount, Request)> = bound.iter().filter_map(|kept| Some((kept, request(&app, &open, kept)?))).collect();
    let body = html! {
        section {
            h1 { "个人中心" }
            p class="hint" { (owner.name) }
            h2 { "待处理" }
            @if requests.is_empty() { p { "没有需要处理的登录或验证。" } }
            @for (kept, request) in &requests { (request_line(&app, kept, request)) }
        }
        section {
            h2 { "我绑定的账号" }
            @if bound.is_empty() { p { "还没有绑定账号。在“配置企业”里添加或绑定。" } }
            @for kept in &bound { (bound_account(&app, &visit, kept)) }
            a class="button" href="/p/companies" { "配置企业" }
        }
    };
    let page = Page::new(&app, "个人中心", body);
    visit.send(&app, if requests.is_empty() { page.script(REFRESH) } else { page })
}

fn request(app: &App, open: &[Challenge], kept: &KeptAccount) -> Option<Request> {
    if let Some(challenge) = open.iter().find(|challenge| challenge.account.as_ref() == Some(&kept.account.id)) {
        return Some(Request::Challenge(challenge.clone()));
    }
    app.jobs.waits_for(&kept.account.id).then_some(Request::SignIn)
}

fn request_line(app: &App, kept: &KeptAccount, request: &Request) -> Markup {
    let (words, link, button) = match request {
        Request::Challenge(challenge) => ("登录需要验证", format!("/p/challenge/{}", challenge.id), "去验证"),
        Request::SignIn => ("电脑上的下载在等待登录", format!("/p/account/{}/login", kept.account.id.0), "去登录"),
    };
    html! {
        p { span class="tag wait" { (words) } (app.book.read().company_name(&kept.company)) "　" (kept.account.login_name) }
        a class="button yes" href=(link) { (button) }
    }
}

fn bound_account(app: &App, visit: &Visit, kept: &KeptAccount) -> Markup {
    let account = app.accounts(&app.book.read(), &kept.company).into_iter().find(|account| account.id == kept.account.id);
    html! {
        @if let Some(account) = account {
            p class="hint" { (app.book.read().company_name(&kept.company)) }
            (account_lines(&account, true))
            form method="post" action=(format!("/p/account/{}/unbind", account.id.0)) {
                (visit.field(app, &account.id.0))
                button class="danger" { "解除绑定" }
            }
        }
    }
}

/// The form of unbinding.
#[derive(Deserialize)]
pub(super) struct Sent {
    #[serde(default)]
    token: String,
}

/// Ends a binding of the phone's owner.
pub(super) async fn unbind(State(app): State<Arc<App>>, Id(id): Id, visit: Visit, Form(sent): Form<Sent>) -> Response {
    if let Err(stranger) = visit.check(&app, &id, &sent.token) {
        return stranger;
    }
    let owner = match visit.known(&app) {
        Ok(owner) => owner.clone(),
        Err(stranger) => return stranger,
    };
    let id = AccountId(id);
    let mine = app.book.read().accounts.iter().any(|kept| kept.account.id == id && kept.bound_to.as_deref() == Some(&owner.id));
    if !mine {
        return page::failed(&app, &Failure::not_found("account"));
    }
    match app.set_binding(&id, None).await {
        Ok(()) => page::go("/p/me"),
        Err(failure) => page::failed(&app, &failure),
    }
}
