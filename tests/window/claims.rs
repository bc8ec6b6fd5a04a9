//! 报销登记 through the window, and large selections.

use egui_kittest::kittest::Queryable;
use piaoxia::boot::Sandbox;
use piaoxia::state::Screen;
use piaoxia_service::contract::SandboxSize;

use crate::driver::Window;

#[test]
fn a_used_invoice_warns_and_a_large_selection_is_summed_and_exported_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let size = SandboxSize { seed: 3, invoices: 60_000 };
    let mut window = Window::open(&folder.path().join("Data"), &folder.path().join("keys"), Sandbox::Quick(size));
    window.sign_in();
    window.activate();
    window.add_first_account();
    window.press("发票下载");
    window.choose("发票查询统计");
    window.choose("同时下载原件（XML、OFD、PDF）");
    let last_year = window.state().today.checked_sub(jiff::Span::new().months(4)).unwrap();
    window.type_into("开票日期起", &last_year.first_of_month().to_string());
    window.press("下载发票");
    window.wait("the download", |state| state.download.all.first().is_some_and(|download| !download.state.is_active()));
    window.press("台账");
    window.wait("rows", |state| state.screen == Screen::Ledger && state.ledger.row(0).is_some() && !state.ledger.view.is_loading());
    let rows = window.state().ledger.rows();
    assert!(rows > 2_100, "{rows}");

    // One is used, and again.
    let first = window.state().ledger.row(0).unwrap().key.clone();
    window.harness.get_by_label(first.number()).click();
    window.settle();
    window.press("报销登记");
    window.type_into("说明（选填）", "BX-1");
    window.press("登记");
    window.wait("the claim", |state| state.claims.dialog.is_none() && state.ledger.row(0).is_some_and(|row| row.is_claimed));
    window.press("报销登记");
    window.press("登记");
    window.wait("the warning", |state| state.claims.dialog.as_ref().is_some_and(|dialog| dialog.before.len() == 1));
    window.hear("可能是重复报销");
    window.press("取消");
    window.select("报销", "已报销");
    window.wait("the used one", |state| state.ledger.rows() == 1);
    window.select("报销", "全部");
    window.wait("all", |state| state.ledger.rows() == rows && state.ledger.row(0).is_some());

    // More than the window holds: the ledger sums them up.
    window.harness.get_by_label(first.number()).click();
    window.harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
    window.wait("the sums", |state| state.ledger.summing.as_ref().is_some_and(|summing| summing.totals.is_some()));
    assert_eq!(window.state().ledger.table.selection.count(), rows);
    let all = window.state().ledger.view.value().unwrap().totals;
    assert_eq!(window.state().ledger.summing.as_ref().unwrap().totals, Some(all));
    window.close();
}
