//! Dialogs, notices and small controls.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod common;

use common::{NOTICE, SELECT, harness};
use egui::accesskit::Role;
use egui::{Event, ImeEvent, Key, Ui};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use piaoxia_widgets::dialog::{Choice, Dialog, Question, confirm};
use piaoxia_widgets::elide::Elided;
use piaoxia_widgets::field::Field;
use piaoxia_widgets::nav::{NavItem, nav_rail};
use piaoxia_widgets::notice::{self, Level, Notice, Notices};
use piaoxia_widgets::progress::Progress;
use piaoxia_widgets::segmented::segmented;
use piaoxia_widgets::select::Select;
use piaoxia_widgets::tabs::tabs;
use piaoxia_widgets::{Icon, button};

const NAMES: [&str; 2] = ["北京", "上海"];

#[derive(Default)]
struct Screen {
    choices: Vec<Choice>,
    text: String,
    region: Option<usize>,
    busy: bool,
    danger: bool,
    behind: u32,
}

fn dialog(ui: &mut Ui, screen: &mut Screen) {
    if ui.add(button::primary("后面的按钮")).clicked() {
        screen.behind += 1;
    }
    let mut dialog = Dialog::new("dialog", "编辑账号").confirm("保存").cancel("取消").busy(screen.busy);
    if screen.danger {
        dialog = dialog.danger();
    }
    let (choice, ()) = dialog.show(ui.ctx(), |ui| {
        Field::new("用户名", &mut screen.text).show(ui);
        Select::new("地区", &mut screen.region, 2, |index| NAMES[index], SELECT).show(ui);
    });
    if choice != Choice::Open {
        screen.choices.push(choice);
    }
}

fn press(harness: &mut Harness<'_, Screen>, key: Key) {
    harness.key_press(key);
    harness.run();
}

#[test]
fn enter_confirms_and_escape_cancels() {
    let mut harness = harness(Screen::default(), dialog);
    press(&mut harness, Key::Enter);
    press(&mut harness, Key::Escape);
    assert_eq!(harness.state().choices, [Choice::Confirmed, Choice::Cancelled]);
    harness.get_by_label("保存").click();
    harness.run();
    harness.get_by_label("取消").click();
    harness.run();
    assert_eq!(harness.state().choices[2..], [Choice::Confirmed, Choice::Cancelled]);
}

#[test]
fn enter_in_a_field_confirms_but_not_while_composing() {
    let mut harness = harness(Screen::default(), dialog);
    harness.get_by_role_and_label(Role::TextInput, "用户名").focus();
    harness.run();
    harness.event(Event::Ime(ImeEvent::Preedit { text: "zhang".to_owned(), active_range_chars: None }));
    harness.step();
    press(&mut harness, Key::Enter);
    assert!(harness.state().choices.is_empty());
    harness.event(Event::Ime(ImeEvent::Commit("张".to_owned())));
    harness.run();
    press(&mut harness, Key::Enter);
    assert_eq!(harness.state().choices, [Choice::Confirmed]);
    assert_eq!(harness.state().text, "张");
}

#[test]
fn enter_and_escape_in_a_list_stay_in_the_list() {
    let mut harness = harness(Screen::default(), dialog);
    harness.get_by_label("地区").click();
    harness.run();
    press(&mut harness, Key::ArrowDown);
    press(&mut harness, Key::Enter);
    assert_eq!(harness.state().region, Some(1));
    harness.get_by_label("地区").click();
    harness.run();
    press(&mut harness, Key::Escape);
    assert!(harness.state().choices.is_empty(), "{:?}", harness.state().choices);
}

#[test]
fn a_danger_needs_its_button() {
    let mut harness = harness(Screen { danger: true, ..Screen::default() }, dialog);
    press(&mut harness, Key::Enter);
    assert!(harness.state().choices.is_empty());
    harness.get_by_label("保存").click();
    harness.run();
    assert_eq!(harness.state().choices, [Choice::Confirmed]);
}

#[test]
fn a_busy_dialog_can_only_be_cancelled() {
    let mut harness = harness(Screen { busy: true, ..Screen::default() }, dialog);
    press(&mut harness, Key::Enter);
    harness.get_by_label("保存").click();
    harness.run();
    assert!(harness.state().choices.is_empty());
    press(&mut harness, Key::Escape);
    assert_eq!(harness.state().choices, [Choice::Cancelled]);
}

#[test]
fn the_keyboard_and_the_pointer_stay_in_the_dialog() {
    let mut harness = harness(Screen::default(), dialog);
    harness.get_by_label("后面的按钮").click();
    harness.run();
    for _ in 0..7 {
        press(&mut harness, Key::Tab);
        press(&mut harness, Key::Space);
        harness.key_press(Key::Escape);
        harness.run();
    }
    assert_eq!(harness.state().behind, 0);
}

#[test]
fn a_question_is_answered() {
    let question =
        Question { title: "解除绑定？", text: "本机数据会保留。", confirm: "解除绑定", cancel: "取消", danger: true };
    let mut harness = harness(Vec::new(), move |ui, answers: &mut Vec<Choice>| {
        let choice = confirm(ui.ctx(), "unbind", &question);
        if choice != Choice::Open {
            answers.push(choice);
        }
    });
    harness.get_by_label("解除绑定").click();
    harness.run();
    harness.key_press(Key::Escape);
    harness.run();
    assert_eq!(*harness.state(), [Choice::Confirmed, Choice::Cancelled]);
}

