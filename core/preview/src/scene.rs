//! A page as a list of marks, in mm from its upper left corner, y downwards. Whoever draws it needs to know nothing of the
//! format that it came from: the raster and the print file are made from the same list.

use std::sync::Arc;

use hayro::kurbo::{Affine, BezPath};

use crate::font::FontFile;

/// A page.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    /// Width, mm.
    pub width: f64,
    /// Height, mm.
    pub height: f64,
    /// What is on it, the lowest first.
    pub marks: Vec<Mark>,
}

/// Something on a page.
#[derive(Clone, Debug)]
pub enum Mark {
    /// A filled area.
    Fill {
        /// Its outline, mm.
        path: BezPath,
        /// Inside is where the outline winds an odd number of times, else where it winds at all.
        even_odd: bool,
        /// Its colour.
        colour: Colour,
    },
    /// A line.
    Stroke {
        /// Its middle, in units that `transform` takes to mm; so is the pen.
        path: BezPath,
        /// From the path's units to mm.
        transform: Affine,
        /// What it is drawn with.
        pen: Pen,
        /// Its colour.
        colour: Colour,
    },
    /// Characters of one font.
    Text(TextRun),
    /// A picture.
    Image {
        /// Its pixels.
        image: Arc<Bitmap>,
        /// From the unit square, y downwards, to mm.
        transform: Affine,
        /// 0 is invisible, 255 hides what is below.
        alpha: u8,
    },
    /// What follows, up to the matching [`Mark::ClipEnd`], shows inside this outline (mm) alone.
    Clip(BezPath),
    /// Ends the innermost clip.
    ClipEnd,
}

impl Mark {
    /// The mark elsewhere: `place` takes its mm to those of another page.
    #[must_use]
    pub fn placed(self, place: Affine) -> Self {
        match self {
            Self::Fill { path, even_odd, colour } => Self::Fill { path: place * path, even_odd, colour },
            Self::Stroke { path, transform, pen, colour } => Self::Stroke { path, transform: place * transform, pen, colour },
            Self::Text(mut run) => {
                run.glyphs.iter_mut().for_each(|glyph| glyph.transform = place * glyph.transform);
                Self::Text(run)
            }
            Self::Image { image, transform, alpha } => Self::Image { image, transform: place * transform, alpha },
            Self::Clip(path) => Self::Clip(place * path),
            Self::ClipEnd => Self::ClipEnd,
        }
    }
}

/// Characters of one font.
#[derive(Clone, Debug)]
pub struct TextRun {
    /// Their font.
    pub font: Arc<FontFile>,
    /// The characters in reading order.
    pub glyphs: Vec<Glyph>,
    /// Their colour.
    pub colour: Colour,
    /// Width of an additional line around each outline, em; 0 for none. Makes a bold face of a regular one.
    pub embolden: f64,
}

/// A character at its place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Glyph {
    /// The character, for the text layer.
    pub character: char,
    /// Its outline in the font. None where the font lacks it: a hollow square stands there instead.
    pub id: Option<u16>,
    /// From the em square, y upwards, origin on the baseline, to mm.
    pub transform: Affine,
}

/// Red, green, blue, opacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour(pub [u8; 4]);

impl Colour {
    /// Opaque black.
    pub const BLACK: Self = Self([0, 0, 0, 255]);
}

/// What a line is drawn with.
#[derive(Clone, Debug, PartialEq)]
pub struct Pen {
    /// Width, mm.
    pub width: f64,
    /// How corners look.
    pub join: Join,
    /// How ends look.
    pub cap: Cap,
    /// Longest spike of a mitred corner, in widths.
    pub miter: f64,
    /// Lengths of dashes and gaps in turn, mm; empty for a whole line.
    pub dashes: Vec<f64>,
    /// Where in the pattern the line starts, mm.
    pub dash_offset: f64,
}

/// How corners look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Join {
    /// Pointed.
    Miter,
    /// Rounded.
    Round,
    /// Cut off.
    Bevel,
}

/// How ends look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cap {
    /// Cut where the line ends.
    Butt,
    /// Half a disc.
    Round,
    /// Half a square.
    Square,
}

/// Pixels of a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bitmap {
    /// Pixels a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Red, green, blue, opacity of each pixel, rows from the top; not premultiplied.
    pub rgba: Vec<u8>,
}
