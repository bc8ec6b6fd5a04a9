//! 台账: every invoice of every company, searched as one types.

mod columns;
mod groups;
mod table;

use egui::{Align, Key, Layout, RichText, Ui};
use piaoxia_domain::{Direction, Kind, Status};
use piaoxia_engine::ClaimOf;
use piaoxia_store::RowSums;
use piaoxia_widgets::banner::Banner;
use piaoxia_widgets::button;
use piaoxia_widgets::date_picker::{DateRangeField, RangeText};
use piaoxia_widgets::elide::Elided;
use piaoxia_widgets::field::{Field, label_room};
use piaoxia_widgets::icons::Icon;
use piaoxia_widgets::select::{MultiSelect, Select};
use piaoxia_widgets::skeleton::is_late;
use piaoxia_widgets::surface;
use piaoxia_widgets::tokens::{Tokens, Tone};

use super::download::count;
use super::{ScreenCx, Wish, companies, keys, sheet, words};
use crate::state::State;
use crate::text::{Text, fill, problem_line};

/// Room that search, company and direction take; the kinds and statuses; a chosen range of dates, and the button in its place.
const PARTIES: f32 = 534.0;
const STATES: f32 = 380.0;
const RANGE: f32 = 450.0;
const ANY_DATE: f32 = 130.0;
/// Room for the sums of a large ledger and 报销登记 behind them; with less of it they have a line of their own. It does not depend on what
/// is selected: the table must not move under the pointer that selects.
const SUMS: f32 = 780.0;
/// Room of 报销登记 with the gap before it, in Chinese and in English.
const CLAIM: (f32, f32) = (78.0, 140.0);

/// Draws the page.
pub(super) fn draw(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    companies::ask(state, cx);
    if keys::take_for_page(ui, Key::E) && state.ledger.rows() > 0 {
        state.open_export();
    }
    surface::page_title(ui, &cx.text.ledger.title, |ui| {
        let export = button::primary(&cx.text.ledger.export).icon(Icon::Upload).enabled(state.ledger.rows() > 0);
        if ui.add(export).clicked() {
            state.open_export();
        }
        if ui.add(button::secondary(&cx.text.ledger.import_folder).icon(Icon::Folder).enabled(!state.read_only)).clicked() {
            cx.wish(Wish::PickImportFolder);
        }
        if ui.add(button::secondary(&cx.text.ledger.import_files).icon(Icon::File).enabled(!state.read_only)).clicked() {
            cx.wish(Wish::PickImportFiles);
        }
        if ui.add(button::secondary(&cx.text.ledger.prove_files).icon(Icon::Search)).clicked() {
            cx.wish(Wish::PickFilesToProve);
        }
        if ui.add(button::secondary(&cx.text.ledger.deduction_summary)).clicked() {
            state.open_deduction();
        }
    });
    filters(ui, state, cx);
    from_figure(ui, state, cx);
    let commands = state.search_ledger();
    cx.commands.extend(commands);
    if let Some(problem) = state.ledger.view.problem() {
        ui.label(RichText::new(problem_line(cx.text, problem)).color(cx.tokens.tone(Tone::Bad).text));
    }
    sums(ui, state, cx);
    table::draw(ui, state, cx);
    columns::dialog(ui, state, cx);
    sheet::draw(ui, state, cx);
}

fn filters(ui: &mut Ui, state: &mut State, cx: &ScreenCx<'_>) {
    let text = cx.text;
    let focus = keys::take_for_page(ui, Key::F);
    let needed = PARTIES + STATES + if state.ledger.filters.dated { RANGE } else { ANY_DATE };
    let in_one_row = ui.available_width() >= needed;
    ui.horizontal_top(|ui| {
        let filters = &mut state.ledger.filters;
        Field::new(&text.ledger.search, &mut filters.text)
            .icon(Icon::Search)
            .hint(&text.ledger.search_hint)
            .width(230.0)
            .focus(focus)
            .show(ui);
        company_ui(ui, state, text);
        direction_ui(ui, state, text);
        if in_one_row {
            more_filters(ui, state, text);
        }
    });
    if !in_one_row {
        ui.horizontal_top(|ui| more_filters(ui, state, text));
    }
    ui.add_space(cx.tokens.space.xs);
}