#[test]
fn the_first_tab_in_a_danger_is_its_way_out() {
    let mut harness = harness(Vec::new(), |ui, answers: &mut Vec<Choice>| {
        let question = Question {
            title: "解除绑定？", text: "本机数据会保留。", confirm: "解除绑定", cancel: "取消", danger: true
        };
        answers.extend(Some(confirm(ui.ctx(), "unbind", &question)).filter(|choice| *choice != Choice::Open));
    });
    let (cancel, danger) = (harness.get_by_label("取消").rect(), harness.get_by_label("解除绑定").rect());
    assert!(cancel.right() < danger.left(), "{cancel:?} {danger:?}");
    harness.key_press(Key::Tab);
    harness.run();
    assert!(harness.get_by_label("取消").is_focused());
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(*harness.state(), [Choice::Cancelled]);
    harness.key_press(Key::Tab);
    harness.run();
    assert!(harness.get_by_label("解除绑定").is_focused());
}

#[test]
fn what_a_form_cannot_take_is_not_confirmed() {
    let mut harness = harness((false, Vec::new()), |ui, (ready, choices): &mut (bool, Vec<Choice>)| {
        let (choice, ()) = Dialog::new("form", "报销登记").confirm("登记").cancel("取消").show_form(ui.ctx(), |_| ((), *ready));
        choices.extend(Some(choice).filter(|choice| *choice != Choice::Open));
    });
    assert!(harness.get_by_label("登记").accesskit_node().is_disabled());
    for ready in [false, true] {
        harness.state_mut().0 = ready;
        harness.key_press(Key::Enter);
        harness.run();
        harness.get_by_label("登记").click();
        harness.run();
        assert_eq!(harness.state().1.len(), if ready { 2 } else { 0 });
    }
}

#[test]
fn notices_expire_errors_stay_and_actions_come_back() {
    let mut notices: Notices<&str> = Notices::default();
    notices.push(Notice::new(Level::Done, "已导出"));
    notices.push(Notice::new(Level::Error, "下载中断").detail("杭州云栖").action("重试", "retry"));
    let mut harness = harness((notices, None), |ui, (notices, pressed)| {
        *pressed = pressed.or(notice::show(ui.ctx(), notices, &NOTICE));
    });
    assert!(harness.query_by_label("已导出").is_some());
    for _ in 0..30 {
        harness.step();
    }
    assert!(harness.query_by_label("已导出").is_none());
    harness.get_by_label("重试").click();
    harness.run();
    assert_eq!(harness.state().1, Some("retry"));
    assert!(harness.query_by_label("下载中断").is_none());
    assert_eq!(harness.state().0.history().count(), 2);
}

#[test]
fn switches_move_by_pointer_and_arrow_keys() {
    let mut harness = harness((0, 0, None), |ui, (tab, mode, page)| {
        tabs(ui, &["全部", "取得", "开具"], tab);
        segmented(ui, "模式", &["数电", "税控"], mode);
        *page = nav_rail(ui, &[NavItem::new(Icon::Home, "首页"), NavItem::new(Icon::Jobs, "任务").badge(2)], *page).or(*page);
    });
    harness.get_by_label("开具").click();
    harness.get_by_label("税控").click();
    harness.get_by_label("任务").click();
    harness.run();
    assert_eq!(*harness.state(), (2, 1, Some(1)));
    harness.get_by_label("开具").focus();
    harness.run();
    harness.key_press(Key::ArrowLeft);
    harness.run();
    assert_eq!(harness.state().0, 1);
}

#[test]
fn an_elided_label_keeps_its_whole_name() {
    let path = r"D:\票匣\Data\originals\2026\26332000000041877037.ofd";
    let harness = harness((), move |ui, ()| {
        ui.add(Elided::new(path).middle().width(160.0));
    });
    let label = harness.get_by_label(path);
    assert!(label.rect().width() <= 160.5);
}

#[test]
fn moving_parts_ask_for_ten_frames_a_second() {
    let harness = harness((), |ui, ()| {
        ui.add(Progress::endless("下载"));
        ui.add(button::primary("保存").busy(true));
    });
    let delay = harness.output().viewport_output.values().map(|output| output.repaint_delay).min().unwrap();
    assert!(delay.as_millis() >= 90, "{delay:?}");
    assert!(harness.get_by_label("保存").accesskit_node().is_disabled());
}

#[test]
fn a_dialog_whose_content_grows_is_as_high_as_that_without_a_touch() {
    let mut harness = harness(1, |ui: &mut Ui, lines: &mut usize| {
        let (choice, ()) = Dialog::new("grows", "标题").cancel("取消").show(ui.ctx(), |ui| {
            for line in 1..=*lines {
                ui.label(format!("第 {line} 行"));
            }
        });
        assert_eq!(choice, Choice::Open);
    });
    *harness.state_mut() = 12;
    // As many frames as it asks for.
    harness.run();
    let (last, button) = (harness.get_by_label("第 12 行").rect(), harness.get_by_label("取消").rect());
    assert!(last.bottom() < button.top(), "{last:?} {button:?}");
}
