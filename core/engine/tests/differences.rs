//! 逐张核对: which invoices make a difference between ledger and bureau.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod support;

use std::time::Duration;

use piaoxia_domain::{Invoice, InvoiceFilter, InvoiceKey, Kind, Money, Scope};
use piaoxia_engine::{Command, Download, DownloadOrder, DownloadState, Extent, Mark, Matter};
use piaoxia_gateway::Limits;
use piaoxia_service::contract::{Company, Fault};
use piaoxia_store::{Incoming, Sort, Source};
use support::counted::Counted;
use support::{Running, World, id_of, months, order};

async fn downloaded(engine: &mut Running, order: DownloadOrder) -> Download {
    engine.send(Command::StartDownload(Box::new(order))).await;
    engine.ended().await
}

/// Takes invoices in as from a file.
async fn import(engine: &Running, invoices: Vec<Invoice>) {
    let incoming = invoices.into_iter().map(|invoice| Incoming { invoice, source: Source::Import("发票.xml".into()) });
    engine.store.upsert(incoming.collect()).await.unwrap();
}

async fn whole_ledger(engine: &Running) -> Vec<Invoice> {
    let view = engine.store.view(InvoiceFilter::default(), Sort::default()).await.unwrap();
    engine.store.invoices(&view.ids).await.unwrap()
}

/// A number that no invoice has.
fn free_number(all: &[Invoice], like: &InvoiceKey) -> InvoiceKey {
    let number = like.number();
    (0..1_000)
        .map(|tail| format!("{}{tail:03}", &number[..number.len() - 3]).parse::<InvoiceKey>().unwrap())
        .find(|key| all.iter().all(|invoice| invoice.key != *key))
        .unwrap()
}

async fn order_of(world: &World) -> (Running, Company, DownloadOrder) {
    let (engine, company, _) = world.ready().await;
    let wanted = order(&company, Scope::Received, months(1), false);
    (engine, company, wanted)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_ledger_holds_too_much_is_named_and_what_it_holds_otherwise_is_put_right() {
    let world = World::new(12_000).await;
    let (mut engine, company, wanted) = order_of(&world).await;
    assert_eq!(downloaded(&mut engine, wanted.clone()).await.state, DownloadState::Done);
    let all = whole_ledger(&engine).await;
    let real = all.iter().find(|invoice| invoice.key.number().len() == 20).unwrap();
    let forged = Invoice { key: free_number(&all, &real.key), ..real.clone() };
    // A voucher of another authority, which no list of the bureau has.
    let known = [all.clone(), vec![forged.clone()]].concat();
    let foreign = Invoice { key: free_number(&known, &real.key), kind: Kind::from_code("财政电子票据"), ..real.clone() };
    import(&engine, vec![forged.clone(), foreign]).await;

    // The ledger has all that the bureau counts: it is done, and what the ledger has beside that is shown.
    let done = downloaded(&mut engine, wanted.clone()).await;
    assert_eq!((done.state.clone(), done.differences.len()), (DownloadState::Done, 1), "{done:#?}");
    let mark: Option<Mark> = engine.store.get_document("marks", &format!("{}-received", company.tax_no.as_str())).await.unwrap();
    assert_eq!(mark.unwrap().rows, months(1));
    let difference = &done.differences[0];
    assert_eq!((&difference.kind, difference.ledger.invoices), (&forged.kind, difference.bureau.invoices + 1));
    let findings = difference.findings.as_ref().unwrap();
    assert_eq!((findings.listed, findings.more), (difference.bureau.invoices, 0));
    let [found] = findings.invoices.as_slice() else { panic!("{findings:?}") };
    assert_eq!((&found.key, found.gross, &found.matter), (&forged.key, forged.gross, &Matter::OnlyLedger { by_bureau: false }));
    assert_eq!((found.issued_on, &found.party), (forged.issued_on(), &forged.seller.name));

    // It is not asked for again.
    let new = downloaded(&mut engine, DownloadOrder { extent: Extent::New, ..wanted }).await;
    assert_eq!((new.state, new.pieces.len()), (DownloadState::Done, 0));
    assert_eq!(new.differences, done.differences);

    // It is still known at the next start.
    engine.close().await;
    let mut again = world.engine();
    let kept = again.until("start", |event| if let piaoxia_engine::Event::Started(started) = event { Some(started) } else { None }).await;
    assert!(kept.downloads.iter().any(|download| download.differences == done.differences));
    again.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_imported_invoice_with_other_amounts_becomes_what_the_bureau_says() {
    let world = World::new(4_000).await;
    let (mut engine, company, wanted) = order_of(&world).await;
    let truth = world.outside().sandbox().truth(&company.id, Scope::Received, months(1)).await.unwrap();
    assert_eq!(downloaded(&mut engine, wanted.clone()).await.state, DownloadState::Done);
    let all = whole_ledger(&engine).await;
    engine.close().await;

    // Another PC, which has got one of them from a file, with a wrong amount.
    let there = world.dir.path().join("other");
    let mut other = Running::start(&world.base_url(), &there, &there.join("keys"), tokio::runtime::Handle::current());
    other.sign_in(&world, true).await;
    other.activate(&world).await;
    let wrong = Invoice { gross: all[0].gross + Money::from_fen(1), net: all[0].net + Money::from_fen(1), ..all[0].clone() };
    import(&other, vec![wrong]).await;
    let done = downloaded(&mut other, wanted).await;
    assert_eq!((done.state.clone(), done.differences.len()), (DownloadState::Done, 0), "{done:#?}");
    assert_eq!(other.store.get(&all[0].key).await.unwrap().unwrap().gross, all[0].gross);
    assert_eq!(done.expected.len(), truth.len());
    other.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invoice_that_is_larger_than_a_record_is_left_out_and_named() {
    let (bureau, _) = Counted::quick(4_000, Duration::ZERO);
    let limits = Limits { poll_after: Duration::from_millis(5), ..Limits::default() };
    let world = World::with(bureau.remarking(17 << 20), limits).await;
    let (mut engine, _, wanted) = order_of(&world).await;
    let partial = downloaded(&mut engine, wanted).await;
    assert_eq!((partial.state.clone(), partial.differences.len()), (DownloadState::Partial, 1), "{partial:#?}");
    let difference = &partial.differences[0];
    assert_eq!(difference.ledger.invoices + 1, difference.bureau.invoices);
    let [found] = difference.findings.as_ref().unwrap().invoices.as_slice() else { panic!("{difference:?}") };
    assert_eq!(found.matter, Matter::OnlyBureau);
    assert_eq!(engine.ledger_size().await + 1, partial.expected_totals().invoices);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_total_that_is_wrong_is_told_from_invoices_that_are() {
    let world = World::new(4_000).await;
    let (mut engine, _, wanted) = order_of(&world).await;
    world.fault(Fault::WrongTotals, 1, 0).await;
    let partial = downloaded(&mut engine, wanted).await;
    assert_eq!((partial.state.clone(), partial.differences.len()), (DownloadState::Partial, 1), "{partial:#?}");
    let findings = partial.differences[0].findings.as_ref().unwrap();
    assert_eq!((findings.listed, findings.invoices.len()), (partial.differences[0].ledger.invoices, 0), "every single one agrees");
    engine.send(Command::ResumeDownload(id_of(&partial))).await;
    let done = engine.ended().await;
    assert_eq!((done.state.clone(), done.differences.len()), (DownloadState::Done, 0), "{done:#?}");
    engine.close().await;
}
