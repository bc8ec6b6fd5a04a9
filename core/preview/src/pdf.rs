//! PDF: read and drawn by hayro, with the compiled-in font for Chinese fonts that a file does not bring along.

use std::sync::Arc;

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_interpret::font::{FontData, FontQuery};
use hayro::hayro_interpret::hayro_cmap::CidFamily;
use hayro::hayro_syntax::page::Page;
use hayro::hayro_syntax::{LoadPdfError, Pdf};
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings};

use crate::PageSize;
use crate::error::{Cancel, PreviewError};
use crate::font::COMPILED_IN;
use crate::limits;
use crate::picture::{Picture, Scale};

/// Points an inch and mm an inch.
const POINT: f64 = 25.4 / 72.0;

/// Sizes of all pages.
pub(crate) fn pages(bytes: Vec<u8>) -> Result<Vec<PageSize>, PreviewError> {
    Ok(open(bytes)?.pages().iter().map(size).collect())
}

/// One page. It cannot be stopped half-way: `cancel` is looked at before the file is read and before the page is drawn.
pub(crate) fn render(bytes: Vec<u8>, page: usize, scale: Scale, cancel: &Cancel) -> Result<Picture, PreviewError> {
    cancel.check()?;
    let pdf = open(bytes)?;
    let pages = pdf.pages();
    let drawn = pages.get(page).ok_or(PreviewError::NoPage { page, pages: pages.len() })?;
    let page = size(drawn);
    let ((width, height), _) = scale.pixels(page)?;
    cancel.check()?;
    // Half a pixel more than whole ones: the drawing code rounds down.
    let fit = |pixels: u16, mm: f64| ((f64::from(pixels) + 0.01) / (mm / POINT)) as f32;
    let settings = PixmapSettings { x_scale: fit(width, page.width), y_scale: fit(height, page.height), bg_color: WHITE };
    let pixels = hayro::render(drawn, &RenderCache::new(), &interpreter(), &RenderSettings::default(), &settings);
    cancel.check()?;
    Ok(Picture::new(pixels))
}

fn open(bytes: Vec<u8>) -> Result<Pdf, PreviewError> {
    if bytes.len() > limits::FILE {
        return Err(PreviewError::TooMuch("bytes"));
    }
    let pdf = Pdf::new(bytes).map_err(|error| match error {
        LoadPdfError::Decryption(_) => PreviewError::Protected,
        LoadPdfError::Invalid => PreviewError::Damaged("not a PDF file, or its structure is broken".to_owned()),
    })?;
    match pdf.pages().len() {
        0 => Err(PreviewError::Damaged("the PDF file lacks pages".to_owned())),
        1..=limits::PAGES => Ok(pdf),
        _ => Err(PreviewError::TooMuch("pages")),
    }
}

fn size(page: &Page<'_>) -> PageSize {
    let (width, height) = page.render_dimensions();
    let side = |points: f32| (f64::from(points) * POINT).clamp(0.1, limits::PAGE_SIDE);
    PageSize { width: side(width), height: side(height) }
}

/// 宋体, 楷体 and their like are usually not embedded: 税控 invoices expect every reader to have them.
fn interpreter() -> InterpreterSettings {
    let font_resolver = Arc::new(|query: &FontQuery| {
        let compiled_in = || -> (FontData, u32) { (Arc::new(COMPILED_IN), 0) };
        Some(match query {
            FontQuery::Standard(font) => font.get_font_data(),
            FontQuery::Fallback(query) if query.character_collection.as_ref().is_some_and(|set| is_han(&set.family)) => compiled_in(),
            FontQuery::Fallback(query) if query.post_script_name.as_deref().is_some_and(is_chinese) => compiled_in(),
            FontQuery::Fallback(query) => query.pick_standard_font().get_font_data(),
        })
    });
    InterpreterSettings { font_resolver, ..InterpreterSettings::default() }
}

fn is_han(family: &CidFamily) -> bool {
    matches!(family, CidFamily::AdobeGB1 | CidFamily::AdobeCNS1 | CidFamily::AdobeJapan1 | CidFamily::AdobeKorea1)
}

/// Names of the Chinese fonts of Windows and Acrobat.
fn is_chinese(name: &str) -> bool {
    const NAMES: [&str; 11] =
        ["simsun", "simhei", "simkai", "kaiti", "fangsong", "stsong", "stkaiti", "stheiti", "yahei", "nsimsun", "song"];
    let name = name.to_ascii_lowercase();
    !name.is_ascii() || NAMES.iter().any(|known| name.contains(known))
}
