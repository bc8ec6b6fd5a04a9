//! 数电纸质 invoices, which come in by 20 digits or by code and number of their paper, are one invoice.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use std::fs;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use jiff::Timestamp;
use jiff::civil::date;
use piaoxia_domain::invoice::Format;
use piaoxia_domain::{Deduction, Invoice, InvoiceFilter, InvoiceKey, Kind, Status, Totals, Usage};

use super::sample::{Bench, download, import, invoice, put, with_lines};
use crate::changes::Changes;
use crate::engine::{Change, Each, Engine, MemoryEngine};
use crate::error::Result;
use crate::ledger::{StoredInvoice, invoice_key};
use crate::probe::{Probe, Step};
use crate::record::{Space, key};
use crate::{Attached, Claim, Field, OpenReport, ReadOnlyReason, RebuildReason, Row, Sort, Store, What, wait};

fn paper(number: u32) -> InvoiceKey {
    format!("3100261130-{number:08}").parse().unwrap()
}

/// As an XML has it.
fn digital(number: u32) -> Invoice {
    Invoice { paper_key: Some(paper(number)), kind: Kind::from_code("85"), ..with_lines(number, 2) }
}

/// As a list has it that has code and number alone.
fn listed(number: u32) -> Invoice {
    Invoice { key: paper(number), kind: Kind::from_code("01"), ..invoice(number) }
}

/// The first one, which cancels another in part.
fn first() -> Invoice {
    Invoice { status: Status::RedPart, red_of: Some(invoice(9).key), ..listed(1) }
}

fn claim(by: &str) -> Claim {
    Claim { on: date(2026, 11, 30), by: by.to_owned(), note: String::new(), at: Timestamp::UNIX_EPOCH, withdrawn: None }
}

/// The one row that has this paper; the sums count it once.
fn row(store: &Store, number: u32) -> Row {
    let filter = InvoiceFilter { text: paper(number).to_string(), ..InvoiceFilter::default() };
    let view = wait(store.view(filter, Sort::default())).unwrap();
    assert_eq!(view.totals, [invoice(number)].iter().collect::<Totals>());
    store.rows(&view.ids).remove(0)
}

fn count(store: &Store) -> u64 {
    wait(store.view(InvoiceFilter::default(), Sort::default())).unwrap().totals.invoices
}

/// 43 invoices, one of them known by its paper alone: with a change, an original, a claim, a red invoice of its own and a blue one.
fn known_by_paper(store: &Store) {
    put(store, (20..60).map(invoice));
    put(store, [invoice(9), Invoice { status: Status::Normal, ..first() }]);
    put(store, [first()]);
    wait(store.attach_original(&paper(1), Format::Pdf, "a.pdf", b"%PDF-1".to_vec())).unwrap();
    assert!(wait(store.claim(vec![paper(1)], claim("王五"), false)).unwrap().is_empty());
    put(store, [Invoice { red_of: Some(paper(1)), ..invoice(7) }]);
    assert_eq!((count(store), row(store, 1).key), (43, paper(1)));
}

/// The same is one with the 20-digit invoice, and nothing of it is lost.
fn is_whole(store: &Store) {
    let own = digital(1).key;
    for key in [paper(1), own.clone()] {
        let found = wait(store.get(&key)).unwrap().unwrap();
        assert_eq!((&found.key, &found.paper_key, found.lines.len(), found.kind.code()), (&own, &Some(paper(1)), 2, "85"));
        assert_eq!((found.status, found.red_of), (Status::RedPart, Some(invoice(9).key)));
        let history = wait(store.history(&key)).unwrap();
        let states = history.iter().filter(|change| change.field == Field::Status);
        assert_eq!(states.map(|change| change.to.as_str()).collect::<Vec<_>>(), ["redPart"]);
        assert_eq!(wait(store.originals_of(&key)).unwrap().len(), 1);
        assert_eq!(wait(store.claims_of(&key)).unwrap()[0].claim.by, "王五");
        assert_eq!(wait(store.reds_of(&key)).unwrap(), [invoice(7).key]);
        let before = wait(store.claim(vec![key], claim("赵六"), false)).unwrap();
        assert_eq!((before.len(), &before[0].key, before[0].first.by.as_str()), (1, &own, "王五"));
    }
    assert_eq!(wait(store.get(&invoice(7).key)).unwrap().unwrap().red_of, Some(own.clone()));
    assert_eq!(wait(store.reds_of(&invoice(9).key)).unwrap(), std::slice::from_ref(&own));
    let row = row(store, 1);
    assert!(row.key == own && row.is_claimed && row.by_bureau && row.originals.contains(Format::Pdf), "{row:?}");
    assert_eq!(count(store), 43);
    assert_eq!(stored(store, &paper(1)), None);
}

