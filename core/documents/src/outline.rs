//! The elements of an XML that matter, in document order: what the parts of an OFD are read by.

use std::borrow::Cow;

use crate::limits::{FIELD_BYTES, OUTLINE_NODES};
use crate::markup::{Sink, find, walk};
use crate::refused::Refused;

/// An element that was asked for.
#[derive(Debug)]
pub(crate) struct Node<'a> {
    /// As in the table that was asked with.
    pub name: &'static str,
    /// Depth in the document, 0 for the root.
    pub depth: usize,
    /// The element right around it was asked for too.
    pub within: bool,
    /// Its text, pieces joined, untrimmed; cut off beyond what a field may hold.
    pub text: Cow<'a, str>,
    attributes: Vec<(&'static str, String)>,
}

impl Node<'_> {
    /// An attribute that was asked for.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }
}

/// Names that are asked for; each stands for itself.
pub(crate) type Names = &'static [(&'static str, &'static str)];

/// The elements and attributes with these local names, whatever their prefix and case.
///
/// # Errors
/// What [`walk`] refuses; [`Refused::TooManyParts`] beyond 100,000 such elements.
pub(crate) fn read<'a>(text: &'a str, elements: Names, attributes: Names) -> Result<Vec<Node<'a>>, Refused> {
    let mut outline = Outline { elements, attributes, nodes: Vec::new(), open: Vec::new() };
    walk(text, &mut outline)?;
    Ok(outline.nodes)
}

struct Outline<'a> {
    elements: Names,
    attributes: Names,
    nodes: Vec<Node<'a>>,
    /// Index of the node of each open element that was asked for.
    open: Vec<Option<usize>>,
}

impl<'a> Sink<'a> for Outline<'a> {
    fn open(&mut self, name: &str) {
        let wanted = find(self.elements, name).filter(|_| self.nodes.len() <= OUTLINE_NODES);
        let node = wanted.map(|name| {
            let within = matches!(self.open.last(), Some(Some(_)));
            self.nodes.push(Node { name, depth: self.open.len(), within, text: Cow::Borrowed(""), attributes: Vec::new() });
            self.nodes.len() - 1
        });
        self.open.push(node);
    }

    fn wants(&self, attribute: &str) -> bool {
        matches!(self.open.last(), Some(Some(_))) && find(self.attributes, attribute).is_some()
    }

    fn attribute(&mut self, name: &str, value: Cow<'_, str>) {
        let Some(Some(node)) = self.open.last() else { return };
        let Some(name) = find(self.attributes, name).filter(|_| value.len() <= FIELD_BYTES) else { return };
        if let Some(node) = self.nodes.get_mut(*node) {
            node.attributes.push((name, value.into_owned()));
        }
    }

    fn text(&mut self, piece: Cow<'a, str>) {
        let Some(Some(node)) = self.open.last() else { return };
        let Some(node) = self.nodes.get_mut(*node) else { return };
        if node.text.is_empty() {
            node.text = piece;
        } else if node.text.len() + piece.len() <= FIELD_BYTES {
            node.text.to_mut().push_str(&piece);
        }
    }

    fn close(&mut self) -> Result<(), Refused> {
        self.open.pop();
        if self.nodes.len() > OUTLINE_NODES { Err(Refused::TooManyParts { limit: OUTLINE_NODES }) } else { Ok(()) }
    }
}
