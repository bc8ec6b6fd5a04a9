//! 报销登记 through the window, large selections, groups.

use std::path::Path;

use egui_kittest::kittest::Queryable;
use piaoxia::boot::Sandbox;
use piaoxia::state::Screen;
use piaoxia_domain::Totals;
use piaoxia_service::contract::SandboxSize;
use piaoxia_store::{GroupBy, GroupKey, RowSums, SortKey};

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
    window.wait("the sums", |state| state.ledger.summing.as_ref().is_some_and(|summing| summing.sums.is_some()));
    assert_eq!(window.state().ledger.table.selection.count(), rows);
    let all = window.state().ledger.view.value().map(|view| RowSums { totals: view.totals, voided: view.voided });
    assert_eq!(window.state().ledger.summing.as_ref().unwrap().sums, all);

    // All but one, exported: more rows than the window loads.
    window.harness.get_by_label(first.number()).click_modifiers(egui::Modifiers::COMMAND);
    window.settle();
    // They are claimed, too, and stay selected in the view that follows.
    window.press("报销登记");
    window.press("登记");
    window.wait("the claim of many", |state| {
        state.claims.dialog.is_none() && !state.ledger.view.is_loading() && state.ledger.row(1).is_some_and(|row| row.is_claimed)
    });
    assert_eq!(window.state().ledger.table.selection.count(), rows - 1);
    let [all_of_them, all_but_one] = ["全部.csv", "选中.csv"].map(|name| folder.path().join(name));
    let selected = export_csv(&mut window, &all_but_one);
    window.harness.get_by_label(first.number()).click();
    window.settle();
    window.harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
    window.settle();
    let mut whole = export_csv(&mut window, &all_of_them);
    // A remark may have lines of its own.
    assert_eq!(whole.iter().filter(|line| line.starts_with("20")).count() as u64, rows);
    whole.retain(|line| !line.contains(first.number()));
    assert_eq!(selected, whole);

    groups(&mut window, all.unwrap().totals);
    window.close();
    let mut window = Window::open(&folder.path().join("Data"), &folder.path().join("keys"), Sandbox::Quick(size));
    window.wait("the choice of before", |state| state.ledger.grouping.by == Some(GroupBy::Kind));
    window.close();
}

/// Exports what is selected. Returns the rows of the file, sorted.
fn export_csv(window: &mut Window, target: &Path) -> Vec<String> {
    window.press("导出");
    window.choose("CSV");
    window.type_into("保存为", target.to_str().unwrap());
    window.press("开始导出");
    window.wait("the export", |state| state.export.tasks.is_empty() && target.exists());
    let text = std::fs::read_to_string(target).unwrap();
    let mut lines: Vec<String> = text.lines().skip(1).map(str::to_owned).collect();
    lines.sort();
    lines
}

fn go_to(window: &mut Window, place: &str) {
    window.harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::G);
    window.settle();
    window.type_into("行号或发票号码", place);
    window.harness.key_press(egui::Key::Enter);
    window.settle();
}

fn groups(window: &mut Window, all: Totals) {
    window.select("分组方式", "按月份分组");
    window.wait("the months", |state| state.ledger.grouping.is_grouped() && state.ledger.row(0).is_some());
    let groups = window.state().ledger.groups();
    let mut sums = Totals::default();
    groups.iter().for_each(|group| sums.merge(&group.totals));
    assert_eq!(sums, all);
    assert!(groups.len() > 2, "{groups:?}");
    let lines = window.state().ledger.lines();
    assert_eq!(lines, all.invoices + groups.len() as u64);
    // The first month closes under the pointer and opens by the keyboard; what it stands for is summed up.
    let GroupKey::Month(month) = groups[0].key else { panic!("{groups:?}") };
    let head = window.harness.get_by_label_contains(&format!("{month} ")).rect().left_center() + egui::vec2(40.0, 0.0);
    window.harness.hover_at(head);
    for pressed in [true, false] {
        let button = egui::PointerButton::Primary;
        window.harness.event(egui::Event::PointerButton { pos: head, button, pressed, modifiers: egui::Modifiers::NONE });
    }
    window.settle();
    window.wait("one month closed", |state| state.ledger.lines() == lines - state.ledger.groups()[0].totals.invoices);
    assert_eq!(window.state().ledger.selected_ids().len() as u64, groups[0].totals.invoices);
    window.harness.key_press(egui::Key::ArrowRight);
    window.settle();
    assert_eq!(window.state().ledger.lines(), lines);
    // To an invoice of the last month, all of them closed.
    window.press("全部收起");
    assert_eq!(window.state().ledger.lines(), groups.len() as u64);
    go_to(window, &all.invoices.to_string());
    window.wait("the last row", |state| state.ledger.selected().is_some_and(|rows| rows.len() == 1));
    let key = window.state().ledger.selected().unwrap()[0].key.clone();
    window.press("全部收起");
    go_to(window, key.number());
    window.wait("the invoice", |state| state.ledger.selected().is_some_and(|rows| rows.len() == 1 && rows[0].key == key));
    window.hear(key.number());
    go_to(window, "1234567");
    window.hear("没有这一行，也没有这个号码的发票。");
    window.press("取消");
    // Another order keeps the groups.
    window.choose("金额");
    window.wait("the order", |state| !state.ledger.view.is_loading() && state.ledger.sort.by == SortKey::Net);
    assert_eq!(window.state().ledger.groups().len(), groups.len());
    window.select("分组方式", "不分组");
    window.wait("one list", |state| !state.ledger.grouping.is_grouped());
    window.select("分组方式", "按票种分组");
    window.wait("kinds", |state| state.ledger.grouping.is_grouped());
}
