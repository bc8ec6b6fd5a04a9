//! Pictures of a page as grey pixels (ISO 32000-1, 8.9), for the QR code in them.

use super::content::Filled;
use super::file::File;
use super::object::{Dict, Object, Stream};
use crate::limits::PICTURE_PIXELS;
use crate::raster::{self, Grey};

/// Pixels a point that drawn codes are painted with.
const SCALE: f64 = 3.0;
/// Sides of that painting, pixels.
const PAINTING: f64 = 2048.0;
/// A drawn code has at least the squares of its three corners.
const FEWEST: usize = 30;

/// The pixels of an image; none where it is too large or packed by a method that is not read.
pub(super) fn grey(file: &File<'_>, image: &Stream) -> Option<Grey> {
    let (bytes, left) = file.unpacked_to(image).ok()?;
    match left.as_deref() {
        Some(b"DCTDecode" | b"DCT") => raster::read(&bytes),
        None => samples(file, &image.dict, &bytes),
        _ => None,
    }
}

/// Bare samples: one to sixteen bits, in grey, colour or from a palette.
fn samples(file: &File<'_>, dict: &Dict, bytes: &[u8]) -> Option<Grey> {
    let number = |keys: [&[u8]; 2]| keys.into_iter().find_map(|key| file.value(dict, key).index());
    let (width, height) = (number([b"Width", b"W"])?, number([b"Height", b"H"])?);
    let mask = file.value(dict, b"ImageMask") == Object::Bool(true);
    let bits = if mask { 1 } else { number([b"BitsPerComponent", b"BPC"])? };
    if width == 0 || height == 0 || width.checked_mul(height)? > PICTURE_PIXELS || !matches!(bits, 1 | 2 | 4 | 8 | 16) {
        return None;
    }
    let colours = if mask { Colours::Grey } else { Colours::new(file, &file.value(dict, b"ColorSpace"), 0)? };
    let turned = file.value(dict, b"Decode").array().and_then(<[Object]>::first).and_then(Object::number) == Some(1.0);
    let parts = colours.parts();
    let row = (width * parts * bits).div_ceil(8);
    let mut pixels = Vec::with_capacity(width * height);
    for line in bytes.chunks_exact(row).take(height) {
        let sample = |nth: usize| sample(line, nth, bits).map(|value| if turned { !value } else { value });
        pixels.extend((0..width).map(|x| colours.grey(bits, |part| sample(x * parts + part).unwrap_or(u8::MAX))));
    }
    // What is missing at the end is white.
    pixels.resize(width * height, u8::MAX);
    Grey::new(width, height, pixels)
}

/// The n-th sample of a row, spread to eight bits.
fn sample(line: &[u8], nth: usize, bits: usize) -> Option<u8> {
    match bits {
        16 => line.get(nth * 2).copied(),
        8 => line.get(nth).copied(),
        _ => {
            let at = nth * bits;
            let value = (line.get(at / 8)? >> (8 - bits - at % 8)) & ((1 << bits) - 1);
            Some(match bits {
                1 => value * 0xFF,
                2 => value * 0x55,
                _ => value * 0x11,
            })
        }
    }
}

/// Colour spaces, as far as their greys can be told.
enum Colours {
    Grey,
    Rgb,
    Cmyk,
    /// A palette of greys.
    Palette(Vec<u8>),
}

