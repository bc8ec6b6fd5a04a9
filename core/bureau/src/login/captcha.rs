//! The picture challenge (图形验证码): four characters, turned and jittered, under lines and dots.

use std::io::Cursor;

use image::{ExtendedColorType, ImageEncoder, Rgb, RgbImage};
use rand::{Rng, RngExt};

use super::glyphs::{GLYPHS, Glyph, SIZE};

/// Size of the picture in pixels.
const WIDTH: u32 = 120;
const HEIGHT: u32 = 40;
/// Characters in a picture.
const LENGTH: usize = 4;
/// Pixels of one dot.
const SCALE: f32 = 3.6;
const PAPER: Rgb<u8> = Rgb([246, 247, 250]);
const INKS: [Rgb<u8>; 4] = [Rgb([24, 60, 140]), Rgb([150, 34, 40]), Rgb([16, 104, 70]), Rgb([96, 40, 130])];

/// A picture and what it shows.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Captcha {
    pub(super) answer: String,
    pub(super) png: Vec<u8>,
}

impl Captcha {
    pub(super) fn new(rng: &mut impl Rng) -> Self {
        let mut picture = RgbImage::from_pixel(WIDTH, HEIGHT, PAPER);
        let mut answer = String::with_capacity(LENGTH);
        noise(&mut picture, rng);
        for place in 0..LENGTH {
            let glyph = pick(&GLYPHS, rng);
            answer.push(glyph.0);
            draw(&mut picture, glyph, place, rng);
        }
        for _ in 0..2 {
            line(&mut picture, rng);
        }
        Self { answer, png: encode(&picture) }
    }

    /// Capital and small letters are the same.
    pub(super) fn takes(&self, typed: &str) -> bool {
        typed.trim().eq_ignore_ascii_case(&self.answer)
    }
}

#[expect(clippy::indexing_slicing, reason = "a random place below N lies within N values")]
fn pick<'a, T, const N: usize>(from: &'a [T; N], rng: &mut impl Rng) -> &'a T {
    &from[rng.random_range(0..N)]
}

/// Draws a character turned by up to 17 degrees, a little off its place: for each pixel of its surroundings, the dot that
/// falls on it after turning back.
fn draw(picture: &mut RgbImage, glyph: &Glyph, place: usize, rng: &mut impl Rng) {
    let ink = *pick(&INKS, rng);
    let (sine, cosine) = rng.random_range(-0.3f32..0.3).sin_cos();
    let middle_x = 17.0 + 28.5 * place as f32 + rng.random_range(-2.5f32..2.5);
    let middle_y = HEIGHT as f32 / 2.0 + rng.random_range(-3.5f32..3.5);
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        let (right, down) = (x as f32 - middle_x, y as f32 - middle_y);
        let column = (right * cosine + down * sine) / SCALE + SIZE.0 as f32 / 2.0;
        let row = (down * cosine - right * sine) / SCALE + SIZE.1 as f32 / 2.0;
        if is_ink(glyph, column, row) {
            *pixel = ink;
        }
    }
}

fn is_ink(glyph: &Glyph, column: f32, row: f32) -> bool {
    if column < 0.0 || row < 0.0 || column >= SIZE.0 as f32 {
        return false;
    }
    glyph.1.get(row as usize).is_some_and(|bits| bits >> (SIZE.0 - 1 - column as usize) & 1 == 1)
}

fn noise(picture: &mut RgbImage, rng: &mut impl Rng) {
    for _ in 0..140 {
        let shade = rng.random_range(150..220);
        let (x, y) = (rng.random_range(0..WIDTH), rng.random_range(0..HEIGHT));
        picture.put_pixel(x, y, Rgb([shade, shade, shade]));
    }
}

/// A thin line from the left edge to the right one.
fn line(picture: &mut RgbImage, rng: &mut impl Rng) {
    let ink = *pick(&INKS, rng);
    let (from, to) = (rng.random_range(4.0..HEIGHT as f32 - 4.0), rng.random_range(4.0..HEIGHT as f32 - 4.0));
    for x in 0..WIDTH {
        let y = from + (to - from) * x as f32 / WIDTH as f32;
        picture.put_pixel(x, (y as u32).min(HEIGHT - 1), ink);
    }
}

fn encode(picture: &RgbImage) -> Vec<u8> {
    let mut png = Cursor::new(Vec::new());
    let encoder = image::codecs::png::PngEncoder::new(&mut png);
    #[expect(clippy::expect_used, reason = "memory takes everything, and the size fits the pixels")]
    encoder.write_image(picture.as_raw(), WIDTH, HEIGHT, ExtendedColorType::Rgb8).expect("a picture of fixed size is written to memory");
    png.into_inner()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    #[test]
    fn a_picture_shows_its_answer_in_ink() {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        for _ in 0..50 {
            let captcha = Captcha::new(&mut rng);
            let picture = image::load_from_memory(&captcha.png).unwrap().to_rgb8();
            assert_eq!(picture.dimensions(), (WIDTH, HEIGHT));
            assert_eq!(captcha.answer.len(), LENGTH);
            // Each quarter holds about as many inked pixels as its character has dots.
            for (place, character) in captcha.answer.chars().enumerate() {
                let dots: u32 = GLYPHS.iter().find(|glyph| glyph.0 == character).unwrap().1.iter().map(|row| row.count_ones()).sum();
                let columns = place as u32 * 28 + 3..place as u32 * 28 + 33;
                let inked = columns
                    .flat_map(|x| (0..HEIGHT).map(move |y| (x, y)))
                    .filter(|(x, y)| INKS.contains(picture.get_pixel(*x, *y)))
                    .count();
                let expected = (dots as f32 * SCALE * SCALE) as usize;
                assert!(inked > expected * 7 / 10, "{character}: {inked} of {expected}");
            }
        }
    }

    #[test]
    fn small_letters_are_taken() {
        let captcha = Captcha { answer: "A7KM".to_owned(), png: Vec::new() };
        assert!(captcha.takes(" a7km ") && !captcha.takes("A7K") && !captcha.takes(""));
    }
}
