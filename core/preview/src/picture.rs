//! A drawn page.

use hayro::vello_cpu::Pixmap;
use hayro::vello_cpu::peniko::ImageAlphaType;
use serde::{Deserialize, Serialize};

use crate::PageSize;
use crate::error::PreviewError;
use crate::limits;

/// A drawn page on white paper.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// Pixels a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Red, green, blue, opacity (always 255) of each pixel, rows from the top.
    pub rgba: Vec<u8>,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({} x {})", self.width, self.height)
    }
}

impl Picture {
    pub(crate) fn new(pixels: Pixmap) -> Self {
        let (width, height) = (usize::from(pixels.width()), usize::from(pixels.height()));
        Self { width, height, rgba: pixels.take_rgba8(ImageAlphaType::AlphaPremultiplied) }
    }
}

/// How large a page is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Scale {
    /// So many pixels an inch.
    Dpi(f64),
    /// As large as fits into so many pixels across and down, for thumbnails and "whole page".
    Fit {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
    },
}

impl Scale {
    /// Pixels of a page, and pixels a mm.
    pub(crate) fn pixels(self, page: PageSize) -> Result<((u16, u16), f64), PreviewError> {
        let scale = match self {
            Self::Dpi(dpi) => dpi / 25.4,
            Self::Fit { width, height } => (f64::from(width) / page.width).min(f64::from(height) / page.height),
        };
        // A cast of what is no number or too large saturates; the check below refuses it.
        let side = |mm: f64| (mm * scale).round().max(0.0) as u64;
        let (width, height) = (side(page.width), side(page.height));
        let refused = PreviewError::Size { width, height };
        let is_drawn = width > 0 && height > 0 && width.saturating_mul(height) <= limits::PIXELS;
        let fit = |side: u64| u16::try_from(side).ok().filter(|side| u32::from(*side) <= limits::SIDE);
        match (fit(width), fit(height)) {
            (Some(width), Some(height)) if is_drawn => Ok(((width, height), scale)),
            _ => Err(refused),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn sizes_are_bounded() {
        let page = PageSize { width: 210.0, height: 140.0 };
        assert_eq!(Scale::Dpi(150.0).pixels(page).unwrap().0, (1240, 827));
        assert_eq!(Scale::Fit { width: 105, height: 500 }.pixels(page).unwrap().0, (105, 70));
        for scale in [
            Scale::Dpi(0.0),
            Scale::Dpi(-5.0),
            Scale::Dpi(f64::NAN),
            Scale::Dpi(f64::INFINITY),
            Scale::Dpi(2_000.0),
            Scale::Fit { width: 0, height: 9 },
        ] {
            assert!(matches!(scale.pixels(page), Err(PreviewError::Size { .. })), "{scale:?}");
        }
    }
}
