//! What pages refer to by number: fonts, pictures, drawing parameters, colour spaces, composite objects.

use std::collections::HashMap;
use std::sync::Arc;

use super::package::{Package, resolve};
use super::style::Style;
use super::xml::Element;
use crate::error::PreviewError;
use crate::font::FontFile;
use crate::limits;

/// Resources of a document, later ones in front of earlier ones.
#[derive(Default)]
pub(super) struct Resources {
    fonts: HashMap<String, FontEntry>,
    media: HashMap<String, Vec<String>>,
    params: HashMap<String, Arc<Element>>,
    composites: HashMap<String, Arc<Element>>,
    spaces: HashMap<String, Space>,
}

/// How colours are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Space {
    Grey,
    Rgb,
    Cmyk,
}

struct FontEntry {
    /// Places where its file may lie; none for a font that the reader must have.
    files: Vec<String>,
    is_bold: bool,
    is_italic: bool,
    loaded: Option<Font>,
}

/// A font, ready to draw with.
#[derive(Clone)]
pub(super) struct Font {
    pub(super) file: Arc<FontFile>,
    pub(super) is_bold: bool,
    pub(super) is_italic: bool,
}

impl Resources {
    /// Adds what a resource part says. A part that is missing is passed over: its pages still show the rest.
    pub(super) fn load(&mut self, package: &Package<'_>, path: &str) -> Result<(), PreviewError> {
        let Some(part) = package.part(path)? else { return Ok(()) };
        let base = part.attribute("BaseLoc").unwrap_or_default().to_owned();
        // Most writers mean the base; some ignore it.
        let places = |file: &str| vec![resolve(path, &format!("{base}/{file}")), resolve(path, file)];
        for group in part.children {
            for item in group.children {
                let Some(id) = item.attribute("ID").map(str::to_owned) else { continue };
                match item.name.as_str() {
                    "ColorSpace" => {
                        self.spaces.insert(id, space(item.attribute("Type").unwrap_or_default()));
                    }
                    "DrawParam" => {
                        self.params.insert(id, Arc::new(item));
                    }
                    "Font" => {
                        let files = item.child_text("FontFile").map(&places).unwrap_or_default();
                        let is = |name| item.attribute(name) == Some("true");
                        self.fonts.insert(id, FontEntry { files, is_bold: is("Bold"), is_italic: is("Italic"), loaded: None });
                    }
                    "MultiMedia" => {
                        self.media.insert(id, item.child_text("MediaFile").map(&places).unwrap_or_default());
                    }
                    "CompositeGraphicUnit" => {
                        self.composites.insert(id, Arc::new(item));
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// A font: the embedded file, or the compiled-in font for those that the reader is supposed to have (宋体, 楷体, ...).
    pub(super) fn font(&mut self, package: &Package<'_>, id: &str) -> Result<Option<Font>, PreviewError> {
        let plain = || FontFile::compiled_in().map(|file| Font { file, is_bold: false, is_italic: false });
        let Some(entry) = self.fonts.get_mut(id) else { return Ok(plain()) };
        if entry.loaded.is_none() {
            let mut file = None;
            for place in &entry.files {
                file = package.bytes(place)?.and_then(FontFile::embedded).map(Arc::new);
                if file.is_some() {
                    break;
                }
            }
            let file = file.or_else(FontFile::compiled_in);
            entry.loaded = file.map(|file| Font { file, is_bold: entry.is_bold, is_italic: entry.is_italic });
        }
        Ok(entry.loaded.clone())
    }

    /// Places where a picture may lie.
    pub(super) fn media(&self, id: &str) -> &[String] {
        self.media.get(id).map_or(&[], Vec::as_slice)
    }

    pub(super) fn composite(&self, id: &str) -> Option<Arc<Element>> {
        self.composites.get(id).map(Arc::clone)
    }

    pub(super) fn space(&self, id: &str) -> Option<Space> {
        self.spaces.get(id).copied()
    }

    /// What a drawing parameter says, with what it inherits.
    pub(super) fn param(&self, id: &str) -> Style {
        let mut style = Style::default();
        let mut next = Some(id);
        // A parameter may inherit from itself by way of others; that ends here.
        for _ in 0..limits::NESTING {
            let Some(param) = next.and_then(|id| self.params.get(id)) else { break };
            style = style.over(&Style::read(param, self));
            next = param.attribute("Relative");
        }
        style
    }
}

fn space(name: &str) -> Space {
    match name.to_ascii_uppercase().as_str() {
        "GRAY" | "GREY" => Space::Grey,
        "CMYK" => Space::Cmyk,
        _ => Space::Rgb,
    }
}
