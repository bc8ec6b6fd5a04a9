//! A challenge of the bureau, answered on the phone.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use piaoxia_domain::Region;
use piaoxia_service::contract::{Challenge, ChallengeKind, ChallengeOption, LoginStep, QrChoice, code};
use serde::{Deserialize, Serialize};

use super::account::follow;
use super::browser::Visit;
use super::page::{self, Page, trouble};
use super::words::why;
use crate::app::App;
use crate::extract::{Form, Id};
use crate::failure::{Failure, status_of};

/// Asks every two seconds what has become of it, where nothing is typed.
const WATCH: &str = r#"(function(){var token=document.querySelector("[name=token]").value;setInterval(function(){
fetch(location.pathname+"/look",{method:"POST",headers:{"Content-Type":"application/x-www-form-urlencoded"},body:"token="+encodeURIComponent(token)})
.then(function(r){return r.json()}).then(function(s){if(s.go)location.replace(s.go)}).catch(function(){})},2000)})();"#;

/// Counts the seconds down until a code can be sent again.
const COUNTDOWN: &str = r#"(function(){var b=document.getElementById("again");if(!b)return;var left=+b.dataset.wait,label=b.dataset.label;
function show(){b.disabled=left>0;b.textContent=left>0?label+"（"+left+" 秒后）":label}show();
var t=setInterval(function(){left-=1;show();if(left<=0)clearInterval(t)},1000)})();"#;

/// The form of the page.
#[derive(Deserialize)]
pub(super) struct Sent {
    #[serde(default)]
    token: String,
    #[serde(default)]
    value: String,
    #[serde(default)]
    action: String,
}

/// Shows what is asked.
pub(super) async fn show(State(app): State<Arc<App>>, Id(id): Id, visit: Visit) -> Response {
    draw(&app, &visit, &id, StatusCode::OK, None)
}

fn draw(app: &App, visit: &Visit, id: &str, status: StatusCode, wrong: Option<&str>) -> Response {
    let companies = match visit.companies(app) {
        Ok(companies) => companies,
        Err(stranger) => return stranger,
    };
    let Some(challenge) = app.desk.challenges(&companies).into_iter().find(|challenge| challenge.id == id) else {
        return over(app, wrong);
    };
    let rejected = challenge.rejected.then(|| format!("不正确，还可以试 {} 次。", challenge.attempts_left));
    let region = Region::from_code(&challenge.region).map_or("", |region| region.name.as_str());
    let watched = matches!(challenge.kind, ChallengeKind::Qr { .. } | ChallengeKind::Face { .. } | ChallengeKind::Working { .. });
    let body = html! {
        section {
            h1 { "电子税务局验证" }
            dl {
                dt { "企业" } dd { (challenge.company) @if !region.is_empty() { "（" (region) "）" } }
                dt { "账号" } dd { (challenge.login_name) }
                dt { "有效期" } dd { "还剩 " (challenge.expires_in) " 秒" }
            }
            (trouble(wrong.or(rejected.as_deref())))
            form method="post" autocomplete="off" {
                (visit.field(app, id))
                (question(&challenge))
                button name="action" value="cancel" formnovalidate { "放弃登录" }
            }
        }
    };
    visit.send(app, Page::new(app, "电子税务局验证", body).status(status).script(if watched { WATCH } else { COUNTDOWN }))
}

fn question(challenge: &Challenge) -> Markup {
    match &challenge.kind {
        ChallengeKind::Image { png } => html! {
            img class="captcha" src=(format!("data:image/png;base64,{png}")) alt="图形验证码";
            (typed("图片中的字符", "off", 12))
            button class="yes" name="action" value="answer" { "提交" }
            button name="action" value="resend" formnovalidate { "换一张" }
        },
        ChallengeKind::Sms { phone, resend_after } => html! {
            p { "验证码已发送到 " b { (phone) } }
            (typed("短信验证码", "one-time-code", 12))
            button class="yes" name="action" value="answer" { "提交" }
            button id="again" name="action" value="resend" formnovalidate data-wait=(resend_after) data-label="重新发送" { "重新发送" }
        },
        ChallengeKind::Qr { apps } => scan("请用下面任一应用扫码", apps),
        ChallengeKind::Face { apps } => scan("请由本人用下面任一应用扫码，并按提示完成人脸验证", apps),
        ChallengeKind::SelectIdentity { options } => choice("请选择本次登录的身份", options),
        ChallengeKind::ConfirmRelation { options } => choice("税局提示您与这家企业的办税关系待确认", options),
        ChallengeKind::Working { done, doing } => html! {
            ol class="steps" role="status" {
                @for step in done { li { (step) " ✓" } }
                li { b { (doing) "…" } }
            }
            p class="hint" { "验证由托管号码自动完成，不需要操作。完不成时会转为人工验证。" }
        },
        ChallengeKind::Unknown => html! {
            (typed("请按税局的提示输入", "off", 64))
            button class="yes" name="action" value="answer" { "提交" }
        },
    }
}

