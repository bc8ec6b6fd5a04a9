//! Every widget in typical states, as pictures.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use std::collections::BTreeSet;

use common::{CALENDAR, MULTI, NOTICE, RANGE, REVEAL, SELECT, TABLE, TODAY, builder};
use egui::accesskit::Role;
use egui::{Align, CentralPanel, Frame, Layout, Margin, Panel, Ui};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use jiff::civil::{Date, date};
use piaoxia_widgets::banner::Banner;
use piaoxia_widgets::big_table::{BigTable, Cell, CheckText, Column, SortOrder, TableState};
use piaoxia_widgets::chip::Chip;
use piaoxia_widgets::date_picker::{DateField, DateRangeField};
use piaoxia_widgets::dialog::Dialog;
use piaoxia_widgets::elide::Elided;
use piaoxia_widgets::empty::Empty;
use piaoxia_widgets::field::Field;
use piaoxia_widgets::icons::IconView;
use piaoxia_widgets::nav::{NavItem, nav_rail};
use piaoxia_widgets::notice::{Level, Notice, Notices};
use piaoxia_widgets::progress::Progress;
use piaoxia_widgets::qr::Qr;
use piaoxia_widgets::segmented::segmented;
use piaoxia_widgets::select::{MultiSelect, Select};
use piaoxia_widgets::skeleton::{Shape, Waiting};
use piaoxia_widgets::stat::Stat;
use piaoxia_widgets::surface::{card, page_title, titled_card};
use piaoxia_widgets::tabs::tabs;
use piaoxia_widgets::{Icon, Tokens, Tone, button, notice};

const KINDS: [&str; 6] =
    ["数电发票（增值税专用发票）", "数电发票（普通发票）", "增值税专用发票", "机动车销售统一发票", "通行费电子发票", "海关缴款书"];
const REGIONS: [&str; 12] = ["北京", "天津", "河北", "山西", "内蒙古", "辽宁", "大连", "吉林", "黑龙江", "上海", "江苏", "浙江"];

struct Page {
    tab: usize,
    mode: usize,
    from: Date,
    to: Date,
    kinds: BTreeSet<usize>,
    region: Option<usize>,
    search: String,
    user: String,
    password: String,
    code: String,
    table: TableState,
    notices: Notices,
    dialog: bool,
    big_font: bool,
}

impl Default for Page {
    fn default() -> Self {
        let mut table = TableState::default();
        table.selection.set(2..4);
        table.cursor = Some(3);
        Self {
            tab: 1,
            mode: 0,
            from: date(2026, 2, 1),
            to: date(2026, 2, 28),
            kinds: BTreeSet::from([0, 2]),
            region: Some(9),
            search: String::new(),
            user: "zhangsan".to_owned(),
            password: "secret".to_owned(),
            code: "7F3K-92QD-LX4M".to_owned(),
            table,
            notices: Notices::default(),
            dialog: false,
            big_font: false,
        }
    }
}

