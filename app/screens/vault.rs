//! The vault (保险箱): the lock screen, its card in the settings, the dialogs.

use std::time::Duration;

use egui::{Checkbox, RichText, Ui};
use piaoxia_engine::secrets::{Strength, check_passphrase};
use piaoxia_engine::{Command, Secret};
use piaoxia_widgets::button;
use piaoxia_widgets::dialog::{self, Choice, Dialog, Question};
use piaoxia_widgets::field::Field;
use piaoxia_widgets::icons::Icon;
use piaoxia_widgets::select::Select;
use piaoxia_widgets::surface;
use piaoxia_widgets::tokens::Tone;

use super::{ScreenCx, words};
use crate::state::State;
use crate::state::vault::{LOCK_AFTER, PassphraseDialog, Vault};
use crate::text::{Text, fill, problem_line};

/// In front of everything, until the passphrase is typed.
pub(super) fn lock_screen(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.vault;
    let (title, body) = if state.vault.guards { (&words.locked, &words.locked_body) } else { (&words.start, &words.start_body) };
    ui.vertical_centered(|ui| {
        ui.add_space(((ui.available_height() - 380.0) / 2.0).max(10.0));
        ui.set_max_width(460.0);
        surface::card(ui, |ui| {
            ui.vertical_centered(|ui| {
                ui.label(RichText::new(&cx.text.common.app_name).heading().color(cx.tokens.color.accent));
                ui.label(RichText::new(title).size(cx.tokens.font.title));
                ui.add(egui::Label::new(RichText::new(body).color(cx.tokens.color.text_secondary)).wrap());
            });
            ui.add_space(cx.tokens.space.m);
            unlock_ui(ui, state, cx);
            ui.add_space(cx.tokens.space.m);
            ui.separator();
            ui.horizontal(|ui| ways_around(ui, state, cx));
        });
    });
}

fn unlock_ui(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.vault;
    let left = (state.vault.wait_until - state.clock).ceil();
    let error = if left > 0.0 {
        ui.ctx().request_repaint_after(Duration::from_secs(1));
        Some(fill(&words.wait, &[("n", &format!("{left:.0}"))]))
    } else {
        state.vault.problem.as_ref().map(|problem| problem_line(cx.text, problem))
    };
    let free = !state.vault.busy && left <= 0.0;
    let submitted = Field::new(&words.passphrase, &mut state.vault.typed)
        .password(words::reveal(cx.text))
        .error(error.as_deref())
        .first(free)
        .full_width()
        .show(ui)
        .submitted;
    ui.add_space(cx.tokens.space.s);
    let ready = free && !state.vault.typed.is_empty();
    let unlock = button::primary(&words.unlock).icon(Icon::Lock).busy(state.vault.busy).enabled(ready).width(ui.available_width());
    if (ui.add(unlock).clicked() || submitted)
        && let Some(command) = state.unlock()
    {
        cx.send(command);
    }
}

fn ways_around(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.vault;
    if !state.vault.guards && ui.add(button::link(&words.skip)).on_hover_text(&words.skip_note).clicked() {
        let commands = state.go_on_without_vault();
        cx.commands.extend(commands);
    }
    if ui.add(button::link(&words.forgot)).clicked() {
        state.vault.destroying = true;
    }
}

/// The card in the settings.
pub(super) fn card(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let text = cx.text;
    surface::titled_card(
        ui,
        &text.vault.title,
        |_| {},
        |ui| {
            ui.add(egui::Label::new(RichText::new(&text.vault.body).color(cx.tokens.color.text_secondary)).wrap());
            let (line, tone) = standing(text, &state.vault);
            ui.label(RichText::new(line).color(cx.tokens.tone(tone).text));
            if state.vault.view.open {
                open_ui(ui, state, cx);
            } else if state.vault.view.exists && state.vault.view.passphrase {
                if ui.add(button::secondary(&text.vault.unlock).icon(Icon::Lock)).clicked() {
                    state.vault.skipped = false;
                }
            } else if state.vault.takes()
                && ui.add(button::secondary(&text.vault.set).icon(Icon::Lock)).on_hover_text(&text.vault.set_note).clicked()
            {
                state.open_passphrase_dialog();
            }
            if state.vault.view.exists && ui.add(button::link(&text.vault.empty)).clicked() {
                state.vault.destroying = true;
            }
        },
    );
}

fn standing(text: &Text, vault: &Vault) -> (String, Tone) {
    let (words, view) = (&text.vault, &vault.view);
    if let Some(problem) = &view.problem {
        return (problem_line(text, problem), Tone::Bad);
    }
    if view.damaged {
        return (words.damaged.clone(), Tone::Bad);
    }
    match (view.exists, view.open, view.passphrase) {
        (false, ..) => (words.none_yet.clone(), Tone::Neutral),
        (true, true, passphrase) => {
            let kept = fill(&words.kept, &[("n", &view.accounts.len().to_string())]);
            let session = if view.session { words.kept_session.as_str() } else { "" };
            let how = if passphrase { &words.with_passphrase } else { &words.this_pc_only };
            (format!("{how} · {kept}{session}"), Tone::Good)
        }
        (true, false, true) => (words.is_locked.clone(), Tone::Warning),
        (true, false, false) => (words.other_pc.clone(), Tone::Warning),
    }
}

