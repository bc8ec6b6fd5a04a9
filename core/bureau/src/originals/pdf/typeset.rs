//! Which characters a document uses, the piece of the font that has them, and how wide they are.

use std::collections::BTreeMap;

use skrifa::FontRef;
use skrifa::raw::TableProvider;
use skrifa::raw::types::Tag;
use subsetter::GlyphRemapper;

use crate::originals::OriginalError;
use crate::originals::font::{Font, UNITS};
use crate::originals::layout::{Item, Sheet};

/// Advance of a character that the font lacks: a full square.
const SQUARE: u16 = 1000;

/// A character of the document.
#[derive(Clone, Copy)]
pub(super) struct Placed {
    /// Its number in the PDF font.
    pub(super) cid: u16,
    /// Advance in thousandths of the em.
    pub(super) advance: u16,
    /// The font has it. Otherwise its number has no outline behind it: the text layer holds the character, and a square
    /// is drawn in its place.
    pub(super) drawn: bool,
}

/// The characters of a document.
pub(super) struct Typeset {
    characters: BTreeMap<char, Placed>,
    program: Vec<u8>,
    widths: Vec<f32>,
}

impl Typeset {
    /// Collects the characters of a sheet and cuts the font down to them.
    pub(super) fn new(sheet: &Sheet, font: &Font) -> Result<Self, OriginalError> {
        let mut used: BTreeMap<char, Option<Placed>> = BTreeMap::new();
        used.insert('¥', None);
        let items = sheet.forms.iter().flat_map(|form| &form.items).chain(sheet.pages.iter().flat_map(|page| &page.items));
        for item in items {
            if let Item::Text(text) = item {
                used.extend(text.text.chars().map(|character| (character, None)));
            }
        }
        let mut remapper = GlyphRemapper::new();
        let mut widths = vec![f32::from(SQUARE)];
        for (character, placed) in &mut used {
            // Two characters may share a glyph; then they share the number too, and the widths stay in step.
            if let Some(glyph) = font.glyph(*character) {
                let cid = remapper.remap(glyph.id);
                if usize::from(cid) == widths.len() {
                    widths.push(f32::from(glyph.advance));
                }
                *placed = Some(Placed { cid, advance: glyph.advance, drawn: true });
            }
        }
        let mut free = remapper.num_gids();
        let mut lacking = || {
            let cid = free;
            free = free.saturating_add(1);
            Placed { cid, advance: SQUARE, drawn: false }
        };
        let characters = used.into_iter().map(|(character, placed)| (character, placed.unwrap_or_else(&mut lacking))).collect();
        Ok(Self { characters, program: program(font, &remapper)?, widths })
    }

    /// The bare CFF program.
    pub(super) fn program(&self) -> &[u8] {
        &self.program
    }

    /// Advances of the glyphs in the program, from 0.
    pub(super) fn widths(&self) -> impl Iterator<Item = f32> {
        self.widths.iter().copied()
    }

    /// Every number with its character.
    pub(super) fn characters(&self) -> impl Iterator<Item = (u16, char)> {
        self.characters.iter().map(|(character, placed)| (placed.cid, *character))
    }

    /// A character of the document.
    pub(super) fn character(&self, character: char) -> Placed {
        self.characters.get(&character).copied().unwrap_or(Placed { cid: 0, advance: SQUARE, drawn: false })
    }

    /// Width of a text in em.
    pub(super) fn width(&self, text: &str) -> f64 {
        text.chars().map(|character| f64::from(self.character(character).advance)).sum::<f64>() / UNITS
    }
}

/// The CFF table of the font with these glyphs alone; their numbers are their character identifiers.
fn program(font: &Font, remapper: &GlyphRemapper) -> Result<Vec<u8>, OriginalError> {
    let subset = subsetter::subset(font.data(), 0, remapper).map_err(|error| OriginalError::Font(error.to_string()))?;
    let subset = FontRef::new(&subset).map_err(|error| OriginalError::Font(error.to_string()))?;
    let table = subset.data_for_tag(Tag::new(b"CFF ")).ok_or_else(|| OriginalError::Font("no CFF table".to_owned()))?;
    Ok(table.as_bytes().to_vec())
}
