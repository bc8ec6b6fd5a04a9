//! The first start: which service to work with.

use std::path::Path;

use egui::Key;
use piaoxia::boot::{Sandbox, Service as From};
use piaoxia::state::session::Qr;
use piaoxia::state::{Screen, State};
use piaoxia_engine::network::ProxyChoice;
use piaoxia_engine::problem::What;
use piaoxia_engine::{DownloadState, ServiceChoice};
use piaoxia_service::contract::{Fault, FaultRequest, SandboxSize};

use crate::driver::Window;
use crate::service::Service;

const SANDBOX: Sandbox = Sandbox::Quick(SandboxSize { seed: 1, invoices: 30 });
/// Nobody listens there.
const NOBODY: &str = "127.0.0.1:9";

fn open(data: &Path, keys: &Path) -> Window {
    Window::open_changed(data, keys, SANDBOX, |options| options.service = From::Chosen)
}

fn has_qr(state: &State) -> bool {
    state.screen == Screen::SignIn && matches!(state.sign_in.qr, Qr::Waiting { .. })
}

fn kept(data: &Path) -> Option<ServiceChoice> {
    piaoxia_engine::choice::load(data).unwrap()
}

#[test]
fn enter_starts_the_sandbox_and_it_is_not_asked_again() {
    let folder = tempfile::tempdir().unwrap();
    let (data, keys) = (folder.path().join("Data"), folder.path().join("keys"));
    // Closed without an answer: asked again.
    let mut window = open(&data, &keys);
    window.wait("the question", |state| state.screen == Screen::Welcome);
    window.close();
    let mut window = open(&data, &keys);
    window.wait("the question", |state| state.screen == Screen::Welcome);
    assert!(window.has("开始体验") && window.has("连接") && window.says("还没有企享云的连接器"));
    window.harness.key_press(Key::Enter);
    window.wait("a QR", has_qr);
    assert_eq!(kept(&data), Some(ServiceChoice::Sandbox));
    window.sign_in();
    window.activate();
    window.close();
    let mut window = open(&data, &keys);
    window.wait("a QR", has_qr);
    window.close();
}

#[test]
fn a_service_is_kept_once_it_has_answered() {
    let folder = tempfile::tempdir().unwrap();
    let (data, keys) = (folder.path().join("Data"), folder.path().join("keys"));
    let service = Service::start(&folder.path().join("Gateway"), "127.0.0.1:0", 30);
    let mut window = Window::open_unnamed(&data, &keys, SANDBOX, &service.address);
    window.wait("the question", |state| state.screen == Screen::Welcome);
    // Nobody is there, and then a place that cannot be one.
    window.type_into("服务地址", NOBODY);
    window.press("连接");
    window.hear("连接不上服务");
    assert_eq!(kept(&data), None);
    window.type_into("服务地址", "http://192.168.1.4");
    window.harness.key_press(Key::Enter);
    window.hear("这个地址没有加密");
    assert_eq!((kept(&data), &window.state().screen), (None, &Screen::Welcome));
    // As it is copied from a mail, without the scheme.
    let pasted = format!(" {}\u{200b} ", service.address.trim_start_matches("http://").trim_end_matches('/'));
    window.type_into("服务地址", &pasted);
    window.press("连接");
    window.wait("a QR of that service", |state| state.hosted && has_qr(state));
    assert_eq!(kept(&data), Some(ServiceChoice::Hosted { address: window.state().service.clone() }));
    window.sign_in();
    window.close();
    // The next start goes there at once; and from the sign-in page one gets back to the sandbox.
    let mut window = Window::open_unnamed(&data, &keys, SANDBOX, &service.address);
    window.wait("a QR of that service", |state| state.hosted && has_qr(state));
    window.press("换一种方式");
    // Esc closes what lies over the page, not the page.
    window.press("连不上？网络设置与自检");
    window.harness.key_press(Key::Escape);
    window.settle();
    assert!(!window.state().help.shown && window.state().screen == Screen::Welcome);
    window.press("开始体验");
    window.hear("需要重新扫码登录");
    window.press("更换");
    window.wait("a QR of the sandbox", |state| !state.hosted && has_qr(state));
    assert_eq!(kept(&data), Some(ServiceChoice::Sandbox));
    window.close();
}

