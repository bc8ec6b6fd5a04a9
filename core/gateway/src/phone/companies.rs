//! 配置企业: the companies of the phone's owner, one company's accounts, its default accounts.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use piaoxia_domain::account::{self, Account, DefaultFor, Session};
use piaoxia_domain::{AccountId, Region};
use piaoxia_service::contract::{Company, DefaultRequest};
use serde::Deserialize;

use super::browser::Visit;
use super::page::{self, Page, trouble};
use super::words::why;
use crate::app::App;
use crate::extract::{Form, Id};
use crate::words::beijing;

/// The companies, those that wait to be configured first.
pub(super) async fn list(State(app): State<Arc<App>>, visit: Visit) -> Response {
    let owner = match visit.known(&app) {
        Ok(owner) => owner,
        Err(stranger) => return stranger,
    };
    let state = app.book.read();
    let mine = state.companies_of(&owner.id);
    let mut companies: Vec<Company> = mine.iter().filter_map(|id| app.company(&state, id).ok()).collect();
    companies.sort_by_key(|company| company.accounts > 0);
    let waiting = companies.iter().filter(|company| company.accounts == 0).count();
    let body = html! {
        section {
            h1 { "配置企业" }
            @if companies.is_empty() {
                p { "还没有企业。请先提交数电升级申请，再用邮件里的操作密钥绑定本机。" }
                a class="button yes" href="/p/upgrade" { "数电升级申请" }
            } @else {
                @if waiting > 0 { p class="hint" { "有 " (waiting) " 家企业等待配置" } }
                nav class="menu" {
                    @for company in &companies {
                        a href=(format!("/p/company/{}", company.id)) {
                            (company.name)
                            small {
                                @if company.accounts == 0 { span class="tag wait" { "待配置" } } @else {
                                    span class="tag good" { "已配置 " (company.accounts) " 个账号" }
                                }
                                (company.tax_no.as_str())
                            }
                        }
                    }
                }
            }
        }
    };
    visit.send(&app, Page::new(&app, "配置企业", body))
}

/// One company with its accounts.
pub(super) async fn show(State(app): State<Arc<App>>, Id(id): Id, visit: Visit) -> Response {
    company_page(&app, &visit, &id, StatusCode::OK, None)
}

fn company_page(app: &App, visit: &Visit, id: &str, status: StatusCode, wrong: Option<&str>) -> Response {
    let owner = match visit.may(app, id) {
        Ok(owner) => owner,
        Err(stranger) => return stranger,
    };
    let state = app.book.read();
    let company = match app.company(&state, id) {
        Ok(company) => company,
        Err(failure) => return page::failed(app, &failure),
    };
    let accounts = app.accounts(&state, id);
    let mine: Vec<&AccountId> =
        state.accounts.iter().filter(|kept| kept.bound_to.as_deref() == Some(&owner.id)).map(|kept| &kept.account.id).collect();
    let body = html! {
        section {
            h1 { (company.name) }
            (facts(&company))
            (trouble(wrong))
        }
        @for account in &accounts {
            section {
                (account_lines(account, mine.contains(&&account.id)))
                @if !mine.contains(&&account.id) {
                    a class="button" href=(format!("/p/account/{}/bind", account.id.0)) { "绑定到我的手机" }
                }
                (defaults(app, visit, id, &accounts, account))
            }
        }
        section {
            @if accounts.is_empty() { p { "还没有电子税务局账号。添加一个在税局有开票或收票权限的账号，即可开始使用。" } }
            a class="button yes" href=(format!("/p/company/{id}/account")) { "添加电子税务局账号" }
            a class="button" href="/p/companies" { "返回企业列表" }
        }
    };
    visit.send(app, Page::new(app, &company.name, body).status(status))
}

/// What is shown to check that it is the right company.
pub(super) fn facts(company: &Company) -> Markup {
    let region = Region::from_code(&company.region).map_or(company.region.as_str(), |region| region.name.as_str());
    html! {
        dl {
            dt { "税号" } dd { (company.tax_no.as_str()) }
            dt { "地区" } dd { (region) }
        }
    }
}

/// Name, rights and session of an account.
pub(super) fn account_lines(account: &Account, mine: bool) -> Markup {
    let session = match account.session {
        Session::Valid { until } => (format!("已登录，{} 前有效", beijing(until)), "tag good"),
        Session::Expired => ("登录已失效".to_owned(), "tag wait"),
        Session::SignedInElsewhere => ("账号已在别处登录".to_owned(), "tag wait"),
        Session::Locked { until } => (format!("已锁定，{} 解锁", beijing(until)), "tag wait"),
        Session::None => ("未登录".to_owned(), "tag"),
    };
    html! {
        h2 { (account.person) "　" (account.login_name) }
        p {
            span class="tag" { (account.identity.name()) }
            @if account.rights.issue { span class="tag" { "开票" } }
            @if account.rights.receive { span class="tag" { "收票" } }
            span class=(session.1) { (session.0) }
            @if mine { span class="tag good" { "已绑定我的手机" } } @else if account.wechat_bound { span class="tag" { "已绑定其他手机" } }
        }
    }
}

/// The work that an account is or may become the default for. What the rules forbid is not offered.
fn defaults(app: &App, visit: &Visit, company: &str, accounts: &[Account], account: &Account) -> Markup {
    const WORK: [(DefaultFor, &str, &str); 3] = [
        (DefaultFor::Both, "both", "默认开票+收票账号"),
        (DefaultFor::Issue, "issue", "默认开票账号"),
        (DefaultFor::Receive, "receive", "默认收票账号"),
    ];
    let held = WORK.iter().find(|(work, ..)| account.default_for == Some(*work));
    let offered = WORK.iter().filter(|(work, ..)| {
        account.default_for != Some(*work) && account::set_default(&mut accounts.to_vec(), &account.id, *work).is_ok()
    });
    html! {
        @if let Some((_, _, name)) = held { p { span class="tag good" { (name) } } }
        @for (_, word, name) in offered {
            form method="post" action=(format!("/p/company/{company}/default")) {
                (visit.field(app, company))
                input type="hidden" name="account" value=(account.id.0);
                button name="work" value=(word) { "设为" (name) }
            }
        }
    }
}

/// The form of a default account.
#[derive(Deserialize)]
pub(super) struct Chosen {
    #[serde(default)]
    token: String,
    #[serde(default)]
    account: String,
    #[serde(default)]
    work: String,
}

/// Sets a default account.
pub(super) async fn set_default(State(app): State<Arc<App>>, Id(id): Id, visit: Visit, Form(chosen): Form<Chosen>) -> Response {
    if let Err(stranger) = visit.check(&app, &id, &chosen.token) {
        return stranger;
    }
    if let Err(stranger) = visit.may(&app, &id) {
        return stranger;
    }
    let default_for = match chosen.work.as_str() {
        "issue" => DefaultFor::Issue,
        "receive" => DefaultFor::Receive,
        _ => DefaultFor::Both,
    };
    match app.set_default(&id, &DefaultRequest { account: AccountId(chosen.account), default_for }).await {
        Ok(_) => page::go(&format!("/p/company/{id}")),
        Err(failure) => company_page(&app, &visit, &id, crate::failure::status_of(failure.error().class), Some(&why(&failure))),
    }
}
