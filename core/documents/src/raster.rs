//! Pictures as grey pixels, bounded, and the QR codes in them.

use std::cell::Cell;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;

use image::{GenericImage, GenericImageView, ImageBuffer, ImageFormat, ImageReader, Limits, Luma, Pixel, Rgba};
use rqrr::PreparedImage;

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