fn open_ui(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.vault;
    let has_passphrase = state.vault.view.passphrase;
    ui.horizontal(|ui| {
        let label = if has_passphrase { &words.change } else { &words.set };
        if ui.add(button::secondary(label).icon(Icon::Edit)).on_hover_text(&words.set_note).clicked() {
            state.open_passphrase_dialog();
        }
        if has_passphrase && ui.add(button::secondary(&words.lock_now).icon(Icon::Lock)).clicked() {
            cx.send(Command::LockVault);
        }
    });
    if !has_passphrase {
        return;
    }
    let mut here = state.vault.view.here;
    if ui.add(Checkbox::new(&mut here, &words.here)).on_hover_text(&words.here_note).changed() {
        cx.send(Command::OpenVaultHere(here));
    }
    let mut chosen = LOCK_AFTER.iter().position(|minutes| Some(*minutes).filter(|some| *some > 0) == state.vault.minutes());
    let names = [&words.after_5, &words.after_10, &words.after_30, &words.after_60, &words.never];
    let name = |index: usize| names.get(index).map_or("", |name| name.as_str());
    if Select::new(&words.lock_after, &mut chosen, names.len(), name, words::select(cx.text)).width(200.0).show(ui).changed()
        && let Some(minutes) = chosen.and_then(|index| LOCK_AFTER.get(index))
    {
        let command = state.set_lock_after(*minutes);
        cx.send(command);
    }
}

/// A tick box: 记住密码. Off while the vault takes nothing.
pub(super) fn remember(ui: &mut Ui, vault: &Vault, text: &Text, wanted: &mut bool) {
    let takes = vault.takes();
    *wanted &= takes;
    let note = if takes { &text.vault.remember_note } else { &text.vault.remember_locked };
    ui.add_enabled(takes, Checkbox::new(wanted, &text.vault.remember));
    ui.add(egui::Label::new(RichText::new(note).small().weak()).wrap());
}

/// Draws whichever is open.
pub(super) fn dialogs(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    passphrase_dialog(ui, state, cx);
    if !state.vault.destroying {
        return;
    }
    let words = &cx.text.vault;
    let question = Question {
        title: &words.empty_title,
        text: &words.empty_body,
        confirm: &words.empty_confirm,
        cancel: &cx.text.common.cancel,
        danger: true,
    };
    match dialog::confirm(ui.ctx(), "empty vault", &question) {
        Choice::Open => {}
        Choice::Cancelled => state.vault.destroying = false,
        Choice::Confirmed => {
            let commands = state.destroy_vault();
            cx.commands.extend(commands);
        }
    }
}

fn passphrase_dialog(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let Some(mut dialog) = state.vault.dialog.take() else { return };
    let words = &cx.text.vault;
    let title = if state.vault.view.passphrase { &words.change } else { &words.set };
    let fits = check_passphrase(&dialog.first).is_ok() && dialog.first == dialog.second;
    let (choice, submitted) = Dialog::new("passphrase", title)
        .confirm(&cx.text.common.save)
        .cancel(&cx.text.common.cancel)
        .busy(dialog.busy)
        .can_confirm(fits)
        .show(ui.ctx(), |ui| fields(ui, cx, &mut dialog));
    if choice == Choice::Cancelled {
        return;
    }
    if (choice == Choice::Confirmed || submitted) && fits && !dialog.busy {
        (dialog.busy, dialog.problem) = (true, None);
        dialog.second = String::new();
        cx.send(Command::SetPassphrase(Some(Secret::new(std::mem::take(&mut dialog.first)))));
    }
    state.vault.dialog = Some(dialog);
}

fn fields(ui: &mut Ui, cx: &ScreenCx<'_>, dialog: &mut PassphraseDialog) -> bool {
    let words = &cx.text.vault;
    let judged = check_passphrase(&dialog.first);
    let refused = (!dialog.first.is_empty() && judged.is_err()).then_some(match judged {
        Err(piaoxia_engine::secrets::Weakness::TooShort) => words.too_short.as_str(),
        _ => words.too_weak.as_str(),
    });
    let help = match judged {
        Ok(Strength::Fair) => &words.fair,
        Ok(Strength::Good) => &words.good,
        Ok(Strength::Strong) => &words.strong,
        Err(_) => &words.hint,
    };
    let begun = dialog.first.is_empty() && dialog.second.is_empty();
    Field::new(&words.new, &mut dialog.first).password(words::reveal(cx.text)).help(help).error(refused).first(begun).full_width().show(ui);
    let differs = (!dialog.second.is_empty() && dialog.first != dialog.second).then_some(words.differs.as_str());
    let again = Field::new(&words.again, &mut dialog.second).password(words::reveal(cx.text)).error(differs).full_width().show(ui);
    ui.add(egui::Label::new(RichText::new(&words.no_way_back).color(cx.tokens.tone(Tone::Warning).text)).wrap());
    if let Some(problem) = &dialog.problem {
        ui.label(RichText::new(problem_line(cx.text, problem)).color(cx.tokens.tone(Tone::Bad).text));
    }
    again.submitted
}
