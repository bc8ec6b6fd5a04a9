//! Fields and pickers driven by typing, input methods and keys.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod common;

use std::collections::BTreeSet;

use common::{CALENDAR, MULTI, RANGE, REVEAL, SELECT, TODAY, harness};
use egui::accesskit::Role;
use egui::{Event, ImeEvent, Key, Modifiers, Ui};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use jiff::civil::{Date, date};
use piaoxia_widgets::button;
use piaoxia_widgets::date_picker::{DateField, DateRangeField, Preset};
use piaoxia_widgets::field::Field;
use piaoxia_widgets::select::{MultiSelect, Select};

const KINDS: [&str; 3] = ["数电专票", "数电普票", "机动车"];

struct Form {
    name: String,
    code: String,
    secret: String,
    submitted: u32,
    changed: u32,
    region: Option<usize>,
    kinds: BTreeSet<usize>,
    from: Date,
    to: Date,
    valid: bool,
}

impl Default for Form {
    fn default() -> Self {
        Self {
            name: String::new(),
            code: String::new(),
            secret: String::new(),
            submitted: 0,
            changed: 0,
            region: None,
            kinds: BTreeSet::new(),
            from: date(2026, 2, 1),
            to: date(2026, 2, 28),
            valid: true,
        }
    }
}

fn text_form<'a>() -> Harness<'a, Form> {
    harness(Form::default(), |ui, form: &mut Form| {
        let output = Field::new("名称", &mut form.name).show(ui);
        form.submitted += u32::from(output.submitted);
        Field::new("激活码", &mut form.code).code().limit(20).show(ui);
        Field::new("密码", &mut form.secret).password(REVEAL).show(ui);
    })
}

fn focus(harness: &mut Harness<'_, Form>, label: &str) {
    harness.get_by_role_and_label(Role::TextInput, label).focus();
    harness.run();
}

fn type_into(harness: &mut Harness<'_, Form>, label: &str, text: &str) {
    focus(harness, label);
    harness.get_by_role_and_label(Role::TextInput, label).type_text(text);
    harness.run();
}

#[test]
fn a_number_is_pasted_as_it_was_copied() {
    let mut harness = harness(Form::default(), |ui, form: &mut Form| {
        Field::new("手机号", &mut form.name).number().show(ui);
    });
    focus(&mut harness, "手机号");
    harness.event(Event::Paste("\u{feff}138 0013\u{a0}８０００\u{200b}\r\n".to_owned()));
    harness.run();
    assert_eq!(harness.state().name, "13800138000");
}

#[test]
fn codes_become_half_width_while_typing() {
    let mut harness = text_form();
    type_into(&mut harness, "激活码", "　７Ｆ３Ｋ－９２");
    assert_eq!(harness.state().code, "7F3K-92");
    type_into(&mut harness, "名称", "ＡＢ票匣");
    assert_eq!(harness.state().name, "ＡＢ票匣", "names stay as typed");
}

#[test]
fn a_paste_into_a_code_field_is_cleaned_and_bounded() {
    let mut harness = text_form();
    focus(&mut harness, "激活码");
    harness.event(Event::Paste("  ７Ｆ３Ｋ-92QD-LX4M-AAAA-BBBB-CCCC\n".to_owned()));
    harness.run();
    assert!(harness.state().code.starts_with("7F3K-92QD"));
    assert!(harness.state().code.chars().count() <= 20);
}

#[test]
fn enter_submits_but_not_while_a_word_is_composed() {
    let mut harness = text_form();
    focus(&mut harness, "名称");
    let preedit = ImeEvent::Preedit { text: "zhong".to_owned(), active_range_chars: Some(0..5) };
    harness.event(Event::Ime(preedit));
    harness.step();
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(harness.state().submitted, 0);
    // Some systems send the committed word and its Enter in the same frame.
    let commit = Event::Ime(ImeEvent::Commit("中国".to_owned()));
    let enter = Event::Key { key: Key::Enter, physical_key: None, pressed: true, repeat: false, modifiers: Modifiers::NONE };
    harness.input_mut().events.extend([commit, enter]);
    harness.step();
    harness.run();
    assert_eq!(harness.state().submitted, 0, "Enter that commits a word");
    assert_eq!(harness.state().name, "中国");
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(harness.state().submitted, 1);
}

#[test]
fn full_width_text_is_not_touched_during_composition() {
    let mut harness = text_form();
    focus(&mut harness, "激活码");
    harness.event(Event::Ime(ImeEvent::Preedit { text: "ａｂ".to_owned(), active_range_chars: None }));
    harness.step();
    harness.step();
    assert_eq!(harness.state().code, "ａｂ");
    harness.event(Event::Ime(ImeEvent::Commit("ａｂｃ".to_owned())));
    harness.run();
    assert_eq!(harness.state().code, "abc");
}

