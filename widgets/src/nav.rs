//! Navigation rail (导航栏): the pages, one below the other, at the left edge.

use egui::{Align2, Color32, CornerRadius, Pos2, Rect, Response, Role, Sense, Ui, Vec2, WidgetInfo};

use crate::icons::{self, Icon};
use crate::paint;
use crate::tokens::{Tokens, Tone};

/// An entry of the rail.
#[derive(Clone, Copy, Debug)]
pub struct NavItem<'a> {
    /// Its glyph.
    pub icon: Icon,
    /// Its text and accessible name.
    pub label: &'a str,
    /// A number at the right end, for example jobs that need the user; 0 shows nothing.
    pub badge: u32,
}

impl<'a> NavItem<'a> {
    /// An entry without a badge.
    pub fn new(icon: Icon, label: &'a str) -> Self {
        Self { icon, label, badge: 0 }
    }

    /// The number at the right end.
    #[must_use]
    pub fn badge(mut self, badge: u32) -> Self {
        self.badge = badge;
        self
    }
}

/// Draws one entry over the available width.
pub fn nav_item(ui: &mut Ui, item: NavItem<'_>, chosen: bool) -> Response {
    let tokens = Tokens::of(ui.ctx());
    let size = Vec2::new(ui.available_width(), tokens.height.nav);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, ui.is_enabled(), chosen, item.label));
    let (fill, color) = match (chosen, response.hovered()) {
        (true, _) => (tokens.color.selected, tokens.color.accent),
        (false, true) => (tokens.color.hover, tokens.color.text),
        (false, false) => (Color32::TRANSPARENT, tokens.color.text_secondary),
    };
    ui.painter().rect_filled(rect, CornerRadius::same(tokens.radius.control), fill);
    if chosen {
        let mark = Rect::from_min_size(rect.min + Vec2::new(0.0, 9.0), Vec2::new(3.0, rect.height() - 18.0));
        ui.painter().rect_filled(mark, CornerRadius::same(1), tokens.color.accent);
    }
    let glyph = Rect::from_center_size(rect.left_center() + Vec2::new(22.0, 0.0), Vec2::splat(17.0));
    icons::paint(ui.painter(), glyph, item.icon, color);
    let room = Rect::from_min_max(egui::pos2(rect.left() + 40.0, rect.top()), rect.max - Vec2::new(10.0, 0.0));
    let font = crate::fonts::text(tokens.font.body);
    let galley = paint::line(ui.painter(), item.label, font, if chosen { color } else { tokens.color.text }, room.width());
    paint::place(ui.painter(), room, Align2::LEFT_CENTER, &galley);
    if item.badge > 0 {
        badge(ui, room.right_center(), item.badge);
    }
    paint::focus_ring(ui, &response, rect, tokens.radius.control, &tokens);
    response
}

/// Paints a count that wants to be looked at, its right edge in the middle of it at this place.
pub fn badge(ui: &Ui, right: Pos2, count: u32) {
    let tokens = Tokens::of(ui.ctx());
    let text = if count > 99 { "99+".to_owned() } else { count.to_string() };
    let font = crate::fonts::text(tokens.font.small);
    let galley = paint::whole_line(ui.painter(), &text, font, tokens.color.on_solid);
    let size = Vec2::new((galley.size().x + 10.0).max(18.0), 18.0);
    let ground = Align2::RIGHT_CENTER.anchor_size(right, size);
    ui.painter().rect_filled(ground, CornerRadius::same(9), tokens.tone(Tone::Bad).solid);
    paint::place(ui.painter(), ground, Align2::CENTER_CENTER, &galley);
}

/// Draws all entries; the index of the one that was pressed.
pub fn nav_rail(ui: &mut Ui, items: &[NavItem<'_>], chosen: Option<usize>) -> Option<usize> {
    ui.spacing_mut().item_spacing.y = 2.0;
    let mut pressed = None;
    for (index, item) in items.iter().enumerate() {
        if nav_item(ui, *item, chosen == Some(index)).clicked() {
            pressed = Some(index);
        }
    }
    pressed
}
