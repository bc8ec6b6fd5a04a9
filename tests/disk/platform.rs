//! 税局平台密码 and 勾选确认密码: optional, verified by the platform alone, kept only as long as they are of use.

use std::path::Path;

use piaoxia::boot::Sandbox;
use piaoxia::state::State;
use piaoxia_bureau::{CONFIRMATION_PASSWORD, PLATFORM_PASSWORD};
use piaoxia_engine::disks::{DiskView, Keep};
use piaoxia_service::contract::{Fault, FaultRequest, SandboxSize, code};
use piaoxia_taxdisk::sim::FIRST_PASSWORD;

use crate::driver::Window;
use crate::kit;

const SIZE: SandboxSize = SandboxSize { seed: 5, invoices: 100 };
const PLATFORM: &str = "税局平台密码（选填）";
const CONFIRMATION: &str = "勾选确认密码（选填）";

fn inside(folder: &Path) -> Window {
    let mut window = Window::open(&folder.join("Data"), &folder.join("keys"), Sandbox::Quick(SIZE));
    window.sign_in();
    window.activate();
    window.press("税盘");
    window.press("插入测试税盘");
    window.wait("a disk that is read", |state| disk(state).is_some_and(|disk| disk.work.is_none()));
    window
}

fn disk(state: &State) -> Option<&DiskView> {
    state.disks.current()
}

fn is_in(state: &State) -> bool {
    disk(state).is_some_and(|disk| disk.work.is_none() && disk.session.is_some())
}

fn refused(code: &'static str) -> impl Fn(&State) -> bool {
    move |state| disk(state).is_some_and(|disk| disk.work.is_none() && disk.problem.as_ref().is_some_and(|problem| problem.is(code)))
}

fn kept(window: &Window) -> (bool, Keep, Keep) {
    let kept = disk(window.state()).unwrap().kept;
    (kept.certificate, kept.platform, kept.confirmation)
}

fn sign_out(window: &mut Window) {
    window.press("退出综合服务平台");
    window.wait("no session", |state| disk(state).is_some_and(|disk| disk.session.is_none()));
}

fn turn(window: &mut Window, arg: u64) {
    let client = window.client.clone();
    window.block_on(async { client.sandbox().fault(&FaultRequest::new(Fault::PlatformPassword, 1, arg)).await }).unwrap();
}

#[test]
fn passwords_of_the_platform_are_verified_by_it_and_a_refused_one_is_not_sent_again() {
    let (_service, folder) = (kit::service(), tempfile::tempdir().unwrap());
    let mut window = inside(folder.path());
    window.type_into("证书密码", FIRST_PASSWORD);
    window.type_into(PLATFORM, "wrong");
    window.press("保存并验证");
    window.wait("the refusal", refused(code::PLATFORM_PASSWORD_WRONG));
    window.hear("今天还可以试 9 次");
    assert_eq!(kept(&window), (true, Keep::No, Keep::No), "the certificate password was right, the other is forgotten");
    // The disk alone is enough.
    window.press("登录综合服务平台");
    window.wait("the session", is_in);
    sign_out(&mut window);

    // What is kept needs no typing; both are verified at once.
    window.type_into(PLATFORM, PLATFORM_PASSWORD);
    window.type_into(CONFIRMATION, "wrong");
    window.press("保存并验证");
    window.wait("the refusal", refused(code::PLATFORM_CONFIRMATION_WRONG));
    assert_eq!(kept(&window), (true, Keep::Unproved, Keep::No));
    window.type_into(CONFIRMATION, CONFIRMATION_PASSWORD);
    window.press("保存并验证");
    window.wait("the session", is_in);
    assert_eq!(kept(&window), (true, Keep::Proved, Keep::Proved));
    sign_out(&mut window);

    // It is demanded: the kept one answers.
    turn(&mut window, 4);
    window.press("登录综合服务平台");
    window.wait("the session", is_in);
    sign_out(&mut window);
    // It was cancelled: the kept one is of no use any more.
    turn(&mut window, 6);
    window.press("登录综合服务平台");
    window.wait("the refusal", refused(code::PLATFORM_PASSWORD_CANCELLED));
    window.hear("平台密码已注销");
    assert_eq!(kept(&window), (true, Keep::No, Keep::Proved));
    turn(&mut window, 12);
    window.press("登录综合服务平台");
    window.wait("the refusal", refused(code::PLATFORM_PASSWORD_NOT_ALLOWED));
    turn(&mut window, 4);
    window.press("登录综合服务平台");
    window.wait("the demand", refused(code::PLATFORM_PASSWORD_NEEDED));
    window.hear("要求输入税局平台密码");
    window.close();
}