fn page(ui: &mut Ui, page: &mut Page) {
    let tokens = Tokens::of(ui.ctx());
    let rail = Frame::new().fill(tokens.color.surface).inner_margin(Margin::symmetric(10, 14));
    Panel::left("rail").exact_size(184.0).resizable(false).frame(rail).show(ui, |ui| {
        let items = [
            NavItem::new(Icon::Home, "首页"),
            NavItem::new(Icon::Download, "发票下载"),
            NavItem::new(Icon::Ledger, "发票台账"),
            NavItem::new(Icon::Chart, "统计"),
            NavItem::new(Icon::Company, "企业"),
            NavItem::new(Icon::Disk, "税盘管理"),
            NavItem::new(Icon::Jobs, "任务").badge(3),
            NavItem::new(Icon::Settings, "设置"),
        ];
        nav_rail(ui, &items, Some(2));
    });
    let body = Frame::new().fill(tokens.color.window).inner_margin(Margin::same(16));
    CentralPanel::default().frame(body).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 10.0;
        Banner::new(Tone::Warning, "体验环境：所有企业、发票和税局响应均为模拟数据，不会连接真实税局。").action("接入真实账号").show(ui);
        page_title(ui, "发票台账", |ui| {
            ui.add(button::primary("导出所选").icon(Icon::Upload));
            ui.add(button::secondary("导入文件").icon(Icon::Folder));
            ui.add(button::icon(Icon::Refresh, "刷新"));
            segmented(ui, "模式", &["数电", "税控"], &mut page.mode);
        });
        tabs(ui, &["全部发票", "取得发票", "开具发票", "异常"], &mut page.tab);
        filters(ui, page);
        stats(ui);
        let width = ui.available_width();
        let height = ui.available_height();
        ui.horizontal_top(|ui| {
            ui.allocate_ui_with_layout(egui::vec2(width - 292.0, height), Layout::top_down(Align::Min), |ui| table(ui, page));
            ui.vertical(|ui| side(ui, page));
        });
    });
    notice::show(ui.ctx(), &mut page.notices, &NOTICE);
    if page.dialog {
        dialog(ui, page);
    }
}

fn filters(ui: &mut Ui, page: &mut Page) {
    ui.horizontal_top(|ui| {
        let presets = [("本月", date(2026, 3, 1), date(2026, 3, 31)), ("上月", date(2026, 2, 1), date(2026, 2, 28))];
        DateRangeField::new("开票日期", (&mut page.from, &mut page.to), &presets, RANGE, CALENDAR).today(TODAY).show(ui);
        MultiSelect::new("发票种类", &mut page.kinds, KINDS.len(), |index| KINDS[index], MULTI).width(230.0).show(ui);
        Select::new("地区", &mut page.region, REGIONS.len(), |index| REGIONS[index], SELECT).width(120.0).show(ui);
        Field::new("搜索", &mut page.search).hint("号码、名称、金额").icon(Icon::Search).width(200.0).show(ui);
    });
}

fn stats(ui: &mut Ui) {
    ui.horizontal_top(|ui| {
        Stat::new("发票张数", "12,480").note("较上月 +318").width(210.0).show(ui);
        Stat::new("不含税金额", "8,245,931.06").note("元").width(250.0).show(ui);
        Stat::new("税额", "1,071,971.04").note("元").width(230.0).show(ui);
        Stat::new("与税局差异", "-1,234.50").note("2 张待核对").tone(Tone::Bad).width(220.0).show(ui);
        card(ui, |ui| {
            ui.add(Progress::new("下载 2026-02", 0.42).text("1,204 / 2,866 张"));
            ui.add(Progress::endless("等待税局").text("等待税局生成文件…").tone(Tone::Info));
        });
    });
}

const COLUMNS: [Column<'static>; 7] = [
    Column::new("发票号码", 178.0),
    Column::new("开票日期", 98.0),
    Column::new("销方名称", 180.0).stretch(),
    Column::number("金额", 110.0),
    Column::number("税额", 96.0),
    Column::new("状态", 84.0).centered(),
    Column::new("操作", 68.0).unsortable(),
];
const CHECKS: CheckText<'static> = CheckText { all: "全选", row: "选择第 {i} 行" };
const SELLERS: [&str; 4] = [
    "杭州云栖数据服务有限公司",
    "上海浦江精密机械制造股份有限公司第二分公司",
    "北京中关村办公用品有限责任公司",
    "深圳市前海顺达供应链管理有限公司",
];