#[test]
fn a_password_can_be_shown() {
    let mut harness = text_form();
    harness.get_by_label("密码").focus();
    harness.run();
    harness.get_by_label("密码").type_text("s3cret");
    harness.run();
    assert_eq!(harness.state().secret, "s3cret");
    let value = |harness: &Harness<'_, Form>| harness.get_by_label("密码").accesskit_node().value().unwrap_or_default();
    assert!(!value(&harness).contains("s3cret"));
    harness.get_by_label("显示密码").click();
    harness.run();
    assert!(value(&harness).contains("s3cret"));
    assert!(harness.query_by_label("隐藏密码").is_some());
}

#[test]
fn a_password_is_hidden_again_when_its_field_comes_back() {
    let mut harness = harness((String::from("s3cret"), true), |ui, (secret, is_there): &mut (String, bool)| {
        if *is_there {
            Field::new("密码", secret).password(REVEAL).show(ui);
        }
    });
    harness.get_by_label("显示密码").click();
    harness.run();
    harness.run_steps(5);
    assert!(harness.query_by_label("隐藏密码").is_some(), "as long as it is there");
    harness.state_mut().1 = false;
    harness.run_steps(3);
    harness.state_mut().1 = true;
    harness.run_steps(2);
    assert!(harness.query_by_label("隐藏密码").is_none() && harness.query_by_label("显示密码").is_some());
}

#[test]
fn what_was_typed_as_a_secret_cannot_be_brought_back() {
    let mut harness = text_form();
    for label in ["名称", "激活码", "密码"] {
        harness.get_by_label(label).focus();
        harness.run();
        harness.get_by_label(label).type_text("s3cret");
        harness.run();
        harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
        harness.run();
    }
    let Form { name, code, secret, .. } = harness.state();
    assert_eq!((name.as_str(), code.as_str(), secret.as_str()), ("", "s3cret", "s3cret"));
}

#[test]
fn a_first_field_has_the_keyboard_until_it_is_left() {
    let mut harness = harness((String::new(), true, 0), |ui, (code, free, pressed): &mut (String, bool, u32)| {
        ui.add_enabled_ui(*free, |ui| {
            Field::new("验证码", code).first(true).show(ui);
            *pressed += u32::from(ui.add(button::secondary("重新发送")).clicked());
        });
    });
    let is_at = |harness: &Harness<'_, (String, bool, u32)>, label: &str| harness.get_by_label(label).is_focused();
    let at_field = |harness: &Harness<'_, (String, bool, u32)>| harness.get_by_role_and_label(Role::TextInput, "验证码").is_focused();
    let ime = harness.output().platform_output.ime.as_ref();
    assert!(at_field(&harness) && ime.is_some_and(|ime| !ime.should_interrupt_composition));
    harness.get_by_role_and_label(Role::TextInput, "验证码").type_text("12");
    harness.key_press(Key::Enter);
    harness.run();
    assert!(at_field(&harness), "a code that was wrong is typed anew");
    harness.key_press(Key::Tab);
    harness.run_steps(3);
    assert!(is_at(&harness, "重新发送"));
    harness.key_press(Key::Space);
    harness.run();
    assert_eq!((harness.state().2, is_at(&harness, "重新发送")), (1, true));
    // Work goes on, during which nothing has the keyboard.
    for free in [false, true] {
        harness.state_mut().1 = free;
        harness.run_steps(3);
        assert_eq!(at_field(&harness), free);
    }
}

fn long_list<'a>() -> Harness<'a, Form> {
    harness(Form::default(), |ui, form: &mut Form| {
        let names: Vec<String> = (0..300).map(|index| format!("企业{index:03}")).collect();
        let response = Select::new("企业", &mut form.region, names.len(), |index| names[index].as_str(), SELECT).show(ui);
        form.changed += u32::from(response.changed());
    })
}

#[test]
fn a_long_list_is_filtered_by_typing_and_picked_by_enter() {
    let mut harness = long_list();
    harness.get_by_label("企业").click();
    harness.run();
    harness.get_by_label("输入文字筛选").type_text("２９");
    harness.run();
    assert!(harness.query_by_label("显示 13 / 300 项").is_some());
    harness.key_press(Key::ArrowDown);
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(harness.state().region, Some(129));
    assert_eq!(harness.state().changed, 1);
    assert!(harness.query_by_label("输入文字筛选").is_none(), "the list is closed");
    assert!(harness.get_by_label("企业").accesskit_node().value().unwrap().contains("企业129"));
}

