//! Single invoices and what belongs to them.

use piaoxia_domain::{Invoice, InvoiceKey};

use super::stored::{StoredInvoice, digital_of};
use super::types::{Change, Original};
use crate::changes::{Changes, from_json};
use crate::core::Core;
use crate::error::Result;
use crate::record::{Space, last_piece, prefix};

impl Core {
    /// The key under which the ledger has an invoice: code and number of a 数电纸质 one stand for its 20 digits.
    pub(crate) fn own_key(&self, key: &InvoiceKey) -> Result<InvoiceKey> {
        Ok(digital_of(&Changes::on(self.engine()?), key)?.unwrap_or_else(|| key.clone()))
    }

    /// An invoice with its lines.
    pub(crate) fn get(&self, key: &InvoiceKey) -> Result<Option<Invoice>> {
        let records = Changes::on(self.engine()?);
        Ok(StoredInvoice::read(&records, &self.own_key(key)?)?.map(|stored| stored.invoice))
    }

    /// Changes of an invoice's state, oldest first.
    pub(crate) fn history(&self, key: &InvoiceKey) -> Result<Vec<Change>> {
        self.belonging(Space::History, key)
    }

    /// The originals of an invoice.
    pub(crate) fn originals_of(&self, key: &InvoiceKey) -> Result<Vec<Original>> {
        let mut originals: Vec<Original> = self.belonging(Space::Originals, key)?;
        originals.sort_by_key(|original| (original.format, original.added_at));
        Ok(originals)
    }

    /// The red invoices that name this one as theirs.
    pub(crate) fn reds_of(&self, blue: &InvoiceKey) -> Result<Vec<InvoiceKey>> {
        let mut reds = Vec::new();
        self.engine()?.scan(&prefix(Space::Reds, self.own_key(blue)?.to_string().as_bytes()), &mut |key, _| {
            reds.extend(last_piece(key).and_then(|red| red.parse().ok()));
            Ok(())
        })?;
        Ok(reds)
    }

    fn belonging<T: serde::de::DeserializeOwned>(&self, space: Space, of: &InvoiceKey) -> Result<Vec<T>> {
        let values = self.values(&prefix(space, self.own_key(of)?.to_string().as_bytes()))?;
        values.iter().map(|(key, value)| from_json(key, value)).collect()
    }
}
