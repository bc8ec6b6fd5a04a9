//! 核验 of the originals of an invoice.

use egui::{RichText, Ui};
use piaoxia_widgets::skeleton::{Shape, Waiting};
use piaoxia_widgets::tokens::Tone;

use crate::screens::{ScreenCx, findings};
use crate::state::State;
use crate::text::problem_line;

pub(super) fn show(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    let commands = state.want_proof();
    cx.commands.extend(commands);
    let proof = &state.ledger.looking.proof;
    if let Some(problem) = proof.problem() {
        ui.label(RichText::new(problem_line(cx.text, problem)).color(cx.tokens.tone(Tone::Bad).text));
    }
    match proof.value().map(Vec::as_slice) {
        None => {
            if proof.is_loading() {
                Waiting::new("proof", &cx.text.sheet.proving, state.clock).shape(Shape::Lines(6)).show(ui);
            }
        }
        Some([]) => {
            ui.label(RichText::new(&cx.text.sheet.nothing_to_prove).color(cx.tokens.color.text_secondary));
        }
        Some(papers) => {
            for paper in papers {
                findings::paper(ui, cx, paper);
                ui.add_space(cx.tokens.space.s);
            }
        }
    }
}
