//! Adding an e-tax account (电子税务局账号), and signing a kept one in again.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use piaoxia_domain::AccountId;
use piaoxia_domain::account::{Identity, LoginMode};
use piaoxia_service::contract::{AccountRequest, Company, FieldKind, FormField, LoginForm, LoginRequest, LoginStep};

use super::browser::Visit;
use super::companies::facts;
use super::page::{self, Page, trouble};
use super::words::why;
use crate::app::App;
use crate::extract::{Form, Id};
use crate::failure::{Answer, Failure, status_of};

/// Prefix of the region's own fields, so that none can be taken for ours.
const FIELD: &str = "f-";

/// The form of the company's region.
pub(super) async fn ask(State(app): State<Arc<App>>, Id(id): Id, visit: Visit) -> Response {
    if let Err(stranger) = visit.may(&app, &id) {
        return stranger;
    }
    match company_and_form(&app, &id).await {
        Ok((company, form)) => draw(&app, &visit, &company, &form, &Filled::default(), None),
        Err(failure) => page::failed(&app, &failure),
    }
}

async fn company_and_form(app: &App, id: &str) -> Answer<(Company, LoginForm)> {
    let company = app.company(&app.book.read(), id)?;
    let form = app.connector.login_form(&company, &company.region).await?;
    Ok((company, form))
}

/// What was sent, so that only the password has to be typed again.
#[derive(Default)]
struct Filled {
    values: BTreeMap<String, String>,
    identity: Option<Identity>,
    mode: Option<LoginMode>,
}

fn draw(app: &App, visit: &Visit, company: &Company, form: &LoginForm, filled: &Filled, failure: Option<&Failure>) -> Response {
    let at_field = failure.and_then(|failure| failure.error().field.clone());
    let general = failure.filter(|_| at_field.is_none()).map(why);
    let body = html! {
        section {
            h1 { "添加电子税务局账号" }
            p { b { (company.name) } }
            (facts(company))
            p class="hint" { "请核对地区和税号，再填写在这个税局登录用的账号。密码只用于登录，不会写入磁盘。" }
            (trouble(general.as_deref()))
            form method="post" autocomplete="off" {
                (visit.field(app, &company.id))
                @for field in &form.fields { (input(field, filled, at_field.as_deref() == Some(&field.key))) }
                (identities(form, filled.identity))
                (modes(form, filled.mode))
                button class="yes" { "登录并添加" }
            }
            a class="button" href=(format!("/p/company/{}", company.id)) { "取消" }
        }
    };
    let status = failure.map_or(StatusCode::OK, |failure| status_of(failure.error().class));
    visit.send(app, Page::new(app, "添加电子税务局账号", body).status(status))
}

/// A field of the region. A kind of a newer service is a text.
fn input(field: &FormField, filled: &Filled, wrong: bool) -> Markup {
    let name = format!("{FIELD}{}", field.key);
    let value = field.fixed.as_deref().or(filled.values.get(&field.key).map(String::as_str)).unwrap_or_default();
    let (kind, mode) = match field.kind {
        FieldKind::Password => ("password", None),
        FieldKind::Phone => ("tel", Some("tel")),
        FieldKind::Text | FieldKind::IdNumber | FieldKind::Select | FieldKind::Unknown => ("text", None),
    };
    html! {
        label for=(name) { (field.label) }
        @if field.kind == FieldKind::Select && !field.options.is_empty() {
            select id=(name) name=(name) {
                @for option in &field.options { option value=(option.value) selected[option.value == value] { (option.label) } }
            }
        } @else {
            input id=(name) name=(name) type=(kind) inputmode=[mode] placeholder=(field.hint) maxlength="100" required[field.required]
                readonly[field.fixed.is_some()] autocomplete="off" aria-invalid=[wrong.then_some("true")]
                value=[(field.kind != FieldKind::Password).then_some(value)];
        }
        @if wrong { p class="wrong" role="alert" { "不符合要求，请核对。" } }
    }
}

fn identities(form: &LoginForm, chosen: Option<Identity>) -> Markup {
    html! {
        label for="identity" { "身份" }
        select id="identity" name="identity" {
            @for identity in &form.identities {
                option value=(identity.code()) selected[chosen == Some(*identity)] { (identity.name()) }
            }
        }
    }
}

