//! 税盘: a real card service with virtual cards, and the sandbox's own disk, driven by their labels.

use piaoxia::boot::Sandbox;
use piaoxia::state::{Screen, State};
use piaoxia_domain::Scope;
use piaoxia_engine::DownloadState;
use piaoxia_engine::problem::What;
use piaoxia_service::contract::{SandboxSize, code};
use piaoxia_taxdisk::sim::{FIRST_PASSWORD, SimState};
use piaoxia_taxdisk::{DiskError, Presence, Service, Tries};

use crate::driver::Window;
use crate::kit::{self, card::Shared};

const SIZE: SandboxSize = SandboxSize { seed: 5, invoices: 400 };

fn card(uses_disk: bool, state: SimState) -> Shared {
    crate::card(SIZE, uses_disk, state)
}

fn left(left: u8) -> SimState {
    SimState { left, ..SimState::default() }
}

fn inside(folder: &std::path::Path) -> Window {
    let mut window = Window::open(&folder.join("Data"), &folder.join("keys"), Sandbox::Quick(SIZE));
    window.sign_in();
    window.activate();
    window.press("税盘");
    window
}

fn tries(state: &State) -> Option<Tries> {
    state.disks.current()?.facts.as_ref().map(|facts| facts.tries)
}

fn fault(state: &State) -> Option<&DiskError> {
    match &state.disks.current()?.problem.as_ref()?.what {
        What::Disk(error) => Some(error),
        _ => None,
    }
}

fn at_rest(state: &State) -> bool {
    state.disks.view.seats.iter().all(|disk| disk.work.is_none())
}

fn read(window: &mut Window) {
    window.wait("a disk that is read", |state| state.disks.current().is_some() && at_rest(state));
}

fn save(window: &mut Window, password: &str) {
    window.type_into("证书密码", password);
    window.press("保存并验证");
}

fn signed_in(state: &State) -> bool {
    state.disks.current().is_some_and(|disk| disk.session.is_some())
}

#[test]
fn a_tax_disk_in_a_reader_is_read_verified_signed_in_and_downloads() {
    let (service, folder) = (kit::service(), tempfile::tempdir().unwrap());
    let mut window = inside(folder.path());
    window.hear("读卡器里没有卡");
    let card = card(true, SimState::default());
    let inserted = service.insert(0, card.clone());
    read(&mut window);
    window.hear("已激活的企业");

    save(&mut window, "12345678");
    window.wait("the refusal", |state| fault(state) == Some(&DiskError::WrongPassword { left: Tries::Left(7) }));
    // The same again is not sent.
    window.press("保存并验证");
    window.wait("no second try", |state| matches!(fault(state), Some(DiskError::FailedBefore { left: Tries::Left(7) })));
    assert_eq!(card.lock().disk.state().left, 7);
    save(&mut window, FIRST_PASSWORD);
    window.wait("the kept password", |state| state.disks.current().is_some_and(|disk| disk.kept.certificate && disk.verified));
    window.press("登录综合服务平台");
    window.wait("the session", signed_in);

    window.press("下载发票");
    window.wait("the download page", |state| state.screen == Screen::Download);
    window.choose("税务数字账户");
    download(&mut window, Scope::Received);
    window.choose("可勾选发票查询");
    download(&mut window, Scope::Deductible);

    // Pulled out: the session ends with it, and 税控模式 says what is missing.
    drop(inserted);
    window.wait("the empty reader", |state| state.disks.view.disks().next().is_none());
    window.hear("还没有登录综合服务平台");
    let _again = service.insert(1, card);
    window.press("税盘");
    read(&mut window);
    window.press("登录综合服务平台");
    window.wait("the session", signed_in);
    window.close();
}

