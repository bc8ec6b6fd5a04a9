//! Triangles to pixels.
//!
//! Edges are decided in integers (1/256 pixel) with the top-left rule, so that two triangles that share an edge
//! never paint a pixel twice or leave one out. Colours run in `f32`, with additions and multiplications only, which
//! IEEE 754 defines to the last bit.

use egui::epaint::{Mesh, Vertex};
use egui::{Color32, Rect};
use image::RgbaImage;

use crate::texture::{Rgba, Texture};

/// Steps per pixel of the integer grid.
const GRID: i64 = 256;
/// Pixels from the origin beyond which a corner is pulled in, so that products of coordinates fit into 64 bits.
const FAR: f64 = 1_000_000.0;

pub(crate) struct Canvas {
    width: u32,
    height: u32,
    pixels: Vec<[u8; 4]>,
}

/// Pixels that may be touched, the right and lower ones excluded.
#[derive(Clone, Copy)]
struct Clip {
    left: i64,
    top: i64,
    right: i64,
    bottom: i64,
}

/// A corner of a triangle: integer position, colour and texture coordinates.
#[derive(Clone, Copy)]
struct Corner {
    x: i64,
    y: i64,
    values: [f32; 6],
}

impl Corner {
    fn new(vertex: &Vertex, scale: f32) -> Self {
        let fixed = |points: f32| ((f64::from(points) * f64::from(scale)).clamp(-FAR, FAR) * GRID as f64).round() as i64;
        let [r, g, b, a] = vertex.color.to_array().map(f32::from);
        Self { x: fixed(vertex.pos.x), y: fixed(vertex.pos.y), values: [r, g, b, a, vertex.uv.x, vertex.uv.y] }
    }
}

impl Canvas {
    pub(crate) fn new(width: u32, height: u32, ground: Color32) -> Self {
        let count = width as usize * height as usize;
        Self { width, height, pixels: vec![ground.to_array(); count] }
    }

    pub(crate) fn into_image(self) -> Result<RgbaImage, String> {
        let bytes = self.pixels.into_iter().flatten().collect();
        RgbaImage::from_raw(self.width, self.height, bytes).ok_or_else(|| "the image has no size".to_owned())
    }

    /// Paints a mesh; `clip` is in points.
    pub(crate) fn mesh(&mut self, mesh: &Mesh, texture: &Texture, clip: Rect, scale: f32) {
        let edge = |points: f32, limit: u32| ((points * scale).round() as i64).clamp(0, i64::from(limit));
        let clip = Clip {
            left: edge(clip.min.x, self.width),
            top: edge(clip.min.y, self.height),
            right: edge(clip.max.x, self.width),
            bottom: edge(clip.max.y, self.height),
        };
        for triangle in mesh.triangles() {
            let [a, b, c] = triangle.map(|index| mesh.vertices.get(index as usize));
            if let (Some(a), Some(b), Some(c)) = (a, b, c) {
                self.triangle([a, b, c].map(|vertex| Corner::new(vertex, scale)), texture, clip);
            }
        }
    }

    fn triangle(&mut self, [a, mut b, mut c]: [Corner; 3], texture: &Texture, clip: Clip) {
        let area = cross(a, b, c.x, c.y);
        if area == 0 {
            return;
        }
        if area < 0 {
            std::mem::swap(&mut b, &mut c);
        }
        let plane = Plane::new(a, b, c, area.abs());
        let pixel_below = |grid: i64| (grid - GRID / 2).div_euclid(GRID) + 1;
        let top = pixel_below(a.y.min(b.y).min(c.y) - 1).max(clip.top);
        let bottom = pixel_below(a.y.max(b.y).max(c.y)).min(clip.bottom);
        for y in top..bottom {
            let centre = y * GRID + GRID / 2;
            let spans = [Edge::new(a, b), Edge::new(b, c), Edge::new(c, a)].map(|edge| edge.span(centre));
            let left = spans.iter().map(|span| span.0).fold(clip.left, i64::max);
            let right = spans.iter().map(|span| span.1).fold(clip.right, i64::min);
            if left < right {
                self.row(y, left, right, &plane, texture);
            }
        }
    }

