//! Scenes become pixels.

use std::collections::HashMap;
use std::sync::Arc;

use hayro::kurbo::{self, Affine, BezPath, Rect, Stroke};
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::vello_cpu::color::{AlphaColor, Srgb};
use hayro::vello_cpu::peniko::{Extend, Fill, ImageAlphaType, ImageQuality, ImageSampler};
use hayro::vello_cpu::{Image, ImageSource, PixelMetadata, Pixmap, RasterizerSettings, RenderContext, Resources, TargetInit};

use crate::error::{Cancel, PreviewError};
use crate::font::{FontFile, Outlines};
use crate::limits;
use crate::picture::Picture;
use crate::scene::{Bitmap, Cap, Colour, Glyph, Join, Mark, Pen, Scene, TextRun};

/// Draws a scene on white paper, `scale` pixels a mm.
pub(crate) fn draw(scene: &Scene, (width, height): (u16, u16), scale: f64, cancel: &Cancel) -> Result<Picture, PreviewError> {
    let mut raster = Raster {
        context: RenderContext::new(width, height),
        page: Affine::scale(scale),
        fonts: HashMap::new(),
        clips: 0,
        image_bytes: limits::DRAWN_IMAGES,
    };
    for mark in &scene.marks {
        cancel.check()?;
        raster.mark(mark)?;
    }
    while raster.clips > 0 {
        raster.clip_end();
    }
    raster.context.flush();
    let mut pixels = Pixmap::new(width, height);
    let settings = RasterizerSettings { target_init: TargetInit::Clear(WHITE), ..RasterizerSettings::default() };
    raster.context.render_with(&mut pixels, &mut Resources::default(), settings);
    cancel.check()?;
    Ok(Picture::new(pixels))
}

struct Raster {
    context: RenderContext,
    /// From mm to pixels.
    page: Affine,
    /// Outlines by font.
    fonts: HashMap<*const FontFile, Outlines>,
    clips: usize,
    /// Bytes of pictures that may still be drawn: the context holds them all until the page is finished.
    image_bytes: usize,
}

impl Raster {
    fn mark(&mut self, mark: &Mark) -> Result<(), PreviewError> {
        match mark {
            Mark::Fill { path, even_odd, colour } => {
                self.fill(self.page, path, *colour, if *even_odd { Fill::EvenOdd } else { Fill::NonZero });
            }
            Mark::Stroke { path, transform, pen, colour } => self.stroke(path, self.page * *transform, pen, *colour),
            Mark::Text(run) => self.text(run),
            Mark::Image { image, transform, alpha } => self.image(image, self.page * *transform, *alpha)?,
            Mark::Clip(path) => {
                self.context.set_transform(self.page);
                self.context.set_fill_rule(Fill::NonZero);
                self.context.push_clip_path(path);
                self.clips += 1;
            }
            Mark::ClipEnd => self.clip_end(),
        }
        Ok(())
    }

    fn clip_end(&mut self) {
        if self.clips > 0 {
            self.clips -= 1;
            self.context.pop_clip();
        }
    }

    fn fill(&mut self, transform: Affine, path: &BezPath, colour: Colour, rule: Fill) {
        self.context.set_transform(transform);
        self.context.set_paint(paint(colour));
        self.context.set_fill_rule(rule);
        self.context.fill_path(path);
    }

    /// No line is thinner than most of a pixel: hairlines of small pictures would vanish.
    fn stroke(&mut self, path: &BezPath, transform: Affine, pen: &Pen, colour: Colour) {
        let scale = transform.determinant().abs().sqrt();
        if scale < 1e-6 {
            return;
        }
        let stroke = Stroke {
            width: pen.width.max(0.7 / scale),
            join: match pen.join {
                Join::Miter => kurbo::Join::Miter,
                Join::Round => kurbo::Join::Round,
                Join::Bevel => kurbo::Join::Bevel,
            },
            miter_limit: pen.miter,
            dash_pattern: if has_visible_dashes(path, pen, scale) {
                pen.dashes.iter().copied().collect()
            } else {
                kurbo::Dashes::default()
            },
            dash_offset: pen.dash_offset,
            ..Stroke::default()
        };
        let stroke = stroke.with_caps(match pen.cap {
            Cap::Butt => kurbo::Cap::Butt,
            Cap::Round => kurbo::Cap::Round,
            Cap::Square => kurbo::Cap::Square,
        });
        self.context.set_transform(transform);
        self.context.set_paint(paint(colour));
        self.context.set_stroke(stroke);
        self.context.stroke_path(path);
    }

    /// All outlines of a run as one path.
    fn text(&mut self, run: &TextRun) {
        let outlines = self.fonts.entry(Arc::as_ptr(&run.font)).or_insert_with(|| Outlines::new(Arc::clone(&run.font)));
        let mut path = BezPath::new();
        for Glyph { id, transform, character } in &run.glyphs {
            if id.is_some() || !character.is_whitespace() {
                path.extend(outlines.outline(*id).iter().map(|element| *transform * element));
            }
        }
        self.fill(self.page, &path, run.colour, Fill::NonZero);
        if let (Some(first), true) = (run.glyphs.first(), run.embolden > 0.0) {
            let em = first.transform.determinant().abs().sqrt();
            let stroke = Stroke::new(run.embolden * em);
            self.context.set_stroke(stroke);
            self.context.stroke_path(&path);
        }
    }

