//! 数电升级: search the company, pick what is upgraded with it, leave a contact. The picks travel in the address, so that going
//! back loses nothing; only the last step changes anything.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use maud::{Markup, html};
use piaoxia_service::contract::Company;
use serde::Deserialize;

use super::browser::Visit;
use super::contact::{PRODUCTS, Typed};
use super::page::{self, Page, trouble};
use super::words::why;
use crate::app::App;
use crate::applications::{EXISTS, slow_down};
use crate::extract::{Asked, Form, Id};
use crate::failure::Answer;

/// Shortest text that is searched for.
const SEARCHED: usize = 2;
/// Longest.
const LONGEST: usize = 64;
const SCOPE: &str = "upgrade";
/// Prefix of the boxes of companies.
const BOX: &str = "c-";

/// Looks up while one types: the list is fetched anew a quarter of a second after the last key.
const LIVE: &str = r#"(function(){var box=document.getElementById("q"),list=document.getElementById("found"),timer;
box.addEventListener("input",function(){clearTimeout(timer);timer=setTimeout(function(){
fetch("/p/upgrade/search?q="+encodeURIComponent(box.value)).then(function(r){return r.ok?r.text():""}).then(function(t){list.innerHTML=t}).catch(function(){})},250)})})();"#;

/// What is searched for.
#[derive(Deserialize)]
pub(super) struct Search {
    #[serde(default)]
    q: String,
}

/// Step 1: the company.
pub(super) async fn search(State(app): State<Arc<App>>, visit: Visit, Asked(search): Asked<Search>) -> Response {
    let found = match find(&app, &visit, &search.q).await {
        Ok(found) => found,
        Err(failure) => return page::failed(&app, &failure),
    };
    let body = html! {
        section {
            h1 { "数电升级申请" }
            p class="hint" { "第 1 步，共 3 步：找到要升级的企业" }
            form method="get" role="search" {
                label for="q" { "企业名称或税号" }
                input id="q" name="q" type="search" value=(search.q) maxlength=(LONGEST) autocomplete="off" placeholder="至少输入 2 个字";
                button { "搜索" }
            }
            div id="found" aria-live="polite" { (list(&search.q, &found)) }
        }
    };
    visit.send(&app, Page::new(&app, "数电升级申请", body).script(LIVE))
}

/// The list alone, for the script of step 1, or why there is none.
pub(super) async fn results(State(app): State<Arc<App>>, visit: Visit, Asked(search): Asked<Search>) -> Response {
    let shown = match find(&app, &visit, &search.q).await {
        Ok(found) => list(&search.q, &found),
        Err(failure) => {
            page::note(&failure);
            trouble(Some(&why(&failure)))
        }
    };
    Html(shown.into_string()).into_response()
}

async fn find(app: &App, visit: &Visit, text: &str) -> Answer<Vec<Company>> {
    let text: String = text.trim().chars().take(LONGEST).collect();
    if text.chars().count() < SEARCHED {
        return Ok(Vec::new());
    }
    slow_down(&app.throttles.searches, visit.peer)?;
    app.throttles.searches.note(visit.peer);
    app.connector.search(&text).await
}

fn list(text: &str, found: &[Company]) -> Markup {
    html! {
        @if text.trim().chars().count() < SEARCHED {
            p class="hint" { "输入企业名称中的几个字，从结果中选择。" }
        } @else if found.is_empty() {
            p class="hint" { "没有找到这家企业。请检查名称，或改用 18 位统一社会信用代码。" }
        } @else {
            nav class="menu" {
                @for company in found {
                    a href=(format!("/p/upgrade/{}", company.id)) { (company.name) small { (company.tax_no.as_str()) } }
                }
            }
        }
    }
}

/// Step 2: the companies under it.
pub(super) async fn pick(State(app): State<Arc<App>>, Id(id): Id, visit: Visit) -> Response {
    let under = match app.connector.under(&id).await {
        Ok(under) => under,
        Err(failure) => return page::failed(&app, &failure),
    };
    let body = html! {
        section {
            h1 { "选择要升级的企业" }
            p class="hint" { "第 2 步，共 3 步：可以同时为分支机构申请" }
            form method="get" action=(format!("/p/upgrade/{id}/contact")) {
                @for (place, company) in under.iter().enumerate() {
                    label class="choice" {
                        input type="checkbox" name=(format!("{BOX}{}", company.id)) value="1" checked[place == 0];
                        span { (company.name) br; small { (company.tax_no.as_str()) } }
                    }
                }
                button class="yes" { "下一步" }
            }
            a class="button" href="/p/upgrade" { "重新选择企业" }
        }
    };
    visit.send(&app, Page::new(&app, "选择要升级的企业", body))
}

