//! 更新: a card of the settings. Nothing is downloaded or installed before the user presses a button.

use egui::{RichText, Ui};
use piaoxia_engine::update::{Checked, Offer, Status};
use piaoxia_engine::{UpdateSource, UpdateWish};
use piaoxia_widgets::button;
use piaoxia_widgets::dialog::{self, Choice, Question};
use piaoxia_widgets::icons::Icon;
use piaoxia_widgets::progress::Progress;
use piaoxia_widgets::surface;
use piaoxia_widgets::tokens::Tone;

use super::{ScreenCx, Wish};
use crate::boot;
use crate::state::State;
use crate::state::update::Work;
use crate::text::{fill, megabytes, problem_line, problem_text, release_notes};

/// Draws the card.
pub(super) fn card(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.update;
    surface::titled_card(
        ui,
        &words.title,
        |_| {},
        |ui| {
            // Taken for this frame, because `state` is borrowed below; nothing drawn here changes it.
            let status = state.update.status.take();
            let version = status.as_ref().map_or_else(boot::version, |status| status.version).to_string();
            ui.label(fill(&words.running, &[("version", &version)]));
            match &status {
                Some(status) if !status.release => quiet(ui, cx, &words.no_release_body),
                Some(status) => release_ui(ui, state, cx, status),
                None => unknown_ui(ui, state, cx),
            }
            state.update.status = status;
        },
    );
}

/// Where this installation stands could not be found out, as when its folder cannot be read.
fn unknown_ui(ui: &mut Ui, state: &State, cx: &mut ScreenCx<'_>) {
    let Some(problem) = &state.update.no_status else { return quiet(ui, cx, &cx.text.update.looking) };
    tinted(ui, cx, Tone::Bad, &problem_line(cx.text, problem));
    if ui.add(button::secondary(&cx.text.common.retry).icon(Icon::Refresh)).clicked() {
        cx.send(piaoxia_engine::Command::Update(UpdateWish::Look));
    }
}

fn release_ui(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>, status: &Status) {
    let words = &cx.text.update;
    if let Some(failed) = status.failed {
        tinted(ui, cx, Tone::Warning, &fill(&words.failed, &[("version", &failed.to_string())]));
    }
    match state.update.work {
        Work::Idle | Work::Checking => {
            found_ui(ui, state, cx, status);
            buttons_ui(ui, state, cx, status);
        }
        Work::Downloading { done, total } => {
            if let Some(Ok(Checked::New(offer))) = &state.update.found {
                ui.label(fill(&words.downloading_version, &[("version", &offer.version.to_string())]));
            }
            download_ui(ui, cx, done, total);
        }
        Work::Restarting => quiet(ui, cx, &words.restarting),
    }
}

/// What the last check came to, or what is ready since an earlier one.
fn found_ui(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>, status: &Status) {
    let words = &cx.text.update;
    // A new check alone would change it, and that begins below.
    let found = state.update.found.take();
    match (&status.ready, &found) {
        (_, Some(Err(problem))) => {
            let said = problem_text(cx.text, problem);
            tinted(ui, cx, Tone::Bad, &said.title);
            quiet(ui, cx, &said.advice);
        }
        (Some(ready), None | Some(Ok(Checked::Current))) => ready_ui(ui, state, cx, ready),
        (Some(ready), Some(Ok(Checked::New(offer)))) if ready.version == offer.version => ready_ui(ui, state, cx, ready),
        (_, Some(Ok(Checked::New(offer)))) => {
            let (version, size) = (offer.version.to_string(), megabytes(offer.size));
            ui.label(RichText::new(fill(&words.new, &[("version", &version), ("size", &size)])).strong());
            notes_ui(ui, cx, offer);
            if ui.add(button::primary(&words.download).icon(Icon::Download)).clicked() {
                let command = state.download_update();
                cx.send(command);
            }
        }
        (_, Some(Ok(Checked::Current))) => tinted(ui, cx, Tone::Good, &fill(&words.current, &[("version", &status.version.to_string())])),
        (_, Some(Ok(Checked::NotYet(version)))) => quiet(ui, cx, &fill(&words.not_yet, &[("version", &version.to_string())])),
        (None, None) => {}
    }
    state.update.found = found;
}

