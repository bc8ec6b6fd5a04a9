//! The table driven by wheel, keys and pointer.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod common;

use common::{TABLE, harness};
use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, MouseWheelUnit, PointerButton, Rect, TouchPhase, Ui, Vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use piaoxia_widgets::big_table::{
    BigTable, Cell, CheckText, Column, GroupHead, RowPosition, SortOrder, TableOutput, TableRows, TableState,
};

const ROWS: u64 = 10_000_000;
const COLUMNS: [Column<'static>; 3] =
    [Column::new("号码", 120.0), Column::new("名称", 160.0).min_width(60.0), Column::number("金额", 100.0)];

const CHECKS: CheckText<'static> = CheckText { all: "全选", row: "选择第 {i} 行" };

#[derive(Default)]
struct Screen {
    table: TableState,
    output: TableOutput,
    rows: u64,
    prepared: Vec<std::ops::Range<u64>>,
    sorts: Vec<usize>,
    checks: bool,
    opened: Vec<u64>,
    /// Every tenth row is the head of a group; whether it is open.
    groups: Option<bool>,
    folds: Vec<(u64, bool)>,
}

struct Content<'a>(&'a mut Vec<std::ops::Range<u64>>, Option<bool>);

impl TableRows for Content<'_> {
    fn prepare(&mut self, visible: std::ops::Range<u64>) {
        self.0.push(visible);
    }

    fn head(&mut self, row: u64) -> Option<GroupHead> {
        let is_open = self.1.filter(|_| row.is_multiple_of(10))?;
        Some(GroupHead { title: format!("组 {row}"), about: "9 张".to_owned(), count: "9 张".to_owned(), sums: Vec::new(), is_open })
    }

    fn cell(&mut self, cell: &mut Cell<'_>, row: u64, column: usize) {
        match column {
            0 => cell.text(&format!("no{row}")),
            1 => cell.text("杭州云栖数据服务有限公司西湖区分公司"),
            _ => cell.text("1,234.50"),
        }
    }

    fn label(&mut self, row: u64) -> String {
        format!("发票 no{row}")
    }
}

fn draw(ui: &mut Ui, screen: &mut Screen) {
    let table = BigTable::new("table", &COLUMNS, screen.rows, TABLE).sort(0, SortOrder::Ascending).height(400.0);
    let table = if screen.checks { table.checkboxes(CHECKS) } else { table };
    let table = table.empty(|ui| {
        ui.label("没有发票");
    });
    let mut content = Content(&mut screen.prepared, screen.groups);
    screen.output = table.show(ui, &mut screen.table, &mut content);
    screen.sorts.extend(screen.output.sort);
    screen.opened.extend(screen.output.opened);
    screen.folds.extend(screen.output.fold);
}

fn table<'a>(rows: u64) -> Harness<'a, Screen> {
    harness(Screen { rows, ..Screen::default() }, draw)
}

fn wheel(harness: &mut Harness<'_, Screen>, points: f32) {
    harness.hover_at(egui::pos2(200.0, 200.0));
    harness.step();
    harness.event(Event::MouseWheel {
        unit: MouseWheelUnit::Point,
        delta: Vec2::new(0.0, points),
        phase: TouchPhase::Move,
        modifiers: Modifiers::NONE,
        source: egui::MouseWheelSource::Unknown,
    });
    // egui spreads a wheel step over a few frames.
    for _ in 0..20 {
        harness.step();
    }
}

fn row_label(row: u64) -> String {
    format!("第 {} 行，共 {ROWS} 行 发票 no{row}", row + 1)
}

fn row_rect(harness: &Harness<'_, Screen>, row: u64) -> Rect {
    harness.get_by_label(&row_label(row)).rect()
}

