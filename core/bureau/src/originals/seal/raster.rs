//! The seal's picture for GB/T 38540: the drawing filled in red on nothing.

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};

use super::art::{Art, Point, Step};
use super::{HEIGHT, WIDTH};
use crate::originals::OriginalError;

/// Pixels a mm: 305 dpi, what a printer needs.
const DENSITY: u16 = 12;
const COLUMNS: usize = (WIDTH * DENSITY) as usize;
const ROWS: usize = (HEIGHT * DENSITY) as usize;
/// Lines that are looked at in each row of pixels.
const LINES: usize = 4;
/// Steps from nothing to full red; few, because the picture is in every file and has to pack well.
const SHADES: u8 = 5;
/// Length of the straight pieces that a curve is cut into, pixels.
const PIECE: f64 = 3.0;
/// Seal red (印泥色).
const RED: [u8; 3] = [0xE0, 0x1F, 0x1F];

/// Where a line is crossed, and which way the outline runs there.
type Crossing = (f64, i32);

/// The picture as PNG with transparency.
pub(super) fn png(art: &Art) -> Result<Vec<u8>, OriginalError> {
    let mut lines = Lines(vec![Vec::new(); ROWS * LINES]);
    lines.draw(art);
    let mut pixels = Vec::with_capacity(COLUMNS * ROWS * 4);
    for row in lines.0.chunks_mut(LINES) {
        let mut cover = [0.0_f64; COLUMNS];
        for crossings in row {
            fill_line(crossings, &mut cover);
        }
        for share in cover {
            // Shares lie between 0 and LINES; the cast saturates.
            let shade = (share / LINES as f64 * f64::from(SHADES)).round() as u8;
            pixels.extend(RED);
            pixels.push(shade * (u8::MAX / SHADES));
        }
    }
    let mut png = Vec::new();
    let encoder = PngEncoder::new_with_quality(&mut png, CompressionType::Default, FilterType::NoFilter);
    encoder.write_image(&pixels, u32::from(WIDTH * DENSITY), u32::from(HEIGHT * DENSITY), ExtendedColorType::Rgba8)?;
    Ok(png)
}

/// Adds what one horizontal line crosses, by the non-zero rule.
fn fill_line(crossings: &mut [Crossing], cover: &mut [f64]) {
    crossings.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut winding = 0;
    let mut start = 0.0;
    for (x, way) in crossings {
        if winding == 0 {
            start = *x;
        }
        winding += *way;
        if winding == 0 {
            fill_span(start, *x, cover);
        }
    }
}

fn fill_span(from: f64, to: f64, cover: &mut [f64]) {
    let first = from.max(0.0) as usize;
    for (column, share) in cover.iter_mut().enumerate().skip(first).take_while(|(column, _)| (*column as f64) < to) {
        *share += (to.min(column as f64 + 1.0) - from.max(column as f64)).max(0.0);
    }
}

/// The crossings of every horizontal line, top to bottom.
struct Lines(Vec<Vec<Crossing>>);

impl Lines {
    fn draw(&mut self, art: &Art) {
        let (mut start, mut now) = ((0.0, 0.0), (0.0, 0.0));
        for step in art.steps() {
            match *step {
                Step::Move(to) => (start, now) = (to, to),
                Step::Line(to) => {
                    self.piece(now, to);
                    now = to;
                }
                Step::Curve(first, second, to) => {
                    let from = now;
                    let length = (to.0 - from.0).hypot(to.1 - from.1) * f64::from(DENSITY);
                    let pieces = (length / PIECE).ceil().clamp(2.0, 100.0);
                    for piece in 1..=pieces as u16 {
                        let next = on_curve(from, first, second, to, f64::from(piece) / pieces);
                        self.piece(now, next);
                        now = next;
                    }
                }
                Step::Close => {
                    self.piece(now, start);
                    now = start;
                }
            }
        }
    }

    /// Notes where a straight piece, in mm, crosses the lines between its ends.
    fn piece(&mut self, from: Point, to: Point) {
        let scale = |point: Point| (point.0 * f64::from(DENSITY), point.1 * f64::from(DENSITY) * LINES as f64 - 0.5);
        let (from, to) = (scale(from), scale(to));
        let (top, bottom, way) = if from.1 <= to.1 { (from, to, 1) } else { (to, from, -1) };
        // Line n lies at y = n; a piece owns the lines from its top up to, but not including, its foot.
        let (first, last) = (top.1.ceil().max(0.0) as usize, bottom.1.ceil().max(0.0) as usize);
        for (line, crossings) in self.0.iter_mut().enumerate().take(last).skip(first) {
            let part = (line as f64 - top.1) / (bottom.1 - top.1);
            crossings.push((top.0 + part * (bottom.0 - top.0), way));
        }
    }
}

fn on_curve(from: Point, first: Point, second: Point, to: Point, part: f64) -> Point {
    let rest = 1.0 - part;
    let mix = |a: f64, b: f64, c: f64, d: f64| {
        rest.powi(3) * a + 3.0 * rest.powi(2) * part * b + 3.0 * rest * part.powi(2) * c + part.powi(3) * d
    };
    (mix(from.0, first.0, second.0, to.0), mix(from.1, first.1, second.1, to.1))
}
