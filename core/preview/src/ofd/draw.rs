//! Objects of a page become marks: texts, paths, pictures, groups (GB/T 33190-2016, 8.5 to 8.7, 9 to 11, 13).
//!
//! An object's own box (`Boundary`) places it but does not cut it: real invoices have texts that are wider than their boxes,
//! and a lost digit is worse than one that sticks out. Explicit `Clips` cut.

use std::collections::HashMap;
use std::sync::Arc;

use hayro::kurbo::{Affine, BezPath};

use super::budget::Budget;
use super::package::Package;
use super::resources::Resources;
use super::style::Style;
use super::values::{attribute, flag, matrix, rectangle};
use super::xml::Element;
use super::{path, picture, text};
use crate::error::PreviewError;
use crate::limits;
use crate::scene::{Bitmap, Colour, Mark, TextRun};

/// Collects the marks of a page.
pub(super) struct Canvas<'c, 'p> {
    pub(super) package: &'c Package<'p>,
    pub(super) resources: &'c mut Resources,
    pub(super) budget: &'c mut Budget,
    pub(super) marks: Vec<Mark>,
    /// Pictures by id; none for those that cannot be drawn.
    pictures: HashMap<String, Option<Arc<Bitmap>>>,
}

/// Where and how a group's objects are drawn.
#[derive(Clone)]
pub(super) struct Place {
    /// From the group's space to mm on the page.
    pub(super) transform: Affine,
    /// What is said about drawing further out.
    pub(super) style: Style,
    /// Opacity of everything further out.
    pub(super) alpha: f64,
    /// Groups further out.
    pub(super) depth: usize,
}

impl Place {
    /// The page itself.
    pub(super) fn page(transform: Affine) -> Self {
        Self { transform, style: Style::default(), alpha: 1.0, depth: 0 }
    }
}

impl<'c, 'p> Canvas<'c, 'p> {
    pub(super) fn new(package: &'c Package<'p>, resources: &'c mut Resources, budget: &'c mut Budget) -> Self {
        Self { package, resources, budget, marks: Vec::new(), pictures: HashMap::new() }
    }

    /// All objects of a layer or group, in order.
    pub(super) fn group(&mut self, group: &Element, place: &Place) -> Result<(), PreviewError> {
        if place.depth > limits::NESTING {
            return Err(PreviewError::TooMuch("groups inside groups"));
        }
        let place = &Place { style: self.style(group, place), ..place.clone() };
        group.children.iter().try_for_each(|object| self.object(object, place))
    }

    fn object(&mut self, object: &Element, place: &Place) -> Result<(), PreviewError> {
        let draw = match object.name.as_str() {
            "TextObject" => Self::text,
            "PathObject" => Self::path,
            "ImageObject" => Self::image,
            "CompositeObject" => Self::composite,
            "PageBlock" | "Layer" => {
                let inner = Place { depth: place.depth + 1, ..place.clone() };
                return self.group(object, &inner);
            }
            _ => return Ok(()),
        };
        self.budget.object()?;
        if flag(object, "Visible") == Some(false) {
            return Ok(());
        }
        let inner = self.inside(object, place);
        let clips = self.clips(object, inner.transform)?;
        let count = clips.len();
        self.marks.extend(clips.into_iter().map(Mark::Clip));
        draw(self, object, &inner)?;
        self.marks.extend(std::iter::repeat_n(Mark::ClipEnd, count));
        Ok(())
    }

    /// The object's own space: its matrix, then the corner of its box.
    fn inside(&self, object: &Element, place: &Place) -> Place {
        let corner = object.attribute("Boundary").and_then(rectangle).map(|place| place.origin().to_vec2()).unwrap_or_default();
        let own = object.attribute("CTM").and_then(matrix).unwrap_or_default();
        let alpha = attribute(object, "Alpha").unwrap_or(255.0).clamp(0.0, 255.0) / 255.0;
        Place {
            transform: place.transform * Affine::translate(corner) * own,
            style: self.style(object, place),
            alpha: place.alpha * alpha,
            depth: place.depth + 1,
        }
    }

    /// What an object says itself, else its parameter, else what lies further out.
    fn style(&self, element: &Element, place: &Place) -> Style {
        let own = Style::read(element, self.resources);
        match element.attribute("DrawParam") {
            Some(id) => own.over(&self.resources.param(id)).over(&place.style),
            None => own.over(&place.style),
        }
    }

