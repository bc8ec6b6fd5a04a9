//! What a page shows: its content streams run as far as texts, filled rectangles and pictures are concerned (ISO 32000-1, 7.8,
//! 8 and 9). Everything else is passed over.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::file::File;
use super::font::Font;
use super::matrix::Matrix;
use super::object::{Dict, Object, Stream};
use super::parser::{Parser, Token};
use crate::limits::{PDF_FONTS, PDF_FORMS, PDF_GLYPHS, PDF_OPERATIONS, PDF_PICTURES, PDF_RECTANGLES, PDF_STATES};
use crate::refused::{PdfFault, Refused};

/// Operands of one operator; more are a fault in the file.
const OPERANDS: usize = 1024;

/// A character on a page, in points from its upper left corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Glyph {
    /// The character.
    pub character: char,
    /// Left edge.
    pub left: f64,
    /// Right edge.
    pub right: f64,
    /// Baseline, downwards.
    pub y: f64,
    /// Size of the font.
    pub size: f64,
    /// Which operator showed it: texts of one operator belong together.
    pub shown_by: usize,
}

/// The characters of a text of which only the start is known: hanzi are as wide as they are high, letters half as wide.
pub(super) fn glyphs(print: &super::Print, shown_by: usize) -> Vec<Glyph> {
    let mut left = print.left;
    let place = |character: char| {
        let right = left + if character.is_ascii() { 0.5 } else { 1.0 } * print.size;
        let glyph = Glyph { character, left, right, y: print.y, size: print.size, shown_by };
        left = right;
        glyph
    };
    print.text.chars().map(place).collect()
}

/// A filled rectangle in the page's own points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Filled {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
    /// Darker than the middle grey.
    pub dark: bool,
}

/// A picture on a page.
pub(super) struct Picture {
    /// The image (8.9.5).
    pub stream: Stream,
    /// Width and height on the page, points.
    pub size: (f64, f64),
}

/// What a page shows.
#[derive(Default)]
pub(super) struct Shown {
    pub glyphs: Vec<Glyph>,
    /// Codes of fonts that do not tell what they mean.
    pub unknown: usize,
    pub filled: Vec<Filled>,
    pub pictures: Vec<Picture>,
}

/// Runs content streams. What it may cost holds for all pages of a document together.
pub(super) struct Interpreter<'f, 'a> {
    file: &'f File<'a>,
    fonts: BTreeMap<u32, Rc<Font>>,
    operations: usize,
    glyphs: usize,
}

/// The graphics state (8.4), as far as it counts here.
#[derive(Clone)]
struct State {
    place: Matrix,
    dark: bool,
    font: Option<Rc<Font>>,
    size: f64,
    character_space: f64,
    word_space: f64,
    scale: f64,
    leading: f64,
    rise: f64,
}

/// One content stream being run.
struct Run<'r> {
    resources: &'r Dict,
    state: State,
    saved: Vec<State>,
    text: Matrix,
    line: Matrix,
    /// Subpaths in the page's points.
    path: Vec<Vec<(f64, f64)>>,
    depth: usize,
    /// Counts operators down, over all streams.
    operators: usize,
}

impl<'f, 'a> Interpreter<'f, 'a> {
    pub(super) fn new(file: &'f File<'a>) -> Self {
        Self { file, fonts: BTreeMap::new(), operations: PDF_OPERATIONS, glyphs: PDF_GLYPHS }
    }

    /// What the streams of a page show; `place` maps its space to points from the upper left corner.
    ///
    /// # Errors
    /// [`PdfFault::TooComplex`].
    pub(super) fn page(&mut self, content: &[u8], resources: &Dict, place: Matrix) -> Result<Shown, Refused> {
        let mut shown = Shown::default();
        self.run(content, resources, State::new(place), 0, &mut shown)?;
        Ok(shown)
    }

