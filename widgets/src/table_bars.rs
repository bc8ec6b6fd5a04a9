//! The scrollbars of a table and the division of its room.

use egui::{Id, Rect, Role, Sense, Ui, Vec2};

use crate::row_scroll::{Extent, RowPosition};
use crate::tokens::Tokens;

/// Width of a scrollbar in points: wide enough to be hit with a mouse on an old screen.
const BAR: f32 = 12.0;
const LEAST_THUMB: f32 = 28.0;

/// The parts of a table.
pub(crate) struct Frame {
    /// The header line, over the whole width.
    pub head: Rect,
    /// All rows, with their check boxes.
    pub body: Rect,
    /// The part of the body that scrolls sideways.
    pub cells: Rect,
    pub vertical: Option<Rect>,
    pub horizontal: Option<Rect>,
}

/// What a table would like to have, in points.
pub(crate) struct Wanted {
    /// Height of the header.
    pub head: f32,
    /// Width of the check boxes; 0 without.
    pub checks: f32,
    /// Width of all columns.
    pub width: f32,
    /// Height of all rows.
    pub height: f64,
}

/// Divides the room: a bar appears only when its direction does not fit.
pub(crate) fn split(inner: Rect, wanted: &Wanted) -> Frame {
    let height = inner.height() - wanted.head;
    let width = inner.width() - wanted.checks;
    let mut tall = wanted.height > f64::from(height);
    let wide = wanted.width > width - if tall { BAR } else { 0.0 };
    tall |= wide && wanted.height > f64::from(height - BAR);
    let right = inner.right() - if tall { BAR } else { 0.0 };
    let bottom = inner.bottom() - if wide { BAR } else { 0.0 };
    let top = inner.top() + wanted.head;
    let body = Rect::from_min_max(egui::pos2(inner.left(), top), egui::pos2(right, bottom));
    Frame {
        head: Rect::from_min_max(inner.min, egui::pos2(inner.right(), top)),
        body,
        cells: Rect::from_min_max(body.min + Vec2::new(wanted.checks, 0.0), body.max),
        vertical: tall.then(|| Rect::from_min_max(egui::pos2(right, top), egui::pos2(inner.right(), bottom))),
        horizontal: wide.then(|| Rect::from_min_max(egui::pos2(inner.left(), bottom), egui::pos2(right, inner.bottom()))),
    }
}

/// Widths in points of what scrolls sideways and of the room for it.
pub(crate) struct Sideways {
    pub total: f32,
    pub viewport: f32,
}

/// Draws the vertical bar and moves the table with it.
pub(crate) fn vertical(ui: &Ui, bar: Rect, id: Id, position: &mut RowPosition, extent: &Extent, tokens: &Tokens) {
    let length = (bar.height() * extent.visible_part()).max(LEAST_THUMB).min(bar.height());
    let way = bar.height() - length;
    let part = position.part(extent) as f32;
    let thumb = Rect::from_min_size(bar.min + Vec2::new(0.0, way * part), Vec2::new(bar.width(), length));
    let moved = drag(ui, bar, thumb, id.with("rows bar"), tokens, |pointer| pointer.y);
    if let Some(offset) = moved.filter(|_| way > 0.0) {
        *position = extent.at_part(f64::from((offset - bar.top()) / way));
    }
}

/// Draws the horizontal bar and moves the columns with it.
pub(crate) fn horizontal(ui: &Ui, bar: Rect, id: Id, scroll: &mut f32, sideways: &Sideways, tokens: &Tokens) {
    let hidden = sideways.total - sideways.viewport;
    let length = (bar.width() * sideways.viewport / sideways.total).max(LEAST_THUMB).min(bar.width());
    let way = bar.width() - length;
    let thumb = Rect::from_min_size(bar.min + Vec2::new(way * *scroll / hidden, 0.0), Vec2::new(length, bar.height()));
    let moved = drag(ui, bar, thumb, id.with("columns bar"), tokens, |pointer| pointer.x);
    if let Some(offset) = moved.filter(|_| way > 0.0) {
        *scroll = ((offset - bar.left()) / way * hidden).clamp(0.0, hidden);
    }
}

/// Where the thumb's start should go. A press beside the thumb puts its middle under the pointer.
fn drag(ui: &Ui, bar: Rect, thumb: Rect, id: Id, tokens: &Tokens, along: impl Fn(egui::Pos2) -> f32) -> Option<f32> {
    let response = ui.interact(bar, id, Sense::CLICK | Sense::DRAG);
    response.widget_info(|| egui::WidgetInfo::new(Role::ScrollBar));
    let active = response.dragged() || response.is_pointer_button_down_on();
    let color = if active {
        tokens.color.text_hint
    } else if response.hovered() {
        tokens.tone(crate::tokens::Tone::Neutral).solid
    } else {
        tokens.color.outline
    };
    ui.painter().rect_filled(bar, 0, tokens.color.zebra);
    ui.painter().rect_filled(thumb.shrink(3.0), 3, color);
    let grip_id = id.with("grip");
    if !active {
        ui.data_mut(|data| data.remove::<f32>(grip_id));
        return None;
    }
    let pointer = response.interact_pointer_pos()?;
    let known: Option<f32> = ui.data(|data| data.get_temp(grip_id));
    let grip = known.unwrap_or_else(|| {
        let inside = thumb.contains(pointer);
        if inside { along(pointer) - along(thumb.min) } else { along(thumb.center()) - along(thumb.min) }
    });
    ui.data_mut(|data| data.insert_temp(grip_id, grip));
    Some(along(pointer) - grip)
}
