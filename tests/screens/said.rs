//! What pages say depends on what is there: which invoices, what was kept, how long it takes.

use std::sync::Arc;

use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use piaoxia::state::State;
use piaoxia::state::away::Folder;
use piaoxia::text::{Text, fill};
use piaoxia_engine::{DownloadState, Selection};

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

#[test]
fn the_history_of_an_invoice_names_an_amount_that_was_corrected() {
    let mut state = scenes::sheet();
    let sheet = state.ledger.sheet.as_mut().unwrap();
    let mut change = sheet.history.remove(0);
    (change.field, change.from, change.to) = (piaoxia_store::Field::Gross, "1234.50".into(), "12345.00".into());
    sheet.history.push(change);
    assert!(says(&drawn(state), "价税合计由“1,234.50”变为“12,345.00”"));
}

#[test]
fn without_a_disk_nothing_is_said_about_its_password() {
    let page = drawn(scenes::download_no_disk());
    let text = Text::zh_cn();
    assert!(says(&page, &text.disks.driver_waits) && !says(&page, &text.download.need_password));
}

#[test]
fn a_download_that_waits_in_line_shows_nothing_that_moves() {
    let bars = |then: DownloadState| {
        let mut state = scenes::download();
        state.download.all.truncate(1);
        state.download.all[0].expected.clear();
        state.download.all[0].state = then;
        drawn(state).query_all_by_role(Role::ProgressIndicator).count()
    };
    assert_eq!((bars(DownloadState::Counting), bars(DownloadState::Waiting)), (1, 0));
}

#[test]
fn a_verification_that_nobody_knows_has_a_way_out() {
    let page = drawn(scenes::challenge_unknown());
    let words = &Text::zh_cn().challenge;
    assert!(says(&page, &words.unknown_body) && words.unknown_body.contains(&words.give_up) && words.unknown_body.contains("检查更新"));
    assert!(page.query_by_role_and_label(Role::Button, &words.give_up).is_some());
}

#[test]
fn a_stick_with_the_program_on_it_is_not_to_be_pulled_out_yet() {
    let words = &Text::zh_cn().away;
    let alone = drawn(scenes::away_let_go());
    assert!(says(&alone, &words.let_go) && !says(&alone, &words.let_go_first));
    let with_program = drawn(State { program_is_with_data: true, ..scenes::away_let_go() });
    assert!(says(&with_program, &words.let_go_first) && !says(&with_program, &words.let_go));
}

#[test]
fn advice_can_be_followed_where_it_stands() {
    let text = Text::zh_cn();
    let page = drawn(scenes::away_refused());
    assert!(says(&page, &text.away.in_use) && !says(&page, &text.problem.store_in_use_advice));
    // Where a backup goes is not chosen, and the button of today is named.
    for on in [false, true] {
        let mut state = scenes::backup_found();
        state.backup.view.on = on;
        let (page, button) = (drawn(state), if on { &text.backup.now } else { &text.backup.turn_on });
        assert!(says(&page, &format!("请清理这个磁盘，再点“{button}”")) && !says(&page, &text.problem.disk_full_advice));
        assert!(page.query_by_role_and_label(Role::Button, button).is_some());
    }
    let page = drawn(scenes::schedules_kept());
    assert!(says(&page, "连接不上服务；稍后自动再试") && !says(&page, "再试一次"));
}

#[test]
fn an_address_that_cannot_be_one_is_told_of_below_its_field() {
    let page = drawn(scenes::network_outside());
    let words = &Text::zh_cn().help;
    let told: Vec<_> = page.query_all_by_label_contains("代理地址写得不对").map(|label| label.rect()).collect();
    let field = page.get_by_role_and_label(Role::TextInput, &words.proxy_address).rect();
    assert_eq!(told.len(), 1);
    let below = page.get_by_label(&words.roots).rect().top();
    assert!(told[0].top() >= field.bottom() && told[0].bottom() <= below, "{told:?}, {field:?}");
    assert!(says(&page, &words.roots_note) && says(&page, &words.pin_note));
}

#[test]
fn a_second_claim_names_whose_it_was_and_can_leave_those_out() {
    let mut page = drawn(scenes::claim_again());
    assert!(page.query_all_by_label("北京示例科技（集团）股份有限公司第一分公司").count() > 1, "whose each was");
    let waits = |page: &Harness<'_, State>| page.get_by_role_and_label(Role::Button, "登记").accesskit_node().is_disabled();
    assert!(waits(&page), "nothing is chosen yet");
    page.get_by_label("只登记其余 5 张").click();
    page.run_steps(2);
    assert!(!waits(&page));
    let (of, again) = page.state().claims.dialog.as_ref().unwrap().wanted();
    assert_eq!((of.count(), again), (5, false));
}