    fn run(&mut self, content: &[u8], resources: &Dict, state: State, depth: usize, shown: &mut Shown) -> Result<(), Refused> {
        let mut run = Run {
            resources,
            state,
            saved: Vec::new(),
            text: Matrix::SAME,
            line: Matrix::SAME,
            path: Vec::new(),
            depth,
            operators: self.operations,
        };
        let mut operands: Vec<Object> = Vec::new();
        let mut parser = Parser::new(content);
        while let Some(token) = parser.token() {
            match token {
                Token::Value(value) if operands.len() < OPERANDS => operands.push(value),
                Token::Value(_) => {}
                Token::Word(word) if word == b"ID" => {
                    parser.skip_inline_image();
                    operands.clear();
                }
                Token::Word(word) => {
                    self.operations = self.operations.checked_sub(1).ok_or(PdfFault::TooComplex)?;
                    run.operators = self.operations;
                    self.operate(&word, &operands, &mut run, shown)?;
                    operands.clear();
                }
            }
        }
        Ok(())
    }

    fn operate(&mut self, word: &[u8], operands: &[Object], run: &mut Run<'_>, shown: &mut Shown) -> Result<(), Refused> {
        match word {
            b"Tf" => self.set_font(operands, run),
            b"Tj" => self.show(operands.first(), run, shown)?,
            b"TJ" => self.show_spaced(operands, run, shown)?,
            b"'" => {
                run.next_line();
                self.show(operands.first(), run, shown)?;
            }
            b"\"" => {
                if let [word_space, character_space, ..] = operands {
                    run.state.word_space = word_space.number().unwrap_or_default();
                    run.state.character_space = character_space.number().unwrap_or_default();
                }
                run.next_line();
                self.show(operands.get(2), run, shown)?;
            }
            b"Do" => self.draw(operands, run, shown)?,
            b"f" | b"F" | b"f*" | b"B" | b"B*" | b"b" | b"b*" => run.fill(shown),
            _ if run.text_operator(word, operands) || run.path_operator(word, operands) => {}
            _ => run.state_operator(word, operands),
        }
        Ok(())
    }

    fn set_font(&mut self, operands: &[Object], run: &mut Run<'_>) {
        let [name, size, ..] = operands else { return };
        run.state.size = size.number().unwrap_or_default();
        let fonts = self.file.value(run.resources, b"Font");
        let entry = fonts.dict().map_or(&Object::Null, |fonts| fonts.get(name.name().unwrap_or_default()));
        let number = match entry {
            Object::Ref(number) => Some(*number),
            _ => None,
        };
        if let Some(font) = number.and_then(|number| self.fonts.get(&number)) {
            run.state.font = Some(Rc::clone(font));
            return;
        }
        let font = self.file.resolve(entry);
        run.state.font = font.dict().filter(|_| self.fonts.len() < PDF_FONTS).map(|dict| Rc::new(Font::new(self.file, dict)));
        if let (Some(number), Some(font)) = (number, &run.state.font) {
            self.fonts.insert(number, Rc::clone(font));
        }
    }

    fn show_spaced(&mut self, operands: &[Object], run: &mut Run<'_>, shown: &mut Shown) -> Result<(), Refused> {
        for item in operands.first().and_then(Object::array).unwrap_or_default() {
            match item.number() {
                Some(back) => run.advance(-back / 1000.0 * run.state.size),
                None => self.show(Some(item), run, shown)?,
            }
        }
        Ok(())
    }

    fn show(&mut self, string: Option<&Object>, run: &mut Run<'_>, shown: &mut Shown) -> Result<(), Refused> {
        let (Some(Object::Text(text)), Some(font)) = (string, run.state.font.clone()) else { return Ok(()) };
        for code in font.show(text) {
            self.glyphs = self.glyphs.checked_sub(1).ok_or(PdfFault::TooComplex)?;
            let wide = code.width / 1000.0 * run.state.size;
            run.place(&code.text, wide, font.vertical, shown);
            let space = run.state.character_space + if code.space { run.state.word_space } else { 0.0 };
            if font.vertical {
                run.text = Matrix::moved(0.0, space - run.state.size).then(run.text);
            } else {
                run.advance(wide + space);
            }
        }
        Ok(())
    }

