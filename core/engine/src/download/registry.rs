//! All downloads: kept, given their turn, stopped and taken up again.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::{Notify, Semaphore, mpsc, watch};
use tokio::task::{Id, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use super::ask::{Halt, Run};
use super::record::Record;
use super::turn::Turn;
use super::{Download, DownloadId, DownloadOrder, DownloadState, marks};
use crate::event::Event;
use crate::observe::AsEvent;
use crate::outbox::{Outbox, panic_problem};
use crate::problem::{Kept, Problem};
use crate::services::Services;
use crate::session::Presence;

/// Downloads that run at once.
const AT_ONCE: usize = 2;

/// What is asked of the registry.
#[derive(Debug)]
pub(crate) enum Wish {
    Start(Box<DownloadOrder>),
    StartAll(Vec<DownloadOrder>),
    Pause(DownloadId),
    Resume(DownloadId),
    Cancel(DownloadId),
    Forget(DownloadId),
    ForgetEnded,
}

/// Owns every download.
pub(crate) struct Registry {
    services: Services,
    outbox: Outbox,
    entries: BTreeMap<DownloadId, Entry>,
    /// Orders that are still to be written down: each is a commit, for which a stick takes its time, and wishes are not to wait for them.
    ordered: VecDeque<DownloadOrder>,
    /// Kept downloads that cannot be read.
    unreadable: u64,
    runs: JoinSet<Ended>,
    turns: Arc<Semaphore>,
    freed: Arc<Notify>,
    presence: watch::Receiver<Presence>,
}

struct Entry {
    /// While it runs: as it was before.
    record: Record,
    running: Option<Running>,
}

struct Running {
    task: Id,
    stop: CancellationToken,
    reason: Reason,
}

/// Why a run was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    None,
    Pause,
    Cancel,
    /// Paused and resumed before the pause was through, or signed out: it waits for its turn again.
    Wait,
}

/// What a run leaves.
struct Ended {
    record: Record,
    halt: Option<Halt>,
}

impl Registry {
    /// Finds the downloads of earlier runs of the program.
    pub(crate) async fn open(services: &Services, outbox: &Outbox) -> Result<Self, Problem> {
        let (records, unreadable) = Record::load_all(services.store()).await?;
        let entries = records.into_iter().map(|record| (record.download.id.clone(), Entry { record, running: None }));
        Ok(Self {
            services: services.clone(),
            outbox: outbox.clone(),
            entries: entries.collect(),
            ordered: VecDeque::new(),
            unreadable,
            runs: JoinSet::new(),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            freed: Arc::default(),
            presence: services.keeper().presence(),
        })
    }

    /// All of them, the oldest first.
    pub(crate) fn downloads(&self) -> Vec<Download> {
        self.entries.values().map(|entry| entry.record.snapshot()).collect()
    }

