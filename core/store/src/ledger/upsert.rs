//! Invoices come in.

mod paper;

use std::borrow::Cow;

use jiff::Timestamp;
use piaoxia_domain::{Invoice, InvoiceKey};

use super::merge::{Known, merge};
use super::stored::{StoredInvoice, ToStore, history_key, invoice_key, lines_key, red_key};
use super::types::{Change, Incoming, Outcome, Source, What};
use crate::changes::{Changes, Records};
use crate::core::Core;
use crate::engine::Engine;
use crate::error::{Result, StoreError};

impl Core {
    /// Takes in a batch with one commit. The outcomes name invoices by the keys that they have after it.
    pub(crate) fn upsert(&mut self, batch: &[Incoming]) -> Result<Vec<Outcome>> {
        let mut intake = Intake::new(self.engine()?, self.next_seq());
        let mut outcomes = batch.iter().map(|incoming| intake.take(incoming)).collect::<Result<Vec<_>>>()?;
        let (records, shown) = intake.end();
        for one in &shown {
            if let Shown::Renamed(from, to) = one {
                outcomes.iter_mut().filter(|outcome| outcome.key == *from).for_each(|outcome| outcome.key.clone_from(to));
            }
        }
        self.take_in(&records, &shown)?;
        Ok(outcomes)
    }

    /// Commits what came in, and shows it.
    fn take_in(&mut self, records: &Records, shown: &[Shown<'_>]) -> Result<()> {
        self.commit(records)?;
        self.publish(shown.len(), |index| {
            for one in shown {
                match one {
                    Shown::Put(invoice, by_bureau) => index.put(invoice, *by_bureau),
                    Shown::Renamed(from, to) => index.rename(from, to),
                }
            }
        });
        Ok(())
    }
}

/// What a commit does to the rows.
#[expect(clippy::large_enum_variant, reason = "almost all are the large one")]
enum Shown<'i> {
    /// The new state of an invoice, and whether the bureau has told its status.
    Put(Cow<'i, Invoice>, bool),
    /// The invoice of the first key has the second one now.
    Renamed(InvoiceKey, InvoiceKey),
}

struct Intake<'a, 'i> {
    changes: Changes<'a>,
    at: Timestamp,
    seq: u64,
    /// Changes of state in this commit so far.
    numbered: u16,
    /// In the order in which it is done.
    shown: Vec<Shown<'i>>,
}

impl<'a, 'i> Intake<'a, 'i> {
    /// For the commit of this number.
    fn new(engine: &'a dyn Engine, seq: u64) -> Self {
        Self { changes: Changes::on(engine), at: Timestamp::now(), seq, numbered: 0, shown: Vec::new() }
    }

    fn end(self) -> (Records, Vec<Shown<'i>>) {
        (self.changes.into_records(), self.shown)
    }

    fn take(&mut self, incoming: &'i Incoming) -> Result<Outcome> {
        let Incoming { invoice, source } = incoming;
        // A key that was not read from text could hold what separates the pieces of a record's key.
        let name = invoice.key.to_string();
        if name.parse().as_ref() != Ok(&invoice.key) {
            return Err(StoreError::BadName { name });
        }
        let mut stated = self.as_known(invoice, source.is_bureau())?;
        let stored = StoredInvoice::read(&self.changes, &stated.key)?;
        if let Some(stored) = stored.as_ref().filter(|_| stated.key != invoice.key) {
            paper::leave_kind(stated.to_mut(), &stored.invoice);
        }
        let (stored, united) = self.with_paper(stored, &stated, source.is_bureau())?;
        let key = stated.key.clone();
        let what = match stored {
            Some(stored) => self.join(stored, stated, source)?,
            None => {
                self.store(stated, source.is_bureau(), self.at, None)?;
                What::New
            }
        };
        Ok(Outcome { key, what: if united && what == What::Same { What::Changed(Vec::new()) } else { what } })
    }

    fn join(&mut self, stored: StoredInvoice, stated: Cow<'i, Invoice>, source: &Source) -> Result<What> {
        let key = stored.invoice.key.clone();
        let before = Known { invoice: stored.invoice, by_bureau: stored.by_bureau };
        let says_nothing_new = before.by_bureau || !source.is_bureau();
        // What comes again as it is known: a download with an overlap. Without 用途, of which the bureau may take something back.
        if says_nothing_new && before.invoice.usage.is_none() && before.invoice == *stated {
            return Ok(What::Same);
        }
        let (after, changes) = merge(&before, stated.into_owned(), source, self.at);
        if after.by_bureau == before.by_bureau && after.invoice == before.invoice {
            return Ok(What::Same);
        }
        if stored.line_count > 0 {
            self.changes.remove(&lines_key(&key))?;
        }
        self.store(Cow::Owned(after.invoice), after.by_bureau, stored.added_at, before.invoice.red_of.as_ref())?;
        self.note(&key, &changes)?;
        Ok(What::Changed(changes))
    }

    fn store(&mut self, invoice: Cow<'i, Invoice>, by_bureau: bool, added_at: Timestamp, old_red_of: Option<&InvoiceKey>) -> Result<()> {
        let key = &invoice.key;
        if invoice.red_of.as_ref() != old_red_of {
            if let Some(blue) = old_red_of {
                self.changes.remove(&red_key(blue, key))?;
            }
            if let Some(blue) = &invoice.red_of {
                self.changes.put(&red_key(blue, key), &[])?;
            }
        }
        self.changes.put_json(&invoice_key(key), &ToStore { invoice: &invoice, by_bureau, added_at })?;
        self.shown.push(Shown::Put(invoice, by_bureau));
        Ok(())
    }

    fn note(&mut self, key: &InvoiceKey, changes: &[Change]) -> Result<()> {
        for change in changes {
            self.changes.put_json(&history_key(key, self.seq, self.numbered), change)?;
            self.numbered += 1;
        }
        Ok(())
    }
}
