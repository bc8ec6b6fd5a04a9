//! A sheet of paper measured in millimetres.

use std::sync::Arc;

use egui::epaint::TextShape;
use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Align2, Color32, Galley, Painter, Pos2, Rect, Stroke, StrokeKind, Ui, pos2, vec2};
use piaoxia_widgets::fonts;
use piaoxia_widgets::foreign::visible;
use piaoxia_widgets::tokens::Tokens;

/// Text size of labels and values, mm.
pub(super) const SIZE: f32 = 3.2;
/// What a value may come closer to its Chinese label than the label's end, mm.
const COLON: f32 = 1.5;
/// From an English label's end to its value, mm.
const GAP: f32 = 0.8;
/// Smallest part of its size that a text is drawn at before it is cut.
const SMALLEST: f32 = 0.8;

/// Which point of a text stands at its place; vertically it is always the middle.
#[derive(Clone, Copy)]
pub(super) enum Anchor {
    Left,
    Middle,
    Right,
}

/// What is written with.
#[derive(Clone, Copy)]
pub(super) enum Ink {
    /// The printed form.
    Form,
    /// What is filled in.
    Value,
    /// Notes that are not part of the form.
    Note,
}

/// A text and how it is written.
#[derive(Clone, Copy)]
pub(super) struct Writing<'t> {
    pub text: &'t str,
    pub ink: Ink,
    pub anchor: Anchor,
    /// mm.
    pub size: f32,
    /// Most width, mm: a longer text is made smaller, goes on in the next row where it has one, then is cut.
    pub fit: f32,
    /// Most rows.
    pub rows: usize,
}

impl<'t> Writing<'t> {
    /// A printed label.
    pub(super) fn label(text: &'t str) -> Self {
        Self { text, ink: Ink::Form, anchor: Anchor::Left, size: SIZE, fit: f32::INFINITY, rows: 1 }
    }

    /// Something filled in, at most `fit` mm wide.
    pub(super) fn value(text: &'t str, fit: f32) -> Self {
        Self { ink: Ink::Value, fit, ..Self::label(text) }
    }

    pub(super) fn anchor(self, anchor: Anchor) -> Self {
        Self { anchor, ..self }
    }

    pub(super) fn size(self, size: f32) -> Self {
        Self { size, ..self }
    }

    /// Something filled in that is to be read whole, such as the name of a party: on two small rows if need be.
    pub(super) fn whole(text: &'t str, fit: f32) -> Self {
        Self { rows: 2, ..Self::value(text, fit) }
    }
}

/// Draws in mm from the upper left corner.
pub(super) struct Canvas<'a> {
    painter: Painter,
    rect: Rect,
    scale: f32,
    tokens: &'a Tokens,
    visible: Rect,
}

impl<'a> Canvas<'a> {
    pub(super) fn new(ui: &Ui, rect: Rect, scale: f32, tokens: &'a Tokens) -> Self {
        Self { painter: ui.painter_at(rect), rect, scale, tokens, visible: ui.clip_rect() }
    }

    /// The paper itself.
    pub(super) fn sheet(&self) {
        let color = &self.tokens.color;
        self.painter.rect(self.rect, 0, color.surface, Stroke::new(1.0, color.hairline), StrokeKind::Inside);
    }

    /// Whether anything between these heights, mm, can be seen.
    pub(super) fn sees(&self, from: f32, to: f32) -> bool {
        self.at(0.0, to).y >= self.visible.top() && self.at(0.0, from).y <= self.visible.bottom()
    }

    pub(super) fn write(&self, writing: Writing<'_>, x: f32, y: f32) {
        if writing.text.is_empty() || !self.sees(y - 4.0, y + 4.0) {
            return;
        }
        let galley = self.fitted(&writing);
        let align = match writing.anchor {
            Anchor::Left => Align2::LEFT_CENTER,
            Anchor::Middle => Align2::CENTER_CENTER,
            Anchor::Right => Align2::RIGHT_CENTER,
        };
        let rect = align.anchor_size(self.at(x, y), galley.size());
        self.put(rect.min, galley);
    }

    /// Width of a label, mm.
    pub(super) fn width(&self, label: &str) -> f32 {
        self.fitted(&Writing::label(label)).size().x / self.scale
    }

    /// A label at `x`, and its value `indent` mm from there; further to the right behind a label that takes more room.
    pub(super) fn pair(&self, label: Writing<'_>, value: Writing<'_>, (x, indent): (f32, f32), y: f32) {
        let label_width = self.fitted(&label).size().x / self.scale;
        // The colon of a Chinese label ends with half a character of nothing.
        let ends = if label.text.is_ascii() { label_width + GAP } else { label_width - COLON };
        let more = (ends - indent).max(0.0);
        self.write(label, x, y);
        self.write(Writing { fit: value.fit - more, ..value }, x + indent + more, y);
    }

    /// A text on as many lines as it needs and the box has room for; the last one ends with … where it is cut.
    pub(super) fn write_box(&self, text: &str, area: Rect) {
        if text.is_empty() || !self.sees(area.top(), area.bottom()) {
            return;
        }
        let font = fonts::text(SIZE * self.scale);
        let mut job = LayoutJob::single_section(visible(text).into_owned(), TextFormat::simple(font, self.color(Ink::Value)));
        let rows = (area.height() / (SIZE * 1.45)).floor().max(1.0);
        job.wrap =
            TextWrapping { max_width: area.width() * self.scale, max_rows: rows as usize, break_anywhere: true, ..TextWrapping::default() };
        let galley = self.painter.layout_job(job);
        self.put(self.at(area.left(), area.top()), galley);
    }

