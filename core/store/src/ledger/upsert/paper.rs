//! 数电纸质 invoices have two keys: 20 digits, and code and number of their paper. A list or a QR code that has the latter alone is of the
//! same invoice. The ledger has it under its 20 digits as soon as it knows them, whichever key came first.

use std::borrow::Cow;
use std::collections::HashSet;
use std::mem;

use jiff::Timestamp;
use piaoxia_domain::{Invoice, InvoiceKey};

use super::{Intake, Shown};
use crate::core::Core;
use crate::error::Result;
use crate::ledger::merge::{Known, merge};
use crate::ledger::stored::{StoredInvoice, alias_key, digital_of, invoice_key, lines_key, red_key};
use crate::ledger::types::{BATCH_INVOICES, Change, Source};
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

/// Date and amount are the same, which a number that was misread does not have.
fn agree(one: &Invoice, other: &Invoice) -> bool {
    one.issued_on() == other.issued_on() && one.gross == other.gross
}

/// The row of a paper is of this invoice, as far as date, amount and seller tell.
fn is_of(paper: &StoredInvoice, digital: &Invoice, by_bureau: bool) -> bool {
    let (one, other) = (&paper.invoice.seller.tax_no, &digital.seller.tax_no);
    let sold_by_two = one != other && !one.is_empty() && !other.is_empty();
    agree(&paper.invoice, digital) && !(paper.by_bureau && by_bureau && sold_by_two)
}

impl<'i> Intake<'_, 'i> {
    /// What is stated, under the keys by which the ledger has it and the invoice that it cancels.
    pub(super) fn as_known(&mut self, stated: &'i Invoice, bureau: bool) -> Result<Cow<'i, Invoice>> {
        let mut known = Cow::Borrowed(stated);
        if let Some(digital) = digital_of(&self.changes, &stated.key)?
            && !self.is_misnamed(&digital, stated, bureau)?
        {
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
        let owner = digital_of(&self.changes, &paper)?;
        let is_named = owner.as_ref() == Some(&stated.key);
        // Two invoices cannot have one paper: it stays with the first, unless the bureau gives it to another than a document did.
        if let Some(owner) = owner.filter(|_| !is_named)
            && !(bureau && self.give_back(&owner, &paper)?)
        {
            return Ok((stored, false));
        }
        // Also beside an alias: a version without them may have written since.
        let of_paper = StoredInvoice::read(&self.changes, &paper)?;
        let known = stored.as_ref().filter(|_| !bureau);
        let (digital, by_bureau) = known.map_or((stated, bureau), |known| (&known.invoice, known.by_bureau));
        if of_paper.as_ref().is_some_and(|of_paper| !is_of(of_paper, digital, by_bureau)) {
            // Both rows stay, and that of the paper answers to its key.
            self.changes.remove(&alias_key(&paper))?;
            return Ok((stored, false));
        }
        if !is_named {
            self.changes.put(&alias_key(&paper), stated.key.to_string().as_bytes())?;
        }
        if !is_named || of_paper.is_some() {
            self.move_reds(&paper, &stated.key)?;
        }
        match of_paper {
            Some(of_paper) => Ok((Some(self.unite(of_paper, stored, stated)?), true)),
            None => Ok((stored, false)),
        }
    }

    /// True when what is stated of a paper is of another invoice than the one that has it. The paper is that one's no longer then.
    fn is_misnamed(&mut self, owner: &InvoiceKey, stated: &Invoice, bureau: bool) -> Result<bool> {
        let Some(of) = StoredInvoice::read(&self.changes, owner)?.filter(|of| !agree(&of.invoice, stated)) else { return Ok(false) };
        // A document's word is less than the bureau's; and a row of the paper, which a version without aliases wrote, is nearer.
        let is_told_better = bureau && !of.by_bureau;
        if !is_told_better && !self.changes.has(&invoice_key(&stated.key))? {
            return Ok(false);
        }
        self.changes.remove(&alias_key(&stated.key))?;
        self.give_back(owner, &stated.key)?;
        Ok(true)
    }

    /// Takes a paper from an invoice that has it by the word of a document; false when the bureau has told of that invoice.
    fn give_back(&mut self, owner: &InvoiceKey, paper: &InvoiceKey) -> Result<bool> {
        let Some(mut of) = StoredInvoice::read(&self.changes, owner)? else { return Ok(true) };
        if of.by_bureau {
            return Ok(false);
        }
        if of.invoice.paper_key.as_ref() == Some(paper) {
            of.invoice.paper_key = None;
            let red_of = of.invoice.red_of.clone();
            self.rewrite(of, red_of.as_ref())?;
        }
        Ok(true)
    }

    /// Makes one invoice of what is stored under a paper's key and, if there is such, under that of the 20-digit invoice which is
    /// stated: as if the one that was told of last had come after the other.
    fn unite(&mut self, mut paper: StoredInvoice, digital: Option<StoredInvoice>, stated: &Invoice) -> Result<StoredInvoice> {
        let paper_is_later = match &digital {
            Some(digital) => self.told_at(&paper)? > self.told_at(digital)?,
            None => false,
        };
        self.clear(&paper.invoice, &stated.key)?;
        leave_kind(&mut paper.invoice, digital.as_ref().map_or(stated, |digital| &digital.invoice));
        let from = mem::replace(&mut paper.invoice.key, stated.key.clone());
        paper.invoice.paper_key = Some(from.clone());
        paper.line_count = 0;
        let old_red_of = digital.as_ref().and_then(|digital| digital.invoice.red_of.clone());
        let one = match digital {
            None => paper,
            Some(digital) => {
                if digital.line_count > 0 {
                    self.changes.remove(&lines_key(&stated.key))?;
                }
                let (earlier, later) = if paper_is_later { (digital, paper) } else { (paper, digital) };
                self.in_turn(earlier, later)?
            }
        };
        self.shown.push(Shown::Renamed(from, stated.key.clone()));
        self.store(Cow::Owned(one.invoice.clone()), one.by_bureau, one.added_at, old_red_of.as_ref())?;
        Ok(one)
    }

    /// Joins what is stored of one invoice twice, and notes what the later adds to what is known of the earlier one and of its changes.
    fn in_turn(&mut self, earlier: StoredInvoice, later: StoredInvoice) -> Result<StoredInvoice> {
        let added_at = earlier.added_at.min(later.added_at);
        // Which list or file it was is not kept.
        let source = if later.by_bureau { Source::Download(String::new()) } else { Source::Import(String::new()) };
        let known = Known { invoice: earlier.invoice, by_bureau: earlier.by_bureau };
        let (one, mut changes) = merge(&known, later.invoice, &source, self.at);
        let told = self.told(&one.invoice.key)?;
        changes.retain(|change| !told.iter().any(|told| told.field == change.field && told.to == change.to));
        self.note(&one.invoice.key, &changes)?;
        Ok(StoredInvoice { invoice: one.invoice, line_count: 0, by_bureau: one.by_bureau, added_at })
    }

    /// Changes of an invoice so far.
    fn told(&self, of: &InvoiceKey) -> Result<Vec<Change>> {
        let records = self.changes.keys_under(&prefix(Space::History, of.to_string().as_bytes()))?;
        records.iter().filter_map(|record| self.changes.get_json::<Change>(record).transpose()).collect()
    }

    /// When something was last told of an invoice: when it came in, or its last change.
    fn told_at(&self, of: &StoredInvoice) -> Result<Timestamp> {
        Ok(self.told(&of.invoice.key)?.iter().map(|change| change.at).fold(of.added_at, Timestamp::max))
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
            let Some(mut of) = StoredInvoice::read(&self.changes, &red)? else { continue };
            of.invoice.red_of = Some(to.clone());
            self.rewrite(of, Some(paper))?;
        }
        Ok(())
    }

    /// Stores an invoice that is there, with its lines.
    fn rewrite(&mut self, of: StoredInvoice, old_red_of: Option<&InvoiceKey>) -> Result<()> {
        if of.line_count > 0 {
            self.changes.remove(&lines_key(&of.invoice.key))?;
        }
        self.store(Cow::Owned(of.invoice), of.by_bureau, of.added_at, old_red_of)
    }
}

