//! The head of a group of rows.

use egui::{Align2, Rect, Ui, Vec2};

use crate::big_table::{CELL_MARGIN, GroupHead};
use crate::icons::{self, Icon};
use crate::paint;
use crate::tokens::{Tokens, Tone};

/// Room of the arrow.
const ARROW: f32 = 22.0;
/// Between what is said of a group and its title.
const GAP: f32 = 16.0;

/// Paints a head across a row: the sums in the places of their columns, or what is said of the group at the right end. The title gives
/// way to them.
pub(crate) fn paint(ui: &Ui, rect: Rect, head: &GroupHead, places: &[Rect], tokens: &Tokens) {
    let room = rect.shrink2(Vec2::new(CELL_MARGIN, 0.0));
    let icon = if head.is_open { Icon::ChevronDown } else { Icon::ChevronRight };
    let arrow = Rect::from_center_size(egui::pos2(room.left() + 7.0, room.center().y), Vec2::splat(14.0));
    icons::paint(ui.painter(), arrow, icon, tokens.color.text_secondary);
    let sums = sums(ui, rect, head, places, tokens);
    let font = crate::fonts::text(tokens.font.body);
    let said = if sums.is_some() { &head.count } else { &head.about };
    let said = paint::line(ui.painter(), said, font.clone(), tokens.color.text_secondary, room.width() - ARROW);
    let right = sums.unwrap_or(room.right() + GAP) - GAP;
    let left = room.left() + ARROW;
    let title = paint::line(ui.painter(), &head.title, font, tokens.color.text, (right - said.size().x - GAP - left).max(0.0));
    let title = paint::place(ui.painter(), Rect::from_x_y_ranges(left..=right.max(left), room.y_range()), Align2::LEFT_CENTER, &title);
    let (from, align) = if sums.is_some() { (title.right() + GAP, Align2::LEFT_CENTER) } else { (left, Align2::RIGHT_CENTER) };
    paint::place(ui.painter(), Rect::from_x_y_ranges(from..=right.max(from), room.y_range()), align, &said);
}

/// Paints the sums; the left edge of the first one. None is painted unless all can be read whole: a cut amount reads as another.
fn sums(ui: &Ui, rect: Rect, head: &GroupHead, places: &[Rect], tokens: &Tokens) -> Option<f32> {
    let mut galleys = Vec::new();
    for sum in &head.sums {
        let place = places.get(sum.column)?.shrink2(Vec2::new(CELL_MARGIN, 0.0));
        let color = if sum.tone == Tone::Neutral { tokens.color.text } else { tokens.tone(sum.tone).text };
        let galley = paint::whole_line(ui.painter(), &sum.text, crate::fonts::text(tokens.font.body), color);
        // A little may stand out to the left, where the neighbour's sum ends earlier as a rule.
        let fits = galley.size().x <= place.width() + CELL_MARGIN;
        if !fits || place.left() < rect.left() || place.right() > rect.right() {
            return None;
        }
        galleys.push((place, galley));
    }
    let drawn = galleys.iter().map(|(place, galley)| paint::place(ui.painter(), *place, Align2::RIGHT_CENTER, galley).left());
    drawn.reduce(f32::min)
}
