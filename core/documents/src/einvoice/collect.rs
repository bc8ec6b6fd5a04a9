//! Keeps the texts that `grammar` asks for.

use std::borrow::Cow;
use std::mem;

use super::grammar::{Slot, Tag};
use crate::field::Field;
use crate::lines::{LineTexts, Lines, trimmed};
use crate::markup::Sink;
use crate::refused::Refused;

/// Texts by slot; none where the document is silent or says nothing but white space.
pub(super) type Texts<'a> = [Option<Cow<'a, str>>; Slot::COUNT];

/// All that the pass keeps.
#[derive(Default)]
pub(super) struct Collector<'a> {
    texts: Texts<'a>,
    line_texts: LineTexts<'a>,
    /// Goods lines so far.
    pub lines: Lines,
    /// Fields that were stated twice, differently.
    pub repeated: Vec<Field>,
    /// The root is `EInvoice`.
    pub standard: bool,
    /// The bureau's signature is there.
    pub signed: bool,
    /// Innermost open element last.
    open: Vec<Tag>,
    /// Text of the innermost wanted element.
    text: Option<Cow<'a, str>>,
}

impl<'a> Collector<'a> {
    /// The text in a slot.
    pub(super) fn get(&self, slot: Slot) -> Option<&str> {
        self.texts.get(slot as usize)?.as_deref()
    }

    /// As [`Self::get`], leaving nothing behind.
    pub(super) fn take(&mut self, slot: Slot) -> Option<Cow<'a, str>> {
        self.texts.get_mut(slot as usize)?.take()
    }

    fn innermost(&self) -> Tag {
        self.open.last().copied().unwrap_or(Tag::Outside)
    }

    fn keep(&mut self, slot: Slot, text: Cow<'a, str>) -> Result<(), Refused> {
        let Some(text) = trimmed(text, slot.field())? else { return Ok(()) };
        match self.texts.get_mut(slot as usize) {
            Some(kept @ None) => *kept = Some(text),
            Some(Some(kept)) if *kept != text && !self.repeated.contains(&slot.field()) => self.repeated.push(slot.field()),
            _ => {}
        }
        Ok(())
    }
}

impl<'a> Sink<'a> for Collector<'a> {
    fn open(&mut self, name: &str) {
        let tag = self.innermost().child(name);
        match tag {
            Tag::Root => self.standard = true,
            Tag::Signature => self.signed = true,
            Tag::Leaf(_) | Tag::LineLeaf(_) => self.text = None,
            _ => {}
        }
        self.open.push(tag);
    }

    fn text(&mut self, piece: Cow<'a, str>) {
        if !matches!(self.innermost(), Tag::Leaf(_) | Tag::LineLeaf(_)) {
            return;
        }
        match &mut self.text {
            None => self.text = Some(piece),
            Some(text) => text.to_mut().push_str(&piece),
        }
    }

    fn close(&mut self) -> Result<(), Refused> {
        match self.open.pop() {
            Some(Tag::Leaf(slot)) => self.text.take().map_or(Ok(()), |text| self.keep(slot, text)),
            Some(Tag::LineLeaf(slot)) => self.text.take().map_or(Ok(()), |text| self.line_texts.set(slot, text)),
            Some(Tag::Line) => {
                let texts = mem::take(&mut self.line_texts);
                self.lines.add(&texts)
            }
            _ => Ok(()),
        }
    }
}