    /// An external object: a picture, or a form with a stream of its own.
    fn draw(&mut self, operands: &[Object], run: &mut Run<'_>, shown: &mut Shown) -> Result<(), Refused> {
        let objects = self.file.value(run.resources, b"XObject");
        let name = operands.first().and_then(Object::name).unwrap_or_default();
        let Some(Object::Stream(stream)) = objects.dict().map(|objects| self.file.value(objects, name)) else { return Ok(()) };
        match self.file.value(&stream.dict, b"Subtype").name() {
            Some(b"Image") if shown.pictures.len() < PDF_PICTURES => {
                let [a, b, c, d, ..] = run.state.place.0;
                shown.pictures.push(Picture { stream, size: (a.hypot(b), c.hypot(d)) });
                Ok(())
            }
            Some(b"Form") if run.depth < PDF_FORMS => self.form(&stream, run, shown),
            _ => Ok(()),
        }
    }

    fn form(&mut self, stream: &Stream, run: &Run<'_>, shown: &mut Shown) -> Result<(), Refused> {
        let content = match self.file.unpacked(stream) {
            Ok(content) => content,
            Err(packed) => return Option::<PdfFault>::from(packed).map_or(Ok(()), |fault| Err(fault.into())),
        };
        let resources = self.file.value(&stream.dict, b"Resources");
        let resources = resources.dict().unwrap_or(run.resources);
        let own = matrix(&self.file.value(&stream.dict, b"Matrix")).unwrap_or(Matrix::SAME);
        let mut state = run.state.clone();
        state.place = own.then(state.place);
        self.run(&content, resources, state, run.depth + 1, shown)
    }
}

impl State {
    fn new(place: Matrix) -> Self {
        Self { place, dark: true, font: None, size: 0.0, character_space: 0.0, word_space: 0.0, scale: 1.0, leading: 0.0, rise: 0.0 }
    }
}

