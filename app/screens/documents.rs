//! 核验文件: what is in files that the user picked, without importing them.

use egui::{RichText, Ui};
use piaoxia_engine::Problem;
use piaoxia_engine::problem::What;
use piaoxia_widgets::dialog::{Choice, Dialog};
use piaoxia_widgets::skeleton::{Shape, Waiting};
use piaoxia_widgets::tokens::Tone;

use super::in_view::in_view;
use super::{ScreenCx, findings};
use crate::state::State;
use crate::text::problem_line;

/// Draws the dialog while it is open.
pub(super) fn draw(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    if !state.documents.open {
        return;
    }
    let words = &cx.text.documents;
    let (choice, ()) = Dialog::new("documents", &words.title).cancel(&cx.text.common.close).width(880.0).show(ui.ctx(), |ui| {
        ui.style_mut().interaction.selectable_labels = true;
        ui.label(RichText::new(&words.note).color(cx.tokens.color.text_secondary));
        content(ui, state, cx);
    });
    if choice != Choice::Open {
        cx.commands.extend(state.close_documents());
    }
}

fn content(ui: &mut Ui, state: &State, cx: &ScreenCx<'_>) {
    let found = &state.documents.found;
    if let Some(problem) = found.problem() {
        bad(ui, cx, problem_line(cx.text, problem));
    }
    if found.is_loading() {
        Waiting::new("documents", &cx.text.documents.reading, state.clock).shape(Shape::Lines(8)).show(ui);
    }
    let Some(found) = found.value() else { return };
    for unreadable in &found.unreadable {
        let what = What::File { fault: unreadable.fault, path: unreadable.file.clone().into() };
        bad(ui, cx, problem_line(cx.text, &Problem { what, subject: None, detail: String::new() }));
    }
    for (index, paper) in found.papers.iter().enumerate() {
        // A hundred cards hold thousands of words.
        let id = ui.scope_id().with(("card", index));
        in_view(ui, id, |ui| findings::paper(ui, cx, paper));
        ui.add_space(cx.tokens.space.s);
    }
    if found.more {
        ui.label(&cx.text.documents.more);
    }
}

fn bad(ui: &mut Ui, cx: &ScreenCx<'_>, sentence: String) {
    ui.add(egui::Label::new(RichText::new(sentence).color(cx.tokens.tone(Tone::Bad).text)).wrap());
}
