//! OFD (GB/T 33190-2016): pages become scenes.

mod budget;
mod document;
mod draw;
mod package;
mod path;
mod picture;
mod resources;
mod seal;
mod stamp;
mod style;
mod text;
mod values;
mod xml;

use hayro::kurbo::Affine;

use budget::Budget;
use document::{Document, PageRef};
use draw::{Canvas, Place};
use package::{Package, resolve};
use xml::Element;

use crate::PageSize;
use crate::error::{Cancel, PreviewError};
use crate::scene::Scene;

/// Sizes of all pages.
pub(crate) fn pages(bytes: &[u8]) -> Result<Vec<PageSize>, PreviewError> {
    let package = Package::open(bytes)?;
    let document = Document::read(&package)?;
    let mut sizes = Vec::new();
    for page in &document.pages {
        let area = document.area(&content(&package, page)?);
        sizes.push(PageSize { width: area.width(), height: area.height() });
    }
    Ok(sizes)
}

/// One page.
pub(crate) fn scene(bytes: &[u8], page: usize, cancel: &Cancel) -> Result<Scene, PreviewError> {
    draw(bytes, page, &mut Budget::new(cancel), true)
}

/// `with_seals` is false inside a seal: a seal has none itself.
fn draw(bytes: &[u8], at: usize, budget: &mut Budget, with_seals: bool) -> Result<Scene, PreviewError> {
    let package = Package::open(bytes)?;
    let mut document = Document::read(&package)?;
    let pages = document.pages.len();
    let Some(page) = document.pages.get(at) else { return Err(PreviewError::NoPage { page: at, pages }) };
    let content = content(&package, page)?;
    let area = document.area(&content);
    for own in content.children("PageRes") {
        document.resources.load(&package, &resolve(&page.path, &own.text))?;
    }
    let templates = templates(&package, &document, &content)?;
    let place = Place::page(Affine::translate(-area.origin().to_vec2()));
    let mut canvas = Canvas::new(&package, &mut document.resources, budget);
    let below = templates.iter().filter(|(_, is_foreground)| !is_foreground).map(|(part, _)| part);
    let above = templates.iter().filter(|(_, is_foreground)| *is_foreground).map(|(part, _)| part);
    for part in below.chain([&content]).chain(above) {
        layers(&mut canvas, part, &place)?;
    }
    if let Some(list) = &document.annotations {
        stamp::annotations(&mut canvas, list, page, &place)?;
    }
    if let Some(list) = document.signatures.as_ref().filter(|_| with_seals) {
        stamp::seals(&mut canvas, list, page, &place)?;
    }
    Ok(Scene { width: area.width(), height: area.height(), marks: canvas.marks })
}

/// The first page of a seal that is an OFD file; none when it cannot be read.
fn nested(file: &[u8], budget: &mut Budget) -> Result<Option<Scene>, PreviewError> {
    match draw(file, 0, budget, false) {
        Ok(scene) => Ok(Some(scene)),
        Err(PreviewError::Damaged(_) | PreviewError::NoPage { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn content(package: &Package<'_>, page: &PageRef) -> Result<Element, PreviewError> {
    package.part(&page.path)?.ok_or_else(|| PreviewError::Damaged(format!("the OFD file lacks {}", page.path)))
}

/// The printed forms of a page, and whether each lies over it.
fn templates(package: &Package<'_>, document: &Document, content: &Element) -> Result<Vec<(Element, bool)>, PreviewError> {
    let mut found = Vec::new();
    for usage in content.children("Template") {
        let Some(template) = usage.attribute("TemplateID").and_then(|id| document.templates.get(id)) else { continue };
        let Some(part) = package.part(&template.path)? else { continue };
        let is_foreground = usage.attribute("ZOrder").map_or(template.is_foreground, |order| order == "Foreground");
        found.push((part, is_foreground));
    }
    Ok(found)
}

/// The layers of a page or form, the lowest first.
fn layers(canvas: &mut Canvas<'_, '_>, part: &Element, place: &Place) -> Result<(), PreviewError> {
    let mut layers: Vec<_> = part.children("Content").flat_map(|content| content.children("Layer")).collect();
    layers.sort_by_key(|layer| match layer.attribute("Type") {
        Some("Background") => 0,
        Some("Foreground") => 2,
        _ => 1,
    });
    layers.into_iter().try_for_each(|layer| canvas.group(layer, place))
}
