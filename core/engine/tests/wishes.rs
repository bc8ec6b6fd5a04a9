//! Wishes that take each other back: the last one counts.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod support;

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use piaoxia_domain::Scope;
use piaoxia_engine::{Command, DownloadOrder, Event, OwnGateway, Pace, Problem};
use piaoxia_service::contract::{ErrorClass, Fault, SummaryRow};
use support::{Running, World, months, order};

/// A gateway that takes its time to let phones in.
#[derive(Default)]
struct Slow {
    open: AtomicBool,
}

impl OwnGateway for Slow {
    fn allow_phones(&self, allow: bool) -> Pin<Box<dyn Future<Output = Result<Vec<String>, String>> + Send + '_>> {
        Box::pin(async move {
            if allow {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            self.open.store(allow, Ordering::SeqCst);
            Ok(if allow { vec!["http://192.168.1.4:80".to_owned()] } else { Vec::new() })
        })
    }

    fn forget_passwords(&self) {}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn phones_that_are_let_in_and_shut_out_at_once_are_out() {
    let world = World::new(30).await;
    let gateway = Arc::<Slow>::default();
    let runtime = tokio::runtime::Handle::current();
    let mut engine = Running::start_beside(Some(gateway.clone()), &world.base_url(), &world.data(), &world.keys(), runtime, Pace::quick());
    for allow in [true, false] {
        engine.send(Command::AllowPhones(allow)).await;
    }
    let mut last = Vec::new();
    for _ in 0..2 {
        last = engine
            .until("phone pages", |event| match event {
                Event::Phones(addresses) => Some(addresses),
                Event::Failed(problem) => panic!("{problem:?}"),
                _ => None,
            })
            .await;
    }
    assert_eq!(last, Vec::<String>::new());
    assert!(!gateway.open.load(Ordering::SeqCst));
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_count_that_another_replaces_is_not_answered() {
    let world = World::new(1_500).await;
    let (mut engine, company, _) = world.ready().await;
    world.fault(Fault::Slow, 1_000, 100).await;
    let (first, second) = (order(&company, Scope::Received, months(2), false), order(&company, Scope::Received, months(1), false));
    for wanted in [&first, &second] {
        engine.send(Command::Count(Box::new(wanted.clone()))).await;
    }
    let (counted, result) = counted(&mut engine).await;
    assert_eq!(counted, second);
    result.unwrap();
    engine.close().await;
}

async fn counted(engine: &mut Running) -> (DownloadOrder, Result<Vec<SummaryRow>, Problem>) {
    engine
        .until("count", |event| match event {
            Event::Counted { order, result } => Some((*order, result)),
            _ => None,
        })
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_count_that_another_replaces_leaves_nothing_behind_that_waits_for_a_sign_in() {
    let world = World::new(1_500).await;
    let (mut engine, company, account) = world.ready().await;
    let wanted = |count| Box::new(order(&company, Scope::Received, months(count), false));
    let invoices = |rows: Vec<SummaryRow>| rows.iter().map(|row| row.totals.invoices).sum::<u64>();
    engine.send(Command::Count(wanted(6))).await;
    let before = invoices(counted(&mut engine).await.1.unwrap());
    world.outside().sandbox().kick(&account.id).await.unwrap();
    world.fault(Fault::Slow, 1_000, 300).await;
    engine.send(Command::Count(wanted(5))).await;
    // Its job is there, and nobody has looked at it yet.
    tokio::time::sleep(Duration::from_millis(450)).await;
    engine.send(Command::Count(wanted(6))).await;
    let problem = counted(&mut engine).await.1.unwrap_err();
    assert_eq!(problem.class(), Some(ErrorClass::NeedLogin));
    world.fault(Fault::Slow, 0, 0).await;

    // A job that waited would go on now, and count the invoice that is one too many.
    world.fault(Fault::WrongTotals, 1, 0).await;
    engine.log_in(&world, &company, &account.id).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    engine.send(Command::Count(wanted(6))).await;
    assert_eq!(invoices(counted(&mut engine).await.1.unwrap()), before + 1);
    engine.close().await;
}
