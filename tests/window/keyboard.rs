//! The monthly job without a mouse: download last month, look, export.

use calamine::{Reader, Xlsx, open_workbook};
use egui::{Key, Modifiers};
use piaoxia::boot::Sandbox;
use piaoxia::state::Screen;
use piaoxia_engine::DownloadState;
use piaoxia_service::contract::SandboxSize;

use crate::driver::Window;

const SIZE: SandboxSize = SandboxSize { seed: 5, invoices: 3_000 };

fn ctrl(window: &mut Window, key: Key) {
    window.harness.key_press_modifiers(Modifiers::COMMAND, key);
    window.settle();
}

fn key(window: &mut Window, key: Key) {
    window.harness.key_press(key);
    window.settle();
}

#[test]
#[allow(clippy::disallowed_methods, reason = "the workbook is our own")]
fn the_monthly_job_needs_no_mouse() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("Data");
    let mut window = Window::open(&data, &folder.path().join("keys"), Sandbox::Quick(SIZE));
    window.sign_in();
    window.activate();
    window.add_first_account();
    ctrl(&mut window, Key::Num1);
    assert_eq!(window.state().screen, Screen::Home);

    // 下载上月.
    ctrl(&mut window, Key::D);
    window.wait("the plan", |state| state.batch.dialog.as_ref().is_some_and(|dialog| dialog.plan.value().is_some()));
    key(&mut window, Key::Enter);
    window.wait("the end of all downloads", |state| !state.download.all.is_empty() && state.download.active() == 0);
    let last = window.state().today.first_of_month().yesterday().unwrap();
    for download in &window.state().download.all {
        assert_eq!(download.state, DownloadState::Done, "{:?}", download.problem);
        assert_eq!((download.order.query.dates.from(), download.order.query.dates.to()), (last.first_of_month(), last));
    }
    let brought: u64 = window.state().download.all.iter().map(|download| download.new).sum();

    // The ledger: a row, its details.
    ctrl(&mut window, Key::Num5);
    window.wait("the ledger", |state| state.screen == Screen::Ledger && state.ledger.rows() == brought);
    focus_the_table(&mut window);
    key(&mut window, Key::ArrowDown);
    key(&mut window, Key::Enter);
    window.wait("the details", |state| state.ledger.sheet.is_some());
    key(&mut window, Key::Escape);
    window.wait("no details", |state| state.ledger.sheet.is_none());

    // 导出.
    ctrl(&mut window, Key::A);
    ctrl(&mut window, Key::E);
    window.wait("the dialog", |state| state.export.dialog.is_some());
    let target = window.state().export.dialog.as_ref().unwrap().target.clone();
    key(&mut window, Key::Enter);
    window.wait("the export", |state| state.export.tasks.is_empty() && std::path::Path::new(&target).exists());
    let mut book: Xlsx<_> = open_workbook(&target).unwrap();
    let rows = book.worksheet_range("发票").unwrap().rows().count() as u64;
    assert_eq!(rows, brought + 2, "a head, the invoices, their sums");
    window.close();
}

/// Tab goes round the whole page: the table is reached by it.
fn focus_the_table(window: &mut Window) {
    for _ in 0..60 {
        key(window, Key::Tab);
        key(window, Key::End);
        if window.state().ledger.table.cursor.is_some() {
            key(window, Key::Home);
            return;
        }
    }
    panic!("the table is not reached by Tab");
}

#[test]
fn shortcuts_are_listed_and_do_what_the_list_says() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = Window::open(&folder.path().join("Data"), &folder.path().join("keys"), Sandbox::Quick(SIZE));
    window.sign_in();
    window.activate();
    key(&mut window, Key::F1);
    assert!(window.state().keys_shown);
    window.hear("快捷键");
    // A dialog keeps the keyboard: no page changes behind it.
    let before = window.state().screen.clone();
    ctrl(&mut window, Key::Num5);
    assert_eq!(window.state().screen, before);
    key(&mut window, Key::Escape);
    assert!(!window.state().keys_shown);
    let pages = [Screen::Home, Screen::Companies, Screen::Disks, Screen::Download, Screen::Ledger, Screen::Stats, Screen::Settings];
    for (digit, page) in [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5, Key::Num6, Key::Num7].into_iter().zip(pages) {
        ctrl(&mut window, digit);
        assert_eq!(window.state().screen, page);
    }
    ctrl(&mut window, Key::Plus);
    assert_eq!(window.state().look.place.zoom, 110);
    assert!((window.harness.ctx.zoom_factor() - 1.1).abs() < 0.01);
    ctrl(&mut window, Key::Num0);
    window.choose("深色");
    window.settle();
    assert_eq!(window.harness.ctx.theme(), egui::Theme::Dark);
    window.close();

    // Known at the next start, which draws its first frame before the ledger is open.
    let kept = piaoxia_engine::kept_for_window(&folder.path().join("Data"));
    assert_eq!(kept.get("theme").map(String::as_str), Some("dark"));
    let mut window = Window::open(&folder.path().join("Data"), &folder.path().join("keys"), Sandbox::Quick(SIZE));
    window.wait("the kept theme", |state| state.look.theme == piaoxia::state::look::ThemeChoice::Dark);
    window.close();
}
