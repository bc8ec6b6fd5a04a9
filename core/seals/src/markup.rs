//! A small XML file as a list of elements, within limits. Names are local names: real files differ in their prefixes.

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::limits::{XML_ATTRIBUTES, XML_BYTES, XML_DEPTH, XML_ELEMENTS};

/// An element; its children are those whose `parent` is its place in the list.
#[derive(Debug)]
pub(crate) struct Element {
    /// Local name.
    pub name: String,
    /// Local names and values.
    pub attributes: Vec<(String, String)>,
    /// Its own text, trimmed.
    pub text: String,
    /// Place of the element around it; none for the root.
    pub parent: Option<usize>,
    /// First byte of its start tag and the first one behind its end tag.
    pub span: (usize, usize),
}

/// All elements of a file, in the order in which they begin. The root is the first.
#[derive(Debug)]
pub(crate) struct Markup {
    elements: Vec<Element>,
    /// First byte behind the root's start tag.
    pub root_start: usize,
    /// First byte of the root's end tag.
    pub root_end: usize,
}

impl Markup {
    /// Reads a file; none when it is not well formed, not UTF-8, has a DOCTYPE or is beyond the limits.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > XML_BYTES {
            return None;
        }
        let whole = std::str::from_utf8(bytes).ok()?;
        let text = whole.strip_prefix('\u{FEFF}').unwrap_or(whole);
        let skipped = whole.len() - text.len();
        let mut walk = Walk { reader: Reader::from_str(text), skipped, elements: Vec::new(), open: Vec::new(), root_start: 0, root_end: 0 };
        walk.run()?;
        for element in &mut walk.elements {
            element.text = element.text.trim().to_owned();
        }
        Some(Self { elements: walk.elements, root_start: walk.root_start, root_end: walk.root_end })
    }

    /// The root element.
    pub fn root(&self) -> Option<&Element> {
        self.elements.first()
    }

    /// The elements directly within the one at this place, with their own places.
    pub fn children(&self, place: usize) -> impl Iterator<Item = (usize, &Element)> {
        let end = self.elements.get(place).map_or(0, |element| element.span.1);
        let within = self.elements.iter().enumerate().skip(place).take_while(move |(_, element)| element.span.0 < end);
        within.filter(move |(_, element)| element.parent == Some(place))
    }

    /// All elements of this name, with their places.
    pub fn all<'m>(&'m self, name: &'m str) -> impl Iterator<Item = (usize, &'m Element)> {
        self.elements.iter().enumerate().filter(move |(_, element)| element.is(name))
    }

    /// The first child of this name.
    pub fn child(&self, place: usize, name: &str) -> Option<(usize, &Element)> {
        self.children(place).find(|(_, element)| element.is(name))
    }

    /// The text of the first child of this name.
    pub fn child_text(&self, place: usize, name: &str) -> Option<&str> {
        self.child(place, name).map(|(_, element)| element.text.as_str())
    }
}

impl Element {
    /// Whether it has this name, whatever its case.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// An attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

struct Walk<'a> {
    reader: Reader<&'a [u8]>,
    /// Bytes of a mark before the text; spans count in the bytes of the file.
    skipped: usize,
    elements: Vec<Element>,
    /// Places of the elements that are open.
    open: Vec<usize>,
    root_start: usize,
    root_end: usize,
}