impl Core {
    /// Ledgers that versions without aliases wrote: gives papers to their invoices, and makes one of two rows of the same invoice. What
    /// cannot be done is tried again at the next opening.
    ///
    /// # Errors
    /// Why a commit failed halfway: only opening anew tells what came of it.
    pub(crate) fn adopt_papers(&mut self) -> Result<()> {
        let papers = self.attempt(&|core: &mut Self| core.papers_to_adopt());
        let papers = papers.inspect_err(|error| tracing::warn!(%error, "papers of invoices could not be read")).unwrap_or_default();
        for some in papers.chunks(BATCH_INVOICES) {
            match self.attempt(&|core: &mut Self| core.adopt(some)) {
                Err(error) if self.broken => return Err(error),
                Err(error) => tracing::warn!(%error, "invoices could not be given their papers"),
                Ok(()) => {}
            }
        }
        Ok(())
    }

    /// 20-digit keys and the papers that are no alias yet, or beside whose alias there is a row. One scan of the aliases: to read each
    /// by itself takes long on a slow medium.
    fn papers_to_adopt(&self) -> Result<Vec<(InvoiceKey, InvoiceKey)>> {
        let mut papers = self.shared.index().papers();
        if papers.is_empty() {
            return Ok(papers);
        }
        let mut named: HashSet<Vec<u8>> = HashSet::new();
        self.engine()?.scan(&[Space::Aliases as u8], &mut |key, _| {
            named.insert(key.to_vec());
            Ok(())
        })?;
        let index = self.shared.index();
        papers.retain(|(_, paper)| !named.contains(&alias_key(paper)) || index.has(paper));
        Ok(papers)
    }

    /// Takes 20-digit invoices with these papers in as they are.
    fn adopt(&mut self, papers: &[(InvoiceKey, InvoiceKey)]) -> Result<()> {
        let mut intake = Intake::new(self.engine()?, self.next_seq());
        for (digital, _) in papers {
            if let Some(stored) = StoredInvoice::read(&intake.changes, digital)? {
                let (stated, by_bureau) = (stored.invoice.clone(), stored.by_bureau);
                intake.with_paper(Some(stored), &stated, by_bureau)?;
            }
        }
        let (records, shown) = intake.end();
        self.take_in(&records, &shown)
    }
}