impl Colours {
    fn new(file: &File<'_>, space: &Object, depth: usize) -> Option<Self> {
        let (name, rest) = match space {
            Object::Name(name) => (name.as_slice(), &[][..]),
            Object::Array(parts) => (parts.first()?.name()?, parts.get(1..)?),
            _ => return None,
        };
        match name {
            b"DeviceGray" | b"G" | b"CalGray" => Some(Self::Grey),
            b"DeviceRGB" | b"RGB" | b"CalRGB" => Some(Self::Rgb),
            b"DeviceCMYK" | b"CMYK" => Some(Self::Cmyk),
            b"ICCBased" => {
                let profile = file.resolve(rest.first()?);
                match file.value(profile.dict()?, b"N").index()? {
                    1 => Some(Self::Grey),
                    3 => Some(Self::Rgb),
                    4 => Some(Self::Cmyk),
                    _ => None,
                }
            }
            b"Indexed" | b"I" if depth == 0 => {
                let base = Self::new(file, &file.resolve(rest.first()?), depth + 1)?;
                let table = match file.resolve(rest.get(2)?) {
                    Object::Text(table) => table,
                    Object::Stream(stream) => file.unpacked(&stream).ok()?,
                    _ => return None,
                };
                let entry = |colour: &[u8]| base.grey(8, |part| colour.get(part).copied().unwrap_or_default());
                Some(Self::Palette(table.chunks_exact(base.parts()).take(256).map(entry).collect()))
            }
            _ => None,
        }
    }

    /// Samples of a pixel.
    fn parts(&self) -> usize {
        match self {
            Self::Grey | Self::Palette(_) => 1,
            Self::Rgb => 3,
            Self::Cmyk => 4,
        }
    }

    fn grey(&self, bits: usize, part: impl Fn(usize) -> u8) -> u8 {
        let mixed = |red: u8, green: u8, blue: u8| {
            let sum = u32::from(red) * 299 + u32::from(green) * 587 + u32::from(blue) * 114;
            u8::try_from(sum / 1000).unwrap_or(u8::MAX)
        };
        match self {
            Self::Grey => part(0),
            Self::Rgb => mixed(part(0), part(1), part(2)),
            Self::Cmyk => u8::MAX.saturating_sub(part(3)).saturating_sub(mixed(part(0), part(1), part(2))),
            Self::Palette(greys) => {
                // The index was spread to eight bits.
                let index = if bits < 8 { usize::from(part(0)) >> (8 - bits) } else { usize::from(part(0)) };
                greys.get(index).copied().unwrap_or(u8::MAX)
            }
        }
    }
}

/// The filled rectangles of a page, painted: codes are often drawn and not put in as pictures.
pub(super) fn painted(filled: &[Filled]) -> Option<Grey> {
    // Ruled lines and backgrounds are no parts of a code.
    let small = |one: &&Filled| {
        let (width, height) = (one.right - one.left, one.bottom - one.top);
        width > 0.1
            && height > 0.1
            && width < 250.0
            && height < 250.0
            && one.left > -10.0
            && one.top > -10.0
            && one.right < 3000.0
            && one.bottom < 3000.0
    };
    let parts: Vec<&Filled> = filled.iter().filter(small).collect();
    if parts.iter().filter(|part| part.dark).count() < FEWEST {
        return None;
    }
    let edge = |pick: fn(f64, f64) -> f64, part: fn(&Filled) -> f64, start: f64| parts.iter().map(|one| part(one)).fold(start, pick);
    let (left, right) = (edge(f64::min, |one| one.left, f64::INFINITY), edge(f64::max, |one| one.right, f64::NEG_INFINITY));
    let (top, bottom) = (edge(f64::min, |one| one.top, f64::INFINITY), edge(f64::max, |one| one.bottom, f64::NEG_INFINITY));
    let margin = 12.0;
    let scale = SCALE.min((PAINTING - 2.0 * margin) / (right - left).max(bottom - top).max(1.0));
    // Casts saturate, and the painting is bounded by its scale.
    let pixel = |at: f64, from: f64| ((at - from) * scale + margin).round().max(0.0) as usize;
    let (width, height) = (pixel(right, left) + margin as usize, pixel(bottom, top) + margin as usize);
    let mut pixels = vec![u8::MAX; width.checked_mul(height).filter(|count| *count <= PICTURE_PIXELS)?];
    for part in parts {
        for y in pixel(part.top, top)..pixel(part.bottom, top) {
            let row = y * width;
            if let Some(run) = pixels.get_mut(row + pixel(part.left, left)..row + pixel(part.right, left)) {
                run.fill(if part.dark { 0 } else { u8::MAX });
            }
        }
    }
    Grey::new(width, height, pixels)
}
