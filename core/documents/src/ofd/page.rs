//! The texts of a page and of the template pages under it, each with its object and its place.

use super::map::{Map, Sheet};
use super::package::OfdPackage;
use super::xml_if_there;
use crate::limits::OFD_OBJECTS;
use crate::outline::{self, Names, Node};
use crate::refused::Refused;

/// Farthest from the origin that anything is taken to stand, mm.
const FARTHEST: f64 = 1e6;
/// Most template pages under one page.
pub(super) const TEMPLATES: usize = 16;

/// A text of a page.
#[derive(Debug)]
pub(super) struct Text {
    /// `ST_ID` of its text object.
    pub object: u32,
    /// Where its first character stands, mm from the left and from the top.
    pub x: f64,
    /// See `x`.
    pub y: f64,
    /// Height of its characters, mm.
    pub size: f64,
    /// The characters of one `TextCode`.
    pub text: String,
}

/// Size of texts whose object does not say, mm.
const USUAL_SIZE: f64 = 3.175;

const ELEMENTS: Names = &[("Template", "Template"), ("TextObject", "TextObject"), ("TextCode", "TextCode")];
/// What tells an object from others, without its place.
const IDENTITY: Names = &[("ID", "ID"), ("TemplateID", "TemplateID")];
const ATTRIBUTES: Names =
    &[("ID", "ID"), ("TemplateID", "TemplateID"), ("Boundary", "Boundary"), ("CTM", "CTM"), ("Size", "Size"), ("X", "X"), ("Y", "Y")];

/// The texts of one content part, and the template pages that it names.
pub(super) struct Content {
    /// In the order of the part.
    pub texts: Vec<Text>,
    /// `ST_ID` of the template pages under it.
    pub templates: Vec<u32>,
}

/// All texts of a page, its own before those of its templates. A page whose part is missing has none.
///
/// # Errors
/// Broken XML; [`Refused::TooManyParts`] beyond 10,000 texts.
pub(super) fn texts(package: &OfdPackage<'_>, map: &Map, sheet: &Sheet) -> Result<Vec<Text>, Refused> {
    let Content { texts: mut all, templates } = content(package, map, sheet, ATTRIBUTES)?;
    for template in map.templates.iter().filter(|template| templates.contains(&template.id)).take(TEMPLATES) {
        all.extend(content(package, map, template, ATTRIBUTES)?.texts);
    }
    Ok(all)
}

/// The texts of one page or template page by their objects; where they stand is not looked at.
///
/// # Errors
/// As [`texts`].
pub(super) fn objects(package: &OfdPackage<'_>, map: &Map, sheet: &Sheet) -> Result<Content, Refused> {
    content(package, map, sheet, IDENTITY)
}

/// The content of one page or template page. A template's own templates are not looked for: there is no cycle to go round in.
fn content(package: &OfdPackage<'_>, map: &Map, sheet: &Sheet, attributes: Names) -> Result<Content, Refused> {
    let mut content = Content { texts: Vec::new(), templates: Vec::new() };
    let Some((_, part)) = xml_if_there(package, &map.document, &sheet.loc)? else { return Ok(content) };
    let mut object = Place::default();
    for node in outline::read(&part, ELEMENTS, attributes)? {
        match node.name {
            "Template" => content.templates.extend(node.attribute("TemplateID").and_then(|id| id.trim().parse::<u32>().ok())),
            "TextObject" => object = Place::of(&node),
            _ if content.texts.len() == OFD_OBJECTS => return Err(Refused::TooManyParts { limit: OFD_OBJECTS }),
            _ => content.texts.push(object.text(&node)),
        }
    }
    Ok(content)
}

/// Where a text object stands and how it is turned.
#[derive(Default)]
struct Place {
    object: u32,
    origin: (f64, f64),
    size: f64,
    matrix: Option<[f64; 6]>,
}

impl Place {
    fn of(node: &Node<'_>) -> Self {
        let object = node.attribute("ID").and_then(|id| id.trim().parse().ok()).unwrap_or_default();
        let boundary = numbers::<4>(node.attribute("Boundary").unwrap_or_default()).unwrap_or_default();
        let [left, top, ..] = boundary;
        let matrix: Option<[f64; 6]> = node.attribute("CTM").and_then(numbers);
        // Writers put the size into the matrix as often as into the attribute.
        let size = node.attribute("Size").and_then(number).unwrap_or(USUAL_SIZE) * matrix.map_or(1.0, |[.., d, _, _]| d.abs());
        Self { object, origin: (left, top), size, matrix }
    }

    fn text(&self, node: &Node<'_>) -> Text {
        let at = |name| node.attribute(name).and_then(number).unwrap_or_default();
        let (x, y) = (at("X"), at("Y"));
        let (x, y) = match self.matrix {
            Some([a, b, c, d, e, f]) => (a * x + c * y + e, b * x + d * y + f),
            None => (x, y),
        };
        Text {
            size: self.size,
            object: self.object,
            x: clamped(self.origin.0 + x),
            y: clamped(self.origin.1 + y),
            text: node.text.trim().to_owned(),
        }
    }
}

fn numbers<const COUNT: usize>(text: &str) -> Option<[f64; COUNT]> {
    let mut all = [0.0; COUNT];
    let mut parts = text.split_ascii_whitespace();
    for place in &mut all {
        *place = number(parts.next()?)?;
    }
    Some(all)
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse::<f64>().ok().filter(|number| number.is_finite()).map(clamped)
}

fn clamped(length: f64) -> f64 {
    length.clamp(-FARTHEST, FARTHEST)
}
