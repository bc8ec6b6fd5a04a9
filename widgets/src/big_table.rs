//! Virtual table (表格) for up to ten million rows: only visible rows are laid out, and scrolling is exact at every depth.

use std::ops::Range;

use egui::{Id, Modifiers, Rect, Role, Sense, Stroke, StrokeKind, Ui, UiBuilder, Vec2};

use crate::row_scroll::Extent;
use crate::table_bars::{self, Frame};
use crate::table_body::{Body, bounds};
use crate::table_head::{self, Head, HeadAction};
use crate::tokens::{Tokens, Tone};

pub use crate::row_scroll::RowPosition;
pub use crate::selection::Selection;
pub use crate::table_cell::Cell;
pub use crate::table_head::{Column, SortOrder};

/// Points between a cell's edge and its content.
pub(crate) const CELL_MARGIN: f32 = 10.0;

/// The content of a table. A closure `FnMut(&mut Cell, row, column)` is one.
pub trait TableRows {
    /// Told once a frame, before any cell, which rows will be drawn: the place to ask for missing pages.
    fn prepare(&mut self, visible: Range<u64>) {
        let _visible = visible;
    }

    /// Draws one cell.
    fn cell(&mut self, cell: &mut Cell<'_>, row: u64, column: usize);

    /// The row is no row of cells, but stands above a group of them.
    fn head(&mut self, row: u64) -> Option<GroupHead> {
        let _row = row;
        None
    }

    /// The accessible name of a row, put after [`TableText::row`]. Asked only while an assistive tool or a test listens.
    fn label(&mut self, row: u64) -> String {
        let _row = row;
        String::new()
    }
}

impl<F: FnMut(&mut Cell<'_>, u64, usize)> TableRows for F {
    fn cell(&mut self, cell: &mut Cell<'_>, row: u64, column: usize) {
        self(cell, row, column);
    }
}

/// A row that stands above a group of rows and can hide them. Drawn across all columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupHead {
    /// What they have in common.
    pub title: String,
    /// How many they are and their sums in a sentence: at the right end, where no sums stand in the columns.
    pub about: String,
    /// Behind the title, where the sums stand in the columns.
    pub count: String,
    /// Sums below the heads of their columns.
    pub sums: Vec<GroupSum>,
    /// Its rows follow.
    pub is_open: bool,
}

/// What a column of a group adds up to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupSum {
    /// Place of the column.
    pub column: usize,
    /// The sum.
    pub text: String,
    /// Meaning.
    pub tone: Tone,
}

/// The texts of a table.
#[derive(Clone, Copy, Debug)]
pub struct TableText<'a> {
    /// Accessible name of the table: "发票".
    pub name: &'a str,
    /// Put before a row's own label: "第 {i} 行，共 {n} 行".
    pub row: &'a str,
}

/// The texts of the check boxes of a table.
#[derive(Clone, Copy, Debug)]
pub struct CheckText<'a> {
    /// Accessible name of the box in the header: "全选".
    pub all: &'a str,
    /// Accessible name of a row's box: "选择第 {i} 行".
    pub row: &'a str,
}

/// What a table remembers. Belongs to the screen's state.
#[derive(Clone, Debug, Default)]
pub struct TableState {
    /// The top of the viewport.
    pub position: RowPosition,
    /// The selected rows.
    pub selection: Selection,
    /// The row the keyboard is on.
    pub cursor: Option<u64>,
    pub(crate) scroll_x: f32,
    pub(crate) anchor: u64,
    pub(crate) reveal: Option<u64>,
    widths: Vec<Option<f32>>,
}

impl TableState {
    /// Shows a row with the next frame and puts the cursor on it.
    pub fn go_to(&mut self, row: u64) {
        self.cursor = Some(row);
        self.anchor = row;
        self.reveal = Some(row);
    }

    /// The rows that it remembers beside the selection: those of the keyboard, and the first on screen unless it is the first of all.
    pub fn places(&self) -> impl Iterator<Item = u64> {
        let keyboard = self.cursor.into_iter().chain(self.cursor.map(|_| self.anchor)).chain(self.reveal);
        keyboard.chain((self.position.row > 0).then_some(self.position.row))
    }

    /// The rows have become others: these are selected, and what stood in a row stands where `to` says, or nowhere any more. Who
    /// looks at the top goes on looking at the top.
    pub fn follow(&mut self, selection: Selection, to: impl Fn(u64) -> Option<u64>) {
        self.selection = selection;
        self.cursor = self.cursor.and_then(&to);
        self.anchor = to(self.anchor).or(self.cursor).unwrap_or_default();
        self.reveal = self.reveal.and_then(&to);
        if self.position.row > 0 {
            self.position.row = to(self.position.row).unwrap_or(self.position.row);
        }
    }

    /// The widths that were dragged, by the place of the column, points; none for a column as it is by itself.
    pub fn widths(&self) -> &[Option<f32>] {
        &self.widths
    }

    /// Sets what was dragged, for columns that were kept or moved.
    pub fn set_widths(&mut self, widths: Vec<Option<f32>>) {
        self.widths = widths;
    }

