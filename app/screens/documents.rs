//! 查验文件: what is in files that the user picked, without importing them.

use egui::{RichText, Ui};
use piaoxia_engine::Problem;
use piaoxia_engine::problem::What;
use piaoxia_widgets::dialog::{Choice, Dialog};
use piaoxia_widgets::skeleton::{Shape, Waiting};
use piaoxia_widgets::tokens::Tone;

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
        when_visible(ui, index, |ui| findings::paper(ui, cx, paper));
        ui.add_space(cx.tokens.space.s);
    }
    if found.more {
        ui.label(&cx.text.documents.more);
    }
}

/// Draws a card when it is in view, and else keeps its place: a hundred cards hold thousands of words.
fn when_visible(ui: &mut Ui, index: usize, draw: impl FnOnce(&mut Ui)) {
    let id = ui.scope_id().with(("card", index));
    let (known, top) = (ui.data(|data| data.get_temp::<f32>(id)), ui.cursor().top());
    let view = ui.clip_rect().y_range();
    if let Some(height) = known.filter(|height| top + height < view.min || top > view.max) {
        ui.allocate_space(egui::vec2(ui.available_width(), height));
        return;
    }
    draw(ui);
    let height = ui.min_rect().bottom() - top;
    ui.data_mut(|data| data.insert_temp(id, height));
}

fn bad(ui: &mut Ui, cx: &ScreenCx<'_>, sentence: String) {
    ui.add(egui::Label::new(RichText::new(sentence).color(cx.tokens.tone(Tone::Bad).text)).wrap());
}
