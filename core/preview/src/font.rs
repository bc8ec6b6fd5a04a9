//! Fonts: those that a file brings along, and the one compiled in for all others.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, LazyLock};

use hayro::kurbo::{BezPath, Point, Shape as _};
use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{FontRef, GlyphId, MetadataProvider as _};

/// The font of the house (思源黑体, cut down to GB 2312), OTF.
pub use piaoxia_font::CHINESE as COMPILED_IN;

static FALLBACK: LazyLock<Option<Arc<FontFile>>> = LazyLock::new(|| FontFile::new(FontBytes::CompiledIn).map(Arc::new));

/// A font that can be drawn with.
pub struct FontFile {
    bytes: FontBytes,
    units: f64,
}

enum FontBytes {
    CompiledIn,
    Embedded(Vec<u8>),
}

impl fmt::Debug for FontFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FontFile").field("bytes", &self.bytes().len()).finish_non_exhaustive()
    }
}

impl FontFile {
    /// The compiled-in font; none only in a broken build.
    #[must_use]
    pub fn compiled_in() -> Option<Arc<Self>> {
        FALLBACK.clone()
    }

    /// A font out of a document (TrueType or OpenType); none when it cannot be read.
    #[must_use]
    pub fn embedded(bytes: Vec<u8>) -> Option<Self> {
        Self::new(FontBytes::Embedded(bytes))
    }

    fn new(bytes: FontBytes) -> Option<Self> {
        let mut font = Self { bytes, units: 1000.0 };
        let units = font.parsed()?.metrics(Size::unscaled(), LocationRef::default()).units_per_em;
        font.units = f64::from(units.max(1));
        Some(font)
    }

    /// The whole file.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match &self.bytes {
            FontBytes::CompiledIn => COMPILED_IN,
            FontBytes::Embedded(bytes) => bytes,
        }
    }

    /// It is the compiled-in one.
    #[must_use]
    pub fn is_compiled_in(&self) -> bool {
        matches!(self.bytes, FontBytes::CompiledIn)
    }

    /// The glyph of a character; none when the font lacks it.
    #[must_use]
    pub fn glyph(&self, character: char) -> Option<u16> {
        let glyph = self.parsed()?.charmap().map(character).filter(|glyph| *glyph != GlyphId::NOTDEF)?;
        u16::try_from(glyph.to_u32()).ok()
    }

    /// Advance of a glyph, em; a full square for a glyph that the font lacks.
    #[must_use]
    pub fn advance(&self, glyph: Option<u16>) -> f64 {
        let advance = || {
            let metrics = self.parsed()?.glyph_metrics(Size::unscaled(), LocationRef::default());
            metrics.advance_width(GlyphId::from(glyph?)).map(f64::from)
        };
        advance().map_or(1.0, |units| units / self.units)
    }

    /// Width of a text, em.
    #[must_use]
    pub fn width(&self, text: &str) -> f64 {
        text.chars().map(|character| self.advance(self.glyph(character))).sum()
    }

    /// The outline of a glyph on the em square, y upwards; a hollow square for a character that the font lacks.
    #[must_use]
    pub fn outline(&self, glyph: Option<u16>) -> BezPath {
        let Some(glyph) = glyph else { return hollow_square() };
        let mut pen = Pen { path: BezPath::new(), unit: 1.0 / self.units };
        if let Some(outline) = self.parsed().and_then(|font| font.outline_glyphs().get(GlyphId::from(glyph))) {
            // A glyph whose program is broken stays empty: the other characters are still worth seeing.
            if outline.draw(DrawSettings::unhinted(Size::unscaled(), LocationRef::default()), &mut pen).is_err() {
                pen.path = BezPath::new();
            }
        }
        pen.path
    }

    fn parsed(&self) -> Option<FontRef<'_>> {
        FontRef::from_index(self.bytes(), 0).ok()
    }
}

/// Outlines of one font, each drawn once.
pub(crate) struct Outlines {
    file: Arc<FontFile>,
    drawn: BTreeMap<Option<u16>, Arc<BezPath>>,
}

impl Outlines {
    pub(crate) fn new(file: Arc<FontFile>) -> Self {
        Self { file, drawn: BTreeMap::new() }
    }

    /// As [`FontFile::outline`].
    pub(crate) fn outline(&mut self, glyph: Option<u16>) -> Arc<BezPath> {
        Arc::clone(self.drawn.entry(glyph).or_insert_with(|| Arc::new(self.file.outline(glyph))))
    }
}

/// Stands for a character without an outline: its place must be seen to be taken.
fn hollow_square() -> BezPath {
    let mut path = hayro::kurbo::Rect::new(0.08, -0.08, 0.92, 0.82).to_path(0.1);
    path.extend(hayro::kurbo::Rect::new(0.13, -0.03, 0.87, 0.77).to_path(0.1).reverse_subpaths());
    path
}

struct Pen {
    path: BezPath,
    unit: f64,
}

impl Pen {
    fn at(&self, x: f32, y: f32) -> Point {
        Point::new(f64::from(x) * self.unit, f64::from(y) * self.unit)
    }
}

impl OutlinePen for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.path.move_to(self.at(x, y));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.path.line_to(self.at(x, y));
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        self.path.quad_to(self.at(cx, cy), self.at(x, y));
    }

    fn curve_to(&mut self, ax: f32, ay: f32, bx: f32, by: f32, x: f32, y: f32) {
        self.path.curve_to(self.at(ax, ay), self.at(bx, by), self.at(x, y));
    }

    fn close(&mut self) {
        self.path.close_path();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn the_compiled_in_font_draws_hanzi_and_squares() {
        let font = FontFile::compiled_in().unwrap();
        let mut outlines = Outlines::new(Arc::clone(&font));
        assert!(outlines.outline(font.glyph('票')).elements().len() > 20);
        assert_eq!(font.glyph('喆'), None);
        assert!((outlines.outline(None).area().abs() - (0.84 * 0.9 - 0.74 * 0.8)).abs() < 1e-9);
        assert!((font.width("票匣") - 2.0).abs() < 1e-9);
    }

    #[test]
    fn rubbish_is_no_font() {
        assert!(FontFile::embedded(b"not a font".to_vec()).is_none());
    }
}
