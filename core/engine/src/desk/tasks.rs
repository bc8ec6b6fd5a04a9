//! Imports and exports: each a task with a number, progress and an end.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::Desk;
use crate::command::{ReportOrder, TableOrder};
use crate::event::{Event, TaskId, TaskKind};
use crate::export_order::ExportOrder;
use crate::outbox::{Outbox, panic_problem};
use crate::problem::{Problem, What};
use crate::{export, import};

/// The running ones.
#[derive(Clone, Default)]
pub(super) struct Tasks {
    shared: Arc<Mutex<Shared>>,
}

#[derive(Default)]
struct Shared {
    last: u64,
    running: HashMap<TaskId, (TaskKind, CancellationToken)>,
}

/// A task on the list; it leaves the list however it ends.
struct Listed {
    tasks: Tasks,
    id: TaskId,
    kind: TaskKind,
    stop: CancellationToken,
}

impl Tasks {
    pub(super) fn cancel(&self, id: TaskId) {
        if let Some((_, stop)) = self.lock().running.get(&id) {
            stop.cancel();
        }
    }

    fn begin(&self, kind: TaskKind, stop: CancellationToken) -> Listed {
        let mut shared = self.lock();
        shared.last += 1;
        let id = TaskId(shared.last);
        shared.running.insert(id, (kind, stop.clone()));
        Listed { tasks: self.clone(), id, kind, stop }
    }

    fn is_running(&self, kind: TaskKind) -> bool {
        self.lock().running.values().any(|(other, _)| *other == kind)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        self.tasks.lock().running.remove(&self.id);
    }
}

impl Desk {
    pub(super) fn import(&self, paths: Vec<PathBuf>) {
        let busy = self.tasks.is_running(TaskKind::Import);
        let task = self.tasks.begin(TaskKind::Import, self.outbox.stop().child_token());
        let id = task.id;
        let (services, stop) = (self.services.clone(), task.stop.clone());
        let make = move |result| Event::Imported { id, result };
        self.run(task, make, |progress| async move {
            // Two at once would only wait for each other.
            if busy { Err(Problem::new(What::Busy, "an import is running")) } else { import::run(&services, paths, progress, &stop).await }
        });
    }

    pub(super) fn save_report(&self, order: ReportOrder) {
        let work = async move {
            let written = tokio::task::spawn_blocking(move || {
                import::write_report(&order.path, &order.report, order.words)?;
                Ok(order.path)
            });
            written.await.unwrap_or_else(|_| Err(panic_problem()))
        };
        self.answer(work, Event::ReportSaved);
    }

    pub(super) fn save_table(&self, order: TableOrder) {
        let work = async move {
            let written = tokio::task::spawn_blocking(move || {
                piaoxia_export::write_table(&order.path, &order.table)?;
                Ok(order.path)
            });
            written.await.unwrap_or_else(|_| Err(panic_problem()))
        };
        self.answer(work, Event::TableSaved);
    }

    pub(super) fn export(&self, order: ExportOrder) {
        let task = self.tasks.begin(TaskKind::Export, self.outbox.stop().child_token());
        let id = task.id;
        let (services, stop) = (self.services.clone(), task.stop.clone());
        let make = move |result| Event::Exported { id, result };
        self.run(task, make, |progress| async move { export::run(&services, order, progress, &stop).await });
    }

    fn run<T, F>(
        &self,
        task: Listed,
        make: impl FnOnce(Result<T, Problem>) -> Event + Clone + Send + 'static,
        work: impl FnOnce(Arc<dyn Fn(u64, u64) + Send + Sync>) -> F,
    ) where
        T: Send + 'static,
        F: Future<Output = Result<T, Problem>> + Send + 'static,
    {
        let (steps, seen) = watch::channel((0, 0));
        let work = work(Arc::new(move |done, total| {
            steps.send_replace((done, total));
        }));
        let (outbox, pace) = (self.outbox.clone(), self.services.pace().progress);
        let tell = {
            let (id, kind) = (task.id, task.kind);
            move |(done, total)| Event::TaskProgress { id, kind, done, total }
        };
        self.answer(
            async move {
                let _listed = task;
                watched(&outbox, tell, seen, pace, work).await
            },
            make,
        );
    }
}

/// Tells of progress until the work is over; never after it.
pub(super) async fn watched<T>(
    outbox: &Outbox,
    tell: impl Fn((u64, u64)) -> Event,
    mut seen: watch::Receiver<(u64, u64)>,
    pace: std::time::Duration,
    work: impl Future<Output = T>,
) -> T {
    let mut tick = tokio::time::interval(pace);
    let mut told = None;
    let mut work = std::pin::pin!(work);
    loop {
        tokio::select! {
            biased;
            _ = tick.tick() => {
                let now = *seen.borrow_and_update();
                if told.replace(now) != Some(now) {
                    outbox.send(tell(now)).await;
                }
            }
            result = &mut work => return result,
        }
    }
}