fn cell(cell: &mut Cell<'_>, row: u64, column: usize) {
    let red = row % 5 == 3;
    match column {
        0 => cell.text(&format!("2633200000{:010}", 41_877_000 + row * 37)),
        1 => cell.quiet(&format!("2026-02-{:02}", row % 28 + 1)),
        2 => cell.text(SELLERS[(row % 4) as usize]),
        3 if red => cell.toned("-5,200.00", Tone::Bad),
        3 => cell.text(&format!("{},{:03}.{:02}", row * 7 % 90 + 1, row * 317 % 1000, row * 13 % 100)),
        4 if red => cell.toned("-676.00", Tone::Bad),
        4 => cell.text(&format!("{}.{:02}", row * 91 % 900 + 100, row * 7 % 100)),
        5 if red => cell.chip("红字", Tone::Bad),
        5 if row % 7 == 2 => cell.chip("待核对", Tone::Warning),
        5 => cell.chip("正常", Tone::Good),
        _ if row == 8 => cell.pending(),
        _ => cell.ui(|ui| {
            ui.push_id(row, |ui| ui.add(button::link("查看").small()));
        }),
    }
}

fn table(ui: &mut Ui, page: &mut Page) {
    BigTable::new("invoices", &COLUMNS, 12_480, TABLE).checkboxes(CHECKS).sort(1, SortOrder::Descending).show(
        ui,
        &mut page.table,
        &mut cell,
    );
}

fn side(ui: &mut Ui, page: &mut Page) {
    titled_card(
        ui,
        "电子税务局账号",
        |ui| {
            ui.add(Chip::new("已登录", Tone::Good));
        },
        |ui| {
            Field::new("用户名", &mut page.user).required().full_width().show(ui);
            Field::new("密码", &mut page.password).password(REVEAL).error(Some("密码错误，还可尝试 2 次")).full_width().show(ui);
            Field::new("激活码", &mut page.code).code().full_width().help("24 小时内有效").show(ui);
            ui.add(Elided::new("D:\\票匣\\Data\\originals\\2026\\26332000000041877037.ofd").middle());
            ui.horizontal(|ui| {
                ui.add(button::danger("解除绑定").small());
                ui.add(button::secondary("验证").small().busy(true));
                ui.add(button::primary("保存").small().enabled(false));
            });
            ui.checkbox(&mut page.big_font, "30 天内免扫码");
        },
    );
}

fn dialog(ui: &Ui, page: &mut Page) {
    let dialog = Dialog::new("add account", "添加电子税务局账号").confirm("保存").cancel("取消").can_confirm(true);
    dialog.show(ui.ctx(), |ui| {
        ui.horizontal_top(|ui| {
            Select::new("登录地区", &mut page.region, REGIONS.len(), |index| REGIONS[index], SELECT).required().show(ui);
            DateField::new("有效期至", &mut page.to, CALENDAR).today(TODAY).width(212.0).show(ui);
        });
        Field::new("证件号码", &mut page.search).hint("18 位身份证号").half_width().full_width().show(ui);
        ui.horizontal_wrapped(|ui| {
            for (text, tone) in [
                ("全部", Tone::Neutral),
                ("默认开票", Tone::Accent),
                ("登录中", Tone::Info),
                ("正常", Tone::Good),
                ("即将到期", Tone::Warning),
                ("失效", Tone::Bad),
            ] {
                ui.add(Chip::new(text, tone));
            }
        });
    });
}

fn gallery<'a>(state: Page) -> Harness<'a, Page> {
    let mut harness = builder(1366.0, 768.0).build_ui_state(page, state);
    harness.run();
    harness
}

#[test]
fn a_page_with_everything() {
    piaoxia_painter::snapshot(&mut gallery(Page::default()), "gallery");
}

#[test]
fn a_dialog_over_notices() {
    let mut state = Page { dialog: true, ..Page::default() };
    state.notices.push(Notice::new(Level::Done, "已导出 1,204 张发票").detail("D:\\票匣\\导出\\2026-02.xlsx").action("打开文件夹", ()));
    state.notices.push(
        Notice::new(Level::Error, "下载中断：网络不可用").detail("杭州云栖数据服务有限公司，2026-02。网络恢复后自动继续。请求号 8f21c0"),
    );
    piaoxia_painter::snapshot(&mut gallery(state), "dialog");
}

/// A narrow window for one opened drop-down.
fn small<'a>(draw: impl FnMut(&mut Ui, &mut Page) + 'a) -> Harness<'a, Page> {
    let mut harness = builder(420.0, 400.0).build_ui_state(draw, Page::default());
    harness.run();
    harness
}

