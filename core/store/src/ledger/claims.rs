//! Claims (报销登记): who used an invoice when for what, so that a second use is noticed (重复报销). One that was withdrawn stays
//! in the ledger and counts no longer.

use std::collections::HashSet;

use jiff::Timestamp;
use jiff::civil::Date;
use piaoxia_domain::{InvoiceKey, Money};
use serde::{Deserialize, Serialize};

use super::stored::{claim_key, invoice_key};
use crate::changes::Changes;
use crate::core::Core;
use crate::error::{Result, StoreError};
use crate::record::{Space, last_piece, prefix};
use crate::store::Store;

/// Invoices that one commit claims at most.
const BATCH: usize = 500;

/// A use of an invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Claim {
    /// 报销日期.
    pub on: Date,
    /// 报销人.
    pub by: String,
    /// 说明, such as the number of the reimbursement.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// When it was entered, UTC.
    pub at: Timestamp,
    /// When it was withdrawn, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Timestamp>,
}

impl Claim {
    /// True until it is withdrawn.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.withdrawn.is_none()
    }
}

/// A claim in the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptClaim {
    /// Its id within the invoice; later ones are larger.
    pub id: String,
    /// What it says.
    pub claim: Claim,
}

/// An invoice that was claimed before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// Which.
    pub key: InvoiceKey,
    /// Name of its 对方.
    pub party: String,
    /// 价税合计.
    pub gross: Money,
    /// The first claim that counts.
    pub first: Claim,
}

impl Store {
    /// Claims invoices, each once, however often it is named and by whichever of its numbers. Those that were claimed before are told, by the
    /// keys that the ledger has them under, with their first claim, and nothing is written of any of them unless `again`.
    ///
    /// # Errors
    /// [`StoreError::UnknownInvoice`], or why nothing can be written. Up to 500 are one durable commit, more are one each 500.
    pub async fn claim(&self, keys: Vec<InvoiceKey>, claim: Claim, again: bool) -> Result<Vec<Claimed>> {
        let keys = self.read(move |core| core.own_keys(&keys)).await?;
        let mut named = HashSet::new();
        let keys: Vec<InvoiceKey> = keys.into_iter().filter(|key| named.insert(key.clone())).collect();
        let asked = keys.clone();
        let before = self.read(move |core| core.claimed_before(&asked)).await?;
        if !before.is_empty() && !again {
            return Ok(before);
        }
        for keys in keys.chunks(BATCH) {
            let (keys, claim) = (keys.to_vec(), claim.clone());
            self.write(move |core| core.add_claims(&keys, &claim)).await?;
        }
        Ok(before)
    }

    /// Withdraws a claim; false when there is none of this id, or it is withdrawn already.
    ///
    /// # Errors
    /// Why nothing can be written.
    pub async fn withdraw_claim(&self, key: &InvoiceKey, id: &str) -> Result<bool> {
        let (key, id) = (key.clone(), id.to_owned());
        self.write(move |core| core.withdraw_claim(&key, &id)).await
    }

    /// The claims of an invoice, oldest first, withdrawn ones among them.
    ///
    /// # Errors
    /// Why they cannot be read.
    pub async fn claims_of(&self, key: &InvoiceKey) -> Result<Vec<KeptClaim>> {
        let key = key.clone();
        self.read(move |core| core.claims_of(&key)).await
    }
}

impl Core {
    fn own_keys(&self, keys: &[InvoiceKey]) -> Result<Vec<InvoiceKey>> {
        keys.iter().map(|key| self.own_key(key)).collect()
    }

    fn claims_of(&self, key: &InvoiceKey) -> Result<Vec<KeptClaim>> {
        let values = self.values(&prefix(Space::Claims, self.own_key(key)?.to_string().as_bytes()))?;
        let kept = |(key, value): (Vec<u8>, Vec<u8>)| {
            let id = last_piece(&key).unwrap_or_default().to_owned();
            Ok(KeptClaim { id, claim: crate::changes::from_json(&key, &value)? })
        };
        values.into_iter().map(kept).collect()
    }

    fn claimed_before(&self, keys: &[InvoiceKey]) -> Result<Vec<Claimed>> {
        self.check_known(keys)?;
        let mut before = Vec::new();
        for key in keys {
            if let Some(kept) = self.claims_of(key)?.into_iter().find(|kept| kept.claim.counts()) {
                let invoice = self.get(key)?.ok_or_else(|| StoreError::UnknownInvoice { key: key.clone() })?;
                let party = invoice.counterparty().name.clone();
                before.push(Claimed { key: key.clone(), party, gross: invoice.gross, first: kept.claim });
            }
        }
        Ok(before)
    }

    fn add_claims(&mut self, keys: &[InvoiceKey], claim: &Claim) -> Result<()> {
        let seq = self.next_seq();
        // Once more: it may have become one with another meanwhile.
        let keys = self.own_keys(keys)?;
        let mut changes = Changes::on(self.engine()?);
        for (number, key) in (0_u16..).zip(&keys) {
            if !changes.has(&invoice_key(key))? {
                return Err(StoreError::UnknownInvoice { key: key.clone() });
            }
            changes.put_json(&claim_key(key, &format!("{seq:016x}{number:04x}")), claim)?;
        }
        let records = changes.into_records();
        self.commit(&records)?;
        self.publish(0, |index| keys.iter().for_each(|key| index.count_claim(key, 1)));
        Ok(())
    }

    fn withdraw_claim(&mut self, key: &InvoiceKey, id: &str) -> Result<bool> {
        let key = self.own_key(key)?;
        let record = claim_key(&key, id);
        let mut changes = Changes::on(self.engine()?);
        let Some(claim) = changes.get_json::<Claim>(&record)?.filter(Claim::counts) else { return Ok(false) };
        changes.put_json(&record, &Claim { withdrawn: Some(Timestamp::now()), ..claim })?;
        let records = changes.into_records();
        self.commit(&records)?;
        self.publish(0, |index| index.count_claim(&key, -1));
        Ok(true)
    }
}
