//! Progress bar (进度条) with its text inside.

use egui::{Align2, CornerRadius, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, Vec2, Widget, WidgetInfo};

use crate::paint;
use crate::tokens::{Tokens, Tone};

/// A bar: a known fraction, or something under way whose end is unknown.
#[must_use = "put it into the ui with `ui.add(..)`"]
pub struct Progress<'a> {
    name: &'a str,
    fraction: Option<f32>,
    text: &'a str,
    tone: Tone,
    width: Option<f32>,
}

impl<'a> Progress<'a> {
    /// `fraction` is 0 to 1. `name` is the accessible name, for example the job's title.
    pub fn new(name: &'a str, fraction: f32) -> Self {
        Self { name, fraction: Some(fraction.clamp(0.0, 1.0)), text: "", tone: Tone::Accent, width: None }
    }

    /// A bar without a known end; it moves ten times a second.
    pub fn endless(name: &'a str) -> Self {
        Self { name, fraction: None, text: "", tone: Tone::Accent, width: None }
    }

    /// The text inside ("1,204 / 3,000 · 35 张/秒").
    pub fn text(mut self, text: &'a str) -> Self {
        self.text = text;
        self
    }

    /// The bar's colour.
    pub fn tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }

    /// A width in points instead of the whole available width.
    pub fn width(mut self, width: f32) -> Self {
        self.width = Some(width);
        self
    }
}

impl Widget for Progress<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let tokens = Tokens::of(ui.ctx());
        let width = self.width.unwrap_or_else(|| ui.available_width());
        let height = if self.text.is_empty() { 6.0 } else { 22.0 };
        let (rect, response) = ui.allocate_exact_size(Vec2::new(width, height), Sense::hover());
        response.widget_info(|| {
            let mut info = WidgetInfo::labeled(Role::ProgressIndicator, true, self.name);
            info.value = self.fraction.map(|fraction| f64::from(fraction) * 100.0);
            info.current_text_value = (!self.text.is_empty()).then(|| self.text.to_owned());
            info
        });
        if ui.is_rect_visible(rect) {
            self.paint(ui, rect, &tokens);
        }
        response
    }
}

impl Progress<'_> {
    fn paint(&self, ui: &Ui, rect: Rect, tokens: &Tokens) {
        let radius = CornerRadius::same(if self.text.is_empty() { 3 } else { tokens.radius.control });
        let colors = tokens.tone(self.tone);
        let painter = ui.painter();
        painter.rect_filled(rect, radius, tokens.color.sunken);
        let done = match self.fraction {
            Some(fraction) => Rect::from_min_size(rect.min, Vec2::new(rect.width() * fraction, rect.height())),
            None => {
                let phase = f32::from(u8::try_from(paint::tenths(ui.ctx()) % 20).unwrap_or(0)) / 20.0;
                let block = rect.width() * 0.25;
                let left = rect.left() + (rect.width() + block) * phase - block;
                Rect::from_min_size(egui::pos2(left, rect.top()), Vec2::new(block, rect.height())).intersect(rect)
            }
        };
        // With text inside, a quiet ground keeps the words readable on both sides of the edge.
        let fill = if self.text.is_empty() { colors.solid } else { colors.border };
        if done.width() > 0.0 {
            painter.rect_filled(done, radius, fill);
        }
        if self.text.is_empty() {
            return;
        }
        painter.rect_stroke(rect, radius, Stroke::new(1.0, colors.border), StrokeKind::Inside);
        let font = crate::fonts::text(tokens.font.small);
        let galley = paint::line(painter, self.text, font, tokens.color.text, rect.width() - 12.0);
        paint::place(painter, rect, Align2::CENTER_CENTER, &galley);
    }
}
