//! A scene as PDF operators.

use std::collections::BTreeSet;
use std::sync::Arc;

use pdf_writer::types::{LineCapStyle, LineJoinStyle, TextRenderingMode};
use pdf_writer::{Content, Name, Ref, Str};
use piaoxia_preview::kurbo::{Affine, BezPath, PathEl, Point};
use piaoxia_preview::scene::{Bitmap, Cap, Colour, Join, Mark, Pen, Scene, TextRun};

use super::fonts::Fonts;
use super::paper::POINTS;

/// What the operators refer to.
#[derive(Default)]
pub(super) struct Used {
    /// Fonts by their place in the list: `F0`, `F1`, ...
    pub(super) fonts: BTreeSet<usize>,
    /// Pictures: `I0`, `I1`, ...
    pub(super) pictures: Vec<Arc<Bitmap>>,
    /// Opacities: `A0` to `A255`.
    pub(super) alphas: BTreeSet<u8>,
}

/// The operators that draw a scene in points, the lower left corner at the origin.
pub(super) fn draw(scene: &Scene, fonts: &mut Fonts, used: &mut Used, mut next: impl FnMut() -> Ref) -> Vec<u8> {
    let mut writer = Writer { content: Content::new(), fonts, used, next: &mut next, open: 0 };
    writer.content.save_state();
    // From here on in mm from the upper left corner.
    writer.content.transform([POINTS as f32, 0.0, 0.0, -POINTS as f32, 0.0, (scene.height * POINTS) as f32]);
    scene.marks.iter().for_each(|mark| writer.mark(mark));
    while writer.open > 0 {
        writer.clip_end();
    }
    writer.content.restore_state();
    writer.content.finish().into_vec()
}

struct Writer<'a> {
    content: Content,
    fonts: &'a mut Fonts,
    used: &'a mut Used,
    next: &'a mut dyn FnMut() -> Ref,
    /// Clips that are open.
    open: usize,
}

