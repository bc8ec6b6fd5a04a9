//! 批量下载: several companies in one go. What would be asked is shown before anything is.

use egui::{Align, Checkbox, Layout, RichText, ScrollArea, Ui};
use piaoxia_domain::Totals;
use piaoxia_engine::Planned;
use piaoxia_engine::download::BatchPlan;
use piaoxia_widgets::button;
use piaoxia_widgets::date_picker::{DateOutput, DateRangeField, RangeText};
use piaoxia_widgets::dialog::{Choice, Dialog};
use piaoxia_widgets::elide::Elided;
use piaoxia_widgets::icons::Icon;
use piaoxia_widgets::segmented::segmented;
use piaoxia_widgets::select::MultiSelect;
use piaoxia_widgets::skeleton::{Shape, Waiting};
use piaoxia_widgets::tokens::Tone;

use super::count;
use crate::screens::{ScreenCx, companies, words};
use crate::state::batch::{BatchDialog, Days, SCOPES, What};
use crate::state::{Screen, State};
use crate::text::{Text, fill, problem_line};

const WIDTH: f32 = 900.0;
/// Room that a scroll bar takes.
const BAR: f32 = 16.0;
const DAYS: [Days; 3] = [Days::New, Days::LastMonth, Days::Chosen];
/// Widths of the table's columns but the first, which takes the rest: of the Chinese ones, of the English ones.
const COLUMNS: [(f32, f32); 5] = [(72.0, 124.0), (176.0, 176.0), (92.0, 92.0), (92.0, 72.0), (96.0, 72.0)];
/// Rows of the plan that are seen at once.
const ROWS: f32 = 7.0;

/// Draws the dialog while it is open.
pub(in crate::screens) fn draw(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let Some(mut dialog) = state.batch.dialog.take() else { return };
    let words = &cx.text.batch;
    let ready = dialog.plan.value().is_some_and(|plan| !plan.is_empty()) && !state.read_only;
    let mut go = false;
    let (choice, changed) =
        Dialog::new("batch", &words.title).confirm(&words.start).cancel(&cx.text.common.cancel).width(WIDTH).can_confirm(ready).show_form(
            ui.ctx(),
            |ui| {
                ui.set_max_width(WIDTH - BAR);
                companies::trouble(ui, state, cx);
                if dialog.what.offered.is_empty() {
                    go = nobody(ui, state, cx);
                    return (false, true);
                }
                let changed = what_ui(ui, cx, &mut dialog.what);
                ui.add_space(cx.tokens.space.xs);
                let days = days_ui(ui, state, cx, &mut dialog);
                ui.add_space(cx.tokens.space.s);
                plan_ui(ui, cx, &dialog, state.clock);
                (changed || days.changed, days.valid)
            },
        );
    if go {
        state.screen = Screen::Companies;
        return;
    }
    state.batch.dialog = Some(dialog);
    if changed {
        let command = state.batch.ask(state.today);
        cx.commands.extend(command);
    }
    match choice {
        Choice::Open => {}
        Choice::Cancelled => state.batch.dialog = None,
        Choice::Confirmed => {
            let command = state.start_batch();
            cx.commands.extend(command);
        }
    }
}

/// No company has an account to ask with; true when the user goes to add one. Before the list is there nobody knows.
fn nobody(ui: &mut Ui, state: &State, cx: &ScreenCx<'_>) -> bool {
    if state.companies.list.value().is_none() {
        if state.companies.list.problem().is_none() {
            Waiting::new("batch companies", &cx.text.companies.loading_body, state.clock).shape(Shape::Lines(2)).show(ui);
        }
        return false;
    }
    ui.label(RichText::new(&cx.text.batch.no_company).color(cx.tokens.tone(Tone::Warning).text));
    ui.add_space(cx.tokens.space.s);
    ui.add(button::primary(&cx.text.home.next_account_button).icon(Icon::Account)).clicked()
}

/// Companies, pages and ticks; true when one has become another.
pub(super) fn what_ui(ui: &mut Ui, cx: &ScreenCx<'_>, what: &mut What) -> bool {
    let words = &cx.text.batch;
    let names: Vec<&str> = what.offered.iter().map(|company| company.name.as_str()).collect();
    let all = fill(&words.all_companies, &[("n", &what.ready.to_string())]);
    let texts = piaoxia_widgets::select::SelectText { placeholder: &all, ..words::select(cx.text) };
    let name = |index: usize| names.get(index).copied().unwrap_or_default();
    let note = if what.bare > 0 { fill(&words.bare, &[("n", &what.bare.to_string())]) } else { String::new() };
    let room = ui.available_width();
    let mut changed =
        MultiSelect::new(&words.companies, &mut what.companies, names.len(), name, texts).width(room).help(&note).show(ui).changed();
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = cx.tokens.space.l;
        for (ticked, scope) in what.scopes.iter_mut().zip(SCOPES) {
            changed |= ui.add(Checkbox::new(ticked, cx.text.scope(scope))).changed();
        }
        ui.separator();
        changed |= ui.add(Checkbox::new(&mut what.originals, &words.originals)).changed();
        changed |= ui.add(Checkbox::new(&mut what.refresh, &words.refresh)).on_hover_text(&words.refresh_hint).changed();
    });
    if what.offered.is_empty() {
        ui.label(RichText::new(&words.no_company).color(cx.tokens.tone(Tone::Warning).text));
    } else if what.ticked().is_empty() {
        ui.label(RichText::new(&words.no_scope).color(cx.tokens.tone(Tone::Warning).text));
    }
    changed
}

