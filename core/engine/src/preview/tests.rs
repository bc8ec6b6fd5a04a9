#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

use std::sync::mpsc;
use std::time::Duration;

use piaoxia_domain::Invoice;
use piaoxia_store::{Incoming, OpenOptions, Opened, Source};
use tokio::sync::mpsc as channel;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::*;

/// A ledger with one kept file, and what draws in its own way.
struct Desk {
    previews: Previews,
    events: channel::Receiver<Event>,
    sha256: String,
    _dir: tempfile::TempDir,
}

impl Desk {
    async fn new(draw: Draw) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let Opened { store, .. } = Store::open(&dir.path().join("Data"), OpenOptions::default()).unwrap();
        let sha256 = keep(&store).await;
        let (sender, events) = channel::channel(256);
        let outbox = Outbox::new(sender, Arc::new(|| {}), TaskTracker::new(), CancellationToken::new());
        Self { previews: Previews::drawing(&store, &outbox, draw), events, sha256, _dir: dir }
    }

    fn order(&self, ticket: u64) -> PreviewOrder {
        let page = usize::try_from(ticket).unwrap();
        PreviewOrder { ticket, sha256: self.sha256.clone(), format: Format::Pdf, page, scale: Scale::Dpi(50.0) }
    }

    async fn answer(&mut self) -> (u64, Result<Preview, Problem>) {
        match tokio::time::timeout(Duration::from_secs(30), self.events.recv()).await {
            Ok(Some(Event::Preview { ticket, result })) => (ticket, result),
            other => panic!("no picture: {other:?}"),
        }
    }
}

/// Keeps an invoice with a file; its SHA-256.
async fn keep(store: &Store) -> String {
    let text = r#"{"key":"26310000000000000001","kind":"82","issuedAt":"2026-05-19T09:47:14","seller":{"name":"a"},"buyer":{"name":"b"},
        "net":"1.00","tax":"0.13","gross":"1.13","status":"normal"}"#;
    let invoice: Invoice = serde_json::from_str(text).unwrap();
    let key = invoice.key.clone();
    store.upsert(vec![Incoming { invoice, source: Source::Import("test".to_owned()) }]).await.unwrap();
    store.attach_original(&key, Format::Pdf, "a.pdf", b"%PDF-1.7 not really".to_vec()).await.unwrap();
    store.originals_of(&key).await.unwrap()[0].sha256.to_string()
}

fn dot() -> (Picture, Vec<PageSize>) {
    (Picture { width: 1, height: 1, rgba: vec![255; 4] }, vec![PageSize { width: 1.0, height: 1.0 }])
}

#[tokio::test]
async fn the_newest_comes_first_two_at_once_and_the_cancelled_never() {
    let (go, wait) = mpsc::channel::<()>();
    let (wait, seen) = (Mutex::new(wait), Arc::new(Mutex::new(Vec::new())));
    let noted = Arc::clone(&seen);
    let mut desk = Desk::new(Arc::new(move |order, _, _| {
        noted.lock().unwrap().push(order.ticket);
        wait.lock().unwrap().recv().unwrap();
        Ok(dot())
    }))
    .await;
    for ticket in 1..=2 {
        desk.previews.load(desk.order(ticket));
    }
    while seen.lock().unwrap().len() < 2 {
        tokio::task::yield_now().await;
    }
    for ticket in 3..=6 {
        desk.previews.load(desk.order(ticket));
    }
    desk.previews.cancel(4);
    let mut answered = Vec::new();
    for round in 0..5 {
        go.send(()).unwrap();
        let (ticket, result) = desk.answer().await;
        result.unwrap();
        answered.push(ticket);
        // One place is free, so that it is told who took it first.
        while round == 0 && seen.lock().unwrap().len() < 3 {
            tokio::task::yield_now().await;
        }
    }
    let mut begun = seen.lock().unwrap().clone();
    begun[..2].sort_unstable();
    // The first two were taken as they came; of those that waited the newest went first, and 4 never began.
    assert_eq!(begun[..2], [1, 2], "{begun:?}");
    let mut rest = begun[2..].to_vec();
    assert_eq!(rest[0], 6, "{begun:?}");
    rest.sort_unstable();
    assert_eq!(rest, [3, 5, 6]);
    answered.sort_unstable();
    assert_eq!(answered, [1, 2, 3, 5, 6]);
}

#[tokio::test]
async fn a_picture_is_drawn_once_and_then_kept() {
    let drawn = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&drawn);
    let mut desk = Desk::new(Arc::new(move |_, _, _| {
        count.fetch_add(1, Ordering::SeqCst);
        Ok(dot())
    }))
    .await;
    for ticket in [1, 7] {
        desk.previews.load(PreviewOrder { page: 0, ..desk.order(ticket) });
        let (answered, result) = desk.answer().await;
        assert_eq!((answered, result.unwrap().pages.len()), (ticket, 1));
    }
    assert_eq!(drawn.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn what_scrolled_away_stops_and_is_not_told_of() {
    let (begun, has_begun) = mpsc::channel();
    let mut desk = Desk::new(Arc::new(move |order, _, cancel| {
        if order.ticket == 1 {
            begun.send(()).unwrap();
            while !cancel.is_cancelled() {
                thread::sleep(Duration::from_millis(1));
            }
            return Err(Problem::cancelled());
        }
        Ok(dot())
    }))
    .await;
    desk.previews.load(desk.order(1));
    tokio::task::spawn_blocking(move || has_begun.recv().unwrap()).await.unwrap();
    desk.previews.cancel(1);
    desk.previews.load(desk.order(2));
    let (ticket, result) = desk.answer().await;
    assert_eq!((ticket, result.is_ok()), (2, true));
}

#[tokio::test]
async fn failures_and_panics_are_told_and_the_next_goes_on() {
    let mut desk = Desk::new(Arc::new(|order, _, _| match order.ticket {
        1 => Err(PreviewError::Damaged("broken".to_owned()).into()),
        2 => panic!("the drawing code breaks off"),
        _ => Ok(dot()),
    }))
    .await;
    for (ticket, what) in [(1, Some(What::Preview(PreviewFault::Damaged))), (2, Some(What::Internal)), (3, None)] {
        desk.previews.load(desk.order(ticket));
        let (answered, result) = desk.answer().await;
        assert_eq!((answered, result.err().map(|problem| problem.what)), (ticket, what));
    }
    desk.previews.load(PreviewOrder { sha256: "00".to_owned(), ..desk.order(4) });
    assert!(desk.answer().await.1.is_err());
}

#[tokio::test]
async fn too_many_wishes_give_the_oldest_up() {
    let (_go, wait) = mpsc::channel::<()>();
    let wait = Mutex::new(wait);
    let mut desk = Desk::new(Arc::new(move |_, _, cancel| {
        while !cancel.is_cancelled() {
            assert!(wait.lock().unwrap().recv_timeout(Duration::from_millis(5)).is_err());
        }
        Err(Problem::cancelled())
    }))
    .await;
    for ticket in 1..=WAITING as u64 + 3 {
        desk.previews.load(desk.order(ticket));
    }
    let (ticket, result) = desk.answer().await;
    assert_eq!((ticket, result.unwrap_err().what), (3, What::Cancelled));
    desk.previews.cancel(1);
    desk.previews.cancel(2);
}