/// The filters that go into a second row of a narrow window.
fn more_filters(ui: &mut Ui, state: &mut State, text: &Text) {
    let filters = &mut state.ledger.filters;
    let kinds: Vec<Kind> = Kind::all().collect();
    let name = |index: usize| kinds.get(index).map_or("", |kind| text.kind(kind));
    MultiSelect::new(&text.ledger.kinds, &mut filters.kinds, kinds.len(), name, words::select_all(text)).width(140.0).show(ui);
    let known = Status::KNOWN;
    let name = |index: usize| known.get(index).map_or("", |status| text.status(status));
    MultiSelect::new(&text.ledger.statuses, &mut filters.statuses, known.len(), name, words::select_all(text)).width(120.0).show(ui);
    let labels = [&text.common.all, &text.claims.claimed, &text.claims.unclaimed];
    let mut chosen = Some(filters.claimed.map_or(0, |claimed| if claimed { 1 } else { 2 }));
    let name = |index: usize| labels.get(index).map_or("", |label| label.as_str());
    if Select::new(&text.claims.filter, &mut chosen, labels.len(), name, words::select(text)).width(96.0).show(ui).changed() {
        filters.claimed = match chosen {
            Some(1) => Some(true),
            Some(2) => Some(false),
            _ => None,
        };
    }
    dates_ui(ui, state, text);
}

fn company_ui(ui: &mut Ui, state: &mut State, text: &Text) {
    let known = state.companies.list.value().map(Vec::as_slice).unwrap_or_default();
    companies::filter(ui, text, known, &mut state.ledger.filters.company, 190.0);
}

fn direction_ui(ui: &mut Ui, state: &mut State, text: &Text) {
    let words = &text.ledger;
    let labels = [&text.common.all, &words.issued, &words.received];
    let mut chosen = Some(match state.ledger.filters.direction {
        None => 0,
        Some(Direction::Issued) => 1,
        Some(Direction::Received) => 2,
    });
    let name = |index: usize| labels.get(index).map_or("", |label| label.as_str());
    if Select::new(&words.direction, &mut chosen, labels.len(), name, super::words::select(text))
        .width(super::words::wide(text, 90.0, 112.0))
        .show(ui)
        .changed()
    {
        state.ledger.filters.direction = match chosen {
            Some(1) => Some(Direction::Issued),
            Some(2) => Some(Direction::Received),
            _ => None,
        };
    }
}

/// 全部日期 until a range is chosen.
fn dates_ui(ui: &mut Ui, state: &mut State, text: &Text) {
    let today = state.today;
    if !state.ledger.filters.dated {
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = Tokens::of(ui.ctx()).space.xs;
            ui.label(RichText::new(&text.ledger.dates).small().weak());
            if ui.add(button::secondary(&text.ledger.any_date).icon(Icon::Calendar)).clicked() {
                let filters = &mut state.ledger.filters;
                filters.dated = true;
                filters.from = today.first_of_year();
                filters.to = today;
            }
        });
        return;
    }
    let month = today.first_of_month();
    let before = month.yesterday().unwrap_or(month);
    let presets = [
        (text.download.this_month.as_str(), month, today),
        (text.download.last_month.as_str(), before.first_of_month(), before),
        (text.download.this_year.as_str(), today.first_of_year(), today),
    ];
    let range = RangeText { from: &text.ledger.from, to: &text.ledger.to, joint: &text.calendar.joint, presets: &text.calendar.presets };
    let month_title = words::month_title(text);
    let filters = &mut state.ledger.filters;
    let dates = (&mut filters.from, &mut filters.to);
    DateRangeField::new(&text.ledger.dates, dates, &presets, range, words::calendar(text, &month_title)).today(today).show(ui);
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = Tokens::of(ui.ctx()).space.xs;
        label_room(ui);
        if ui.add(button::icon(Icon::Close, &text.ledger.any_date_again)).clicked() {
            state.ledger.filters.dated = false;
        }
    });
}

