//! 本机备份: a card of the settings, and its questions.

use egui::{Align, Checkbox, Layout, RichText, Ui};
use piaoxia_engine::problem::{FileFault, StoreFault, What};
use piaoxia_engine::{BackupNote, BackupView, BackupWish, Command, Problem};
use piaoxia_widgets::button;
use piaoxia_widgets::dialog::{self, Choice, Dialog, Question};
use piaoxia_widgets::elide::Elided;
use piaoxia_widgets::icons::Icon;
use piaoxia_widgets::progress::Progress;
use piaoxia_widgets::surface;
use piaoxia_widgets::tokens::Tone;

use super::ScreenCx;
use crate::state::State;
use crate::text::{Text, fill, moment, problem_line, thousands};

/// Room for the button behind a backup, points.
const RESTORE_WIDTH: f32 = 110.0;
/// Backups that are offered at once.
const OFFERED: usize = 3;

/// Draws the card.
pub(super) fn card(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.backup;
    surface::titled_card(
        ui,
        &words.title,
        |_| {},
        |ui| {
            ui.add(egui::Label::new(RichText::new(&words.body).color(cx.tokens.color.text_secondary)).wrap());
            standing(ui, &state.backup.view, cx);
            buttons(ui, state, cx);
            if state.ledger.invoices == 0 {
                offers(ui, state, cx);
            }
        },
    );
}

fn standing(ui: &mut Ui, view: &BackupView, cx: &ScreenCx<'_>) {
    let words = &cx.text.backup;
    let tinted =
        |ui: &mut Ui, tone: Tone, line: String| ui.add(egui::Label::new(RichText::new(line).color(cx.tokens.tone(tone).text)).wrap());
    match (&view.folder, &view.last) {
        (None, _) => drop(tinted(ui, Tone::Neutral, words.no_place.clone())),
        (Some(_), Some(note)) => {
            tinted(ui, if view.on { Tone::Good } else { Tone::Neutral }, line_of(note, &words.last));
            if note.damaged > 0 {
                tinted(ui, Tone::Warning, fill(&words.damaged, &[("n", &thousands(note.damaged))]));
            }
        }
        (Some(_), None) => drop(tinted(ui, Tone::Neutral, words.none_yet.clone())),
    }
    if let Some(problem) = &view.problem {
        tinted(ui, Tone::Bad, failed(cx.text, view, problem));
    }
}

/// Why no backup was made. Where it goes is not for the user to choose, so a full disk has advice of its own.
fn failed(text: &Text, view: &BackupView, problem: &Problem) -> String {
    let words = &text.backup;
    let is_full = matches!(problem.what, What::File { fault: FileFault::DiskFull, .. } | What::Store(StoreFault::DiskFull));
    let why = match &view.folder {
        Some(folder) if is_full => {
            let button = if view.on { &words.now } else { &words.turn_on };
            fill(&words.full, &[("path", &folder.display().to_string()), ("button", button)])
        }
        _ => problem_line(text, problem),
    };
    fill(&words.failed, &[("problem", &why)])
}

fn line_of(note: &BackupNote, template: &str) -> String {
    fill(template, &[("time", &moment(note.at)), ("n", &thousands(note.invoices))])
}

fn buttons(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.backup;
    let Some(folder) = state.backup.view.folder.clone() else { return };
    if let Some((done, total)) = state.backup.view.running {
        let figures = fill(&words.progress, &[("n", &thousands(done)), ("m", &thousands(total))]);
        let bar = if total == 0 { Progress::endless(&words.running) } else { Progress::new(&words.running, done as f32 / total as f32) };
        ui.horizontal(|ui| {
            ui.add(bar.text(&figures).width((ui.available_width() - RESTORE_WIDTH).clamp(120.0, 420.0)));
            if ui.add(button::secondary(&cx.text.common.cancel).small()).clicked() {
                cx.send(Command::Backup(BackupWish::Stop));
            }
        });
        return;
    }
    ui.horizontal(|ui| {
        if !state.backup.view.on {
            if ui.add(button::secondary(&words.turn_on).icon(Icon::Check)).clicked() {
                cx.send(Command::Backup(BackupWish::TurnOn));
            }
            return;
        }
        if ui.add(button::secondary(&words.now).icon(Icon::Refresh)).clicked() {
            cx.send(Command::Backup(BackupWish::Now));
        }
        if ui.add(button::secondary(&cx.text.settings.open_folder).icon(Icon::Folder)).clicked() {
            cx.send(Command::Reveal(folder));
        }
        if ui.add(button::quiet(&words.turn_off)).clicked() {
            state.backup.asking_off = true;
        }
    });
}

/// Backups of other folders, for a ledger in which nothing is.
fn offers(ui: &mut Ui, state: &mut State, cx: &ScreenCx<'_>) {
    let words = &cx.text.backup;
    let mut wanted = None;
    for found in state.backup.view.others.iter().take(OFFERED) {
        ui.horizontal(|ui| {
            ui.label(line_of(&found.note, &words.found));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if ui.add(button::secondary(&words.restore).small()).clicked() {
                    wanted = Some(found.folder.clone());
                }
            });
        });
        let of = found.note.of.display().to_string();
        ui.add(Elided::new(&of).middle().size(cx.tokens.font.small).color(cx.tokens.color.text_secondary).width(ui.available_width()));
    }
    if wanted.is_some() {
        state.backup.asking_restore = wanted;
    }
}

/// Draws whichever question is open.
pub(super) fn questions(ui: &Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.backup;
    if state.backup.asking_restore.is_some() {
        let question = Question {
            title: &words.restore_title,
            text: &words.restore_body,
            confirm: &words.restore,
            cancel: &cx.text.common.cancel,
            danger: false,
        };
        match dialog::confirm(ui.ctx(), "restore backup", &question) {
            Choice::Open => {}
            Choice::Cancelled => state.backup.asking_restore = None,
            Choice::Confirmed => cx.commands.extend(state.restore_backup()),
        }
    }
    if state.backup.asking_off {
        off_question(ui, state, cx);
    }
}

fn off_question(ui: &Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.backup;
    let dialog = Dialog::new("backup off", &words.off_title).confirm(&words.turn_off).cancel(&cx.text.common.cancel);
    let dialog = if state.backup.remove { dialog.danger() } else { dialog };
    let (choice, ()) = dialog.show(ui.ctx(), |ui| {
        ui.add(egui::Label::new(&words.off_body).wrap());
        ui.add(Checkbox::new(&mut state.backup.remove, &words.off_remove));
    });
    match choice {
        Choice::Open => {}
        Choice::Cancelled => state.backup.asking_off = false,
        Choice::Confirmed => {
            let command = state.turn_backup_off();
            cx.send(command);
        }
    }
}
