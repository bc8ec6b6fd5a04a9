//! Segmented switch (分段开关): two or three ways, for example 数电 / 税控.

use egui::{Align2, Color32, CornerRadius, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo};

use crate::paint;
use crate::tokens::Tokens;

/// Draws the switch; the response is `changed` when another way was chosen. `name` is the accessible name of the group.
pub fn segmented(ui: &mut Ui, name: &str, labels: &[&str], selected: &mut usize) -> Response {
    let tokens = Tokens::of(ui.ctx());
    let font = crate::fonts::text(tokens.font.body);
    let galleys: Vec<_> = labels.iter().map(|label| paint::whole_line(ui.painter(), label, font.clone(), Color32::PLACEHOLDER)).collect();
    let widest = galleys.iter().map(|galley| galley.size().x).fold(0.0, f32::max);
    let cell = Vec2::new(widest + 28.0, tokens.height.control);
    let count = labels.iter().map(|_| 1.0).sum::<f32>();
    let (rect, mut group) = ui.allocate_exact_size(Vec2::new(cell.x * count, cell.y), Sense::hover());
    group.widget_info(|| WidgetInfo::labeled(Role::RadioGroup, true, name));
    let radius = CornerRadius::same(tokens.radius.control);
    let outline = Stroke::new(1.0, tokens.color.outline);
    ui.painter().rect(rect, radius, tokens.color.sunken, outline, StrokeKind::Inside);
    let before = *selected;
    let mut left = rect.left();
    for (index, (label, galley)) in labels.iter().zip(galleys).enumerate() {
        let part = Rect::from_min_size(egui::pos2(left, rect.top()), cell);
        left += cell.x;
        let chosen = index == before;
        let response = ui.interact(part, group.id.with(index), Sense::click());
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, ui.is_enabled(), chosen, label));
        if response.clicked() {
            *selected = index;
        }
        if response.has_focus() {
            *selected = crate::tabs::step(ui, *selected, labels.len());
        }
        let color = if chosen {
            let stroke = Stroke::new(1.0, tokens.color.accent);
            ui.painter().rect(part, radius, tokens.color.surface, stroke, StrokeKind::Inside);
            tokens.color.accent
        } else if response.hovered() {
            tokens.color.text
        } else {
            tokens.color.text_secondary
        };
        let at = Align2::CENTER_CENTER.align_size_within_rect(galley.size(), part).min;
        ui.painter().galley(at, galley, color);
        paint::focus_ring(ui, &response, part, tokens.radius.control, &tokens);
    }
    if *selected != before {
        group.mark_changed();
    }
    group
}
