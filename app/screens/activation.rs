//! 激活: the code from the mail.

use egui::{RichText, Ui};
use piaoxia_domain::activation::{ActivationCode, CodeFault};
use piaoxia_engine::{Command, Secret};
use piaoxia_widgets::button;
use piaoxia_widgets::field::Field;
use piaoxia_widgets::icons::Icon;
use piaoxia_widgets::surface;

use super::ScreenCx;
use crate::state::session::Activation;
use crate::state::{Screen, State};
use crate::text::{fill, problem_line};

/// Draws the page.
pub(super) fn draw(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    ui.vertical_centered(|ui| {
        ui.add_space(((ui.available_height() - 640.0) / 2.0).max(16.0));
        ui.set_max_width(520.0);
        surface::card(ui, |ui| {
            let words = &cx.text.activation;
            let title = if state.session.is_activated() { &words.title_more } else { &words.title };
            ui.label(RichText::new(title).heading());
            ui.label(RichText::new(&words.intro).color(cx.tokens.color.text_secondary));
            ui.add_space(cx.tokens.space.m);
            code_ui(ui, state, cx);
            if state.session.is_activated() {
                ui.add_space(cx.tokens.space.s);
                // Further companies: whoever came from inside may go back.
                if ui.add(button::quiet(&words.back).enabled(!state.activation.busy)).clicked() {
                    state.activation = Activation::default();
                    state.screen = Screen::Companies;
                }
            }
        });
        ui.add_space(cx.tokens.space.m);
        if state.session.is_sandbox() {
            sandbox_mail(ui, state, cx);
        } else {
            surface::titled_card(ui, &cx.text.activation.where_from, |_| {}, |ui| ui.label(&cx.text.activation.where_body));
        }
    });
}

/// Room for a mail that is pasted whole, characters.
const PASTED: usize = 600;

fn code_ui(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let words = &cx.text.activation;
    let error = state.activation.problem.as_ref().map(|problem| problem_line(cx.text, problem));
    let typed = ActivationCode::parse(&state.activation.code);
    let activation = &mut state.activation;
    let output = Field::new(&words.code_label, &mut activation.code)
        .code()
        .hint(&words.code_hint)
        .full_width()
        .limit(PASTED)
        .error(error.as_deref())
        .enabled(!activation.busy)
        .show(ui);
    if output.changed {
        activation.problem = None;
    }
    ui.add_space(cx.tokens.space.m);
    let something = typed != Err(CodeFault::Empty);
    let pressed =
        ui.add(button::primary(&words.activate).icon(Icon::Check).width(160.0).enabled(something).busy(activation.busy)).clicked();
    if (pressed || output.submitted) && something && !activation.busy {
        activation.busy = true;
        activation.problem = None;
        // Of a mail that was pasted, nothing but the code leaves the PC.
        let code = Secret::new(typed.map_or_else(|_| activation.code.clone(), |code| code.expose().to_owned()));
        cx.send(Command::Activate { code });
    }
}

/// In the sandbox the mail has arrived on this very page.
fn sandbox_mail(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let Some(mail) = state.sandbox.activation_mail() else { return };
    let (to, text, code) = (mail.to.clone(), mail.text.clone(), mail.code.clone());
    let words = &cx.text.activation;
    surface::titled_card(
        ui,
        &words.sandbox_title,
        |_| {},
        |ui| {
            ui.label(RichText::new(fill(&words.sandbox_body, &[("to", &to), ("text", &text)])).color(cx.tokens.color.text_secondary));
            if let Some(code) = code
                && ui.add(button::secondary(&words.sandbox_use)).clicked()
            {
                state.activation.code = code;
                state.activation.problem = None;
            }
        },
    );
}
