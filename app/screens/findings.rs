//! What was found in a document: its checks, its seals, its fields and where each came from. Never a bare tick.

use egui::{CollapsingHeader, Grid, Label, RichText, Ui};
use piaoxia_documents::{Document, InspectedSeal, Outcome, Verdict, Words};
use piaoxia_engine::proof::{PaperFindings, PaperProof};
use piaoxia_widgets::chip::Chip;
use piaoxia_widgets::foreign::visible;
use piaoxia_widgets::surface;
use piaoxia_widgets::tokens::Tone;

use super::{ScreenCx, words};
use crate::text::{Text, check_name, field_name, fill, source_name};

/// One document in a card.
pub(super) fn paper(ui: &mut Ui, cx: &ScreenCx<'_>, paper: &PaperProof) {
    surface::titled_card(
        ui,
        &paper.name,
        |_| {},
        |ui| match &paper.found {
            Err(refused) => {
                ui.label(RichText::new(cx.text.refused(refused)).color(cx.tokens.tone(Tone::Bad).text));
            }
            Ok(found) => findings(ui, cx, &paper.name, found),
        },
    );
}

fn findings(ui: &mut Ui, cx: &ScreenCx<'_>, name: &str, found: &PaperFindings) {
    ui.label(summary(cx.text, &found.verdicts));
    for verdict in &found.verdicts {
        line(ui, cx, verdict);
    }
    for warning in &found.document.warnings {
        ui.label(RichText::new(cx.text.warning(warning)).color(cx.tokens.tone(Tone::Warning).text));
    }
    seals(ui, cx, &found.document);
    fields(ui, cx, name, found);
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
        column(ui, words::wide(cx.text, 54.0, 84.0), |ui| {
            ui.add(Chip::new(word, tone));
        });
        column(ui, words::wide(cx.text, 120.0, 176.0), |ui| {
            ui.label(check_name(cx.text, verdict.check.id()));
        });
        ui.add(Label::new(cx.text.reason(verdict.check, &verdict.reason)).wrap());
    });
}

/// What each seal says of itself; the checks above say whether it is true.
fn seals(ui: &mut Ui, cx: &ScreenCx<'_>, document: &Document) {
    let words = &cx.text.sheet;
    for signature in &document.seals().signatures {
        let seal = InspectedSeal::from(&signature.facts);
        let said = [(&words.seal_name, seal.name), (&words.seal_signer, seal.signer), (&words.seal_issuer, seal.issuer)];
        let mut parts: Vec<String> = said.into_iter().filter_map(|(label, said)| Some(format!("{label}{}", visible(&said?)))).collect();
        parts.extend(seal.signed_at.map(|at| format!("{}{}", words.seal_time, clock(&at))));
        if !parts.is_empty() {
            let shown = RichText::new(parts.join("　")).color(cx.tokens.color.text_secondary);
            ui.add(Label::new(shown).wrap());
        }
    }
}

/// `2026-10-08T09:30:00+08:00` as people write it; the zone is always Beijing's.
fn clock(at: &str) -> String {
    at.get(..19).unwrap_or(at).replace('T', " ")
}

fn fields(ui: &mut Ui, cx: &ScreenCx<'_>, name: &str, found: &PaperFindings) {
    let words = &cx.text.sheet;
    let title = fill(&words.fields, &[("n", &found.stated.len().to_string())]);
    CollapsingHeader::new(title).id_salt(("fields", name)).show(ui, |ui| {
        Grid::new(("fields", name)).num_columns(3).striped(true).spacing([16.0, 4.0]).show(ui, |ui| {
            for (field, value, source) in &found.stated {
                ui.label(RichText::new(field_name(&cx.text.document, *field)).color(cx.tokens.color.text_secondary));
                column(ui, 460.0, |ui| {
                    ui.add(Label::new(visible(value)).wrap());
                });
                ui.label(RichText::new(source_name(&cx.text.document, *source)).color(cx.tokens.color.text_secondary));
                ui.end_row();
            }
        });
    });
}
