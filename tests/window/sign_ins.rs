//! Sign-ins at the bureau that others begin or answer, outages, and the sandbox's mailbox.

use piaoxia::boot::Sandbox;
use piaoxia_engine::DownloadState;
use piaoxia_service::contract::{ChallengeKind, Fault, FaultRequest, SandboxSize};

use crate::driver::Window;

fn opened(folder: &tempfile::TempDir) -> Window {
    let size = SandboxSize { seed: 3, invoices: 400 };
    let mut window = Window::open(&folder.path().join("Data"), &folder.path().join("keys"), Sandbox::Quick(size));
    window.sign_in();
    window
}

/// A download whose account was signed in elsewhere: the service begins to sign it in again.
fn with_lost_session(folder: &tempfile::TempDir) -> Window {
    let mut window = opened(folder);
    window.activate();
    window.add_first_account();
    let (company, account) = window
        .state()
        .accounts
        .lists
        .iter()
        .find_map(|(company, list)| Some((company.clone(), list.value()?.first()?.id.clone())))
        .unwrap();
    let client = window.client.clone();
    window.block_on(async { client.sandbox().kick(&account).await }).unwrap();
    window.press("发票下载");
    window.choose("发票查询统计");
    let month = window.state().today.first_of_month().yesterday().unwrap();
    window.type_into("开票日期起", &month.first_of_month().to_string());
    window.type_into("开票日期止", &month.to_string());
    window.choose("同时下载原件（XML、OFD、PDF）");
    window.press("下载发票");
    window.wait("the challenge of the service's own sign-in", |state| state.accounts.waiting(&account, state.clock).is_some());
    assert!(window.state().accounts.lists.contains_key(&company));
    window
}

fn done(window: &mut Window) {
    window.wait("the end of the download", |state| state.download.all.first().is_some_and(|download| !download.state.is_active()));
    assert_eq!(window.state().download.all[0].state, DownloadState::Done);
}

#[test]
fn what_the_service_is_asked_can_be_answered_in_the_window() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = with_lost_session(&folder);
    assert!(window.says("正在登录电子税务局，等待验证"));
    window.press("去验证");
    window.wait("the dialog", |state| state.accounts.challenge.is_some());
    // Closed, it is still open at the service, and can be opened from the download too.
    window.press("稍后处理");
    window.wait("the challenge that waits", |state| state.accounts.challenge.is_none() && !state.accounts.elsewhere.is_empty());
    window.press("登录账号");
    window.wait("the dialog again", |state| state.accounts.challenge.is_some());
    assert!(window.state().accounts.password.is_none(), "no second sign-in");
    window.answer_challenges();
    done(&mut window);
    // A look that was under way while the last answer was may be told a moment later; the next one takes it back.
    window.wait("nothing that waits", |state| state.accounts.elsewhere.is_empty());
    assert!(!window.says("等待验证"));
    window.close();
}

#[test]
fn what_the_phone_answers_closes_in_the_window_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = with_lost_session(&folder);
    window.press("去验证");
    window.wait("the dialog", |state| state.accounts.challenge.is_some());
    window.phone_answers();
    window.wait("the dialog's end", |state| state.accounts.challenge.is_none());
    done(&mut window);
    let signed_in = |list: &piaoxia::loadable::Loadable<Vec<piaoxia_domain::Account>>| {
        list.value().is_some_and(|all| matches!(all[0].session, piaoxia_domain::account::Session::Valid { .. }))
    };
    window.wait("the account's session", |state| state.accounts.lists.values().any(signed_in));
    window.close();
}

#[test]
fn an_account_that_is_added_here_may_be_answered_on_a_phone() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = opened(&folder);
    window.activate();
    window.press("添加电子税务局账号");
    window.wait("the account list", |state| state.accounts.lists.values().any(|list| list.value().is_some()));
    window.press("添加第一个账号");
    window.wait("demo accounts", |state| !state.sandbox.accounts.is_empty());
    let link = format!("填入：{}", window.state().sandbox.accounts[0].person);
    window.press(&link);
    window.press("登录");
    window.wait("the picture", |state| {
        state.accounts.challenge.as_ref().is_some_and(|open| matches!(open.challenge.kind, ChallengeKind::Image { .. }))
    });
    assert!(window.state().accounts.elsewhere.is_empty(), "it was begun here");
    // Only the picture first: the dialog goes on to the message.
    let client = window.client.clone();
    let id = window.state().accounts.challenge.as_ref().unwrap().challenge.id.clone();
    window.block_on(async {
        let seen = client.sandbox().captcha(&id).await.unwrap();
        client.answer_challenge(&id, &seen).await.unwrap();
    });
    window.wait("the message's code", |state| {
        state.accounts.challenge.as_ref().is_some_and(|open| matches!(open.challenge.kind, ChallengeKind::Sms { .. }))
    });
    window.phone_answers();
    window.wait("the end of form and dialog", |state| state.accounts.challenge.is_none() && state.accounts.form.is_none());
    window.wait("the account", |state| state.accounts.lists.values().any(|list| list.value().is_some_and(|all| all.len() == 1)));
    window.close();
}

#[test]
fn an_outage_is_told_while_it_lasts() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = opened(&folder);
    window.activate();
    let client = window.client.clone();
    let dial = |times| FaultRequest::new(Fault::Maintenance, times, 3600);
    window.block_on(async { client.sandbox().fault(&dial(1000)).await }).unwrap();
    window.hear("全国 · 系统维护");
    assert!(window.says(" 恢复"), "it says until when");
    window.block_on(async { client.sandbox().fault(&dial(0)).await }).unwrap();
    window.hear("全国 · 已恢复");
    assert!(!window.says("系统维护"));
    window.close();
}

#[test]
fn the_mailbox_shows_what_was_sent() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = opened(&folder);
    window.press("体验信箱");
    window.hear("示例贸易有限公司：新的激活码");
    let code = window.state().sandbox.activation_mail().unwrap().code.clone().unwrap();
    window.press(&format!("复制 {code}"));
    window.choose("短信");
    assert!(window.says("没有这一类消息") && !window.says("示例贸易有限公司：新的激活码"));
    window.choose("邮件");
    assert!(window.says("示例贸易有限公司：新的激活码"));
    window.press("关闭");
    assert!(!window.says("没有这一类消息") && window.state().sandbox.mailbox.is_none());
    window.activate();
    window.close();
}