/// A session that one service gave is shown to no other.
#[test]
fn a_kept_sign_in_stays_with_its_service() {
    let folder = tempfile::tempdir().unwrap();
    let (data, keys) = (folder.path().join("Data"), folder.path().join("keys"));
    let [first, second] = ["A", "B"].map(|name| Service::start(&folder.path().join(name), "127.0.0.1:0", 30));
    let mut window = Window::open_hosted(&data, &keys, &first.address);
    window.wait("a QR", has_qr);
    let before = window.ticket();
    window.choose("30 天免登录");
    window.wait("a QR that carries the wish", |state| matches!(&state.sign_in.qr, Qr::Waiting { ticket, .. } if ticket.id != before));
    window.sign_in();
    window.close();
    let mut window = Window::open_hosted(&data, &keys, &second.address);
    window.wait("a QR of the other one", has_qr);
    window.close();
    let mut window = Window::open_hosted(&data, &keys, &first.address);
    window.wait("the kept session", |state| state.session.person().is_some());
    window.close();
}

/// What one service left unfinished is not begun at another one that knows nothing of it, and can be put away.
#[test]
fn an_unfinished_download_of_another_service_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let (data, keys) = (folder.path().join("Data"), folder.path().join("keys"));
    let [first, second] = ["A", "B"].map(|name| Service::start(&folder.path().join(name), "127.0.0.1:0", 1_000));
    let mut window = Window::open_hosted(&data, &keys, &first.address);
    window.sign_in();
    window.activate();
    window.add_first_account();
    let (client, lost) = (window.client.clone(), FaultRequest::new(Fault::SessionLost, 1, 0));
    window.block_on(async { client.sandbox().fault(&lost).await }).unwrap();
    window.press("发票下载");
    window.choose("发票查询统计");
    window.press("下载发票");
    let waits = |state: &State| state.download.all.first().is_some_and(|one| matches!(one.state, DownloadState::NeedsLogin { .. }));
    window.wait("a download that waits for a person", waits);
    window.close();

    let mut window = Window::open_hosted(&data, &keys, &second.address);
    window.sign_in();
    window.activate();
    window.press("发票下载");
    window.wait("the end of that download", |state| state.download.all.first().is_some_and(|one| !one.state.is_active()));
    let left = window.state().download.all.first().unwrap().clone();
    assert!(left.state == DownloadState::Failed && left.problem.is_some(), "{left:?}");
    window.press("取消任务");
    window.hear("取消后不能从断点继续");
    window.press("取消任务");
    window.wait("it is cancelled", |state| state.download.all.first().is_some_and(|one| one.state == DownloadState::Cancelled));
    window.press("从列表移除");
    window.press("移除");
    window.wait("an empty list", |state| state.download.all.is_empty());
    window.close();
}

#[test]
fn settings_of_the_network_that_cannot_be_read_keep_the_service_away_until_the_user_decides() {
    let folder = tempfile::tempdir().unwrap();
    let (data, keys) = (folder.path().join("Data"), folder.path().join("keys"));
    std::fs::create_dir_all(&data).unwrap();
    let chosen = ServiceChoice::Hosted { address: format!("http://{NOBODY}/") };
    std::fs::write(data.join("service.json"), serde_json::to_vec(&chosen).unwrap()).unwrap();
    std::fs::write(data.join("network.json"), "{").unwrap();
    let mut window = open(&data, &keys);
    window.wait("the question", |state| state.screen == Screen::Welcome);
    window.hear("服务设置不能使用");
    assert!(!window.state().hosted);
    // A fixed key may be in it: nobody is asked whether it is there.
    window.type_into("服务地址", NOBODY);
    window.press("连接");
    window.wait("the refusal", |state| state.welcome.problem.as_ref().is_some_and(|problem| matches!(problem.what, What::File { .. })));
    window.press("连不上？网络设置与自检");
    window.choose("不使用代理");
    window.wait("the proxy", |state| state.help.network.proxy == ProxyChoice::Direct && !state.help.busy);
    assert_eq!(std::fs::read(data.join("network.json.damaged")).unwrap(), b"{");
    window.harness.key_press(Key::Escape);
    window.wait("the page below", |state| !state.help.shown);
    window.press("连接");
    window.hear("连接不上服务");
    assert_eq!(kept(&data), Some(chosen));
    window.close();
}

#[test]
fn the_gateways_records_that_are_lost_are_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let (data, keys) = (folder.path().join("Data"), folder.path().join("keys"));
    std::fs::create_dir_all(data.join("gateway")).unwrap();
    std::fs::write(data.join("gateway/gateway.json"), "{").unwrap();
    let mut window = Window::open(&data, &keys, Sandbox::Kept);
    window.hear("服务的记录（人员、激活、账号）读不出来");
    window.close();
}