    /// Outlines that cut an object, each in mm; areas of one clip count together.
    fn clips(&mut self, object: &Element, space: Affine) -> Result<Vec<BezPath>, PreviewError> {
        let mut clips = Vec::new();
        for clip in object.child("Clips").into_iter().flat_map(|clips| clips.children("Clip")) {
            let mut outline = BezPath::new();
            for area in clip.children("Area") {
                let space = space * area.attribute("CTM").and_then(matrix).unwrap_or_default();
                for shape in area.children("Path") {
                    let corner = shape.attribute("Boundary").and_then(rectangle).map(|place| place.origin().to_vec2()).unwrap_or_default();
                    let own = shape.attribute("CTM").and_then(matrix).unwrap_or_default();
                    let path = path::outline(shape.child_text("AbbreviatedData").unwrap_or_default(), self.budget)?;
                    outline.extend(space * Affine::translate(corner) * own * path);
                }
            }
            if !outline.is_empty() {
                clips.push(outline);
            }
        }
        Ok(clips)
    }

    fn text(&mut self, object: &Element, place: &Place) -> Result<(), PreviewError> {
        let Some(font) = self.resources.font(self.package, object.attribute("Font").unwrap_or_default())? else { return Ok(()) };
        let glyphs = text::glyphs(object, &font, place.transform, self.budget)?;
        let is_filled = flag(object, "Fill").unwrap_or(true);
        let colour = if is_filled { place.style.fill() } else { place.style.stroke() };
        if !glyphs.is_empty() {
            let embolden = text::embolden(object, &font);
            self.marks.push(Mark::Text(TextRun { font: font.file, glyphs, colour: faded(colour, place.alpha), embolden }));
        }
        Ok(())
    }

    fn path(&mut self, object: &Element, place: &Place) -> Result<(), PreviewError> {
        let outline = path::outline(object.child_text("AbbreviatedData").unwrap_or_default(), self.budget)?;
        if outline.is_empty() {
            return Ok(());
        }
        if flag(object, "Fill") == Some(true) {
            let even_odd = object.attribute("Rule") == Some("Even-Odd");
            let colour = faded(place.style.fill(), place.alpha);
            self.marks.push(Mark::Fill { path: place.transform * outline.clone(), even_odd, colour });
        }
        if flag(object, "Stroke") != Some(false) {
            let colour = faded(place.style.stroke(), place.alpha);
            self.marks.push(Mark::Stroke { path: outline, transform: place.transform, pen: place.style.pen(), colour });
        }
        Ok(())
    }

    fn image(&mut self, object: &Element, place: &Place) -> Result<(), PreviewError> {
        let Some(image) = self.picture(object.attribute("ResourceID").unwrap_or_default())? else { return Ok(()) };
        let mut transform = place.transform;
        if object.attribute("CTM").is_none()
            && let Some(own) = object.attribute("Boundary").and_then(rectangle)
        {
            transform *= Affine::scale_non_uniform(own.width(), own.height());
        }
        self.marks.push(Mark::Image { image, transform, alpha: (place.alpha * 255.0).round() as u8 });
        Ok(())
    }

    fn picture(&mut self, id: &str) -> Result<Option<Arc<Bitmap>>, PreviewError> {
        if let Some(known) = self.pictures.get(id) {
            return Ok(known.clone());
        }
        let mut found = None;
        for place in self.resources.media(id) {
            if let Some(bytes) = self.package.bytes(place)? {
                found = picture::decode(&bytes, self.budget)?.map(Arc::new);
                break;
            }
        }
        self.pictures.insert(id.to_owned(), found.clone());
        Ok(found)
    }

    fn composite(&mut self, object: &Element, place: &Place) -> Result<(), PreviewError> {
        match self.resources.composite(object.attribute("ResourceID").unwrap_or_default()) {
            Some(unit) => unit.children("Content").try_for_each(|content| self.group(content, place)),
            None => Ok(()),
        }
    }
}

fn faded(Colour([red, green, blue, alpha]): Colour, by: f64) -> Colour {
    Colour([red, green, blue, (f64::from(alpha) * by).round() as u8])
}
