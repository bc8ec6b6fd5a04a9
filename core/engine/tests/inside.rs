//! Invoices whose list at the bureau does not say it all: 内部往来, which stand in the books of both companies, and 收购, which the buyer issues.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use piaoxia_domain::{Direction, Invoice, InvoiceFilter, Scope};
use piaoxia_engine::{Command, Download, DownloadState};
use piaoxia_service::contract::Company;
use piaoxia_store::Sort;
use support::{Running, World, months, order};

/// Months that are downloaded: inside sales are one issued invoice in forty.
const MONTHS: i32 = 12;

async fn downloaded(engine: &mut Running, company: &Company, scope: Scope) -> Download {
    engine.send(Command::StartDownload(Box::new(order(company, scope, months(MONTHS), false)))).await;
    let download = engine.ended().await;
    assert_eq!((&download.state, download.differences.len()), (&DownloadState::Done, 0), "{download:#?}");
    download
}

async fn books(engine: &Running, company: &Company, direction: Direction) -> Vec<Invoice> {
    let filter = InvoiceFilter { company: Some(company.tax_no.clone()), direction: Some(direction), ..InvoiceFilter::default() };
    let view = engine.store.view(filter, Sort::default()).await.unwrap();
    engine.store.invoices(&view.ids).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sale_inside_stands_in_the_books_of_both_whoever_is_downloaded_last() {
    let world = World::new(12_000).await;
    let mut engine = world.engine();
    engine.sign_in(&world, true).await;
    let companies = engine.activate(&world).await;
    let [seller, _, buyer] = companies.as_slice() else { unreachable!("the sandbox has three companies: {companies:?}") };
    engine.add_account(&world, seller).await;
    engine.add_account(&world, buyer).await;

    let sold = downloaded(&mut engine, seller, Scope::Issued).await.new;
    downloaded(&mut engine, buyer, Scope::Received).await;
    let inside = |invoices: Vec<Invoice>| invoices.into_iter().filter(|invoice| invoice.both_sides).count();
    let known = inside(books(&engine, buyer, Direction::Received).await);
    assert!(known > 0, "some of what was sold went to the other company");

    // The one who sold is downloaded again, then the one who bought: nothing is new, nothing changes, and both have all of theirs.
    for (company, scope) in [(seller, Scope::Issued), (buyer, Scope::Received), (buyer, Scope::Deductible), (seller, Scope::Issued)] {
        let again = downloaded(&mut engine, company, scope).await;
        assert_eq!((again.new, again.changed), (0, 0), "{scope:?}");
    }
    let issued = books(&engine, seller, Direction::Issued).await;
    assert_eq!((issued.len() as u64, inside(issued)), (sold, known));
    let truth = world.outside().sandbox().truth(&buyer.id, Scope::Received, months(MONTHS)).await.unwrap();
    let received = books(&engine, buyer, Direction::Received).await;
    assert_eq!((received.len() as u64, inside(received)), (truth.iter().map(|row| row.totals.invoices).sum(), known));
    assert!(books(&engine, seller, Direction::Received).await.is_empty());
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_buyer_issued_is_a_purchase_and_its_download_is_complete() {
    let world = World::new(20_000).await;
    let mut engine = world.engine();
    engine.sign_in(&world, true).await;
    let companies = engine.activate(&world).await;
    let food = companies.last().unwrap();
    engine.add_account(&world, food).await;
    let listed = downloaded(&mut engine, food, Scope::Issued).await.new;
    let bought = books(&engine, food, Direction::Received).await;
    assert!(!bought.is_empty() && bought.iter().all(|invoice| invoice.self_billed && invoice.buyer.tax_no == food.tax_no));
    assert_eq!((books(&engine, food, Direction::Issued).await.len() + bought.len()) as u64, listed);
    downloaded(&mut engine, food, Scope::Received).await;
    let again = downloaded(&mut engine, food, Scope::Issued).await;
    assert_eq!((again.new, again.changed), (0, 0));
    engine.close().await;
}