fn days_ui(ui: &mut Ui, state: &State, cx: &ScreenCx<'_>, dialog: &mut BatchDialog) -> DateOutput {
    let words = &cx.text.batch;
    let mut chosen = DAYS.iter().position(|days| *days == dialog.days).unwrap_or_default();
    let labels = [words.days_new.as_str(), &words.days_last_month, &words.days_chosen];
    let changed = ui.horizontal(|ui| segmented(ui, &words.days, &labels, &mut chosen).changed()).inner;
    let mut output = DateOutput { changed, valid: true };
    dialog.days = DAYS.get(chosen).copied().unwrap_or_default();
    match dialog.days {
        Days::New => drop(ui.label(RichText::new(&words.days_new_note).small().color(cx.tokens.color.text_secondary))),
        Days::LastMonth => {}
        Days::Chosen => {
            let text = cx.text;
            let month_title = words::month_title(text);
            let range = RangeText { from: &words.from, to: &words.to, joint: &text.calendar.joint, presets: &text.calendar.presets };
            let days = (&mut dialog.from, &mut dialog.to);
            output = DateRangeField::new(&words.days, days, &[], range, words::calendar(text, &month_title))
                .min(jiff::civil::Date::constant(2017, 1, 1))
                .max(state.last_day())
                .today(state.today)
                .hide_label()
                .show(ui);
            output.changed |= changed;
        }
    }
    output
}

fn plan_ui(ui: &mut Ui, cx: &ScreenCx<'_>, dialog: &BatchDialog, clock: f64) {
    let words = &cx.text.batch;
    if let Some(problem) = dialog.plan.problem() {
        ui.label(RichText::new(problem_line(cx.text, problem)).color(cx.tokens.tone(Tone::Bad).text));
    }
    if dialog.plan.is_loading() {
        let shape = if dialog.plan.value().is_none() { Shape::Rows(5) } else { Shape::Lines(1) };
        Waiting::new("plan", &words.planning, clock).shape(shape).show(ui);
    }
    let Some(plan) = dialog.plan.value() else { return };
    ui.label(RichText::new(cost(cx.text, plan)).strong());
    ui.label(RichText::new(&words.cost_note).small().color(cx.tokens.color.text_secondary));
    ui.add_space(cx.tokens.space.xs);
    let heads = [&words.col_company, &words.col_scope, &words.col_days, &words.col_mark, &words.col_held, &words.col_queries];
    line(ui, cx, heads.map(String::as_str), true);
    let height = ui.text_style_height(&egui::TextStyle::Body);
    let room = (height + ui.spacing().item_spacing.y) * ROWS;
    ScrollArea::vertical().id_salt("plan").max_height(room).auto_shrink([false, true]).show_rows(ui, height, plan.len(), |ui, rows| {
        for planned in plan.get(rows).into_iter().flatten() {
            row(ui, cx, planned);
        }
    });
}

/// What the whole of it costs, in a line.
fn cost(text: &Text, plan: &BatchPlan) -> String {
    let mut held = Totals::default();
    plan.iter().for_each(|planned| held.merge(&planned.held));
    let sum = |each: fn(&Planned) -> u64| plan.iter().map(each).sum::<u64>();
    let values = [
        ("n", count(plan.len() as u64)),
        ("counts", count(sum(|planned| planned.counts))),
        ("fetches", between(sum(|planned| planned.queries.0), sum(|planned| planned.queries.1))),
        ("held", count(held.invoices)),
    ];
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    fill(&text.batch.cost, &values)
}

/// From so many to so many.
fn between(least: u64, most: u64) -> String {
    if least == most { count(most) } else { format!("{}–{}", count(least), count(most)) }
}

fn row(ui: &mut Ui, cx: &ScreenCx<'_>, planned: &Planned) {
    let dates = planned.order.query.dates;
    let days = format!("{} {} {}", dates.from(), cx.text.calendar.joint, dates.to());
    let mark = planned.mark.as_ref().map_or_else(|| cx.text.batch.first_time.clone(), |mark| mark.rows.to().to_string());
    let queries = between(planned.queries.0, planned.queries.1);
    let held = count(planned.held.invoices);
    line(ui, cx, [&planned.order.company.name, cx.text.scope(planned.order.query.scope), &days, &mark, &held, &queries], false);
}

/// A row of the plan; numbers stand at the right.
fn line(ui: &mut Ui, cx: &ScreenCx<'_>, cells: [&str; 6], is_head: bool) {
    let gap = cx.tokens.space.s;
    let columns = COLUMNS.map(|(chinese, english)| words::wide(cx.text, chinese, english));
    let first = WIDTH - BAR - columns.iter().sum::<f32>() - gap * 5.0;
    let color = if is_head { cx.tokens.color.text_secondary } else { cx.tokens.color.text };
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = gap;
        for (place, (cell, width)) in cells.into_iter().zip(std::iter::once(first).chain(columns)).enumerate() {
            let layout = if place < 4 { Layout::left_to_right(Align::Center) } else { Layout::right_to_left(Align::Center) };
            let height = ui.text_style_height(&egui::TextStyle::Body);
            ui.allocate_ui_with_layout(egui::vec2(width, height), layout, |ui| {
                ui.set_width(width);
                ui.add(Elided::new(cell).color(color).width(width));
            });
        }
    });
}
