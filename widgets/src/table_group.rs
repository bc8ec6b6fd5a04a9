//! The head of a group of rows.

use egui::{Align2, Rect, Ui, Vec2};

use crate::big_table::{CELL_MARGIN, GroupHead};
use crate::icons::{self, Icon};
use crate::paint;
use crate::tokens::Tokens;

/// Room of the arrow.
const ARROW: f32 = 22.0;
/// Between what is said of a group and its title.
const GAP: f32 = 16.0;

/// Paints a head across a row; the title gives way to what is said of the group.
pub(crate) fn paint(ui: &Ui, rect: Rect, head: &GroupHead, tokens: &Tokens) {
    let room = rect.shrink2(Vec2::new(CELL_MARGIN, 0.0));
    let icon = if head.is_open { Icon::ChevronDown } else { Icon::ChevronRight };
    let arrow = Rect::from_center_size(egui::pos2(room.left() + 7.0, room.center().y), Vec2::splat(14.0));
    icons::paint(ui.painter(), arrow, icon, tokens.color.text_secondary);
    let font = crate::fonts::text(tokens.font.body);
    let about = paint::line(ui.painter(), &head.about, font.clone(), tokens.color.text_secondary, room.width() - ARROW);
    let about = paint::place(ui.painter(), room, Align2::RIGHT_CENTER, &about);
    let title = Rect::from_x_y_ranges(room.left() + ARROW..=(about.left() - GAP).max(room.left() + ARROW), room.y_range());
    let galley = paint::line(ui.painter(), &head.title, font, tokens.color.text, title.width());
    paint::place(ui.painter(), title, Align2::LEFT_CENTER, &galley);
}