fn ready_ui(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>, ready: &Offer) {
    let words = &cx.text.update;
    tinted(ui, cx, Tone::Good, &fill(&words.ready, &[("version", &ready.version.to_string())]));
    notes_ui(ui, cx, ready);
    let free = restart_is_free(ui, state, cx);
    if ui.add(button::primary(&words.install).enabled(free)).clicked() {
        let command = state.change_version(UpdateWish::Install);
        cx.send(command);
    }
}

/// False, and said, while something runs that a restart would lose.
fn restart_is_free(ui: &mut Ui, state: &State, cx: &ScreenCx<'_>) -> bool {
    let busy = state.would_lose_work();
    if busy {
        tinted(ui, cx, Tone::Warning, &cx.text.update.after_tasks);
    }
    !busy
}

fn notes_ui(ui: &mut Ui, cx: &ScreenCx<'_>, offer: &Offer) {
    ui.add(egui::Label::new(release_notes(cx.text, &offer.notes)).wrap());
    ui.add_space(cx.tokens.space.s);
}

fn download_ui(ui: &mut Ui, cx: &mut ScreenCx<'_>, done: u64, total: u64) {
    let words = &cx.text.update;
    ui.horizontal(|ui| {
        let figures = fill(&words.progress, &[("done", &megabytes(done)), ("total", &megabytes(total))]);
        let bar =
            if total == 0 { Progress::endless(&words.downloading) } else { Progress::new(&words.downloading, done as f32 / total as f32) };
        ui.add(bar.text(&figures).width((ui.available_width() - 90.0).min(420.0)));
        if ui.add(button::quiet(&cx.text.common.cancel).small()).clicked() {
            cx.send(piaoxia_engine::Command::Update(UpdateWish::Stop));
        }
    });
}

fn buttons_ui(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>, status: &Status) {
    let words = &cx.text.update;
    let checking = state.update.work == Work::Checking;
    ui.horizontal(|ui| {
        if status.has_feed && ui.add(button::secondary(&words.check).icon(Icon::Refresh).busy(checking)).clicked() {
            let command = state.check_update(UpdateSource::Feed);
            cx.send(command);
        }
        if ui.add(button::secondary(&words.from_folder).icon(Icon::Folder).enabled(!checking)).clicked() {
            cx.wish(Wish::PickUpdateFolder);
        }
        if let Some(before) = status.before {
            let label = fill(&words.back, &[("version", &before.to_string())]);
            if ui.add(button::quiet(&label).enabled(!checking && !state.would_lose_work())).clicked() {
                state.update.asking_back = true;
            }
        }
    });
}

/// Asks before the version before is taken again.
pub(super) fn question(ui: &Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let before = state.update.status.as_ref().and_then(|status| status.before);
    let Some(before) = before.filter(|_| state.update.asking_back) else { return };
    let words = &cx.text.update;
    let version = before.to_string();
    let values = [("version", version.as_str())];
    let (title, body, confirm) = (fill(&words.back_title, &values), fill(&words.back_body, &values), fill(&words.back, &values));
    let question = Question { title: &title, text: &body, confirm: &confirm, cancel: &cx.text.common.cancel, danger: false };
    match dialog::confirm(ui.ctx(), "roll back", &question) {
        Choice::Open => {}
        Choice::Cancelled => state.update.asking_back = false,
        Choice::Confirmed => {
            state.update.asking_back = false;
            let command = state.change_version(UpdateWish::RollBack);
            cx.send(command);
        }
    }
}

fn quiet(ui: &mut Ui, cx: &ScreenCx<'_>, text: &str) {
    ui.add(egui::Label::new(RichText::new(text).color(cx.tokens.color.text_secondary)).wrap());
}

fn tinted(ui: &mut Ui, cx: &ScreenCx<'_>, tone: Tone, text: &str) {
    ui.add(egui::Label::new(RichText::new(text).color(cx.tokens.tone(tone).text)).wrap());
}
