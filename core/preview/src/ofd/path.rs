//! Outlines in the short form of `AbbreviatedData` (GB/T 33190-2016, 9.1).

use hayro::kurbo::{Arc, BezPath, Point, SvgArc, Vec2};

use super::budget::Budget;
use super::values::number;
use crate::error::PreviewError;

/// How far an arc's curves may be off, mm.
const TOLERANCE: f64 = 0.01;

/// The outline that a text describes. It ends where the text stops making sense: half an outline tells more than none.
pub(super) fn outline(text: &str, budget: &mut Budget) -> Result<BezPath, PreviewError> {
    let mut pieces = text.split([' ', '\t', '\r', '\n', ',']).filter(|piece| !piece.is_empty()).peekable();
    let mut pen = Pen { path: BezPath::new(), start: Point::ZERO, at: Point::ZERO, is_open: false };
    while let Some(operator) = pieces.next() {
        budget.commands(1)?;
        let mut values = [0.0; 7];
        let mut count = 0;
        while let Some(value) = pieces.peek().copied().and_then(number) {
            if let Some(slot) = values.get_mut(count) {
                *slot = value;
            }
            count += 1;
            pieces.next();
        }
        if pen.draw(operator, count, values).is_none() {
            break;
        }
    }
    Ok(pen.path)
}

struct Pen {
    path: BezPath,
    start: Point,
    at: Point,
    is_open: bool,
}

impl Pen {
    /// None for what is no command.
    fn draw(&mut self, operator: &str, count: usize, [a, b, c, d, e, f, g]: [f64; 7]) -> Option<()> {
        match (operator, count) {
            ("S" | "M", 2) => {
                self.start = Point::new(a, b);
                self.at = self.start;
                self.is_open = false;
            }
            ("L", 2) => {
                self.begin();
                self.to(Point::new(a, b), |path, end| path.line_to(end));
            }
            ("Q", 4) => {
                self.begin();
                self.to(Point::new(c, d), |path, end| path.quad_to(Point::new(a, b), end));
            }
            ("B", 6) => {
                self.begin();
                self.to(Point::new(e, f), |path, end| path.curve_to(Point::new(a, b), Point::new(c, d), end));
            }
            ("A", 7) => {
                self.begin();
                self.arc(Vec2::new(a, b), c, (d > 0.5, e > 0.5), Point::new(f, g));
            }
            ("C", 0) => {
                if self.is_open {
                    self.path.close_path();
                }
                self.is_open = false;
                self.at = self.start;
            }
            _ => return None,
        }
        Some(())
    }

    fn begin(&mut self) {
        if !self.is_open {
            self.path.move_to(self.at);
            self.start = self.at;
            self.is_open = true;
        }
    }

    fn to(&mut self, end: Point, draw: impl FnOnce(&mut BezPath, Point)) {
        draw(&mut self.path, end);
        self.at = end;
    }

    /// An arc of an ellipse; a straight line where the radii make none.
    fn arc(&mut self, radii: Vec2, degrees: f64, (large_arc, sweep): (bool, bool), end: Point) {
        let svg = SvgArc { from: self.at, to: end, radii, x_rotation: degrees.to_radians(), large_arc, sweep };
        match Arc::from_svg_arc(&svg) {
            Some(arc) => arc.to_cubic_beziers(TOLERANCE, |a, b, c| self.path.curve_to(a, b, c)),
            None => self.path.line_to(end),
        }
        self.at = end;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use hayro::kurbo::Shape as _;

    use super::*;
    use crate::error::Cancel;
    use crate::limits;

    fn drawn(text: &str) -> BezPath {
        outline(text, &mut Budget::new(&Cancel::default())).unwrap()
    }

    #[test]
    fn shapes_have_their_areas() {
        assert!((drawn("M 0 0 L 10 0 L 10 5 L 0 5 C").area() - 50.0).abs() < 1e-9);
        // Two half circles of radius 3.
        let circle = drawn("M 0 3 A 3 3 0 0 1 6 3 A 3 3 0 0 1 0 3 C");
        assert!((circle.area().abs() - std::f64::consts::PI * 9.0).abs() < 0.05, "{}", circle.area());
        assert_eq!(drawn("S 0 0 L 156 0 C").to_svg(), "M0,0 L156,0 Z");
        assert_eq!(drawn("M 0 0 B 1 1 2 2 3 3 Q 4 4 5 5").elements().len(), 3);
        // After closing, the next line starts where the outline began.
        assert_eq!(drawn("M 1 1 L 2 1 L 2 2 C L 5 5").elements().last().and_then(|last| last.end_point()), Some(Point::new(5.0, 5.0)));
    }

    #[test]
    fn nonsense_ends_the_outline() {
        assert_eq!(drawn("M 0 0 L 1 1 X 3 L 2 2").elements().len(), 2);
        assert_eq!(drawn("L").elements().len(), 0);
        assert_eq!(drawn("1 2 3").elements().len(), 0);
        drawn("M 0 0 A 0 0 0 0 0 1 1 A 1e6 1e-6 1e6 1 1 0 0");
    }

    #[test]
    fn commands_are_counted() {
        let text = "M 0 0 ".repeat(limits::PATH_COMMANDS + 1);
        assert!(matches!(outline(&text, &mut Budget::new(&Cancel::default())), Err(PreviewError::TooMuch(_))));
    }
}