impl Writer<'_> {
    fn mark(&mut self, mark: &Mark) {
        match mark {
            Mark::Fill { path, even_odd, colour } => self.fill(path, *even_odd, *colour),
            Mark::Stroke { path, transform, pen, colour } => self.stroke(path, *transform, pen, *colour),
            Mark::Text(run) => self.text(run),
            Mark::Image { image, transform, alpha } => self.image(image, *transform, *alpha),
            Mark::Clip(path) => {
                self.content.save_state();
                self.path(path);
                self.content.clip_nonzero().end_path();
                self.open += 1;
            }
            Mark::ClipEnd => self.clip_end(),
        }
    }

    fn clip_end(&mut self) {
        if self.open > 0 {
            self.open -= 1;
            self.content.restore_state();
        }
    }

    fn fill(&mut self, path: &BezPath, even_odd: bool, colour: Colour) {
        self.content.save_state();
        self.fill_colour(colour);
        self.path(path);
        if even_odd {
            self.content.fill_even_odd()
        } else {
            self.content.fill_nonzero()
        };
        self.content.restore_state();
    }

    fn stroke(&mut self, path: &BezPath, transform: Affine, pen: &Pen, colour: Colour) {
        self.content.save_state();
        self.stroke_colour(colour);
        self.content.transform(matrix(transform)).set_line_width(pen.width as f32).set_miter_limit(pen.miter as f32);
        self.content.set_line_join(match pen.join {
            Join::Miter => LineJoinStyle::MiterJoin,
            Join::Round => LineJoinStyle::RoundJoin,
            Join::Bevel => LineJoinStyle::BevelJoin,
        });
        self.content.set_line_cap(match pen.cap {
            Cap::Butt => LineCapStyle::ButtCap,
            Cap::Round => LineCapStyle::RoundCap,
            Cap::Square => LineCapStyle::ProjectingSquareCap,
        });
        if !pen.dashes.is_empty() {
            self.content.set_dash_pattern(pen.dashes.iter().map(|length| *length as f32), pen.dash_offset as f32);
        }
        self.path(path);
        self.content.stroke().restore_state();
    }

    /// Real text where the font can be embedded; else its outlines.
    fn text(&mut self, run: &TextRun) {
        self.content.save_state();
        self.fill_colour(run.colour);
        let next = &mut *self.next;
        match self.fonts.add(&run.font, next) {
            Some(font) => self.characters(run, font),
            None => self.outlines(run, |_| true),
        }
        self.content.restore_state();
    }

    fn characters(&mut self, run: &TextRun, font: usize) {
        self.used.fonts.insert(font);
        self.content.begin_text().set_font(Name(format!("F{font}").as_bytes()), 1.0);
        if let Some(first) = run.glyphs.first().filter(|_| run.embolden > 0.0) {
            self.stroke_colour(run.colour);
            self.content.set_text_rendering_mode(TextRenderingMode::FillStroke);
            self.content.set_line_width((first.transform.determinant().abs().sqrt() * run.embolden) as f32);
        }
        for glyph in run.glyphs.iter().filter(|glyph| glyph.id.is_some()) {
            let number = self.fonts.number(font, glyph.character, glyph.id);
            self.content.set_text_matrix(matrix(glyph.transform)).show(Str(&number.to_be_bytes()));
        }
        // Without an outline, but found when searched for.
        for glyph in run.glyphs.iter().filter(|glyph| glyph.id.is_none()) {
            let number = self.fonts.number(font, glyph.character, None);
            self.content.set_text_rendering_mode(TextRenderingMode::Invisible);
            self.content.set_text_matrix(matrix(glyph.transform)).show(Str(&number.to_be_bytes()));
        }
        self.content.end_text();
        self.outlines(run, |id| id.is_none());
    }

    fn outlines(&mut self, run: &TextRun, wanted: impl Fn(Option<u16>) -> bool) {
        for glyph in run.glyphs.iter().filter(|glyph| wanted(glyph.id) && !glyph.character.is_whitespace()) {
            self.path(&(glyph.transform * run.font.outline(glyph.id)));
            self.content.fill_nonzero();
        }
    }

    fn image(&mut self, image: &Arc<Bitmap>, transform: Affine, alpha: u8) {
        let at = match self.used.pictures.iter().position(|known| Arc::ptr_eq(known, image)) {
            Some(at) => at,
            None => {
                self.used.pictures.push(Arc::clone(image));
                self.used.pictures.len() - 1
            }
        };
        self.content.save_state();
        self.alpha(alpha);
        // PDF pictures stand on their lower edge.
        let upright = transform * Affine::new([1.0, 0.0, 0.0, -1.0, 0.0, 1.0]);
        self.content.transform(matrix(upright)).x_object(Name(format!("I{at}").as_bytes())).restore_state();
    }

    fn fill_colour(&mut self, Colour([red, green, blue, alpha]): Colour) {
        self.content.set_fill_rgb(part(red), part(green), part(blue));
        self.alpha(alpha);
    }

    fn stroke_colour(&mut self, Colour([red, green, blue, alpha]): Colour) {
        self.content.set_stroke_rgb(part(red), part(green), part(blue));
        self.alpha(alpha);
    }

    fn alpha(&mut self, alpha: u8) {
        if alpha < 255 {
            self.used.alphas.insert(alpha);
            self.content.set_parameters(Name(format!("A{alpha}").as_bytes()));
        }
    }

    fn path(&mut self, path: &BezPath) {
        let mut at = Point::ZERO;
        for element in path.elements() {
            match *element {
                PathEl::MoveTo(to) => {
                    self.content.move_to(short(to.x), short(to.y));
                }
                PathEl::LineTo(to) => {
                    self.content.line_to(short(to.x), short(to.y));
                }
                PathEl::QuadTo(control, to) => {
                    let (a, b) = (at.lerp(control, 2.0 / 3.0), to.lerp(control, 2.0 / 3.0));
                    self.content.cubic_to(short(a.x), short(a.y), short(b.x), short(b.y), short(to.x), short(to.y));
                }
                PathEl::CurveTo(a, b, to) => {
                    self.content.cubic_to(short(a.x), short(a.y), short(b.x), short(b.y), short(to.x), short(to.y));
                }
                PathEl::ClosePath => {
                    self.content.close_path();
                }
            }
            at = element.end_point().unwrap_or(at);
        }
    }
}

fn part(value: u8) -> f32 {
    f32::from(value) / 255.0
}

/// Ten-thousandths of a mm are more than any printer draws.
fn short(length: f64) -> f32 {
    ((length * 10_000.0).round() / 10_000.0) as f32
}

pub(super) fn matrix(transform: Affine) -> [f32; 6] {
    transform.as_coeffs().map(|part| ((part * 1e6).round() / 1e6) as f32)
}
