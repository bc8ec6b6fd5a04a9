//! The operation page: the key of the mail, a QR, and the phone that takes the companies over.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use maud::html;
use piaoxia_wechat::Scene;
use serde::{Deserialize, Serialize};

use super::browser::{Visit, remember};
use super::page::{self, Page, trouble};
use super::words::why;
use crate::app::App;
use crate::extract::{Form, Id};
use crate::failure::Failure;
use crate::persons::NAME_LENGTH;
use crate::random;
use crate::words::shown;

const SCOPE: &str = "key";
/// Life of the QR.
const LIFE: Duration = Duration::from_secs(300);
/// QRs that may be open at a time.
const ALIVE: usize = 1_000;

/// Takes the key from the fragment of the mail's link, which no server sees, and clears it from the address.
const FRAGMENT: &str = r##"(function(){var key=location.hash.slice(1);if(/^[0-9a-f]{32}$/.test(key)){document.getElementById("key").value=key;
history.replaceState(null,"",location.pathname)}})();"##;

/// Asks every two seconds whether the phone has finished.
const WAIT: &str = r#"(function(){setInterval(function(){fetch(location.pathname+"/state").then(function(r){return r.json()}).then(function(s){
var line=document.getElementById("state");line.textContent=s.text;if(s.over){line.className=s.good?"note":"wrong"}}).catch(function(){})},2000)})();"#;

/// Operation keys that were typed and wait for a phone, by ticket.
#[derive(Default)]
pub(crate) struct KeyTickets {
    all: Mutex<HashMap<String, KeyTicket>>,
}

struct KeyTicket {
    application: String,
    expires: Instant,
    used: bool,
}

/// Where a ticket stands.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Stand {
    Open { application: String },
    Used { application: String },
    Expired,
}

impl KeyTickets {
    fn create(&self, application: String) -> String {
        let now = Instant::now();
        let mut all = self.lock();
        all.retain(|_, ticket| now < ticket.expires + LIFE && ticket.application != application);
        if all.len() >= ALIVE
            && let Some(oldest) = all.iter().min_by_key(|(_, ticket)| ticket.expires).map(|(id, _)| id.clone())
        {
            all.remove(&oldest);
        }
        let id = random::id();
        all.insert(id.clone(), KeyTicket { application, expires: now + LIFE, used: false });
        id
    }

    fn look(&self, id: &str) -> Option<Stand> {
        let all = self.lock();
        let ticket = all.get(id)?;
        Some(match ticket {
            KeyTicket { used: true, application, .. } => Stand::Used { application: application.clone() },
            ticket if Instant::now() >= ticket.expires => Stand::Expired,
            ticket => Stand::Open { application: ticket.application.clone() },
        })
    }

    /// The application behind an open ticket.
    pub(crate) fn application(&self, id: &str) -> Option<String> {
        match self.look(id)? {
            Stand::Open { application } => Some(application),
            Stand::Used { .. } | Stand::Expired => None,
        }
    }

