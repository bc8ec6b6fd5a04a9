//! 绑定微信: the QR that ties an account to a phone's owner, and the question before a binding ends.

use std::time::Duration;

use egui::{RichText, Ui};
use piaoxia_engine::Command;
use piaoxia_service::contract::{BindAnswer, BindTicket};
use piaoxia_widgets::button;
use piaoxia_widgets::dialog::{Choice, Dialog};
use piaoxia_widgets::icons::{Icon, IconView};
use piaoxia_widgets::qr::Qr;
use piaoxia_widgets::skeleton::{Shape, Waiting};
use piaoxia_widgets::tokens::Tone;

use super::{ScreenCx, Wish};
use crate::state::State;
use crate::state::accounts::{Bind, BindDialog};
use crate::text::{fill, problem_line, problem_text};

const QR_SIZE: f32 = 200.0;
const MARK: f32 = 40.0;

/// Draws whichever is open.
pub(super) fn dialogs(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    bind_dialog(ui, state, cx);
    unbind_dialog(ui, state, cx);
}

fn bind_dialog(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let Some(mut dialog) = state.accounts.binding.take() else { return };
    let words = &cx.text.binding;
    let over = matches!(dialog.step, Bind::Bound { .. });
    let cancel = if over { &cx.text.common.close } else { &cx.text.common.cancel };
    let (choice, ()) = Dialog::new("bind account", &words.title).cancel(cancel).show(ui.ctx(), |ui| {
        if !over {
            let line = fill(&words.intro, &[("account", &dialog.login_name)]);
            ui.add(egui::Label::new(RichText::new(line).color(cx.tokens.color.text_secondary)).wrap());
        }
        ui.add_space(cx.tokens.space.s);
        ui.vertical_centered(|ui| step_ui(ui, state, cx, &mut dialog));
    });
    if choice == Choice::Cancelled {
        cx.send(Command::StopBinding);
        return;
    }
    state.accounts.binding = Some(dialog);
}

fn step_ui(ui: &mut Ui, state: &State, cx: &mut ScreenCx<'_>, dialog: &mut BindDialog) {
    let words = &cx.text.binding;
    match &dialog.step {
        Bind::Asking => {
            Waiting::new("binding", &words.asking, state.clock).shape(Shape::Square(QR_SIZE)).show(ui);
        }
        Bind::Open { ticket, expires, scanned } => {
            let (ticket, left, scanned) = (ticket.clone(), *expires - state.clock, *scanned);
            ticket_ui(ui, state, cx, dialog, &ticket, (left, scanned));
        }
        Bind::Bound { person } => {
            ui.add(IconView::new(Icon::Check, "").size(MARK).color(cx.tokens.tone(Tone::Good).solid));
            let line = fill(&words.bound, &[("person", person)]);
            ui.label(RichText::new(line).size(cx.tokens.font.title).color(cx.tokens.tone(Tone::Good).text));
            let line = fill(&words.bound_body, &[("account", &dialog.login_name), ("person", person)]);
            ui.label(RichText::new(line).color(cx.tokens.color.text_secondary));
        }
        Bind::Denied => ended(ui, cx, dialog, (words.denied.clone(), Tone::Warning), ""),
        Bind::Expired => ended(ui, cx, dialog, (words.expired.clone(), Tone::Warning), ""),
        Bind::Failed(problem) => {
            let told = problem_text(cx.text, problem);
            ended(ui, cx, dialog, (told.title, Tone::Bad), &told.advice);
        }
    }
}

