//! `Content.xml` of forms and pages.

use super::NAMESPACE;
use super::document::{self, Ids};
use crate::originals::layout::{Anchor, Face, Field, Form, Ink, Item, Line, Page, Sheet, Text, em};
use crate::originals::xml::Markup;

/// Part of the em that stands above the baseline.
const ASCENT: f64 = 0.86;
/// Height of a text's box.
const BOX: f64 = 1.25;
/// Room around a line, so that its width lies inside its box.
const MARGIN: f64 = 0.2;
/// Advance of Courier New, em.
const COURIER: f64 = 0.6;

/// A text object that states a fact.
pub(super) struct Tagged {
    pub(super) field: Field,
    pub(super) page: String,
    pub(super) object: String,
}

/// Content of a form.
pub(super) fn form(form: &Form, ids: &mut Ids) -> Vec<u8> {
    let mut xml = start(form);
    xml.open("ofd:Content", &[]);
    xml.open("ofd:Layer", &[("ID", &ids.next()), ("DrawParam", document::BROWN)]);
    for item in &form.items {
        write(&mut xml, item, Ink::Brown, ids, &mut |_, _| {});
    }
    xml.finish()
}

/// Content of a page over its form; collects which objects state which facts.
pub(super) fn page(sheet: &Sheet, index: usize, page: &Page, ids: &mut Ids, tagged: &mut Vec<Tagged>) -> Vec<u8> {
    let mut xml = match sheet.forms.get(page.form) {
        Some(form) => start(form),
        None => Markup::utf8(),
    };
    xml.empty("ofd:Template", &[("TemplateID", &ids.form(page.form)), ("ZOrder", "Background")]);
    xml.open("ofd:Content", &[]);
    xml.open("ofd:Layer", &[("ID", &ids.next())]);
    let id = ids.page(index);
    for item in &page.items {
        write(&mut xml, item, Ink::Black, ids, &mut |field, object| tagged.push(Tagged { field, page: id.clone(), object }));
    }
    xml.finish()
}

fn start(form: &Form) -> Markup {
    let mut xml = Markup::utf8();
    xml.open("ofd:Page", &[NAMESPACE]);
    xml.open("ofd:Area", &[]);
    xml.leaf("ofd:PhysicalBox", &format!("0 0 {} {}", mm(form.width), mm(form.height)));
    xml.close();
    xml
}

fn write(xml: &mut Markup, item: &Item, layer: Ink, ids: &mut Ids, tag: &mut impl FnMut(Field, String)) {
    match item {
        Item::Text(text) => write_text(xml, text, layer, ids, tag),
        Item::Line(line) => write_line(xml, line, ids),
        Item::Cross { x, y, radius } => write_cross(xml, (*x, *y), *radius, ids),
        Item::Qr { x, y, side } => {
            let side = mm(*side);
            let (matrix, place) = (format!("{side} 0 0 {side} 0 0"), format!("{} {} {side} {side}", mm(*x), mm(*y)));
            xml.empty("ofd:ImageObject", &[("ID", &ids.next()), ("CTM", &matrix), ("Boundary", &place), ("ResourceID", document::QR)]);
        }
    }
}

/// One text object, or two where a ¥ stands in front.
fn write_text(xml: &mut Markup, text: &Text, layer: Ink, ids: &mut Ids, tag: &mut impl FnMut(Field, String)) {
    if text.text.is_empty() {
        return;
    }
    let yuan = if text.yuan { COURIER } else { 0.0 };
    let wide: f64 = text.text.chars().map(|character| advance(text.face, character)).sum::<f64>() + yuan;
    let size = text.size.min(text.fit / wide);
    let left = match text.anchor {
        Anchor::Left => text.x,
        Anchor::Middle => text.x - wide * size / 2.0,
        Anchor::Right => text.x - wide * size,
    };
    let mut part = |characters: &str, face: Face, left: f64| {
        let id = ids.next();
        if let Some(field) = text.field {
            tag(field, id.clone());
        }
        let width: f64 = characters.chars().map(|character| advance(face, character)).sum::<f64>() * size;
        let place = format!("{} {} {} {}", mm(left), mm(text.y - ASCENT * size), mm(width + 0.5), mm(BOX * size));
        xml.open("ofd:TextObject", &[("ID", &id), ("Boundary", &place), ("Font", document::face(face)), ("Size", &mm(size))]);
        if text.ink != layer {
            let colour = document::colour(text.ink);
            xml.empty("ofd:FillColor", &colour.each_ref().map(|(key, value)| (*key, value.as_str())));
        }
        let (baseline, deltas) = (mm(ASCENT * size), deltas(characters, face, size));
        let mut attributes = vec![("X", "0"), ("Y", baseline.as_str())];
        if !deltas.is_empty() {
            attributes.push(("DeltaX", &deltas));
        }
        xml.leaf_with("ofd:TextCode", &attributes, characters);
        xml.close();
    };
    if text.yuan {
        part("¥", Face::Courier, left);
    }
    part(&text.text, text.face, left + yuan * size);
}

