//! 数电纸质 invoices have two keys: 20 digits, and code and number of their paper. A list or a QR code that has the latter alone is of the
//! same invoice. The ledger has it under its 20 digits as soon as it knows them, whichever key came first.

use std::borrow::Cow;
use std::mem;

use piaoxia_domain::{Invoice, InvoiceKey};

use super::{Intake, Shown};
use crate::core::Core;
use crate::error::Result;
use crate::ledger::merge::{Known, joined};
use crate::ledger::stored::{StoredInvoice, alias_key, digital_of, invoice_key, lines_key, red_key};
use crate::ledger::types::BATCH_INVOICES;
use crate::record::{Space, key, last_piece, prefix};

/// The key of its paper by which an invoice may come in, too.
fn paper_of(invoice: &Invoice) -> Option<&InvoiceKey> {
    let is_digital = matches!(invoice.key, InvoiceKey::Digital(_));
    // As for the key of an incoming invoice: it becomes a piece of a record's key.
    let is_plain = |paper: &InvoiceKey| matches!(paper, InvoiceKey::Legacy { .. }) && paper.to_string().parse().as_ref() == Ok(paper);
    invoice.paper_key.as_ref().filter(|paper| is_digital && is_plain(paper))
}

/// 发票代码 tells another kind than the 20-digit invoice has, and a list of papers knows no better.
pub(super) fn leave_kind(paper: &mut Invoice, digital: &Invoice) {
    if !digital.kind.code().is_empty() {
        paper.kind = digital.kind.clone();
    }
}