fn modes(form: &LoginForm, chosen: Option<LoginMode>) -> Markup {
    let words = |mode| match mode {
        LoginMode::Manual => ("manual", "人工登录", "由您输入验证码"),
        LoginMode::HostedPhone => ("hosted", "华盟托管号码", "验证码由托管号码自动接收"),
        LoginMode::VirtualPhone => ("virtual", "企享云办税小号", "验证码由办税小号自动接收"),
    };
    html! {
        fieldset {
            legend { "登录类型" }
            @for mode in &form.login_modes {
                @let (value, name, hint) = words(*mode);
                label class="choice" {
                    input type="radio" name="mode" value=(value) checked[chosen.unwrap_or(LoginMode::Manual) == *mode];
                    span { (name) br; small { (hint) } }
                }
            }
        }
    }
}

/// Signs the account in; it is kept once the bureau lets it in.
pub(super) async fn add(State(app): State<Arc<App>>, Id(id): Id, visit: Visit, Form(sent): Form<BTreeMap<String, String>>) -> Response {
    let value = |key: &str| sent.get(key).map(String::as_str).unwrap_or_default();
    if let Err(stranger) = visit.check(&app, &id, value("token")) {
        return stranger;
    }
    if let Err(stranger) = visit.may(&app, &id) {
        return stranger;
    }
    let (company, form) = match company_and_form(&app, &id).await {
        Ok(found) => found,
        Err(failure) => return page::failed(&app, &failure),
    };
    let values: BTreeMap<String, String> =
        sent.iter().filter_map(|(key, value)| Some((key.strip_prefix(FIELD)?.to_owned(), value.clone()))).collect();
    let mode = match value("mode") {
        "hosted" => LoginMode::HostedPhone,
        "virtual" => LoginMode::VirtualPhone,
        _ => LoginMode::Manual,
    };
    let identity = Identity::from_code(value("identity")).filter(|identity| form.identities.contains(identity));
    let filled = Filled { values: values.clone(), identity, mode: Some(mode) };
    let Some(identity) = identity else {
        return draw(&app, &visit, &company, &form, &filled, Some(&Failure::bad_request("an identity is missing").field("identity")));
    };
    match app.add_account(&id, AccountRequest { fields: values, identity, login_mode: mode }).await {
        Ok(step) => follow(step, true),
        Err(failure) => draw(&app, &visit, &company, &form, &filled, Some(&failure)),
    }
}

/// Where a sign-in goes on.
pub(super) fn follow(step: LoginStep, offer_binding: bool) -> Response {
    match step {
        LoginStep::Challenge { challenge } => page::go(&format!("/p/challenge/{}", challenge.id)),
        LoginStep::Done { account } if offer_binding && !account.wechat_bound => page::go(&format!("/p/account/{}/bind", account.id.0)),
        LoginStep::Done { .. } => page::go("/p/me"),
    }
}

/// Asks for the password of a kept account.
pub(super) async fn ask_password(State(app): State<Arc<App>>, Id(id): Id, visit: Visit) -> Response {
    password_form(&app, &visit, &AccountId(id), None)
}

fn password_form(app: &App, visit: &Visit, id: &AccountId, failure: Option<&Failure>) -> Response {
    let kept = match visit.account(app, &id.0) {
        Ok(kept) => kept,
        Err(other) => return other,
    };
    let body = html! {
        section {
            h1 { "登录电子税务局" }
            dl {
                dt { "企业" } dd { (app.book.read().company_name(&kept.company)) }
                dt { "账号" } dd { (kept.account.person) "　" (kept.account.login_name) }
            }
            (trouble(failure.map(why).as_deref()))
            form method="post" autocomplete="off" {
                (visit.field(app, &id.0))
                label for="password" { "个人用户密码" }
                input id="password" name="password" type="password" maxlength="100" autocomplete="off" required;
                button class="yes" { "登录" }
            }
            p class="hint" { "密码只用于登录，不会写入磁盘。" }
        }
    };
    let status = failure.map_or(StatusCode::OK, |failure| status_of(failure.error().class));
    visit.send(app, Page::new(app, "登录电子税务局", body).status(status))
}

/// Signs a kept account in.
pub(super) async fn login(State(app): State<Arc<App>>, Id(id): Id, visit: Visit, Form(sent): Form<BTreeMap<String, String>>) -> Response {
    let value = |key: &str| sent.get(key).cloned().unwrap_or_default();
    if let Err(stranger) = visit.check(&app, &id, &value("token")) {
        return stranger;
    }
    let companies = match visit.companies(&app) {
        Ok(companies) => companies,
        Err(stranger) => return stranger,
    };
    let id = AccountId(id);
    match app.login_account(&companies, &id, LoginRequest { password: value("password") }).await {
        Ok(step) => follow(step, false),
        Err(failure) => password_form(&app, &visit, &id, Some(&failure)),
    }
}
