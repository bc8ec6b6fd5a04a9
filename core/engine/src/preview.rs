//! Pictures of originals (预览) for the window: drawn in reading processes, at most two at once, the newest wish first.
//! What scrolled away is cancelled; what was drawn is kept for a while.

mod cache;

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use piaoxia_domain::invoice::Format;
use piaoxia_preview::{Cancel, PageSize, Picture, PreviewError, STACK, Scale};
use piaoxia_store::{Digest, Store};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::event::Event;
use crate::outbox::{Outbox, panic_problem};
use crate::problem::{PreviewFault, Problem, What};
use crate::reader::{Drawers, PageOrder, ReaderProgram};
use cache::{Cache, Key};

/// Pictures drawn at once.
const AT_ONCE: usize = 2;
/// Threads that may be busy, those included that were given up: a hostile PDF page cannot be stopped half-way.
const THREADS: usize = 4;
/// Wishes that wait; beyond that the oldest is given up, since its place has scrolled far away.
const WAITING: usize = 64;
/// Longest time that a picture may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long a process that draws waits for the next page before it is ended.
const REST: Duration = Duration::from_secs(20);

/// A page as the window wants it.
#[derive(Clone, Debug, PartialEq)]
pub struct PreviewOrder {
    /// Chosen by the window, a new one each time; the answer carries it.
    pub ticket: u64,
    /// The original, by SHA-256.
    pub sha256: String,
    /// Its format.
    pub format: Format,
    /// Page, from 0.
    pub page: usize,
    /// How large.
    pub scale: Scale,
}

/// A drawn page.
#[derive(Clone, Debug)]
pub struct Preview {
    /// The pixels.
    pub picture: Arc<Picture>,
    /// Sizes of all pages of the file, mm.
    pub pages: Arc<[PageSize]>,
}

/// Takes wishes and draws. Clones share the queue.
#[derive(Clone)]
pub(crate) struct Previews {
    store: Store,
    outbox: Outbox,
    shared: Arc<Mutex<Shared>>,
    threads: Arc<AtomicUsize>,
    draw: Draw,
    runtime: Handle,
}

/// What draws; tests put their own in its place.
type Draw = Arc<dyn Fn(&PreviewOrder, &[u8], &Cancel) -> Result<(Picture, Vec<PageSize>), Problem> + Send + Sync>;

#[derive(Default)]
struct Shared {
    /// The newest at the end.
    waiting: VecDeque<PreviewOrder>,
    running: HashMap<u64, Cancel>,
    cache: Cache,
}

impl Previews {
    /// To be called on the runtime. Without a program, this process draws.
    pub(crate) fn new(store: &Store, outbox: &Outbox, program: Option<ReaderProgram>) -> Self {
        let drawers = Arc::new(Drawers::new(program, PATIENCE, outbox.stop().clone()));
        let (resting, runtime) = (outbox.clone(), Handle::current());
        let draw = move |order: &PreviewOrder, bytes: &[u8], cancel: &Cancel| {
            let drawn = drawers.draw(&PageOrder { format: order.format, page: order.page, scale: order.scale }, bytes, cancel);
            let (drawers, _entered) = (Arc::clone(&drawers), runtime.enter());
            resting.spawn_plain(async move { drawers.rest(REST).await });
            drawn
        };
        Self::drawing(store, outbox, Arc::new(draw))
    }

    fn drawing(store: &Store, outbox: &Outbox, draw: Draw) -> Self {
        Self {
            store: store.clone(),
            outbox: outbox.clone(),
            shared: Arc::default(),
            threads: Arc::default(),
            draw,
            runtime: Handle::current(),
        }
    }

    /// Answers with [`Event::Preview`], at once when the picture is kept. Does not wait.
    pub(crate) fn load(&self, order: PreviewOrder) {
        let mut shared = self.lock();
        if let Some(kept) = shared.cache.get(&Key::of(&order)) {
            drop(shared);
            self.tell(order.ticket, Ok(kept));
            return;
        }
        shared.waiting.push_back(order);
        let given_up = if shared.waiting.len() > WAITING { shared.waiting.pop_front() } else { None };
        drop(shared);
        if let Some(order) = given_up {
            self.tell(order.ticket, Err(Problem::cancelled()));
        }
        self.start();
    }

