//! 验真: each original with every check, what came of it and why. Never a bare tick.

use egui::{RichText, Ui};
use piaoxia_documents::{Outcome, Verdict, Words};
use piaoxia_engine::proof::PaperProof;
use piaoxia_widgets::chip::Chip;
use piaoxia_widgets::surface;
use piaoxia_widgets::tokens::Tone;

use crate::screens::ScreenCx;
use crate::state::State;
use crate::text::{Text, check_name, fill, problem_line};

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
                ui.label(&cx.text.sheet.proving);
            }
        }
        Some([]) => {
            ui.label(RichText::new(&cx.text.sheet.nothing_to_prove).color(cx.tokens.color.text_secondary));
        }
        Some(papers) => {
            for paper in papers {
                paper_ui(ui, cx, paper);
                ui.add_space(cx.tokens.space.s);
            }
        }
    }
}

fn paper_ui(ui: &mut Ui, cx: &ScreenCx<'_>, paper: &PaperProof) {
    let title = format!("{}　{}", paper.format.extension().to_uppercase(), paper.name);
    surface::titled_card(
        ui,
        &title,
        |_| {},
        |ui| match &paper.found {
            Err(refused) => {
                ui.label(RichText::new(cx.text.refused(refused)).color(cx.tokens.tone(Tone::Bad).text));
            }
            Ok(found) => {
                ui.label(summary(cx.text, &found.verdicts));
                for verdict in &found.verdicts {
                    line(ui, cx, verdict);
                }
                for warning in &found.warnings {
                    ui.label(RichText::new(cx.text.warning(warning)).color(cx.tokens.tone(Tone::Warning).text));
                }
            }
        },
    );
}

fn summary(text: &Text, verdicts: &[Verdict]) -> String {
    let count = |outcome| verdicts.iter().filter(|verdict| verdict.result == outcome).count().to_string();
    let values = [("pass", &*count(Outcome::Pass)), ("fail", &*count(Outcome::Fail)), ("open", &*count(Outcome::NotChecked))];
    fill(&text.sheet.summary, &values)
}

/// One below the other, whatever is in them.
fn column(ui: &mut Ui, width: f32, content: impl FnOnce(&mut Ui)) {
    ui.vertical(|ui| {
        ui.set_width(width);
        content(ui);
    });
}

fn line(ui: &mut Ui, cx: &ScreenCx<'_>, verdict: &Verdict) {
    let words = &cx.text.sheet;
    let (word, tone) = match verdict.result {
        Outcome::Pass => (&words.pass, Tone::Good),
        Outcome::Fail => (&words.fail, Tone::Bad),
        Outcome::NotChecked => (&words.open_check, Tone::Neutral),
    };
    ui.horizontal_top(|ui| {
        column(ui, 54.0, |ui| {
            ui.add(Chip::new(word, tone));
        });
        column(ui, 120.0, |ui| {
            ui.label(check_name(cx.text, verdict.check.id()));
        });
        ui.add(egui::Label::new(cx.text.reason(verdict.check, &verdict.reason)).wrap());
    });
}
