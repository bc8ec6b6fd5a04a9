//! Only what is new: marks, refreshes, batches, schedules.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod support;

use jiff::{Timestamp, ToSpan};
use piaoxia_domain::period::shanghai_day;
use piaoxia_domain::{DateRange, Invoice, InvoiceFilter, Scope, Status};
use piaoxia_engine::download::{BatchWish, Span};
use piaoxia_engine::event::SignedOutBecause;
use piaoxia_engine::schedule::{Schedule, ScheduleWish, When};
use piaoxia_engine::{Command, DownloadOrder, DownloadState, Event, Extent, Mark};
use piaoxia_service::contract::Company;
use piaoxia_store::{Field, Incoming, Sort, Source};
use support::{Running, World, company_ref, months, order};

/// Invoices of the first company: about four hundred received ones in two months.
const SIZE: u64 = 12_000;

fn new(company: &Company, dates: DateRange) -> DownloadOrder {
    DownloadOrder { extent: Extent::New, ..order(company, Scope::Received, dates, false) }
}

async fn done(engine: &mut Running, order: DownloadOrder) -> piaoxia_engine::Download {
    engine.send(Command::StartDownload(Box::new(order))).await;
    let done = engine.ended().await;
    assert_eq!((done.state.clone(), done.differences.len()), (DownloadState::Done, 0), "{done:#?}");
    done
}

async fn mark(engine: &Running, company: &Company) -> Option<Mark> {
    let id = format!("{}-received", company.tax_no.as_str());
    engine.store.get_document("marks", &id).await.unwrap()
}

/// All invoices of the ledger with this state.
async fn of_state(engine: &Running, status: &Status) -> Vec<Invoice> {
    let filter = InvoiceFilter { statuses: vec![status.clone()], ..InvoiceFilter::default() };
    let view = engine.store.view(filter, Sort::default()).await.unwrap();
    engine.store.invoices(&view.ids).await.unwrap()
}

