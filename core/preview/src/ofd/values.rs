//! Values of attributes and texts: lengths in mm, boxes, matrices, lists of steps.

use hayro::kurbo::{Affine, Rect};

use super::xml::Element;
use crate::limits;

/// A finite number, held to what a page can mean.
pub(super) fn number(text: &str) -> Option<f64> {
    let number: f64 = text.trim().parse().ok()?;
    number.is_finite().then(|| number.clamp(-limits::COORDINATE, limits::COORDINATE))
}

/// Numbers with blanks between them; what is no number is left out.
pub(super) fn numbers(text: &str) -> Vec<f64> {
    text.split([' ', '\t', '\r', '\n', ',']).filter(|piece| !piece.is_empty()).filter_map(number).collect()
}

/// An attribute as a number.
pub(super) fn attribute(element: &Element, name: &str) -> Option<f64> {
    element.attribute(name).and_then(number)
}

/// An attribute as true or false.
pub(super) fn flag(element: &Element, name: &str) -> Option<bool> {
    match element.attribute(name)?.trim() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// `x y width height` (ST_Box).
pub(super) fn rectangle(text: &str) -> Option<Rect> {
    match numbers(text).as_slice() {
        [x, y, width, height] => Some(Rect::new(*x, *y, x + width.max(0.0), y + height.max(0.0))),
        _ => None,
    }
}

/// `a b c d e f`, column vectors as in PDF.
pub(super) fn matrix(text: &str) -> Option<Affine> {
    match numbers(text).as_slice() {
        [a, b, c, d, e, f] => Some(Affine::new([*a, *b, *c, *d, *e, *f])),
        _ => None,
    }
}

/// A list of steps in which `g n s` stands for n times s (`DeltaX`, `DeltaY`); at most `most` of them.
pub(super) fn steps(text: &str, most: usize) -> Vec<f64> {
    let mut steps = Vec::new();
    let mut pieces = text.split([' ', '\t', '\r', '\n', ',']).filter(|piece| !piece.is_empty());
    while let Some(piece) = pieces.next() {
        if steps.len() >= most {
            break;
        }
        if matches!(piece, "g" | "G") {
            let count = pieces.next().and_then(|count| count.parse::<usize>().ok()).unwrap_or_default();
            let step = pieces.next().and_then(number).unwrap_or_default();
            steps.extend(std::iter::repeat_n(step, count.min(most - steps.len())));
        } else if let Some(step) = number(piece) {
            steps.push(step);
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_spelled_out() {
        assert_eq!(steps("g 4 1.5 3 g 2 1", 10), [1.5, 1.5, 1.5, 1.5, 3.0, 1.0, 1.0]);
        assert_eq!(steps("g 4000000000 1", 3), [1.0, 1.0, 1.0]);
        assert_eq!(steps("g", 3), Vec::<f64>::new());
        assert_eq!(steps("1 x 2", 3), [1.0, 2.0]);
    }

    #[test]
    fn numbers_are_finite_and_bounded() {
        assert_eq!(numbers("1 nan inf 1e300 -2"), [1.0, limits::COORDINATE, -2.0]);
        assert_eq!(rectangle("1 2 -3 4"), Some(Rect::new(1.0, 2.0, 1.0, 6.0)));
        assert_eq!(matrix("1 2 3"), None);
    }
}
