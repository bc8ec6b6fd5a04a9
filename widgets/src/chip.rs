//! Status chip (状态标签): a short word on a quiet ground.

use egui::{Align2, Color32, CornerRadius, Response, Sense, Stroke, StrokeKind, Ui, Vec2, Widget, WidgetInfo};

use crate::paint;
use crate::tokens::{Tokens, Tone};

/// A status in one or two words.
#[must_use = "put it into the ui with `ui.add(..)`"]
pub struct Chip<'a> {
    text: &'a str,
    tone: Tone,
}

impl<'a> Chip<'a> {
    /// A chip of the given tone.
    pub fn new(text: &'a str, tone: Tone) -> Self {
        Self { text, tone }
    }
}

impl Widget for Chip<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let tokens = Tokens::of(ui.ctx());
        let font = crate::fonts::text(tokens.font.small);
        let galley = paint::whole_line(ui.painter(), self.text, font, Color32::PLACEHOLDER);
        let size = Vec2::new(galley.size().x + 14.0, tokens.font.small + 9.0);
        let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(egui::Role::Label, true, self.text));
        paint_at(ui.painter(), rect, &galley, self.tone, &tokens);
        response
    }
}

/// Paints a chip into `rect` around a galley made with the placeholder colour.
pub(crate) fn paint_at(painter: &egui::Painter, rect: egui::Rect, galley: &std::sync::Arc<egui::Galley>, tone: Tone, tokens: &Tokens) {
    let colors = tokens.tone(tone);
    let radius = CornerRadius::same(tokens.radius.control);
    painter.rect(rect, radius, colors.soft, Stroke::new(1.0, colors.border), StrokeKind::Inside);
    let at = Align2::CENTER_CENTER.align_size_within_rect(galley.size(), rect).min;
    painter.galley(at, galley.clone(), colors.text);
}
