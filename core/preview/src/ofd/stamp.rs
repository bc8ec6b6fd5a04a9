//! What lies over the pages: annotations and the pictures of electronic seals (GB/T 33190-2016, 15 and 18).

use std::sync::Arc;

use hayro::kurbo::{Affine, Rect, Shape as _};

use super::document::PageRef;
use super::draw::{Canvas, Place};
use super::package::resolve;
use super::values::{flag, rectangle};
use super::xml::Element;
use super::{picture, seal};
use crate::error::PreviewError;
use crate::limits;
use crate::scene::{Bitmap, Mark, Scene};

/// Tolerance of outlines of boxes; they are straight.
const STRAIGHT: f64 = 0.1;

/// Draws the annotations of a page that have an appearance.
pub(super) fn annotations(canvas: &mut Canvas<'_, '_>, list: &str, page: &PageRef, place: &Place) -> Result<(), PreviewError> {
    let Some(all) = canvas.package.part(list)? else { return Ok(()) };
    for entry in all.children("Page").filter(|entry| entry.attribute("PageID") == Some(&page.id)) {
        let Some(location) = entry.child_text("FileLoc") else { continue };
        let Some(part) = canvas.package.part(&resolve(list, location))? else { continue };
        for annotation in part.children("Annot").filter(|annotation| flag(annotation, "Visible") != Some(false)) {
            for appearance in annotation.children("Appearance") {
                let corner = appearance.attribute("Boundary").and_then(rectangle).map(|place| place.origin().to_vec2()).unwrap_or_default();
                canvas.group(appearance, &Place { transform: place.transform * Affine::translate(corner), ..place.clone() })?;
            }
        }
    }
    Ok(())
}

/// Draws the seals that stand on a page.
pub(super) fn seals(canvas: &mut Canvas<'_, '_>, list: &str, page: &PageRef, place: &Place) -> Result<(), PreviewError> {
    let Some(all) = canvas.package.part(list)? else { return Ok(()) };
    for entry in all.children("Signature").take(limits::SIGNATURES) {
        let Some(path) = entry.attribute("BaseLoc").map(|location| resolve(list, location)) else { continue };
        let Some(signature) = canvas.package.part(&path)? else { continue };
        let Some(info) = signature.child("SignedInfo") else { continue };
        let stamps: Vec<_> = info.children("StampAnnot").filter(|stamp| stamp.attribute("PageRef") == Some(&page.id)).collect();
        if stamps.is_empty() {
            continue;
        }
        let Some(file) = picture_file(canvas, &signature, info, &path)? else { continue };
        let Some(seal) = Seal::read(&file, canvas)? else { continue };
        stamps.into_iter().try_for_each(|stamp| seal.draw(stamp, canvas, place))?;
    }
    Ok(())
}

/// The picture in the signature value; some writers keep it in the seal file alone.
fn picture_file(canvas: &mut Canvas<'_, '_>, signature: &Element, info: &Element, path: &str) -> Result<Option<Vec<u8>>, PreviewError> {
    let places = [signature.child_text("SignedValue"), info.child("Seal").and_then(|seal| seal.child_text("BaseLoc"))];
    for place in places.into_iter().flatten() {
        let bytes = canvas.package.bytes(&resolve(path, place))?;
        if let Some(found) = bytes.as_deref().and_then(seal::picture) {
            return Ok(Some(found.to_vec()));
        }
    }
    Ok(None)
}

/// What a seal looks like.
enum Seal {
    Bitmap(Arc<Bitmap>),
    /// The seal is an OFD file itself.
    Scene(Scene),
}

impl Seal {
    fn read(file: &[u8], canvas: &mut Canvas<'_, '_>) -> Result<Option<Self>, PreviewError> {
        if file.starts_with(b"PK") {
            return Ok(super::nested(file, canvas.budget)?.map(Self::Scene));
        }
        let bitmap = picture::decode(file, canvas.budget)?;
        Ok(bitmap.map(|bitmap| Self::Bitmap(Arc::new(picture::without_paper(bitmap)))))
    }

    /// Fills the stamp's box; of a seal across several pages each shows its part (`Clip`).
    fn draw(&self, stamp: &Element, canvas: &mut Canvas<'_, '_>, place: &Place) -> Result<(), PreviewError> {
        let Some(area) = stamp.attribute("Boundary").and_then(rectangle).filter(|area| area.area() > 0.0) else { return Ok(()) };
        canvas.budget.object()?;
        let to_page = place.transform * Affine::translate(area.origin().to_vec2());
        let clip = stamp.attribute("Clip").and_then(rectangle).unwrap_or(Rect::new(0.0, 0.0, area.width(), area.height()));
        canvas.marks.push(Mark::Clip(to_page * clip.to_path(STRAIGHT)));
        match self {
            Self::Bitmap(image) => {
                let transform = to_page * Affine::scale_non_uniform(area.width(), area.height());
                canvas.marks.push(Mark::Image { image: Arc::clone(image), transform, alpha: 255 });
            }
            Self::Scene(scene) => {
                let fit = to_page * Affine::scale_non_uniform(area.width() / scene.width, area.height() / scene.height);
                for mark in &scene.marks {
                    canvas.budget.object()?;
                    canvas.marks.push(mark.clone().placed(fit));
                }
            }
        }
        canvas.marks.push(Mark::ClipEnd);
        Ok(())
    }
}
