//! The file of the rows, and invoices as older versions wrote them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use std::fs;

use jiff::Timestamp;
use piaoxia_domain::invoice::Format;
use piaoxia_domain::{Invoice, InvoiceFilter, Rate, Status};

use super::sample::{Bench, all, invoice, put, with_lines};
use crate::changes::Changes;
use crate::ledger::{invoice_key, lines_key};
use crate::{Formats, OpenReport, Sort, SortKey, Store, wait};

/// What a person sees of the ledger: rows in the order of their numbers.
fn seen(store: &Store) -> Vec<(String, Formats)> {
    let sort = Sort { by: SortKey::Number, descending: false };
    let ids = wait(store.view(InvoiceFilter::default(), sort)).unwrap().ids;
    store
        .rows(&ids)
        .into_iter()
        .map(|row| (format!("{} {} {:?} {}", row.key, row.seller.name, row.status, row.gross), row.originals))
        .collect()
}

#[test]
fn rows_that_were_kept_are_brought_up_to_date_by_the_journal_or_passed_over() {
    let bench = Bench::on_sled().small_files();
    let store = bench.open().store;
    put(&store, (0..40).map(invoice));
    wait(store.close()).unwrap();
    let early = fs::read(bench.path("rows")).unwrap();
    let store = bench.open().store;
    // A remark of several records, a new status, a new invoice, an original: each commit of its own.
    let long = |remark: &str| Invoice { remark: remark.repeat(4_000), ..invoice(7) };
    put(&store, [long("旧")]);
    put(&store, [long("新")]);
    put(&store, [Invoice { status: Status::Void, ..invoice(8) }, invoice(41)]);
    wait(store.attach_original(&invoice(9).key, Format::Xml, "a.xml", b"<a/>".to_vec())).unwrap();
    let expected = seen(&store);
    wait(store.close()).unwrap();
    let late = fs::read(bench.path("rows")).unwrap();
    let mut broken = late.clone();
    broken[100] ^= 1;
    for rows in [early, late.clone(), broken, late[..90].to_vec(), Vec::new()] {
        fs::write(bench.path("rows"), &rows).unwrap();
        let opened = bench.open();
        assert_eq!(opened.report, OpenReport::Clean { invoices: 41 });
        assert_eq!(seen(&opened.store), expected);
        let found = |text: &str| {
            let filter = InvoiceFilter { text: text.to_owned(), ..InvoiceFilter::default() };
            wait(opened.store.view(filter, Sort::default())).unwrap().totals.invoices
        };
        assert_eq!((found("新新"), found("旧旧")), (1, 0));
        wait(opened.store.close()).unwrap();
    }
    // Rows of another ledger, whose commits are not these.
    let other = Bench::on_sled().small_files();
    let store = other.open().store;
    put(&store, (100..180).map(invoice));
    wait(store.close()).unwrap();
    fs::copy(other.path("rows"), bench.path("rows")).unwrap();
    assert_eq!(seen(&bench.open().store), expected);
}

#[test]
fn lines_in_a_record_of_their_own_are_read_and_move_in_with_the_next_change() {
    let bench = Bench::on_sled();
    let store = bench.open().store;
    put(&store, [with_lines(1, 3), with_lines(2, 2)]);
    // As the first versions wrote it.
    for number in [1, 2] {
        let written = write_as_before(&store, &with_lines(number, 3));
        assert!(written);
    }
    let store = bench.reopen(&store).store;
    assert_eq!(all(&store), [with_lines(1, 3), with_lines(2, 3)]);
    let figures = wait(store.figures(InvoiceFilter::default(), 1)).unwrap();
    let of_lines = figures.rates.iter().find(|figure| figure.rate == Rate::Percent(600)).unwrap();
    assert_eq!(of_lines.sums.totals.invoices, 1, "the statistics know them, too");
    let changed = Invoice { status: Status::Void, lines: Vec::new(), ..with_lines(1, 0) };
    put(&store, [changed]);
    let expected = Invoice { status: Status::Void, ..with_lines(1, 3) };
    assert_eq!(wait(store.get(&expected.key)).unwrap(), Some(expected.clone()));
    let own = |number: u32| {
        let key = lines_key(&invoice(number).key);
        wait(store.read(move |core| Changes::on(core.engine()?).has(&key))).unwrap()
    };
    assert_eq!((own(1), own(2)), (false, true));
    let store = bench.reopen(&store).store;
    assert_eq!(all(&store), [expected, with_lines(2, 3)]);
}

/// Invoice and lines in two records.
fn write_as_before(store: &Store, invoice: &Invoice) -> bool {
    let (key, lines) = (invoice.key.clone(), invoice.lines.clone());
    let bare = Invoice { lines: Vec::new(), ..invoice.clone() };
    let head = serde_json::json!({"invoice": bare, "lineCount": lines.len(), "byBureau": true, "addedAt": Timestamp::UNIX_EPOCH});
    wait(store.write(move |core| {
        let mut changes = Changes::on(core.engine()?);
        changes.put_json(&invoice_key(&key), &head)?;
        changes.put_json(&lines_key(&key), &lines)?;
        let records = changes.into_records();
        core.commit(&records)?;
        Ok(!records.is_empty())
    }))
    .unwrap()
}