    fn image(&mut self, bitmap: &Bitmap, transform: Affine, alpha: u8) -> Result<(), PreviewError> {
        let [a, b, c, d, _, _] = transform.as_coeffs();
        let (across, down) = (a.hypot(b), c.hypot(d));
        let Some((pixels, width, height)) = shrunk(bitmap, across, down) else { return Ok(()) };
        let bytes = usize::from(width) * usize::from(height) * 4;
        self.image_bytes = self.image_bytes.checked_sub(bytes).ok_or(PreviewError::TooMuch("pictures drawn on a page"))?;
        let is_enlarged = across > f64::from(width) && down > f64::from(height);
        let image = Image {
            image: ImageSource::Pixmap(Arc::new(pixels)),
            sampler: ImageSampler {
                x_extend: Extend::Pad,
                y_extend: Extend::Pad,
                // The dots of a QR code keep their edges.
                quality: if is_enlarged { ImageQuality::Low } else { ImageQuality::Medium },
                alpha: f32::from(alpha) / 255.0,
            },
        };
        let (width, height) = (f64::from(width), f64::from(height));
        self.context.set_transform(transform * Affine::scale_non_uniform(1.0 / width, 1.0 / height));
        self.context.set_paint(image);
        self.context.fill_rect(&Rect::new(0.0, 0.0, width, height));
        Ok(())
    }
}

fn paint(Colour([red, green, blue, alpha]): Colour) -> AlphaColor<Srgb> {
    AlphaColor::from_rgba8(red, green, blue, alpha)
}

/// Dashes that are finer than pixels, or millions of them, are drawn as a whole line.
fn has_visible_dashes(path: &BezPath, pen: &Pen, scale: f64) -> bool {
    let period: f64 = pen.dashes.iter().sum();
    let reach = kurbo::Shape::bounding_box(path);
    period * scale > 0.5 && (reach.width() + reach.height()) / period < 20_000.0
}

/// The pixels, halved until they are less than twice as many as are seen; sampling then skips none.
fn shrunk(bitmap: &Bitmap, across: f64, down: f64) -> Option<(Pixmap, u16, u16)> {
    let (mut width, mut height) = (u16::try_from(bitmap.width).ok()?, u16::try_from(bitmap.height).ok()?);
    let is_whole = width > 0 && height > 0 && bitmap.rgba.len() == usize::from(width) * usize::from(height) * 4;
    if !is_whole || !across.is_finite() || !down.is_finite() {
        return None;
    }
    let mut rgba = bitmap.rgba.clone();
    premultiply(&mut rgba);
    while width > 1 && height > 1 && f64::from(width) >= across * 2.0 && f64::from(height) >= down * 2.0 {
        rgba = halved(&rgba, usize::from(width), usize::from(height));
        (width, height) = (width / 2, height / 2);
    }
    let metadata = PixelMetadata { may_have_transparency: true, alpha_type: ImageAlphaType::AlphaPremultiplied };
    // A vector of whole pixels: its capacity must be a multiple of four bytes as well.
    Some((Pixmap::from_parts(rgba.into_boxed_slice().into_vec(), width, height, metadata), width, height))
}

fn premultiply(rgba: &mut [u8]) {
    for [red, green, blue, alpha] in rgba.as_chunks_mut::<4>().0 {
        for part in [red, green, blue] {
            *part = (u16::from(*part) * u16::from(*alpha) / 255) as u8;
        }
    }
}

fn halved(rgba: &[u8], width: usize, height: usize) -> Vec<u8> {
    let mut half = Vec::with_capacity(width / 2 * (height / 2) * 4);
    let rows: Vec<&[u8]> = rgba.chunks_exact(width * 4).collect();
    for pair in rows.chunks_exact(2).take(height / 2) {
        let [upper, lower] = pair else { continue };
        for (above, below) in upper.as_chunks::<8>().0.iter().zip(lower.as_chunks::<8>().0).take(width / 2) {
            let [a, b, c, d, e, f, g, h] = *above;
            let [i, j, k, l, m, n, o, p] = *below;
            let mean = |parts: [u8; 4]| (parts.into_iter().map(u16::from).sum::<u16>() / 4) as u8;
            half.extend([mean([a, e, i, m]), mean([b, f, j, n]), mean([c, g, k, o]), mean([d, h, l, p])]);
        }
    }
    half
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halving_takes_means() {
        let rgba: Vec<u8> =
            [[0, 0, 0, 0], [100, 0, 0, 100], [9; 4], [200, 0, 0, 200], [100, 0, 0, 100], [9; 4], [9; 4], [9; 4], [9; 4]].concat();
        assert_eq!(halved(&rgba, 3, 3), [100, 0, 0, 100]);
    }

    #[test]
    fn a_huge_picture_is_brought_to_the_size_seen() {
        let bitmap = Bitmap { width: 1000, height: 500, rgba: vec![255; 2_000_000] };
        let sizes = [(100.0, 50.0), (1000.0, 500.0), (3.0, 0.5)]
            .map(|(across, down)| shrunk(&bitmap, across, down).map(|(_, width, height)| (width, height)));
        assert_eq!(sizes, [Some((125, 62)), Some((1000, 500)), Some((3, 1))]);
    }
}
