//! One invoice: what it is linked with and was used for, then its face, the pages of its originals, its proof; its history below.

mod page;
mod picture;
mod proof;
mod thumb;

use std::borrow::Cow;

use egui::{RichText, ScrollArea, Ui};
use piaoxia_domain::invoice::Format;
use piaoxia_domain::{InvoiceKey, Money};
use piaoxia_engine::Command;
use piaoxia_engine::event::InvoiceSheet;
use piaoxia_store::Field as ChangedField;
use piaoxia_widgets::button;
use piaoxia_widgets::chip::Chip;
use piaoxia_widgets::dialog::{Choice, Dialog};
use piaoxia_widgets::icons::Icon;
use piaoxia_widgets::skeleton::{Shape, Waiting};
use piaoxia_widgets::tabs::tabs;
use piaoxia_widgets::tokens::Tone;

use super::{ScreenCx, Wish, claims, paper, words};
use crate::state::State;
use crate::state::sheet::{Looking, Side};
use crate::text::{Ledger as Words, Text, fill, moment, problem_line};

/// Draws the details while an invoice is open.
pub(super) fn draw(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>) {
    if state.ledger.wanted.is_none() {
        return;
    }
    // Taken for this frame: an invoice can have thousands of lines, and the sides change the rest of the state.
    let sheet = state.ledger.sheet.take();
    let mut follow = None;
    let height = (ui.ctx().content_rect().height() - 200.0).max(300.0);
    let (choice, ()) =
        Dialog::new("invoice sheet", &cx.text.ledger.sheet_title).cancel(&cx.text.common.close).width(880.0).show(ui.ctx(), |ui| {
            ScrollArea::vertical().max_height(height).show(ui, |ui| {
                let problem = state.ledger.sheet_problem.as_ref();
                if let Some(problem) = problem {
                    ui.label(RichText::new(problem_line(cx.text, problem)).color(cx.tokens.tone(Tone::Bad).text));
                }
                match &sheet {
                    None if problem.is_some() => {}
                    None => {
                        Waiting::new("sheet", &cx.text.common.loading, state.clock).shape(Shape::Lines(12)).show(ui);
                    }
                    Some(sheet) => follow = content(ui, state, cx, sheet),
                }
            });
        });
    state.ledger.sheet = sheet;
    if follow.is_some() || choice != Choice::Open {
        picture::forget(ui.ctx());
    }
    if let Some(key) = follow {
        state.ledger.open(key.clone());
        cx.send(Command::LoadInvoice(key));
    } else if choice != Choice::Open {
        state.ledger.close();
    }
}

/// A linked invoice that was pressed.
fn content(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>, sheet: &InvoiceSheet) -> Option<InvoiceKey> {
    ui.style_mut().interaction.selectable_labels = true;
    head(ui, cx, sheet);
    let mut follow = None;
    ui.horizontal_wrapped(|ui| {
        claims::button_of_sheet(ui, state, cx, sheet);
        follow = links(ui, &cx.text.ledger, sheet);
    });
    claims::of_sheet(ui, state, cx, sheet);
    sides(ui, cx.text, &mut state.ledger.looking, sheet);
    ui.add_space(cx.tokens.space.s);
    match state.ledger.looking.side.clone() {
        Side::Original(sha256) => page::show(ui, state, cx, sheet, &sha256),
        Side::Proof => proof::show(ui, state, cx),
        Side::Paper => {
            paper::show(ui, cx.text, &sheet.invoice);
            ui.add_space(cx.tokens.space.s);
            thumb::originals(ui, state, cx, sheet);
            history(ui, cx, sheet);
        }
    }
    follow
}

/// 票面, each original that has pages, 核验.
fn sides(ui: &mut Ui, text: &Text, looking: &mut Looking, sheet: &InvoiceSheet) {
    let drawable = sheet.originals.iter().filter(|original| original.format != Format::Xml);
    let mut sides = vec![(text.sheet.paper.clone(), Side::Paper)];
    sides.extend(drawable.map(|original| {
        let format = original.format.extension().to_uppercase();
        (fill(&text.sheet.original, &[("format", &format)]), Side::Original(original.sha256.to_string()))
    }));
    sides.push((text.sheet.proof.clone(), Side::Proof));
    let labels: Vec<&str> = sides.iter().map(|(label, _)| label.as_str()).collect();
    let mut chosen = sides.iter().position(|(_, side)| *side == looking.side).unwrap_or_default();
    tabs(ui, &labels, &mut chosen);
    if let Some((_, side)) = sides.get(chosen) {
        looking.turn_to(side.clone());
    }
}

