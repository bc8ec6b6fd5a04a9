//! Content streams: texts, lines and marks of the layout as PDF operators.

use pdf_writer::types::TextRenderingMode;
use pdf_writer::{Content, Str};

use super::typeset::Typeset;
use super::{FONT, QR, SEAL, points};
use crate::originals::font::UNITS;
use crate::originals::layout::{Anchor, Ink, Item, Stamp, Text};
use crate::originals::seal::{Art, HEIGHT, Step};

/// Width of ruled lines, mm.
const RULE: f64 = 0.25;
/// Control points of a quarter circle lie this part of the radius away.
const QUARTER: f64 = 0.552_284_75;
/// Seal red.
const RED: [f32; 3] = [0.88, 0.12, 0.12];

/// Writes what lies on a page of that height, mm; the seals come last, over the texts.
pub(super) fn items(items: &[Item], height: f64, stamps: &[&Stamp], typeset: &Typeset) -> Vec<u8> {
    let mut writer = Writer { content: Content::new(), height, typeset };
    writer.content.save_state();
    writer.content.set_line_width(points(RULE));
    let [red, green, blue] = rgb(Ink::Brown);
    writer.content.set_stroke_rgb(red, green, blue);
    for item in items {
        writer.item(item);
    }
    for stamp in stamps {
        let place = [points(1.0), 0.0, 0.0, points(1.0), points(stamp.x), writer.up(stamp.y + f64::from(HEIGHT))];
        writer.content.save_state().transform(place).x_object(SEAL).restore_state();
    }
    writer.content.restore_state();
    writer.content.finish().into_vec()
}

/// The seal's curves in a box of its size in mm, y upwards.
pub(super) fn seal(art: &Art) -> Vec<u8> {
    let mut content = Content::new();
    content.set_fill_rgb(RED[0], RED[1], RED[2]);
    let at = |(x, y): (f64, f64)| (short(x), short(f64::from(HEIGHT) - y));
    for step in art.steps() {
        match *step {
            Step::Move(to) => {
                let (x, y) = at(to);
                content.move_to(x, y);
            }
            Step::Line(to) => {
                let (x, y) = at(to);
                content.line_to(x, y);
            }
            Step::Curve(first, second, to) => {
                let ((x1, y1), (x2, y2), (x3, y3)) = (at(first), at(second), at(to));
                content.cubic_to(x1, y1, x2, y2, x3, y3);
            }
            Step::Close => {
                content.close_path();
            }
        }
    }
    content.fill_nonzero();
    content.finish().into_vec()
}

struct Writer<'a> {
    content: Content,
    height: f64,
    typeset: &'a Typeset,
}

impl Writer<'_> {
    /// A y from the top, mm, as points from the foot.
    fn up(&self, y: f64) -> f32 {
        points(self.height - y)
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Text(text) => self.text(text),
            Item::Line(line) => {
                self.content.move_to(points(line.from.0), self.up(line.from.1));
                self.content.line_to(points(line.to.0), self.up(line.to.1)).stroke();
            }
            Item::Cross { x, y, radius } => self.cross(*x, *y, *radius),
            Item::Qr { x, y, side } => {
                let place = [points(*side), 0.0, 0.0, points(*side), points(*x), self.up(y + side)];
                self.content.save_state().transform(place).x_object(QR).restore_state();
            }
        }
    }

    fn text(&mut self, text: &Text) {
        if text.text.is_empty() {
            return;
        }
        let whole = format!("{}{}", if text.yuan { "¥" } else { "" }, text.text);
        let wide = self.typeset.width(&whole);
        let size = text.size.min(text.fit / wide);
        let mut x = match text.anchor {
            Anchor::Left => text.x,
            Anchor::Middle => text.x - wide * size / 2.0,
            Anchor::Right => text.x - wide * size,
        };
        let [red, green, blue] = rgb(text.ink);
        self.content.set_fill_rgb(red, green, blue);
        let characters: Vec<char> = whole.chars().collect();
        for run in characters.chunk_by(|one, next| self.typeset.character(*one).drawn == self.typeset.character(*next).drawn) {
            let drawn = run.first().is_some_and(|character| self.typeset.character(*character).drawn);
            self.show(run, x, text.y, size, drawn);
            x += run.iter().map(|character| f64::from(self.typeset.character(*character).advance)).sum::<f64>() / UNITS * size;
        }
    }

    /// Characters side by side. Those that the font lacks are invisible text with a square over each.
    fn show(&mut self, run: &[char], x: f64, y: f64, size: f64, drawn: bool) {
        let codes: Vec<u8> = run.iter().flat_map(|character| self.typeset.character(*character).cid.to_be_bytes()).collect();
        let place = [1.0, 0.0, 0.0, 1.0, points(x), self.up(y)];
        self.content.begin_text().set_font(FONT, points(size));
        if !drawn {
            self.content.set_text_rendering_mode(TextRenderingMode::Invisible);
        }
        self.content.set_text_matrix(place).show(Str(&codes)).end_text();
        if drawn {
            return;
        }
        self.content.set_text_rendering_mode(TextRenderingMode::Fill);
        for at in 0..run.len() {
            let left = x + (at as f64 + 0.1) * size;
            self.content.rect(points(left), self.up(y), points(size * 0.8), points(size * 0.8)).stroke();
        }
    }

    fn cross(&mut self, x: f64, y: f64, radius: f64) {
        let (near, arm) = (radius * QUARTER, radius * 0.707);
        self.content.move_to(points(x + radius), self.up(y));
        for (cos, sin) in [(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)] {
            let (next_cos, next_sin) = (-sin, cos);
            let first = (x + radius * cos + near * next_cos, y + radius * sin + near * next_sin);
            let second = (x + radius * next_cos + near * cos, y + radius * next_sin + near * sin);
            let end = (x + radius * next_cos, y + radius * next_sin);
            let [first, second, end] = [first, second, end].map(|(x, y)| (points(x), self.up(y)));
            self.content.cubic_to(first.0, first.1, second.0, second.1, end.0, end.1);
        }
        for way in [1.0, -1.0] {
            self.content.move_to(points(x - arm), self.up(y - arm * way));
            self.content.line_to(points(x + arm), self.up(y + arm * way));
        }
        self.content.stroke();
    }
}

fn rgb(ink: Ink) -> [f32; 3] {
    ink.rgb().map(|part| f32::from(part) / 255.0)
}

/// Two decimals of a mm are finer than any printer.
fn short(mm: f64) -> f32 {
    ((mm * 100.0).round() / 100.0) as f32
}
