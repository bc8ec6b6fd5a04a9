//! 统计: what the ledger adds up to, as tables and charts; every figure opens the invoices behind it.

mod deduction;
mod table;

use egui::{Key, RichText, Ui};
use piaoxia_domain::{Direction, Totals};
use piaoxia_store::Side;
use piaoxia_widgets::bars::Bars;
use piaoxia_widgets::button;
use piaoxia_widgets::date_picker::{DateRangeField, RangeText};
use piaoxia_widgets::empty::Empty;
use piaoxia_widgets::icons::Icon;
use piaoxia_widgets::select::Select;
use piaoxia_widgets::skeleton::{Shape, Waiting, is_late};
use piaoxia_widgets::surface;
use piaoxia_widgets::tabs::tabs;
use piaoxia_widgets::tokens::Tone;

use super::{ScreenCx, Wish, companies, keys, words};
use crate::state::stats::{Period, Tab};
use crate::state::{Screen, State};
use crate::text::stats::{Breakdown, side_text};
use crate::text::{Text, fill, problem_line, thousands};

/// Room that all filters in one row take, points.
const WIDE: f32 = 1_000.0;
/// Height of the bars, points: at most, and at least where the window is low.
const CHART: std::ops::RangeInclusive<f32> = 96.0..=168.0;
/// Room that the table is left, points.
const TABLE: f32 = 260.0;

/// Draws the page.
pub(super) fn draw(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    companies::ask(state, cx);
    let breakdown = match state.stats.tab {
        Tab::Of(of) => Some(of),
        Tab::Deduction => None,
    };
    title(ui, state, cx);
    filters(ui, state, cx.text, breakdown);
    tab_strip(ui, state, cx.text);
    match state.stats.tab {
        Tab::Deduction => deduction::draw(ui, state, cx),
        Tab::Of(of) => figures(ui, state, cx, of),
    }
}

fn title(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let rows = state.stat_table().is_some();
    let mut wanted = rows && keys::take_for_page(ui, Key::E);
    surface::page_title(ui, &cx.text.stats.title, |ui| {
        wanted |= ui.add(button::primary(&cx.text.stats.export).icon(Icon::Upload).enabled(rows)).clicked();
    });
    if let Some(name) = wanted.then(|| state.begin_table_export()).flatten() {
        cx.wish(Wish::PickTableFile { name });
    }
}

fn filters(ui: &mut Ui, state: &mut State, text: &Text, breakdown: Option<Breakdown>) {
    let wide = ui.available_width() >= WIDE;
    ui.horizontal_top(|ui| {
        company_ui(ui, state, text);
        if breakdown.is_none() {
            deduction::period_ui(ui, state, text);
            return;
        }
        period_ui(ui, state, text);
        if breakdown != Some(Breakdown::Balance) {
            side_ui(ui, state, text);
        }
        if wide {
            own_ui(ui, state, text);
        }
    });
    if breakdown.is_some() && !wide && state.stats.period == Period::Own {
        ui.horizontal_top(|ui| own_ui(ui, state, text));
    }
}

fn company_ui(ui: &mut Ui, state: &mut State, text: &Text) {
    let known = state.companies.list.value().map(Vec::as_slice).unwrap_or_default();
    companies::filter(ui, text, known, &mut state.stats.company, 280.0);
}

fn period_ui(ui: &mut Ui, state: &mut State, text: &Text) {
    let (words, presets) = (&text.stats, &text.download);
    let labels = [&presets.this_month, &presets.last_month, &words.this_quarter, &presets.this_year, &words.any_period, &words.own_range];
    let mut chosen = Period::ALL.iter().position(|period| *period == state.stats.period);
    let name = |index: usize| labels.get(index).map_or("", |label| label.as_str());
    if Select::new(&words.period, &mut chosen, labels.len(), name, super::words::select(text)).width(120.0).show(ui).changed()
        && let Some(period) = chosen.and_then(|index| Period::ALL.get(index).copied())
    {
        // 自选日期 begins with what was shown before.
        if let Some(dates) = state.stats.period.dates(state.today, state.stats.own) {
            state.stats.own = (dates.from(), dates.to());
        } else if state.stats.own.0 == jiff::civil::Date::default() {
            state.stats.own = (state.today.first_of_year(), state.today);
        }
        state.stats.period = period;
    }
}

/// The days of 自选日期.
fn own_ui(ui: &mut Ui, state: &mut State, text: &Text) {
    let words = &text.stats;
    if state.stats.period == Period::Own {
        let month_title = super::words::month_title(text);
        let range = RangeText { from: &words.from, to: &words.to, joint: &text.calendar.joint, presets: &text.calendar.presets };
        let calendar = super::words::calendar(text, &month_title);
        let (from, to) = &mut state.stats.own;
        DateRangeField::new(&text.ledger.dates, (from, to), &[], range, calendar).today(state.today).show(ui);
    }
}

fn side_ui(ui: &mut Ui, state: &mut State, text: &Text) {
    const SIDES: [Option<Side>; 4] = [None, Some(Some(Direction::Issued)), Some(Some(Direction::Received)), Some(None)];
    let mut chosen = SIDES.iter().position(|side| *side == state.stats.side);
    let name = |index: usize| SIDES.get(index).copied().flatten().map_or(text.common.all.as_str(), |side| side_text(text, side));
    if Select::new(&text.ledger.direction, &mut chosen, SIDES.len(), name, words::select(text)).width(110.0).show(ui).changed() {
        state.stats.side = chosen.and_then(|index| SIDES.get(index).copied()).flatten();
    }
}