fn stored(store: &Store, key: &InvoiceKey) -> Option<StoredInvoice> {
    let record = invoice_key(key);
    wait(store.read(move |core| Changes::on(core.engine()?).get_json(&record))).unwrap()
}

#[test]
fn the_paper_first_and_then_the_20_digits() {
    let bench = Bench::on_sled().small_files();
    let store = bench.open().store;
    known_by_paper(&store);
    let (id, added_at) = (row(&store, 1).id, stored(&store, &paper(1)).unwrap().added_at);
    let outcome = wait(store.upsert(vec![import(digital(1))])).unwrap().remove(0);
    assert_eq!((outcome.key, outcome.what), (digital(1).key, What::Changed(Vec::new())));
    assert_eq!((row(&store, 1).id, stored(&store, &digital(1).key).unwrap().added_at), (id, added_at));
    is_whole(&store);
    let opened = bench.reopen(&store);
    assert_eq!(opened.report, OpenReport::Clean { invoices: 43 });
    is_whole(&opened.store);
    wait(opened.store.close()).unwrap();
    fs::remove_dir_all(bench.path("db")).unwrap();
    let opened = bench.open();
    assert_eq!(opened.report, OpenReport::Rebuilt { invoices: 43, reason: RebuildReason::Missing, lost_commits: 0 });
    is_whole(&opened.store);
    let again = put(&opened.store, [first()]).remove(0);
    assert_eq!((again.key, again.what), (digital(1).key, What::Same));
    wait(opened.store.close()).unwrap();
}

#[test]
fn the_20_digits_first_and_then_the_paper() {
    let bench = Bench::in_memory();
    let store = bench.open().store;
    put(&store, [digital(1), invoice(2)]);
    let id = row(&store, 1).id;
    for incoming in [import(listed(1)), download(listed(1))] {
        let outcome = wait(store.upsert(vec![incoming])).unwrap().remove(0);
        assert_eq!((&outcome.key, outcome.what), (&digital(1).key, What::Same));
    }
    assert_eq!(wait(store.get(&paper(1))).unwrap(), Some(digital(1)));
    let attach = |key: &InvoiceKey| wait(store.attach_original(key, Format::Pdf, "a.pdf", b"%PDF-1".to_vec())).unwrap();
    assert_eq!((attach(&paper(1)), attach(&digital(1).key)), (Attached::New, Attached::Known));
    assert!(wait(store.claim(vec![paper(1), digital(1).key], claim("王五"), false)).unwrap().is_empty());
    let claims = wait(store.claims_of(&digital(1).key)).unwrap();
    assert_eq!(claims.len(), 1, "named by both numbers, used once");
    let shown = row(&store, 1);
    assert!(shown.id == id && shown.is_claimed && shown.originals.contains(Format::Pdf));
    assert!(wait(store.withdraw_claim(&paper(1), &claims[0].id)).unwrap());
    assert!(!row(&store, 1).is_claimed);
    assert_eq!(count(&store), 2);
}

#[test]
fn both_in_one_batch() {
    for batch in [[listed(1), digital(1)], [digital(1), listed(1)]] {
        let bench = Bench::in_memory();
        let store = bench.open().store;
        let outcomes = put(&store, batch);
        assert!(outcomes.iter().all(|outcome| outcome.key == digital(1).key), "{outcomes:?}");
        assert_eq!((&outcomes[0].what, outcomes[1].what == What::New), (&What::New, false));
        assert_eq!((count(&store), row(&store, 1).key), (1, digital(1).key));
        assert_eq!(wait(store.get(&paper(1))).unwrap(), Some(digital(1)));
    }
}

