//! Text objects (GB/T 33190-2016, 11): characters at stated steps, in an embedded font or the compiled-in one.

use hayro::kurbo::Affine;

use super::budget::Budget;
use super::resources::Font;
use super::values::{attribute, flag, number, numbers, steps};
use super::xml::Element;
use crate::error::PreviewError;
use crate::limits;
use crate::scene::Glyph;

/// Slant of a font that has no italic of its own.
const SLANT: f64 = 0.2;
/// Narrowest that a character of the compiled-in font is drawn to fit its step.
const NARROWEST: f64 = 0.6;
/// Weight from which a text counts as bold (`Weight`, 100 to 900).
const BOLD: f64 = 600.0;
/// Width of the line that makes a regular outline bold, em.
const EMBOLDEN: f64 = 0.03;

/// The characters of a text object. `place` takes the object's space to mm.
pub(super) fn glyphs(object: &Element, font: &Font, place: Affine, budget: &mut Budget) -> Result<Vec<Glyph>, PreviewError> {
    let setting = Setting::read(object, font, place);
    let given = given_glyphs(object, font);
    let mut glyphs = Vec::new();
    let (mut x, mut y) = (0.0, 0.0);
    for code in object.children("TextCode") {
        x = attribute(code, "X").unwrap_or(x);
        y = attribute(code, "Y").unwrap_or(y);
        let characters: Vec<char> = code.text.chars().filter(|character| !character.is_control()).collect();
        budget.characters(characters.len())?;
        let across = code.attribute("DeltaX").map(|text| steps(text, limits::CHARACTERS));
        let down = code.attribute("DeltaY").map(|text| steps(text, limits::CHARACTERS));
        for (at, character) in characters.iter().enumerate() {
            let step = |list: &Option<Vec<f64>>| list.as_ref().and_then(|steps| steps.get(at).copied());
            let id = match given.iter().find(|(position, _)| *position == glyphs.len()) {
                Some((_, glyph)) => Some(*glyph),
                None => font.file.glyph(*character),
            };
            glyphs.push(setting.glyph(*character, id, (x, y), step(&across)));
            match (step(&across), step(&down)) {
                (None, None) => x += setting.advance(id),
                (right, below) => {
                    x += right.unwrap_or_default();
                    y += below.unwrap_or_default();
                }
            }
        }
    }
    Ok(glyphs)
}

/// Width of the additional line around each outline, em.
pub(super) fn embolden(object: &Element, font: &Font) -> f64 {
    let is_bold = attribute(object, "Weight").map_or(font.is_bold, |weight| weight >= BOLD);
    if is_bold && font.file.is_compiled_in() { EMBOLDEN } else { 0.0 }
}

/// How all characters of an object stand.
struct Setting<'a> {
    font: &'a Font,
    place: Affine,
    size: f64,
    stretch: f64,
    slant: f64,
    /// Turn of each character, radians, clockwise.
    turn: f64,
}

impl<'a> Setting<'a> {
    fn read(object: &Element, font: &'a Font, place: Affine) -> Self {
        let is_italic = flag(object, "Italic").unwrap_or(font.is_italic);
        Self {
            font,
            place,
            size: attribute(object, "Size").unwrap_or(3.175).abs(),
            stretch: attribute(object, "HScale").filter(|scale| *scale > 0.0).unwrap_or(1.0),
            slant: if is_italic && font.file.is_compiled_in() { SLANT } else { 0.0 },
            turn: attribute(object, "CharDirection").unwrap_or_default().to_radians(),
        }
    }

    /// How far the next character stands when nothing is said, mm.
    fn advance(&self, id: Option<u16>) -> f64 {
        self.font.file.advance(id) * self.size * self.stretch
    }

    fn glyph(&self, character: char, id: Option<u16>, at: (f64, f64), step: Option<f64>) -> Glyph {
        let own = Affine::new([self.size * self.stretch * self.squeeze(id, step), 0.0, self.slant * self.size, -self.size, 0.0, 0.0]);
        Glyph { character, id, transform: self.place * Affine::translate(at) * Affine::rotate(self.turn) * own }
    }