#[test]
fn wheel_steps_are_exact_at_row_five_million() {
    let mut harness = table(ROWS);
    harness.state_mut().table.position = RowPosition { row: 5_000_000, pixel: 0.0 };
    harness.run();
    let before = row_rect(&harness, 5_000_003).top();
    for _ in 0..10 {
        wheel(&mut harness, -0.5);
    }
    assert!((before - row_rect(&harness, 5_000_003).top() - 5.0).abs() < 0.01);
    let position = harness.state().table.position;
    assert_eq!(position.row, 5_000_000);
    assert!((position.pixel - 5.0).abs() < 0.01, "{position:?}");
    let rows: Vec<f32> = (5_000_001..5_000_011).map(|row| row_rect(&harness, row).top()).collect();
    assert!(rows.windows(2).all(|pair| (pair[1] - pair[0] - 30.0).abs() < 0.001), "{rows:?}");
}

#[test]
fn only_visible_rows_are_asked_for() {
    let mut harness = table(ROWS);
    harness.state_mut().prepared.clear();
    harness.state_mut().table.go_to(9_999_999);
    harness.run();
    let visible = harness.state().prepared.last().unwrap().clone();
    assert_eq!(visible.end, ROWS);
    assert!(visible.end - visible.start <= 14, "{visible:?}");
    assert_eq!(harness.state().output.visible, visible);
    assert_eq!(harness.query_all_by_role(Role::Row).count() as u64, visible.end - visible.start + 1, "with the header");
}

#[test]
fn end_home_and_pages_by_keyboard() {
    let mut harness = table(ROWS);
    harness.get_by_label_contains("发票 no2").click();
    harness.run();
    harness.key_press(Key::End);
    harness.run();
    assert_eq!(harness.state().table.cursor, Some(ROWS - 1));
    assert!(harness.query_by_label_contains("发票 no9999999").is_some());
    harness.key_press(Key::PageUp);
    harness.run();
    let page = ROWS - 1 - harness.state().table.cursor.unwrap();
    assert!((11..=12).contains(&page), "{page}");
    harness.key_press(Key::ArrowUp);
    harness.run();
    assert_eq!(harness.state().table.cursor, Some(ROWS - 2 - page));
    assert_eq!(harness.state().table.selection.single(), harness.state().table.cursor);
    harness.key_press(Key::Home);
    harness.run();
    assert_eq!(harness.state().table.position, RowPosition::default());
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(harness.state().opened, [0]);
}

#[test]
fn the_head_of_a_group_opens_and_closes_it() {
    let mut harness = table(ROWS);
    harness.state_mut().groups = Some(true);
    harness.run();
    let head = format!("第 11 行，共 {ROWS} 行 组 10 9 张");
    assert_eq!(harness.get_by_label(&head).accesskit_node().data().is_expanded(), Some(true));
    harness.get_by_label(&head).click();
    harness.run();
    assert_eq!((harness.state_mut().folds.split_off(0), harness.state().table.cursor), (vec![(10, false)], Some(10)));
    harness.get_by_label(&head).click_modifiers(Modifiers::COMMAND);
    harness.run();
    assert_eq!(harness.state().folds, [], "only out of the selection");
    for (key, folds) in [(Key::ArrowRight, vec![]), (Key::ArrowLeft, vec![(10, false)]), (Key::Enter, vec![(10, false)])] {
        harness.key_press(key);
        harness.run();
        assert_eq!(harness.state_mut().folds.split_off(0), folds, "{key:?}");
    }
    harness.state_mut().groups = Some(false);
    harness.run();
    for (key, folds) in [(Key::ArrowLeft, vec![]), (Key::ArrowRight, vec![(10, true)]), (Key::Enter, vec![(10, true)])] {
        harness.key_press(key);
        harness.run();
        assert_eq!(harness.state_mut().folds.split_off(0), folds, "{key:?}");
    }
    assert_eq!((&harness.state().opened, harness.state().table.cursor), (&vec![], Some(10)));
    // Beside the heads the keys do what they always do.
    harness.key_press(Key::ArrowDown);
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!((&harness.state().opened, &harness.state().folds), (&vec![11], &vec![]));
}

