//! 网络与诊断: a card of the settings, the preview of the 诊断文件.

use egui::{Checkbox, RichText, ScrollArea, Ui};
use piaoxia_engine::checkup::{Line, Verdict};
use piaoxia_engine::network::NetworkWish;
use piaoxia_engine::problem::{NetworkFault, What};
use piaoxia_engine::{Command, Problem};
use piaoxia_widgets::button;
use piaoxia_widgets::chip::Chip;
use piaoxia_widgets::dialog::{Choice, Dialog};
use piaoxia_widgets::field::Field;
use piaoxia_widgets::icons::Icon;
use piaoxia_widgets::progress::Progress;
use piaoxia_widgets::segmented::segmented;
use piaoxia_widgets::surface;
use piaoxia_widgets::tokens::Tone;

use super::{ScreenCx, Wish, words};
use crate::state::State;
use crate::state::help::ProxyKind;
use crate::state::removal::Removal;
use crate::text::{checkup_text, fill, line_words, problem_line};

/// Width of the column of verdicts, points.
const VERDICT: f32 = 56.0;
/// Width of the column with the names of the steps.
const STEP: f32 = 96.0;

/// The way to it from the pages before the sign-in, which have no settings: whoever cannot connect needs it there.
pub(super) fn link(ui: &mut Ui, state: &mut State, cx: &ScreenCx<'_>) {
    if ui.add(button::link(&cx.text.help.open)).clicked() {
        state.help.shown = true;
    }
}

/// Draws the card.
pub(super) fn card(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.help;
    surface::titled_card(ui, &words.title, |_| {}, |ui| content(ui, state, cx));
}

fn content(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.help;
    ui.add(egui::Label::new(RichText::new(&words.body).color(cx.tokens.color.text_secondary)).wrap());
    ui.horizontal(|ui| {
        if ui.add(button::secondary(&words.check).icon(Icon::Refresh)).clicked() {
            let command = state.check_up();
            cx.send(command);
        }
        if ui.add(button::secondary(&words.diagnosis).icon(Icon::File).busy(state.help.diagnosing)).clicked() {
            let command = state.diagnose();
            cx.send(command);
        }
    });
    network_ui(ui, state, cx);
}

/// Draws the dialogs while they are open.
pub(super) fn dialogs(ui: &Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    settings(ui, state, cx);
    checkup(ui, state, cx);
    preview(ui, state, cx);
}

/// The card as a dialog. What it opens takes its place until that is closed.
fn settings(ui: &Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    if !state.help.shown || state.help.open || state.help.diagnosis.is_some() || state.removing.is_some() {
        return;
    }
    let dialog = Dialog::new("network settings", &cx.text.help.title).cancel(&cx.text.common.close).width(560.0);
    if dialog.show(ui.ctx(), |ui| content(ui, state, cx)).0 == Choice::Cancelled {
        state.help.shown = false;
    }
}

/// 网络自检: a line a step, as each is over.
fn checkup(ui: &Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    if !state.help.open {
        return;
    }
    let words = &cx.text.help;
    let dialog = Dialog::new("checkup", &words.check).confirm(&words.again).can_confirm(!state.help.running).width(760.0);
    let (choice, ()) = dialog.cancel(if state.help.running { &words.stop } else { &cx.text.common.close }).show(ui.ctx(), |ui| {
        ui.style_mut().interaction.selectable_labels = true;
        for line in &state.help.lines {
            line_ui(ui, cx, line);
        }
        if state.help.running {
            ui.add_space(cx.tokens.space.s);
            ui.add(Progress::endless(&words.running).text(&words.running));
        } else if ui.add(button::link(&words.copy)).clicked() {
            cx.wish(Wish::Copy(checkup_text(cx.text, &state.help.lines)));
        }
    });
    match choice {
        Choice::Open => {}
        Choice::Confirmed => {
            let command = state.check_up();
            cx.send(command);
        }
        // The first press stops, the second one closes.
        Choice::Cancelled if state.help.running => cx.send(Command::StopCheckup),
        Choice::Cancelled => cx.commands.extend(state.close_checkup()),
    }
}

fn line_ui(ui: &mut Ui, cx: &ScreenCx<'_>, line: &Line) {
    let words = line_words(cx.text, line);
    let tone = match line.verdict {
        Verdict::Skipped => Tone::Neutral,
        Verdict::Good => Tone::Good,
        Verdict::Warning => Tone::Warning,
        Verdict::Bad => Tone::Bad,
    };
    let (verdict, step) = (words::wide(cx.text, VERDICT, 88.0), words::wide(cx.text, STEP, 116.0));
    ui.horizontal_top(|ui| {
        ui.allocate_ui(egui::vec2(verdict, 0.0), |ui| {
            ui.set_min_width(verdict);
            ui.add(Chip::new(&words.verdict, tone));
        });
        ui.allocate_ui(egui::vec2(step, 0.0), |ui| {
            ui.set_min_width(step);
            ui.label(RichText::new(&words.step).strong());
        });
        ui.vertical(|ui| {
            ui.add(egui::Label::new(&words.found).wrap());
            if !words.advice.is_empty() {
                ui.add(egui::Label::new(RichText::new(&words.advice).color(cx.tokens.color.text_secondary)).wrap());
            }
        });
    });
}