fn advance(face: Face, character: char) -> f64 {
    if face == Face::Courier && em(character) < 1.0 { COURIER } else { em(character) }
}

/// Steps from each character to the next; `g n d` stands for n equal ones.
fn deltas(characters: &str, face: Face, size: f64) -> String {
    let count = characters.chars().count();
    let steps: Vec<String> = characters.chars().take(count.saturating_sub(1)).map(|c| mm(advance(face, c) * size)).collect();
    let runs = steps.chunk_by(|one, next| one == next).map(|run| match run {
        [one] => one.clone(),
        [one, two] => format!("{one} {two}"),
        [one, ..] => format!("g {} {one}", run.len()),
        [] => String::new(),
    });
    runs.collect::<Vec<_>>().join(" ")
}

fn write_line(xml: &mut Markup, line: &Line, ids: &mut Ids) {
    let (left, top) = (line.from.0 - MARGIN, line.from.1 - MARGIN);
    let (wide, high) = (line.to.0 - line.from.0, line.to.1 - line.from.1);
    let place = format!("{} {} {} {}", mm(left), mm(top), mm(wide + 2.0 * MARGIN), mm(high + 2.0 * MARGIN));
    let path = format!("M {0} {0} L {1} {2}", mm(MARGIN), mm(MARGIN + wide), mm(MARGIN + high));
    write_path(xml, &place, &path, ids);
}

fn write_cross(xml: &mut Markup, (x, y): (f64, f64), radius: f64, ids: &mut Ids) {
    let side = 2.0 * (radius + MARGIN);
    let place = format!("{} {} {} {}", mm(x - side / 2.0), mm(y - side / 2.0), mm(side), mm(side));
    let (low, middle, high) = (mm(MARGIN), mm(side / 2.0), mm(side - MARGIN));
    let (near, far) = (mm(side / 2.0 - radius * 0.707), mm(side / 2.0 + radius * 0.707));
    let arc = mm(radius);
    let path = format!(
        "M {low} {middle} A {arc} {arc} 0 0 1 {high} {middle} A {arc} {arc} 0 0 1 {low} {middle} \
         M {near} {near} L {far} {far} M {near} {far} L {far} {near}"
    );
    write_path(xml, &place, &path, ids);
}

fn write_path(xml: &mut Markup, place: &str, path: &str, ids: &mut Ids) {
    xml.open("ofd:PathObject", &[("ID", &ids.next()), ("Boundary", place), ("LineWidth", "0.25")]);
    xml.leaf("ofd:AbbreviatedData", path);
    xml.close();
}

/// A length with at most four decimals.
fn mm(length: f64) -> String {
    // Whole numbers print several times faster than floats, and a page has hundreds of lengths.
    let parts = (length * 10_000.0).round() as i64;
    let (whole, rest) = (parts.unsigned_abs() / 10_000, parts.unsigned_abs() % 10_000);
    let sign = if parts < 0 { "-" } else { "" };
    if rest == 0 {
        return format!("{sign}{whole}");
    }
    let mut text = format!("{sign}{whole}.{rest:04}");
    text.truncate(text.trim_end_matches('0').len());
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_steps_are_counted() {
        assert_eq!(deltas("2026年10月08日", Face::Song, 3.175), "g 4 1.5875 3.175 1.5875 1.5875 3.175 1.5875 1.5875");
        assert_eq!(deltas("二〇二六", Face::Song, 3.0), "g 3 3");
        assert_eq!(deltas("税", Face::Song, 3.0), "");
        assert_eq!(deltas("91A1", Face::Courier, 4.0), "g 3 2.4");
    }

    #[test]
    fn lengths_are_short() {
        assert_eq!([mm(3.0), mm(3.175), mm(-0.000_01), mm(0.123_46), mm(-1.05)], ["3", "3.175", "0", "0.1235", "-1.05"]);
    }
}
