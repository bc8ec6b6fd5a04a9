//! The data folder is on a stick: let go, pulled in the middle of a download, put back. The window stays open.

use std::path::{Path, PathBuf};

use piaoxia::boot::Sandbox;
use piaoxia::state::Screen;
use piaoxia::state::away::Folder;
use piaoxia_engine::{Away, Command, DownloadState, FolderWish};
use piaoxia_service::contract::{CodeCondition, SandboxSize};

use crate::driver::Window;
use crate::service::Service;

/// Somebody who stays signed in, with an account that is.
fn prepared(data: &Path, keys: &Path, service: &Service) {
    let mut window = Window::open_hosted(data, keys, &service.address);
    window.wait("a QR", |state| matches!(state.sign_in.qr, piaoxia::state::session::Qr::Waiting { .. }));
    let before = window.ticket();
    window.choose("30 天免登录");
    window.wait("a QR that carries the wish", |state| match &state.sign_in.qr {
        piaoxia::state::session::Qr::Waiting { ticket, .. } => ticket.id != before,
        _ => false,
    });
    window.sign_in();
    let client = window.client.clone();
    let code = window.block_on(async { client.sandbox().issue_code(CodeCondition::Fresh).await }).unwrap().code;
    window.wait("the activation page", |state| state.screen == Screen::Activation);
    window.type_into("激活码", &code);
    window.press("激活");
    window.wait("the companies", |state| state.companies.list.value().is_some());
    window.add_first_account();
    window.close();
}

/// Files of this process that lie below a folder.
fn open_files(folder: &Path) -> Vec<PathBuf> {
    let open = std::fs::read_dir("/proc/self/fd").unwrap();
    open.filter_map(|entry| std::fs::read_link(entry.unwrap().path()).ok()).filter(|path| path.starts_with(folder)).collect()
}

fn at_home(window: &mut Window) {
    window.wait("the folder and the session", |state| {
        state.folder == Folder::Here && state.screen == Screen::Home && state.companies.list.value().is_some()
    });
}

#[test]
fn a_stick_is_let_go_and_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let (data, keys) = (folder.path().join("Data"), folder.path().join("keys"));
    let service = Service::start(&folder.path().join("Gateway"), "127.0.0.1:0", 100);
    prepared(&data, &keys, &service);
    let mut window = Window::open_whole(&data, &keys, &service.address);
    at_home(&mut window);
    assert!(!open_files(&data).is_empty());
    window.press("设置");
    assert!(!window.has("允许手机访问"), "the service is elsewhere, and so are its pages");
    window.press("安全移除 U 盘");
    window.hear("可以拔出 U 盘了");
    assert_eq!(open_files(&data), Vec::<PathBuf>::new());
    window.press("不拔了，继续使用");
    at_home(&mut window);
    assert!(!open_files(&data).is_empty());
    // Pulled after that, put back with another stick's folder in its place, at last the right one.
    window.press("设置");
    window.press("安全移除 U 盘");
    window.hear("可以拔出 U 盘了");
    let away = folder.path().join("away");
    piaoxia_files::move_folder(&data, &away).unwrap();
    window.hear("找不到数据文件夹");
    std::fs::create_dir(&data).unwrap();
    std::fs::write(data.join("folder"), "another\n").unwrap();
    std::thread::sleep(std::time::Duration::from_millis(1500));
    window.settle();
    assert_eq!(window.state().folder, Folder::Away(Away::Pulled));
    std::fs::remove_dir_all(&data).unwrap();
    piaoxia_files::move_folder(&away, &data).unwrap();
    at_home(&mut window);
    window.close();
}

#[test]
fn a_folder_that_can_have_no_id_is_let_go_and_taken_back_too() {
    let folder = tempfile::tempdir().unwrap();
    let (data, keys) = (folder.path().join("Data"), folder.path().join("keys"));
    // Where the id would lie, so that none can be written.
    std::fs::create_dir_all(data.join("folder")).unwrap();
    let sandbox = Sandbox::Quick(SandboxSize { seed: 1, invoices: 30 });
    let mut window = Window::open_unnamed(&data, &keys, sandbox, "http://127.0.0.1:9");
    window.wait("the first page", |state| state.screen == Screen::Welcome);
    window.commands.try_send(Command::Folder(FolderWish::LetGo)).unwrap();
    window.hear("可以拔出 U 盘了");
    assert_eq!(open_files(&data), Vec::<PathBuf>::new());
    window.press("不拔了，继续使用");
    window.wait("the folder", |state| state.folder == Folder::Here && state.screen == Screen::Welcome);
    window.close();
}

#[test]
fn a_stick_that_is_pulled_in_the_middle_of_a_download_finishes_it_when_it_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let (data, keys) = (folder.path().join("Data"), folder.path().join("keys"));
    let service = Service::start(&folder.path().join("Gateway"), "127.0.0.1:0", 3000);
    prepared(&data, &keys, &service);
    let mut window = Window::open_whole(&data, &keys, &service.address);
    at_home(&mut window);
    window.press("发票下载");
    window.choose("发票查询统计");
    let month = window.state().today.first_of_month().yesterday().unwrap();
    let from = month.checked_sub(jiff::Span::new().months(3)).unwrap().first_of_month();
    window.type_into("开票日期起", &from.to_string());
    window.type_into("开票日期止", &month.to_string());
    window.choose("同时下载原件（XML、OFD、PDF）");
    window.press("下载发票");
    window.wait("some of it", |state| state.download.all.first().is_some_and(|download| download.received.invoices > 0));
    assert!(window.state().download.all[0].state.is_active(), "it is pulled in time");
    let away = folder.path().join("away");
    piaoxia_files::move_folder(&data, &away).unwrap();
    window.hear("找不到数据文件夹");
    assert!(!data.exists(), "nothing is made where the stick was");
    piaoxia_files::move_folder(&away, &data).unwrap();
    at_home(&mut window);
    window.wait("the end", |state| state.download.all.first().is_some_and(|download| !download.state.is_active()));
    let download = window.state().download.all[0].clone();
    assert_eq!(download.state, DownloadState::Done, "{:?} {:?}", download.problem, download.differences);
    window.press("台账");
    let expected = download.expected_totals();
    window.wait("the ledger", |state| state.ledger.rows() == expected.invoices);
    assert_eq!(window.state().ledger.view.value().unwrap().totals, expected);
    window.close();
}
