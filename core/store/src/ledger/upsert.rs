//! Invoices come in.

use jiff::Timestamp;
use piaoxia_domain::{Invoice, InvoiceKey};

use super::merge::{Known, merge};
use super::stored::{StoredInvoice, history_key, invoice_key, lines_key, red_key};
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

struct Intake<'a> {
    changes: Changes<'a>,
    at: Timestamp,
    seq: u64,
    /// Changes of state in this commit so far.
    numbered: u16,
    touched: Vec<(Invoice, bool)>,
}

impl Intake<'_> {
    fn take(&mut self, incoming: &Incoming) -> Result<Outcome> {
        let key = &incoming.invoice.key;
        // A key that was not read from text could hold what separates the pieces of a record's key.
        let name = key.to_string();
        if name.parse().as_ref() != Ok(key) {
            return Err(StoreError::BadName { name });
        }
        let what = match StoredInvoice::read(&self.changes, key)? {
            Some(stored) => self.join(stored, incoming)?,
            None => {
                let fresh = Known { invoice: incoming.invoice.clone(), by_bureau: incoming.source.is_bureau() };
                self.store(fresh, self.at, None)?;
                What::New
            }
        };
        Ok(Outcome { key: key.clone(), what })
    }

    fn join(&mut self, stored: StoredInvoice, incoming: &Incoming) -> Result<What> {
        let key = stored.invoice.key.clone();
        let before = Known { invoice: stored.invoice, by_bureau: stored.by_bureau };
        let (after, changes) = merge(&before, incoming.invoice.clone(), &incoming.source, self.at);
        if after.by_bureau == before.by_bureau && after.invoice == before.invoice {
            return Ok(What::Same);
        }
        if stored.line_count > 0 {
            self.changes.remove(&lines_key(&key))?;
        }
        self.store(after, stored.added_at, before.invoice.red_of.as_ref())?;
        self.note(&key, &changes)?;
        Ok(What::Changed(changes))
    }

    fn store(&mut self, known: Known, added_at: Timestamp, old_red_of: Option<&InvoiceKey>) -> Result<()> {
        let Known { invoice, by_bureau } = known;
        let key = invoice.key.clone();
        if invoice.red_of.as_ref() != old_red_of {
            if let Some(blue) = old_red_of {
                self.changes.remove(&red_key(blue, &key))?;
            }
            if let Some(blue) = &invoice.red_of {
                self.changes.put(&red_key(blue, &key), &[])?;
            }
        }
        let stored = StoredInvoice { invoice, line_count: 0, by_bureau, added_at };
        self.changes.put_json(&invoice_key(&key), &stored)?;
        self.touched.push((stored.invoice, by_bureau));
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
