//! The seal as a drawing: two ellipses and three lines of characters, in mm, y downwards.

use skrifa::outline::OutlinePen;

use super::{HEIGHT, WIDTH};
use crate::originals::OriginalError;
use crate::originals::font::{Font, UNITS};

/// A point in mm from the upper left corner of the seal.
pub(in crate::originals) type Point = (f64, f64);

/// A step of a path.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::originals) enum Step {
    /// Start of a contour.
    Move(Point),
    /// Straight line.
    Line(Point),
    /// Cubic curve: two control points, end.
    Curve(Point, Point, Point),
    /// End of a contour.
    Close,
}

/// One path, filled by the non-zero rule.
pub(in crate::originals) struct Art {
    steps: Vec<Step>,
}

const CENTRE: Point = (WIDTH as f64 / 2.0, HEIGHT as f64 / 2.0);
/// Control points of a quarter circle lie this part of the radius away.
const QUARTER: f64 = 0.552_284_75;

impl Art {
    /// The seal of a bureau: 全国统一发票监制章 above, the sandbox's mark in the middle, the bureau below.
    pub(super) fn new(bureau: &str, font: &Font) -> Result<Self, OriginalError> {
        let mut art = Self { steps: Vec::new() };
        art.ring((14.9, 9.9), (14.1, 9.1));
        art.ring((13.5, 8.5), (13.3, 8.3));
        art.arc("全国统一发票监制章", Arc { radii: (10.9, 6.1), size: 2.6, pitch: 2.85, upper: true }, font)?;
        art.row("沙箱测试专用", 2.3, CENTRE.1 + 0.8, font)?;
        // Long names (自治区) move closer together.
        let pitch = (19.0 / bureau.chars().count() as f64).min(2.6);
        art.arc(bureau, Arc { radii: (11.0, 6.4), size: pitch.min(2.3), pitch, upper: false }, font)?;
        Ok(art)
    }

    /// The path.
    pub(in crate::originals) fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The band between two ellipses, the inner one drawn the other way round so that it stays empty.
    fn ring(&mut self, outer: Point, inner: Point) {
        self.ellipse(outer, 1.0);
        self.ellipse(inner, -1.0);
    }

    fn ellipse(&mut self, (a, b): Point, way: f64) {
        let at = |x: f64, y: f64| (CENTRE.0 + a * x, CENTRE.1 + b * y * way);
        self.steps.push(Step::Move(at(1.0, 0.0)));
        for (x, y) in [(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)] {
            let (next_x, next_y) = (-y, x);
            self.steps.push(Step::Curve(
                at(x + QUARTER * next_x, y + QUARTER * next_y),
                at(next_x + QUARTER * x, next_y + QUARTER * y),
                at(next_x, next_y),
            ));
        }
        self.steps.push(Step::Close);
    }

    /// Characters side by side around the middle, their feet on `baseline`.
    fn row(&mut self, text: &str, size: f64, baseline: f64, font: &Font) -> Result<(), OriginalError> {
        let pitch = size * 1.05;
        let left = CENTRE.0 - pitch * text.chars().count() as f64 / 2.0;
        for (at, character) in text.chars().enumerate() {
            let middle = left + pitch * (at as f64 + 0.5);
            self.glyph(character, size, (middle, baseline - size * 0.38), 0.0, font)?;
        }
        Ok(())
    }

    /// Characters along an ellipse, evenly spaced and upright to the curve, around its highest or lowest point.
    fn arc(&mut self, text: &str, arc: Arc, font: &Font) -> Result<(), OriginalError> {
        let last = text.chars().count().saturating_sub(1) as f64;
        let (a, b) = arc.radii;
        let side = if arc.upper { 1.0 } else { -1.0 };
        for (at, character) in text.chars().enumerate() {
            let angle = arc.angle(arc.pitch * (at as f64 - last / 2.0));
            let middle = (CENTRE.0 + a * angle.sin(), CENTRE.1 - side * b * angle.cos());
            let turn = side * (b * angle.sin()).atan2(a * angle.cos());
            self.glyph(character, arc.size, middle, turn, font)?;
        }
        Ok(())
    }

    /// One character of a height, turned clockwise around the middle of its square.
    fn glyph(&mut self, character: char, size: f64, middle: Point, turn: f64, font: &Font) -> Result<(), OriginalError> {
        let mut pen = Placed { steps: &mut self.steps, scale: size / UNITS, middle, sine: turn.sin(), cosine: turn.cos() };
        font.outline(character, &mut pen)
    }
}

/// How characters lie on an ellipse.
#[derive(Clone, Copy)]
struct Arc {
    radii: Point,
    size: f64,
    /// Way along the ellipse from one character to the next, mm.
    pitch: f64,
    upper: bool,
}

impl Arc {
    /// The angle from the middle at which the way along the ellipse is this long, mm; summed up in small steps, since an
    /// ellipse has no formula for it.
    fn angle(self, way: f64) -> f64 {
        const STEP: f64 = 0.002;
        let (mut angle, mut gone) = (0.0_f64, 0.0);
        while gone < way.abs() && angle < std::f64::consts::PI {
            gone += (self.radii.0 * angle.cos()).hypot(self.radii.1 * angle.sin()) * STEP;
            angle += STEP;
        }
        angle.copysign(way)
    }
}

/// Takes outlines in font units and puts them in place.
struct Placed<'a> {
    steps: &'a mut Vec<Step>,
    scale: f64,
    middle: Point,
    sine: f64,
    cosine: f64,
}

impl Placed<'_> {
    /// The middle of an ideograph lies at (500, 380) font units.
    fn at(&self, x: f32, y: f32) -> Point {
        let (x, y) = ((f64::from(x) - 500.0) * self.scale, (380.0 - f64::from(y)) * self.scale);
        (self.middle.0 + x * self.cosine - y * self.sine, self.middle.1 + x * self.sine + y * self.cosine)
    }
}

impl OutlinePen for Placed<'_> {
    fn move_to(&mut self, x: f32, y: f32) {
        self.steps.push(Step::Move(self.at(x, y)));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.steps.push(Step::Line(self.at(x, y)));
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        // CFF outlines have no quadratic curves; a cubic one through the same control point is close.
        self.curve_to(cx, cy, cx, cy, x, y);
    }

    fn curve_to(&mut self, cx0: f32, cy0: f32, cx1: f32, cy1: f32, x: f32, y: f32) {
        self.steps.push(Step::Curve(self.at(cx0, cy0), self.at(cx1, cy1), self.at(x, y)));
    }

    fn close(&mut self) {
        self.steps.push(Step::Close);
    }
}
