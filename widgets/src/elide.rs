//! A label that shortens itself to the room it has, and says the rest on hover.

use std::sync::Arc;

use egui::{Align2, Color32, FontId, Galley, Painter, Response, Role, Sense, Ui, Vec2, Widget, WidgetInfo};

use crate::foreign::visible;
use crate::paint;
use crate::tokens::Tokens;

/// Where the "…" goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cut {
    /// "某某科技有限…": for names.
    #[default]
    End,
    /// "D:\票匣\…\2026-03.xlsx": for paths and long numbers whose both ends matter.
    Middle,
}

/// One line of text that never grows beyond the available width.
#[must_use = "put it into the ui with `ui.add(..)`"]
pub struct Elided<'a> {
    text: &'a str,
    tail: &'a str,
    cut: Cut,
    size: Option<f32>,
    color: Option<Color32>,
    width: Option<f32>,
    right: bool,
}

impl<'a> Elided<'a> {
    /// Cut at the end.
    pub fn new(text: &'a str) -> Self {
        Self { text, tail: "", cut: Cut::End, size: None, color: None, width: None, right: false }
    }

    /// Cut in the middle.
    pub fn middle(mut self) -> Self {
        self.cut = Cut::Middle;
        self
    }

    /// Stands behind the text and is never cut: the days behind a name.
    pub fn tail(mut self, tail: &'a str) -> Self {
        self.tail = tail;
        self
    }

    /// Text size in points instead of the body size.
    pub fn size(mut self, size: f32) -> Self {
        self.size = Some(size);
        self
    }

    /// Another colour than the text's.
    pub fn color(mut self, color: Color32) -> Self {
        self.color = Some(color);
        self
    }

    /// At most this wide, in points, instead of all available room.
    pub fn width(mut self, width: f32) -> Self {
        self.width = Some(width);
        self
    }

    /// This wide, whatever the text is, with the text at the right edge: amounts in a column.
    pub fn right(mut self, width: f32) -> Self {
        (self.width, self.right) = (Some(width), true);
        self
    }
}

impl Widget for Elided<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let tokens = Tokens::of(ui.ctx());
        let font = crate::fonts::text(self.size.unwrap_or(tokens.font.body));
        let color = self.color.unwrap_or_else(|| ui.visuals().text_color());
        let width = self.width.unwrap_or_else(|| ui.available_width());
        let tail = ui.painter().layout_no_wrap(visible(self.tail).into_owned(), font.clone(), color);
        let text = visible(self.text);
        let (galley, cut) = shorten(ui.painter(), &text, &font, color, (width - tail.size().x).max(0.0), self.cut);
        let size = Vec2::new(if self.right { width } else { (galley.size().x + tail.size().x).min(width) }, galley.size().y);
        let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
        let text = format!("{text}{}", self.tail);
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &*text));
        let (rect, behind) = rect.split_left_right_at_x(rect.right() - tail.size().x);
        paint::place(ui.painter(), behind, Align2::LEFT_CENTER, &tail);
        let align = if self.right { Align2::RIGHT_CENTER } else { Align2::LEFT_CENTER };
        paint::place(ui.painter(), rect, align, &galley);
        if cut { response.on_hover_text(text) } else { response }
    }
}

/// Lays out `text` in at most `width` points; the flag tells whether something was left out.
pub(crate) fn shorten(painter: &Painter, text: &str, font: &FontId, color: Color32, width: f32, cut: Cut) -> (Arc<Galley>, bool) {
    if cut == Cut::End {
        let galley = paint::line(painter, text, font.clone(), color, width);
        let elided = galley.elided;
        return (galley, elided);
    }
    let whole = paint::whole_line(painter, text, font.clone(), color);
    if whole.size().x <= width {
        return (whole, false);
    }
    let dots = paint::whole_line(painter, "…", font.clone(), color).size().x;
    let short = ends(&whole, text, width - dots);
    (paint::line(painter, &short, font.clone(), color, width), true)
}

/// The longest head and tail that together are at most `room` points wide, joined by "…".
fn ends(whole: &Galley, text: &str, room: f32) -> String {
    let advances: Vec<f32> = whole.rows.iter().flat_map(|row| row.glyphs.iter().map(|glyph| glyph.advance_width)).collect();
    let chars: Vec<char> = text.chars().collect();
    let mut left = 0;
    let mut right = chars.len().min(advances.len());
    let mut used = 0.0;
    while left < right {
        let from_left = left <= chars.len().saturating_sub(right);
        let next = if from_left { left } else { right - 1 };
        used += advances.get(next).copied().unwrap_or(f32::INFINITY);
        if used > room {
            break;
        }
        if from_left { left += 1 } else { right -= 1 }
    }
    let head = chars.iter().take(left);
    let tail = chars.iter().skip(right);
    head.chain(std::iter::once(&'…')).chain(tail).collect()
}