/// Puts an invoice of a document in as versions without aliases did.
fn put_as_before(store: &Store, invoice: Invoice, added_at: Timestamp) {
    let head = serde_json::json!({"invoice": invoice, "byBureau": false, "addedAt": added_at});
    wait(store.write(move |core| {
        let mut changes = Changes::on(core.engine()?);
        changes.put_json(&invoice_key(&invoice.key), &head)?;
        if let Some(blue) = &invoice.red_of {
            changes.put(&key(Space::Reds, &[blue.to_string().as_bytes(), invoice.key.to_string().as_bytes()]), &[])?;
        }
        let records = changes.into_records();
        core.commit(&records)?;
        core.publish(1, |index| index.put(&invoice, false));
        Ok(())
    }))
    .unwrap();
}

/// Two rows of one invoice, with the same original twice.
fn of_two_rows(bench: &Bench) -> Store {
    let store = bench.open().store;
    known_by_paper(&store);
    put_as_before(&store, digital(1), Timestamp::UNIX_EPOCH);
    wait(store.attach_original(&digital(1).key, Format::Pdf, "again.pdf", b"%PDF-1".to_vec())).unwrap();
    assert_eq!(count(&store), 44);
    store
}

#[test]
fn two_rows_of_before_become_one_when_the_invoice_comes_in_again() {
    let bench = Bench::on_sled().small_files();
    let store = of_two_rows(&bench);
    let ids = wait(store.view(InvoiceFilter::default(), Sort::default())).unwrap().ids;
    let before = store.rows(&ids);
    assert_eq!(wait(store.upsert(vec![import(digital(1))])).unwrap()[0].what, What::Changed(Vec::new()));
    is_whole(&store);
    assert_eq!(stored(&store, &digital(1).key).unwrap().added_at, Timestamp::UNIX_EPOCH, "the earlier one");
    // The ids of before name what they named; one of them names nothing any more, and counts as nothing.
    let left: Vec<&Row> = before.iter().filter(|row| row.key != paper(1)).collect();
    let now = store.rows(&ids);
    assert!(now.iter().map(|row| (row.id, &row.key)).eq(left.iter().map(|row| (row.id, &row.key))));
    assert_eq!(wait(store.sum(ids.clone())).unwrap().totals.invoices, 43);
    assert_eq!(wait(store.invoices(&ids)).unwrap().len(), 43);
    let opened = bench.reopen(&store);
    assert_eq!(opened.report, OpenReport::Clean { invoices: 43 });
    is_whole(&opened.store);
    wait(opened.store.close()).unwrap();
}

#[test]
fn two_rows_become_one_when_the_paper_comes_in_again() {
    let bench = Bench::in_memory();
    let store = bench.open().store;
    put(&store, [digital(1), invoice(2)]);
    // A version without aliases was at work meanwhile.
    put_as_before(&store, listed(1), Timestamp::UNIX_EPOCH);
    put_as_before(&store, Invoice { red_of: Some(paper(1)), ..invoice(7) }, Timestamp::UNIX_EPOCH);
    assert_eq!(count(&store), 4);
    let outcome = put(&store, [listed(1)]).remove(0);
    assert_eq!((outcome.key, outcome.what), (digital(1).key, What::Changed(Vec::new())));
    assert_eq!((count(&store), row(&store, 1).key), (3, digital(1).key));
    assert_eq!(wait(store.get(&paper(1))).unwrap(), Some(digital(1)));
    // The red invoice of that time goes along.
    assert_eq!(wait(store.reds_of(&paper(1))).unwrap(), [invoice(7).key]);
    assert_eq!(wait(store.get(&invoice(7).key)).unwrap().unwrap().red_of, Some(digital(1).key));
}

#[test]
fn two_rows_of_before_become_one_at_the_next_opening() {
    let bench = Bench::on_sled().small_files();
    let store = of_two_rows(&bench);
    for round in 0..2 {
        if round > 0 {
            fs::remove_dir_all(bench.path("db")).unwrap();
        } else {
            wait(store.close()).unwrap();
        }
        let opened = bench.open();
        let rebuilt = OpenReport::Rebuilt { invoices: 43, reason: RebuildReason::Missing, lost_commits: 0 };
        assert_eq!(opened.report, if round > 0 { rebuilt } else { OpenReport::Clean { invoices: 43 } });
        is_whole(&opened.store);
        assert_eq!(put(&opened.store, [first()]).remove(0).key, digital(1).key);
        wait(opened.store.close()).unwrap();
    }
}