fn click_row(harness: &mut Harness<'_, Screen>, row: u64, modifiers: Modifiers) {
    harness.get_by_label(&row_label(row)).click_modifiers(modifiers);
    harness.run();
}

/// The selected ranges as (first, one after the last).
fn selected(harness: &Harness<'_, Screen>) -> Vec<(u64, u64)> {
    harness.state().table.selection.ranges().iter().map(|range| (range.start, range.end)).collect()
}

#[test]
fn click_ctrl_shift_and_all() {
    let mut harness = table(ROWS);
    click_row(&mut harness, 3, Modifiers::NONE);
    assert_eq!(selected(&harness), [(3, 4)]);
    click_row(&mut harness, 7, Modifiers::SHIFT);
    assert_eq!(selected(&harness), [(3, 8)]);
    click_row(&mut harness, 5, Modifiers::COMMAND);
    assert_eq!(selected(&harness), [(3, 5), (6, 8)]);
    click_row(&mut harness, 9, Modifiers::COMMAND);
    assert_eq!(selected(&harness), [(3, 5), (6, 8), (9, 10)]);
    click_row(&mut harness, 1, Modifiers::NONE);
    assert_eq!(selected(&harness), [(1, 2)]);
    harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowDown);
    harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowDown);
    harness.run();
    assert_eq!(selected(&harness), [(1, 4)]);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.run();
    assert_eq!(harness.state().table.selection.count(), ROWS);
}

#[test]
fn boxes_add_to_the_selection() {
    let mut harness = harness(Screen { rows: ROWS, checks: true, ..Screen::default() }, draw);
    harness.get_by_label("选择第 3 行").click();
    harness.run();
    harness.get_by_label("选择第 6 行").click();
    harness.run();
    assert_eq!(selected(&harness), [(2, 3), (5, 6)]);
    harness.get_by_label("选择第 9 行").click_modifiers(Modifiers::SHIFT);
    harness.run();
    assert_eq!(selected(&harness), [(2, 3), (5, 9)]);
    harness.get_by_label("选择第 3 行").click();
    harness.run();
    assert_eq!(selected(&harness), [(5, 9)]);
    harness.get_by_label("全选").click();
    harness.run();
    assert_eq!(selected(&harness), [(0, ROWS)]);
    harness.get_by_label("全选").click();
    harness.run();
    assert!(selected(&harness).is_empty());
}

#[test]
fn the_table_is_reached_by_tab_and_moved_by_arrows() {
    let mut harness = table(ROWS);
    // Three headers sort, the table itself comes before them.
    harness.key_press(Key::Tab);
    harness.run();
    harness.key_press(Key::ArrowDown);
    harness.key_press(Key::ArrowDown);
    harness.run();
    assert_eq!(harness.state().table.cursor, Some(1));
    assert!(harness.get_by_role_and_label(Role::Table, "发票").accesskit_node().is_focused());
}

#[test]
fn double_click_opens_and_the_other_button_selects() {
    let state = Screen { rows: ROWS, ..Screen::default() };
    // Each event is a frame: two clicks within 0.3 s need short ones.
    let mut harness = common::builder(900.0, 640.0).with_step_dt(0.02).build_ui_state(draw, state);
    harness.run();
    let position = row_rect(&harness, 4).center();
    harness.hover_at(position);
    for pressed in [true, false, true, false] {
        harness.event(Event::PointerButton { pos: position, button: PointerButton::Primary, pressed, modifiers: Modifiers::NONE });
    }
    harness.run();
    assert_eq!(harness.state().opened, [4]);
    let other = row_rect(&harness, 6).center();
    harness.hover_at(other);
    for pressed in [true, false] {
        harness.event(Event::PointerButton { pos: other, button: PointerButton::Secondary, pressed, modifiers: Modifiers::NONE });
    }
    harness.step();
    assert_eq!(harness.state().output.context, Some(6));
    assert_eq!(selected(&harness), [(6, 7)]);
}