impl Walk<'_> {
    fn run(&mut self) -> Option<()> {
        loop {
            let start = self.position()?;
            match self.reader.read_event().ok()? {
                Event::Start(tag) => self.enter(&tag, start)?,
                Event::Empty(tag) => {
                    self.enter(&tag, start)?;
                    self.leave(start)?;
                }
                Event::End(_) => self.leave(start)?,
                Event::Text(piece) => self.text(&piece.xml10_content())?,
                Event::CData(piece) => self.text(&piece.xml10_content())?,
                Event::GeneralRef(reference) => self.text(&resolved(&reference)?)?,
                Event::DocType(_) => return None,
                Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
                Event::Eof => return (self.open.is_empty() && !self.elements.is_empty()).then_some(()),
            }
        }
    }

    fn position(&self) -> Option<usize> {
        usize::try_from(self.reader.buffer_position()).ok()?.checked_add(self.skipped)
    }

    fn enter(&mut self, tag: &BytesStart<'_>, start: usize) -> Option<()> {
        let second_root = self.open.is_empty() && !self.elements.is_empty();
        if second_root || self.elements.len() == XML_ELEMENTS || self.open.len() == XML_DEPTH {
            return None;
        }
        let mut attributes = Vec::new();
        for attribute in tag.attributes() {
            let attribute = attribute.ok()?;
            if attributes.len() == XML_ATTRIBUTES {
                return None;
            }
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?;
            attributes.push((attribute.key.local_name().into_inner().to_owned(), value.into_owned()));
        }
        let name = tag.local_name().into_inner().to_owned();
        let parent = self.open.last().copied();
        if parent.is_none() {
            self.root_start = self.position()?;
        }
        self.open.push(self.elements.len());
        self.elements.push(Element { name, attributes, text: String::new(), parent, span: (start, start) });
        Some(())
    }

    fn leave(&mut self, end_tag: usize) -> Option<()> {
        let place = self.open.pop()?;
        let end = self.position()?;
        self.elements.get_mut(place)?.span.1 = end;
        if self.open.is_empty() {
            self.root_end = end_tag;
        }
        Some(())
    }

    fn text(&mut self, piece: &str) -> Option<()> {
        match self.open.last().and_then(|place| self.elements.get_mut(*place)) {
            Some(element) => element.text.push_str(piece),
            None if piece.trim().is_empty() => {}
            None => return None,
        }
        Some(())
    }
}

fn resolved(reference: &BytesRef<'_>) -> Option<String> {
    match reference.as_ref() {
        "amp" => Some("&".to_owned()),
        "lt" => Some("<".to_owned()),
        "gt" => Some(">".to_owned()),
        "quot" => Some("\"".to_owned()),
        "apos" => Some("'".to_owned()),
        _ => reference.resolve_char_ref().ok().flatten().map(|c| c.to_string()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

    use super::*;

    #[test]
    fn elements_have_names_texts_and_places() {
        let xml = "\u{FEFF}<?xml version=\"1.0\"?>\n<o:A xmlns:o=\"x\"><o:B p:ID=\"1&amp;2\"> t&#x4E2D;<!-- c --><C/></o:B><b/></o:A>\n";
        let markup = Markup::read(xml.as_bytes()).unwrap();
        assert!(markup.root().unwrap().is("a"));
        let (place, b) = markup.child(0, "B").unwrap();
        assert_eq!((b.text.as_str(), b.attribute("id"), b.attribute("x")), ("t中", Some("1&2"), None));
        assert_eq!(&xml[b.span.0..b.span.1], "<o:B p:ID=\"1&amp;2\"> t&#x4E2D;<!-- c --><C/></o:B>");
        assert_eq!(markup.children(place).count(), 1);
        assert_eq!(markup.all("b").count(), 2);
        let empty = markup.all("b").nth(1).unwrap().1;
        assert_eq!((&xml[empty.span.0..empty.span.1], &xml[markup.root_end..]), ("<b/>", "</o:A>\n"));
    }

    #[test]
    fn what_is_odd_is_not_read() {
        let deep = "<a>".repeat(XML_DEPTH + 1) + &"</a>".repeat(XML_DEPTH + 1);
        for xml in ["", "<a>", "<a></b>", "<a/><b/>", "<a>&x;</a>", "<!DOCTYPE a><a/>", "x<a/>", "<a b=1/>", "<a b='1' b='2'/>", &deep] {
            assert!(Markup::read(xml.as_bytes()).is_none(), "{xml}");
        }
        assert!(Markup::read(b"<a>\xFF</a>").is_none());
        let many = format!("<a>{}</a>", "<b/>".repeat(XML_ELEMENTS));
        assert!(Markup::read(many.as_bytes()).is_none());
    }
}