/// Step 3: the contact.
pub(super) async fn contact(
    State(app): State<Arc<App>>,
    Id(id): Id,
    visit: Visit,
    Asked(values): Asked<BTreeMap<String, String>>,
) -> Response {
    match picked(&app, &id, &values).await {
        Ok(picked) if picked.is_empty() => page::go(&format!("/p/upgrade/{id}")),
        Ok(picked) => form(&app, &visit, &picked, &Typed::default(), StatusCode::OK, None),
        Err(failure) => page::failed(&app, &failure),
    }
}

/// The companies that were ticked, of those under this one.
async fn picked(app: &App, id: &str, values: &BTreeMap<String, String>) -> Answer<Vec<Company>> {
    let under = app.connector.under(id).await?;
    Ok(under.into_iter().filter(|company| values.contains_key(&format!("{BOX}{}", company.id))).collect())
}

fn form(app: &App, visit: &Visit, picked: &[Company], typed: &Typed, status: StatusCode, wrong: Option<&str>) -> Response {
    let faults = if status == StatusCode::OK { BTreeMap::new() } else { typed.faults() };
    let field = |key: &str, label: &str, kind: &str, value: &str, complete: &str| {
        html! {
            label for=(key) { (label) }
            input id=(key) name=(key) type=(kind) value=(value) maxlength="80" autocomplete=(complete) aria-invalid=[faults.contains_key(key).then_some("true")] required;
            (trouble(faults.get(key).copied()))
        }
    };
    let body = html! {
        section {
            h1 { "联系方式" }
            p class="hint" { "第 3 步，共 3 步：操作密钥和激活码会发到这个邮箱" }
            ul { @for company in picked { li { (company.name) } } }
            (trouble(wrong))
            form method="post" {
                (visit.field(app, SCOPE))
                @for company in picked { input type="hidden" name=(format!("{BOX}{}", company.id)) value="1"; }
                (field("email", "邮箱", "email", &typed.email, "email"))
                label for="product" { "使用产品" }
                select id="product" name="product" {
                    @for product in PRODUCTS { option value=(product) selected[product == typed.product] { (product) } }
                }
                (trouble(faults.get("product").copied()))
                (field("name", "联系人姓名", "text", &typed.name, "name"))
                (field("phone", "手机号", "tel", &typed.phone, "tel"))
                button class="yes" { "提交申请" }
            }
        }
    };
    visit.send(app, Page::new(app, "联系方式", body).status(status))
}

/// Takes the application.
pub(super) async fn submit(
    State(app): State<Arc<App>>,
    Id(id): Id,
    visit: Visit,
    Form(values): Form<BTreeMap<String, String>>,
) -> Response {
    let sent = |key: &str| values.get(key).map(String::as_str).unwrap_or_default();
    if let Err(stranger) = visit.check(&app, SCOPE, sent("token")) {
        return stranger;
    }
    let picked = match picked(&app, &id, &values).await {
        Ok(picked) if picked.is_empty() => return page::go(&format!("/p/upgrade/{id}")),
        Ok(picked) => picked,
        Err(failure) => return page::failed(&app, &failure),
    };
    let typed = Typed::new(sent("email"), sent("product"), sent("name"), sent("phone"));
    let Some(contact) = typed.contact() else {
        return form(&app, &visit, &picked, &typed, StatusCode::UNPROCESSABLE_ENTITY, Some("请更正下面标出的内容。"));
    };
    let Some(company) = picked.first().cloned() else { return page::go("/p/upgrade") };
    let email = contact.email.clone();
    match app.apply(visit.peer, &company, picked.clone(), contact).await {
        Ok(()) => visit.send(&app, done(&app, &company, &email)),
        Err(failure) if failure.code() == EXISTS => form(&app, &visit, &picked, &typed, StatusCode::CONFLICT, Some(&why(&failure))),
        Err(failure) => page::failed(&app, &failure),
    }
}

fn done(app: &App, company: &Company, email: &str) -> Page {
    let body = html! {
        section {
            h1 { "申请已提交" }
            p { (company.name) " 的升级邮件已发往 " b { (email) } "。" }
            p { "请在 15 分钟内打开邮件里的操作链接，用手机完成绑定；激活码 24 小时内有效，首次登录客户端时输入。" }
            p class="hint" { "没有收到？请检查垃圾邮件。密钥或激活码过期后，可以点邮件里的“重新获取”。" }
            a class="button" href="/p/key" { "已收到邮件，输入操作密钥" }
        }
    };
    Page::new(app, "申请已提交", body)
}
