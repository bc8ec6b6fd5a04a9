//! Pictures on a page: PNG, JPEG, BMP and JBIG2 as pixels.

use std::io::Cursor;

use hayro_jbig2::{Decoder, File};
use image::{ImageFormat, ImageReader, Limits};

use super::budget::Budget;
use crate::error::PreviewError;
use crate::limits;
use crate::scene::Bitmap;

/// First bytes of a JBIG2 file (ITU-T T.88, annex D.4).
const JBIG2: &[u8] = b"\x97JB2\r\n\x1a\n";

/// The pixels of a picture file; none for a format that is not drawn or a file that cannot be read.
pub(super) fn decode(bytes: &[u8], budget: &mut Budget) -> Result<Option<Bitmap>, PreviewError> {
    let bitmap = if bytes.starts_with(JBIG2) { jbig2(bytes) } else { raster(bytes) };
    if let Some(bitmap) = &bitmap {
        budget.image_bytes(bitmap.rgba.len())?;
    }
    Ok(bitmap)
}

fn raster(bytes: &[u8]) -> Option<Bitmap> {
    let format =
        image::guess_format(bytes).ok().filter(|format| matches!(format, ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::Bmp))?;
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut most = Limits::default();
    most.max_image_width = Some(limits::IMAGE_SIDE);
    most.max_image_height = Some(limits::IMAGE_SIDE);
    most.max_alloc = Some(limits::IMAGES as u64);
    reader.limits(most);
    let decoded = reader.decode().ok()?;
    if u64::from(decoded.width()) * u64::from(decoded.height()) * 4 > limits::IMAGES as u64 {
        return None;
    }
    let rgba = decoded.into_rgba8();
    Some(Bitmap { width: rgba.width(), height: rgba.height(), rgba: rgba.into_raw() })
}

fn jbig2(bytes: &[u8]) -> Option<Bitmap> {
    let file = File::new(bytes, &hayro_jbig2::DecodeSettings::default()).ok()?;
    let page = file.page(0)?;
    let (width, height) = (page.width(), page.height());
    if width == 0 || height == 0 || width > limits::IMAGE_SIDE || height > limits::IMAGE_SIDE {
        return None;
    }
    let pixels = usize::try_from(u64::from(width) * u64::from(height)).ok().filter(|pixels| *pixels <= limits::IMAGES / 4)?;
    let mut dots = Dots { rgba: Vec::with_capacity(pixels * 4), most: pixels * 4 };
    page.decode(&mut dots).ok()?;
    (dots.rgba.len() == pixels * 4).then_some(Bitmap { width, height, rgba: dots.rgba })
}

/// Collects dots as opaque pixels; never more than the size that the file states.
struct Dots {
    rgba: Vec<u8>,
    most: usize,
}

impl Decoder for Dots {
    fn push_pixel(&mut self, black: bool) {
        if self.rgba.len() < self.most {
            self.rgba.extend(if black { [0, 0, 0, 255] } else { [255; 4] });
        }
    }

    fn push_pixel_chunk(&mut self, black: bool, chunk_count: u32) {
        for _ in 0..chunk_count.saturating_mul(8) {
            self.push_pixel(black);
        }
    }

    fn next_line(&mut self) {}
}

/// Paper white becomes see-through: a seal without transparency must not hide the text under it.
pub(super) fn without_paper(mut bitmap: Bitmap) -> Bitmap {
    if bitmap.rgba.chunks_exact(4).any(|pixel| pixel.last() != Some(&255)) {
        return bitmap;
    }
    for pixel in bitmap.rgba.as_chunks_mut::<4>().0 {
        let [red, green, blue, _] = *pixel;
        let alpha = 255 - red.min(green).min(blue);
        let ink = |part: u8| match alpha {
            0 => 0,
            alpha => (255 - u32::from(255 - part) * 255 / u32::from(alpha)) as u8,
        };
        *pixel = [ink(red), ink(green), ink(blue), alpha];
    }
    bitmap
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_paper_goes_and_red_ink_stays() {
        let bitmap = Bitmap { width: 3, height: 1, rgba: vec![255, 255, 255, 255, 255, 0, 0, 255, 255, 127, 127, 255] };
        assert_eq!(without_paper(bitmap).rgba, [0, 0, 0, 0, 255, 0, 0, 255, 255, 0, 0, 128]);
        let clear = Bitmap { width: 1, height: 1, rgba: vec![255, 255, 255, 9] };
        assert_eq!(without_paper(clear.clone()), clear);
    }
}
