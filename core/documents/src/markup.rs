//! One bounded pass over XML. What it means is the sink's; that it is harmless and well formed is settled here.

use std::borrow::Cow;

use quick_xml::errors::{Error, IllFormedError, SyntaxError};
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::limits::{XML_ATTRIBUTES, XML_DEPTH, XML_EVENTS};
use crate::refused::{Position, Refused};

/// Most comments and instructions before the root element.
const PROLOG_EVENTS: usize = 64;

/// Takes what the pass finds, in document order.
pub(crate) trait Sink<'a> {
    /// An element begins.
    fn open(&mut self, name: &str);
    /// Whether [`Self::attribute`] is to be called for this attribute of the element that just began.
    fn wants(&self, _attribute: &str) -> bool {
        false
    }
    /// An attribute of the element that just began, references resolved.
    fn attribute(&mut self, _name: &str, _value: Cow<'_, str>) {}
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
    fn step<S: Sink<'a>>(&mut self, event: Event<'a>, sink: &mut S) -> Result<(), Refused> {
        let prolog = self.prolog;
        match event {
            Event::Start(tag) => self.enter(&tag, sink)?,
            Event::Empty(tag) => {
                self.enter(&tag, sink)?;
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

    fn enter<S: Sink<'a>>(&mut self, tag: &BytesStart<'_>, sink: &mut S) -> Result<(), Refused> {
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
        sink.open(tag.name().as_ref());
        if tag.attributes_raw().is_empty() {
            return Ok(());
        }
        for (number, attribute) in tag.attributes().enumerate() {
            if number == XML_ATTRIBUTES {
                return Err(Refused::TooManyAttributes { limit: XML_ATTRIBUTES });
            }
            let attribute = attribute.map_err(|_| self.not_well_formed())?;
            if sink.wants(attribute.key.as_ref()) {
                // Entities of the document's own are never expanded: such a value is broken.
                let value = attribute.normalized_value(XmlVersion::default()).map_err(|_| self.not_well_formed())?;
                sink.attribute(attribute.key.as_ref(), value);
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

/// The part of a name behind its prefix.
pub(crate) fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

/// The entry of a table whose name is that of the element: writers differ in prefixes and sometimes in case.
pub(crate) fn find<T: Copy>(table: &[(&'static str, T)], name: &str) -> Option<T> {
    let name = local(name);
    let exact = table.iter().find(|(known, _)| *known == name);
    exact.or_else(|| table.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))).map(|(_, meaning)| *meaning)
}

/// The name of the root element, as written; none before anything that is no XML.
pub(crate) fn root(text: &str) -> Option<String> {
    let mut reader = Reader::from_str(text);
    for _ in 0..PROLOG_EVENTS {
        match reader.read_event() {
            Ok(Event::Start(tag) | Event::Empty(tag)) => return Some(tag.name().as_ref().to_owned()),
            Ok(Event::Eof) | Err(_) => return None,
            Ok(_) => {}
        }
    }
    None
}
