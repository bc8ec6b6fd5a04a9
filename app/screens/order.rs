//! Moving a column within the list of columns.

use egui::Ui;
use piaoxia_widgets::button;
use piaoxia_widgets::icons::Icon;

use super::ScreenCx;
use crate::text::fill;

/// Two buttons, where they make sense, that move the column called `name`, the `index`th of `count`, up and down. When one is
/// pressed: which column goes one place to the left.
pub(super) fn buttons(ui: &mut Ui, cx: &ScreenCx<'_>, name: &str, index: usize, count: usize) -> Option<usize> {
    let words = &cx.text.export;
    let mut press = |icon, label: &str, can: bool| {
        let label = fill(label, &[("name", name)]);
        ui.add_visible(can, button::icon(icon, &label).small()).clicked()
    };
    let up = press(Icon::ChevronUp, &words.column_left, index > 0);
    let down = press(Icon::ChevronDown, &words.column_right, index + 1 < count);
    match (up, down) {
        (true, _) => Some(index),
        (_, true) => Some(index + 1),
        _ => None,
    }
}
