//! Invoices come in.

use std::borrow::Cow;

use jiff::Timestamp;
use piaoxia_domain::{Invoice, InvoiceKey};

use super::merge::{Known, merge};
use super::stored::{StoredInvoice, ToStore, history_key, invoice_key, lines_key, red_key};
use super::types::{Change, Incoming, Outcome, What};
use crate::changes::Changes;
use crate::core::Core;
use crate::error::{Result, StoreError};

impl Core {
    /// Takes in a batch with one commit.
    pub(crate) fn upsert(&mut self, batch: &[Incoming]) -> Result<Vec<Outcome>> {
        let at = Timestamp::now();
        let mut intake = Intake { changes: Changes::on(self.engine()?), at, seq: self.next_seq(), numbered: 0, touched: Vec::new() };
        let outcomes = batch.iter().map(|incoming| intake.take(incoming)).collect::<Result<Vec<_>>>()?;
        let (records, touched) = (intake.changes.into_records(), intake.touched);
        self.commit(&records)?;
        self.publish(touched.len(), |index| {
            for (invoice, by_bureau) in &touched {
                index.put(invoice, *by_bureau);
            }
        });
        Ok(outcomes)
    }
}

struct Intake<'a, 'i> {
    changes: Changes<'a>,
    at: Timestamp,
    seq: u64,
    /// Changes of state in this commit so far.
    numbered: u16,
    touched: Vec<(Cow<'i, Invoice>, bool)>,
}

impl<'i> Intake<'_, 'i> {
    fn take(&mut self, incoming: &'i Incoming) -> Result<Outcome> {
        let key = &incoming.invoice.key;
        // A key that was not read from text could hold what separates the pieces of a record's key.
        let name = key.to_string();
        if name.parse().as_ref() != Ok(key) {
            return Err(StoreError::BadName { name });
        }
        let what = match StoredInvoice::read(&self.changes, key)? {
            Some(stored) => self.join(stored, incoming)?,
            None => {
                self.store(Cow::Borrowed(&incoming.invoice), incoming.source.is_bureau(), self.at, None)?;
                What::New
            }
        };
        Ok(Outcome { key: key.clone(), what })
    }

    fn join(&mut self, stored: StoredInvoice, incoming: &Incoming) -> Result<What> {
        let key = stored.invoice.key.clone();
        let before = Known { invoice: stored.invoice, by_bureau: stored.by_bureau };
        let says_nothing_new = before.by_bureau || !incoming.source.is_bureau();
        // What comes again as it is known: a download with an overlap. Without 用途, of which the bureau may take something back.
        if says_nothing_new && before.invoice.usage.is_none() && before.invoice == incoming.invoice {
            return Ok(What::Same);
        }
        let (after, changes) = merge(&before, incoming.invoice.clone(), &incoming.source, self.at);
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
        self.touched.push((invoice, by_bureau));
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
