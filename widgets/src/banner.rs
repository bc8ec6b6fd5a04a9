//! Banner (提示条): a strip across the top, for example "sandbox: nothing here is real".

use egui::{Align, Frame, Layout, Margin, RichText, Stroke, Ui};

use crate::button;
use crate::icons::{Icon, IconView};
use crate::tokens::{Tokens, Tone};

/// A strip with one sentence and at most one action.
#[must_use = "draw it with `show`"]
pub struct Banner<'a> {
    tone: Tone,
    text: &'a str,
    action: Option<&'a str>,
}

impl<'a> Banner<'a> {
    /// A strip of the given tone.
    pub fn new(tone: Tone, text: &'a str) -> Self {
        Self { tone, text, action: None }
    }

    /// A link at the right end.
    pub fn action(mut self, label: &'a str) -> Self {
        self.action = Some(label);
        self
    }

    /// Draws the strip over the whole available width; true when its action was pressed.
    pub fn show(self, ui: &mut Ui) -> bool {
        let tokens = Tokens::of(ui.ctx());
        let colors = tokens.tone(self.tone);
        let frame = Frame::new()
            .fill(colors.soft)
            .stroke(Stroke::new(1.0, colors.border))
            .corner_radius(tokens.radius.control)
            .inner_margin(Margin::symmetric(12, 4));
        let row = |ui: &mut Ui| {
            ui.set_width(ui.available_width());
            ui.add(IconView::new(icon_of(self.tone), "").color(colors.text));
            let mut pressed = false;
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if let Some(label) = self.action {
                    pressed = ui.add(button::link(label).small()).clicked();
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ui.add(egui::Label::new(RichText::new(self.text).color(colors.text)).wrap());
                });
            });
            pressed
        };
        frame.show(ui, |ui| ui.horizontal(row).inner).inner
    }
}

/// The glyph that goes with a tone.
pub(crate) const fn icon_of(tone: Tone) -> Icon {
    match tone {
        Tone::Neutral | Tone::Accent | Tone::Info => Icon::Info,
        Tone::Good => Icon::Check,
        Tone::Warning => Icon::Warning,
        Tone::Bad => Icon::Error,
    }
}
