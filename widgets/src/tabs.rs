//! Tab strip (页签).

use egui::{Align2, Color32, Key, Response, Role, Sense, Stroke, Ui, Vec2, WidgetInfo};

use crate::paint;
use crate::tokens::Tokens;

/// Draws a strip of tabs with a hairline below; the response of the whole strip is `changed` when another tab was chosen.
///
/// Arrow keys move along the strip while one of its tabs has the focus.
pub fn tabs(ui: &mut Ui, labels: &[&str], selected: &mut usize) -> Response {
    let tokens = Tokens::of(ui.ctx());
    let before = *selected;
    let row = ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = tokens.space.xl;
        for (index, label) in labels.iter().enumerate() {
            let response = tab(ui, label, index == *selected, &tokens);
            if response.clicked() {
                *selected = index;
            }
            if response.has_focus() {
                *selected = step(ui, *selected, labels.len());
            }
        }
    });
    let rule = Stroke::new(1.0, tokens.color.hairline);
    let span = row.response.rect.left()..=row.response.rect.left() + ui.available_width().max(row.response.rect.width());
    ui.painter().hline(span, row.response.rect.bottom() - 0.5, rule);
    let mut response = row.response;
    if *selected != before {
        response.mark_changed();
    }
    response
}

fn tab(ui: &mut Ui, label: &str, chosen: bool, tokens: &Tokens) -> Response {
    let font = crate::fonts::text(tokens.font.body);
    let galley = paint::whole_line(ui.painter(), label, font, Color32::PLACEHOLDER);
    let size = Vec2::new(galley.size().x, tokens.height.control + 4.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Tab, ui.is_enabled(), chosen, label));
    let color = match (chosen, response.hovered()) {
        (true, _) => tokens.color.accent,
        (false, true) => tokens.color.text,
        (false, false) => tokens.color.text_secondary,
    };
    let at = Align2::CENTER_CENTER.align_size_within_rect(galley.size(), rect).min;
    ui.painter().galley(at, galley, color);
    if chosen {
        ui.painter().hline(rect.x_range(), rect.bottom() - 1.0, Stroke::new(2.0, tokens.color.accent));
    }
    paint::focus_ring(ui, &response, rect.expand2(Vec2::new(4.0, 0.0)), tokens.radius.control, tokens);
    response
}

/// The neighbour chosen by the left and right arrow keys.
pub(crate) fn step(ui: &Ui, selected: usize, count: usize) -> usize {
    let (left, right) = ui.input_mut(|input| {
        let none = egui::Modifiers::NONE;
        (input.consume_key(none, Key::ArrowLeft), input.consume_key(none, Key::ArrowRight))
    });
    match (left, right) {
        (true, false) => selected.saturating_sub(1),
        (false, true) => (selected + 1).min(count.saturating_sub(1)),
        _ => selected,
    }
}
