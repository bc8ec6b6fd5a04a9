//! 网络与诊断 in the window.

use piaoxia::boot::Sandbox;
use piaoxia::state::help::ProxyKind;
use piaoxia_service::contract::SandboxSize;

use crate::driver::Window;

#[test]
fn a_check_tells_line_by_line_and_a_proxy_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (data, keys) = (folder.path().join("Data"), folder.path().join("keys"));
    let sandbox = || Sandbox::Quick(SandboxSize { seed: 1, invoices: 30 });
    let mut window = Window::open(&data, &keys, sandbox());
    window.sign_in();
    window.activate();
    window.press("设置");
    window.press("网络自检");
    window.hear("服务正常，接口版本 1");
    window.hear("完好，共");
    window.wait("the end", |state| !state.help.running);
    assert!(window.has("复制结果"));
    window.press("关闭");

    window.choose("手动填写");
    window.type_into("代理地址", "user:pw@proxy:1");
    window.press("保存");
    window.hear("代理地址写得不对");
    window.choose("不使用代理");
    window.wait("the proxy", |state| state.help.network.proxy == piaoxia_engine::network::ProxyChoice::Direct && !state.help.busy);
    assert!(!window.says("代理地址写得不对"));
    window.close();

    let mut window = Window::open(&data, &keys, sandbox());
    window.wait("the start", |state| state.help.proxy == ProxyKind::Direct);
    window.close();
}

/// Whoever cannot reach the service behind a company's proxy has no settings page yet.
#[test]
fn the_proxy_is_set_before_anybody_signed_in() {
    let folder = tempfile::tempdir().unwrap();
    let (data, keys) = (folder.path().join("Data"), folder.path().join("keys"));
    // Nobody listens there.
    let mut window = Window::open_hosted(&data, &keys, "http://127.0.0.1:9");
    window.hear("连接不上服务");
    window.press("连不上？网络设置与自检");
    window.choose("不使用代理");
    window.wait("the proxy", |state| state.help.network.proxy == piaoxia_engine::network::ProxyChoice::Direct && !state.help.busy);
    // One dialog at a time: the check takes the place of the settings, and gives it back.
    window.press("网络自检");
    window.wait("the end", |state| !state.help.running);
    assert!(!window.has("网络与诊断"));
    assert!(window.says("127.0.0.1") && window.says("不通"));
    window.press("关闭");
    assert!(window.has("网络与诊断"));
    window.press("关闭");
    assert!(!window.has("网络与诊断") && !window.state().help.shown);
    window.close();
}
