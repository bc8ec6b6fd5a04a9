//! 我的服务: where everything begins.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use maud::html;

use super::browser::Visit;
use super::page::Page;
use crate::app::App;

/// The menu.
pub(super) async fn show(State(app): State<Arc<App>>, visit: Visit) -> Response {
    let body = html! {
        section {
            h1 { "我的服务" }
            @if let Some(owner) = &visit.owner { p class="hint" { (owner.name) "，您好" } }
            nav class="menu" {
                a href="/p/upgrade" { "数电升级" small { "为企业申请，操作密钥和激活码发到邮箱" } }
                a href="/p/key" { "输入操作密钥" small { "收到邮件后，绑定操作手机" } }
                a href="/p/companies" { "配置企业" small { "添加电子税务局账号，设置默认账号" } }
                a href="/p/me" { "个人中心" small { "我绑定的账号，待处理的登录和验证" } }
                a href="/p/download" { "下载客户端" small { "Windows 和 Linux" } }
            }
        }
    };
    visit.send(&app, Page::new(&app, "我的服务", body))
}
