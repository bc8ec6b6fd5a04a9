//! 定时下载: the list, and the dialog of one.

use egui::{Checkbox, RichText, Ui};
use jiff::Timestamp;
use piaoxia_engine::schedule::{Schedule, ScheduleView, When};
use piaoxia_widgets::button;
use piaoxia_widgets::dialog::{self, Choice, Dialog, Question};
use piaoxia_widgets::elide::Elided;
use piaoxia_widgets::icons::Icon;
use piaoxia_widgets::segmented::segmented;
use piaoxia_widgets::select::Select;
use piaoxia_widgets::surface;
use piaoxia_widgets::tokens::Tone;

use super::batch::what_ui;
use crate::screens::{ScreenCx, words};
use crate::state::State;
use crate::state::batch::{Every, ScheduleDialog};
use crate::text::{Text, fill, moment, problem_text};

const WIDTH: f32 = 760.0;
const EVERY: [Every; 3] = [Every::Day, Every::Month, Every::Start];
/// Minutes that are offered.
const MINUTES: [u16; 4] = [0, 15, 30, 45];
/// Room for the buttons behind a schedule, points.
const BUTTONS: f32 = 170.0;

/// Draws the card.
pub(super) fn card(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.batch;
    let (mut add, mut act, writable) = (false, None, !state.read_only);
    surface::titled_card(
        ui,
        &words.schedules,
        |ui| add = ui.add(button::secondary(&words.schedule_add).icon(Icon::Plus).small().enabled(writable)).clicked(),
        |ui| {
            if state.batch.schedules.is_empty() {
                ui.add(egui::Label::new(RichText::new(&words.schedules_empty).color(cx.tokens.color.text_secondary)).wrap());
            }
            for view in &state.batch.schedules {
                let pressed = ui.push_id(&view.schedule.id, |ui| item(ui, cx, view, writable)).inner;
                act = pressed.map(|act| (view.schedule.id.clone(), act)).or(act.take());
            }
        },
    );
    match act {
        Some((id, Act::Switch(on))) => cx.commands.extend(state.switch_schedule(&id, on, Timestamp::now())),
        Some((id, Act::Edit)) => state.edit_schedule(&id),
        Some((id, Act::Remove)) => state.batch.asking_removal = Some(id),
        None => {}
    }
    if add {
        state.batch.editing = Some(ScheduleDialog::new(state.batch_what()));
    }
}

/// What is done to one.
enum Act {
    Switch(bool),
    Edit,
    Remove,
}

fn item(ui: &mut Ui, cx: &ScreenCx<'_>, view: &ScheduleView, writable: bool) -> Option<Act> {
    let words = &cx.text.batch;
    let schedule = &view.schedule;
    let line = subject(cx.text, schedule);
    let mut act = None;
    ui.horizontal(|ui| {
        let mut on = schedule.enabled;
        if ui.add_enabled(writable, Checkbox::new(&mut on, when_word(cx.text, schedule.when))).changed() {
            act = Some(Act::Switch(on));
        }
        ui.add(Elided::new(&line).width((ui.available_width() - BUTTONS).max(120.0)));
        let buttons = vec![
            (button::secondary(&cx.text.common.edit).about(&line).small(), Act::Edit),
            (button::quiet(&cx.text.common.delete).about(&line).small(), Act::Remove),
        ];
        let pressed = button::at_right(ui, buttons).into_iter().find(|(response, _)| response.clicked());
        act = pressed.map(|(_, pressed)| pressed).or(act.take());
    });
    let mut below: Vec<String> = Vec::new();
    below.extend(view.next.map(|next| fill(&words.next, &[("time", &moment(next))])));
    below.extend(schedule.begun.map(|begun| fill(&words.begun, &[("time", &moment(begun))])));
    if !below.is_empty() {
        ui.label(RichText::new(below.join("　")).small().color(cx.tokens.color.text_secondary));
    }
    if let Some(problem) = &view.problem {
        // It is tried again by itself, so nobody is told to do that.
        let line = fill(&words.schedule_failed, &[("problem", &problem_text(cx.text, problem).title)]);
        ui.add(egui::Label::new(RichText::new(line).color(cx.tokens.tone(Tone::Warning).text)).wrap());
    }
    act
}

fn subject(text: &Text, schedule: &Schedule) -> String {
    let words = &text.batch;
    let companies = match schedule.companies.as_slice() {
        [] => words.all_ready.clone(),
        [one] => one.name.clone(),
        [first, ..] => fill(&words.some_companies, &[("company", &first.name), ("n", &schedule.companies.len().to_string())]),
    };
    let scopes: Vec<&str> = schedule.scopes.iter().map(|scope| text.scope(*scope)).collect();
    format!("{companies} · {}", scopes.join(words::select(text).separator))
}

