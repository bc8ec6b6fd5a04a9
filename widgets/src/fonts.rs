//! Fonts: one embedded Chinese face for text and numbers, one monospaced face for codes.
//!
//! The digits of the Chinese face are all 555/1000 em wide, so amounts and invoice numbers align in
//! it; the monospaced face is only for codes that are read aloud or compared (activation codes).

use std::collections::BTreeMap;
use std::sync::Arc;

use egui::{Context, FontData, FontDefinitions, FontFamily, FontId, TextStyle};

use crate::tokens::Tokens;

const CJK: &str = "piaoxia-sc";

/// Installs the Chinese face: first for proportional text, last for monospaced text.
///
/// `cjk` is a whole OpenType or TrueType file. Takes effect with the next frame.
pub fn install(ctx: &Context, cjk: &'static [u8]) {
    let mut fonts = FontDefinitions::default();
    fonts.font_data.insert(CJK.to_owned(), Arc::new(FontData::from_static(cjk)));
    fonts.families.entry(FontFamily::Proportional).or_default().insert(0, CJK.to_owned());
    fonts.families.entry(FontFamily::Monospace).or_default().push(CJK.to_owned());
    ctx.set_fonts(fonts);
}

/// Text at a token size.
pub fn text(size: f32) -> FontId {
    FontId::new(size, FontFamily::Proportional)
}

/// Monospaced text for codes.
pub fn code(size: f32) -> FontId {
    FontId::new(size, FontFamily::Monospace)
}

/// The text style of card and dialog titles.
pub fn title_style() -> TextStyle {
    TextStyle::Name("title".into())
}

pub(crate) fn text_styles(tokens: &Tokens) -> BTreeMap<TextStyle, FontId> {
    let size = &tokens.font;
    BTreeMap::from([
        (TextStyle::Small, text(size.small)),
        (TextStyle::Body, text(size.body)),
        (TextStyle::Button, text(size.body)),
        (TextStyle::Heading, text(size.heading)),
        (TextStyle::Monospace, code(size.body)),
        (title_style(), text(size.title)),
    ])
}