fn network_ui(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.help;
    egui::Grid::new("network").num_columns(2).spacing([16.0, 8.0]).show(ui, |ui| {
        ui.label(&words.proxy);
        proxy_ui(ui, state, cx);
        ui.end_row();
        if state.help.proxy == ProxyKind::Manual {
            ui.label(&words.proxy_address);
            ui.horizontal_top(|ui| address_ui(ui, state, cx));
            ui.end_row();
        }
        ui.label(&words.roots);
        ui.horizontal(|ui| roots_ui(ui, state, cx));
        ui.end_row();
    });
    if state.help.network.roots.is_none() {
        note(ui, cx, &words.roots_note);
    }
    if !state.service_is_embedded() {
        let mut pinned = state.help.network.pin.is_some();
        if ui.add_enabled(!state.help.busy, Checkbox::new(&mut pinned, &words.pin)).changed() {
            let command = state.set_network(NetworkWish::Pin(pinned));
            cx.send(command);
        }
        note(ui, cx, &words.pin_note);
    }
    if let Some(problem) = state.help.problem.as_ref().filter(|problem| !is_of_address(problem)) {
        ui.add(egui::Label::new(RichText::new(problem_line(cx.text, problem)).color(cx.tokens.tone(Tone::Bad).text)).wrap());
    }
}

fn note(ui: &mut Ui, cx: &ScreenCx<'_>, line: &str) {
    ui.add(egui::Label::new(RichText::new(line).small().color(cx.tokens.color.text_secondary)).wrap());
}

/// True for what stands below the address itself.
fn is_of_address(problem: &Problem) -> bool {
    problem.what == What::Network(NetworkFault::ProxyAddress)
}

fn proxy_ui(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.help;
    let labels = [words.proxy_system.as_str(), &words.proxy_direct, &words.proxy_manual];
    let mut chosen = ProxyKind::ALL.iter().position(|kind| *kind == state.help.proxy).unwrap_or_default();
    if segmented(ui, &words.proxy, &labels, &mut chosen).changed() {
        state.help.proxy = ProxyKind::ALL.get(chosen).copied().unwrap_or_default();
        state.help.problem = None;
        // An address is yet to be typed.
        if state.help.proxy != ProxyKind::Manual {
            cx.commands.extend(state.keep_proxy());
        }
    }
}

fn address_ui(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let wrong = state.help.problem.as_ref().filter(|problem| is_of_address(problem)).map(|problem| problem_line(cx.text, problem));
    let field = Field::new(&cx.text.help.proxy_address, &mut state.help.typed).hint("proxy.example.com:8080").half_width().hide_label();
    let field = field.error(wrong.as_deref());
    // An address may be typed with a password in it: nothing of it is kept for undoing.
    let submitted = field.forgetful().width(300.0).show(ui).submitted;
    if ui.add(button::secondary(&cx.text.common.save).busy(state.help.busy)).clicked() || submitted {
        cx.commands.extend(state.keep_proxy());
    }
}

fn roots_ui(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.help;
    match state.help.network.roots.clone() {
        Some(roots) => {
            ui.label(fill(&words.roots_used, &[("name", &roots.name), ("n", &roots.count().to_string())]));
            if ui.add(button::quiet(&words.roots_remove).small()).clicked() {
                state.removing = Some(Removal::Roots);
            }
        }
        None => {
            if ui.add(button::secondary(&words.roots_choose).icon(Icon::File).small()).clicked() {
                cx.wish(Wish::PickRoots);
            }
        }
    }
}

/// Shows the 诊断文件 before it is saved.
fn preview(ui: &Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let Some(shown) = state.help.diagnosis.take() else { return };
    let words = &cx.text.help;
    let (choice, ()) = Dialog::new("diagnosis", &words.diagnosis_title)
        .confirm(&words.diagnosis_save)
        .cancel(&cx.text.common.close)
        .width(880.0)
        .show(ui.ctx(), |ui| {
            ui.add(egui::Label::new(RichText::new(&words.diagnosis_note).color(cx.tokens.color.text_secondary)).wrap());
            ui.add_space(cx.tokens.space.s);
            ui.style_mut().interaction.selectable_labels = true;
            let lines: Vec<&str> = shown.lines().collect();
            let height = ui.text_style_height(&egui::TextStyle::Small);
            ScrollArea::both().max_height(420.0).auto_shrink(false).show_rows(ui, height, lines.len(), |ui, rows| {
                for line in lines.get(rows).unwrap_or_default() {
                    ui.add(egui::Label::new(RichText::new(*line).small()).extend());
                }
            });
        });
    match choice {
        Choice::Open => state.help.diagnosis = Some(shown),
        Choice::Cancelled => {}
        Choice::Confirmed => {
            if !state.file_dialog {
                state.help.saving = Some(shown.clone());
            }
            state.help.diagnosis = Some(shown);
            cx.wish(Wish::PickDiagnosisFile { name: words.diagnosis_file.clone() });
        }
    }
}