fn typed(label: &str, complete: &str, longest: u32) -> Markup {
    html! {
        label for="value" { (label) }
        input id="value" name="value" type="text" maxlength=(longest) autocomplete=(complete) required;
    }
}

fn scan(words: &str, apps: &[QrChoice]) -> Markup {
    html! {
        p { (words) }
        @for app in apps {
            h2 { (app.app) }
            (page::qr(&app.text, &format!("{}扫码", app.app)))
        }
        button name="action" value="resend" { "刷新二维码" }
        button class="yes" name="action" value="look" { "我已完成" }
    }
}

fn choice(words: &str, options: &[ChallengeOption]) -> Markup {
    html! {
        fieldset {
            legend { (words) }
            @for option in options {
                label class="choice" { input type="radio" name="value" value=(option.value) required; span { (option.label) } }
            }
        }
        button class="yes" name="action" value="answer" { "提交" }
    }
}

/// Answers, asks again or gives up.
pub(super) async fn act(State(app): State<Arc<App>>, Id(id): Id, visit: Visit, Form(sent): Form<Sent>) -> Response {
    if let Err(stranger) = visit.check(&app, &id, &sent.token) {
        return stranger;
    }
    let companies = match visit.companies(&app) {
        Ok(companies) => companies,
        Err(stranger) => return stranger,
    };
    let step = match sent.action.as_str() {
        "cancel" => {
            return match app.cancel_challenge(&companies, &id).await {
                Ok(()) => Page::message(&app, StatusCode::OK, "已放弃登录", "账号没有登录。需要时可以重新登录。").send(),
                Err(failure) => page::failed(&app, &failure),
            };
        }
        "resend" => app.resend_challenge(&companies, &id).await,
        "look" => app.poll_challenge(&companies, &id).await,
        _ if sent.value.trim().is_empty() => {
            return draw(&app, &visit, &id, StatusCode::UNPROCESSABLE_ENTITY, Some("请先填写或选择。"));
        }
        _ => app.answer_challenge(&companies, &id, &sent.value).await,
    };
    match step {
        Ok(step) => follow(step, true),
        Err(failure) if is_over(&failure) => over(&app, Some(&why(&failure))),
        Err(failure) => draw(&app, &visit, &id, status_of(failure.error().class), Some(&why(&failure))),
    }
}

/// Where the page's script goes on.
#[derive(Serialize)]
pub(super) struct Told {
    go: Option<String>,
}

/// Looks whether a phone app or a hosted number has answered.
pub(super) async fn look(State(app): State<Arc<App>>, Id(id): Id, visit: Visit, Form(sent): Form<Sent>) -> Response {
    if !visit.is_own_form(&app, &id, &sent.token) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let Ok(companies) = visit.companies(&app) else { return StatusCode::FORBIDDEN.into_response() };
    let before = app.desk.challenges(&companies).into_iter().find(|challenge| challenge.id == id);
    let here = || Some(format!("/p/challenge/{id}"));
    let go = match app.poll_challenge(&companies, &id).await {
        Ok(LoginStep::Challenge { challenge }) if challenge.id != id => Some(format!("/p/challenge/{}", challenge.id)),
        Ok(LoginStep::Challenge { challenge }) => before.filter(|before| before.kind != challenge.kind).and_then(|_| here()),
        Ok(LoginStep::Done { account }) if !account.wechat_bound => Some(format!("/p/account/{}/bind", account.id.0)),
        Ok(LoginStep::Done { .. }) => Some("/p/me".to_owned()),
        // The page itself says what happened.
        Err(failure) if is_over(&failure) => here(),
        Err(_) => None,
    };
    Json(Told { go }).into_response()
}

fn is_over(failure: &Failure) -> bool {
    matches!(
        failure.code(),
        code::CHALLENGE_GONE
            | code::CHALLENGE_FAILED
            | code::CHALLENGE_DENIED
            | code::RELATION_DENIED
            | code::ACCOUNT_LOCKED
            | code::NOT_FOUND
            | code::ACCOUNT_EXISTS
    )
}

fn over(app: &App, why: Option<&str>) -> Response {
    let next = why.unwrap_or("可能已在电脑或其他手机上完成，也可能已过期。请到“个人中心”查看。");
    let body = html! {
        section {
            h1 { "这次验证已结束" }
            p { (next) }
            a class="button yes" href="/p/me" { "个人中心" }
        }
    };
    Page::new(app, "验证已结束", body).status(StatusCode::GONE).send()
}