    /// The picture is not wanted any more: it is not told of, unless it was ready already.
    pub(crate) fn cancel(&self, ticket: u64) {
        let mut shared = self.lock();
        shared.waiting.retain(|order| order.ticket != ticket);
        if let Some(cancel) = shared.running.get(&ticket) {
            cancel.cancel();
        }
    }

    /// Starts what may run.
    fn start(&self) {
        let mut shared = self.lock();
        while shared.running.len() < AT_ONCE && self.threads.load(Ordering::Acquire) < THREADS {
            let Some(order) = shared.waiting.pop_back() else { return };
            let cancel = Cancel::default();
            shared.running.insert(order.ticket, cancel.clone());
            let (previews, ticket) = (self.clone(), order.ticket);
            self.outbox.spawn(move |problem| Event::Preview { ticket, result: Err(problem) }, async move {
                let running = Running { previews: previews.clone(), ticket };
                let result = previews.run(&order, &cancel).await;
                drop(running);
                if let Some(result) = result {
                    previews.outbox.send(Event::Preview { ticket, result }).await;
                }
            });
        }
    }

    /// Draws; none when nobody wants the picture any more.
    async fn run(&self, order: &PreviewOrder, cancel: &Cancel) -> Option<Result<Preview, Problem>> {
        let drawn = tokio::select! {
            drawn = self.drawn(order, cancel) => drawn,
            () = tokio::time::sleep(PATIENCE) => Err(Problem::new(What::Preview(PreviewFault::TooLarge), "it took too long")),
            () = self.outbox.stop().cancelled() => Err(Problem::cancelled()),
        };
        let is_unwanted = cancel.is_cancelled();
        cancel.cancel();
        match drawn {
            Ok(preview) => {
                // Even what scrolled away is kept: it may scroll back.
                self.lock().cache.keep(Key::of(order), preview.clone());
                (!is_unwanted).then_some(Ok(preview))
            }
            Err(problem) => (!is_unwanted).then_some(Err(problem)),
        }
    }

    async fn drawn(&self, order: &PreviewOrder, cancel: &Cancel) -> Result<Preview, Problem> {
        let digest: Digest = order.sha256.parse().map_err(|_| Problem::new(What::Internal, "not a SHA-256"))?;
        let bytes = self.store.read_original(digest).await?;
        let (sender, result) = oneshot::channel();
        let (draw, order, cancel) = (Arc::clone(&self.draw), order.clone(), cancel.clone());
        let busy = Busy::new(self);
        let work = move || {
            let _busy = busy;
            // Nobody listens any more when the picture took too long.
            drop(sender.send(draw(&order, &bytes, &cancel)));
        };
        let thread = thread::Builder::new().name("preview".to_owned()).stack_size(STACK).spawn(work);
        thread.map_err(|error| Problem::new(What::Internal, error.to_string()))?;
        let (picture, pages) = result.await.map_err(|_| panic_problem())??;
        Ok(Preview { picture: Arc::new(picture), pages: pages.into() })
    }

    fn tell(&self, ticket: u64, result: Result<Preview, Problem>) {
        let outbox = self.outbox.clone();
        self.outbox.spawn_plain(async move { outbox.send(Event::Preview { ticket, result }).await });
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place among those that run; free again however the drawing ends, and the next begins.
struct Running {
    previews: Previews,
    ticket: u64,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.previews.lock().running.remove(&self.ticket);
        self.previews.start();
    }
}

/// Counts a thread until it ends; the next picture may have waited for it.
struct Busy(Previews);

impl Busy {
    fn new(previews: &Previews) -> Self {
        previews.threads.fetch_add(1, Ordering::AcqRel);
        Self(previews.clone())
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.threads.fetch_sub(1, Ordering::AcqRel);
        let _entered = self.0.runtime.enter();
        self.0.start();
    }
}

impl From<PreviewError> for Problem {
    fn from(error: PreviewError) -> Self {
        let fault = match &error {
            PreviewError::NotPaged(_) => PreviewFault::NotPaged,
            PreviewError::Protected => PreviewFault::Protected,
            PreviewError::TooMuch(_) | PreviewError::Size { .. } => PreviewFault::TooLarge,
            PreviewError::Damaged(_) | PreviewError::Failed => PreviewFault::Damaged,
            PreviewError::NoPage { .. } => return Self::new(What::Internal, error.to_string()),
            PreviewError::Cancelled => return Self::cancelled(),
        };
        Self::new(What::Preview(fault), error.to_string())
    }
}

#[cfg(test)]
#[path = "preview/tests.rs"]
mod tests;
