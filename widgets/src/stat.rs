//! Number tile (数字卡): caption, big number, a line below.

use egui::{Align, Color32, Frame, Layout, Margin, Response, Role, Sense, Stroke, Ui, UiBuilder, WidgetInfo};

use crate::paint;
use crate::tokens::{Tokens, Tone};

/// A figure with its caption.
#[must_use = "draw it with `show`"]
pub struct Stat<'a> {
    caption: &'a str,
    figure: &'a str,
    note: &'a str,
    tone: Tone,
    width: Option<f32>,
}

impl<'a> Stat<'a> {
    /// `figure` is ready-made text ("1,234,567.89").
    pub fn new(caption: &'a str, figure: &'a str) -> Self {
        Self { caption, figure, note: "", tone: Tone::Neutral, width: None }
    }

    /// The line below the figure.
    pub fn note(mut self, note: &'a str) -> Self {
        self.note = note;
        self
    }

    /// Colours the figure, for example red for a difference.
    pub fn tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }

    /// The tile's width in points instead of the whole available width.
    pub fn width(mut self, width: f32) -> Self {
        self.width = Some(width);
        self
    }

    /// Draws the tile.
    pub fn show(self, ui: &mut Ui) -> Response {
        let tokens = Tokens::of(ui.ctx());
        let width = self.width.unwrap_or_else(|| ui.available_width());
        let frame = Frame::new()
            .fill(tokens.color.surface)
            .stroke(Stroke::new(1.0, tokens.color.hairline))
            .corner_radius(tokens.radius.card)
            .inner_margin(Margin::symmetric(16, 12));
        // Figures stand below their caption, also where the tiles stand side by side.
        let builder = UiBuilder::new()
            .layout(Layout::top_down(Align::Min))
            .accessibility_role(Role::Group)
            .accessibility_label(format!("{} {}", self.caption, self.figure));
        ui.scope_builder(builder, |ui| frame.show(ui, |ui| self.lines(ui, width - 34.0, &tokens)).response).inner
    }

    fn lines(&self, ui: &mut Ui, width: f32, tokens: &Tokens) {
        ui.set_width(width);
        ui.spacing_mut().item_spacing.y = 2.0;
        let color = match self.tone {
            Tone::Neutral => tokens.color.text,
            tone => tokens.tone(tone).text,
        };
        text(ui, self.caption, tokens.font.small, tokens.color.text_secondary);
        text(ui, self.figure, tokens.font.figure, color);
        if !self.note.is_empty() {
            text(ui, self.note, tokens.font.small, tokens.color.text_hint);
        }
    }
}

fn text(ui: &mut Ui, content: &str, size: f32, color: Color32) {
    let galley = paint::line(ui.painter(), content, crate::fonts::text(size), color, ui.available_width());
    let (rect, response) = ui.allocate_exact_size(egui::vec2(ui.available_width(), galley.size().y), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, content));
    paint::place(ui.painter(), rect, egui::Align2::LEFT_CENTER, &galley);
    if galley.elided {
        response.on_hover_text(content);
    }
}