    fn row(&mut self, y: i64, left: i64, right: i64, plane: &Plane, texture: &Texture) {
        let start = y * i64::from(self.width) + left;
        let end = y * i64::from(self.width) + right;
        let range = usize::try_from(start).unwrap_or(0)..usize::try_from(end).unwrap_or(0);
        let Some(pixels) = self.pixels.get_mut(range) else { return };
        if let Some(values) = plane.flat {
            let color = shade(values, texture);
            for pixel in pixels {
                blend(pixel, color);
            }
            return;
        }
        for (step, pixel) in pixels.iter_mut().enumerate() {
            blend(pixel, shade(plane.at(left + step as i64, y), texture));
        }
    }
}

/// Twice the signed area of the triangle from `a` over `b` to the point.
fn cross(a: Corner, b: Corner, x: i64, y: i64) -> i64 {
    (b.x - a.x) * (y - a.y) - (b.y - a.y) * (x - a.x)
}

/// One side of a triangle, its inside to the right when looking from `a` to `b` with y downwards.
struct Edge {
    a: Corner,
    dx: i64,
    dy: i64,
}

impl Edge {
    fn new(a: Corner, b: Corner) -> Self {
        Self { a, dx: b.x - a.x, dy: b.y - a.y }
    }

    /// The pixels whose centres, on the line `y`, lie inside; the first one and the one after the last.
    ///
    /// Inside is `dx * (y - a.y) - dy * (x - a.x) >= 0`; on the edge itself only top and left edges count.
    fn span(&self, y: i64) -> (i64, i64) {
        let counts = self.dy < 0 || (self.dy == 0 && self.dx > 0);
        let limit = self.dx * (y - self.a.y) - i64::from(!counts);
        let centre_to_pixel = |x: i64| x - GRID / 2;
        if self.dy == 0 {
            return if limit >= 0 { (i64::MIN, i64::MAX) } else { (i64::MAX, i64::MIN) };
        }
        if self.dy > 0 {
            // x - a.x <= limit / dy
            let last = self.a.x + limit.div_euclid(self.dy);
            (i64::MIN, centre_to_pixel(last).div_euclid(GRID) + 1)
        } else {
            // x - a.x >= -(limit / -dy)
            let first = self.a.x - limit.div_euclid(-self.dy);
            (-(-centre_to_pixel(first)).div_euclid(GRID), i64::MAX)
        }
    }
}

/// How colour and texture coordinates run over a triangle.
struct Plane {
    /// Set if all corners have the same values.
    flat: Option<[f32; 6]>,
    origin: Corner,
    along_x: [f32; 6],
    along_y: [f32; 6],
}

impl Plane {
    fn new(a: Corner, b: Corner, c: Corner, area: i64) -> Self {
        let flat = (a.values == b.values && b.values == c.values).then_some(a.values);
        let slope = |to_b: i64, to_c: i64| -> [f32; 6] {
            let (to_b, to_c) = (to_b as f64 / area as f64, to_c as f64 / area as f64);
            std::array::from_fn(|i| {
                let at = |corner: &Corner| f64::from(corner.values.get(i).copied().unwrap_or_default());
                ((at(&b) - at(&a)) * to_b + (at(&c) - at(&a)) * to_c) as f32
            })
        };
        Self { flat, origin: a, along_x: slope(c.y - a.y, a.y - b.y), along_y: slope(a.x - c.x, b.x - a.x) }
    }

    /// The values at the centre of a pixel.
    fn at(&self, x: i64, y: i64) -> [f32; 6] {
        let dx = (x * GRID + GRID / 2 - self.origin.x) as f32;
        let dy = (y * GRID + GRID / 2 - self.origin.y) as f32;
        let part = |values: &[f32; 6], i: usize| values.get(i).copied().unwrap_or_default();
        std::array::from_fn(|i| part(&self.origin.values, i) + part(&self.along_x, i) * dx + part(&self.along_y, i) * dy)
    }
}

/// Vertex colour times texture, both premultiplied, in gamma space.
fn shade([r, g, b, a, u, v]: [f32; 6], texture: &Texture) -> Rgba {
    let [tr, tg, tb, ta] = texture.sample(u, v);
    [r * tr / 255.0, g * tg / 255.0, b * tb / 255.0, a * ta / 255.0]
}

/// Source over destination with premultiplied alpha.
fn blend(pixel: &mut [u8; 4], color: Rgba) {
    let [_, _, _, alpha] = color;
    let rest = 1.0 - (alpha / 255.0).clamp(0.0, 1.0);
    for (channel, source) in pixel.iter_mut().zip(color) {
        // The cast saturates, so rounding is all that is left to do.
        *channel = (source + f32::from(*channel) * rest + 0.5) as u8;
    }
}
