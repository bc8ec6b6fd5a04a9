//! The ledger (台账): all invoices of all companies, each once.

pub(crate) mod claims;
pub(crate) mod figures;
pub(crate) mod index;
mod merge;
mod read;
mod stored;
pub(crate) mod types;
mod upsert;
pub(crate) mod view;

pub(crate) use self::stored::{StoredInvoice, digital_of, invoice_key, lines_key, original_key};
