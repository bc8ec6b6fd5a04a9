//! E-tax accounts in the window: editing, the rules of deleting a default, the binding to a phone, what is left of the tries.

use piaoxia::boot::Sandbox;
use piaoxia::state::accounts::Bind;
use piaoxia_domain::{Account, DefaultFor, LoginMode};
use piaoxia_service::contract::SandboxSize;

use crate::driver::Window;

/// At the page of the first company, with its first account signed in and the default of both works.
fn with_account(folder: &tempfile::TempDir) -> Window {
    let size = SandboxSize { seed: 3, invoices: 100 };
    let mut window = Window::open(&folder.path().join("Data"), &folder.path().join("keys"), Sandbox::Quick(size));
    window.sign_in();
    window.activate();
    window.add_first_account();
    window
}

fn accounts(window: &Window) -> Vec<Account> {
    window.state().accounts.lists.values().flat_map(|list| list.value().cloned().unwrap_or_default()).collect()
}

#[test]
fn an_account_is_bound_to_a_phone_and_unbound_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = with_account(&folder);
    let open =
        |state: &piaoxia::state::State| state.accounts.binding.as_ref().is_some_and(|dialog| matches!(dialog.step, Bind::Open { .. }));
    window.press("绑定微信");
    window.wait("a QR", open);
    assert!(window.has("绑定二维码") && window.says("等待扫码"));
    window.press("模拟手机拒绝");
    window.hear("手机上选择了拒绝，账号没有绑定");
    assert!(!accounts(&window)[0].wechat_bound);

    window.press("刷新二维码");
    window.wait("a fresh QR", open);
    window.press("没有反应？再查一次");
    window.wait("the answer", |state| state.accounts.binding.as_ref().is_some_and(|dialog| !dialog.looking));
    assert!(window.says("等待扫码"));
    window.press("模拟手机确认绑定");
    window.hear("已绑定到 王会计");
    window.press("关闭");
    window.wait("the list", |state| state.accounts.lists.values().any(|list| list.value().is_some_and(|all| all[0].wechat_bound)));
    assert!(window.has("已绑定微信") && !window.has("绑定微信"));

    window.press("解绑微信");
    window.press("取消");
    assert!(accounts(&window)[0].wechat_bound, "nothing happens before it is confirmed");
    window.press("解绑微信");
    window.press("解绑");
    window.wait("the end of the binding", |state| {
        state.accounts.unbinding.is_none() && state.accounts.lists.values().any(|list| list.value().is_some_and(|all| !all[0].wechat_bound))
    });
    assert!(window.has("绑定微信") && !window.has("已绑定微信"));
    window.close();
}

#[test]
fn a_newer_qr_of_the_account_ends_the_one_that_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = with_account(&folder);
    window.press("绑定微信");
    window.wait("a QR", |state| state.accounts.binding.as_ref().is_some_and(|dialog| matches!(dialog.step, Bind::Open { .. })));
    let (client, id) = (window.client.clone(), accounts(&window)[0].id.clone());
    window.block_on(async { client.bind_account(&id).await }).unwrap();
    window.hear("二维码已过期");
    window.press("取消");
    assert!(window.state().accounts.binding.is_none());
    window.close();
}

#[test]
fn an_account_is_edited_and_keeps_its_default() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = with_account(&folder);
    let before = accounts(&window).remove(0);
    window.press(&format!("编辑账号 {}", before.login_name));
    assert!(window.says("编辑电子税务局账号") && window.says("登录名和密码需要重新填写"));
    // Nothing is sent while a field is empty.
    window.press("验证并保存");
    assert!(window.has("必填") && !window.state().accounts.form.as_ref().unwrap().busy);
    let person = window.state().sandbox.accounts[0].person.clone();
    window.press(&format!("填入：{person}"));
    window.select("登录类型", "华盟托管号码");
    window.press("验证并保存");
    window.answer_challenges();
    window.wait("the edited account", |state| {
        state.accounts.lists.values().any(|list| list.value().is_some_and(|all| all[0].login_mode == LoginMode::HostedPhone))
    });
    let after = accounts(&window);
    assert_eq!(after.len(), 1);
    assert_eq!((&after[0].id, after[0].default_for), (&before.id, Some(DefaultFor::Both)));
    window.close();
}

#[test]
fn a_default_that_nobody_may_follow_is_not_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = with_account(&folder);
    let first = accounts(&window).remove(0);
    // The company's second account may only issue.
    window.press("添加账号");
    window.wait("the form", |state| state.accounts.form.is_some() && state.sandbox.accounts.len() > 1);
    let second = window.state().sandbox.accounts[1].person.clone();
    window.press(&format!("填入：{second}"));
    window.press("登录");
    window.answer_challenges();
    window.wait("the second account", |state| state.accounts.lists.values().any(|list| list.value().is_some_and(|all| all.len() == 2)));
    let issuer = accounts(&window).remove(1);
    assert!(issuer.rights.issue && !issuer.rights.receive);

    window.press(&format!("删除账号 {}", first.login_name));
    window.hear("现在没有这样的账号，所以不能删除");
    assert!(window.says("由有开票和收票权限的账号接替") && !window.has("删除"));
    window.press("关闭");
    assert_eq!(accounts(&window).len(), 2);

    // The other one is no default: it simply goes, and then the first may.
    window.press(&format!("删除账号 {}", issuer.login_name));
    assert!(!window.says("由谁接替"));
    window.press("删除");
    window.wait("the list of one", |state| state.accounts.lists.values().any(|list| list.value().is_some_and(|all| all.len() == 1)));
    window.press(&format!("删除账号 {}", first.login_name));
    window.press("删除");
    window.hear("还没有电子税务局账号");
    window.close();
}

#[test]
fn what_is_left_of_the_tries_stands_with_the_account() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = with_account(&folder);
    window.hear("今天还可试登录 5 次");
    assert!(window.says("本月还可查询"));
    window.press("退出税局登录");
    window.press("登录");
    window.type_into("密码", "wrong");
    window.press("登录");
    window.hear("今天还可试登录 4 次");
    window.press("取消");
    window.close();
}
