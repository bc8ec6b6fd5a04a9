//! Several companies in one go, and downloads that begin by themselves.

use piaoxia::boot::Sandbox;
use piaoxia::state::Screen;
use piaoxia_domain::Scope;
use piaoxia_engine::{DownloadState, Extent};
use piaoxia_service::contract::SandboxSize;

use crate::driver::Window;

const SIZE: SandboxSize = SandboxSize { seed: 5, invoices: 3_000 };

/// Plans what is new, starts it, and waits until all of it is over.
fn take_new(window: &mut Window, before: usize) {
    window.press("首页");
    window.press("下载新发票");
    window.wait("the plan", |state| state.batch.dialog.as_ref().is_some_and(|dialog| dialog.plan.value().is_some()));
    window.choose("下载原件");
    window.wait("the plan", |state| {
        state.batch.dialog.as_ref().and_then(|dialog| dialog.plan.value()).is_some_and(|plan| plan.iter().all(|one| !one.order.originals))
    });
    window.press("开始下载");
    window.wait("the end of all downloads", |state| state.download.all.len() == before + 2 && state.download.active() == 0);
}

#[test]
fn what_is_new_comes_in_three_presses_and_nothing_comes_twice() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = Window::open(&folder.path().join("Data"), &folder.path().join("keys"), Sandbox::Quick(SIZE));
    window.sign_in();
    window.activate();
    window.add_first_account();
    take_new(&mut window, 0);
    for scope in [Scope::Received, Scope::Issued] {
        let all = &window.state().download.all;
        let one = all.iter().find(|download| download.order.query.scope == scope).unwrap();
        assert_eq!((&one.state, one.order.extent), (&DownloadState::Done, Extent::New), "{:?}", one.problem);
        assert!(one.received.invoices > 0 && one.received == one.expected_totals());
    }
    let held = window.state().ledger.invoices;

    window.press("首页");
    window.press("下载新发票");
    window.wait("the plan", |state| {
        state.batch.dialog.as_ref().and_then(|dialog| dialog.plan.value()).is_some_and(|plan| plan.iter().all(|one| one.mark.is_some()))
    });
    window.press("取消");
    take_new(&mut window, 2);
    assert!(window.state().download.all.iter().take(2).all(|download| download.received.invoices == 0 && download.new == 0));
    assert_eq!(window.state().ledger.invoices, held);
    window.close();
}

#[test]
fn a_schedule_is_made_kept_switched_off_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let (data, keys) = (folder.path().join("Data"), folder.path().join("keys"));
    let mut window = Window::open(&data, &keys, Sandbox::Quick(SIZE));
    window.sign_in();
    window.activate();
    window.press("发票下载");
    window.press("添加定时下载");
    window.choose("每月");
    window.select("分", "30");
    window.press("保存");
    window.hear("每月 1 日 08:30");
    window.wait("the schedule", |state| state.batch.schedules.iter().all(|view| view.next.is_some()) && state.batch.schedules.len() == 1);
    window.choose("每月 1 日 08:30");
    window.wait("it is off", |state| state.batch.schedules.iter().all(|view| view.next.is_none()));
    window.close();

    let mut window = Window::open(&data, &keys, Sandbox::Quick(SIZE));
    window.wait("the schedule", |state| state.batch.schedules.len() == 1);
    assert!(!window.state().batch.schedules[0].schedule.enabled);
    window.sign_in();
    window.wait("the page behind the sign-in", |state| matches!(state.screen, Screen::Activation | Screen::Home));
    if window.state().screen == Screen::Activation {
        window.activate();
    }
    window.press("发票下载");
    window.press("删除");
    window.press("删除");
    window.wait("no schedule", |state| state.batch.schedules.is_empty());
    window.close();
}