fn tab_strip(ui: &mut Ui, state: &mut State, text: &Text) {
    let mut labels: Vec<&str> = Breakdown::ALL.iter().map(|of| of.name(text)).collect();
    labels.push(&text.deduction.title);
    let mut chosen = match state.stats.tab {
        Tab::Of(of) => Breakdown::ALL.iter().position(|known| *known == of).unwrap_or_default(),
        Tab::Deduction => Breakdown::ALL.len(),
    };
    if tabs(ui, &labels, &mut chosen).changed() {
        state.stats.tab = Breakdown::ALL.get(chosen).map_or(Tab::Deduction, |of| Tab::Of(*of));
    }
}

fn figures(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>, of: Breakdown) {
    let commands = state.ask_figures();
    cx.commands.extend(commands);
    let text = cx.text;
    state.arrange_stats(text, of);
    // What can be pressed is told where there is something to press.
    let has_figures = state.stats.figures.value().is_some_and(|figures| figures.all.totals.invoices > 0);
    let (with, without) = ([of.note(text), &text.stats.note], [of.note(text)]);
    let note = words::sentences(text, if has_figures { &with } else { &without });
    ui.label(RichText::new(note).color(cx.tokens.color.text_secondary));
    if let Some(problem) = state.stats.figures.problem() {
        ui.label(RichText::new(problem_line(text, problem)).color(cx.tokens.tone(Tone::Bad).text));
    }
    let Some(figures) = state.stats.figures.value() else {
        if state.stats.figures.is_loading() {
            Waiting::new("figures", &text.common.loading, state.clock).shape(Shape::Rows(12)).show(ui);
        }
        return;
    };
    if figures.all.totals.invoices == 0 {
        nothing(ui, state, cx);
        return;
    }
    sums(ui, state, cx);
    if let Some(narrow) = chart(ui, state, text) {
        state.open_figure(&narrow);
        return;
    }
    let stats = &mut state.stats;
    let Some(shown) = &stats.shown else { return };
    if let Some(narrow) = table::draw(ui, (&shown.table, of.name(text)), &mut stats.table, cx) {
        state.open_figure(&narrow);
    }
}

/// No invoice in the period, or none at all.
fn nothing(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.stats;
    let at_all = state.ledger.invoices == 0;
    let (title, body) = match at_all {
        true => (&words.empty_title, &cx.text.ledger.empty_body),
        false => (&words.none_title, &words.none_body),
    };
    Empty::new(Icon::Chart, title, body).show(ui, |ui| {
        if ui.add(button::primary(&cx.text.ledger.empty_download)).clicked() {
            state.screen = Screen::Download;
        }
        if at_all && ui.add(button::secondary(&cx.text.ledger.empty_import)).clicked() {
            cx.wish(Wish::PickImportFiles);
        }
        if !at_all && state.stats.period != Period::Any && ui.add(button::secondary(&words.any_period)).clicked() {
            state.stats.period = Period::Any;
        }
    });
}

/// What all of it adds up to, a line for each direction.
fn sums(ui: &mut Ui, state: &State, cx: &ScreenCx<'_>) {
    let Some(shown) = &state.stats.shown else { return };
    ui.vertical(|ui| sums_of(ui, state, cx, &shown.sums));
}

fn sums_of(ui: &mut Ui, state: &State, cx: &ScreenCx<'_>, sums: &[(Side, Totals)]) {
    ui.spacing_mut().item_spacing.y = cx.tokens.space.xs;
    // Lines of text, not of controls.
    ui.spacing_mut().interact_size.y = 0.0;
    for (side, totals) in sums {
        let values = [
            ("n", &*thousands(totals.invoices)),
            ("net", &*totals.net.grouped()),
            ("tax", &*totals.tax.grouped()),
            ("gross", &*totals.gross.grouped()),
        ];
        ui.horizontal(|ui| {
            ui.label(RichText::new(side_text(cx.text, *side)).strong());
            ui.label(fill(&cx.text.ledger.sums_all, &values));
            if state.stats.figures.is_loading() && is_late(ui.ctx(), "figures again", state.clock) {
                ui.label(RichText::new(&cx.text.common.loading).color(cx.tokens.color.text_hint));
            }
        });
    }
}

fn chart(ui: &mut Ui, state: &State, text: &Text) -> Option<crate::text::stats::Narrow> {
    let shown = state.stats.shown.as_ref()?;
    let (words, chart) = (&text.stats, &shown.chart);
    let unit = if shown.in_wan { &words.unit_wan } else { &words.unit_yuan };
    let what = if shown.of == Breakdown::Balance { &words.chart_tax } else { &words.chart_gross };
    let caption = fill(what, &[("unit", unit)]);
    let bars = Bars::new("stats", &caption, &chart.series, &chart.groups)
        .height((ui.available_height() - TABLE).clamp(*CHART.start(), *CHART.end()));
    let bars = if shown.of == Breakdown::Party { bars.alone() } else { bars };
    let tip = |place: usize| {
        let Some(bar) = chart.bars.get(place) else { return String::new() };
        let name = |names: &[String], place: usize| names.get(place).cloned().unwrap_or_default();
        format!("{}\n{}　{}", name(&chart.groups, bar.group), name(&chart.series, bar.series), bar.value.grouped())
    };
    let pressed = bars.show(ui, &shown.bars, tip)?;
    chart.bars.get(pressed).map(|bar| bar.narrow.clone())
}
