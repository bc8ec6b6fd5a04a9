//! Long lists of things that are not equally high.

use egui::{Id, Ui};

/// Draws a thing when it is in view, and else keeps its place: of a long list only what is seen is laid out. `id` stands for its height.
pub(super) fn in_view(ui: &mut Ui, id: Id, draw: impl FnOnce(&mut Ui)) {
    let (known, top) = (ui.data(|data| data.get_temp::<f32>(id)), ui.cursor().top());
    let view = ui.clip_rect().y_range();
    if let Some(height) = known.filter(|height| top + height < view.min || top > view.max) {
        ui.allocate_space(egui::vec2(ui.available_width(), height));
        return;
    }
    draw(ui);
    let height = ui.min_rect().bottom() - top;
    ui.data_mut(|data| data.insert_temp(id, height));
}
