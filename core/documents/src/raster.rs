//! Pictures as grey pixels, bounded, and the QR codes in them.

use std::cell::Cell;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;

use image::{GenericImage, GenericImageView, ImageBuffer, ImageFormat, ImageReader, Limits, Luma, Pixel, Rgba};
use rqrr::{BitGrid, Grid, PreparedImage};

use crate::limits::{PICTURE_BYTES, PICTURE_SIDE, QR_CODES, QR_CORNERS, QR_SIDE, QR_WORK};

/// A picture in grey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grey {
    width: usize,
    height: usize,
    /// Row by row from the top; 0 is black.
    pixels: Vec<u8>,
}

impl Grey {
    /// None unless there is a pixel for every place.
    pub(crate) fn new(width: usize, height: usize, pixels: Vec<u8>) -> Option<Self> {
        (width > 0 && height > 0 && pixels.len() == width.checked_mul(height)?).then_some(Self { width, height, pixels })
    }

    /// No larger than [`QR_SIDE`] on a side: each pixel the mean of a square.
    fn reduced(self) -> Self {
        let factor = self.width.max(self.height).div_ceil(QR_SIDE);
        if factor < 2 {
            return self;
        }
        let (width, height) = ((self.width / factor).max(1), (self.height / factor).max(1));
        let mut pixels = Vec::with_capacity(width * height);
        for y in 0..height {
            for x in 0..width {
                let rows = (0..factor).filter_map(|row| {
                    let start = (y * factor + row) * self.width + x * factor;
                    self.pixels.get(start..start + factor)
                });
                let (sum, count) = rows.flatten().fold((0_usize, 0_usize), |(sum, count), pixel| (sum + usize::from(*pixel), count + 1));
                pixels.push(u8::try_from(sum / count.max(1)).unwrap_or(u8::MAX));
            }
        }
        Self { width, height, pixels }
    }
}

/// Reads a PNG or JPEG, told by its first bytes; none when it is another format, damaged, or larger than
/// [`PICTURE_SIDE`] or [`PICTURE_BYTES`].
pub(crate) fn read(bytes: &[u8]) -> Option<Grey> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    if !matches!(reader.format()?, ImageFormat::Png | ImageFormat::Jpeg) {
        return None;
    }
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(PICTURE_SIDE);
    limits.max_image_height = Some(PICTURE_SIDE);
    limits.max_alloc = Some(PICTURE_BYTES);
    reader.limits(limits);
    let picture = reader.decode().ok()?;
    let grey = if picture.color().has_alpha() { over_white(&picture) } else { picture.into_luma8() };
    let (width, height) = (usize::try_from(grey.width()).ok()?, usize::try_from(grey.height()).ok()?);
    Grey::new(width, height, grey.into_raw())
}

