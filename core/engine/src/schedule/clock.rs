//! Waits until a schedule is due and begins it.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use piaoxia_domain::period::shanghai_day;
use piaoxia_service::SKEW;
use tokio::sync::mpsc;

use super::{Schedule, ScheduleView, ScheduleWish, keep, load, orders};
use crate::download::Wish;
use crate::event::Event;
use crate::outbox::Outbox;
use crate::problem::{Kept, Problem};
use crate::services::{Services, collection};
use crate::session::Presence;

/// Longest sleep: the PC may have slept meanwhile, or its clock have been set.
const LOOK: Duration = Duration::from_secs(300);
/// Shortest sleep, for a schedule that could not begin.
const AGAIN: Duration = Duration::from_secs(60);

/// Owns the schedules.
pub(crate) struct Clock {
    services: Services,
    outbox: Outbox,
    downloads: mpsc::Sender<Wish>,
    schedules: Vec<Schedule>,
    problems: BTreeMap<String, Problem>,
    /// Those that begin with the program have not begun yet.
    starting: bool,
}

impl Clock {
    pub(crate) fn new(services: &Services, outbox: &Outbox, downloads: mpsc::Sender<Wish>) -> Self {
        let (services, outbox) = (services.clone(), outbox.clone());
        Self { services, outbox, downloads, schedules: Vec::new(), problems: BTreeMap::new(), starting: true }
    }

    /// Works until the engine stops.
    pub(crate) async fn serve(mut self, mut wishes: mpsc::Receiver<ScheduleWish>) {
        match load(&self.services).await {
            Ok((schedules, unreadable)) => {
                self.schedules = schedules;
                if let Some(problem) = Problem::unlisted(Kept::Schedules, unreadable) {
                    self.outbox.send(Event::Failed(problem)).await;
                }
            }
            Err(problem) => self.outbox.send(Event::Failed(problem)).await,
        }
        self.tell().await;
        let stop = self.outbox.stop().clone();
        let mut presence = self.services.keeper().presence();
        loop {
            let pause = self.pause(*presence.borrow_and_update() == Presence::In);
            tokio::select! {
                () = stop.cancelled() => return,
                wish = wishes.recv() => match wish {
                    Some(wish) => self.grant(wish).await,
                    None => return,
                },
                changed = presence.changed() => if changed.is_err() { return },
                () = tokio::time::sleep(pause.unwrap_or_default()), if pause.is_some() => {}
            }
            if *presence.borrow() == Presence::In {
                self.begin_due().await;
            }
        }
    }

    /// How long nothing is due; none while there is nothing to wait for.
    fn pause(&self, signed_in: bool) -> Option<Duration> {
        if !signed_in {
            return None;
        }
        if self.starting || !self.problems.is_empty() {
            return Some(if self.starting { Duration::ZERO } else { AGAIN });
        }
        let next = self.schedules.iter().filter_map(Schedule::next).min()?;
        let left = Duration::try_from(next.duration_since(self.now())).unwrap_or_default();
        Some(left.min(LOOK))
    }

    /// The time, of the service where it has told that this PC's clock is wrong: what is noted at a wrong time would be due at a wrong one.
    fn now(&self) -> Timestamp {
        let (now, ahead) = (Timestamp::now(), self.services.client().clock_ahead().unwrap_or_default());
        if ahead.abs() > SKEW { now.checked_sub(SignedDuration::from_secs(ahead)).unwrap_or(now) } else { now }
    }

    async fn put_right(&mut self, now: Timestamp) {
        let mut was_wrong = false;
        for schedule in self.schedules.iter_mut().filter_map(|schedule| schedule.put_right(now).then_some(schedule)) {
            was_wrong = true;
            if let Err(problem) = keep(&self.services, schedule).await {
                tracing::warn!(problem.detail, "a schedule that was put right cannot be kept");
            }
        }
        if was_wrong {
            self.tell().await;
        }
    }

    async fn begin_due(&mut self) {
        let (now, started) = (self.now(), std::mem::take(&mut self.starting));
        self.put_right(now).await;
        let due: Vec<Schedule> = self.schedules.iter().filter(|schedule| schedule.is_due(now, started)).cloned().collect();
        // What failed to begin with the program is tried again, too.
        let failed = self.schedules.iter().filter(|schedule| self.problems.contains_key(&schedule.id));
        let again: Vec<Schedule> = failed.filter(|one| due.iter().all(|due| due.id != one.id)).cloned().collect();
        for schedule in due.into_iter().chain(again) {
            self.begin(schedule, now).await;
        }
    }

    async fn begin(&mut self, mut schedule: Schedule, now: Timestamp) {
        let begun = match orders(&self.services, &schedule, shanghai_day(now)).await {
            Ok(orders) => {
                schedule.since = now;
                schedule.begun = Some(now);
                // Written down before it begins: a program that is killed now does not begin it twice.
                let kept = keep(&self.services, &schedule).await;
                // The registry outlives this task.
                kept.map(|()| (self.downloads.clone(), Wish::StartAll(orders)))
            }
            Err(problem) => Err(problem),
        };
        match begun {
            Ok((downloads, wish)) => {
                self.problems.remove(&schedule.id);
                if downloads.send(wish).await.is_err() {
                    tracing::warn!("no downloads any more");
                }
                self.schedules.iter_mut().filter(|known| known.id == schedule.id).for_each(|known| known.clone_from(&schedule));
            }
            Err(problem) => {
                tracing::warn!(problem.detail, "a schedule cannot begin");
                self.problems.insert(schedule.id, problem);
            }
        }
        self.tell().await;
    }

    async fn grant(&mut self, wish: ScheduleWish) {
        let done = match wish {
            ScheduleWish::Keep(schedule) => keep(&self.services, &schedule).await.map(|()| {
                self.problems.remove(&schedule.id);
                match self.schedules.iter_mut().find(|known| known.id == schedule.id) {
                    Some(known) => *known = *schedule,
                    None => self.schedules.push(*schedule),
                }
            }),
            ScheduleWish::Remove(id) => {
                let removed = self.services.store().delete_document(collection::SCHEDULES, &id).await;
                removed.map_err(Problem::from).map(|_| {
                    self.problems.remove(&id);
                    self.schedules.retain(|known| known.id != id);
                })
            }
        };
        if let Err(problem) = done {
            self.outbox.send(Event::Failed(problem)).await;
        }
        self.tell().await;
    }

    async fn tell(&self) {
        let view = |schedule: &Schedule| ScheduleView {
            next: schedule.next(),
            problem: self.problems.get(&schedule.id).cloned(),
            schedule: schedule.clone(),
        };
        self.outbox.send(Event::Schedules(self.schedules.iter().map(view).collect())).await;
    }
}
