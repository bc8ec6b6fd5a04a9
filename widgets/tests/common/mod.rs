//! Texts and set-up shared by the widget tests.
#![allow(dead_code, reason = "each test file uses its own part")]

use egui::{Context, Theme, Ui};
use egui_kittest::{Harness, HarnessBuilder};
use jiff::civil::Date;
use piaoxia_widgets::big_table::TableText;
use piaoxia_widgets::date_picker::{CalendarText, RangeText};
use piaoxia_widgets::field::Reveal;
use piaoxia_widgets::notice::NoticeText;
use piaoxia_widgets::select::SelectText;
use piaoxia_widgets::{Tokens, fonts, tokens};

pub use piaoxia_font::CHINESE as FONT;
pub const TODAY: Date = Date::constant(2026, 3, 18);

pub const SELECT: SelectText<'static> =
    SelectText {
        placeholder: "请选择", filter: "输入文字筛选", count: "显示 {n} / {m} 项", nothing: "没有匹配项", separator: "、"
    };
pub const MULTI: SelectText<'static> = SelectText { placeholder: "全部", ..SELECT };
pub const REVEAL: Reveal<'static> = Reveal { show: "显示密码", hide: "隐藏密码" };
pub const NOTICE: NoticeText<'static> = NoticeText { close: "关闭通知", nothing: "还没有通知" };
pub const TABLE: TableText<'static> = TableText { name: "发票", row: "第 {i} 行，共 {n} 行" };
pub const RANGE: RangeText<'static> = RangeText { from: "开票日期起", to: "开票日期止", joint: "至", presets: "常用期间" };
pub const CALENDAR: CalendarText<'static> = CalendarText {
    weekdays: ["一", "二", "三", "四", "五", "六", "日"],
    month_title: &|year, month| format!("{year}年{month}月"),
    previous_month: "上个月",
    next_month: "下个月",
    previous_year: "上一年",
    next_year: "下一年",
    today: "今天",
    open: "打开日历",
    hint: "年-月-日",
    invalid: "请输入日期，如 2026-03-01",
    out_of_range: "日期须在 {min} 与 {max} 之间",
};

pub fn set_up(ctx: &Context) {
    fonts::install(ctx, FONT);
    tokens::apply(ctx, &Tokens::light());
}

pub fn builder<State>(width: f32, height: f32) -> HarnessBuilder<State> {
    Harness::builder()
        .with_size([width, height])
        .with_max_steps(20)
        .with_theme(Theme::Light)
        .with_context_setup(set_up)
        .renderer(piaoxia_painter::painter())
}

pub fn harness<'a, State>(state: State, ui: impl FnMut(&mut Ui, &mut State) + 'a) -> Harness<'a, State> {
    let mut harness = builder(900.0, 640.0).build_ui_state(ui, state);
    harness.run();
    harness
}