impl<'i> Intake<'_, 'i> {
    /// What is stated, under the keys by which the ledger has it and the invoice that it cancels.
    pub(super) fn as_known(&self, stated: &'i Invoice) -> Result<Cow<'i, Invoice>> {
        let mut known = Cow::Borrowed(stated);
        if let Some(digital) = digital_of(&self.changes, &stated.key)? {
            let known = known.to_mut();
            known.paper_key = Some(mem::replace(&mut known.key, digital));
        }
        if let Some(blue) = &stated.red_of
            && let Some(digital) = digital_of(&self.changes, blue)?
        {
            known.to_mut().red_of = Some(digital);
        }
        Ok(known)
    }

    /// Gives the paper of an invoice that comes in to it, with everything that the ledger has of the paper. Returns what is stored of
    /// the invoice then, and whether two have become one.
    pub(super) fn with_paper(
        &mut self,
        stored: Option<StoredInvoice>,
        stated: &Invoice,
        bureau: bool,
    ) -> Result<(Option<StoredInvoice>, bool)> {
        let (told, known) = (paper_of(stated), stored.as_ref().and_then(|stored| paper_of(&stored.invoice)));
        // As it will be once both are merged.
        let paper = if bureau { told.or(known) } else { known.or(told) };
        if let Some(wrong) = known.filter(|known| paper != Some(*known))
            && digital_of(&self.changes, wrong)?.as_ref() == Some(&stated.key)
        {
            self.changes.remove(&alias_key(wrong))?;
        }
        let Some(paper) = paper.cloned() else { return Ok((stored, false)) };
        match digital_of(&self.changes, &paper)? {
            // Two invoices cannot have one paper: it stays with the first.
            Some(owner) if owner != stated.key => return Ok((stored, false)),
            Some(_) => {}
            None => {
                self.changes.put(&alias_key(&paper), stated.key.to_string().as_bytes())?;
                self.move_reds(&paper, &stated.key)?;
            }
        }
        // Also beside an alias: a version without them may have written since.
        match StoredInvoice::read(&self.changes, &paper)? {
            Some(of_paper) => Ok((Some(self.unite(of_paper, stored, stated)?), true)),
            None => Ok((stored, false)),
        }
    }

    /// Makes one invoice of what is stored under a paper's key and, if there is such, under that of the 20-digit invoice which is
    /// stated: as if the latter had come after the former.
    fn unite(&mut self, paper: StoredInvoice, digital: Option<StoredInvoice>, stated: &Invoice) -> Result<StoredInvoice> {
        let StoredInvoice { mut invoice, by_bureau, mut added_at, .. } = paper;
        self.clear(&invoice, &stated.key)?;
        leave_kind(&mut invoice, digital.as_ref().map_or(stated, |digital| &digital.invoice));
        let from = mem::replace(&mut invoice.key, stated.key.clone());
        invoice.paper_key = Some(from.clone());
        let mut one = Known { invoice, by_bureau };
        let mut old_red_of: Option<InvoiceKey> = None;
        if let Some(digital) = digital {
            old_red_of.clone_from(&digital.invoice.red_of);
            added_at = added_at.min(digital.added_at);
            if digital.line_count > 0 {
                self.changes.remove(&lines_key(&stated.key))?;
            }
            one = joined(&one, digital.invoice, digital.by_bureau);
        }
        self.shown.push(Shown::Renamed(from, stated.key.clone()));
        self.store(Cow::Owned(one.invoice.clone()), one.by_bureau, added_at, old_red_of.as_ref())?;
        Ok(StoredInvoice { invoice: one.invoice, line_count: 0, by_bureau: one.by_bureau, added_at })
    }

    /// Removes an invoice, and moves what belongs to it to another key.
    fn clear(&mut self, invoice: &Invoice, to: &InvoiceKey) -> Result<()> {
        let from = &invoice.key;
        self.changes.remove(&invoice_key(from))?;
        self.changes.remove(&lines_key(from))?;
        if let Some(blue) = &invoice.red_of {
            self.changes.remove(&red_key(blue, from))?;
        }
        for space in [Space::History, Space::Originals, Space::Claims] {
            for old in self.changes.keys_under(&prefix(space, from.to_string().as_bytes()))? {
                let (Some(value), Some(piece)) = (self.changes.get(&old)?, last_piece(&old)) else { continue };
                // Of changes and claims the pieces are never the same; the same original is noted once.
                let new = key(space, &[to.to_string().as_bytes(), piece.as_bytes()]);
                if !self.changes.has(&new)? {
                    self.changes.put(&new, &value)?;
                }
                self.changes.remove(&old)?;
            }
        }
        Ok(())
    }

    /// The red invoices that name a paper as theirs name the 20-digit invoice now.
    fn move_reds(&mut self, paper: &InvoiceKey, to: &InvoiceKey) -> Result<()> {
        for record in self.changes.keys_under(&prefix(Space::Reds, paper.to_string().as_bytes()))? {
            let Some(red) = last_piece(&record).and_then(|red| red.parse().ok()) else { continue };
            let Some(StoredInvoice { mut invoice, line_count, by_bureau, added_at }) = StoredInvoice::read(&self.changes, &red)? else {
                continue;
            };
            if line_count > 0 {
                self.changes.remove(&lines_key(&red))?;
            }
            invoice.red_of = Some(to.clone());
            self.store(Cow::Owned(invoice), by_bureau, added_at, Some(paper))?;
        }
        Ok(())
    }
}

impl Core {
    /// Ledgers that versions without aliases wrote: gives papers to their invoices, and makes one of two rows of the same invoice. What
    /// cannot be done is tried again at the next opening.
    pub(crate) fn adopt_papers(&mut self) {
        let papers = self.shared.index().papers();
        for some in papers.chunks(BATCH_INVOICES) {
            if let Err(error) = self.attempt(&|core: &mut Self| core.adopt(some)) {
                tracing::warn!(%error, "invoices could not be given their papers");
            }
            if self.broken {
                return;
            }
        }
    }

    /// Takes 20-digit invoices with these papers in as they are.
    fn adopt(&mut self, papers: &[(InvoiceKey, InvoiceKey)]) -> Result<()> {
        let mut intake = Intake::new(self.engine()?, self.next_seq());
        for (digital, paper) in papers {
            let is_one = !self.shared.index().has(paper);
            if is_one && digital_of(&intake.changes, paper)?.is_some() {
                continue;
            }
            if let Some(stored) = StoredInvoice::read(&intake.changes, digital)? {
                let (stated, by_bureau) = (stored.invoice.clone(), stored.by_bureau);
                intake.with_paper(Some(stored), &stated, by_bureau)?;
            }
        }
        let (records, shown) = intake.end();
        self.take_in(&records, &shown)
    }
}
