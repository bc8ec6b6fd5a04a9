//! The visible rows of a table.

use egui::accesskit::{self, Action};
use egui::{Align, Id, Rect, Response, Role, Sense, Stroke, Ui, UiBuilder, Vec2, WidgetInfo};

use crate::big_table::{CheckText, GroupHead, TableOutput, TableRows, TableState, TableText};
use crate::row_scroll::Extent;
use crate::table_bars::Frame;
use crate::table_cell::Cell;
use crate::table_group;
use crate::table_head::{Column, check_box};
use crate::tokens::Tokens;

pub(crate) struct Body<'a> {
    pub id: Id,
    pub columns: &'a [Column<'a>],
    pub widths: &'a [f32],
    pub extent: Extent,
    pub frame: &'a Frame,
    pub text: TableText<'a>,
    pub checks: Option<CheckText<'a>>,
}

impl Body<'_> {
    pub(crate) fn show(&self, ui: &mut Ui, state: &mut TableState, rows: &mut impl TableRows, output: &mut TableOutput) {
        if self.extent.rows == 0 {
            return;
        }
        let body = self.frame.body;
        let mut ui = ui.new_child(UiBuilder::new().max_rect(body));
        ui.shrink_clip_rect(body);
        let position = state.position;
        let on_screen = ((self.extent.viewport + position.pixel) / self.extent.row_height).ceil() as u64;
        output.visible = position.row..position.row.saturating_add(on_screen).min(self.extent.rows);
        rows.prepare(output.visible.clone());
        let mut top = body.top() - position.pixel;
        for row in output.visible.clone() {
            let rect = Rect::from_min_size(egui::pos2(body.left(), top), Vec2::new(body.width(), self.extent.row_height));
            self.row(&mut ui, (row, rect), state, rows, output);
            top += self.extent.row_height;
        }
    }

    fn row(&self, ui: &mut Ui, (row, rect): (u64, Rect), state: &mut TableState, rows: &mut impl TableRows, output: &mut TableOutput) {
        let tokens = Tokens::of(ui.ctx());
        // By row number, so that a row keeps its identity while the table scrolls.
        let id = self.id.with(("row", row));
        let builder = UiBuilder::new().scope_id(id).max_rect(rect).accessibility_role(Role::Row);
        let mut ui = ui.new_child(builder);
        ui.expand_to_include_rect(rect);
        let hit = ui.interact(rect, id.with("hit"), Sense::CLICK);
        let head = rows.head(row);
        self.presses(&ui, &hit, (row, head.as_ref()), state, output);
        let selected = state.selection.contains(row);
        self.describe(&ui, (row, rect), selected, head.as_ref(), rows);
        paint_ground(&ui, (row, rect), (selected, head.is_some()), state.cursor == Some(row), &tokens);
        if let Some(text) = self.checks {
            self.check(&ui, (row, rect), text, state, output);
        }
        ui.shrink_clip_rect(self.frame.cells);
        let places = self.places(rect, state.scroll_x);
        if let Some(head) = head {
            let across = Rect::from_x_y_ranges(self.frame.cells.x_range(), rect.y_range());
            table_group::paint(&ui, across, &head, &places, &tokens);
            return;
        }
        for (index, (column, place)) in self.columns.iter().zip(places).enumerate() {
            if !place.intersects(self.frame.cells) {
                continue;
            }
            let mut cell = Cell::new(&mut ui, place, column, id.with(index), selected, &tokens);
            // Half an amount reads as another amount.
            if column.align == Align::Max && !self.frame.cells.x_range().contains(place.right()) {
                cell.pending();
            } else {
                rows.cell(&mut cell, row, index);
            }
        }
    }

    /// Where the cells of a row stand, those out of sight among them.
    fn places(&self, rect: Rect, scroll_x: f32) -> Vec<Rect> {
        let mut left = self.frame.cells.left() - scroll_x;
        let place = |width: &f32| {
            let place = Rect::from_min_size(egui::pos2(left, rect.top()), Vec2::new(*width, rect.height()));
            left += width;
            place
        };
        self.widths.iter().map(place).collect()
    }

    fn presses(&self, ui: &Ui, hit: &Response, (row, head): (u64, Option<&GroupHead>), state: &mut TableState, output: &mut TableOutput) {
        let asked = ui.input(|input| input.has_accesskit_action_request(ui.unique_id(), Action::Click));
        if hit.double_clicked() && head.is_none() {
            output.opened = Some(row);
        }
        if hit.secondary_clicked() {
            if !state.selection.contains(row) {
                state.selection.set(row..row + 1);
                state.anchor = row;
            }
            output.context = Some(row);
        } else if hit.clicked() || asked {
            let modifiers = ui.input(|input| input.modifiers);
            state.select(row, modifiers);
            output.clicked = Some(row);
            output.fold = head.filter(|_| !modifiers.any()).map(|head| (row, !head.is_open));
        } else {
            return;
        }
        state.cursor = Some(row);
        output.wants_focus = true;
    }

    /// The box of a row: adds it to or takes it from the selection, with Shift up to the last one.
    fn check(&self, ui: &Ui, (row, rect): (u64, Rect), text: CheckText<'_>, state: &mut TableState, output: &mut TableOutput) {
        let place = Rect::from_min_max(rect.min, egui::pos2(self.frame.cells.left(), rect.bottom()));
        let response = ui.interact(place, self.id.with(("check", row)), Sense::CLICK);
        if response.clicked() {
            if ui.input(|input| input.modifiers.shift) {
                state.selection.add(state.anchor.min(row)..state.anchor.max(row) + 1);
            } else {
                state.selection.toggle(row);
                state.anchor = row;
            }
            state.cursor = Some(row);
            output.wants_focus = true;
        }
        let checked = state.selection.contains(row);
        response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, checked, text.row.replace("{i}", &(row + 1).to_string())));
        check_box(ui.painter(), place, Some(checked), response.hovered(), &Tokens::of(ui.ctx()));
    }

    fn describe(&self, ui: &Ui, (row, rect): (u64, Rect), selected: bool, head: Option<&GroupHead>, rows: &mut impl TableRows) {
        if !ui.ctx().has_accesskit_node(ui.unique_id()) {
            return;
        }
        let place = self.text.row.replace("{i}", &(row + 1).to_string()).replace("{n}", &self.extent.rows.to_string());
        let own = head.map_or_else(|| rows.label(row), |head| format!("{} {}", head.title, head.about));
        let label = if own.is_empty() { place } else { format!("{place} {own}") };
        ui.ctx().accesskit_node_builder(ui.unique_id(), |node| {
            node.set_label(label);
            node.set_row_index(usize::try_from(row).unwrap_or(usize::MAX));
            node.set_selected(selected);
            if let Some(head) = head {
                node.set_expanded(head.is_open);
            }
            node.set_bounds(bounds(rect.intersect(ui.clip_rect())));
            node.add_action(Action::Click);
        });
    }
}

fn paint_ground(ui: &Ui, (row, rect): (u64, Rect), (selected, is_head): (bool, bool), at_cursor: bool, tokens: &Tokens) {
    let fill = if selected {
        tokens.color.selected
    } else if ui.rect_contains_pointer(rect) {
        tokens.color.hover
    } else if is_head {
        tokens.color.sunken
    } else if row % 2 == 1 {
        tokens.color.zebra
    } else {
        tokens.color.surface
    };
    let painter = ui.painter();
    painter.rect_filled(rect, 0, fill);
    painter.hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, tokens.color.sunken));
    if at_cursor {
        let edge = Rect::from_min_size(rect.min, Vec2::new(3.0, rect.height()));
        painter.rect_filled(edge, 0, tokens.color.accent);
    }
}

/// A rectangle in AccessKit's units.
pub(crate) fn bounds(rect: Rect) -> accesskit::Rect {
    let [x0, y0, x1, y1] = [rect.left(), rect.top(), rect.right(), rect.bottom()].map(f64::from);
    accesskit::Rect { x0, y0, x1, y1 }
}
