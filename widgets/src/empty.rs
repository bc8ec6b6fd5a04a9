//! Empty state (空状态): says why nothing is here and what to do about it.

use egui::{Align, Layout, RichText, Ui};

use crate::icons::{Icon, IconView};
use crate::tokens::Tokens;

/// A centred block in place of content.
#[must_use = "draw it with `show`"]
pub struct Empty<'a> {
    icon: Icon,
    title: &'a str,
    explanation: &'a str,
}

impl<'a> Empty<'a> {
    /// A title and an explanation of one or two sentences.
    pub fn new(icon: Icon, title: &'a str, explanation: &'a str) -> Self {
        Self { icon, title, explanation }
    }

    /// Draws the block in the middle of the available width; `actions` are laid out in one centred row.
    pub fn show(self, ui: &mut Ui, actions: impl FnOnce(&mut Ui)) {
        let tokens = Tokens::of(ui.ctx());
        ui.vertical_centered(|ui| {
            ui.add_space(tokens.space.xl);
            ui.add(IconView::new(self.icon, "").size(40.0).color(tokens.color.outline));
            ui.add_space(tokens.space.xs);
            ui.label(RichText::new(self.title).text_style(crate::fonts::title_style()).color(tokens.color.text));
            ui.scope(|ui| {
                ui.set_max_width(540.0_f32.min(ui.available_width()));
                ui.label(RichText::new(self.explanation).color(tokens.color.text_secondary));
            });
            ui.add_space(tokens.space.xs);
            centered_row(ui, actions);
            ui.add_space(tokens.space.xl);
        });
    }
}

/// Lays out one row of widgets in the middle: its width is known after the first pass.
fn centered_row(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    let id = ui.scope_id().with("centred row");
    let known: Option<f32> = ui.data(|data| data.get_temp(id));
    let full = ui.available_width();
    let width = known.unwrap_or(full).min(full);
    let height = Tokens::of(ui.ctx()).height.control;
    let row = ui.allocate_ui_with_layout(egui::vec2(width, height), Layout::left_to_right(Align::Center), |ui| {
        content(ui);
        ui.min_rect().width()
    });
    if known.is_none_or(|width| (width - row.inner).abs() > 0.5) {
        ui.data_mut(|data| data.insert_temp(id, row.inner));
        ui.ctx().request_discard("a centred row has a new width");
    }
}
