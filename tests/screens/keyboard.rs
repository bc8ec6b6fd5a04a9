//! Without a mouse: everything is reached by Tab, keys of a page rest below a dialog, and Enter takes nothing that cannot be read.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use piaoxia::state::State;
use piaoxia::state::batch::Days;
use piaoxia::text::Text;
use piaoxia_engine::{ClaimOf, ExportKind};

use crate::{drawn, scenes};

type Page = Harness<'static, State>;

fn press(page: &mut Page, key: Key) {
    page.key_press(key);
    page.run_steps(2);
}

fn ctrl(page: &mut Page, key: Key) {
    page.key_press_modifiers(Modifiers::COMMAND, key);
    page.run_steps(2);
}

fn focus(page: &mut Page, field: &str) {
    page.get_by_role_and_label(Role::TextInput, field).focus();
    page.run_steps(2);
}

fn retype(page: &mut Page, field: &str, text: &str) {
    focus(page, field);
    ctrl(page, Key::A);
    page.get_by_role_and_label(Role::TextInput, field).type_text(text);
    page.run_steps(2);
}

/// The keyboard is at what has this role and name.
fn is_at(page: &Page, role: Role, name: &str) -> bool {
    page.query_all_by_role_and_label(role, name).any(|node| node.is_focused())
}

fn is_grey(page: &Page, button: &str) -> bool {
    page.get_by_role_and_label(Role::Button, button).accesskit_node().is_disabled()
}

#[test]
fn the_field_of_a_code_lets_the_keyboard_go_on() {
    let words = &Text::zh_cn().challenge;
    let mut state = scenes::challenge_sms_wrong();
    state.accounts.challenge.as_mut().unwrap().resend = 0.0;
    let mut page = drawn(state);
    assert!(is_at(&page, Role::TextInput, &words.sms_code));
    press(&mut page, Key::Tab);
    for _ in 0..2 {
        page.run_steps(1);
        assert!(is_at(&page, Role::Button, &words.resend));
    }
}

#[test]
fn the_lock_screen_has_a_way_around_by_keyboard() {
    let words = &Text::zh_cn().vault;
    let mut page = drawn(scenes::vault_start());
    assert!(is_at(&page, Role::PasswordInput, &words.passphrase));
    // The eye stands between them; what unlocks is grey as long as nothing is typed.
    press(&mut page, Key::Tab);
    press(&mut page, Key::Tab);
    assert!(is_at(&page, Role::Button, &words.skip));
    press(&mut page, Key::Enter);
    assert!(page.state().vault.skipped);
}

#[test]
fn the_first_tab_in_a_question_is_no_danger() {
    let text = Text::zh_cn();
    let mut page = drawn(scenes::unbind());
    press(&mut page, Key::Tab);
    assert!(is_at(&page, Role::Button, &text.common.cancel));
    press(&mut page, Key::Tab);
    assert!(is_at(&page, Role::Button, &text.frame.unbind_confirm));
}

#[test]
fn keys_of_the_ledger_rest_below_a_dialog() {
    let mut page = drawn(scenes::ledger());
    ctrl(&mut page, Key::E);
    let dialog = page.state_mut().export.dialog.as_mut().unwrap();
    (dialog.kind, dialog.target) = (ExportKind::Csv, r"D:\对账.csv".into());
    page.run_steps(2);
    ctrl(&mut page, Key::E);
    let dialog = page.state().export.dialog.as_ref().unwrap();
    assert_eq!((dialog.kind, dialog.target.as_str()), (ExportKind::Csv, r"D:\对账.csv"));

    page.state_mut().export.dialog = None;
    page.state_mut().keys_shown = true;
    page.run_steps(3);
    for key in [Key::E, Key::F, Key::G] {
        ctrl(&mut page, key);
    }
    assert!(page.state().export.dialog.is_none() && page.state().ledger.going.is_none());
    assert!(!is_at(&page, Role::TextInput, &Text::zh_cn().ledger.search));
}

#[test]
fn a_claim_is_not_entered_with_a_day_that_cannot_be_read() {
    let words = &Text::zh_cn().claims;
    let mut state = scenes::ledger();
    state.open_claim(ClaimOf::Rows([7, 9].into()));
    state.claims.dialog.as_mut().unwrap().by = "李四".into();
    let mut page = drawn(state);
    let is_asked = |page: &Page| page.state().claims.dialog.as_ref().unwrap().asked.is_some();
    retype(&mut page, &words.on, "2026-02-30");
    press(&mut page, Key::Enter);
    assert!(!is_asked(&page) && is_grey(&page, &words.enter));
    focus(&mut page, &words.by);
    press(&mut page, Key::Enter);
    assert!(!is_asked(&page), "the field still holds no day");
    retype(&mut page, &words.on, "2026-03-01");
    press(&mut page, Key::Enter);
    assert!(is_asked(&page));
    assert_eq!(page.state().claims.dialog.as_ref().unwrap().on, jiff::civil::date(2026, 3, 1));
}

#[test]
fn nothing_is_downloaded_for_days_that_cannot_be_read() {
    let text = Text::zh_cn();
    let mut page = drawn(scenes::download());
    assert!(!is_grey(&page, &text.download.start));
    retype(&mut page, &text.download.to, "2026-02-30");
    assert!(is_grey(&page, &text.download.start) && is_grey(&page, &text.download.count));

    let mut state = scenes::batch();
    state.batch.dialog.as_mut().unwrap().days = Days::Chosen;
    let mut page = drawn(state);
    assert!(!is_grey(&page, &text.batch.start));
    retype(&mut page, &text.batch.to, "2026-02-30");
    press(&mut page, Key::Enter);
    assert!(page.state().batch.dialog.is_some() && is_grey(&page, &text.batch.start));
}
