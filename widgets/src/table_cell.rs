//! A cell of a table: painted text is cheap, widgets are possible.

use egui::{Align2, Color32, CursorIcon, Id, Layout, Rect, Response, Role, Sense, Stroke, Ui, UiBuilder, Vec2, WidgetInfo};

use crate::big_table::CELL_MARGIN;
use crate::elide::{self, Cut};
use crate::foreign::visible;
use crate::table_head::Column;
use crate::tokens::{Tokens, Tone};
use crate::{chip, paint};

/// One cell, to be filled by the table's content.
pub struct Cell<'a> {
    ui: &'a mut Ui,
    rect: Rect,
    column: &'a Column<'a>,
    id: Id,
    selected: bool,
    tokens: &'a Tokens,
}

impl<'a> Cell<'a> {
    pub(crate) fn new(ui: &'a mut Ui, rect: Rect, column: &'a Column<'a>, id: Id, selected: bool, tokens: &'a Tokens) -> Self {
        Self { ui, rect, column, id, selected, tokens }
    }

    /// A line between this row and the one above it, as over the sums on paper.
    pub fn rule_above(&self) {
        let stroke = Stroke::new(1.0, self.tokens.color.text_secondary);
        self.ui.painter().hline(self.rect.x_range(), self.rect.top() + 0.5, stroke);
    }

    /// Whether the row is selected.
    pub fn is_selected(&self) -> bool {
        self.selected
    }

    /// The cell's rectangle, margins included.
    pub fn rect(&self) -> Rect {
        self.rect
    }

    /// The design tokens.
    pub fn tokens(&self) -> &Tokens {
        self.tokens
    }

    /// One line in the text colour, aligned as the column says, cut with "…" (the rest on hover).
    pub fn text(&mut self, text: &str) {
        self.line(text, self.tokens.color.text, Cut::End);
    }

    /// Secondary text.
    pub fn quiet(&mut self, text: &str) {
        self.line(text, self.tokens.color.text_secondary, Cut::End);
    }

    /// Text in a tone's colour, for example a red invoice's amount.
    pub fn toned(&mut self, text: &str, tone: Tone) {
        let color = if tone == Tone::Neutral { self.tokens.color.text } else { self.tokens.tone(tone).text };
        self.line(text, color, Cut::End);
    }

    /// A figure that leads somewhere: in the colour of links, underlined under the pointer. True when it was pressed. The keyboard gets
    /// there by the row's Enter.
    pub fn press(&mut self, text: &str, tone: Tone) -> bool {
        let response = self.ui.interact(self.rect, self.id, Sense::CLICK).on_hover_cursor(CursorIcon::PointingHand);
        let text = visible(text);
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &*text));
        let color = match (response.hovered(), tone) {
            (true, _) => self.tokens.color.accent,
            (false, Tone::Neutral) => self.tokens.color.accent,
            (false, tone) => self.tokens.tone(tone).text,
        };
        let font = crate::fonts::text(self.tokens.font.body);
        let (galley, elided) = elide::shorten(self.ui.painter(), &text, &font, color, self.room().width(), Cut::End);
        let painted = paint::place(self.ui.painter(), self.room(), self.column.align2(), &galley);
        if response.hovered() {
            self.ui.painter().hline(painted.x_range(), painted.bottom(), Stroke::new(1.0, color));
        }
        let pressed = response.clicked();
        if elided {
            response.on_hover_text(&*text);
        }
        pressed
    }

    /// A path or long number, cut in the middle.
    pub fn middle(&mut self, text: &str) {
        self.line(text, self.tokens.color.text, Cut::Middle);
    }

    /// A status chip.
    pub fn chip(&mut self, text: &str, tone: Tone) {
        self.describe(text, false);
        let room = self.room();
        let font = crate::fonts::text(self.tokens.font.small);
        let galley = paint::line(self.ui.painter(), text, font, Color32::PLACEHOLDER, room.width() - 14.0);
        let size = Vec2::new(galley.size().x + 14.0, self.tokens.font.small + 9.0);
        let rect = self.column.align2().align_size_within_rect(size, room);
        let snapped = Rect::from_min_size(rect.min.round(), rect.size());
        chip::paint_at(self.ui.painter(), snapped, &galley, tone, self.tokens);
    }

    /// A grey bar in place of a value that is still being read.
    pub fn pending(&mut self) {
        let room = self.room();
        let size = Vec2::new(room.width() * 0.6, 8.0);
        let bar = self.column.align2().align_size_within_rect(size, room);
        self.ui.painter().rect_filled(bar, 3, self.tokens.color.sunken);
    }

    /// Any widgets, laid out from the left, centred vertically.
    pub fn ui<R>(&mut self, content: impl FnOnce(&mut Ui) -> R) -> R {
        let layout = match self.column.align2() {
            Align2::RIGHT_CENTER => Layout::right_to_left(egui::Align::Center),
            _ => Layout::left_to_right(egui::Align::Center),
        };
        let builder = UiBuilder::new().id_salt(self.id).max_rect(self.room()).layout(layout);
        let mut child = self.ui.new_child(builder);
        child.shrink_clip_rect(self.rect);
        child.spacing_mut().item_spacing.x = 4.0;
        content(&mut child)
    }

    fn room(&self) -> Rect {
        self.rect.shrink2(Vec2::new(CELL_MARGIN, 0.0))
    }

    fn line(&mut self, text: &str, color: Color32, cut: Cut) {
        if text.is_empty() {
            return;
        }
        let room = self.room();
        let text = &*visible(text);
        let font = crate::fonts::text(self.tokens.font.body);
        let (galley, elided) = elide::shorten(self.ui.painter(), text, &font, color, room.width(), cut);
        self.describe(text, elided);
        paint::place(self.ui.painter(), room, self.column.align2(), &galley);
    }

    /// Makes the text reachable for screen readers and, if it was cut, for the pointer.
    fn describe(&self, text: &str, elided: bool) {
        let text = &*visible(text);
        let readable = self.ui.ctx().has_accesskit_node(self.ui.unique_id());
        if !readable && !elided {
            return;
        }
        let response: Response = self.ui.interact(self.rect, self.id, Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Cell, true, text));
        if elided {
            response.on_hover_text(text);
        }
    }
}