#[test]
fn of_two_rows_the_one_that_was_told_of_last_has_the_last_word() {
    let bench = Bench::on_sled().small_files();
    let store = bench.open().store;
    put(&store, [Invoice { deduction: Some(Deduction::Open), ..digital(1) }]);
    let period = "2026-10".parse().unwrap();
    let usage = Usage { period: Some(period), ticked_at: Some(date(2026, 10, 8).at(9, 0, 0, 0)), ..Usage::default() };
    let ticked = Invoice { deduction: Some(Deduction::Confirmed), usage: Some(usage.clone()), ..listed(1) };
    put_as_before(&store, ticked, "2200-01-01T00:00:00Z".parse().unwrap());
    let store = bench.reopen(&store).store;
    assert_eq!((count(&store), row(&store, 1).key), (1, digital(1).key));
    let found = wait(store.get(&paper(1))).unwrap().unwrap();
    assert_eq!((found.deduction, found.usage, found.lines.len()), (Some(Deduction::Confirmed), Some(usage), 2));
    let history = wait(store.history(&paper(1))).unwrap();
    assert_eq!(history.iter().map(|change| change.to.as_str()).collect::<Vec<_>>(), ["confirmed"]);
    wait(store.close()).unwrap();
}

#[test]
fn the_bureau_gives_a_paper_to_another_invoice_than_a_document_did() {
    let bench = Bench::in_memory();
    let store = bench.open().store;
    wait(store.upsert(vec![import(Invoice { paper_key: Some(paper(1)), ..invoice(3) })])).unwrap();
    put(&store, [digital(1)]);
    put(&store, [Invoice { status: Status::Void, ..listed(1) }]);
    let voided = wait(store.get(&paper(1))).unwrap().unwrap();
    assert_eq!((voided.key, voided.status), (digital(1).key, Status::Void));
    assert_eq!(wait(store.get(&invoice(3).key)).unwrap(), Some(invoice(3)));
    // A document does not get it back.
    wait(store.upsert(vec![import(Invoice { paper_key: Some(paper(1)), ..invoice(3) })])).unwrap();
    assert_eq!(wait(store.get(&paper(1))).unwrap().unwrap().key, digital(1).key);
    assert_eq!(count(&store), 2);
}

#[test]
fn a_wrong_digit_takes_no_row_of_another_amount_whichever_comes_first() {
    let register = || import(Invoice { paper_key: Some(paper(1)), ..invoice(3) });
    for batch in [[register(), download(listed(1))], [download(listed(1)), register()]] {
        let bench = Bench::in_memory();
        let store = bench.open().store;
        for incoming in batch {
            assert_eq!(wait(store.upsert(vec![incoming])).unwrap()[0].what, What::New);
        }
        assert_eq!(wait(store.get(&paper(1))).unwrap(), Some(listed(1)));
        assert_eq!(wait(store.get(&invoice(3).key)).unwrap().unwrap().gross, invoice(3).gross);
        // The one that it is of comes, too.
        put(&store, [digital(1)]);
        assert_eq!((wait(store.get(&paper(1))).unwrap(), count(&store)), (Some(digital(1)), 2));
    }
}

/// While it is armed every change of the engine fails.
fn failing(armed: &Arc<AtomicBool>, kind: io::ErrorKind) -> Probe {
    let armed = Arc::clone(armed);
    Probe::new(move |step| {
        let fails = step == Step::EngineApply && armed.load(Ordering::Relaxed);
        if fails { Err(io::Error::from(kind)) } else { Ok(()) }
    })
}

#[test]
fn an_opening_that_makes_one_of_two_rows_by_halves_fails() {
    let mut bench = Bench::on_sled().small_files();
    wait(of_two_rows(&bench).close()).unwrap();
    let armed = Arc::new(AtomicBool::new(true));
    bench.setup.probe = failing(&armed, io::ErrorKind::NotFound);
    assert!(Store::open_with(bench.dir.path(), bench.setup.clone()).is_err());
    bench.setup.probe = failing(&armed, io::ErrorKind::StorageFull);
    let opened = bench.open();
    assert!(matches!(opened.report, OpenReport::ReadOnly { invoices: 43, reason: ReadOnlyReason::DiskFull, .. }), "{:?}", opened.report);
    wait(opened.store.close()).unwrap();
    armed.store(false, Ordering::Relaxed);
    let opened = bench.open();
    assert_eq!(opened.report, OpenReport::Clean { invoices: 43 });
    is_whole(&opened.store);
    wait(opened.store.close()).unwrap();
}

