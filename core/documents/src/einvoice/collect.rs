//! Keeps the texts that `grammar` asks for.

use std::borrow::Cow;
use std::mem;

use super::grammar::{Slot, Tag};
use crate::field::Field;
use crate::lines::{LineSlot, LineTexts, Lines, trimmed};
use crate::markup::Sink;
use crate::refused::Refused;

/// Texts by slot; none where the document is silent or says nothing but white space.
pub(super) type Texts<'a> = [Option<Cow<'a, str>>; Slot::COUNT];

/// All that the pass keeps.
#[derive(Default)]
pub(super) struct Collector<'a> {
    texts: Texts<'a>,
    /// What stood in a wrong place.
    loose: Texts<'a>,
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
    /// Text of a cell that is 数量 or 税率.
    quantity_or_rate: Option<Cow<'a, str>>,
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

    /// Lets what stood in a wrong place stand in for what is in no right one.
    pub(super) fn settle(&mut self) {
        let numbered = self.get(Slot::SupervisionNumber).is_some();
        for (at, loose) in self.loose.iter_mut().enumerate() {
            // Header and bureau state one number: a third statement would only contradict one of them.
            if numbered && at == Slot::HeaderNumber as usize {
                continue;
            }
            if let Some(text) = self.texts.get_mut(at).filter(|text| text.is_none()) {
                *text = loose.take();
            }
        }
    }

    fn innermost(&self) -> Tag {
        self.open.last().copied().unwrap_or(Tag::Outside)
    }

    fn wants_text(&self) -> bool {
        matches!(self.innermost(), Tag::Leaf(_) | Tag::LineLeaf(_) | Tag::Loose(_) | Tag::QuantityOrRate)
    }

    fn keep_loose(&mut self, slot: Slot, text: Cow<'a, str>) -> Result<(), Refused> {
        if let (Some(text), Some(kept @ None)) = (trimmed(text, slot.field())?, self.loose.get_mut(slot as usize)) {
            *kept = Some(text);
        }
        Ok(())
    }

    /// An element of a flat dialect ends: the cells directly in it are a goods line, or, at the root, the totals of an invoice
    /// without one.
    fn close_flat(&mut self) -> Result<(), Refused> {
        let mut texts = mem::take(&mut self.line_texts);
        if let Some(text) = self.quantity_or_rate.take() {
            let fraction = text.contains(['.', '%']) && !text.trim().starts_with(['1', '2', '3', '4', '5', '6', '7', '8', '9']);
            let quantity = match (texts.get(LineSlot::Quantity), texts.get(LineSlot::Rate)) {
                (None, None) => !fraction,
                (quantity, _) => quantity.is_none(),
            };
            texts.set(if quantity { LineSlot::Quantity } else { LineSlot::Rate }, text)?;
        }
        let (name, net) = (texts.get(LineSlot::Name).is_some(), texts.get(LineSlot::Net).map(str::to_owned));
        if let (true, Some(net)) = (self.open.is_empty(), &net) {
            let tax = texts.get(LineSlot::Tax).map(str::to_owned);
            self.keep_loose(Slot::Net, Cow::Owned(net.clone()))?;
            self.keep_loose(Slot::Tax, Cow::Owned(tax.unwrap_or_default()))?;
        }
        if name && net.is_some() { self.lines.add(&texts) } else { Ok(()) }
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
        let mut tag = self.innermost().child(name);
        // Lines of flat dialects have a 价税合计 of their own, behind their other cells.
        let in_flat_line = self.innermost() == Tag::Flat && self.open.len() > 1 && self.line_texts.get(LineSlot::Net).is_some();
        if in_flat_line && tag == Tag::Leaf(Slot::Gross) {
            tag = Tag::LineLeaf(LineSlot::Gross);
        }
        match tag {
            Tag::Root => self.standard = true,
            Tag::Signature => self.signed = true,
            Tag::Leaf(_) | Tag::LineLeaf(_) | Tag::Loose(_) | Tag::QuantityOrRate => self.text = None,
            _ => {}
        }
        self.open.push(tag);
    }

    fn text(&mut self, piece: Cow<'a, str>) {
        if !self.wants_text() {
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
            Some(Tag::Loose(slot)) => self.text.take().map_or(Ok(()), |text| self.keep_loose(slot, text)),
            Some(Tag::QuantityOrRate) => {
                let text = self.text.take().map_or(Ok(None), |text| trimmed(text, LineSlot::Quantity.field()))?;
                self.quantity_or_rate = self.quantity_or_rate.take().or(text);
                Ok(())
            }
            Some(Tag::Flat) => self.close_flat(),
            Some(Tag::Line) => {
                let texts = mem::take(&mut self.line_texts);
                self.lines.add(&texts)
            }
            _ => Ok(()),
        }
    }
}