fn when_word(text: &Text, when: When) -> String {
    let words = &text.batch;
    let time = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    match when {
        When::Start => words.at_start.clone(),
        When::Day { minute } => fill(&words.at_day, &[("time", &time(minute))]),
        When::Month { day, minute } => fill(&words.at_month, &[("day", &day.to_string()), ("time", &time(minute))]),
    }
}

/// Draws whichever dialog is open.
pub(super) fn dialogs(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    edit(ui, state, cx);
    if let Some(id) = &state.batch.asking_removal {
        let words = &cx.text.batch;
        let known = state.batch.schedules.iter().map(|view| &view.schedule).find(|schedule| schedule.id == *id);
        let what =
            known.map_or_else(String::new, |schedule| format!("{} {}", when_word(cx.text, schedule.when), subject(cx.text, schedule)));
        let text = fill(&words.removal_body, &[("what", &what)]);
        let question = Question {
            title: &words.removal_title,
            text: &text,
            confirm: &cx.text.common.delete,
            cancel: &cx.text.common.cancel,
            danger: true,
        };
        match dialog::confirm(ui.ctx(), "remove schedule", &question) {
            Choice::Open => {}
            Choice::Cancelled => state.batch.asking_removal = None,
            Choice::Confirmed => cx.commands.extend(state.remove_schedule()),
        }
    }
}

fn edit(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let Some(mut dialog) = state.batch.editing.take() else { return };
    let words = &cx.text.batch;
    let title = if dialog.id.is_some() { &words.schedule_edit } else { &words.schedule_add };
    let ready = !dialog.what.ticked().is_empty();
    let (choice, ()) =
        Dialog::new("schedule", title).confirm(&cx.text.common.save).cancel(&cx.text.common.cancel).width(WIDTH).can_confirm(ready).show(
            ui.ctx(),
            |ui| {
                when_ui(ui, cx, &mut dialog);
                ui.add_space(cx.tokens.space.s);
                what_ui(ui, cx, &mut dialog.what);
                ui.add_space(cx.tokens.space.s);
                ui.add(egui::Label::new(RichText::new(&words.schedule_note).small().color(cx.tokens.color.text_secondary)).wrap());
            },
        );
    state.batch.editing = Some(dialog);
    match choice {
        Choice::Open => {}
        Choice::Cancelled => state.batch.editing = None,
        Choice::Confirmed => cx.commands.extend(state.keep_schedule(Timestamp::now())),
    }
}

fn when_ui(ui: &mut Ui, cx: &ScreenCx<'_>, dialog: &mut ScheduleDialog) {
    let words = &cx.text.batch;
    ui.horizontal_top(|ui| {
        let mut chosen = EVERY.iter().position(|every| *every == dialog.every).unwrap_or_default();
        segmented(ui, &words.when, &[&words.every_day, &words.every_month, &words.at_start], &mut chosen);
        dialog.every = EVERY.get(chosen).copied().unwrap_or(Every::Day);
        if dialog.every == Every::Month {
            let days: Vec<String> = (1..=31).map(|day: i8| fill(&words.day, &[("day", &day.to_string())])).collect();
            let mut place = usize::try_from(dialog.day - 1).ok();
            pick(ui, cx.text, &words.day_label, &days, &mut place);
            dialog.day = place.and_then(|place| i8::try_from(place + 1).ok()).unwrap_or(dialog.day);
        }
        if dialog.every != Every::Start {
            let hours: Vec<String> = (0..24).map(|hour: u16| format!("{hour:02}")).collect();
            let mut place = Some(usize::from(dialog.hour));
            pick(ui, cx.text, &words.hour_label, &hours, &mut place);
            dialog.hour = place.and_then(|place| u16::try_from(place).ok()).unwrap_or(dialog.hour);
            ui.label(":");
            let minutes: Vec<String> = MINUTES.iter().map(|minute| format!("{minute:02}")).collect();
            let mut place = MINUTES.iter().position(|minute| *minute == dialog.minute);
            pick(ui, cx.text, &words.minute_label, &minutes, &mut place);
            dialog.minute = place.and_then(|place| MINUTES.get(place)).copied().unwrap_or(dialog.minute);
        }
    });
}

fn pick(ui: &mut Ui, text: &Text, label: &str, names: &[String], place: &mut Option<usize>) {
    let name = |index: usize| names.get(index).map_or("", String::as_str);
    Select::new(label, place, names.len(), name, words::select(text)).hide_label().width(84.0).show(ui);
}
