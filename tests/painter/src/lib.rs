//! Draws egui frames on the CPU, for snapshots that are the same on every machine.
//!
//! GPUs and their software stand-ins disagree about edges, so pictures made by them only compare well on
//! the machine that made them. Here every pixel comes from plain IEEE arithmetic in one thread, in the order
//! of egui's meshes, blended in gamma space with premultiplied alpha as egui's own OpenGL painter does.
//!
//! ```text
//! let mut harness = Harness::builder().with_size([1366.0, 768.0]).renderer(CpuPainter::default()).build_ui(|ui| ..);
//! harness.run();
//! piaoxia_painter::snapshot(&mut harness, "home");
//! ```

mod compare;
mod raster;
mod texture;

use std::collections::HashMap;
use std::path::PathBuf;

use egui::epaint::{ClippedPrimitive, ClippedShape, Primitive};
use egui::{Context, FullOutput, TextureId, TexturesDelta};
use egui_kittest::{Harness, TestRenderer};
use image::RgbaImage;

use raster::Canvas;
use texture::Texture;

pub use compare::{Difference, TOLERANCE, difference};

/// Renders what egui puts out into an image, without a GPU.
#[derive(Default)]
pub struct CpuPainter {
    textures: HashMap<TextureId, Texture>,
}

/// A painter for `Harness::builder().renderer(..)`.
pub fn painter() -> CpuPainter {
    CpuPainter::default()
}

impl TestRenderer for CpuPainter {
    fn handle_delta(&mut self, delta: &mut TexturesDelta) {
        for (id, changes) in delta.set.drain() {
            for change in changes {
                let texture = self.textures.entry(id).or_default();
                texture.apply(&change);
            }
        }
        for id in delta.free.drain() {
            self.textures.remove(&id);
        }
    }

    fn render(&mut self, ctx: &Context, output: &FullOutput) -> Result<RgbaImage, String> {
        let scale = ctx.pixels_per_point();
        let size = ctx.content_rect().size() * scale;
        let ground = ctx.global_style().visuals.panel_fill;
        let mut canvas = Canvas::new(size.x.round() as u32, size.y.round() as u32, ground);
        let shapes: Vec<ClippedShape> = output.shapes.clone();
        for ClippedPrimitive { clip_rect, primitive } in ctx.tessellate(shapes, scale) {
            match primitive {
                Primitive::Mesh(mesh) => {
                    let texture = self.textures.get(&mesh.texture_id);
                    let texture = texture.ok_or_else(|| format!("a mesh uses the unknown texture {:?}", mesh.texture_id))?;
                    canvas.mesh(&mesh, texture, clip_rect, scale);
                }
                Primitive::Callback(_) => return Err("a paint callback needs a GPU".to_owned()),
            }
        }
        canvas.into_image()
    }
}

/// Renders the harness and compares with `tests/snapshots/NAME.png` of the package under test.
///
/// With the environment variable `UPDATE_SNAPSHOTS` set, writes the file instead. A missing snapshot fails.
/// A mismatch leaves `NAME.new.png` and `NAME.diff.png` beside it.
///
/// # Panics
/// When the picture is another one, or cannot be made, read or written.
#[track_caller]
pub fn snapshot<State>(harness: &mut Harness<'_, State>, name: &str) {
    harness.set_render_cursor(false);
    let result = harness.render().and_then(|image| check(&image, name));
    if let Err(problem) = result {
        fail(&problem);
    }
}

/// Compares a picture that was put together of several with `tests/snapshots/NAME.png`, as [`snapshot`] does.
///
/// # Panics
/// As [`snapshot`].
#[track_caller]
pub fn snapshot_image(image: &RgbaImage, name: &str) {
    if let Err(problem) = check(image, name) {
        fail(&problem);
    }
}

#[track_caller]
#[expect(clippy::panic, reason = "a picture that differs is a failed test")]
fn fail(problem: &str) -> ! {
    panic!("{problem}")
}

fn check(image: &RgbaImage, name: &str) -> Result<(), String> {
    // Cargo and nextest set it to the package whose test runs.
    let package = std::env::var_os("CARGO_MANIFEST_DIR").ok_or("CARGO_MANIFEST_DIR is not set: run the test with cargo")?;
    let folder = PathBuf::from(package).join("tests").join("snapshots");
    let update = std::env::var_os("UPDATE_SNAPSHOTS").is_some_and(|value| value != "0" && value != "false");
    compare::check(image, &folder, name, update)
}