#[test]
fn a_list_opens_by_keyboard_and_escape_leaves_it() {
    let mut harness = long_list();
    harness.key_press(Key::Tab);
    harness.run();
    harness.key_press(Key::ArrowDown);
    harness.run();
    assert!(harness.query_by_label("输入文字筛选").is_some());
    harness.key_press(Key::Escape);
    harness.run();
    assert!(harness.query_by_label("输入文字筛选").is_none());
    assert_eq!(harness.state().region, None);
    harness.key_press(Key::ArrowDown);
    harness.run();
    assert!(harness.query_by_label("输入文字筛选").is_some(), "the control has the keyboard again");
}

#[test]
fn a_screen_reader_follows_the_arrow_keys_in_a_list() {
    let mut harness = long_list();
    for key in [Key::Tab, Key::ArrowDown, Key::ArrowDown] {
        harness.key_press(key);
        harness.run();
    }
    let filter = harness.get_by_role_and_label(Role::TextInput, "输入文字筛选").accesskit_node();
    let option = filter.active_descendant().unwrap();
    assert_eq!((option.label().as_deref(), option.is_focused(), option.is_selected()), (Some("企业001"), true, Some(false)));
    harness.key_press(Key::Enter);
    harness.run_steps(4);
    harness.key_press(Key::ArrowDown);
    harness.run();
    let chosen = harness.get_by_role_and_label(Role::ListBoxOption, "企业001").accesskit_node();
    assert_eq!((chosen.is_focused(), chosen.is_selected()), (true, Some(true)));
}

fn multi<'a>() -> Harness<'a, Form> {
    harness(Form::default(), |ui, form: &mut Form| {
        let response = MultiSelect::new("发票种类", &mut form.kinds, 3, |index| KINDS[index], MULTI).show(ui);
        form.changed += u32::from(response.changed());
    })
}

#[test]
fn several_kinds_can_be_checked() {
    let mut harness = multi();
    let value = |harness: &Harness<'_, Form>| harness.get_by_label("发票种类").accesskit_node().value().unwrap();
    assert_eq!(value(&harness), "全部");
    harness.get_by_label("发票种类").click();
    harness.run();
    harness.get_by_label("数电专票").click();
    harness.run();
    harness.get_by_label("机动车").click();
    harness.run();
    assert_eq!(harness.state().kinds, BTreeSet::from([0, 2]));
    assert_eq!(value(&harness), "数电专票、机动车");
    harness.get_by_label("全部").click();
    harness.run();
    assert_eq!(harness.state().kinds, BTreeSet::new());
    assert_eq!(harness.state().changed, 3);
    // By keyboard: down to the third row, Space.
    harness.key_press(Key::ArrowDown);
    harness.run();
    harness.key_press(Key::ArrowDown);
    harness.run();
    harness.key_press(Key::Space);
    harness.run();
    assert_eq!(harness.state().kinds.len(), 1);
}

fn one_date(ui: &mut Ui, form: &mut Form) {
    let output = DateField::new("日期", &mut form.from, CALENDAR).today(TODAY).min(date(2026, 1, 1)).max(date(2026, 12, 31)).show(ui);
    form.changed += u32::from(output.changed);
    form.valid = output.valid;
}

fn retype(harness: &mut Harness<'_, Form>, label: &str, text: &str) {
    focus(harness, label);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.run();
    harness.get_by_role_and_label(Role::TextInput, label).type_text(text);
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
}

#[test]
fn dates_are_typed_in_many_ways() {
    let mut harness = harness(Form::default(), one_date);
    for (text, expected) in [
        ("20260305", date(2026, 3, 5)),
        ("2026/4/6", date(2026, 4, 6)),
        ("２０２６－０５－０７", date(2026, 5, 7)),
        ("2026年6月8日", date(2026, 6, 8)),
    ] {
        retype(&mut harness, "日期", text);
        assert_eq!(harness.state().from, expected, "{text}");
        let shown = harness.get_by_label("日期").accesskit_node().value().unwrap();
        assert_eq!(shown, expected.to_string(), "the field shows the plain form");
    }
    assert_eq!(harness.state().changed, 4);
}

#[test]
fn a_wrong_date_is_explained_and_changes_nothing() {
    let mut harness = harness(Form::default(), one_date);
    retype(&mut harness, "日期", "2026-02-30");
    assert!(harness.query_by_label("请输入日期，如 2026-03-01").is_some() && !harness.state().valid);
    retype(&mut harness, "日期", "2025-12-31");
    assert!(harness.query_by_label("日期须在 2026-01-01 与 2026-12-31 之间").is_some() && !harness.state().valid);
    assert_eq!(harness.state().from, date(2026, 2, 1));
    retype(&mut harness, "日期", "2026-02-03");
    assert!(harness.query_by_label_contains("日期须在").is_none() && harness.state().valid);
    assert_eq!(harness.state().changed, 1);
}

