//! Textures as egui uploads them, and how a point of them is read.

use egui::epaint::{ImageData, ImageDelta};
use egui::{TextureFilter, TextureOptions, TextureWrapMode};

/// A texel or colour as four premultiplied channels, 0 to 255.
pub(crate) type Rgba = [f32; 4];

#[derive(Default)]
pub(crate) struct Texture {
    width: usize,
    height: usize,
    texels: Vec<[u8; 4]>,
    options: TextureOptions,
}

impl Texture {
    /// Takes over a whole image or a part of it. A part that lies outside is cut.
    pub(crate) fn apply(&mut self, delta: &ImageDelta) {
        let ImageData::Color(image) = &delta.image;
        let [width, height] = image.size;
        let pixels = image.pixels.iter().map(|color| color.to_array());
        self.options = delta.options;
        let Some([left, top]) = delta.pos else {
            (self.width, self.height, self.texels) = (width, height, pixels.collect());
            return;
        };
        for (index, texel) in pixels.enumerate() {
            let (x, y) = (left + index % width, top + index / width);
            if x < self.width
                && let Some(place) = self.texels.get_mut(y * self.width + x)
            {
                *place = texel;
            }
        }
    }

    /// The colour at `(u, v)`, 0 to 1 over the texture.
    pub(crate) fn sample(&self, u: f32, v: f32) -> Rgba {
        // To 1/256 texel, as graphics hardware does: what should be a texel's centre becomes exactly that.
        let snap = |at: f32| (at * 256.0).round() / 256.0;
        let (x, y) = (snap(u * self.width as f32), snap(v * self.height as f32));
        match self.options.magnification {
            TextureFilter::Nearest => self.texel(x.floor() as i64, y.floor() as i64),
            TextureFilter::Linear => self.bilinear(x - 0.5, y - 0.5),
        }
    }

    fn bilinear(&self, x: f32, y: f32) -> Rgba {
        let (left, top) = (x.floor(), y.floor());
        let (right_part, lower_part) = (x - left, y - top);
        let (column, row) = (left as i64, top as i64);
        if right_part == 0.0 && lower_part == 0.0 {
            // Text lies on whole pixels: one texel is all there is.
            return self.texel(column, row);
        }
        let mix = |a: Rgba, b: Rgba, part: f32| -> Rgba { std::array::from_fn(|i| value(&a, i) + (value(&b, i) - value(&a, i)) * part) };
        let upper = mix(self.texel(column, row), self.texel(column + 1, row), right_part);
        let lower = mix(self.texel(column, row + 1), self.texel(column + 1, row + 1), right_part);
        mix(upper, lower, lower_part)
    }

    fn texel(&self, x: i64, y: i64) -> Rgba {
        let x = wrap(x, self.width, self.options.wrap_mode);
        let y = wrap(y, self.height, self.options.wrap_mode);
        let texel = self.texels.get(y * self.width + x).copied().unwrap_or_default();
        texel.map(f32::from)
    }
}

fn value(color: &Rgba, channel: usize) -> f32 {
    color.get(channel).copied().unwrap_or_default()
}

fn wrap(at: i64, size: usize, mode: TextureWrapMode) -> usize {
    let size = i64::try_from(size).unwrap_or(i64::MAX).max(1);
    let inside = match mode {
        TextureWrapMode::ClampToEdge => at.clamp(0, size - 1),
        TextureWrapMode::Repeat => at.rem_euclid(size),
        TextureWrapMode::MirroredRepeat => {
            let there_and_back = at.rem_euclid(2 * size);
            if there_and_back < size { there_and_back } else { 2 * size - 1 - there_and_back }
        }
    };
    usize::try_from(inside).unwrap_or(0)
}
