//! The way events take to the window: a bounded channel that is waited for, and a callback that wakes the window.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::event::Event;
use crate::problem::{Problem, What};

/// Called after each event, from any thread: asks the window for a repaint.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// Sends events. Clones share the channel.
#[derive(Clone)]
pub(crate) struct Outbox {
    events: mpsc::Sender<Event>,
    wake: Wake,
    tracker: TaskTracker,
    stop: CancellationToken,
}

impl Outbox {
    pub(crate) fn new(events: mpsc::Sender<Event>, wake: Wake, tracker: TaskTracker, stop: CancellationToken) -> Self {
        Self { events, wake, tracker, stop }
    }

    /// Hands an event over. Waits while the window is behind; gives up only when the engine stops.
    pub(crate) async fn send(&self, event: Event) {
        tokio::select! {
            biased;
            sent = self.events.send(event) => {
                if sent.is_ok() {
                    (self.wake)();
                }
            }
            () = self.stop.cancelled() => {}
        }
    }

    /// Runs `task`. Should it panic, `on_panic` makes the event that says so; the window is woken in any case.
    pub(crate) fn spawn<F>(&self, on_panic: impl FnOnce(Problem) -> Event + Send + 'static, task: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let outbox = self.clone();
        self.tracker.spawn(async move {
            let _wake = WakeOnDrop(Arc::clone(&outbox.wake));
            // A task of its own, so that its panic arrives here as a value.
            if let Err(error) = tokio::spawn(task).await
                && error.is_panic()
            {
                tracing::error!("a task of the engine panicked");
                outbox.send(on_panic(panic_problem())).await;
            }
        });
    }

    /// [`Outbox::spawn`] for a task whose failure belongs to no screen.
    pub(crate) fn spawn_plain<F: Future<Output = ()> + Send + 'static>(&self, task: F) {
        self.spawn(Event::Failed, task);
    }

    /// Ends with the engine.
    pub(crate) fn stop(&self) -> &CancellationToken {
        &self.stop
    }
}

/// What a panic is told as; its text may hold data of the user and goes nowhere.
pub(crate) fn panic_problem() -> Problem {
    Problem { what: What::Internal, subject: None, detail: "a task of the program broke off".to_owned() }
}

/// Wakes the window however its task ends.
struct WakeOnDrop(Wake);

impl Drop for WakeOnDrop {
    fn drop(&mut self) {
        (self.0)();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    fn outbox(events: mpsc::Sender<Event>, woken: &Arc<AtomicU32>) -> Outbox {
        let woken = Arc::clone(woken);
        let wake: Wake = Arc::new(move || {
            woken.fetch_add(1, Ordering::SeqCst);
        });
        Outbox::new(events, wake, TaskTracker::new(), CancellationToken::new())
    }

    #[tokio::test]
    async fn a_panic_becomes_an_event_and_wakes_the_window() {
        let (sender, mut events) = mpsc::channel(4);
        let woken = Arc::new(AtomicU32::new(0));
        let outbox = outbox(sender, &woken);
        outbox.spawn_plain(async { panic!("secret of the user") });
        let Some(Event::Failed(problem)) = events.recv().await else { panic!("no event") };
        assert_eq!(problem.what, What::Internal);
        assert!(!problem.detail.contains("secret"));
        outbox.tracker.close();
        outbox.tracker.wait().await;
        assert_eq!(woken.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_full_channel_is_waited_for_and_nothing_is_lost() {
        let (sender, mut events) = mpsc::channel(1);
        let woken = Arc::new(AtomicU32::new(0));
        let outbox = outbox(sender, &woken);
        let sending = outbox.clone();
        outbox.spawn_plain(async move {
            for invoices in 0..50 {
                sending.send(Event::LedgerChanged { invoices }).await;
            }
        });
        for expected in 0..50 {
            let Some(Event::LedgerChanged { invoices }) = events.recv().await else { panic!("no event") };
            assert_eq!(invoices, expected);
        }
    }

    #[tokio::test]
    async fn stopping_frees_a_sender_that_nobody_listens_to() {
        let (sender, _events) = mpsc::channel(1);
        let outbox = outbox(sender, &Arc::default());
        outbox.send(Event::Raise).await;
        outbox.stop().cancel();
        outbox.send(Event::Raise).await;
    }
}
