//! Pictures of originals (版式文件): the pages of OFD and PDF files, as pixels for the window and as scenes for printing.
//! No I/O, no window.
//!
//! ```text
//! OFD ── ofd ─► Scene ── raster (vello_cpu) ─► Picture
//!                  └──── the print file of piaoxia-export
//! PDF ── hayro ───────────────────────────────► Picture
//! ```
//!
//! # Why an OFD renderer of our own
//! Weighed against it, by its manifest and not by a run: `ofd-core` 0.3. It brings a second quick-xml (0.36, with the
//! advisories of that version), a second zip (2), a second rasteriser, the unmaintained `ttf-parser` and `fontdb`, which reads
//! the system's fonts (pictures differ from PC to PC), 16 packages in all; and it gives pixels only, so that printing would
//! need a renderer of its own anyway. Ours shares the rasteriser (vello_cpu) with the PDF renderer, the container and its limits with
//! `piaoxia-documents`, and its scenes with the print file. Measured on 20 first pages of the sandbox at 150 dpi with PNG
//! written (`examples/measure.rs`, dependencies optimised): OFD 0.29 CPU s, PDF 0.27 CPU s, PyMuPDF on the same PDF
//! files in the same run 0.49 CPU s.
//!
//! Drawn: templates with their order, layers, texts with `DeltaX`/`DeltaY`, `HScale`, `CharDirection` and `CGTransform` in
//! embedded or the compiled-in font, paths, dashes, `DrawParam` with inheritance, clips, opacity, PNG, JPEG, BMP and JBIG2
//! pictures, composite objects, annotations, seals (PNG, JPEG, BMP or nested OFD) with their part (`Clip`).
//! Not drawn: shadings (their first colour is taken) and patterns, GIF and TIFF pictures, image masks, the outlines of
//! stroked texts. The box of an object (`Boundary`) places it and does not cut it.
//!
//! # Limits
//! Every file is hostile: sizes, counts and depths are bounded (`limits`), entries are read by name into memory, a panic of
//! the drawing code becomes [`PreviewError::Failed`]. What hayro unpacks of a PDF page has no bound: draw originals in a process
//! that has one, as the engine does. Call from a thread with a stack of [`STACK`] bytes, never from the window's: a page takes
//! tens of milliseconds, and a PDF page cannot be stopped half-way.
pub mod font;
pub mod scene;

mod error;
mod limits;
mod ofd;
mod pdf;
mod picture;
mod raster;

use std::panic::{AssertUnwindSafe, catch_unwind};

pub use hayro::kurbo;
use piaoxia_domain::invoice::Format;

pub use error::{Cancel, PreviewError};
pub use limits::STACK;
pub use picture::{Picture, Scale};
use scene::Scene;
use serde::{Deserialize, Serialize};

/// Size of a page.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PageSize {
    /// Width, mm.
    pub width: f64,
    /// Height, mm.
    pub height: f64,
}

/// Sizes of all pages of a file, in order; at least one, at most 2,000.
///
/// # Errors
/// [`PreviewError::NotPaged`], [`PreviewError::Damaged`], [`PreviewError::Protected`], [`PreviewError::TooMuch`],
/// [`PreviewError::Failed`].
pub fn pages(format: Format, bytes: &[u8]) -> Result<Vec<PageSize>, PreviewError> {
    guarded(|| match format {
        Format::Xml => Err(PreviewError::NotPaged(format)),
        Format::Ofd => ofd::pages(bytes),
        Format::Pdf => pdf::pages(bytes.to_vec()),
    })
}

/// A page, counted from 0, on white paper. At most 16 million pixels.
///
/// # Errors
/// As [`pages`]; [`PreviewError::NoPage`], [`PreviewError::Size`], [`PreviewError::Cancelled`].
pub fn render(format: Format, bytes: &[u8], page: usize, scale: Scale, cancel: &Cancel) -> Result<Picture, PreviewError> {
    guarded(|| match format {
        Format::Xml => Err(PreviewError::NotPaged(format)),
        Format::Ofd => rasterise(&ofd::scene(bytes, page, cancel)?, scale, cancel),
        Format::Pdf => pdf::render(bytes.to_vec(), page, scale, cancel),
    })
}

/// A page of an OFD file as marks, for whoever draws them otherwise.
///
/// # Errors
/// As [`render`].
pub fn scene(bytes: &[u8], page: usize, cancel: &Cancel) -> Result<Scene, PreviewError> {
    guarded(|| ofd::scene(bytes, page, cancel))
}

/// A scene on white paper.
///
/// # Errors
/// [`PreviewError::Size`], [`PreviewError::Cancelled`], [`PreviewError::Failed`].
pub fn rasterise(scene: &Scene, scale: Scale, cancel: &Cancel) -> Result<Picture, PreviewError> {
    let (pixels, scale) = scale.pixels(PageSize { width: scene.width, height: scene.height })?;
    guarded(|| raster::draw(scene, pixels, scale, cancel))
}

/// A panic of the drawing code, which is not ours alone, ends the drawing and nothing else.
fn guarded<T>(work: impl FnOnce() -> Result<T, PreviewError>) -> Result<T, PreviewError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(PreviewError::Failed))
}