    /// Centred on `x` between two heights: one character under the other, Latin letters turned to the left.
    pub(super) fn upright(&self, text: &str, x: f32, from: f32, to: f32) {
        if text.is_ascii() {
            return self.turned(&Writing { fit: to - from, ..Writing::label(text) }, x, (from + to) / 2.0);
        }
        let count = text.chars().count().max(1) as f32;
        let pitch = ((to - from) / count).min(SIZE * 1.4);
        let first = (from + to - pitch * (count - 1.0)) / 2.0;
        for (place, character) in text.chars().enumerate() {
            let mut bytes = [0; 4];
            let writing = Writing::label(character.encode_utf8(&mut bytes)).anchor(Anchor::Middle);
            self.write(writing, x, first + pitch * place as f32);
        }
    }

    fn turned(&self, writing: &Writing<'_>, x: f32, y: f32) {
        let galley = self.fitted(writing);
        let (middle, size) = (self.at(x, y), galley.size());
        let corner = middle + vec2(-size.y, size.x) / 2.0;
        let shape = TextShape::new(corner, galley, Color32::PLACEHOLDER).with_angle(-std::f32::consts::FRAC_PI_2);
        self.painter.add(shape);
    }

    pub(super) fn across(&self, x: f32, y: f32, length: f32) {
        self.line(pos2(x, y), pos2(x + length, y));
    }

    pub(super) fn down(&self, x: f32, y: f32, length: f32) {
        self.line(pos2(x, y), pos2(x, y + length));
    }

    pub(super) fn frame(&self, area: Rect) {
        let rect = Rect::from_min_max(self.at(area.left(), area.top()), self.at(area.right(), area.bottom()));
        self.painter.rect_stroke(rect, 0, self.stroke(), StrokeKind::Middle);
    }

    /// ⊗ in front of the amount in words.
    pub(super) fn cross(&self, x: f32, y: f32) {
        const RADIUS: f32 = 1.7;
        let reach = RADIUS * std::f32::consts::FRAC_1_SQRT_2;
        self.painter.circle_stroke(self.at(x, y), RADIUS * self.scale, self.stroke());
        self.line(pos2(x - reach, y - reach), pos2(x + reach, y + reach));
        self.line(pos2(x - reach, y + reach), pos2(x + reach, y - reach));
    }

    /// The title with its double underline.
    pub(super) fn title(&self, text: &str, y: f32) {
        self.write(Writing { size: 6.4, fit: 90.0, ..Writing::label(text) }.anchor(Anchor::Middle), 105.0, y);
        self.across(62.0, y + 5.4, 86.0);
        self.across(62.0, y + 6.4, 86.0);
    }

    /// The note below the form.
    pub(super) fn foot(&self, text: &str) {
        let y = self.rect.height() / self.scale - 3.6;
        self.write(Writing { ink: Ink::Note, size: 2.8, ..Writing::label(text) }.anchor(Anchor::Middle), 105.0, y);
    }

    fn at(&self, x: f32, y: f32) -> Pos2 {
        self.rect.min + vec2(x, y) * self.scale
    }

    fn line(&self, from: Pos2, to: Pos2) {
        self.painter.line_segment([self.at(from.x, from.y), self.at(to.x, to.y)], self.stroke());
    }

    fn stroke(&self) -> Stroke {
        Stroke::new(1.0, self.tokens.color.form)
    }

    fn color(&self, ink: Ink) -> Color32 {
        match ink {
            Ink::Form => self.tokens.color.form,
            Ink::Value => self.tokens.color.text,
            Ink::Note => self.tokens.color.text_hint,
        }
    }

    fn fitted(&self, writing: &Writing<'_>) -> Arc<Galley> {
        let width = writing.fit * self.scale;
        let galley = self.layout(writing, 1.0, f32::INFINITY, 1);
        if galley.size().x <= width {
            return galley;
        }
        let smaller = width / galley.size().x;
        let rows = if smaller < SMALLEST { writing.rows } else { 1 };
        self.layout(writing, smaller.max(SMALLEST), width, rows)
    }

    fn layout(&self, writing: &Writing<'_>, shrink: f32, width: f32, rows: usize) -> Arc<Galley> {
        let font = fonts::text(writing.size * self.scale * shrink);
        let mut job = LayoutJob::single_section(visible(writing.text).into_owned(), TextFormat::simple(font, self.color(writing.ink)));
        job.wrap = TextWrapping { max_width: width, max_rows: rows, break_anywhere: true, ..TextWrapping::default() };
        job.break_on_newline = false;
        self.painter.layout_job(job)
    }

    /// On whole pixels, so that the glyphs stay sharp.
    fn put(&self, at: Pos2, galley: Arc<Galley>) {
        let pixels = self.painter.pixels_per_point();
        let snap = |value: f32| (value * pixels).round() / pixels;
        self.painter.galley(pos2(snap(at.x), snap(at.y)), galley, Color32::PLACEHOLDER);
    }
}