    /// Works until the engine stops.
    pub(crate) async fn serve(mut self, mut wishes: mpsc::Receiver<Wish>) {
        let (stop, freed) = (self.outbox.stop().clone(), Arc::clone(&self.freed));
        if let Some(problem) = Problem::unlisted(Kept::Downloads, self.unreadable) {
            self.outbox.send(Event::Failed(problem)).await;
        }
        let mut presence = self.presence.clone();
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                Some(wish) = wishes.recv() => self.grant(wish).await,
                Some(ended) = self.runs.join_next_with_id() => self.ended(ended).await,
                Ok(()) = presence.changed() => {
                    if *presence.borrow_and_update() != Presence::In {
                        self.entries.values_mut().filter_map(|entry| entry.running.as_mut()).for_each(|run| run.stop_for(Reason::Wait));
                    }
                }
                () = freed.notified() => {}
                () = std::future::ready(()), if !self.ordered.is_empty() => self.start_next().await,
            }
            self.run_those_whose_turn_it_is();
        }
        // What was ordered is kept, even when the engine stops meanwhile.
        while !self.ordered.is_empty() {
            self.start_next().await;
        }
        // They end at a point where the store is consistent; what they leave is on disk.
        self.entries.values().filter_map(|entry| entry.running.as_ref()).for_each(|run| run.stop.cancel());
        while self.runs.join_next().await.is_some() {}
    }

    async fn grant(&mut self, wish: Wish) {
        match wish {
            Wish::Start(order) => self.start(*order).await,
            Wish::StartAll(orders) => self.ordered.extend(orders),
            Wish::Pause(id) => self.stop(&id, Reason::Pause).await,
            Wish::Cancel(id) => self.stop(&id, Reason::Cancel).await,
            Wish::Resume(id) => self.resume(&id).await,
            Wish::Forget(id) => self.forget(&id).await,
            Wish::ForgetEnded => {
                let ended = self.entries.values().filter(|entry| entry.record.download.state.is_over());
                for id in ended.map(|entry| entry.id().clone()).collect::<Vec<_>>() {
                    self.forget(&id).await;
                }
            }
        }
    }

    async fn start_next(&mut self) {
        if let Some(order) = self.ordered.pop_front() {
            self.start(order).await;
        }
    }

    /// An order that is at work already is not begun a second time: the window is shown the one there is. One for what is new adds its days
    /// to an earlier one that was never begun: while an account is not signed in, a schedule asks every day.
    async fn start(&mut self, order: DownloadOrder) {
        let same = self.entries.values().find(|entry| entry.is_active() && entry.record.download.order == order);
        if let Some(entry) = same {
            // One that runs tells of itself.
            if entry.running.is_none() {
                self.tell(&entry.id().clone()).await;
            }
            return;
        }
        if let Some((id, both)) = self.unbegun_with(&order) {
            return self.widen(&id, both).await;
        }
        let mut record = Record::new(order);
        let id = record.download.id.clone();
        match record.save(self.services.store()).await {
            Ok(()) => {
                self.entries.insert(id.clone(), Entry { record, running: None });
                self.tell(&id).await;
            }
            Err(problem) => self.outbox.send(Event::Failed(problem)).await,
        }
    }

    /// A download that was never begun, and its order with the days of this one.
    fn unbegun_with(&self, order: &DownloadOrder) -> Option<(DownloadId, DownloadOrder)> {
        let mut unbegun = self.entries.values().filter(|entry| entry.is_waiting() && entry.record.counts == 0);
        unbegun.find_map(|entry| Some((entry.id().clone(), marks::joined_order(&entry.record.download.order, order)?)))
    }

    async fn widen(&mut self, id: &DownloadId, order: DownloadOrder) {
        let Some(entry) = self.entries.get_mut(id) else { return };
        let download = &mut entry.record.download;
        // The mark that it leaves reaches no further than the day before it was ordered.
        (download.order, download.created_at) = (order, Timestamp::now());
        self.keep(id).await;
    }

    async fn stop(&mut self, id: &DownloadId, reason: Reason) {
        let Some(entry) = self.entries.get_mut(id) else { return };
        if let Some(run) = &mut entry.running {
            run.stop_for(reason);
        } else if entry.is_active() || (reason == Reason::Cancel && entry.record.download.state.can_resume()) {
            self.settle(id, reason).await;
        }
    }

    async fn resume(&mut self, id: &DownloadId) {
        let Some(entry) = self.entries.get_mut(id) else { return };
        if let Some(run) = &mut entry.running {
            if run.reason == Reason::Pause {
                run.reason = Reason::Wait;
            }
        } else if entry.record.download.state.can_resume() {
            entry.record.download.problem = None;
            self.settle(id, Reason::Wait).await;
        }
    }

    async fn forget(&mut self, id: &DownloadId) {
        if self.entries.get(id).is_none_or(|entry| entry.running.is_some() || entry.is_active()) {
            return;
        }
        match Record::forget(self.services.store(), id).await {
            Ok(_) => {
                let jobs = self.entries.remove(id).map(|entry| entry.record.jobs);
                self.outbox.send(Event::DownloadForgotten(id.clone())).await;
                self.cancel_jobs(jobs.unwrap_or_default());
            }
            Err(problem) => self.outbox.send(Event::Failed(problem)).await,
        }
    }

    /// Gives a download that does not run the state that `reason` asks for; writes it down and tells of it. What the service still does for
    /// one that is cancelled ends, whichever run began it.
    async fn settle(&mut self, id: &DownloadId, reason: Reason) {
        let Some(entry) = self.entries.get_mut(id) else { return };
        let download = &mut entry.record.download;
        download.state = match reason {
            Reason::Cancel => DownloadState::Cancelled,
            Reason::Wait => DownloadState::Waiting,
            Reason::Pause | Reason::None => DownloadState::Paused,
        };
        download.ended_at = (reason == Reason::Cancel).then(Timestamp::now);
        // The reason of a wait that is over is no longer shown.
        if download.waits_until.take().is_some() {
            download.problem = None;
        }
        let jobs = if reason == Reason::Cancel { std::mem::take(&mut entry.record.jobs) } else { BTreeSet::new() };
        self.keep(id).await;
        self.cancel_jobs(jobs);
    }

    /// Writes a download down that does not run, and tells of it.
    async fn keep(&mut self, id: &DownloadId) {
        let Some(entry) = self.entries.get_mut(id) else { return };
        let saved = entry.record.save(self.services.store()).await;
        self.tell(id).await;
        if let Err(problem) = saved {
            self.outbox.send(Event::Failed(problem)).await;
        }
    }

    fn run_those_whose_turn_it_is(&mut self) {
        if *self.presence.borrow() != Presence::In {
            return;
        }
        let waiting: Vec<DownloadId> = self.entries.values().filter(|entry| entry.is_waiting()).map(|entry| entry.id().clone()).collect();
        for id in waiting {
            if self.account_is_busy(&id) {
                continue;
            }
            let Some(turn) = Turn::try_take(&self.turns, &self.freed) else { return };
            self.run(&id, turn);
        }
    }

    /// One download an account. Who the default account is, only the service knows: an order that names none counts as
    /// every account of its company.
    fn account_is_busy(&self, id: &DownloadId) -> bool {
        let Some(entry) = self.entries.get(id) else { return true };
        let ours = &entry.record.download.order;
        self.entries.values().filter(|other| other.running.is_some()).any(|other| {
            let theirs = &other.record.download.order;
            ours.company.id == theirs.company.id && (ours.account.is_none() || theirs.account.is_none() || ours.account == theirs.account)
        })
    }

    fn run(&mut self, id: &DownloadId, turn: Turn) {
        let Some(entry) = self.entries.get_mut(id) else { return };
        let stop = self.outbox.stop().child_token();
        let observer = AsEvent::new(&self.outbox, |download: Download| Event::Download(Box::new(download)));
        let mut run = Run::new(&self.services, entry.record.clone(), turn, observer, stop.clone());
        let handle = self.runs.spawn(async move {
            let halt = run.finish().await;
            Ended { record: run.record, halt }
        });
        entry.running = Some(Running { task: handle.id(), stop, reason: Reason::None });
    }

    async fn ended(&mut self, ended: Result<(Id, Ended), JoinError>) {
        let task = ended.as_ref().map_or_else(JoinError::id, |(task, _)| *task);
        let found = self.entries.iter_mut().find(|(_, entry)| entry.running.as_ref().is_some_and(|run| run.task == task));
        let Some((id, entry)) = found else { return };
        let id = id.clone();
        let reason = entry.running.take().map_or(Reason::None, |run| run.reason);
        // Whatever becomes of it, it waits for no tax disk now.
        if let Some(disk) = &entry.record.download.order.disk {
            self.services.leave_disk(disk);
        }
        match ended {
            Ok((_, ended)) => {
                entry.record = ended.record;
                self.after(&id, ended.halt, reason).await;
            }
            Err(_) => self.after_panic(&id).await,
        }
    }

    async fn after(&mut self, id: &DownloadId, halt: Option<Halt>, reason: Reason) {
        match halt {
            Some(Halt::Fault(_)) if reason == Reason::Cancel => self.settle(id, reason).await,
            // Told only now that it is off the list of those that run: what the window wishes next finds it ended.
            None | Some(Halt::Fault(_)) => self.tell(id).await,
            // The engine stops: on disk it is still at work.
            Some(Halt::Stopped) if reason == Reason::None => {}
            Some(Halt::Stopped) => self.settle(id, reason).await,
            Some(Halt::SignedOut) if *self.presence.borrow() == Presence::In && reason == Reason::None => {
                // The service refuses a session that it has just given: no use to try again at once.
                self.fail(id, Problem::signed_out()).await;
            }
            Some(Halt::SignedOut) => self.settle(id, if reason == Reason::None { Reason::Wait } else { reason }).await,
        }
    }

    async fn tell(&self, id: &DownloadId) {
        if let Some(entry) = self.entries.get(id) {
            self.outbox.send(Event::Download(Box::new(entry.record.snapshot()))).await;
        }
    }

    async fn after_panic(&mut self, id: &DownloadId) {
        tracing::error!(id = id.0, "a download panicked");
        if let Ok(Some(record)) = Record::load(self.services.store(), id).await
            && let Some(entry) = self.entries.get_mut(id)
        {
            entry.record = record;
        }
        self.fail(id, panic_problem()).await;
    }

    async fn fail(&mut self, id: &DownloadId, problem: Problem) {
        let Some(entry) = self.entries.get_mut(id) else { return };
        let download = &mut entry.record.download;
        download.state = DownloadState::Failed;
        download.problem = Some(problem);
        download.ended_at = Some(Timestamp::now());
        if let Err(unsaved) = entry.record.save(self.services.store()).await {
            tracing::warn!(unsaved.detail, "a failure cannot be kept");
        }
        self.tell(id).await;
    }

    /// The bureau need not work on for nobody.
    fn cancel_jobs(&self, jobs: BTreeSet<String>) {
        if jobs.is_empty() {
            return;
        }
        let services = self.services.clone();
        self.outbox.spawn_plain(async move {
            for job in jobs {
                if let Err(problem) = services.call(|| services.client().cancel_job(&job)).await {
                    tracing::debug!(problem.detail, "a job cannot be cancelled");
                }
            }
        });
    }
}

impl Entry {
    fn id(&self) -> &DownloadId {
        &self.record.download.id
    }

    fn is_active(&self) -> bool {
        self.running.is_some() || self.record.download.state.is_active()
    }

    fn is_waiting(&self) -> bool {
        self.running.is_none() && self.record.download.state == DownloadState::Waiting
    }
}

impl Running {
    /// The first reason counts, unless the user cancels for good.
    fn stop_for(&mut self, reason: Reason) {
        if self.reason == Reason::None || reason == Reason::Cancel {
            self.reason = reason;
        }
        self.stop.cancel();
    }
}
