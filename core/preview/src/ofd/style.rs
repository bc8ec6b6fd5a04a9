//! Colours and pens: what an object says, else its drawing parameter, else its layer's (GB/T 33190-2016, 8.2 and 8.3).

use super::resources::{Resources, Space};
use super::values::{attribute, number, numbers};
use super::xml::Element;
use crate::scene::{Cap, Colour, Join, Pen};

/// Width of a line of which nothing is said, mm.
const LINE_WIDTH: f64 = 0.353;
/// Longest spike of a mitred corner of which nothing is said, in widths.
const MITER: f64 = 3.528;
/// Most dashes and gaps of a pattern.
const DASHES: usize = 64;

/// What is said about drawing; the rest is left to what lies further out.
#[derive(Clone, Debug, Default)]
pub(super) struct Style {
    width: Option<f64>,
    join: Option<Join>,
    cap: Option<Cap>,
    miter: Option<f64>,
    dashes: Option<Vec<f64>>,
    dash_offset: Option<f64>,
    fill: Option<Colour>,
    stroke: Option<Colour>,
}

impl Style {
    /// What an object or a drawing parameter says itself.
    pub(super) fn read(element: &Element, resources: &Resources) -> Self {
        let colour = |name| element.child(name).map(|child| colour(child, resources));
        Self {
            width: attribute(element, "LineWidth").filter(|width| *width >= 0.0),
            join: element.attribute("Join").map(|name| match name {
                "Round" => Join::Round,
                "Bevel" => Join::Bevel,
                _ => Join::Miter,
            }),
            cap: element.attribute("Cap").map(|name| match name {
                "Round" => Cap::Round,
                "Square" => Cap::Square,
                _ => Cap::Butt,
            }),
            miter: attribute(element, "MiterLimit").filter(|limit| *limit >= 1.0),
            dashes: element.attribute("DashPattern").map(dashes),
            dash_offset: attribute(element, "DashOffset"),
            fill: colour("FillColor"),
            stroke: colour("StrokeColor"),
        }
    }

    /// This, and where it says nothing, `outer`.
    pub(super) fn over(self, outer: &Self) -> Self {
        Self {
            width: self.width.or(outer.width),
            join: self.join.or(outer.join),
            cap: self.cap.or(outer.cap),
            miter: self.miter.or(outer.miter),
            dashes: self.dashes.or_else(|| outer.dashes.clone()),
            dash_offset: self.dash_offset.or(outer.dash_offset),
            fill: self.fill.or(outer.fill),
            stroke: self.stroke.or(outer.stroke),
        }
    }

    pub(super) fn fill(&self) -> Colour {
        self.fill.unwrap_or(Colour::BLACK)
    }

    pub(super) fn stroke(&self) -> Colour {
        self.stroke.unwrap_or(Colour::BLACK)
    }

    pub(super) fn pen(&self) -> Pen {
        Pen {
            width: self.width.unwrap_or(LINE_WIDTH),
            join: self.join.unwrap_or(Join::Miter),
            cap: self.cap.unwrap_or(Cap::Butt),
            miter: self.miter.unwrap_or(MITER),
            dashes: self.dashes.clone().unwrap_or_default(),
            dash_offset: self.dash_offset.unwrap_or_default(),
        }
    }
}

/// A usable pattern, or none: it must get on.
fn dashes(text: &str) -> Vec<f64> {
    let mut dashes = numbers(text);
    dashes.truncate(DASHES);
    let is_usable = dashes.iter().all(|length| *length >= 0.0) && dashes.iter().sum::<f64>() > 0.05;
    if is_usable { dashes } else { Vec::new() }
}

/// A colour. Of a shading its first colour is taken: invoices have none, and a page with one still shows its shape.
fn colour(element: &Element, resources: &Resources) -> Colour {
    if element.attribute("Value").is_none() {
        let stop = element.children.iter().flat_map(|shading| shading.children("Segment")).find_map(|segment| segment.child("Color"));
        if let Some(stop) = stop {
            return flat(stop, resources);
        }
    }
    flat(element, resources)
}

fn flat(element: &Element, resources: &Resources) -> Colour {
    let parts: Vec<f64> = element.attribute("Value").unwrap_or_default().split_whitespace().map(component).collect();
    let space = element.attribute("ColorSpace").and_then(|id| resources.space(id)).unwrap_or(match parts.len() {
        1 => Space::Grey,
        4 => Space::Cmyk,
        _ => Space::Rgb,
    });
    let part = |at: usize| parts.get(at).copied().unwrap_or_default().clamp(0.0, 255.0);
    let [red, green, blue] = match space {
        Space::Grey => [part(0); 3],
        Space::Rgb => [part(0), part(1), part(2)],
        Space::Cmyk => [0, 1, 2].map(|at| (255.0 - part(at)) * (255.0 - part(3)) / 255.0),
    };
    let alpha = attribute(element, "Alpha").unwrap_or(255.0).clamp(0.0, 255.0);
    Colour([red, green, blue, alpha].map(|part| part.round() as u8))
}

/// `128` or `#80`.
fn component(text: &str) -> f64 {
    match text.strip_prefix('#') {
        Some(hex) => u8::from_str_radix(hex, 16).map(f64::from).unwrap_or_default(),
        None => number(text).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::ofd::xml;

    fn of(text: &str) -> Colour {
        colour(&xml::parse(text.as_bytes()).unwrap(), &Resources::default())
    }

    #[test]
    fn colours_come_in_several_spellings() {
        assert_eq!(of("<FillColor Value='156 82 35'/>"), Colour([156, 82, 35, 255]));
        assert_eq!(of("<FillColor Value='#FF #0 #10' Alpha='128'/>"), Colour([255, 0, 16, 128]));
        assert_eq!(of("<FillColor Value='128'/>"), Colour([128, 128, 128, 255]));
        assert_eq!(of("<FillColor Value='0 255 255 0'/>"), Colour([255, 0, 0, 255]));
        assert_eq!(of("<FillColor/>"), Colour::BLACK);
        let shading = "<FillColor><AxialShd><Segment><Color Value='1 2 3'/></Segment></AxialShd></FillColor>";
        assert_eq!(of(shading), Colour([1, 2, 3, 255]));
    }

    #[test]
    fn a_pattern_must_get_on() {
        assert_eq!(dashes("3 1.5"), [3.0, 1.5]);
        assert_eq!(dashes("0 0"), Vec::<f64>::new());
        assert_eq!(dashes("-1 3"), Vec::<f64>::new());
    }
}