/// 下载发票 of last month, to its end.
fn download(window: &mut Window, scope: Scope) {
    window.wait("the filters", |state| state.download.scope() == scope);
    let before = window.state().download.all.len();
    window.press("下载发票");
    window.wait("the end of the download", move |state| {
        state.download.all.len() > before && state.download.all.first().is_some_and(|download| download.state == DownloadState::Done)
    });
    let done = window.state().download.all.first().unwrap().clone();
    assert!(done.differences.is_empty() && done.order.disk.is_some(), "{done:?}");
    let client = window.client.clone();
    let (company, dates) = (done.order.company.id.clone(), done.order.query.dates);
    let truth = window.block_on(async { client.sandbox().truth(&company, scope, dates).await }).unwrap();
    let invoices: u64 = truth.iter().map(|row| row.totals.invoices).sum();
    assert!(invoices > 0 && done.received.invoices == invoices, "{} of {invoices}", done.received.invoices);
}

#[test]
fn the_last_tries_are_the_users_alone() {
    let (service, folder) = (kit::service(), tempfile::tempdir().unwrap());
    let mut window = inside(folder.path());
    let card = card(true, left(3));
    let _inserted = service.insert(0, card.clone());
    read(&mut window);
    save(&mut window, "11111111");
    window.wait("two left", |state| tries(state) == Some(Tries::Left(2)));
    save(&mut window, "22222222");
    window.wait("the question", |state| state.disks.asking.is_some());
    assert_eq!(card.lock().disk.state().left, 2, "nothing was sent");
    window.press("取消");
    window.wait("no question", |state| state.disks.asking.is_none());
    assert_eq!(card.lock().disk.state().left, 2);
    window.press("保存并验证");
    window.wait("the question", |state| state.disks.asking.is_some());
    window.press("确定，使用一次机会");
    window.wait("one left", |state| tries(state) == Some(Tries::Left(1)));
    window.type_into("证书密码", FIRST_PASSWORD);
    window.press("保存并验证");
    window.wait("the last question", |state| state.disks.asking.as_ref().is_some_and(|asking| asking.left == Tries::Left(1)));
    window.hear("这是最后一次");
    window.press("确定，使用一次机会");
    window.wait("the kept password", |state| state.disks.current().is_some_and(|disk| disk.verified));
    assert_eq!(card.lock().disk.state().left, 8);
    window.close();
}

#[test]
fn whatever_is_plugged_in_has_its_own_sentence_and_the_window_goes_on() {
    let (mut service, folder) = (kit::service(), tempfile::tempdir().unwrap());
    let mut window = inside(folder.path());
    window.wait("an empty reader", |state| state.disks.view.seats.iter().any(|disk| disk.presence == Presence::Empty));

    // A card that is none of ours.
    let stranger = card(true, SimState::default());
    stranger.lock().atr = Some(piaoxia_taxdisk::Atr::new(&[0x3B, 0x02, 0x14, 0x50]));
    let inserted = service.insert(0, stranger);
    window.hear("无法识别这张卡（3B 02 14 50）");
    drop(inserted);
    window.wait("empty readers", |state| state.disks.view.seats.iter().all(|disk| disk.presence == Presence::Empty));

    // A locked one beside a good one: two readers.
    let (locked, good) = (card(true, left(0)), card(false, SimState::default()));
    let (first, second) = (service.insert(0, locked), service.insert(1, good));
    window.wait("two disks", |state| state.disks.view.disks().count() == 2 && at_rest(state));
    window.hear("已锁定");
    drop(first);
    window.wait("one disk", |state| state.disks.view.disks().count() == 1 && at_rest(state));

    // The company of this one has moved to 数电.
    save(&mut window, FIRST_PASSWORD);
    window.wait("the kept password", |state| state.disks.current().is_some_and(|disk| disk.kept.certificate));
    window.press("登录综合服务平台");
    window.wait("90500", |state| {
        state.disks.current().and_then(|disk| disk.problem.as_ref()).is_some_and(|problem| problem.is(code::DISK_DIGITAL))
    });
    window.hear("90500");
    window.press("改用电子税务局账号");
    window.wait("the company's accounts", |state| matches!(state.screen, Screen::Company { .. }));
    // In 数电模式 no word of it.
    window.press("发票下载");
    assert!(!window.says("税盘管理") && !window.says("90500"));

    // The card service is killed, and comes back.
    window.press("税盘");
    service.stop();
    window.wait("no service", |state| state.disks.view.service != Service::Running);
    drop(second);
    service.start();
    window.wait("the service", |state| state.disks.view.service == Service::Running);
    let _third = service.insert(0, card(true, SimState::default()));
    read(&mut window);
    window.close();
}

