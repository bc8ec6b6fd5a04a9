//! What the platform calls: the test of the address, and the deliveries of what persons do.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use piaoxia_service::contract::BindState;
use piaoxia_wechat::{CallbackQuery, Incoming, Message, SUCCESS, Scene, WeChatError};

use super::Official;
use crate::app::App;
use crate::extract::Raw;
use crate::tickets::Phase;
use crate::words::shown;

/// Longest name of a PC or a company in a reply.
const NAME_LENGTH: usize = 40;

/// The platform tests the address.
pub(super) async fn verify(State(app): State<Arc<App>>, Query(query): Query<CallbackQuery>) -> Response {
    let Some(official) = &app.official else { return StatusCode::NOT_FOUND.into_response() };
    match official.account.verify_url(&query) {
        Ok(echo) => text(echo),
        Err(error) => refused(&error),
    }
}

/// A person did something.
pub(super) async fn deliver(State(app): State<Arc<App>>, Query(query): Query<CallbackQuery>, Raw(body): Raw) -> Response {
    let Some(official) = &app.official else { return StatusCode::NOT_FOUND.into_response() };
    let incoming = match official.account.open(&query, &body) {
        Ok(incoming) => incoming,
        Err(error) => return refused(&error),
    };
    let desk = Arc::clone(&app);
    let reply = official.account.answer(&incoming, |incoming| async move { desk.reply_to(&incoming) }).await;
    if reply == SUCCESS { text(reply) } else { ([(header::CONTENT_TYPE, "application/xml; charset=utf-8")], reply).into_response() }
}

fn text(body: String) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], body).into_response()
}

fn refused(error: &WeChatError) -> Response {
    let status = if error.is_forged() { StatusCode::FORBIDDEN } else { StatusCode::BAD_REQUEST };
    tracing::warn!(%error, "a call in the name of the WeChat platform was refused");
    status.into_response()
}

impl App {
    /// What a person gets to read; none where nothing is shown.
    fn reply_to(&self, incoming: &Incoming) -> Option<String> {
        let official = self.official.as_ref()?;
        match &incoming.message {
            Message::Scan { scene } | Message::Subscribe { scene: Some(scene) } => {
                Some(self.reply_to_scan(official, scene, &incoming.from))
            }
            Message::Subscribe { scene: None } => Some(format!("欢迎使用票匣。\n\n{}", self.services())),
            Message::Menu { .. } | Message::Text { .. } => Some(self.services()),
            _ => None,
        }
    }

    fn services(&self) -> String {
        let link = |name: &str, path: &str| format!("<a href=\"{}\">{name}</a>", self.phone_urls(path).0);
        format!(
            "您可以：\n{}　为企业申请\n{}　添加账号、设置默认账号\n{}　处理登录和验证",
            link("数电升级", "/p/upgrade"),
            link("配置企业", "/p/companies"),
            link("个人中心", "/p/me")
        )
    }

    fn reply_to_scan(&self, official: &Official, scene: &Scene, openid: &str) -> String {
        let Some((question, path)) = self.question(scene) else {
            return "这个二维码无效或已过期，请在电脑上刷新二维码，再扫一次。".to_owned();
        };
        if !official.scans.note(scene, openid) {
            return "这个二维码已经被另一部手机扫过。如果是您本人操作，请在电脑上刷新二维码，再扫一次。".to_owned();
        }
        if let Scene::Login(ticket) = scene {
            self.tickets.scanned(ticket);
        }
        if let Scene::Bind(ticket) = scene {
            self.bindings.scanned(ticket);
        }
        let url = self.phone_urls(&path).0;
        format!("{question}\n\n<a href=\"{url}\">核对并确认</a>\n\n不是您本人操作？请不要打开，也不要转发。")
    }

    /// What an open QR asks, and its page. None for one that is over or was never ours.
    fn question(&self, scene: &Scene) -> Option<(String, String)> {
        match scene {
            Scene::Login(ticket) => {
                let view = self.tickets.view(ticket).filter(|view| matches!(view.phase, Phase::Pending | Phase::Scanned))?;
                Some((format!("电脑“{}”请求登录票匣。", plain(&view.device.name)), format!("/p/login/{ticket}")))
            }
            Scene::Bind(ticket) => {
                let (account, state) = self.bindings.look(ticket)?;
                let open = matches!(state, BindState::Pending | BindState::Scanned);
                let state = self.book.read();
                let kept = state.accounts.iter().find(|kept| open && kept.account.id == account)?;
                Some((format!("绑定“{}”的电子税务局账号。", plain(&state.company_name(&kept.company))), format!("/p/bind/{ticket}")))
            }
            Scene::Key(ticket) => {
                let application = self.key_tickets.application(ticket)?;
                let state = self.book.read();
                let company = state.company_name(&state.applications.get(&application)?.company);
                Some((format!("绑定“{}”的操作手机。", plain(&company)), format!("/p/start/{ticket}")))
            }
            Scene::Unknown(_) => None,
        }
    }
}

/// A name in a reply, which WeChat reads for links.
fn plain(name: &str) -> String {
    shown(name, NAME_LENGTH).replace('<', "＜").replace('>', "＞")
}
