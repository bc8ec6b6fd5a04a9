//! XML whose elements mean the same wherever they stand: a table of names is all that there is to know.

use std::borrow::Cow;
use std::mem;

use crate::document::Source;
use crate::field::Field;
use crate::lines::{LineSlot, LineTexts};
use crate::markup::{Sink, find};
use crate::refused::Refused;
use crate::statement::Statement;

/// Longest text that is kept beside the fields, bytes: a PNG of a QR code in base64 has a few thousand.
const EXTRA_BYTES: usize = 256 * 1024;

/// What an element means.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Meaning {
    /// Its text is a field.
    Field(Field),
    /// Its text is kept under this name for the reader to think over.
    Extra(&'static str),
    /// It holds a goods line.
    Line,
    /// Its text is a cell of the goods line around it; nothing outside of one.
    Cell(LineSlot),
    /// A cell within a goods line, kept under this name outside of one.
    CellOrExtra(LineSlot, &'static str),
}

/// Element names without prefix, and what they mean.
pub(crate) type Vocabulary = &'static [(&'static str, Meaning)];

/// Collects what a vocabulary asks for.
pub(crate) struct Leaves<'a> {
    /// The fields and goods lines.
    pub statement: Statement<'a>,
    /// Texts of [`Meaning::Extra`], in document order.
    pub extras: Vec<(&'static str, Cow<'a, str>)>,
    /// Namespaces that the root declares.
    pub namespaces: Vec<String>,
    vocabulary: Vocabulary,
    line: LineTexts<'a>,
    /// Meanings of the open elements, the innermost last.
    open: Vec<Option<Meaning>>,
    text: Option<Cow<'a, str>>,
    in_line: bool,
}

impl<'a> Leaves<'a> {
    pub(crate) fn new(source: Source, vocabulary: Vocabulary) -> Self {
        Self {
            statement: Statement::new(source),
            extras: Vec::new(),
            namespaces: Vec::new(),
            vocabulary,
            line: LineTexts::default(),
            open: Vec::new(),
            text: None,
            in_line: false,
        }
    }

    /// The first text kept under a name.
    pub(crate) fn extra(&self, name: &str) -> Option<&str> {
        self.extras.iter().find(|(kept, _)| *kept == name).map(|(_, text)| text.as_ref())
    }

    fn wanted(&self) -> bool {
        matches!(self.open.last(), Some(Some(Meaning::Field(_) | Meaning::Extra(_) | Meaning::Cell(_) | Meaning::CellOrExtra(..))))
    }
}

impl<'a> Sink<'a> for Leaves<'a> {
    fn open(&mut self, name: &str) {
        let meaning = find(self.vocabulary, name);
        if matches!(meaning, Some(Meaning::Line)) {
            self.in_line = true;
        }
        self.text = None;
        self.open.push(meaning);
    }

    fn wants(&self, attribute: &str) -> bool {
        // Taxonomies are declared at the root, whose attributes are counted.
        self.open.len() == 1 && (attribute == "xmlns" || attribute.starts_with("xmlns:"))
    }

    fn attribute(&mut self, _: &str, value: Cow<'_, str>) {
        self.namespaces.push(value.into_owned());
    }

    fn text(&mut self, piece: Cow<'a, str>) {
        if !self.wanted() {
            return;
        }
        match &mut self.text {
            None => self.text = Some(piece),
            Some(text) => text.to_mut().push_str(&piece),
        }
    }

    fn close(&mut self) -> Result<(), Refused> {
        let text = self.text.take();
        match (self.open.pop().flatten(), text) {
            (Some(Meaning::Line), _) => {
                self.in_line = false;
                self.statement.lines.add(&mem::take(&mut self.line))
            }
            (Some(Meaning::Field(field)), Some(text)) => self.statement.state(field, text),
            (Some(Meaning::Cell(slot) | Meaning::CellOrExtra(slot, _)), Some(text)) if self.in_line => self.line.set(slot, text),
            (Some(Meaning::Extra(name) | Meaning::CellOrExtra(_, name)), Some(text))
                if text.len() <= EXTRA_BYTES && !text.trim().is_empty() =>
            {
                if self.extras.len() < 64 {
                    self.extras.push((name, Cow::Owned(text.trim().to_owned())));
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
}