#[test]
fn a_day_is_picked_from_the_calendar() {
    let mut harness = harness(Form::default(), one_date);
    harness.get_by_label("日期 打开日历").click();
    harness.run();
    assert!(harness.query_by_label("2026年2月").is_some());
    harness.get_by_label("下个月").click();
    harness.run();
    harness.get_by_label("2026-03-09").click();
    harness.run();
    assert_eq!(harness.state().from, date(2026, 3, 9));
    assert!(harness.query_by_label("2026年3月").is_none(), "the calendar is closed");
}

#[test]
fn the_calendar_obeys_keys_and_limits() {
    let mut harness = harness(Form::default(), one_date);
    focus(&mut harness, "日期");
    harness.key_press(Key::ArrowDown);
    harness.run();
    harness.key_press(Key::PageUp);
    harness.run();
    harness.key_press(Key::PageUp);
    harness.run();
    assert!(harness.query_by_label("2026年1月").is_some(), "not before the first allowed day");
    harness.key_press(Key::ArrowRight);
    harness.run();
    harness.key_press(Key::ArrowDown);
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(harness.state().from, date(2026, 1, 9));
}

fn range(ui: &mut Ui, form: &mut Form) {
    let presets: [Preset<'_>; 2] = [("本月", date(2026, 3, 1), date(2026, 3, 31)), ("上月", date(2026, 2, 1), date(2026, 2, 28))];
    let field = DateRangeField::new("开票日期", (&mut form.from, &mut form.to), &presets, RANGE, CALENDAR);
    let output = field.today(TODAY).show(ui);
    form.changed += u32::from(output.changed);
    form.valid = output.valid;
}

/// Types over what stood in a field, a character an event, and looks at the form after each.
fn type_keys(harness: &mut Harness<'_, Form>, label: &str, text: &str, look: impl Fn(&Form)) {
    focus(harness, label);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.run();
    for character in text.chars() {
        harness.event(Event::Text(character.to_string()));
        harness.run();
        look(harness.state());
    }
}

#[test]
fn a_day_that_is_typed_key_by_key_does_not_move_the_other_end() {
    let mut harness = harness(Form { from: date(2026, 10, 10), to: date(2026, 10, 31), ..Form::default() }, range);
    type_keys(&mut harness, "开票日期止", "2026-10-25", |form| assert_eq!(form.from, date(2026, 10, 10)));
    assert_eq!((harness.state().to, harness.state().valid), (date(2026, 10, 25), true));
    // What stays after the last one takes the other end along once the field is left.
    type_keys(&mut harness, "开票日期起", "2026-11-05", |form| assert_eq!(form.to, date(2026, 10, 25)));
    harness.key_press(Key::Tab);
    harness.run();
    assert_eq!((harness.state().from, harness.state().to), (date(2026, 11, 5), date(2026, 11, 5)));
}

#[test]
fn reversed_limits_of_a_clock_that_was_reset_leave_one_day() {
    let mut harness = harness(Form::default(), |ui, form: &mut Form| {
        let field = DateRangeField::new("开票日期", (&mut form.from, &mut form.to), &[], RANGE, CALENDAR);
        field.min(date(2017, 1, 1)).max(date(2009, 12, 31)).today(date(2010, 1, 1)).show(ui);
    });
    harness.get_by_label("开票日期起 打开日历").click();
    harness.run();
    harness.get_by_label("下个月").click();
    harness.run();
    assert!(harness.query_by_label("2017年1月").is_some());
    harness.get_by_label("2017-01-01").click();
    harness.run();
    assert_eq!(harness.state().from, date(2017, 1, 1));
}

#[test]
fn a_range_is_never_reversed_and_has_presets() {
    let mut harness = harness(Form::default(), range);
    retype(&mut harness, "开票日期起", "20260310");
    assert_eq!((harness.state().from, harness.state().to), (date(2026, 3, 10), date(2026, 3, 10)));
    retype(&mut harness, "开票日期止", "20260105");
    assert_eq!((harness.state().from, harness.state().to), (date(2026, 1, 5), date(2026, 1, 5)));
    harness.get_by_label("常用期间").click();
    harness.run();
    harness.get_by_label("本月").click();
    harness.run();
    assert_eq!((harness.state().from, harness.state().to), (date(2026, 3, 1), date(2026, 3, 31)));
}
