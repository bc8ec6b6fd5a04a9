//! The one compiled-in font: widths and outlines of characters.

use piaoxia_font::CHINESE;
use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{FontRef, GlyphId, MetadataProvider};

use super::OriginalError;

/// Design units a em of the compiled-in font (a test holds it to this).
pub(super) const UNITS: f64 = 1000.0;

/// The parsed font.
pub(super) struct Font {
    font: FontRef<'static>,
}

/// A character of the font.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Glyph {
    /// Number in the font.
    pub(super) id: u16,
    /// Advance in font units.
    pub(super) advance: u16,
}

impl Font {
    /// Parses the compiled-in font.
    pub(super) fn compiled_in() -> Result<Self, OriginalError> {
        let font = FontRef::new(CHINESE).map_err(|error| OriginalError::Font(error.to_string()))?;
        Ok(Self { font })
    }

    /// The whole font file.
    pub(super) fn data(&self) -> &'static [u8] {
        CHINESE
    }

    /// The glyph of a character; none when the font lacks it.
    pub(super) fn glyph(&self, character: char) -> Option<Glyph> {
        let id = self.font.charmap().map(character).filter(|id| *id != GlyphId::NOTDEF)?;
        Some(Glyph { id: u16::try_from(id.to_u32()).ok()?, advance: self.advance(id) })
    }

    /// Draws the outline of a character in font units, y upwards; nothing when the font lacks it.
    pub(super) fn outline(&self, character: char, pen: &mut impl OutlinePen) -> Result<(), OriginalError> {
        let Some(glyph) = self.font.charmap().map(character).and_then(|id| self.font.outline_glyphs().get(id)) else {
            return Ok(());
        };
        let settings = DrawSettings::unhinted(Size::unscaled(), LocationRef::default());
        glyph.draw(settings, pen).map_err(|error| OriginalError::Font(error.to_string()))?;
        Ok(())
    }

    fn advance(&self, id: GlyphId) -> u16 {
        let advance = self.font.glyph_metrics(Size::unscaled(), LocationRef::default()).advance_width(id).unwrap_or_default();
        // Advances are whole, positive font units; a cast saturates and cannot fail.
        advance as u16
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn the_font_is_as_assumed() {
        let font = Font::compiled_in().unwrap();
        let metrics = font.font.metrics(Size::unscaled(), LocationRef::default());
        assert!((f64::from(metrics.units_per_em) - UNITS).abs() < f64::EPSILON);
        assert_eq!(font.glyph('票').unwrap().advance, 1000);
        assert_eq!(font.glyph('喆'), None);
        for character in "电子发票（增值税专用）号码：名称购买方销售合计价大小写备注开圆整角分零壹贰叁肆伍陆柒捌玖拾佰仟万亿负¥*%×-".chars()
        {
            assert!(font.glyph(character).is_some(), "{character}");
        }
    }
}