/// What shows through is paper.
fn over_white(picture: &image::DynamicImage) -> ImageBuffer<Luma<u8>, Vec<u8>> {
    let pixel = |x, y| {
        let Rgba([.., alpha]) = picture.get_pixel(x, y);
        let Luma([grey]) = picture.get_pixel(x, y).to_luma();
        let (alpha, grey) = (u32::from(alpha), u32::from(grey));
        Luma([u8::try_from((grey * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)])
    };
    ImageBuffer::from_fn(picture.width(), picture.height(), pixel)
}

/// The texts of the QR codes in a picture. A picture that costs more than any with an invoice's code gives none.
pub(crate) fn qr_texts(picture: Grey) -> Vec<String> {
    if let Some(text) = Modules::of(&picture).and_then(Modules::text) {
        return vec![text];
    }
    let board = Board::new(picture.reduced());
    // The library finds its way by unwrapping what a hostile picture need not hold, and cannot be told to stop: both ways
    // out of it are unwinding.
    let found = catch_unwind(AssertUnwindSafe(|| {
        let mut prepared = PreparedImage::prepare(board);
        let grids = prepared.detect_grids();
        grids.into_iter().take(QR_CODES).filter_map(|grid| grid.decode().ok()).map(|(_, text)| text).collect()
    }));
    found.unwrap_or_default()
}

/// A code that is all of its picture, straight and sharp, as programs put it into files: its modules need no search, which
/// costs ten times as much as all the rest.
struct Modules {
    /// On a side: 21 to 177 (ISO/IEC 18004).
    size: usize,
    dark: Vec<bool>,
}

impl Modules {
    fn of(picture: &Grey) -> Option<Self> {
        let (lightest, darkest) = (*picture.pixels.iter().max()?, *picture.pixels.iter().min()?);
        let middle = darkest.midpoint(lightest);
        let dark = |x: usize, y: usize| picture.pixels.get(y * picture.width + x).is_some_and(|pixel| *pixel < middle);
        let column = |x: usize| (0..picture.height).any(|y| dark(x, y));
        let row = |y: usize| (0..picture.width).any(|x| dark(x, y));
        let (left, right) = ((0..picture.width).find(|x| column(*x))?, (0..picture.width).rfind(|x| column(*x))?);
        let (top, bottom) = ((0..picture.height).find(|y| row(*y))?, (0..picture.height).rfind(|y| row(*y))?);
        let (wide, high) = (right + 1 - left, bottom + 1 - top);
        // The upper left corner begins with the ring of a mark, seven modules long.
        let ring = (left..=right).take_while(|x| dark(*x, top)).count();
        let size = (wide * 7 + ring / 2) / ring.max(1);
        if wide.abs_diff(high) * size > wide || !(21..=177).contains(&size) || size % 4 != 1 {
            return None;
        }
        let middle_of = |nth: usize, from: usize, length: usize| from + (2 * nth + 1) * length / (2 * size);
        let module = |at: usize| dark(middle_of(at % size, left, wide), middle_of(at / size, top, high));
        Some(Self { size, dark: (0..size * size).map(module).collect() })
    }

    fn text(self) -> Option<String> {
        // Modules that are no code are told by their error correction.
        catch_unwind(AssertUnwindSafe(|| Grid::new(self).decode().ok())).ok().flatten().map(|(_, text)| text)
    }
}

impl BitGrid for Modules {
    fn size(&self) -> usize {
        self.size
    }

    fn bit(&self, y: usize, x: usize) -> bool {
        self.dark.get(y * self.size + x).copied().unwrap_or_default()
    }
}

/// The picture as the library for QR codes sees it, with an account of what the search has cost.
///
/// The library compares every three corner marks with each other and copies the picture for each try. A picture full of
/// marks would keep it busy for hours, so that marks and accesses are counted.
#[derive(Debug)]
struct Board {
    picture: Grey,
    account: Rc<Account>,
}

#[derive(Debug)]
struct Account {
    /// Accesses that are left.
    work: Cell<usize>,
    /// Corner marks that are left.
    corners: Cell<usize>,
    /// The value that was painted last.
    painted: Cell<u8>,
}

/// The search was given up.
struct GivenUp;

impl Account {
    fn charge(&self, work: usize) {
        match self.work.get().checked_sub(work) {
            Some(left) => self.work.set(left),
            None => resume_unwind(Box::new(GivenUp)),
        }
    }

    /// The library paints the ring of a mark with 4 while it measures it and then, for good, with 2.
    fn paint(&self, value: u8) {
        const MEASURED: u8 = 4;
        const MARK: u8 = 2;
        if self.painted.replace(value) == MEASURED && value == MARK {
            match self.corners.get().checked_sub(1) {
                Some(left) => self.corners.set(left),
                None => resume_unwind(Box::new(GivenUp)),
            }
        }
    }
}

impl Board {
    fn new(picture: Grey) -> Self {
        let account = Account { work: Cell::new(QR_WORK), corners: Cell::new(QR_CORNERS), painted: Cell::new(0) };
        Self { picture, account: Rc::new(account) }
    }

    fn index(&self, x: u32, y: u32) -> usize {
        y as usize * self.picture.width + x as usize
    }
}

impl Clone for Board {
    fn clone(&self) -> Self {
        self.account.charge(self.picture.pixels.len() / 8);
        Self { picture: self.picture.clone(), account: Rc::clone(&self.account) }
    }
}

impl GenericImageView for Board {
    type Pixel = Luma<u8>;

    fn dimensions(&self) -> (u32, u32) {
        // A reduced picture has at most QR_SIDE pixels on a side.
        (self.picture.width as u32, self.picture.height as u32)
    }

    fn get_pixel(&self, x: u32, y: u32) -> Luma<u8> {
        self.account.charge(1);
        Luma([self.picture.pixels.get(self.index(x, y)).copied().unwrap_or_default()])
    }
}

impl GenericImage for Board {
    fn get_pixel_mut(&mut self, x: u32, y: u32) -> &mut Luma<u8> {
        let _ = (x, y);
        // Nobody asks for it: the library paints by `put_pixel`.
        resume_unwind(Box::new(GivenUp))
    }

    fn put_pixel(&mut self, x: u32, y: u32, pixel: Luma<u8>) {
        let Luma([value]) = pixel;
        self.account.paint(value);
        let index = self.index(x, y);
        if let Some(kept) = self.picture.pixels.get_mut(index) {
            *kept = value;
        }
    }

    fn blend_pixel(&mut self, x: u32, y: u32, pixel: Luma<u8>) {
        self.put_pixel(x, y, pixel);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use image::{ExtendedColorType, ImageEncoder};
    use qrcode::{Color, QrCode};

    use super::*;

    const TEXT: &str = "01,32,,26322000000099000003,39.54,20260306,,6187";

    /// The code in a white picture, its modules some pixels large, at a place.
    fn picture(side: usize, scale: usize, at: (usize, usize)) -> Grey {
        let code = QrCode::new(TEXT).unwrap();
        let width = code.width();
        let dark = code.into_colors();
        let mut pixels = vec![255; side * side];
        for y in 0..width * scale {
            for x in 0..width * scale {
                if dark[y / scale * width + x / scale] == Color::Dark {
                    pixels[(at.1 + y) * side + at.0 + x] = 0;
                }
            }
        }
        Grey::new(side, side, pixels).unwrap()
    }

    fn png(picture: &Grey) -> Vec<u8> {
        let mut png = Vec::new();
        let (width, height) = (u32::try_from(picture.width).unwrap(), u32::try_from(picture.height).unwrap());
        image::codecs::png::PngEncoder::new(&mut png).write_image(&picture.pixels, width, height, ExtendedColorType::L8).unwrap();
        png
    }

    #[test]
    fn codes_are_read_alone_and_among_others() {
        for scale in [1, 2, 3, 4, 7] {
            assert_eq!(qr_texts(picture(300, scale, (20, 30))), [TEXT], "{scale}");
        }
        let mut page = picture(2_400, 4, (100, 200));
        page.pixels[5 * 2_400..5 * 2_400 + 2_000].fill(0);
        page.pixels[2_300 * 2_400 + 1..2_300 * 2_400 + 900].fill(0);
        assert_eq!(qr_texts(page), [TEXT]);
        assert_eq!(qr_texts(Grey::new(50, 50, vec![255; 2_500]).unwrap()), [""; 0]);
        assert_eq!(qr_texts(Grey::new(1, 1, vec![0]).unwrap()), [""; 0]);
    }

    #[test]
    fn pictures_are_bounded() {
        let sound = png(&picture(100, 2, (10, 10)));
        assert_eq!(qr_texts(read(&sound).unwrap()), [TEXT]);
        // The head says how large the picture is; what follows is not asked.
        for (width, height) in [(50_000_u32, 50_000_u32), (8_193, 1), (1, 8_193), (8_000, 8_000), (u32::MAX, u32::MAX), (0, 0)] {
            let mut bomb = sound.clone();
            bomb[16..20].copy_from_slice(&width.to_be_bytes());
            bomb[20..24].copy_from_slice(&height.to_be_bytes());
            assert_eq!(read(&bomb), None, "{width} x {height}");
        }
        for other in [&b"GIF89a\x01\x00\x01\x00"[..], b"BM", b"RIFF\0\0\0\0WEBP", b"II*\0", b"", b"\x89PNG\r\n\x1A\n"] {
            assert_eq!(read(other), None);
        }
    }

    #[test]
    fn damaged_pictures_are_survived() {
        let sound = png(&picture(120, 3, (10, 10)));
        let mut read_back = 0;
        for seed in 0..2_000_usize {
            let mut bytes = sound.clone();
            for blow in 0..=seed % 3 {
                let at = (seed * 2_654_435_761 + blow * 40_503) % bytes.len();
                bytes[at] ^= 1 << (seed % 8);
            }
            bytes.truncate(bytes.len() - seed % 5 * 7);
            read_back += read(&bytes).map_or(0, |picture| qr_texts(picture).len());
        }
        // Checksums of PNG catch nearly all; what they let through is looked at.
        assert!(read_back < 2_000);
        // Pixels that are damaged behind the checksums.
        let whole = picture(120, 3, (10, 10));
        let mut corrected = 0;
        for seed in 0..2_000_usize {
            let mut picture = whole.clone();
            for blow in 0..seed % 400 {
                let at = (seed * 2_654_435_761 + blow * 97_003) % picture.pixels.len();
                picture.pixels[at] ^= 0xFF;
            }
            corrected += usize::from(qr_texts(picture) == [TEXT]);
        }
        assert!(corrected > 200, "{corrected}");
    }
}
