//! In which order invoices are printed.

use std::cmp::Ordering;
use std::sync::Arc;

use piaoxia_export::PrintGroup;
use piaoxia_store::{Row, Store};

use super::PAGE;
use crate::export_order::{PrintBy, PrintOrder};

/// The same invoices, groups together, each group in the order wished. What is equal stays as it was.
pub(super) fn arranged(store: &Store, ids: &Arc<[u32]>, print: PrintOrder) -> Arc<[u32]> {
    if print.by == PrintBy::Ledger && print.group == PrintGroup::None {
        return Arc::clone(ids);
    }
    let mut rows: Vec<Row> = ids.chunks(PAGE).flat_map(|ids| store.rows(ids)).collect();
    rows.sort_by(|one, other| group(print.group, one, other).then_with(|| by(print.by, one, other)));
    rows.into_iter().map(|row| row.id).collect()
}

fn group(group: PrintGroup, one: &Row, other: &Row) -> Ordering {
    let month = |row: &Row| (row.issued_at.year(), row.issued_at.month());
    match group {
        PrintGroup::None => Ordering::Equal,
        PrintGroup::Seller => seller(one, other),
        PrintGroup::Month => month(one).cmp(&month(other)),
    }
}

fn by(by: PrintBy, one: &Row, other: &Row) -> Ordering {
    match by {
        PrintBy::Ledger => Ordering::Equal,
        PrintBy::Date => one.issued_at.cmp(&other.issued_at),
        PrintBy::Seller => seller(one, other),
        PrintBy::Amount => other.gross.cmp(&one.gross),
    }
}

fn seller(one: &Row, other: &Row) -> Ordering {
    (&one.seller.name, one.seller.tax_no.to_string()).cmp(&(&other.seller.name, other.seller.tax_no.to_string()))
}
