//! Small pictures of pages: of each original below the 票面, of each page beside a long document.

use egui::{Align2, CursorIcon, Image, Rect, Response, RichText, ScrollArea, Sense, StrokeKind, Ui, vec2};
use piaoxia_domain::invoice::Format;
use piaoxia_engine::event::InvoiceSheet;
use piaoxia_engine::{Command, PageScale};
use piaoxia_store::Original;
use piaoxia_widgets::button;
use piaoxia_widgets::foreign::visible;
use piaoxia_widgets::icons::Icon;

use super::picture::texture;
use crate::screens::ScreenCx;
use crate::state::State;
use crate::state::sheet::Side;
use crate::text::fill;

/// Room for the picture of an original, points.
const CARD: [f32; 2] = [150.0, 100.0];
/// Room for the picture of a page beside a document, points.
const PAGE: [f32; 2] = [86.0, 120.0];
/// Width of the strip of pages, points.
pub(super) const STRIP: f32 = 112.0;

/// The originals of an invoice, each with its first page. A press turns to it.
pub(super) fn originals(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>, sheet: &InvoiceSheet) {
    ui.add_space(cx.tokens.space.s);
    if sheet.originals.is_empty() {
        ui.label(RichText::new(&cx.text.ledger.no_originals).weak());
        return;
    }
    ui.label(RichText::new(&cx.text.sheet.originals).strong());
    ui.horizontal_wrapped(|ui| {
        for (index, original) in sheet.originals.iter().enumerate() {
            ui.vertical(|ui| {
                ui.set_width(CARD[0]);
                card(ui, state, cx, sheet, (index, original));
            });
        }
    });
}

fn card(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>, sheet: &InvoiceSheet, (index, original): (usize, &Original)) {
    let format = original.format.extension().to_uppercase();
    if original.format != Format::Xml {
        let name = fill(&cx.text.sheet.page_name, &[("name", &original.name), ("page", "1")]);
        if thumb(ui, state, cx, (original, 0), &Frame { room: CARD, place: ("original", index), name: &name, chosen: false }).clicked() {
            state.ledger.looking.turn_to(Side::Original(original.sha256.to_string()));
        }
    }
    let size = original.size.div_ceil(1024).to_string();
    let label = fill(&cx.text.ledger.open_original, &[("format", &format), ("size", &size)]);
    if ui.add(button::secondary(&label).icon(Icon::File).small()).on_hover_text(visible(&original.name)).clicked() {
        cx.send(Command::OpenOriginal { key: sheet.invoice.key.clone(), sha256: original.sha256.to_string() });
    }
}

/// The pages of a document one below the other; a press turns to the page.
pub(super) fn pages(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>, original: &Original, (count, height): (usize, f32)) {
    let step = PAGE[1] + 24.0;
    ScrollArea::vertical().id_salt("pages").max_height(height).show_rows(ui, step, count, |ui, rows| {
        for page in rows {
            let number = (page + 1).to_string();
            let name = fill(&cx.text.sheet.page_name, &[("name", &original.name), ("page", &number)]);
            let chosen = state.ledger.looking.page == page;
            let frame = Frame { room: PAGE, place: ("page", page), name: &name, chosen };
            ui.vertical_centered(|ui| {
                if thumb(ui, state, cx, (original, page), &frame).clicked() {
                    state.ledger.looking.page = page;
                }
                ui.label(RichText::new(number).small());
            });
        }
    });
}

/// How a small picture stands.
struct Frame<'a> {
    room: [f32; 2],
    place: (&'static str, usize),
    name: &'a str,
    chosen: bool,
}

fn thumb(ui: &mut Ui, state: &mut State, cx: &mut ScreenCx<'_>, (original, page): (&Original, usize), frame: &Frame<'_>) -> Response {
    let points = ui.ctx().pixels_per_point();
    let [width, height] = frame.room;
    let scale = PageScale::Fit { width: (width * points) as u32, height: (height * points) as u32 };
    cx.commands.extend(state.want_thumb(original, page, scale));
    let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::click());
    let name = frame.name.to_owned();
    response.widget_info(move || egui::WidgetInfo::labeled(egui::Role::Button, true, &name));
    let thumb = state.ledger.looking.thumbs.get(&(original.sha256, page));
    match thumb.and_then(|thumb| thumb.drawn.value()) {
        Some(preview) => {
            let size = vec2(preview.picture.width as f32, preview.picture.height as f32) / points;
            let texture = texture(ui, frame.place, &preview.picture);
            let at = Rect::from_center_size(rect.center(), size);
            Image::new((texture.id(), size)).paint_at(ui, at);
            outline(ui, cx, at, frame.chosen || response.hovered() || response.has_focus());
        }
        None => {
            outline(ui, cx, rect, false);
            let words = if thumb.is_some_and(|thumb| thumb.drawn.problem().is_some()) { &cx.text.sheet.no_picture } else { "…" };
            let font = egui::TextStyle::Small.resolve(ui.style());
            ui.painter().text(rect.center(), Align2::CENTER_CENTER, words, font, cx.tokens.color.text_hint);
        }
    }
    response.on_hover_cursor(CursorIcon::PointingHand)
}

fn outline(ui: &Ui, cx: &ScreenCx<'_>, rect: Rect, marked: bool) {
    let color = if marked { cx.tokens.color.accent } else { cx.tokens.color.outline };
    ui.painter().rect_stroke(rect, 2.0, egui::Stroke::new(if marked { 2.0 } else { 1.0 }, color), StrokeKind::Outside);
}
