//! A page of an original, as it was drawn off the window's thread.

use egui::{Image, RichText, ScrollArea, Ui, vec2};
use piaoxia_engine::event::InvoiceSheet;
use piaoxia_engine::{Command, PageScale, PreviewOrder};
use piaoxia_store::Original;
use piaoxia_widgets::button;
use piaoxia_widgets::foreign::visible;
use piaoxia_widgets::icons::Icon;
use piaoxia_widgets::skeleton::{Shape, Waiting};
use piaoxia_widgets::tokens::Tone;

use super::picture::texture;
use super::thumb;
use crate::screens::ScreenCx;
use crate::state::State;
use crate::state::sheet::{Looking, ZOOMS};
use crate::text::{fill, problem_line};

/// Height of the part that scrolls, points.
const HEIGHT: f32 = 460.0;
/// Width of a page at 100 %, points: that of the dialog. Not the room that there is, which changes as bars come and go: each
/// change would ask for another picture.
const WIDTH: f32 = 830.0;

pub(super) fn show(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>, sheet: &InvoiceSheet, sha256: &str) {
    let Some(original) = sheet.originals.iter().find(|original| original.sha256.to_string() == sha256) else { return };
    let order = order(ui, &state.ledger.looking, original);
    let commands = state.want_page(order);
    cx.commands.extend(commands);
    bar(ui, &mut state.ledger.looking, cx, sheet, original);
    let pages = state.ledger.looking.drawn.value().map_or(1, |preview| preview.pages.len());
    if pages == 1 {
        picture(ui, state, cx, original);
        return;
    }
    ui.horizontal_top(|ui| {
        ui.vertical(|ui| {
            ui.set_width(thumb::STRIP);
            thumb::pages(ui, state, cx, original, (pages, HEIGHT));
        });
        ui.vertical(|ui| picture(ui, state, cx, original));
    });
}

fn picture(ui: &mut Ui, state: &State, cx: &ScreenCx<'_>, original: &Original) {
    let looking = &state.ledger.looking;
    if let Some(problem) = looking.drawn.problem() {
        ui.label(RichText::new(problem_line(cx.text, problem)).color(cx.tokens.tone(Tone::Bad).text));
        // The picture that is still there is that of another page.
        return;
    }
    match looking.drawn.value() {
        Some(preview) => {
            let texture = texture(ui, ("sheet", 0), &preview.picture);
            let size = vec2(preview.picture.width as f32, preview.picture.height as f32) / ui.ctx().pixels_per_point();
            ScrollArea::both().id_salt("page").max_height(HEIGHT).show(ui, |ui| {
                let name = fill(&cx.text.sheet.page_name, &[("name", &original.name), ("page", &(looking.page + 1).to_string())]);
                ui.add(Image::new((texture.id(), size)).alt_text(name));
            });
        }
        None if looking.drawn.is_loading() => {
            Waiting::new("page", &cx.text.sheet.drawing, state.clock).shape(Shape::Sheet(HEIGHT)).show(ui);
        }
        None => {}
    }
}

/// As wide as the dialog, times the zoom, in real pixels.
fn order(ui: &Ui, looking: &Looking, original: &Original) -> PreviewOrder {
    let zoom = f32::from(ZOOMS.get(looking.zoom).copied().unwrap_or(100)) / 100.0;
    let width = WIDTH * zoom * ui.ctx().pixels_per_point();
    // Never limited by the height: pages are read from top to bottom.
    let scale = PageScale::Fit { width: width.max(1.0) as u32, height: 20_000 };
    PreviewOrder { ticket: 0, sha256: original.sha256.to_string(), format: original.format, page: looking.page, scale }
}

fn bar(ui: &mut Ui, looking: &mut Looking, cx: &mut ScreenCx<'_>, sheet: &InvoiceSheet, original: &Original) {
    let words = &cx.text.sheet;
    let pages = looking.drawn.value().map_or(1, |preview| preview.pages.len());
    ui.horizontal(|ui| {
        if ui.add(button::quiet(&words.smaller).small().enabled(looking.zoom > 0)).clicked() {
            looking.zoom -= 1;
        }
        ui.label(format!("{}%", ZOOMS.get(looking.zoom).copied().unwrap_or(100)));
        if ui.add(button::quiet(&words.larger).small().enabled(looking.zoom + 1 < ZOOMS.len())).clicked() {
            looking.zoom += 1;
        }
        if pages > 1 {
            ui.separator();
            if ui.add(button::quiet(&words.page_before).small().enabled(looking.page > 0)).clicked() {
                looking.page -= 1;
            }
            ui.label(fill(&words.page_of, &[("page", &(looking.page + 1).to_string()), ("pages", &pages.to_string())]));
            if ui.add(button::quiet(&words.page_after).small().enabled(looking.page + 1 < pages)).clicked() {
                looking.page += 1;
            }
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if ui.add(button::secondary(&words.open).icon(Icon::File).small()).on_hover_text(visible(&original.name)).clicked() {
                cx.send(Command::OpenOriginal { key: sheet.invoice.key.clone(), sha256: original.sha256.to_string() });
            }
        });
    });
}