#[test]
fn a_disk_that_is_pulled_while_it_is_asked_says_so() {
    let (service, folder) = (kit::service(), tempfile::tempdir().unwrap());
    let mut window = inside(folder.path());
    let card = card(true, SimState::default());
    let inserted = service.insert(0, card.clone());
    read(&mut window);
    // Pulled out while the password is on its way: it was not tried.
    card.lock().delay = std::time::Duration::from_millis(50);
    window.type_into("证书密码", FIRST_PASSWORD);
    window.press("保存并验证");
    std::thread::sleep(std::time::Duration::from_millis(120));
    drop(inserted);
    window.wait("the empty reader", |state| state.disks.view.disks().next().is_none());
    window.hear("读卡器里没有卡");
    assert!(card.lock().disk.state().left >= 7);
    card.lock().delay = std::time::Duration::ZERO;
    let _again = service.insert(0, card);
    read(&mut window);
    window.close();
}

#[test]
fn a_password_that_failed_is_known_whenever_the_vault_is_opened() {
    const PASSPHRASE: &str = "海上明月共潮生2026";
    let (service, folder) = (kit::service(), tempfile::tempdir().unwrap());
    let again = || Window::open(&folder.path().join("Data"), &folder.path().join("keys"), Sandbox::Quick(SIZE));
    let to_disks = |window: &mut Window| {
        window.sign_in();
        window.activate();
        window.press("税盘");
        read(window);
    };
    let unlock = |window: &mut Window| {
        window.type_into("口令", PASSPHRASE);
        window.press("解锁");
        window.wait("the vault", |state| state.vault.view.open);
    };
    let is_not_sent_again = |window: &mut Window, left: u8| {
        save(window, "11111111");
        window.wait("no second try", |state| fault(state) == Some(&DiskError::FailedBefore { left: Tries::Left(left) }));
    };
    let card = card(true, SimState::default());
    let _inserted = service.insert(0, card.clone());
    let mut window = inside(folder.path());
    window.press("设置");
    window.press("设置口令");
    window.type_into("新口令", PASSPHRASE);
    window.type_into("再输一遍", PASSPHRASE);
    window.press("保存");
    window.wait("the passphrase", |state| state.vault.view.passphrase && state.vault.dialog.is_none());
    window.press("税盘");
    read(&mut window);
    save(&mut window, "11111111");
    window.wait("the refusal", |state| fault(state) == Some(&DiskError::WrongPassword { left: Tries::Left(7) }));
    window.close();

    // Disks are looked at before the vault is opened.
    let mut window = again();
    window.hear("打开保险箱");
    window.press("先不解锁");
    to_disks(&mut window);
    window.press("设置");
    window.press("解锁");
    unlock(&mut window);
    window.press("税盘");
    is_not_sent_again(&mut window, 7);
    save(&mut window, "22222222");
    window.wait("the refusal", |state| fault(state) == Some(&DiskError::WrongPassword { left: Tries::Left(6) }));
    window.close();

    let mut window = again();
    window.hear("打开保险箱");
    unlock(&mut window);
    to_disks(&mut window);
    is_not_sent_again(&mut window, 6);
    assert_eq!(card.lock().disk.state().left, 6);
    window.close();
}

#[test]
fn the_sandbox_has_a_disk_of_its_own() {
    // Nobody else's cards meanwhile.
    let (_service, folder) = (kit::service(), tempfile::tempdir().unwrap());
    let mut window = inside(folder.path());
    window.press("插入测试税盘");
    read(&mut window);
    save(&mut window, FIRST_PASSWORD);
    window.wait("the kept password", |state| state.disks.current().is_some_and(|disk| disk.kept.certificate));
    window.press("登录综合服务平台");
    window.wait("the session", signed_in);
    window.press("清除已存密码");
    window.press("清除已存密码");
    window.wait("no password", |state| state.disks.current().is_some_and(|disk| !disk.kept.certificate));
    window.press("拔出测试税盘");
    window.wait("no disk", |state| state.disks.view.disks().next().is_none());
    window.close();
}