fn ticket_ui(
    ui: &mut Ui,
    state: &State,
    cx: &mut ScreenCx<'_>,
    dialog: &mut BindDialog,
    ticket: &BindTicket,
    (left, scanned): (f64, bool),
) {
    let words = &cx.text.binding;
    ui.add(Qr::new(&ticket.qr_text, &words.qr_label).size(QR_SIZE));
    let (line, tone) = if scanned { (&words.scanned, Tone::Good) } else { (&words.waiting, Tone::Neutral) };
    ui.label(RichText::new(line).color(cx.tokens.tone(tone).text));
    let seconds = left.ceil().max(0.0);
    let line = fill(&words.remaining, &[("n", &format!("{seconds:.0}"))]);
    ui.label(RichText::new(line).small().color(cx.tokens.color.text_secondary));
    // It is looked at all the while; this is for those who do not trust that.
    if ui.add(button::link(&words.look)).clicked() && !dialog.looking {
        dialog.looking = true;
        cx.send(Command::LookAtBinding);
    }
    if let Some(url) = &ticket.local_url
        && ui.add(button::link(&cx.text.sign_in.open_here)).clicked()
    {
        cx.wish(Wish::OpenUrl(url.clone()));
    }
    phones_ui(ui, state, cx);
    if state.session.is_sandbox() {
        sandbox_ui(ui, state, cx, ticket);
    }
    if left > 0.0 {
        ui.ctx().request_repaint_after(Duration::from_secs(1));
    }
}

/// Phones reach the page only once that is allowed.
fn phones_ui(ui: &mut Ui, state: &State, cx: &mut ScreenCx<'_>) {
    if !state.service_is_embedded() || !state.phones.is_empty() {
        return;
    }
    let words = &cx.text.sign_in;
    ui.label(RichText::new(&words.phones_off).small().color(cx.tokens.color.text_secondary));
    if ui.add(button::secondary(&words.phones_allow).icon(Icon::Phone).small()).clicked() {
        cx.send(Command::AllowPhones(true));
    }
}

/// In the sandbox the phone lies on this very page.
fn sandbox_ui(ui: &mut Ui, state: &State, cx: &mut ScreenCx<'_>, ticket: &BindTicket) {
    let Some(person) = state.session.person() else { return };
    let words = &cx.text.binding;
    let choices = [(&words.sandbox_agree, true), (&words.sandbox_refuse, false)];
    ui.columns(choices.len(), |columns| {
        for (column, (label, agrees)) in columns.iter_mut().zip(choices) {
            if column.vertical_centered(|ui| ui.add(button::link(label))).inner.clicked() {
                let answer = BindAnswer { name: person.name.clone(), agrees };
                cx.send(Command::AnswerBinding { ticket: ticket.id.clone(), answer });
            }
        }
    });
}

/// It came to nothing: why, and a way to try again.
fn ended(ui: &mut Ui, cx: &mut ScreenCx<'_>, dialog: &mut BindDialog, (line, tone): (String, Tone), advice: &str) {
    ui.add_space(cx.tokens.space.xl);
    ui.label(RichText::new(line).color(cx.tokens.tone(tone).text));
    if !advice.is_empty() {
        ui.label(RichText::new(advice).color(cx.tokens.color.text_secondary));
    }
    if ui.add(button::primary(&cx.text.binding.renew).icon(Icon::Refresh)).clicked() {
        dialog.step = Bind::Asking;
        cx.send(Command::BindAccount(dialog.account.clone()));
    }
    ui.add_space(cx.tokens.space.xl);
}

fn unbind_dialog(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let Some(mut dialog) = state.accounts.unbinding.take() else { return };
    let words = &cx.text.binding;
    let error = dialog.problem.as_ref().map(|problem| problem_line(cx.text, problem));
    let (choice, ()) = Dialog::new("unbind account", &words.unbind_title)
        .confirm(&words.unbind_confirm)
        .cancel(&cx.text.common.cancel)
        .danger()
        .busy(dialog.busy)
        .show(ui.ctx(), |ui| {
            ui.add(egui::Label::new(fill(&words.unbind_body, &[("account", &dialog.login_name)])).wrap());
            if let Some(error) = &error {
                ui.label(RichText::new(error).color(cx.tokens.tone(Tone::Bad).text));
            }
        });
    match choice {
        Choice::Cancelled => return,
        Choice::Confirmed if !dialog.busy => {
            dialog.busy = true;
            dialog.problem = None;
            cx.send(Command::UnbindAccount { company: dialog.company.clone(), account: dialog.account.clone() });
        }
        Choice::Confirmed | Choice::Open => {}
    }
    state.accounts.unbinding = Some(dialog);
}
