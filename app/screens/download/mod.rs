//! 发票下载: company and mode at the top, the bureau's two pages as tabs, counts and sums first, the list of downloads.

mod batch;
mod differences;
mod disk;
mod filters;
mod list;
mod schedules;

use std::collections::BTreeMap;

use egui::{RichText, ScrollArea, Ui};
use piaoxia_domain::{Kind, Totals};
use piaoxia_engine::Command;
use piaoxia_widgets::button;
use piaoxia_widgets::icons::Icon;
use piaoxia_widgets::segmented::segmented;
use piaoxia_widgets::select::Select;
use piaoxia_widgets::stat::Stat;
use piaoxia_widgets::surface;
use piaoxia_widgets::tabs::tabs;
use piaoxia_widgets::tokens::Tone;

use super::{ScreenCx, accounts, companies, words};
use crate::state::State;
use crate::state::batch::Days;
use crate::state::download::{Mode, Tab};
pub(super) use crate::text::thousands as count;
use crate::text::{Text, fill, problem_line};

pub(super) use batch::draw as batch_dialog;
pub(super) use list::{brief, subject};

/// Room of a figure of a kind, points.
const FIGURE: f32 = 112.0;

/// Draws the page.
pub(super) fn draw(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    companies::ask(state, cx);
    head(ui, state, cx);
    companies::trouble(ui, state, cx);
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        let by_disk = state.download.mode == Mode::Disk;
        if !by_disk || disk::needs(ui, state, cx) {
            surface::card(ui, |ui| {
                tab_strip(ui, state, cx);
                if !by_disk && state.download.tab == Tab::Deductible {
                    ui.add_space(cx.tokens.space.xs);
                    ui.label(RichText::new(&cx.text.download.ticks_nothing).small().color(cx.tokens.color.text_secondary));
                }
                ui.add_space(cx.tokens.space.s);
                let dated = filters::draw(ui, state, cx);
                ui.add_space(cx.tokens.space.s);
                buttons(ui, state, cx, dated);
                if by_disk {
                    disk::limits(ui, state, cx);
                }
                counted(ui, state, cx);
            });
            ui.add_space(cx.tokens.space.m);
        }
        list::draw(ui, state, cx);
        if !by_disk {
            ui.add_space(cx.tokens.space.m);
            schedules::card(ui, state, cx);
        }
        ui.add_space(cx.tokens.space.m);
    });
    schedules::dialogs(ui, state, cx);
    differences::dialog(ui, state, cx);
    accounts::dialogs(ui, state, cx);
}

fn head(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let text = cx.text;
    ui.horizontal_top(|ui| {
        company_ui(ui, state, text);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Min), |ui| {
            if ui.add(button::secondary(&text.batch.title).icon(Icon::Jobs).enabled(!state.read_only)).clicked() {
                cx.commands.extend(state.open_batch(Days::New));
            }
            let mut mode = usize::from(state.download.mode == Mode::Disk);
            segmented(ui, &text.download.mode, &[&text.download.mode_digital, &text.download.mode_disk], &mut mode);
            let mode = if mode == 0 { Mode::Digital } else { Mode::Disk };
            if mode != state.download.mode {
                // The two count at different places.
                (state.download.mode, state.download.counted) = (mode, None);
            }
        });
    });
    ui.add_space(cx.tokens.space.s);
}

fn company_ui(ui: &mut Ui, state: &mut State, text: &Text) {
    let companies = state.companies.list.value().map(Vec::as_slice).unwrap_or_default();
    let current = state.companies.current().map(|company| &company.id);
    let mut chosen = companies.iter().position(|company| Some(&company.id) == current);
    let name = |index: usize| companies.get(index).map_or("", |company| company.name.as_str());
    let select = Select::new(&text.download.company, &mut chosen, companies.len(), name, words::select(text)).hide_label().width(360.0);
    if select.show(ui).changed() {
        let picked = chosen.and_then(|index| companies.get(index)).map(|company| company.id.clone());
        (state.companies.chosen, state.download.counted) = (picked, None);
    }
}

fn tab_strip(ui: &mut Ui, state: &mut State, cx: &ScreenCx<'_>) {
    let words = &cx.text.download;
    let mut tab = usize::from(state.download.tab == Tab::All);
    let labels = match state.download.mode {
        Mode::Digital => [&words.tab_deductible, &words.tab_all],
        Mode::Disk => [&words.tab_platform_deductible, &words.tab_platform_all],
    };
    if tabs(ui, &labels.map(String::as_str), &mut tab).changed() {
        state.download.tab = if tab == 0 { Tab::Deductible } else { Tab::All };
        // The places of the chosen kinds differ between the tabs.
        state.download.kinds.clear();
        state.download.counted = None;
    }
}