    /// Back to the top with nothing selected; column widths stay. For a new filter or order.
    pub fn reset(&mut self) {
        *self = Self { widths: std::mem::take(&mut self.widths), ..Self::default() };
    }

    /// Moves the selection to a row the way Windows lists do.
    pub(crate) fn select(&mut self, row: u64, modifiers: Modifiers) {
        if modifiers.shift {
            let range = self.anchor.min(row)..self.anchor.max(row) + 1;
            if modifiers.command {
                self.selection.add(range);
            } else {
                self.selection.set(range);
            }
            return;
        }
        self.anchor = row;
        if modifiers.command {
            self.selection.toggle(row);
        } else {
            self.selection.set(row..row + 1);
        }
    }

    /// Keeps everything inside a table that may have become smaller.
    fn fit(&mut self, extent: &Extent, hidden_width: f32) {
        self.selection.truncate(extent.rows);
        self.cursor = self.cursor.filter(|row| *row < extent.rows);
        self.scroll_x = self.scroll_x.clamp(0.0, hidden_width.max(0.0));
        if let Some(row) = self.reveal.take() {
            self.position.reveal(row.min(extent.rows.saturating_sub(1)), extent);
        }
        self.position.clamp(extent);
    }
}

/// What the user did to a table in this frame.
#[derive(Clone, Debug, Default)]
pub struct TableOutput {
    /// The header of this column was pressed.
    pub sort: Option<usize>,
    /// This row was pressed.
    pub clicked: Option<u64>,
    /// This row was double-clicked, or Enter was pressed on it.
    pub opened: Option<u64>,
    /// This row was pressed with the other mouse button; it is selected now.
    pub context: Option<u64>,
    /// The head of a group was pressed, or Left, Right or Enter on it: its row, and whether the group is to be open.
    pub fold: Option<(u64, bool)>,
    /// The selection is another than before.
    pub selection_changed: bool,
    /// The rows on screen.
    pub visible: Range<u64>,
    /// The keyboard should go to the table.
    pub(crate) wants_focus: bool,
}

type EmptyState<'a> = Box<dyn FnOnce(&mut Ui) + 'a>;

/// A table. Fills the available room.
#[must_use = "draw it with `show`"]
pub struct BigTable<'a> {
    id: Id,
    columns: &'a [Column<'a>],
    rows: u64,
    text: TableText<'a>,
    sort: Option<(usize, SortOrder)>,
    checks: Option<CheckText<'a>>,
    row_height: Option<f32>,
    height: Option<f32>,
    empty: Option<EmptyState<'a>>,
}

