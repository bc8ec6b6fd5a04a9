//! What the store promises, on every engine.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

use piaoxia_domain::invoice::Format;
use piaoxia_domain::{Deduction, Direction, Invoice, InvoiceFilter, InvoiceKey, Money, Status, Totals};
use serde::{Deserialize, Serialize};

use super::sample::{Bench, all, counted, download, import, invoice, put, with_lines};
use crate::engine::{Engine, MemoryEngine, SledEngine};
use crate::{Attached, Digest, Field, NewOriginal, OpenReport, Sort, SortKey, StoreError, What, wait};

/// Each test once on sled and once on the map in memory, which forgets everything: there every reopening is a rebuild.
macro_rules! on_both_engines {
    ($($test:ident),* $(,)?) => {
        mod sled { $(#[test] fn $test() { super::$test(&super::Bench::on_sled()); })* }
        mod memory { $(#[test] fn $test() { super::$test(&super::Bench::in_memory()); })* }
    };
}

on_both_engines!(
    an_invoice_comes_in_once,
    state_changes_keep_their_history,
    a_document_fills_what_the_bureau_left_open,
    red_invoices_are_found_from_the_blue_one,
    long_invoices_are_kept_whole,
    an_invoice_twice_in_one_batch_is_one,
    keys_of_no_shape_are_refused,
    originals_are_kept_byte_for_byte,
    damaged_originals_are_told,
    views_are_sorted_and_summed,
    rows_keep_their_ids,
    documents_are_kept,
    documents_have_plain_names,
    large_batches_are_several_commits,
    a_closed_store_says_so,
    snapshots_carry_everything_on,
);

#[test]
fn engines_agree() {
    let dir = tempfile::tempdir().unwrap();
    let engines: [Box<dyn Engine>; 2] = [Box::new(MemoryEngine::default()), Box::new(SledEngine::open(&dir.path().join("db")).unwrap())];
    for mut engine in engines {
        assert_eq!(engine.get(b"a").unwrap(), None);
        engine.apply(&[(b"a/1", Some(b"one")), (b"a/2", Some(b"")), (b"b", Some(b"b")), (b"a", Some(b"x"))]).unwrap();
        engine.apply(&[(b"b", None), (b"missing", None), (b"a", Some(b"y"))]).unwrap();
        engine.flush().unwrap();
        assert_eq!(engine.get(b"a").unwrap().unwrap(), b"y");
        assert_eq!(engine.get(b"a/2").unwrap().unwrap(), b"");
        assert_eq!(engine.get(b"b").unwrap(), None);
        let scanned = |prefix: &[u8]| {
            let mut keys = Vec::new();
            engine
                .scan(prefix, &mut |key, _| {
                    keys.push(String::from_utf8_lossy(key).into_owned());
                    Ok(())
                })
                .unwrap();
            keys
        };
        assert_eq!(scanned(b""), ["a", "a/1", "a/2"]);
        assert_eq!(scanned(b"a/"), ["a/1", "a/2"]);
        assert_eq!(scanned(b"c"), Vec::<String>::new());
        let stopped = engine.scan(b"", &mut |_, _| Err(StoreError::Closed));
        assert!(matches!(stopped, Err(StoreError::Closed)));
    }
}

fn an_invoice_comes_in_once(bench: &Bench) {
    let opened = bench.open();
    assert_eq!(opened.report, OpenReport::Fresh);
    let generation = opened.store.generation();
    let outcomes = put(&opened.store, (0..10).map(|n| with_lines(n, 2)));
    assert!(outcomes.iter().all(|outcome| outcome.what == What::New));
    assert!(opened.store.generation() > generation);
    let generation = opened.store.generation();
    assert!(put(&opened.store, (0..10).map(|n| with_lines(n, 2))).iter().all(|outcome| outcome.what == What::Same));
    assert_eq!(opened.store.generation(), generation);
    // Without lines this time: those that are there stay.
    assert_eq!(put(&opened.store, [invoice(3)])[0].what, What::Same);
    let reopened = bench.reopen(&opened.store);
    assert_eq!(counted(reopened.report), 10);
    assert_eq!(all(&reopened.store), (0..10).map(|n| with_lines(n, 2)).collect::<Vec<_>>());
    assert_eq!(wait(reopened.store.get(&invoice(99).key)).unwrap(), None);
}

fn state_changes_keep_their_history(bench: &Bench) {
    let opened = bench.open();
    put(&opened.store, [invoice(1)]);
    put(&opened.store, [Invoice { deduction: Some(Deduction::Ticked), ..invoice(1) }]);
    let later = Invoice { status: Status::RedPart, deduction: Some(Deduction::Confirmed), gross: Money::from_fen(1_300), ..invoice(1) };
    let outcome = put(&opened.store, [later]);
    let What::Changed(changes) = &outcome[0].what else { panic!("{outcome:?}") };
    assert_eq!(changes.len(), 3);
    let store = bench.reopen(&opened.store).store;
    let history = wait(store.history(&invoice(1).key)).unwrap();
    let told: Vec<_> = history.iter().map(|change| (change.field, change.from.as_str(), change.to.as_str())).collect();
    let expected = [
        (Field::Deduction, "", "ticked"),
        (Field::Status, "normal", "redPart"),
        (Field::Deduction, "ticked", "confirmed"),
        (Field::Gross, "12.43", "13.00"),
    ];
    assert_eq!(told, expected);
    assert_eq!(&history[1..], changes);
    assert!(history.iter().all(|change| change.source == download(invoice(1)).source));
    assert_eq!(wait(store.history(&invoice(2).key)).unwrap(), []);
}

fn a_document_fills_what_the_bureau_left_open(bench: &Bench) {
    let opened = bench.open();
    put(&opened.store, [Invoice { status: Status::Void, ..invoice(1) }]);
    let document = Invoice { remark: "合同 7".to_owned(), ..with_lines(1, 3) };
    let outcome = wait(opened.store.upsert(vec![import(document.clone()), import(invoice(2))])).unwrap();
    assert_eq!(outcome.into_iter().map(|outcome| outcome.what).collect::<Vec<_>>(), [What::Changed(Vec::new()), What::New]);
    let store = bench.reopen(&opened.store).store;
    assert_eq!(wait(store.get(&document.key)).unwrap().unwrap(), Invoice { status: Status::Void, ..document });
    let rows = store.rows(&wait(store.view(InvoiceFilter::default(), Sort { by: SortKey::Number, descending: false })).unwrap().ids);
    assert_eq!(rows.iter().map(|row| row.by_bureau).collect::<Vec<_>>(), [true, false]);
    // The bureau tells of an invoice that was only imported: nothing in it changes, but now its word counts.
    assert_eq!(put(&store, [invoice(2)])[0].what, What::Changed(Vec::new()));
    assert_eq!(wait(store.upsert(vec![import(Invoice { status: Status::Void, ..invoice(2) })])).unwrap()[0].what, What::Same);
}

fn red_invoices_are_found_from_the_blue_one(bench: &Bench) {
    let opened = bench.open();
    let red = |number, blue: u32| Invoice { red_of: Some(invoice(blue).key), ..invoice(number) };
    put(&opened.store, [invoice(1), red(7, 1), red(8, 1), red(9, 2)]);
    let reds = |store: &crate::Store, blue| wait(store.reds_of(&invoice(blue).key)).unwrap();
    assert_eq!(reds(&opened.store, 1), [invoice(7).key, invoice(8).key]);
    put(&opened.store, [red(8, 2)]);
    let store = bench.reopen(&opened.store).store;
    assert_eq!(reds(&store, 1), [invoice(7).key]);
    assert_eq!(reds(&store, 2), [invoice(8).key, invoice(9).key]);
    assert_eq!(reds(&store, 3), []);
}

fn long_invoices_are_kept_whole(bench: &Bench) {
    let opened = bench.open();
    let long = Invoice { remark: "备注".repeat(5_000), ..with_lines(1, 2_000) };
    put(&opened.store, [long.clone(), with_lines(2, 1)]);
    let store = bench.reopen(&opened.store).store;
    assert_eq!(all(&store), [long.clone(), with_lines(2, 1)]);
    let shorter = Invoice { remark: "短".to_owned(), ..with_lines(1, 10) };
    put(&store, [shorter.clone()]);
    let store = bench.reopen(&store).store;
    assert_eq!(wait(store.get(&long.key)).unwrap().unwrap(), shorter);
    let huge = Invoice { remark: "x".repeat(17 << 20), ..invoice(3) };
    assert!(matches!(wait(store.upsert(vec![download(huge)])), Err(StoreError::TooLarge { .. })));
    assert_eq!(all(&store).len(), 2);
}

fn an_invoice_twice_in_one_batch_is_one(bench: &Bench) {
    let opened = bench.open();
    let red = Invoice { status: Status::RedFull, ..invoice(1) };
    let outcomes = put(&opened.store, [invoice(1), red.clone(), red.clone(), with_lines(2, 1), invoice(2)]);
    assert_eq!(outcomes[0].what, What::New);
    assert!(matches!(&outcomes[1].what, What::Changed(changes) if changes.len() == 1));
    assert_eq!(outcomes[2].what, What::Same);
    assert_eq!(outcomes[4].what, What::Same);
    let store = bench.reopen(&opened.store).store;
    assert_eq!(all(&store), [red, with_lines(2, 1)]);
    assert_eq!(wait(store.history(&invoice(1).key)).unwrap().len(), 1);
}

fn keys_of_no_shape_are_refused(bench: &Bench) {
    let store = bench.open().store;
    for key in [InvoiceKey::Other("a\0b".to_owned()), InvoiceKey::Digital("1".to_owned()), InvoiceKey::Other(String::new())] {
        let batch = vec![download(invoice(1)), download(Invoice { key, ..invoice(2) })];
        assert!(matches!(wait(store.upsert(batch)), Err(StoreError::BadName { .. })));
    }
    assert_eq!(all(&store), []);
    let legacy = Invoice { key: "050001700111-12235358".parse().unwrap(), ..invoice(1) };
    let odd = Invoice { key: "HG-2026x".parse().unwrap(), ..invoice(2) };
    put(&store, [legacy.clone(), odd.clone()]);
    assert_eq!(all(&bench.reopen(&store).store), [legacy, odd]);
}

fn originals_are_kept_byte_for_byte(bench: &Bench) {
    let opened = bench.open();
    let store = &opened.store;
    put(store, [invoice(1), invoice(2)]);
    let key = invoice(1).key;
    let attach = |format, name: &str, bytes: &[u8]| wait(store.attach_original(&key, format, name, bytes.to_vec())).unwrap();
    assert_eq!(attach(Format::Pdf, "a.pdf", b"%PDF-1"), Attached::New);
    assert_eq!(attach(Format::Pdf, "again.pdf", b"%PDF-1"), Attached::Known);
    assert_eq!(attach(Format::Pdf, "b.pdf", b"%PDF-2"), Attached::New);
    assert_eq!(attach(Format::Xml, "a.xml", b"<a/>"), Attached::New);
    let unknown = wait(store.attach_original(&invoice(3).key, Format::Pdf, "c.pdf", b"c".to_vec()));
    assert!(matches!(unknown, Err(StoreError::UnknownInvoice { key }) if key == invoice(3).key));
    let generation = store.generation();
    let batch =
        |bytes: &[u8]| NewOriginal { key: invoice(2).key, format: Format::Ofd, name: "x.ofd".to_owned(), content: bytes.to_vec().into() };
    let attached = wait(store.attach_originals(vec![batch(b"one"), batch(b"two"), batch(b"one")])).unwrap();
    assert_eq!(attached, [Attached::New, Attached::New, Attached::Known]);
    assert_eq!(store.generation(), generation + 1);
    let store = bench.reopen(store).store;
    let originals = wait(store.originals_of(&key)).unwrap();
    let named: Vec<_> = originals.iter().map(|original| (original.format, original.name.as_str(), original.size)).collect();
    assert_eq!(named, [(Format::Xml, "a.xml", 4), (Format::Pdf, "a.pdf", 6), (Format::Pdf, "b.pdf", 6)]);
    assert_eq!(wait(store.read_original(originals[2].sha256)).unwrap(), b"%PDF-2");
    let view = wait(store.view(InvoiceFilter::default(), Sort { by: SortKey::Number, descending: false })).unwrap();
    let formats: Vec<Vec<Format>> = store.rows(&view.ids).iter().map(|row| row.originals.iter().collect()).collect();
    assert_eq!(formats, [vec![Format::Xml, Format::Pdf], vec![Format::Ofd]]);
    // A new state of the invoice leaves its originals.
    put(&store, [Invoice { status: Status::Void, ..invoice(1) }]);
    assert!(store.rows(&view.ids)[0].originals.contains(Format::Xml));
}

fn damaged_originals_are_told(bench: &Bench) {
    let store = bench.open().store;
    put(&store, [invoice(1)]);
    wait(store.attach_original(&invoice(1).key, Format::Xml, "a.xml", b"<a/>".to_vec())).unwrap();
    let sha256 = Digest::of(b"<a/>");
    let path = bench.path("originals").join(&sha256.to_string()[..2]).join(sha256.to_string());
    std::fs::write(&path, b"<b/>").unwrap();
    assert!(matches!(wait(store.read_original(sha256)), Err(StoreError::OriginalDamaged { sha256: found }) if found == sha256));
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(wait(store.read_original(sha256)), Err(StoreError::OriginalMissing { .. })));
    // Fetched again, it is put right although it is known.
    assert_eq!(wait(store.attach_original(&invoice(1).key, Format::Xml, "a.xml", b"<a/>".to_vec())).unwrap(), Attached::Known);
    assert_eq!(wait(store.read_original(sha256)).unwrap(), b"<a/>");
}

fn views_are_sorted_and_summed(bench: &Bench) {
    let store = bench.open().store;
    put(&store, (0..300).map(invoice));
    let expected: Vec<Invoice> = (0..300).map(invoice).filter(|invoice| invoice.direction == Some(Direction::Received)).collect();
    let filter = InvoiceFilter { direction: Some(Direction::Received), ..InvoiceFilter::default() };
    for descending in [false, true] {
        let view = wait(store.view(filter.clone(), Sort { by: SortKey::Gross, descending })).unwrap();
        assert_eq!(view.totals, expected.iter().collect::<Totals>());
        assert_eq!(view.generation, store.generation());
        let amounts: Vec<Money> = store.rows(&view.ids).iter().map(|row| row.gross).collect();
        let mut sorted = amounts.clone();
        sorted.sort();
        if descending {
            sorted.reverse();
        }
        assert_eq!((amounts.len(), amounts), (150, sorted));
    }
    let groups = wait(store.totals_by(filter.clone())).unwrap();
    for group in &groups {
        let of_group = |invoice: &&Invoice| invoice.kind == group.kind && invoice.issued_on().first_of_month() == group.month;
        assert_eq!(group.totals, expected.iter().filter(of_group).collect::<Totals>());
    }
    assert_eq!(groups.iter().map(|group| group.totals.invoices).sum::<u64>(), 150);
    let none = wait(store.view(InvoiceFilter { text: "没有".to_owned(), ..filter }, Sort::default())).unwrap();
    assert_eq!((none.ids.len(), none.totals), (0, Totals::default()));
}

fn rows_keep_their_ids(bench: &Bench) {
    let store = bench.open().store;
    put(&store, (0..100).rev().map(invoice));
    let view = wait(store.view(InvoiceFilter::default(), Sort::default())).unwrap();
    let keys: Vec<InvoiceKey> = store.rows(&view.ids).into_iter().map(|row| row.key).collect();
    put(&store, (50..300).map(|n| Invoice { status: Status::Void, ..invoice(n) }));
    let rows = store.rows(&view.ids);
    assert_eq!(rows.iter().map(|row| row.key.clone()).collect::<Vec<_>>(), keys);
    assert_eq!(rows.iter().filter(|row| row.status == Status::Void).count(), 50);
    let row = &rows[0];
    let whole = wait(store.invoices(&[row.id, 4_000_000_000])).unwrap();
    assert_eq!(whole.len(), 1);
    let shown = (&row.kind, row.direction, row.issued_at, row.net, row.tax, row.gross, &row.status, row.deduction);
    let invoice = &whole[0];
    assert_eq!(
        shown,
        (&invoice.kind, invoice.direction, invoice.issued_at, invoice.net, invoice.tax, invoice.gross, &invoice.status, invoice.deduction)
    );
    assert_eq!((&row.seller.name, &row.buyer.tax_no), (&invoice.seller.name, &invoice.buyer.tax_no));
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Job {
    title: String,
    done: Vec<u32>,
}

fn documents_are_kept(bench: &Bench) {
    let store = bench.open().store;
    let job = |title: &str, length| Job { title: title.to_owned(), done: (0..length).collect() };
    for (collection, id, document) in [("job", "2", job("b", 3)), ("job", "1", job("a", 10_000)), ("jobs", "1", job("c", 0))] {
        wait(store.put_document(collection, id, &document)).unwrap();
    }
    wait(store.put_document("job", "2", &job("b", 20_000))).unwrap();
    wait(store.put_document("job", "2", &job("b", 5))).unwrap();
    let store = bench.reopen(&store).store;
    assert_eq!(wait(store.documents::<Job>("job")).unwrap(), [("1".to_owned(), job("a", 10_000)), ("2".to_owned(), job("b", 5))]);
    assert_eq!(wait(store.get_document::<Job>("jobs", "1")).unwrap(), Some(job("c", 0)));
    assert!(wait(store.delete_document("job", "1")).unwrap());
    assert!(!wait(store.delete_document("job", "1")).unwrap());
    let store = bench.reopen(&store).store;
    assert_eq!(wait(store.get_document::<Job>("job", "1")).unwrap(), None);
    assert_eq!(wait(store.documents::<Job>("job")).unwrap().len(), 1);
    assert!(matches!(wait(store.get_document::<u32>("job", "2")), Err(StoreError::Document { id, .. }) if id == "2"));
}

fn documents_have_plain_names(bench: &Bench) {
    let store = bench.open().store;
    for (collection, id) in [("", "1"), ("a", ""), ("a\0b", "1"), ("a", "x\ny"), ("a", &"x".repeat(201))] {
        assert!(matches!(wait(store.put_document(collection, id, &1)), Err(StoreError::BadName { .. })), "{collection:?} {id:?}");
    }
    wait(store.put_document("设置", "主题", &"深色")).unwrap();
    assert_eq!(wait(store.get_document::<String>("设置", "主题")).unwrap().as_deref(), Some("深色"));
}

fn large_batches_are_several_commits(bench: &Bench) {
    let store = bench.open().store;
    let generation = store.generation();
    assert_eq!(put(&store, (0..1_200).map(invoice)).len(), 1_200);
    assert_eq!(store.generation(), generation + 3);
    assert_eq!(put(&store, []).len(), 0);
    assert_eq!(counted(bench.reopen(&store).report), 1_200);
}

fn a_closed_store_says_so(bench: &Bench) {
    let store = bench.open().store;
    let other = store.clone();
    wait(store.close()).unwrap();
    assert!(matches!(wait(other.get(&invoice(1).key)), Err(StoreError::Closed)));
    assert!(matches!(wait(other.upsert(vec![download(invoice(1))])), Err(StoreError::Closed)));
    assert!(matches!(wait(other.view(InvoiceFilter::default(), Sort::default())), Err(StoreError::Closed)));
    assert!(matches!(wait(other.close()), Err(StoreError::Closed)));
    assert_eq!(other.rows(&[0]), []);
}

fn snapshots_carry_everything_on(bench: &Bench) {
    let bench = Bench { dir: tempfile::tempdir().unwrap(), setup: bench.setup.clone() }.small_files();
    let store = bench.open().store;
    for number in 0..120 {
        put(&store, [with_lines(number, 2)]);
    }
    wait(store.put_document("job", "1", &1)).unwrap();
    let store = bench.reopen(&store).store;
    assert_eq!(all(&store), (0..120).map(|n| with_lines(n, 2)).collect::<Vec<_>>());
    wait(store.close()).unwrap();
    assert_eq!(bench.files("snap").len(), 3);
    let first = bench.files("journal").remove(0);
    assert!(!first.ends_with("00000000000000000001.jnl"), "old journal files are removed");
}
