//! 逐张核对: which invoices make a difference, shown, looked up in the ledger, copied and exported.

use std::path::{Path, PathBuf};

use piaoxia::boot::Sandbox;
use piaoxia::state::{Screen, State};
use piaoxia_domain::InvoiceKey;
use piaoxia_engine::{DownloadState, Matter};
use piaoxia_service::contract::SandboxSize;

use crate::driver::Window;

/// An original XML of the ledger as another invoice of the same kind and day: a number that the bureau does not know.
fn forged(data: &Path, to: &Path) -> (PathBuf, InvoiceKey) {
    let folders = std::fs::read_dir(data.join("originals")).unwrap().flatten();
    let files = folders.flat_map(|folder| std::fs::read_dir(folder.path()).into_iter().flatten().flatten());
    let text = files.filter_map(|file| std::fs::read_to_string(file.path()).ok()).find(|text| text.starts_with('<')).unwrap();
    let digits = |part: &&str| part.len() == 20 && part.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.split(|c: char| !c.is_ascii_digit()).find(digits).unwrap().to_owned();
    let other = format!("{}{}", &number[..16], "9973");
    let path = to.join("补开.xml");
    std::fs::write(&path, text.replace(&number, &other)).unwrap();
    (path, other.parse().unwrap())
}

fn download(window: &mut Window, before: usize) {
    window.press("发票下载");
    window.choose("发票查询统计");
    window.press("下载发票");
    window.wait("the end of the download", |state| state.download.all.len() == before + 1 && state.download.active() == 0);
}

#[test]
fn the_invoice_that_makes_a_difference_is_shown_and_found_in_the_ledger() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("Data");
    let size = SandboxSize { seed: 5, invoices: 3_000 };
    let mut window = Window::open(&data, &folder.path().join("keys"), Sandbox::Quick(size));
    window.sign_in();
    window.activate();
    window.add_first_account();
    download(&mut window, 0);
    assert_eq!(window.state().download.all[0].state, DownloadState::Done);
    let (file, key) = forged(&data, folder.path());
    let held = window.state().ledger.invoices;
    window.press("台账");
    window.drop_files(&[file]);
    window.wait("the import", |state| state.ledger.invoices == held + 1);

    download(&mut window, 1);
    let found = &window.state().download.all[0];
    assert_eq!((&found.state, found.differences.len()), (&DownloadState::Done, 1), "{:?}", found.problem);
    let findings = found.differences[0].findings.clone().unwrap();
    assert_eq!((&findings.invoices[0].key, &findings.invoices[0].matter), (&key, &Matter::OnlyLedger { by_bureau: false }));

    window.choose("逐张查看");
    window.hear("有 1 张与台账对不上");
    assert!(window.says("只在台账（来自导入的文件）"));
    window.choose(key.number());
    let is_there = |state: &State| state.screen == Screen::Ledger && state.ledger.rows() == 1 && state.ledger.row(0).is_some();
    window.wait("the ledger", is_there);
    assert_eq!(window.state().ledger.row(0).map(|row| row.key.clone()), Some(key));
    assert!(window.state().download.examined.is_none(), "the list is closed");

    // The same list as a workbook.
    window.press("发票下载");
    window.choose("逐张查看");
    window.press("复制清单");
    window.press("关闭");
    assert!(window.state().download.examined.is_none());
    window.close();
}
