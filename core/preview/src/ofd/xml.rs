//! An XML part as a small tree of local names. OFD files differ in prefixes and even in the namespace, so both are ignored.

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::error::PreviewError;
use crate::limits;

/// An element.
#[derive(Debug, Default)]
pub(super) struct Element {
    /// Local name.
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    /// Text directly inside, untrimmed.
    pub(super) text: String,
    /// Elements inside, in document order.
    pub(super) children: Vec<Element>,
}

impl Element {
    /// An attribute by its local name.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The first child of a name.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// All children of a name.
    pub(super) fn children<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// Trimmed text of the first child of a name.
    pub(super) fn child_text(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.trim()).filter(|text| !text.is_empty())
    }
}

/// Reads a part. Entities other than the five predefined ones and a DOCTYPE are refused.
pub(super) fn parse(bytes: &[u8]) -> Result<Element, PreviewError> {
    if bytes.len() > limits::XML {
        return Err(PreviewError::TooMuch("XML part"));
    }
    let text = String::from_utf8_lossy(bytes);
    let mut reader = Reader::from_str(text.trim_start_matches('\u{FEFF}'));
    let mut tree = Tree::default();
    loop {
        match reader.read_event().map_err(|error| PreviewError::Damaged(error.to_string()))? {
            Event::Start(tag) => tree.open(&tag)?,
            Event::Empty(tag) => {
                tree.open(&tag)?;
                tree.close();
            }
            Event::End(_) => tree.close(),
            Event::Text(piece) => tree.text(&piece.xml10_content()),
            Event::CData(piece) => tree.text(&piece.xml10_content()),
            Event::GeneralRef(reference) => {
                let character = reference.resolve_char_ref().ok().flatten().or_else(|| predefined(&reference));
                tree.text(character.ok_or_else(|| PreviewError::Damaged("an unknown XML entity".to_owned()))?.encode_utf8(&mut [0; 4]));
            }
            Event::DocType(_) => return Err(PreviewError::Damaged("an XML part with a DOCTYPE".to_owned())),
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
            Event::Eof => break,
        }
    }
    tree.root.ok_or_else(|| PreviewError::Damaged("an XML part without an element".to_owned()))
}

fn predefined(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

#[derive(Default)]
struct Tree {
    open: Vec<Element>,
    root: Option<Element>,
    elements: usize,
}

impl Tree {
    fn open(&mut self, tag: &BytesStart<'_>) -> Result<(), PreviewError> {
        self.elements += 1;
        if self.elements > limits::XML_ELEMENTS {
            return Err(PreviewError::TooMuch("XML elements"));
        }
        if self.open.len() >= limits::XML_DEPTH {
            return Err(PreviewError::TooMuch("XML depth"));
        }
        let mut element = Element { name: tag.local_name().as_ref().to_owned(), ..Element::default() };
        for attribute in tag.attributes().with_checks(false).flatten() {
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|error| PreviewError::Damaged(error.to_string()))?;
            element.attributes.push((attribute.key.local_name().as_ref().to_owned(), value.into_owned()));
        }
        self.open.push(element);
        Ok(())
    }

    fn text(&mut self, piece: &str) {
        if let Some(open) = self.open.last_mut() {
            open.text.push_str(piece);
        }
    }

    fn close(&mut self) {
        let Some(closed) = self.open.pop() else { return };
        match self.open.last_mut() {
            Some(parent) => parent.children.push(closed),
            None => {
                self.root.get_or_insert(closed);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn prefixes_do_not_matter() {
        for text in [
            "<ofd:A xmlns:ofd='x'><ofd:B k='1 &lt; 2'>a&amp;b<![CDATA[<c>]]></ofd:B></ofd:A>",
            "\u{FEFF}<A><B k='1 &lt; 2'>a&#38;b&lt;c></B></A>",
        ] {
            let root = parse(text.as_bytes()).unwrap();
            let child = root.child("B").unwrap();
            assert_eq!((root.name.as_str(), child.attribute("k"), child.text.as_str()), ("A", Some("1 < 2"), "a&b<c>"));
        }
    }

    #[test]
    fn bombs_are_refused() {
        let deep = format!("{}{}", "<a>".repeat(100), "</a>".repeat(100));
        assert!(matches!(parse(deep.as_bytes()), Err(PreviewError::TooMuch("XML depth"))));
        let many = format!("<a>{}</a>", "<b/>".repeat(limits::XML_ELEMENTS));
        assert!(matches!(parse(many.as_bytes()), Err(PreviewError::TooMuch("XML elements"))));
        for text in ["<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "<a>&b;</a>", "", "<a", "<a></b>"] {
            assert!(matches!(parse(text.as_bytes()), Err(PreviewError::Damaged(_))), "{text}");
        }
    }
}
