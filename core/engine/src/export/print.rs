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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use piaoxia_domain::{Invoice, InvoiceFilter};
    use piaoxia_export::PerSheet;
    use piaoxia_store::{Incoming, OpenOptions, Sort, Source};

    use super::*;

    /// Seller, day, amount.
    const INVOICES: [(&str, &str, &str); 5] = [
        ("乙", "2026-02-03", "5.00"),
        ("甲", "2026-01-09", "1.00"),
        ("乙", "2026-01-02", "9.00"),
        ("甲", "2026-02-01", "7.00"),
        ("丙", "2026-01-05", "7.00"),
    ];

    async fn arranged_days(by: PrintBy, group: PrintGroup) -> Vec<String> {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("Data"), OpenOptions::default()).unwrap().store;
        let invoice = |(at, (seller, day, amount)): (usize, &(&str, &str, &str))| {
            let text = format!(
                r#"{{"key":"2631000000000000000{at}","kind":"82","issuedAt":"{day}T09:00:00","seller":{{"name":"{seller}"}},"buyer":{{"name":"b"}},
                "net":"{amount}","tax":"0.00","gross":"{amount}","status":"normal"}}"#
            );
            Incoming { invoice: serde_json::from_str::<Invoice>(&text).unwrap(), source: Source::Import("test".to_owned()) }
        };
        store.upsert(INVOICES.iter().enumerate().map(invoice).collect()).await.unwrap();
        let ids = store.view(InvoiceFilter::default(), Sort::default()).await.unwrap().ids;
        let print = PrintOrder { per_sheet: PerSheet::Two, by, group, footer: true };
        let days = store.rows(&arranged(&store, &ids, print)).iter().map(|row| row.issued_at.date().to_string()).collect();
        store.close().await.unwrap();
        days
    }

    #[tokio::test]
    async fn invoices_come_in_the_wished_order() {
        let ledger = ["2026-02-03", "2026-02-01", "2026-01-09", "2026-01-05", "2026-01-02"];
        assert_eq!(arranged_days(PrintBy::Ledger, PrintGroup::None).await, ledger);
        let oldest_first: Vec<_> = ledger.into_iter().rev().collect();
        assert_eq!(arranged_days(PrintBy::Date, PrintGroup::None).await, oldest_first);
        assert_eq!(
            arranged_days(PrintBy::Amount, PrintGroup::None).await,
            ["2026-01-02", "2026-02-01", "2026-01-05", "2026-02-03", "2026-01-09"]
        );
        assert_eq!(
            arranged_days(PrintBy::Amount, PrintGroup::Month).await,
            ["2026-01-02", "2026-01-05", "2026-01-09", "2026-02-01", "2026-02-03"]
        );
        let sellers = arranged_days(PrintBy::Date, PrintGroup::Seller).await;
        // 丙, 乙, 甲 by their code points.
        assert_eq!(sellers, ["2026-01-05", "2026-01-02", "2026-02-03", "2026-01-09", "2026-02-01"]);
    }
}
