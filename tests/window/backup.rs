//! 本机备份: made by itself once it is wanted, and put back into the empty folder of a new stick.

use std::path::{Path, PathBuf};

use piaoxia::boot::Sandbox;
use piaoxia::state::away::Folder;
use piaoxia::state::{Screen, State};
use piaoxia_service::contract::{CodeCondition, SandboxSize};

use crate::driver::Window;
use crate::service::Service;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("core/documents/tests/fixtures").join(name)
}

fn inside(window: &mut Window) {
    window.sign_in();
    let client = window.client.clone();
    let code = window.block_on(async { client.sandbox().issue_code(CodeCondition::Fresh).await }).unwrap().code;
    window.wait("a page", |state| matches!(state.screen, Screen::Activation | Screen::Home));
    if window.state().screen == Screen::Activation {
        window.type_into("激活码", &code);
        window.press("激活");
    }
    window.wait("the companies", |state| state.companies.list.value().is_some());
}

fn backed_up(state: &State, invoices: u64) -> bool {
    state.backup.view.last.as_ref().is_some_and(|last| last.invoices == invoices) && state.backup.view.running.is_none()
}

#[test]
fn a_lost_stick_is_replaced_from_the_backup_of_this_pc() {
    let folder = tempfile::tempdir().unwrap();
    let (lost, new, keys) = (folder.path().join("E/Data"), folder.path().join("F/Data"), folder.path().join("keys"));
    let service = Service::start(&folder.path().join("Gateway"), "127.0.0.1:0", 100);
    let mut window = Window::open_hosted(&lost, &keys, &service.address);
    inside(&mut window);
    window.press("设置");
    window.press("在这台电脑上备份");
    window.wait("the first backup", |state| state.backup.view.on && backed_up(state, 0));
    window.press("台账");
    window.drop_files(&[fixture("special.xml"), fixture("red.xml")]);
    window.wait("the import", |state| state.ledger.rows() == 2);
    // By itself, once the ledger is at rest.
    window.wait("the second backup", |state| backed_up(state, 2));
    window.close();
    std::fs::remove_dir_all(&lost).unwrap();

    let mut window = Window::open_whole(&new, &keys, &service.address);
    inside(&mut window);
    window.press("设置");
    window.hear("共 2 张发票");
    window.press("恢复到这里");
    window.press("恢复到这里");
    window.wait("the restored ledger", |state| state.folder == Folder::Here && state.ledger.invoices == 2);
    inside(&mut window);
    window.press("台账");
    window.wait("the rows", |state| state.ledger.rows() == 2);
    window.press("设置");
    assert!(window.state().backup.view.on, "the new stick goes on with the same backup");
    window.press("停止备份");
    window.choose("同时删除这台电脑上已有的备份");
    window.press("停止备份");
    window.wait("no backup", |state| !state.backup.view.on);
    assert_eq!(std::fs::read_dir(keys.join("backups")).unwrap().count(), 0);
    window.close();
}

#[test]
fn a_folder_within_the_users_own_needs_no_backup() {
    let folder = tempfile::tempdir().unwrap();
    let mut window =
        Window::open(&folder.path().join("Data"), &folder.path().join("Data/state"), Sandbox::Quick(SandboxSize { seed: 3, invoices: 40 }));
    window.sign_in();
    window.activate();
    window.press("设置");
    window.hear("这里不能另存备份");
    window.close();
}
