//! Columns of a table: widths, header line, resizing, sorting.

use egui::{Align, Align2, CornerRadius, CursorIcon, Id, Painter, Rect, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo};

use crate::icons::{self, Icon};
use crate::paint;
use crate::table_bars::Frame;
use crate::tokens::Tokens;

/// The direction of a sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortOrder {
    /// Smallest first (升序).
    Ascending,
    /// Largest first (降序).
    Descending,
}

/// A column of a table.
#[derive(Clone, Copy, Debug)]
pub struct Column<'a> {
    pub(crate) title: &'a str,
    pub(crate) width: f32,
    pub(crate) min_width: f32,
    pub(crate) align: Align,
    pub(crate) sortable: bool,
    pub(crate) stretch: bool,
}

impl<'a> Column<'a> {
    /// A left-aligned, sortable, resizable column; `width` in points.
    pub const fn new(title: &'a str, width: f32) -> Self {
        Self { title, width, min_width: 48.0, align: Align::Min, sortable: true, stretch: false }
    }

    /// A right-aligned column for amounts and counts.
    pub const fn number(title: &'a str, width: f32) -> Self {
        Self { align: Align::Max, ..Self::new(title, width) }
    }

    /// The header does not sort.
    #[must_use]
    pub const fn unsortable(mut self) -> Self {
        self.sortable = false;
        self
    }

    /// Takes the room that the other columns leave, and gives way (to [`Self::min_width`], at first 120 points) when there is too little.
    #[must_use]
    pub const fn stretch(mut self) -> Self {
        self.stretch = true;
        self.min_width = 120.0;
        self
    }

    /// The least width that dragging can give it.
    #[must_use]
    pub const fn min_width(mut self, min_width: f32) -> Self {
        self.min_width = min_width;
        self
    }

    /// Content in the middle, for chips and marks.
    #[must_use]
    pub const fn centered(mut self) -> Self {
        self.align = Align::Center;
        self
    }

    pub(crate) const fn align2(&self) -> Align2 {
        match self.align {
            Align::Min => Align2::LEFT_CENTER,
            Align::Center => Align2::CENTER_CENTER,
            Align::Max => Align2::RIGHT_CENTER,
        }
    }
}