/// The ledger believes that these invoices have another state than the bureau knows.
async fn outdate(engine: &Running, invoices: &[Invoice], status: Status) {
    let stale = invoices.iter().map(|invoice| Incoming {
        invoice: Invoice { status: status.clone(), ..invoice.clone() },
        source: Source::Download("以前".to_owned()),
    });
    engine.store.upsert(stale.collect()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_taken_in_is_not_asked_again_and_the_rest_is() {
    let world = World::new(SIZE).await;
    let (mut engine, company, _) = world.ready().await;
    let all = months(2);
    let cut = all.to().checked_sub(12.days()).unwrap();
    let first = done(&mut engine, new(&company, DateRange::new(all.from(), cut).unwrap())).await;
    assert!(first.received.invoices > 0, "the first time everything is new");
    assert_eq!(mark(&engine, &company).await.unwrap().rows, DateRange::new(all.from(), cut).unwrap());

    // The earlier month is left out, of the later one the end is asked for with an overlap.
    let second = done(&mut engine, new(&company, all)).await;
    assert!(second.new > 0 && second.received.invoices < second.expected_totals().invoices, "{second:#?}");
    assert!(second.pieces.iter().all(|piece| piece.dates.from() == cut.checked_sub(7.days()).unwrap()), "{:?}", second.pieces);
    assert_eq!(engine.ledger_size().await, second.expected_totals().invoices);
    assert_eq!(mark(&engine, &company).await.unwrap().rows, all);

    let third = done(&mut engine, new(&company, all)).await;
    assert_eq!((third.received.invoices, third.pieces.len()), (0, 0), "nothing is new");
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_month_whose_beginning_lacks_something_is_taken_in_whole() {
    let world = World::new(SIZE).await;
    let (mut engine, company, _) = world.ready().await;
    let month = months(1);
    // The mark says more than the ledger holds, as after invoices that the bureau delivered late.
    let wrong = Mark { rows: month, originals: None, at: Timestamp::UNIX_EPOCH };
    engine.store.put_document("marks", &format!("{}-received", company.tax_no.as_str()), &wrong).await.unwrap();
    let found = done(&mut engine, new(&company, month)).await;
    assert_eq!(found.received, found.expected_totals());
    assert_eq!(found.pieces.iter().map(|piece| piece.dates.days()).sum::<i32>(), month.days());
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn originals_of_rows_that_came_without_them_are_fetched() {
    let world = World::new(2_000).await;
    let (mut engine, company, _) = world.ready().await;
    let month = months(1);
    done(&mut engine, order(&company, Scope::Received, month, false)).await;
    let with_papers = done(&mut engine, DownloadOrder { originals: true, ..new(&company, month) }).await;
    assert!(with_papers.originals_done > 0);
    assert_eq!(mark(&engine, &company).await.unwrap().originals, Some(month));
    let again = done(&mut engine, DownloadOrder { originals: true, ..new(&company, month) }).await;
    assert_eq!((again.received.invoices, again.originals_done), (0, 0));
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refresh_finds_what_became_red_or_void_and_what_became_normal_again() {
    let world = World::new(SIZE).await;
    let (mut engine, company, _) = world.ready().await;
    let all = months(3);
    done(&mut engine, order(&company, Scope::Received, all, false)).await;
    let red = of_state(&engine, &Status::RedFull).await;
    let normal = of_state(&engine, &Status::Normal).await;
    assert!(!red.is_empty() && normal.len() > 1, "the simulated bureau has both");
    outdate(&engine, &red, Status::Normal).await;
    outdate(&engine, &normal[..1], Status::Void).await;

    // Without a refresh nothing is noticed: counts and sums agree.
    let blind = done(&mut engine, new(&company, all)).await;
    assert_eq!((blind.changed, blind.refreshed), (0, 0));
    let seeing = done(&mut engine, DownloadOrder { refresh: true, ..new(&company, all) }).await;
    assert_eq!(seeing.changed, red.len() as u64 + 1, "{seeing:#?}");
    // Some by their state, some with the month of the void one, which was asked for whole.
    assert!(seeing.refreshed > 0 && seeing.refreshed + seeing.received.invoices >= red.len() as u64);
    assert_eq!(of_state(&engine, &Status::RedFull).await.len(), red.len());
    assert_eq!(engine.store.get(&normal[0].key).await.unwrap().unwrap().status, Status::Normal);
    let history = engine.store.history(&red[0].key).await.unwrap();
    let last = history.last().unwrap();
    assert_eq!((last.field, last.from.as_str(), last.to.as_str()), (Field::Status, "normal", "redFull"));
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_filtered_download_leaves_no_mark() {
    let world = World::new(SIZE).await;
    let (mut engine, company, _) = world.ready().await;
    let mut some = order(&company, Scope::Received, months(1), false);
    some.query.statuses = vec![Status::Normal];
    done(&mut engine, some).await;
    assert_eq!(mark(&engine, &company).await, None);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_is_planned_before_it_asks_and_companies_come_in_turn() {
    let world = World::new(SIZE).await;
    let mut engine = world.engine();
    engine.sign_in(&world, true).await;
    let companies = engine.activate(&world).await;
    let company = companies[0].clone();
    engine.add_account(&world, &company).await;
    let today = shanghai_day(Timestamp::now());
    let wish = BatchWish {
        companies: companies.iter().take(2).map(company_ref).collect(),
        scopes: vec![Scope::Received, Scope::Issued],
        span: Span::SinceLast,
        originals: false,
        refresh: true,
        today,
    };
    engine.send(Command::PlanBatch { seq: 9, wish: Box::new(wish) }).await;
    let plan = engine
        .until("plan", |event| match event {
            Event::BatchPlanned { seq: 9, result } => Some(result.unwrap()),
            _ => None,
        })
        .await;
    let names: Vec<(&str, Scope)> = plan.iter().map(|one| (one.order.company.id.as_str(), one.order.query.scope)).collect();
    let (a, b) = (companies[0].id.as_str(), companies[1].id.as_str());
    assert_eq!(names, [(a, Scope::Received), (b, Scope::Received), (a, Scope::Issued), (b, Scope::Issued)]);
    assert!(plan.iter().all(|one| one.mark.is_none() && one.order.extent == Extent::New && one.order.query.dates.to() < today));
    assert_eq!((plan[0].counts, plan[0].queries.0), (1, plan[0].order.query.dates.split_by_month().len() as u64));

    // The second company has no account; it keeps nobody back.
    engine.send(Command::StartDownloads(plan.into_iter().map(|one| one.order).collect())).await;
    let mut ended = Vec::new();
    while ended.len() < 4 {
        let one = engine.ended().await;
        ended.push((one.order.company.id.clone(), one.state));
    }
    let of = |id: &str, state: &DownloadState| ended.iter().filter(|one| one.0 == id && one.1 == *state).count();
    assert_eq!((of(a, &DownloadState::Done), of(b, &DownloadState::Failed)), (2, 2), "{ended:?}");
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_of_several_days_that_could_not_begin_are_one_download_up_to_the_newest() {
    let world = World::new(SIZE).await;
    let (mut engine, company, _) = world.ready().await;
    engine.send(Command::SignOut).await;
    engine.until("signed out", |event| matches!(event, Event::SignedOut(SignedOutBecause::Asked)).then_some(())).await;
    let all = months(2);
    for missing in [2_i64, 1, 0] {
        let dates = DateRange::new(all.from(), all.to().checked_sub(missing.days()).unwrap()).unwrap();
        engine.send(Command::StartDownloads(vec![new(&company, dates)])).await;
    }
    let waiting = engine.download_in("the newest day", |download| download.order.query.dates == all).await;
    assert_eq!(waiting.state, DownloadState::Waiting);
    let kept: Vec<(String, serde_json::Value)> = engine.store.documents("downloads").await.unwrap();
    assert_eq!(kept.len(), 1, "{kept:#?}");
    engine.scan(&world, false).await;
    let done = engine.ended().await;
    assert_eq!((&done.id, &done.state, done.differences.len()), (&waiting.id, &DownloadState::Done, 0), "{done:#?}");
    assert_eq!((done.received, mark(&engine, &company).await.unwrap().rows), (done.expected_totals(), all));
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_schedule_that_was_due_while_the_program_was_closed_is_made_up_for_once() {
    let world = World::new(2_000).await;
    let (mut engine, company, _) = world.ready().await;
    let schedule = Schedule {
        id: "1".to_owned(),
        companies: vec![company_ref(&company)],
        scopes: vec![Scope::Received],
        when: When::Day { minute: 0 },
        originals: false,
        refresh: false,
        enabled: true,
        since: Timestamp::now().checked_sub(72.hours()).unwrap(),
        begun: None,
    };
    engine.send(Command::Schedule(ScheduleWish::Keep(Box::new(schedule)))).await;
    let done = engine.ended().await;
    assert_eq!((done.state.clone(), done.order.extent), (DownloadState::Done, Extent::New), "{done:#?}");
    engine.close().await;

    // The next start knows that it has begun, and when it is due again.
    let mut again = world.engine();
    again.send(Command::RestoreSession).await;
    let view = again
        .until("schedule", |event| match event {
            Event::Schedules(mut all) => all.pop(),
            _ => None,
        })
        .await;
    again.until("signed in", |event| matches!(event, Event::SignedIn { .. }).then_some(())).await;
    assert!(view.schedule.begun.is_some() && view.next.is_some_and(|next| next > Timestamp::now()), "{view:?}");
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let downloads: Vec<(String, serde_json::Value)> = again.store.documents("downloads").await.unwrap();
    assert_eq!(downloads.len(), 1, "it begins once");
    again.send(Command::Schedule(ScheduleWish::Remove("1".to_owned()))).await;
    again.until("no schedule", |event| matches!(event, Event::Schedules(all) if all.is_empty()).then_some(())).await;
    again.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_schedule_of_a_start_begins_with_it() {
    let world = World::new(2_000).await;
    let (mut engine, company, _) = world.ready().await;
    let schedule = Schedule {
        id: "start".to_owned(),
        // All that have an account: one of fourteen.
        companies: Vec::new(),
        scopes: vec![Scope::Issued],
        when: When::Start,
        originals: false,
        refresh: false,
        enabled: true,
        since: Timestamp::now(),
        begun: None,
    };
    engine.send(Command::Schedule(ScheduleWish::Keep(Box::new(schedule)))).await;
    engine.until("schedule", |event| matches!(event, Event::Schedules(all) if !all.is_empty()).then_some(())).await;
    assert!(engine.store.documents::<serde_json::Value>("downloads").await.unwrap().is_empty(), "not before the next start");
    engine.close().await;
    let mut again = world.engine();
    again.send(Command::RestoreSession).await;
    let ended = again.ended().await;
    assert_eq!((ended.order.company.id.as_str(), ended.state.clone()), (company.id.as_str(), DownloadState::Done), "{ended:#?}");
    again.close().await;
}
