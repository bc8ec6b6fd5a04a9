//! An invoice as it lies in the engine, and the keys of what belongs to it.

use jiff::Timestamp;
use piaoxia_domain::{Invoice, InvoiceKey, InvoiceLine};
use serde::{Deserialize, Serialize};

use crate::changes::Changes;
use crate::digest::Digest;
use crate::error::{Result, damaged};
use crate::record::{Space, key};

/// The invoice with its lines. Until version 0.1 they had a record of their own; such invoices are read as they are, and
/// written anew when they change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StoredInvoice {
    /// `lines` is empty where [`StoredInvoice::line_count`] says that they lie elsewhere.
    pub invoice: Invoice,
    /// Number of lines in a record of their own; 0 without one.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub line_count: usize,
    /// The bureau has told its status.
    pub by_bureau: bool,
    /// When it came in, UTC.
    pub added_at: Timestamp,
}

/// A [`StoredInvoice`] on its way into the engine, its lines with it.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ToStore<'a> {
    pub invoice: &'a Invoice,
    pub by_bureau: bool,
    pub added_at: Timestamp,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl StoredInvoice {
    /// Reads an invoice with its lines, wherever they lie.
    pub(crate) fn read(records: &Changes<'_>, key: &InvoiceKey) -> Result<Option<Self>> {
        let Some(mut stored) = records.get_json::<Self>(&invoice_key(key))? else { return Ok(None) };
        if stored.line_count > 0 {
            stored.invoice.lines = records.get_json::<Vec<InvoiceLine>>(&lines_key(key))?.unwrap_or_default();
            if stored.invoice.lines.len() != stored.line_count {
                return Err(damaged(format!("lines of invoice {key}")));
            }
        }
        Ok(Some(stored))
    }
}

pub(crate) fn invoice_key(of: &InvoiceKey) -> Vec<u8> {
    key(Space::Invoices, &[of.to_string().as_bytes()])
}

pub(crate) fn lines_key(of: &InvoiceKey) -> Vec<u8> {
    key(Space::Lines, &[of.to_string().as_bytes()])
}

/// Ordered by commit, then by number within it.
pub(crate) fn history_key(of: &InvoiceKey, seq: u64, number: u16) -> Vec<u8> {
    let order = format!("{seq:016x}{number:04x}");
    key(Space::History, &[of.to_string().as_bytes(), order.as_bytes()])
}

pub(crate) fn red_key(blue: &InvoiceKey, red: &InvoiceKey) -> Vec<u8> {
    key(Space::Reds, &[blue.to_string().as_bytes(), red.to_string().as_bytes()])
}

pub(crate) fn claim_key(of: &InvoiceKey, id: &str) -> Vec<u8> {
    key(Space::Claims, &[of.to_string().as_bytes(), id.as_bytes()])
}

pub(crate) fn alias_key(paper: &InvoiceKey) -> Vec<u8> {
    key(Space::Aliases, &[paper.to_string().as_bytes()])
}

/// The 20-digit key of the invoice whose paper has this code and number; none for a key that is no such paper's. Costs a read for a
/// key of code and number, nothing for another.
pub(crate) fn digital_of(records: &Changes<'_>, paper: &InvoiceKey) -> Result<Option<InvoiceKey>> {
    if !matches!(paper, InvoiceKey::Legacy { .. }) {
        return Ok(None);
    }
    let Some(value) = records.get(&alias_key(paper))? else { return Ok(None) };
    let digital = std::str::from_utf8(&value).ok().and_then(|text| text.parse().ok());
    digital.map(Some).ok_or_else(|| damaged(format!("alias of invoice {paper}")))
}

pub(crate) fn original_key(of: &InvoiceKey, sha256: &Digest) -> Vec<u8> {
    key(Space::Originals, &[of.to_string().as_bytes(), sha256.to_string().as_bytes()])
}
