//! 报销登记.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use std::fs;

use jiff::Timestamp;
use jiff::civil::date;
use piaoxia_domain::InvoiceFilter;

use super::sample::{Bench, invoice, put, with_lines};
use crate::{Claim, OpenReport, Sort, SortKey, Store, StoreError, wait};

fn claim(by: &str) -> Claim {
    Claim { on: date(2026, 11, 30), by: by.to_owned(), note: "报销单 7".to_owned(), at: Timestamp::UNIX_EPOCH, withdrawn: None }
}

/// Numbers of the invoices that are claimed, and of those that are not.
fn counts(store: &Store) -> (u64, u64) {
    let count = |claimed| {
        let filter = InvoiceFilter { claimed: Some(claimed), ..InvoiceFilter::default() };
        wait(store.view(filter, Sort::default())).unwrap().totals.invoices
    };
    (count(true), count(false))
}

fn is_claimed(store: &Store, number: u32) -> bool {
    let filter = InvoiceFilter { text: invoice(number).key.to_string(), ..InvoiceFilter::default() };
    let ids = wait(store.view(filter, Sort::default())).unwrap().ids;
    store.rows(&ids)[0].is_claimed
}

#[test]
fn a_second_use_is_told_with_the_first_and_entered_only_when_asked_again() {
    let bench = Bench::on_sled().small_files();
    let store = bench.open().store;
    put(&store, (0..20).map(invoice));
    let key = |number: u32| invoice(number).key;
    assert!(wait(store.claim(vec![key(1), key(2), key(1)], claim("王五"), false)).unwrap().is_empty());
    assert_eq!(wait(store.claims_of(&key(1))).unwrap().len(), 1, "named twice, used once");
    assert_eq!(counts(&store), (2, 18));
    let before = wait(store.claim(vec![key(2), key(3)], claim("赵六"), false)).unwrap();
    assert_eq!((before.len(), &before[0].key, before[0].first.by.as_str()), (1, &key(2), "王五"));
    let of = invoice(2);
    assert_eq!((&before[0].party, before[0].gross), (&of.counterparty().name, of.gross));
    assert!(!is_claimed(&store, 3), "not one of them is entered");
    wait(store.claim(vec![key(2), key(3)], claim("赵六"), true)).unwrap();
    let kept = wait(store.claims_of(&key(2))).unwrap();
    assert_eq!(kept.iter().map(|kept| kept.claim.by.as_str()).collect::<Vec<_>>(), ["王五", "赵六"]);

    // Withdrawn, it stays in the ledger and counts no longer.
    assert!(wait(store.withdraw_claim(&key(3), &wait(store.claims_of(&key(3))).unwrap()[0].id)).unwrap());
    assert!(!wait(store.withdraw_claim(&key(3), &wait(store.claims_of(&key(3))).unwrap()[0].id)).unwrap());
    assert_eq!(counts(&store), (2, 18));
    assert!(wait(store.claim(vec![key(3)], claim("孙七"), false)).unwrap().is_empty());
    assert!(matches!(wait(store.claim(vec![key(99)], claim("孙七"), true)), Err(StoreError::UnknownInvoice { .. })));
    wait(store.close()).unwrap();
}

#[test]
fn claims_survive_a_start_a_new_state_and_a_lost_database() {
    let bench = Bench::on_sled().small_files();
    let store = bench.open().store;
    put(&store, (0..40).map(invoice));
    wait(store.claim((0..5).map(|number| invoice(number).key).collect(), claim("王五"), false)).unwrap();
    wait(store.close()).unwrap();
    for round in 0..2 {
        let opened = bench.open();
        assert_eq!(counts(&opened.store), (5, 35), "round {round}");
        // The bureau tells of it again.
        put(&opened.store, [with_lines(3, 2)]);
        assert!(is_claimed(&opened.store, 3));
        wait(opened.store.close()).unwrap();
    }
    fs::remove_dir_all(bench.path("db")).unwrap();
    let opened = bench.open();
    assert!(matches!(opened.report, OpenReport::Rebuilt { invoices: 40, .. }));
    assert_eq!(counts(&opened.store), (5, 35));
    assert_eq!(wait(opened.store.claims_of(&invoice(4).key)).unwrap().len(), 1);
    wait(opened.store.close()).unwrap();
}

#[test]
fn goods_are_found_and_every_column_sorts() {
    let bench = Bench::in_memory();
    let store = bench.open().store;
    put(&store, [with_lines(1, 2), invoice(2), with_lines(3, 1)]);
    let filter = |text: &str| InvoiceFilter { text: text.to_owned(), ..InvoiceFilter::default() };
    let found = |text: &str| wait(store.view(filter(text), Sort::default())).unwrap().totals.invoices;
    assert_eq!((found("开发服务"), found("信息技术"), found("没有的货")), (2, 2, 0));
    for by in SortKey::ALL {
        let up = wait(store.view(InvoiceFilter::default(), Sort { by, descending: false })).unwrap().ids;
        let down = wait(store.view(InvoiceFilter::default(), Sort { by, descending: true })).unwrap().ids;
        assert_eq!(up.iter().rev().collect::<Vec<_>>(), down.iter().collect::<Vec<_>>(), "{by:?}");
        assert_eq!(wait(store.sum(up)).unwrap().totals.invoices, 3);
    }
    assert_eq!(wait(store.sum(vec![7, 0].into())).unwrap().totals.invoices, 1, "an id of no row counts as nothing");
}