    /// Digits of the compiled-in font are wider than those of 宋体: they are made as narrow as their step.
    fn squeeze(&self, id: Option<u16>, step: Option<f64>) -> f64 {
        match step {
            Some(step) if step > 0.0 && self.font.file.is_compiled_in() && self.turn == 0.0 => {
                (step / self.advance(id).max(0.01)).clamp(NARROWEST, 1.0)
            }
            _ => 1.0,
        }
    }
}

/// Glyphs that the file states itself, by position in the object (`CGTransform`); they count in an embedded font alone.
fn given_glyphs(object: &Element, font: &Font) -> Vec<(usize, u16)> {
    if font.file.is_compiled_in() {
        return Vec::new();
    }
    let mut given = Vec::new();
    for transform in object.children("CGTransform") {
        let first = transform.attribute("CodePosition").and_then(|text| text.parse::<usize>().ok()).unwrap_or_default();
        let count = transform.attribute("CodeCount").and_then(number).map_or(1, |count| count as usize);
        let ids = numbers(transform.child_text("Glyphs").unwrap_or_default());
        // A glyph for each character; of several characters made into fewer glyphs the last ones are empty.
        let ids = ids.into_iter().map(|id| id as u16).chain(std::iter::repeat(0));
        given.extend(
            ids.enumerate()
                .take(count.min(limits::CHARACTERS - given.len().min(limits::CHARACTERS)))
                .map(|(at, id)| (first.saturating_add(at), id)),
        );
    }
    given
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::error::Cancel;
    use crate::font::FontFile;
    use crate::ofd::xml;

    fn set(text: &str) -> Vec<Glyph> {
        let font = Font { file: FontFile::compiled_in().unwrap(), is_bold: false, is_italic: false };
        glyphs(&xml::parse(text.as_bytes()).unwrap(), &font, Affine::IDENTITY, &mut Budget::new(&Cancel::default())).unwrap()
    }

    fn places(text: &str) -> Vec<(f64, f64)> {
        set(text).iter().map(|glyph| glyph.transform.translation()).map(|place| ((place.x * 100.0).round() / 100.0, place.y)).collect()
    }

    #[test]
    fn characters_stand_where_the_steps_say() {
        let across = "<TextObject Size='3'><TextCode X='1' Y='2' DeltaX='g 2 3 1.5'>北京1a</TextCode></TextObject>";
        assert_eq!(places(across), [(1.0, 2.0), (4.0, 2.0), (7.0, 2.0), (8.5, 2.0)]);
        let down = "<TextObject Size='3'><TextCode X='1' Y='2' DeltaY='4'>购买</TextCode><TextCode Y='20'>方</TextCode></TextObject>";
        assert_eq!(places(down), [(1.0, 2.0), (1.0, 6.0), (4.0, 20.0)]);
        assert_eq!(places("<TextObject Size='3'><TextCode X='0' Y='0'>税税</TextCode></TextObject>"), [(0.0, 0.0), (3.0, 0.0)]);
    }

    #[test]
    fn digits_fit_their_steps() {
        let [narrow, free] = ["DeltaX='g 2 1.5'", ""].map(|steps| {
            let text = format!("<TextObject Size='3'><TextCode X='0' Y='0' {steps}>000</TextCode></TextObject>");
            set(&text).first().unwrap().transform.as_coeffs()[0]
        });
        assert!(narrow < free && narrow > free * NARROWEST, "{narrow} {free}");
    }

    #[test]
    fn a_character_that_the_font_lacks_keeps_its_place() {
        let glyphs = set("<TextObject Size='3'><TextCode X='0' Y='0'>喆a</TextCode></TextObject>");
        assert_eq!(glyphs.iter().map(|glyph| (glyph.character, glyph.id.is_some())).collect::<Vec<_>>(), [('喆', false), ('a', true)]);
    }
}
