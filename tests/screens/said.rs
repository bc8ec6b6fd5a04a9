//! What pages say depends on what is there: which invoices, what was kept, how long it takes.

use std::sync::Arc;

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use piaoxia::state::State;
use piaoxia::state::away::Folder;
use piaoxia::text::{Text, fill};
use piaoxia_engine::Selection;

use crate::{Drawn, harness, scenes};

fn drawn(state: State) -> Harness<'static, State> {
    harness(Drawn::new((1366.0, 2000.0)), state)
}

fn says(drawn: &Harness<'_, State>, words: &str) -> bool {
    drawn.query_all_by_label_contains(words).next().is_some()
}

#[test]
fn an_export_says_whether_it_takes_what_is_listed_or_selected() {
    let mut state = scenes::export();
    assert!(says(&drawn(scenes::export()), "将导出列出的 1,000,000 张发票"));
    let dialog = state.export.dialog.as_mut().unwrap();
    (dialog.selection, dialog.count) = (Selection::Rows(Arc::from([1, 2])), 2);
    assert!(says(&drawn(state), "将导出选中的 2 张发票"));
}

#[test]
fn a_download_that_failed_says_what_it_kept_and_only_then() {
    let words = fill(&Text::zh_cn().download.kept, &[("problem", "")]);
    assert!(says(&drawn(scenes::download()), &words));
    let mut state = scenes::download();
    for one in &mut state.download.all {
        one.received = piaoxia_domain::Totals::default();
    }
    assert!(!says(&drawn(state), &words));
}

#[test]
fn counts_come_before_the_download_and_the_largest_kind_before_others() {
    let page = drawn(scenes::download_counted());
    let words = &Text::zh_cn().download;
    let left = |label: &str| page.query_all_by_label(label).next().unwrap().rect().left();
    assert!(left(&words.count) < left(&words.start));
    let top = |label: &str| page.query_all_by_label(label).next().unwrap().rect().top();
    assert!(top("数电专票") < top("数电普票") && top("数电普票") < top("数电铁路"));
}

#[test]
fn an_export_that_waits_for_a_template_says_why() {
    assert!(says(&drawn(scenes::export_template_name()), &Text::zh_cn().export.template_first));
    assert!(!says(&drawn(scenes::export_template()), &Text::zh_cn().export.template_first));
}

#[test]
fn a_long_start_says_why_it_takes_so_long() {
    let mut page = drawn(scenes::starting());
    let words = &Text::zh_cn().frame;
    assert!(says(&page, &words.starting) && !says(&page, &words.starting_long));
    page.input_mut().time = Some(6.0);
    page.run_steps(1);
    assert!(says(&page, &words.starting_long) && !says(&page, &words.starting));
    // The folder was away and is opened anew: that has only begun.
    page.state_mut().folder = Folder::Closing;
    page.run_steps(5);
    page.state_mut().folder = Folder::Here;
    page.run_steps(1);
    assert!(says(&page, &words.starting) && !says(&page, &words.starting_long));
}

#[test]
fn a_sign_in_for_a_company_that_is_not_listed_says_so() {
    let mut state = scenes::download();
    state.companies.list.answer(Ok(Vec::new()));
    let mut page = drawn(state);
    page.get_by_label(&Text::zh_cn().download.sign_in).click();
    page.run_steps(3);
    assert!(says(&page, "不在企业列表里"));
}

#[test]
fn of_many_downloads_the_newest_and_the_unfinished_are_seen() {
    let state = scenes::download_many();
    let all = state.download.all.len();
    let old = state.download.all.iter().skip(30).filter(|download| download.state.is_over()).count();
    assert!((1..20).contains(&old));
    let mut page = harness(Drawn::new((1366.0, 9000.0)), state);
    let seen = |page: &Harness<'_, State>| page.query_all_by_label_contains("2026-10-01 至").count();
    let before = seen(&page);
    page.get_by_label(&format!("显示更早的 {old} 个任务")).click();
    page.run_steps(3);
    assert!(seen(&page) > before && !says(&page, "显示更早的") && page.state().download.all.len() == all);
}
