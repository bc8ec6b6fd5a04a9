//! One bounded pass over XML. What it means is the sink's; that it is harmless and well formed is settled here.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::errors::{Error, IllFormedError, SyntaxError};
use quick_xml::events::{BytesRef, BytesStart, Event};

use crate::limits::{XML_ATTRIBUTES, XML_DEPTH, XML_EVENTS};
use crate::refused::{Position, Refused};

/// Takes what the pass finds, in document order.
pub(crate) trait Sink<'a> {
    /// An element begins.
    fn open(&mut self, name: &str);
    /// A piece of the innermost open element's text; references and CDATA come as pieces of their own.
    fn text(&mut self, piece: Cow<'a, str>);
    /// The innermost open element ends.
    fn close(&mut self) -> Result<(), Refused>;
}

/// Walks over `text`. Entities other than the five predefined ones are never expanded: they are refused.
///
/// # Errors
/// [`Refused::Doctype`], one of the limits, [`Refused::NotWellFormed`], or what the sink refuses.
pub(crate) fn walk<'a>(text: &'a str, sink: &mut impl Sink<'a>) -> Result<(), Refused> {
    let mut walker = Walker { text, reader: Reader::from_str(text), depth: 0, roots: 0, prolog: true };
    for _ in 0..XML_EVENTS {
        let event = walker.reader.read_event().map_err(|error| walker.refuse(&error))?;
        if matches!(event, Event::Eof) {
            return if walker.depth == 0 && walker.roots == 1 { Ok(()) } else { Err(walker.not_well_formed()) };
        }
        walker.step(event, sink)?;
    }
    Err(Refused::TooManyParts { limit: XML_EVENTS })
}

struct Walker<'a> {
    text: &'a str,
    reader: Reader<&'a [u8]>,
    depth: usize,
    roots: usize,
    /// Nothing but white space so far: an XML declaration may come.
    prolog: bool,
}

impl<'a> Walker<'a> {
    fn step(&mut self, event: Event<'a>, sink: &mut impl Sink<'a>) -> Result<(), Refused> {
        let prolog = self.prolog;
        match event {
            Event::Start(tag) => {
                self.enter(&tag)?;
                sink.open(tag.name().as_ref());
            }
            Event::Empty(tag) => {
                self.enter(&tag)?;
                sink.open(tag.name().as_ref());
                self.depth -= 1;
                sink.close()?;
            }
            Event::End(_) => {
                self.depth = self.depth.saturating_sub(1);
                sink.close()?;
            }
            Event::Text(piece) => {
                let piece = piece.xml10_content();
                if self.depth > 0 {
                    sink.text(piece);
                } else if !piece.trim_ascii().is_empty() {
                    return Err(self.not_well_formed());
                } else {
                    return Ok(());
                }
            }
            Event::CData(piece) if self.depth > 0 => sink.text(piece.xml10_content()),
            Event::GeneralRef(reference) if self.depth > 0 => sink.text(self.resolved(&reference)?),
            Event::Decl(_) if prolog => {}
            Event::CData(_) | Event::GeneralRef(_) | Event::Decl(_) => return Err(self.not_well_formed()),
            Event::DocType(_) => return Err(Refused::Doctype),
            Event::Comment(_) | Event::PI(_) | Event::Eof => {}
        }
        self.prolog = false;
        Ok(())
    }

    fn enter(&mut self, tag: &BytesStart<'_>) -> Result<(), Refused> {
        if self.depth == 0 {
            self.roots += 1;
        }
        self.depth += 1;
        if self.depth > XML_DEPTH {
            return Err(Refused::TooDeep { limit: XML_DEPTH });
        }
        if self.roots > 1 || tag.name().as_ref().is_empty() {
            return Err(self.not_well_formed());
        }
        if tag.attributes_raw().is_empty() {
            return Ok(());
        }
        for (number, attribute) in tag.attributes().enumerate() {
            if number == XML_ATTRIBUTES {
                return Err(Refused::TooManyAttributes { limit: XML_ATTRIBUTES });
            }
            if attribute.is_err() {
                return Err(self.not_well_formed());
            }
        }
        Ok(())
    }

    fn resolved(&self, reference: &BytesRef<'_>) -> Result<Cow<'a, str>, Refused> {
        let fixed = match reference.as_ref() {
            "amp" => "&",
            "lt" => "<",
            "gt" => ">",
            "quot" => "\"",
            "apos" => "'",
            _ => "",
        };
        if !fixed.is_empty() {
            return Ok(Cow::Borrowed(fixed));
        }
        match reference.resolve_char_ref() {
            Ok(Some(c)) if !c.is_control() || matches!(c, '\t' | '\n' | '\r') => Ok(Cow::Owned(c.to_string())),
            _ => Err(self.not_well_formed()),
        }
    }

    fn refuse(&self, error: &Error) -> Refused {
        match error {
            Error::Syntax(SyntaxError::UnclosedDoctype) | Error::IllFormed(IllFormedError::MissingDoctypeName) => Refused::Doctype,
            _ => Refused::NotWellFormed { position: self.position(self.reader.error_position()) },
        }
    }

    fn not_well_formed(&self) -> Refused {
        Refused::NotWellFormed { position: self.position(self.reader.buffer_position()) }
    }

    fn position(&self, offset: u64) -> Position {
        Position::of(self.text, usize::try_from(offset).unwrap_or(usize::MAX))
    }
}