#[test]
fn an_open_list_with_a_filter() {
    let mut harness = small(|ui, page| {
        Select::new("地区", &mut page.region, REGIONS.len(), |index| REGIONS[index], SELECT).show(ui);
    });
    harness.get_by_label("地区").click();
    harness.run();
    piaoxia_painter::snapshot(&mut harness, "select");
}

#[test]
fn an_open_check_list() {
    let mut harness = small(|ui, page| {
        MultiSelect::new("发票种类", &mut page.kinds, KINDS.len(), |index| KINDS[index], MULTI).width(280.0).show(ui);
    });
    harness.get_by_label("发票种类").click();
    harness.run();
    piaoxia_painter::snapshot(&mut harness, "multi_select");
}

#[test]
fn an_open_calendar() {
    let mut harness = small(|ui, page| {
        DateField::new("开票日期", &mut page.from, CALENDAR).today(TODAY).min(date(2026, 1, 5)).show(ui);
        page.from = date(2026, 3, 9);
    });
    harness.get_by_label("开票日期 打开日历").click();
    harness.run();
    piaoxia_painter::snapshot(&mut harness, "calendar");
}

#[test]
fn empty_state_and_qr() {
    let mut harness = small(|ui, _| {
        Empty::new(Icon::Ledger, "台账里还没有发票", "下载税局的发票，或把已有的 OFD、XML、PDF 文件拖到这里。").show(ui, |ui| {
            ui.add(button::primary("下载发票"));
            ui.add(button::secondary("导入文件"));
        });
        ui.vertical_centered(|ui| ui.add(Qr::new("https://example.com/s/7f3k92", "登录二维码").size(132.0)));
    });
    harness.run();
    piaoxia_painter::snapshot(&mut harness, "empty");
}

/// What is drawn of something that has been waited for so many seconds.
fn waiting<'a>(shapes: &'a [(&'a str, Shape)]) -> Harness<'a, f64> {
    let draw = move |ui: &mut Ui, clock: &mut f64| {
        for (words, shape) in shapes {
            Waiting::new(words, words, *clock).shape(*shape).show(ui);
            ui.separator();
        }
    };
    let mut harness = builder(420.0, 400.0).build_ui_state(draw, 0.0);
    harness.run_steps(2);
    harness
}

#[test]
fn the_shape_of_what_is_waited_for() {
    let mut harness = waiting(&[("明细", Shape::Rows(3)), ("说明", Shape::Lines(3)), ("二维码", Shape::Square(120.0))]);
    piaoxia_painter::snapshot(&mut harness, "skeleton");
}

#[test]
fn words_come_after_a_moment_and_where_the_shape_was() {
    let mut harness = waiting(&[("明细", Shape::Rows(3)), ("说明", Shape::Lines(2))]);
    let below = |harness: &Harness<'_, f64>| harness.get_by_role_and_label(Role::ProgressIndicator, "说明").rect().center().y;
    let says = |harness: &Harness<'_, f64>| harness.query_by_role_and_label(Role::Label, "明细").is_some();
    let shown = |harness: &mut Harness<'_, f64>, clock: f64| {
        *harness.state_mut() = clock;
        harness.run_steps(2);
        says(harness)
    };
    let before = below(&harness);
    assert!(!shown(&mut harness, 0.29), "a shape says nothing yet");
    assert!(shown(&mut harness, 0.31));
    assert!((below(&harness) - before).abs() < 40.0, "what stands below does not jump away");
}

#[test]
fn every_icon_at_twice_the_size() {
    let mut harness = builder(400.0, 190.0).with_pixels_per_point(2.0).build_ui_state(
        |ui, ()| {
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing = egui::vec2(16.0, 12.0);
                for icon in Icon::all() {
                    ui.add(IconView::new(icon, "").size(20.0));
                }
            });
        },
        (),
    );
    harness.run();
    piaoxia_painter::snapshot(&mut harness, "icons");
}
