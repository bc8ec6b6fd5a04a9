//! An invoice as it lies in the engine, and the keys of what belongs to it.

use jiff::Timestamp;
use piaoxia_domain::{Invoice, InvoiceKey};
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::record::{Space, key};

/// The invoice without its lines, which have a record of their own: a view needs none of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StoredInvoice {
    /// `lines` is empty here.
    pub invoice: Invoice,
    /// Number of lines in their own record; 0 without one.
    pub line_count: usize,
    /// The bureau has told its status.
    pub by_bureau: bool,
    /// When it came in, UTC.
    pub added_at: Timestamp,
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

pub(crate) fn original_key(of: &InvoiceKey, sha256: &Digest) -> Vec<u8> {
    key(Space::Originals, &[of.to_string().as_bytes(), sha256.to_string().as_bytes()])
}
