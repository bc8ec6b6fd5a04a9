//! A named thread that owns something, and the handle through which others ask it.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, JoinHandle, Thread};

use piaoxia_files::FilesError;
use tokio::sync::{mpsc, oneshot};

use crate::error::{Result, StoreError, damaged};

/// Requests that may wait; the next asker waits for room.
const QUEUE: usize = 64;

type Job<S> = Box<dyn FnOnce(&mut S) + Send>;

enum Message<S> {
    Do(Job<S>),
    Stop(oneshot::Sender<()>),
}

/// Handle of a thread that owns an `S` and does one request after the other.
pub(crate) struct Actor<S> {
    sender: mpsc::Sender<Message<S>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl<S: 'static> Actor<S> {
    /// Starts the thread; `make` runs on it, and what else it makes is handed back. `after` runs when an asker has its answer.
    pub(crate) fn start<R: Send + 'static>(
        name: &str,
        after: fn(&mut S),
        make: impl FnOnce() -> Result<(S, R)> + Send + 'static,
    ) -> Result<(Self, R)> {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let (made, wait_for_it) = std::sync::mpsc::sync_channel(1);
        let body = move || {
            let result =
                catch_unwind(AssertUnwindSafe(make)).unwrap_or_else(|_| Err(damaged("the store's thread panicked while starting")));
            match result {
                Ok((owned, answer)) => {
                    if made.send(Ok(answer)).is_ok() {
                        serve(owned, receiver, after);
                    }
                }
                Err(error) => drop(made.send(Err(error))),
            }
        };
        let spawned = thread::Builder::new().name(name.to_owned()).spawn(body);
        let thread = spawned.map_err(|source| FilesError::Io { path: name.into(), source })?;
        let answer = wait_for_it.recv().map_err(|_| StoreError::Closed)??;
        Ok((Self { sender, thread: Mutex::new(Some(thread)) }, answer))
    }

    /// Has the thread do this. Work whose asker has gone away before it was begun is not done.
    pub(crate) async fn ask<T: Send + 'static>(&self, work: impl FnOnce(&mut S) -> Result<T> + Send + 'static) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        let job: Job<S> = Box::new(move |owned| {
            if !reply.is_closed() {
                // An asker that has gone away meanwhile needs no answer.
                drop(reply.send(work(owned)));
            }
        });
        self.sender.send(Message::Do(job)).await.map_err(|_| StoreError::Closed)?;
        // The reply is dropped unsent by a panic, or with a queue that was closed meanwhile.
        answer.await.map_err(|_| if self.sender.is_closed() { StoreError::Closed } else { damaged("a request panicked") })?
    }

    /// Has the thread do this when it comes to it, without waiting. Where it cannot be asked, the work is dropped here.
    pub(crate) fn leave(&self, work: impl FnOnce(&mut S) + Send + 'static) {
        if self.sender.try_send(Message::Do(Box::new(work))).is_err() {
            tracing::debug!("a thread of the store was too busy, or gone, to be left anything");
        }
    }

    /// Stops the thread after everything asked so far, drops what it owns and joins it.
    pub(crate) async fn stop(&self) -> Result<()> {
        let (reply, done) = oneshot::channel();
        self.sender.send(Message::Stop(reply)).await.map_err(|_| StoreError::Closed)?;
        done.await.map_err(|_| StoreError::Closed)?;
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        match thread.map(JoinHandle::join) {
            None | Some(Ok(())) => Ok(()),
            Some(Err(_)) => Err(damaged("the store's thread panicked while stopping")),
        }
    }
}

fn serve<S>(mut owned: S, mut receiver: mpsc::Receiver<Message<S>>, after: fn(&mut S)) {
    while let Some(message) = receiver.blocking_recv() {
        match message {
            Message::Do(job) => {
                let work = || {
                    job(&mut owned);
                    after(&mut owned);
                };
                if catch_unwind(AssertUnwindSafe(work)).is_err() {
                    tracing::error!("a request to the store panicked");
                }
            }
            Message::Stop(reply) => {
                receiver.close();
                drop(owned);
                // Whoever asked may have gone away.
                let _gone = reply.send(());
                return;
            }
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Blocks the calling thread until the future is done: for the command line and for threads without a runtime. Never to be
/// called on a thread of a runtime.
pub fn wait<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]
    use super::*;

    #[test]
    fn a_panic_is_an_error_and_the_thread_lives_on() {
        let (actor, name) = Actor::start("counter", |_| {}, || Ok((1_u32, thread::current().name().map(str::to_owned)))).unwrap();
        assert_eq!(name.as_deref(), Some("counter"));
        let panicked = wait(actor.ask(|_| -> Result<()> { panic!("on purpose") }));
        assert!(matches!(panicked, Err(StoreError::Damaged { .. })));
        assert_eq!(
            wait(actor.ask(|count| {
                *count += 1;
                Ok(*count)
            }))
            .unwrap(),
            2
        );
        wait(actor.stop()).unwrap();
        assert!(matches!(wait(actor.ask(|count| Ok(*count))), Err(StoreError::Closed)));
        assert!(matches!(wait(actor.stop()), Err(StoreError::Closed)));
    }

    #[test]
    fn a_start_that_fails_or_panics_says_so() {
        assert!(matches!(Actor::<u32>::start("no", |_| {}, || Err::<(u32, ()), _>(StoreError::Closed)), Err(StoreError::Closed)));
        let panicking = Actor::<u32>::start("no", |_| {}, || -> Result<(u32, ())> { panic!("on purpose") });
        assert!(matches!(panicking, Err(StoreError::Damaged { .. })));
    }
}