impl Run<'_> {
    /// Moves along the line by a length in unscaled text space.
    fn advance(&mut self, by: f64) {
        self.text = Matrix::moved(by * self.state.scale, 0.0).then(self.text);
    }

    fn next_line(&mut self) {
        self.move_line(0.0, -self.state.leading);
    }

    fn move_line(&mut self, x: f64, y: f64) {
        self.line = Matrix::moved(x, y).then(self.line);
        self.text = self.line;
    }

    /// Keeps the characters of one code, side by side.
    fn place(&self, text: &str, wide: f64, vertical: bool, shown: &mut Shown) {
        let place = self.text.then(self.state.place);
        if !place.is_upright() {
            return;
        }
        if text.is_empty() {
            shown.unknown += 1;
        }
        let count = text.chars().count().max(1) as f64;
        let shift = if vertical { -wide / 2.0 } else { 0.0 };
        for (nth, character) in text.chars().enumerate() {
            let at = |part: f64| place.apply((shift + wide * part / count) * self.state.scale, self.state.rise);
            let ((left, y), (right, _)) = (at(nth as f64), at(nth as f64 + 1.0));
            let size = self.state.size.abs() * place.height();
            let shown_by = self.operators;
            // Pages are read from the top; the map has turned y downwards already.
            shown.glyphs.push(Glyph { character, left, right, y, size, shown_by });
        }
    }

    fn text_operator(&mut self, word: &[u8], operands: &[Object]) -> bool {
        let number = |nth: usize| operands.get(nth).and_then(Object::number).unwrap_or_default();
        match word {
            b"BT" => (self.text, self.line) = (Matrix::SAME, Matrix::SAME),
            b"Td" => self.move_line(number(0), number(1)),
            b"TD" => {
                self.state.leading = -number(1);
                self.move_line(number(0), number(1));
            }
            b"Tm" => {
                self.line = Matrix([0, 1, 2, 3, 4, 5].map(number));
                self.text = self.line;
            }
            b"T*" => self.next_line(),
            b"Tc" => self.state.character_space = number(0),
            b"Tw" => self.state.word_space = number(0),
            b"Tz" => self.state.scale = number(0) / 100.0,
            b"TL" => self.state.leading = number(0),
            b"Ts" => self.state.rise = number(0),
            _ => return false,
        }
        true
    }

    fn path_operator(&mut self, word: &[u8], operands: &[Object]) -> bool {
        let number = |nth: usize| operands.get(nth).and_then(Object::number).unwrap_or_default();
        let point = |x: f64, y: f64| self.state.place.apply(x, y);
        match word {
            b"m" => {
                let start = point(number(0), number(1));
                self.subpath(vec![start]);
            }
            b"l" => {
                let to = point(number(0), number(1));
                // A rectangle has four corners and perhaps the first again; longer paths are none.
                if let Some(path) = self.path.last_mut().filter(|path| path.len() < 6) {
                    path.push(to);
                }
            }
            // A curve: no rectangle.
            b"c" | b"v" | b"y" => {
                if let Some(path) = self.path.last_mut() {
                    path.resize(6, (0.0, 0.0));
                }
            }
            b"re" => {
                let (x, y, width, height) = (number(0), number(1), number(2), number(3));
                let corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)];
                let corners = corners.map(|(x, y)| point(x, y)).to_vec();
                self.subpath(corners);
            }
            b"h" => {}
            b"n" | b"S" | b"s" => self.path.clear(),
            _ => return false,
        }
        true
    }

    fn subpath(&mut self, points: Vec<(f64, f64)>) {
        if self.path.len() < PDF_RECTANGLES {
            self.path.push(points);
        }
    }

    /// Keeps the rectangles of the path.
    fn fill(&mut self, shown: &mut Shown) {
        for points in self.path.drain(..) {
            if shown.filled.len() == PDF_RECTANGLES {
                break;
            }
            shown.filled.extend(rectangle(&points, self.state.dark));
        }
        self.path.clear();
    }

    fn state_operator(&mut self, word: &[u8], operands: &[Object]) {
        match word {
            b"q" if self.saved.len() < PDF_STATES => self.saved.push(self.state.clone()),
            b"Q" => {
                if let Some(state) = self.saved.pop() {
                    self.state = state;
                }
            }
            b"cm" => {
                let own = [0, 1, 2, 3, 4, 5].map(|nth| operands.get(nth).and_then(Object::number).unwrap_or_default());
                self.state.place = Matrix(own).then(self.state.place);
            }
            b"g" | b"rg" | b"k" | b"sc" | b"scn" => {
                let parts: Vec<f64> = operands.iter().filter_map(Object::number).collect();
                self.state.dark = match parts[..] {
                    [grey] => grey < 0.5,
                    [red, green, blue] => 0.3 * red + 0.59 * green + 0.11 * blue < 0.5,
                    [cyan, magenta, yellow, black] => 1.0 - black - 0.3 * cyan - 0.59 * magenta - 0.11 * yellow < 0.5,
                    _ => self.state.dark,
                };
            }
            _ => {}
        }
    }
}

/// The rectangle that a subpath is, if its sides are upright.
fn rectangle(points: &[(f64, f64)], dark: bool) -> Option<Filled> {
    const SLACK: f64 = 0.01;
    if !matches!(points.len(), 4 | 5) {
        return None;
    }
    let upright = points.windows(2).all(|side| match side {
        [(x, y), (next_x, next_y)] => (x - next_x).abs() < SLACK || (y - next_y).abs() < SLACK,
        _ => false,
    });
    let edge = |pick: fn(f64, f64) -> f64, part: fn(&(f64, f64)) -> f64, start: f64| points.iter().map(part).fold(start, pick);
    let left = edge(f64::min, |point| point.0, f64::INFINITY);
    let right = edge(f64::max, |point| point.0, f64::NEG_INFINITY);
    let top = edge(f64::min, |point| point.1, f64::INFINITY);
    let bottom = edge(f64::max, |point| point.1, f64::NEG_INFINITY);
    upright.then_some(Filled { left, top, right, bottom, dark })
}

/// Six numbers.
pub(super) fn matrix(object: &Object) -> Option<Matrix> {
    let numbers: Vec<f64> = object.array()?.iter().map(Object::number).collect::<Option<_>>()?;
    numbers.try_into().ok().map(Matrix)
}