/// What was read of [`Counting`] one by one.
static READS: AtomicU64 = AtomicU64::new(0);

#[derive(Default)]
struct Counting(MemoryEngine);

impl Engine for Counting {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        READS.fetch_add(1, Ordering::Relaxed);
        self.0.get(key)
    }

    fn scan(&self, prefix: &[u8], each: &mut Each<'_>) -> Result<()> {
        self.0.scan(prefix, each)
    }

    fn scan_between(&self, from: &[u8], to: Option<&[u8]>, each: &mut Each<'_>) -> Result<()> {
        self.0.scan_between(from, to, each)
    }

    fn apply(&mut self, changes: &[Change<'_>]) -> Result<()> {
        self.0.apply(changes)
    }

    fn flush(&mut self) -> Result<()> {
        self.0.flush()
    }
}

#[test]
fn papers_that_are_known_are_not_read_one_by_one_at_every_opening() {
    let mut bench = Bench::on_sled();
    bench.setup.engine = |_| Ok(Box::new(Counting::default()));
    let store = bench.open().store;
    put(&store, (1..40).map(digital));
    let reads = wait(store.write(|core| {
        let before = READS.load(Ordering::Relaxed);
        core.adopt_papers()?;
        Ok(READS.load(Ordering::Relaxed) - before)
    }));
    assert_eq!(reads.unwrap(), 0);
}

#[test]
fn a_red_invoice_that_names_a_paper_means_the_invoice_whatever_comes_first() {
    let bench = Bench::in_memory();
    let store = bench.open().store;
    let red = || Invoice { red_of: Some(paper(1)), ..invoice(7) };
    put(&store, [red()]);
    put(&store, [digital(1)]);
    put(&store, [Invoice { red_of: Some(paper(1)), ..invoice(8) }]);
    assert_eq!(wait(store.reds_of(&digital(1).key)).unwrap(), [invoice(7).key, invoice(8).key]);
    assert_eq!(put(&store, [red()]).remove(0).what, What::Same);
    assert_eq!(wait(store.history(&invoice(7).key)).unwrap(), []);
}

#[test]
fn a_paper_that_was_misread_is_given_back() {
    let bench = Bench::in_memory();
    let store = bench.open().store;
    wait(store.upsert(vec![import(digital(1))])).unwrap();
    put(&store, [Invoice { paper_key: Some(paper(2)), ..digital(1) }]);
    let other = put(&store, [listed(1)]).remove(0);
    assert_eq!((other.key, other.what), (paper(1), What::New));
    assert_eq!(put(&store, [Invoice { key: paper(2), ..listed(1) }]).remove(0).key, digital(1).key);
    assert_eq!(count(&store), 2);
}

#[test]
fn a_remark_that_looks_like_a_paper_is_none() {
    let bench = Bench::on_sled().small_files();
    let store = bench.open().store;
    put(&store, [Invoice { remark: paper(1).to_string(), ..invoice(5) }, listed(1)]);
    let store = bench.reopen(&store).store;
    let outcome = put(&store, [listed(1)]).remove(0);
    assert_eq!((outcome.key, outcome.what, count(&store)), (paper(1), What::Same, 2));
}

#[test]
fn rows_of_before_are_brought_up_to_date() {
    let mut bench = Bench::on_sled();
    bench.setup.sizes.stale_rows = 1;
    let store = bench.open().store;
    put(&store, (20..60).map(invoice));
    put(&store, [listed(1)]);
    wait(store.attach_original(&paper(1), Format::Pdf, "a.pdf", b"%PDF-1".to_vec())).unwrap();
    wait(store.close()).unwrap();
    let early = fs::read(bench.path("rows")).unwrap();
    let store = bench.open().store;
    wait(store.upsert(vec![import(digital(1))])).unwrap();
    wait(store.close()).unwrap();
    fs::write(bench.path("rows"), early).unwrap();
    let opened = bench.open();
    assert_eq!((opened.report, count(&opened.store)), (OpenReport::Clean { invoices: 41 }, 41));
    let shown = row(&opened.store, 1);
    assert!(shown.key == digital(1).key && shown.originals.contains(Format::Pdf));
    let stale = wait(opened.store.read(|core| Ok(core.stale))).unwrap();
    assert!(stale < 10, "{stale}: not every invoice was read");
    wait(opened.store.close()).unwrap();
}