fn head(ui: &mut Ui, cx: &mut ScreenCx<'_>, sheet: &InvoiceSheet) {
    let (words, invoice) = (&cx.text.ledger, &sheet.invoice);
    ui.horizontal(|ui| {
        ui.add(Chip::new(cx.text.status(&invoice.status), words::status_tone(&invoice.status)));
        if sheet.claims.iter().any(|kept| kept.claim.counts()) {
            ui.add(Chip::new(&cx.text.claims.claimed, Tone::Warning));
        }
        ui.label(format!("{} {}", words.col_number, invoice.key.number()));
        if ui.add(button::icon(Icon::Copy, &words.copy_number).small()).clicked() {
            cx.wish(Wish::Copy(invoice.key.number().to_owned()));
        }
        if !invoice.risk.is_empty() {
            ui.label(RichText::new(format!("{} {}", words.risk, cx.text.foreign(&invoice.risk))).color(cx.tokens.color.text_secondary));
        }
        if !invoice.source.is_empty() {
            let line = format!("{} {}", cx.text.export.col_source, cx.text.foreign(&invoice.source));
            ui.label(RichText::new(format!("·  {line}")).color(cx.tokens.color.text_secondary));
        }
        if invoice.self_billed {
            ui.label(RichText::new(format!("·  {}", words.self_billed)).color(cx.tokens.color.text_secondary));
        }
    });
}

fn links(ui: &mut Ui, words: &Words, sheet: &InvoiceSheet) -> Option<InvoiceKey> {
    let mut follow = None;
    if let Some(blue) = &sheet.invoice.red_of
        && ui.add(button::link(&fill(&words.red_of, &[("number", blue.number())]))).clicked()
    {
        follow = Some(blue.clone());
    }
    for red in &sheet.reds {
        if ui.add(button::link(&fill(&words.red_by, &[("number", red.number())]))).clicked() {
            follow = Some(red.clone());
        }
    }
    follow
}

fn history(ui: &mut Ui, cx: &ScreenCx<'_>, sheet: &InvoiceSheet) {
    let words = &cx.text.ledger;
    for change in &sheet.history {
        let field = match change.field {
            ChangedField::Status => &words.col_status,
            ChangedField::Deduction => &words.col_deduction,
            ChangedField::RedOf => &words.red_link,
            ChangedField::Risk => &words.risk,
            ChangedField::Net => &words.col_net,
            ChangedField::Tax => &words.col_tax,
            ChangedField::Gross => &words.col_gross,
        };
        let [from, to] = [&change.from, &change.to].map(|value| said(words, change.field, value));
        let values = [("at", &*moment(change.at)), ("field", field), ("from", &*from), ("to", &*to)];
        ui.label(RichText::new(fill(&words.changed, &values)).small().color(cx.tokens.color.text_secondary));
    }
}

/// A stored value as the user knows it.
fn said<'a>(words: &'a Words, field: ChangedField, value: &'a str) -> Cow<'a, str> {
    match field {
        ChangedField::Net | ChangedField::Tax | ChangedField::Gross => {
            value.parse::<Money>().map_or(Cow::Borrowed(value), |amount| Cow::Owned(amount.grouped()))
        }
        ChangedField::Status | ChangedField::Deduction | ChangedField::RedOf | ChangedField::Risk => {
            Cow::Borrowed(state_word(words, value))
        }
    }
}

/// A stored word of a status or deduction state, as the user knows it; anything else as it is.
fn state_word<'a>(words: &'a Words, word: &'a str) -> &'a str {
    match word {
        "" => &words.nothing_before,
        "normal" => &words.status_normal,
        "void" => &words.status_void,
        "redFull" => &words.status_red_full,
        "redPart" => &words.status_red_part,
        "open" => &words.deduction_open,
        "ticked" => &words.deduction_ticked,
        "confirmed" => &words.deduction_confirmed,
        other => other,
    }
}