fn buttons(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>, dated: bool) {
    let words = &cx.text.download;
    let order = state.download_order();
    let ready = order.is_some() && dated && !state.read_only;
    let counting = state.download.counted.as_ref().is_some_and(|counted| counted.rows.is_loading());
    // Counts come first; once they are there, the download is what is next.
    let is_counted = state.download.counted.as_ref().and_then(|counted| counted.totals()).is_some_and(|totals| totals.invoices > 0);
    let emphasis = |label, next| if next { button::primary(label) } else { button::secondary(label) };
    ui.horizontal(|ui| {
        if ui.add(emphasis(&words.count, !is_counted).icon(Icon::Search).enabled(ready).busy(counting)).clicked() {
            let commands = state.count();
            cx.commands.extend(commands);
        }
        if ui.add(emphasis(&words.start, is_counted).icon(Icon::Download).enabled(ready)).clicked()
            && let Some(order) = order
        {
            cx.send(Command::StartDownload(Box::new(order)));
        }
        ui.label(RichText::new(&words.same_day).small().color(cx.tokens.color.text_secondary));
    });
}

/// Counts and sums, asked before anything is fetched.
fn counted(ui: &mut Ui, state: &State, cx: &ScreenCx<'_>) {
    let words = &cx.text.download;
    let Some(counted) = &state.download.counted else { return };
    ui.add_space(cx.tokens.space.s);
    if let Some(problem) = counted.rows.problem() {
        ui.label(RichText::new(problem_line(cx.text, problem)).color(cx.tokens.tone(Tone::Bad).text));
    }
    let Some(totals) = counted.totals() else { return };
    if totals.invoices == 0 {
        let dates = counted.order.query.dates;
        let values =
            [("company", counted.order.company.name.as_str()), ("from", &dates.from().to_string()), ("to", &dates.to().to_string())];
        ui.label(RichText::new(fill(&words.nothing, &values)).color(cx.tokens.tone(Tone::Warning).text));
        return;
    }
    ui.horizontal(|ui| {
        let width = (ui.available_width() - 3.0 * ui.spacing().item_spacing.x) / 4.0;
        Stat::new(&cx.text.common.count, &count(totals.invoices)).width(width).show(ui);
        Stat::new(&cx.text.common.net, &totals.net.grouped()).width(width).show(ui);
        Stat::new(&cx.text.common.tax, &totals.tax.grouped()).width(width).show(ui);
        Stat::new(&cx.text.common.gross, &totals.gross.grouped()).width(width).show(ui);
    });
    let mut by_kind: BTreeMap<Kind, Totals> = BTreeMap::new();
    for row in counted.rows.value().into_iter().flatten() {
        by_kind.entry(row.kind.clone()).or_default().merge(&row.totals);
    }
    kinds(ui, cx, by_kind.into_iter().collect());
}

/// What each kind adds up to, the largest first.
fn kinds(ui: &mut Ui, cx: &ScreenCx<'_>, mut rows: Vec<(Kind, Totals)>) {
    rows.sort_by_key(|(_, totals)| std::cmp::Reverse(totals.gross));
    let (common, color) = (&cx.text.common, cx.tokens.color.text_secondary);
    let right = |ui: &mut Ui, said: RichText| {
        let room = egui::vec2(FIGURE, ui.text_style_height(&egui::TextStyle::Body));
        ui.allocate_ui_with_layout(room, egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.set_min_size(room);
            ui.label(said);
        });
    };
    ui.add_space(cx.tokens.space.s);
    egui::Grid::new("kinds").num_columns(5).spacing([16.0, 4.0]).show(ui, |ui| {
        ui.spacing_mut().interact_size.y = 0.0;
        ui.label(RichText::new(&cx.text.download.kinds).small().color(color));
        for head in [&common.count, &common.net, &common.tax, &common.gross] {
            right(ui, RichText::new(head).small().color(color));
        }
        ui.end_row();
        for (kind, totals) in &rows {
            ui.label(cx.text.kind_short(kind));
            for figure in [count(totals.invoices), totals.net.grouped(), totals.tax.grouped(), totals.gross.grouped()] {
                right(ui, RichText::new(figure));
            }
            ui.end_row();
        }
    });
}
