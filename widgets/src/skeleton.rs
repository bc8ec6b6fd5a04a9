//! What stands where something is being loaded: for a moment its shape (骨架), then a progress bar with its words. Most things are
//! there before the moment is over, and nothing has flickered.

use std::time::Duration;

use egui::{Align, Context, CornerRadius, Id, Layout, Rect, Response, Role, Sense, Ui, Vec2, WidgetInfo, pos2};

use crate::progress::Progress;
use crate::tokens::Tokens;

/// Seconds of the shape alone.
pub const MOMENT: f64 = 0.3;
/// Height of a bar in place of a line of text, points.
const BAR: f32 = 10.0;
/// Widths of bars one below the other, as parts of the room.
const LINES: [f32; 4] = [0.62, 0.86, 0.74, 0.5];
/// Widths of the cells of a row, as parts of the row.
const CELLS: [f32; 5] = [0.12, 0.3, 0.2, 0.14, 0.14];

/// The shape of what is being loaded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// So many lines of text.
    Lines(u8),
    /// A table with so many rows.
    Rows(u8),
    /// A square with sides of so many points: a code, a picture.
    Square(f32),
    /// A sheet of paper as wide as the room, so many points high.
    Sheet(f32),
}

/// Something that is being loaded.
#[must_use = "draw it with `show`"]
pub struct Waiting<'a> {
    id: &'a str,
    words: &'a str,
    clock: f64,
    shape: Shape,
}

impl<'a> Waiting<'a> {
    /// `id` tells it from others, `words` say what is being loaded, `clock` counts seconds.
    pub fn new(id: &'a str, words: &'a str, clock: f64) -> Self {
        Self { id, words, clock, shape: Shape::Lines(3) }
    }

    /// Its shape; three lines where nobody says.
    pub fn shape(mut self, shape: Shape) -> Self {
        self.shape = shape;
        self
    }

    /// Draws it in the room that there is.
    pub fn show(self, ui: &mut Ui) -> Response {
        if is_late(ui.ctx(), self.id, self.clock) { self.progress(ui) } else { self.skeleton(ui) }
    }

    fn progress(&self, ui: &mut Ui) -> Response {
        let tokens = Tokens::of(ui.ctx());
        let width = ui.available_width();
        // As high as the shape was: what stands below stays where it is.
        let size = Vec2::new(width, self.size(width, &tokens).y);
        ui.allocate_ui_with_layout(size, Layout::top_down(Align::Center), |ui| {
            ui.set_min_size(size);
            ui.add_space(((size.y - 40.0) / 2.0).max(0.0));
            ui.label(egui::RichText::new(self.words).color(tokens.color.text_secondary));
            ui.add(Progress::endless(self.words).width(width.min(240.0)));
        })
        .response
    }

    fn skeleton(&self, ui: &mut Ui) -> Response {
        let tokens = Tokens::of(ui.ctx());
        let size = self.size(ui.available_width(), &tokens);
        let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
        // Read out as what it stands for.
        response.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, self.words));
        let radius = CornerRadius::same(tokens.radius.control);
        let bar = |rect: Rect| {
            ui.painter().rect_filled(rect, radius, tokens.color.hairline);
        };
        let step = tokens.height.row;
        match self.shape {
            Shape::Square(_) | Shape::Sheet(_) => bar(rect),
            Shape::Lines(lines) => {
                for (line, part) in (0..lines).zip(LINES.iter().cycle()) {
                    let top = rect.top() + f32::from(line) * step + (step - BAR) / 2.0;
                    bar(Rect::from_min_size(pos2(rect.left(), top), Vec2::new(rect.width() * part, BAR)));
                }
            }
            Shape::Rows(rows) => {
                for row in 0..rows {
                    let top = rect.top() + f32::from(row) * step + (step - BAR) / 2.0;
                    let mut left = rect.left() + tokens.space.s;
                    for part in CELLS {
                        bar(Rect::from_min_size(pos2(left, top), Vec2::new(rect.width() * part * 0.8, BAR)));
                        left += rect.width() * part;
                    }
                }
            }
        }
        response
    }

    fn size(&self, width: f32, tokens: &Tokens) -> Vec2 {
        match self.shape {
            Shape::Lines(lines) | Shape::Rows(lines) => Vec2::new(width, f32::from(lines) * tokens.height.row),
            Shape::Square(side) => Vec2::splat(side),
            Shape::Sheet(high) => Vec2::new(width, high),
        }
    }
}

/// Whether what is called `id` has been waited for longer than the moment. To be asked in every frame in which it is waited for;
/// a frame in between ends the waiting. `clock` counts seconds.
pub fn is_late(ctx: &Context, id: &str, clock: f64) -> bool {
    let id = Id::unique(("waiting", id));
    let pass = ctx.cumulative_pass_nr();
    let seen: Option<(u64, f64)> = ctx.data(|data| data.get_temp(id));
    let since = seen.filter(|(last, _)| pass.saturating_sub(*last) <= 2).map_or(clock, |(_, since)| since);
    ctx.data_mut(|data| data.insert_temp(id, (pass, since)));
    let left = since + MOMENT - clock;
    if left > 0.0 {
        ctx.request_repaint_after(Duration::from_secs_f64(left));
    }
    left <= 0.0
}