/// The widths in use: what the user dragged, else the column's own. Stretching columns take the rest of the
/// room, or give way down to their least width.
pub(crate) fn widths(columns: &[Column<'_>], dragged: &[Option<f32>], room: f32) -> Vec<f32> {
    let set_by_hand = |index: usize| dragged.get(index).copied().flatten();
    let own = |(index, column): (usize, &Column<'_>)| set_by_hand(index).unwrap_or(column.width);
    let mut widths: Vec<f32> = columns.iter().enumerate().map(own).collect();
    let rest = room - widths.iter().sum::<f32>();
    let gives_way = |(index, column): (usize, &Column<'_>)| column.stretch && (rest > 0.0 || set_by_hand(index).is_none());
    let share = rest / columns.iter().enumerate().filter(|place| gives_way(*place)).map(|_| 1.0).sum::<f32>();
    for ((index, column), width) in columns.iter().enumerate().zip(&mut widths) {
        if gives_way((index, column)) {
            *width = (*width + share).floor().max(column.min_width);
        }
    }
    widths
}

/// What the user did to the header in this frame.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct HeadAction {
    pub sort: Option<usize>,
    pub resize: Option<(usize, Option<f32>)>,
    pub check_all: Option<bool>,
}

/// The header line.
pub(crate) struct Head<'a> {
    pub columns: &'a [Column<'a>],
    pub widths: &'a [f32],
    pub sort: Option<(usize, SortOrder)>,
    pub frame: &'a Frame,
    /// Points scrolled to the right.
    pub scroll_x: f32,
    pub id: Id,
    /// Name and state of the box that selects all; a state of none means some.
    pub check: Option<(&'a str, Option<bool>)>,
}

impl Head<'_> {
    pub(crate) fn show(&self, ui: &mut Ui) -> HeadAction {
        let tokens = Tokens::of(ui.ctx());
        let line = self.frame.head;
        let mut ui = ui.new_child(egui::UiBuilder::new().max_rect(line).accessibility_role(Role::Row));
        ui.shrink_clip_rect(line);
        ui.painter().rect_filled(line, 0, tokens.color.sunken);
        ui.painter().hline(line.x_range(), line.bottom() - 0.5, Stroke::new(1.0, tokens.color.hairline));
        let mut action = HeadAction { check_all: self.check_all(&ui, &tokens), ..HeadAction::default() };
        let room = Rect::from_min_max(egui::pos2(self.frame.cells.left(), line.top()), line.max);
        ui.shrink_clip_rect(room);
        let mut left = room.left() - self.scroll_x;
        for (index, (column, width)) in self.columns.iter().zip(self.widths).enumerate() {
            let cell = Rect::from_min_size(egui::pos2(left, line.top()), Vec2::new(*width, line.height()));
            left += width;
            if !cell.intersects(room) {
                continue;
            }
            if self.cell(&ui, cell, index, column, &tokens) {
                action.sort = Some(index);
            }
            if let Some(width) = self.handle(&ui, cell, index, column, &tokens) {
                action.resize = Some((index, width));
            }
        }
        action
    }

    fn check_all(&self, ui: &Ui, tokens: &Tokens) -> Option<bool> {
        let (name, checked) = self.check?;
        let line = self.frame.head;
        let place = Rect::from_min_max(line.min, egui::pos2(self.frame.cells.left(), line.bottom()));
        let response = ui.interact(place, self.id.with("check all"), Sense::click());
        response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, checked == Some(true), name));
        check_box(ui.painter(), place, checked, response.hovered(), tokens);
        paint::focus_ring(ui, &response, place, 0, tokens);
        response.clicked().then_some(checked != Some(true))
    }

    fn cell(&self, ui: &Ui, cell: Rect, index: usize, column: &Column<'_>, tokens: &Tokens) -> bool {
        let sense = if column.sortable { Sense::click() } else { Sense::hover() };
        let response = ui.interact(cell, self.id.with(("head", index)), sense);
        response.widget_info(|| WidgetInfo::labeled(Role::ColumnHeader, ui.is_enabled(), column.title));
        let order = self.sort.filter(|(sorted, _)| *sorted == index).map(|(_, order)| order);
        if column.sortable && response.hovered() {
            ui.painter().rect_filled(cell, 0, tokens.color.hover);
        }
        let arrow = if order.is_some() { 14.0 } else { 0.0 };
        let mut room = cell.shrink2(Vec2::new(crate::big_table::CELL_MARGIN, 0.0));
        // The arrow stands beside the text, on the side where the text ends.
        let at_left = column.align == Align::Max;
        if at_left {
            room.min.x += arrow
        } else {
            room.max.x -= arrow
        }
        let color = if order.is_some() { tokens.color.accent } else { tokens.color.text_secondary };
        let galley = paint::line(ui.painter(), column.title, crate::fonts::text(tokens.font.small + 1.0), color, room.width());
        let text = paint::place(ui.painter(), room, column.align2(), &galley);
        if let Some(order) = order {
            let icon = if order == SortOrder::Ascending { Icon::ChevronUp } else { Icon::ChevronDown };
            let x = if at_left { text.left() - 9.0 } else { text.right() + 9.0 };
            icons::paint(ui.painter(), Rect::from_center_size(egui::pos2(x, cell.center().y), Vec2::splat(10.0)), icon, color);
        }
        paint::focus_ring(ui, &response, cell, 0, tokens);
        response.clicked()
    }

    /// The right edge of a column: dragging sets its width, a double click gives back its own.
    fn handle(&self, ui: &Ui, cell: Rect, index: usize, column: &Column<'_>, tokens: &Tokens) -> Option<Option<f32>> {
        let grip = Rect::from_center_size(cell.right_center(), Vec2::new(8.0, cell.height()));
        let response = ui.interact(grip, self.id.with(("grip", index)), Sense::CLICK | Sense::DRAG);
        let active = response.hovered() || response.dragged();
        let color = if active { tokens.color.accent } else { tokens.color.hairline };
        let inset = if active { 0.0 } else { 9.0 };
        let y = (cell.top() + inset)..=(cell.bottom() - inset);
        ui.painter().vline(cell.right() - 0.5, y, Stroke::new(1.0, color));
        if active {
            ui.ctx().set_cursor_icon(CursorIcon::ResizeHorizontal);
        }
        if response.double_clicked() {
            return Some(None);
        }
        let pointer = response.interact_pointer_pos().filter(|_| response.dragged())?;
        Some(Some((pointer.x - cell.left()).round().max(column.min_width)))
    }
}

/// Paints a check box into the middle of `place`; none is the state between.
pub(crate) fn check_box(painter: &Painter, place: Rect, checked: Option<bool>, hovered: bool, tokens: &Tokens) {
    let square = Rect::from_center_size(place.center().round(), Vec2::splat(16.0));
    let filled = checked != Some(false);
    let fill = if filled { tokens.color.accent } else { tokens.color.surface };
    let outline = if filled || hovered { tokens.color.accent } else { tokens.color.outline };
    painter.rect(square, CornerRadius::same(3), fill, Stroke::new(1.0, outline), StrokeKind::Inside);
    match checked {
        Some(true) => icons::paint(painter, square.shrink(2.0), Icon::Check, tokens.color.on_solid),
        Some(false) => {}
        None => {
            let dash = Rect::from_center_size(square.center(), Vec2::new(8.0, 2.0));
            painter.rect_filled(dash, 0, tokens.color.on_solid);
        }
    }
}