    fn mark_used(&self, id: &str) {
        if let Some(ticket) = self.lock().get_mut(id) {
            ticket.used = true;
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, KeyTicket>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks for the key.
pub(super) async fn ask(State(app): State<Arc<App>>, visit: Visit) -> Response {
    form(&app, &visit, "", StatusCode::OK, None)
}

fn form(app: &App, visit: &Visit, key: &str, status: StatusCode, wrong: Option<&str>) -> Response {
    let body = html! {
        section {
            h1 { "操作密钥" }
            p { "请粘贴升级邮件里的操作密钥。提交后会显示一个二维码，扫码的手机将成为企业的操作手机。" }
            (trouble(wrong))
            form method="post" autocomplete="off" {
                (visit.field(app, SCOPE))
                label for="key" { "操作密钥" }
                input class="mono" id="key" name="key" type="text" value=(key) maxlength="80" spellcheck="false" required;
                button class="yes" { "提交" }
            }
            p class="hint" { "密钥 15 分钟内有效，只能使用一次。请不要把密钥转发给他人。" }
        }
    };
    visit.send(app, Page::new(app, "操作密钥", body).status(status).script(FRAGMENT))
}

/// The form of the pages.
#[derive(Deserialize)]
pub(super) struct Sent {
    #[serde(default)]
    token: String,
    #[serde(default)]
    key: String,
    #[serde(default)]
    name: String,
}

/// Takes the key; a right one opens the page with the QR.
pub(super) async fn submit(State(app): State<Arc<App>>, visit: Visit, Form(sent): Form<Sent>) -> Response {
    if let Err(stranger) = visit.check(&app, SCOPE, &sent.token) {
        return stranger;
    }
    match app.application_of_key(visit.peer, &sent.key) {
        Ok((id, _)) => page::go(&format!("/p/key/{}", app.key_tickets.create(id))),
        Err(failure) => form(&app, &visit, &sent.key, crate::failure::status_of(failure.error().class), Some(&why(&failure))),
    }
}

/// The QR.
pub(super) async fn show_qr(State(app): State<Arc<App>>, Id(id): Id, visit: Visit) -> Response {
    if !matches!(app.key_tickets.look(&id), Some(Stand::Open { .. })) {
        return over(&app, app.key_tickets.look(&id).as_ref());
    }
    let url = app.qr_text(&Scene::Key(id.clone()), &format!("/p/start/{id}"), LIFE).await.0;
    let body = html! {
        section {
            h1 { "请用手机扫码" }
            (page::qr(&url, "绑定操作手机的二维码"))
            p id="state" role="status" { "等待扫码，5 分钟内有效" }
            a class="button yes" href=(format!("/p/start/{id}")) { "就用这部手机" }
        }
    };
    visit.send(&app, Page::new(&app, "请用手机扫码", body).script(WAIT))
}

/// What the waiting page is told.
#[derive(Serialize)]
pub(super) struct Told {
    text: &'static str,
    over: bool,
    good: bool,
}

/// Where the QR stands, for the script of its page.
pub(super) async fn state(State(app): State<Arc<App>>, Id(id): Id) -> Json<Told> {
    Json(match app.key_tickets.look(&id) {
        Some(Stand::Open { .. }) => Told { text: "等待扫码，5 分钟内有效", over: false, good: false },
        Some(Stand::Used { .. }) => Told { text: "手机已绑定，请在手机上继续", over: true, good: true },
        Some(Stand::Expired) | None => Told { text: "二维码已过期，请返回重新提交密钥", over: true, good: false },
    })
}

/// What the phone that scanned is about to take over.
pub(super) async fn start(State(app): State<Arc<App>>, Id(id): Id, visit: Visit) -> Response {
    match app.key_tickets.look(&id) {
        Some(Stand::Open { application }) => confirm_form(&app, &visit, &id, &application, StatusCode::OK, None),
        stand => over(&app, stand.as_ref()),
    }
}

fn confirm_form(app: &App, visit: &Visit, id: &str, application: &str, status: StatusCode, wrong: Option<&str>) -> Response {
    let state = app.book.read();
    let Some(record) = state.applications.get(application) else { return over(app, None) };
    let names = record.companies.iter().filter_map(|id| state.companies.get(id)).map(|company| company.name.as_str());
    let body = html! {
        section {
            h1 { "绑定操作手机" }
            p { "绑定后，可以在这部手机上配置下面的企业，并接收它们的登录和验证请求。" }
            ul { @for name in names { li { (name) } } }
            (trouble(wrong))
            form method="post" autocomplete="off" {
                (visit.field(app, id))
                @if let Some(owner) = &visit.owner {
                    p { "以 " b { (owner.name) } " 的身份绑定" }
                } @else {
                    label for="name" { "您的姓名" }
                    input id="name" name="name" type="text" maxlength=(NAME_LENGTH) value=(record.contact.name) required;
                }
                button class="yes" { "确认绑定" }
            }
            p class="hint" { "不是您本人申请的？请直接关闭这个页面。" }
        }
    };
    visit.send(app, Page::new(app, "绑定操作手机", body).status(status))
}

/// Binds the phone and uses the key up.
pub(super) async fn confirm(State(app): State<Arc<App>>, Id(id): Id, visit: Visit, Form(sent): Form<Sent>) -> Response {
    if let Err(stranger) = visit.check(&app, &id, &sent.token) {
        return stranger;
    }
    // Used, too: whoever used it may not have got the answer. Anybody else is refused below.
    let application = match app.key_tickets.look(&id) {
        Some(Stand::Open { application } | Stand::Used { application }) => application,
        stand => return over(&app, stand.as_ref()),
    };
    if let Err(stranger) = visit.may_confirm(&app, &Scene::Key(id.clone())) {
        return stranger;
    }
    let name = shown(&sent.name, NAME_LENGTH);
    if visit.owner.is_none() && name.is_empty() {
        let wrong = Some("请填写您的姓名，1 到 20 个字。");
        return confirm_form(&app, &visit, &id, &application, StatusCode::UNPROCESSABLE_ENTITY, wrong);
    }
    let (who, secret) = visit.who(&app, &name);
    match app.use_key(&application, who).await {
        Ok(_) => {
            app.key_tickets.mark_used(&id);
            let mut response = page::go("/p/companies");
            if let Some(secret) = secret {
                remember(&app, &mut response, &secret);
            }
            response
        }
        Err(failure) => refused(&app, &failure),
    }
}

fn refused(app: &App, failure: &Failure) -> Response {
    page::note(failure);
    Page::message(app, crate::failure::status_of(failure.error().class), "没有绑定", &why(failure)).send()
}

fn over(app: &App, stand: Option<&Stand>) -> Response {
    let (title, next) = match stand {
        Some(Stand::Used { .. }) => ("这个二维码已经用过了", "手机已经绑定。请在绑定的手机上打开“配置企业”继续。"),
        Some(Stand::Expired) => ("二维码已过期", "请重新打开邮件里的操作链接，再提交一次密钥。"),
        Some(Stand::Open { .. }) | None => ("二维码无效", "请重新打开邮件里的操作链接，再提交一次密钥。"),
    };
    let status = if stand.is_some() { StatusCode::GONE } else { StatusCode::NOT_FOUND };
    Page::message(app, status, title, next).send()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn a_ticket_is_used_once_and_a_new_one_ends_the_old() {
        let tickets = KeyTickets::default();
        let first = tickets.create("a".to_owned());
        let second = tickets.create("a".to_owned());
        assert_eq!(tickets.look(&first), None);
        assert_eq!(tickets.look(&second), Some(Stand::Open { application: "a".to_owned() }));
        tickets.mark_used(&second);
        assert_eq!(tickets.look(&second), Some(Stand::Used { application: "a".to_owned() }));
        for number in 0..ALIVE + 5 {
            tickets.create(number.to_string());
        }
        assert!(tickets.lock().len() <= ALIVE);
    }
}
