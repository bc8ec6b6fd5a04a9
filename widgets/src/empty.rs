//! Empty state (空状态): says why nothing is here and what to do about it.

use egui::{Align, Layout, RichText, Ui};

use crate::icons::{Icon, IconView};
use crate::tokens::Tokens;

/// Longest line of an explanation, points.
const LINE: f32 = 540.0;

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
                ui.set_max_width(balanced(ui, self.explanation, LINE.min(ui.available_width())));
                ui.label(RichText::new(self.explanation).color(tokens.color.text_secondary));
            });
            ui.add_space(tokens.space.xs);
            centered_row(ui, actions);
            ui.add_space(tokens.space.xl);
        });
    }
}

/// The least width in which a text takes no more lines than it must: none of them is a last character by itself.
fn balanced(ui: &Ui, text: &str, most: f32) -> f32 {
    let font = egui::TextStyle::Body.resolve(ui.style());
    let lines = |width: f32| ui.painter().layout(text.to_owned(), font.clone(), egui::Color32::PLACEHOLDER, width).rows.len();
    let least = lines(most);
    let widths = (8_u8..16).map(|part| most * f32::from(part) / 16.0);
    if least < 2 { most } else { widths.into_iter().find(|width| lines(*width) <= least).unwrap_or(most) }
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

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;

    #[test]
    fn no_line_is_a_last_word_alone() {
        egui::__run_test_ui(|ui| {
            let font = egui::TextStyle::Body.resolve(ui.style());
            let rows = |text: &str, width| {
                let galley = ui.painter().layout(text.to_owned(), font.clone(), egui::Color32::PLACEHOLDER, width);
                galley.rows.iter().map(|row| row.rect().width()).collect::<Vec<_>>()
            };
            let words = "word ".repeat(40);
            let most = rows(&words, f32::INFINITY).iter().sum::<f32>() * 0.9;
            let (wide, narrow) = (rows(&words, most), rows(&words, balanced(ui, &words, most)));
            assert_eq!((wide.len(), narrow.len()), (2, 2));
            assert!(wide[1] < wide[0] * 0.2 && narrow[1] > narrow[0] * 0.6, "{wide:?} {narrow:?}");
            assert!((balanced(ui, "short", most) - most).abs() < f32::EPSILON);
        });
    }
}