#[test]
fn headers_sort_and_resize() {
    let mut harness = table(ROWS);
    harness.get_by_label("名称").click();
    harness.run();
    assert_eq!(harness.state().sorts, [1]);
    let before = harness.get_by_label("金额").rect();
    let edge = harness.get_by_label("名称").rect().right_center();
    harness.drag_at(edge);
    harness.run();
    harness.hover_at(edge + Vec2::new(50.0, 0.0));
    harness.run();
    harness.drop_at(edge + Vec2::new(50.0, 0.0));
    harness.run();
    let after = harness.get_by_label("金额").rect();
    assert!((after.left() - before.left() - 50.0).abs() < 1.5, "{before:?} {after:?}");
    let edge = harness.get_by_label("名称").rect().right_center();
    harness.drag_at(edge);
    harness.run();
    harness.hover_at(edge - Vec2::new(500.0, 0.0));
    harness.run();
    harness.drop_at(edge - Vec2::new(500.0, 0.0));
    harness.run();
    assert!((harness.get_by_label("名称").rect().width() - 60.0).abs() < 0.5);
    assert_eq!(harness.state().sorts, [1], "dragging an edge does not sort");
}

#[test]
fn the_scrollbar_reaches_the_last_row() {
    let mut harness = table(ROWS);
    let table = harness.get_by_role_and_label(Role::Table, "发票").rect();
    let bar_x = table.right() - 7.0;
    harness.drag_at(egui::pos2(bar_x, table.top() + 50.0));
    harness.run();
    harness.hover_at(egui::pos2(bar_x, table.bottom() + 300.0));
    harness.run();
    harness.drop_at(egui::pos2(bar_x, table.bottom() + 300.0));
    harness.run();
    assert!(harness.query_by_label_contains("发票 no9999999").is_some());
}

#[test]
fn columns_that_do_not_fit_scroll_sideways() {
    let mut harness = table(50);
    harness.set_size(Vec2::new(300.0, 500.0));
    harness.run();
    let before = harness.get_by_label("名称").rect().left();
    harness.get_by_label_contains("发票 no2").click();
    harness.run();
    harness.key_press(Key::ArrowRight);
    harness.run();
    assert!((before - harness.get_by_label("名称").rect().left() - 60.0).abs() < 0.5);
    for _ in 0..9 {
        harness.key_press(Key::ArrowRight);
    }
    harness.run();
    let table = harness.get_by_role_and_label(Role::Table, "发票").rect();
    assert!((harness.get_by_label("金额").rect().right() - (table.right() - 13.0)).abs() < 1.0);
}

#[test]
fn a_filter_that_shrinks_the_table_keeps_it_inside() {
    let mut harness = table(ROWS);
    harness.state_mut().table.go_to(9_000_000);
    harness.state_mut().table.selection.set(0..ROWS);
    harness.run();
    harness.state_mut().rows = 20;
    harness.run();
    assert_eq!(harness.state().table.selection.count(), 20);
    assert!(harness.state().table.position.row < 20);
    assert_eq!(harness.state().table.cursor, None);
    harness.state_mut().rows = 0;
    harness.run();
    assert!(harness.query_by_label("没有发票").is_some());
    assert!(harness.state().table.selection.is_empty());
}

#[test]
fn rows_and_cells_are_readable_for_assistive_tools() {
    let harness = table(ROWS);
    let row = harness.get_by_label("第 3 行，共 10000000 行 发票 no2");
    assert_eq!(row.accesskit_node().role(), Role::Row);
    let cells: Vec<String> = row.get_all_by_role(Role::Cell).map(|cell| cell.accesskit_node().label().unwrap()).collect();
    assert_eq!(cells, ["no2", "杭州云栖数据服务有限公司西湖区分公司", "1,234.50"]);
}