/// The figure of the statistics whose invoices these are, and a way back to all.
fn from_figure(ui: &mut Ui, state: &mut State, cx: &ScreenCx<'_>) {
    let Some(figure) = &state.ledger.filters.behind else { return };
    let words = &cx.text.stats;
    let mut line = fill(&words.behind, &[("what", &figure.what)]);
    if !figure.behind.rates.is_empty() {
        line.push('。');
        line.push_str(&words.behind_shares);
    }
    if Banner::new(Tone::Info, &line).action(&words.behind_clear).show(ui) {
        state.ledger.filters.behind = None;
    }
    ui.add_space(cx.tokens.space.xs);
}

/// Sums of the selection, else of all that match.
fn sums(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let mut claims = false;
    let words = &cx.text.ledger;
    let selected = state.ledger.selected_rows().count();
    let sums = if selected > 0 {
        let (sums, command) = state.ledger.sum_selected();
        cx.commands.extend(command);
        sums
    } else {
        state.ledger.view.value().map(|view| RowSums { totals: view.totals, voided: view.voided })
    };
    let template = if selected > 0 { &words.sums_selected } else { &words.sums_all };
    let said = sums.map(|RowSums { totals, voided }| {
        let values = [
            ("n", &*count(totals.invoices)),
            ("net", &*totals.net.grouped()),
            ("tax", &*totals.tax.grouped()),
            ("gross", &*totals.gross.grouped()),
        ];
        let voided = if voided > 0 { fill(&words.sums_voided, &[("n", &count(voided))]) } else { String::new() };
        fill(template, &values) + &voided
    });
    let mut is_narrow = false;
    ui.horizontal_top(|ui| {
        groups::choose(ui, state, cx);
        let room = egui::vec2(ui.available_width(), cx.tokens.height.control);
        ui.allocate_ui_with_layout(room, Layout::left_to_right(Align::Center), |ui| {
            groups::fold_all(ui, state, cx.text);
            groups::go_to(ui, state, cx);
            if ui.add(button::link(&words.columns)).clicked() {
                state.ledger.arranging = true;
            }
            is_narrow = ui.available_width() < SUMS;
            if !is_narrow {
                claims = said_ui(ui, state, cx, said.as_deref(), selected > 0);
            }
        });
    });
    if is_narrow {
        claims = ui.horizontal(|ui| said_ui(ui, state, cx, said.as_deref(), selected > 0)).inner;
    }
    if claims {
        state.open_claim(ClaimOf::Rows(state.ledger.selected_ids()));
    }
}

/// The sums, in the room that 报销登记 of what is selected leaves them; true when that is pressed.
fn said_ui(ui: &mut Ui, state: &State, cx: &ScreenCx<'_>, said: Option<&str>, is_selected: bool) -> bool {
    let (chinese, english) = CLAIM;
    let behind = if is_selected { words::wide(cx.text, chinese, english) } else { 0.0 };
    ui.add(Elided::new(said.unwrap_or_default()).width((ui.available_width() - behind).max(0.0)));
    let claim = button::secondary(&cx.text.claims.title).small().enabled(!state.read_only);
    let claims = is_selected && ui.add(claim).clicked();
    let waited = state.ledger.view.is_loading() || said.is_none();
    if waited && is_late(ui.ctx(), "sums", state.clock) {
        ui.add(Elided::new(&cx.text.common.loading).color(cx.tokens.color.text_hint).width(ui.available_width().max(0.0)));
    }
    claims
}