impl<'a> BigTable<'a> {
    /// `id` must differ from every other table's.
    pub fn new(id: impl std::hash::Hash + std::fmt::Debug, columns: &'a [Column<'a>], rows: u64, text: TableText<'a>) -> Self {
        let id = Id::unique(id);
        Self { id, columns, rows, text, sort: None, checks: None, row_height: None, height: None, empty: None }
    }

    /// The sort arrow.
    pub fn sort(mut self, column: usize, order: SortOrder) -> Self {
        self.sort = Some((column, order));
        self
    }

    /// A box before each row that selects it, and one in the header that selects all.
    pub fn checkboxes(mut self, text: CheckText<'a>) -> Self {
        self.checks = Some(text);
        self
    }

    /// Another row height than the token's, in points.
    pub fn row_height(mut self, height: f32) -> Self {
        self.row_height = Some(height);
        self
    }

    /// The whole table's height in points instead of the available one.
    pub fn height(mut self, height: f32) -> Self {
        self.height = Some(height);
        self
    }

    /// Drawn below the header when there are no rows.
    pub fn empty(mut self, empty: impl FnOnce(&mut Ui) + 'a) -> Self {
        self.empty = Some(Box::new(empty));
        self
    }

    /// Draws the table.
    pub fn show(self, ui: &mut Ui, state: &mut TableState, rows: &mut impl TableRows) -> TableOutput {
        let tokens = Tokens::of(ui.ctx());
        let size = Vec2::new(ui.available_width(), self.height.unwrap_or_else(|| ui.available_height()).max(120.0));
        let (_, outer) = ui.allocate_space(size);
        let builder = UiBuilder::new()
            .scope_id(self.id)
            .max_rect(outer)
            .sense(Sense::click())
            .accessibility_role(Role::Table)
            .accessibility_label(self.text.name);
        let mut ui = ui.new_child(builder);
        ui.expand_to_include_rect(outer);
        ui.style_mut().interaction.selectable_labels = false;
        ui.ctx().accesskit_node_builder(ui.unique_id(), |node| {
            node.set_row_count(usize::try_from(self.rows).unwrap_or(usize::MAX));
            node.set_column_count(self.columns.len());
            node.set_bounds(bounds(outer));
        });
        ui.painter().rect_filled(outer, tokens.radius.control, tokens.color.surface);
        let before = state.selection.clone();
        let id = self.id;
        let mut output = self.parts(&mut ui, outer.shrink(1.0), state, rows, &tokens);
        output.selection_changed = state.selection != before;
        let ctx = ui.ctx().clone();
        let focused = ui.response().has_focus();
        let color = if focused { tokens.color.focus } else { tokens.color.hairline };
        ui.painter().rect_stroke(outer, tokens.radius.control, Stroke::new(1.0, color), StrokeKind::Inside);
        drop(ui);
        if output.wants_focus {
            // Only now: a closing ui gives up a focus that a click beside it, on a row, has just brought.
            ctx.memory_mut(|memory| memory.request_focus(id));
        }
        output
    }

    fn parts(mut self, ui: &mut Ui, inner: Rect, state: &mut TableState, rows: &mut impl TableRows, tokens: &Tokens) -> TableOutput {
        let row_height = self.row_height.unwrap_or(tokens.height.row);
        let frame = self.frame(inner, state, row_height, tokens);
        let widths = table_head::widths(self.columns, &state.widths, frame.cells.width());
        let total: f32 = widths.iter().sum();
        let extent = Extent { rows: self.rows, row_height, viewport: frame.body.height() };
        let mut output = TableOutput::default();
        self.focus(ui, state, &extent, rows, &mut output);
        wheel(ui, &frame, state, &extent, total);
        state.fit(&extent, total - frame.cells.width());
        if let Some(empty) = self.empty.take_if(|_| self.rows == 0) {
            let mut child = ui.new_child(UiBuilder::new().max_rect(frame.body));
            child.shrink_clip_rect(frame.body);
            empty(&mut child);
        }
        let body =
            Body { id: self.id, columns: self.columns, widths: &widths, extent, frame: &frame, text: self.text, checks: self.checks };
        body.show(ui, state, rows, &mut output);
        let action = self.head(&frame, &widths, state).show(ui);
        self.apply(action, state, &mut output);
        if let Some(bar) = frame.vertical {
            table_bars::vertical(ui, bar, self.id, &mut state.position, &extent, tokens);
        }
        if let Some(bar) = frame.horizontal {
            let sideways = table_bars::Sideways { total, viewport: frame.cells.width() };
            table_bars::horizontal(ui, bar, self.id, &mut state.scroll_x, &sideways, tokens);
        }
        output
    }

    fn frame(&self, inner: Rect, state: &TableState, row_height: f32, tokens: &Tokens) -> Frame {
        let needed = table_head::widths(self.columns, &state.widths, 0.0).iter().sum();
        let wanted = table_bars::Wanted {
            head: tokens.height.header,
            checks: if self.checks.is_some() { tokens.height.header } else { 0.0 },
            width: needed,
            height: self.rows as f64 * f64::from(row_height),
        };
        table_bars::split(inner, &wanted)
    }

    fn head<'b>(&'b self, frame: &'b Frame, widths: &'b [f32], state: &'b TableState) -> Head<'b> {
        let all = self.rows > 0 && state.selection.count() == self.rows;
        let checked = if all {
            Some(true)
        } else if state.selection.is_empty() {
            Some(false)
        } else {
            None
        };
        let check = self.checks.map(|text| (text.all, checked));
        Head { columns: self.columns, widths, sort: self.sort, frame, scroll_x: state.scroll_x, id: self.id, check }
    }

    fn apply(&self, action: HeadAction, state: &mut TableState, output: &mut TableOutput) {
        output.sort = action.sort;
        match action.check_all {
            Some(true) => state.selection.set(0..self.rows),
            Some(false) => state.selection.clear(),
            None => {}
        }
        if let Some((index, width)) = action.resize {
            state.widths.resize(self.columns.len(), None);
            if let Some(place) = state.widths.get_mut(index) {
                *place = width;
            }
        }
    }

    /// The table is one stop of the Tab key; its own keys work while it has the focus.
    fn focus(&self, ui: &Ui, state: &mut TableState, extent: &Extent, rows: &mut impl TableRows, output: &mut TableOutput) {
        let response = ui.response();
        output.wants_focus = response.clicked() && ui.input(|input| input.pointer.any_click());
        if !response.has_focus() || self.rows == 0 {
            return;
        }
        let filter = egui::EventFilter { horizontal_arrows: true, vertical_arrows: true, ..Default::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(self.id, filter));
        let head = state.cursor.and_then(|row| rows.head(row));
        crate::table_keys::handle(ui, state, extent, head.map(|head| head.is_open), output);
    }
}

/// Wheel and touchpad, taken so that a scroll area around the table stays where it is.
fn wheel(ui: &Ui, frame: &Frame, state: &mut TableState, extent: &Extent, total_width: f32) {
    if !ui.rect_contains_pointer(frame.body) {
        return;
    }
    let vertical = extent.scrollable() > 0.0;
    let horizontal = total_width > frame.cells.width();
    let delta = ui.input_mut(|input| {
        let delta = input.smooth_scroll_delta;
        if vertical {
            input.smooth_scroll_delta.y = 0.0;
        }
        if horizontal {
            input.smooth_scroll_delta.x = 0.0;
        }
        delta
    });
    if vertical && delta.y != 0.0 {
        state.position.scroll(-delta.y, extent);
    }
    if horizontal {
        state.scroll_x -= delta.x;
    }
}
