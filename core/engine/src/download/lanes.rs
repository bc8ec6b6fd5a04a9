//! How many files are fetched from a host at once (并发通道), by all downloads together.
//!
//! The number is found as TCP finds its window (AIMD; RFC 5681, Chiu and Jain 1989): every answer adds a share of a lane, so that a full
//! round adds one, and a refusal halves them. As TCP Vegas does, a rise of the time that answers take is heeded before anything is
//! refused: where the smoothed time is far above the best that this host has shown, further lanes only make its queue longer. That takes
//! back what was added to the first lanes and no more, because a PC that is busy itself sees slow answers, too. Of one round only the
//! first bad answer counts; what was begun before a cut says nothing about the lanes after it (RFC 6582).
//!
//! `Retry-After` closes all lanes of its host for that time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use piaoxia_service::contract::ErrorClass;
use tokio::sync::{Notify, watch};

use crate::problem::{NetworkFault, Problem, What};

/// Most lanes to a host.
pub(crate) const CEILING: usize = 8;
/// Name of the service itself among the hosts.
pub(crate) const OWN: &str = "";

/// Lanes at the beginning: as many as ever bought something on this PC itself.
const FIRST: f64 = 4.0;
/// Hosts that are told apart; the service names one or two.
const HOSTS: usize = 32;
/// Share of a new time in the smoothed one.
const SMOOTH: f64 = 1.0 / 16.0;
/// Share by which the best time follows a worse one: a network that has changed finds its own best.
const FORGET: f64 = 1.0 / 256.0;
/// Answers after a cut before their time is judged.
const JUDGED: u32 = 16;
/// So many times the best, and this much more, seconds, is too slow.
const SLOWER: f64 = 3.0;
const GRACE: f64 = 0.1;

/// The lanes to all hosts.
#[derive(Default)]
pub(crate) struct Lanes {
    hosts: Mutex<BTreeMap<String, Host>>,
    freed: Notify,
    /// The host that was closed last.
    closed: watch::Sender<Option<Closed>>,
}

/// A host that asked for a pause.
#[derive(Clone)]
pub(crate) struct Closed {
    pub host: String,
    pub until: Instant,
    pub why: Problem,
}

#[derive(Default)]
struct Host {
    rule: Rule,
    running: usize,
    closed_until: Option<Instant>,
}

/// A lane that is taken; what became of the fetch is told by [`Lane::good`] or [`Lane::bad`], or nothing when it was given up.
pub(crate) struct Lane {
    lanes: Arc<Lanes>,
    host: String,
    number: u64,
    begun: Instant,
}

/// The host of a link: none for a path on the service.
pub(crate) fn host_of(url: &str) -> &str {
    url.split_once("://").and_then(|(_, rest)| rest.split(['/', '?', '#']).next()).unwrap_or(OWN)
}

impl Lanes {
    /// Waits for a lane.
    pub(crate) async fn enter(self: &Arc<Self>, host: &str) -> Lane {
        loop {
            let freed = self.freed.notified();
            tokio::pin!(freed);
            // From here on no freed lane is missed.
            freed.as_mut().enable();
            match self.try_enter(host) {
                Ok(number) => return Lane { lanes: Arc::clone(self), host: host.to_owned(), number, begun: Instant::now() },
                Err(Some(closed)) => tokio::time::sleep(closed).await,
                Err(None) => freed.await,
            }
        }
    }

    /// Its number, or for how long the host is closed.
    fn try_enter(&self, host: &str) -> Result<u64, Option<Duration>> {
        let mut hosts = self.lock();
        if hosts.len() >= HOSTS && !hosts.contains_key(host) {
            hosts.retain(|_, known| known.running > 0);
        }
        let host = hosts.entry(host.to_owned()).or_default();
        let closed = host.closed_until.and_then(|until| until.checked_duration_since(Instant::now()));
        if let Some(closed) = closed.filter(|closed| !closed.is_zero()) {
            return Err(Some(closed));
        }
        if host.running >= host.rule.lanes() {
            return Err(None);
        }
        host.running += 1;
        Ok(host.rule.begin())
    }

    /// Closes a host for some time and up to a tenth more, so that not everybody is back in the same moment.
    pub(crate) fn hold(&self, host: &str, asked: Duration, why: &Problem) {
        let Some(until) = Instant::now().checked_add(asked) else { return };
        let mut hosts = self.lock();
        let known = hosts.entry(host.to_owned()).or_default();
        if known.closed_until.is_none_or(|known| known < until) {
            let until = until.checked_add(asked.mul_f64(rand::random_range(0.0..=0.1))).unwrap_or(until);
            known.closed_until = Some(until);
            drop(hosts);
            self.closed.send_replace(Some(Closed { host: host.to_owned(), until, why: why.clone() }));
        }
    }

    /// Tells of each host that is closed.
    pub(crate) fn closed(&self) -> watch::Receiver<Option<Closed>> {
        self.closed.subscribe()
    }

    #[cfg(test)]
    fn open(&self, host: &str) -> usize {
        self.lock().get(host).map_or(0, |host| host.rule.lanes())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Host>> {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lane {
    /// The file came.
    pub(crate) fn good(self) {
        let took = self.begun.elapsed();
        if let Some(host) = self.lanes.lock().get_mut(&self.host) {
            host.rule.good(self.number, took.as_secs_f64(), host.running);
        }
    }

    /// It did not. A pause that the host asks for is kept, unless nobody would wait so long.
    pub(crate) fn bad(self, problem: &Problem, patience: Duration) {
        let asked = problem.api().and_then(|error| error.retry_after).map(Duration::from_secs);
        let overloaded = match &problem.what {
            What::Service(error) => matches!(error.class, ErrorClass::Throttle | ErrorClass::UpstreamDown | ErrorClass::Internal),
            What::Network(fault) => matches!(fault, NetworkFault::Timeout | NetworkFault::Cut | NetworkFault::Unreachable),
            _ => false,
        };
        if !overloaded {
            return;
        }
        if let Some(host) = self.lanes.lock().get_mut(&self.host) {
            host.rule.bad(self.number);
            tracing::debug!(host = self.host, lanes = host.rule.lanes(), ?asked, "fewer files at once");
        }
        if let Some(asked) = asked.filter(|asked| *asked <= patience) {
            self.lanes.hold(&self.host, asked, problem);
        }
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        if let Some(host) = self.lanes.lock().get_mut(&self.host) {
            host.running = host.running.saturating_sub(1);
        }
        self.lanes.freed.notify_waiters();
    }
}

/// The rule without a clock: fetches are told apart by their numbers.
#[derive(Debug)]
struct Rule {
    width: f64,
    smoothed: Option<f64>,
    best: Option<f64>,
    /// Answers since the last cut.
    answers: u32,
    begun: u64,
    /// The first fetch after the last cut.
    cut: u64,
}

impl Default for Rule {
    fn default() -> Self {
        Self { width: FIRST, smoothed: None, best: None, answers: 0, begun: 0, cut: 0 }
    }
}

impl Rule {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it lies between 1 and the ceiling")]
    fn lanes(&self) -> usize {
        self.width as usize
    }

    fn begin(&mut self) -> u64 {
        self.begun += 1;
        self.begun
    }

    /// An answer that took so many seconds while so many lanes were in use.
    fn good(&mut self, number: u64, took: f64, used: usize) {
        if number < self.cut {
            return;
        }
        let smoothed = self.smoothed.map_or(took, |smoothed| smoothed + (took - smoothed) * SMOOTH);
        (self.smoothed, self.answers) = (Some(smoothed), self.answers + 1);
        let judged = self.answers >= JUDGED;
        self.best = match self.best {
            Some(best) if smoothed > best => Some(best + (smoothed - best) * FORGET),
            _ if judged => Some(smoothed),
            unchanged => unchanged,
        };
        let slow = |best: f64| smoothed > best * SLOWER && smoothed > best + GRACE;
        if judged && self.best.is_some_and(slow) { self.narrow(FIRST) } else { self.widen(used) }
    }

    fn bad(&mut self, number: u64) {
        if number >= self.cut {
            self.narrow(1.0);
        }
    }

    /// Lanes that are not in use prove nothing (RFC 7661).
    fn widen(&mut self, used: usize) {
        if used >= self.lanes() {
            self.width = (self.width + 1.0 / self.width).min(CEILING as f64);
        }
    }

    /// Halves them, down to so many; fewer than that stay as they are.
    fn narrow(&mut self, least: f64) {
        self.width = (self.width / 2.0).max(least).min(self.width);
        (self.smoothed, self.answers, self.cut) = (None, 0, self.begun + 1);
    }
}

#[cfg(test)]
mod tests {
    use piaoxia_service::contract::{ApiError, code};

    use super::*;

    /// A host that answers in this time as long as no more than `room` are asked at once, and after that in turn.
    fn rounds(rule: &mut Rule, rounds: usize, time: f64, room: usize) {
        for _ in 0..rounds {
            let used = rule.lanes();
            let numbers: Vec<u64> = (0..used).map(|_| rule.begin()).collect();
            for number in numbers {
                rule.good(number, time * used.div_ceil(room) as f64, used);
            }
        }
    }

    #[test]
    fn lanes_grow_by_one_a_round_and_a_refusal_halves_them_once() {
        let mut rule = Rule::default();
        rounds(&mut rule, 1, 0.02, 100);
        assert_eq!(rule.lanes(), 4, "not quite one more");
        rounds(&mut rule, 10, 0.02, 100);
        assert_eq!(rule.lanes(), CEILING);
        let begun: Vec<u64> = (0..8).map(|_| rule.begin()).collect();
        begun.into_iter().for_each(|number| rule.bad(number));
        assert_eq!(rule.lanes(), 4, "eight refusals of one round are one");
        for expected in [2, 1, 1] {
            let number = rule.begin();
            rule.bad(number);
            assert_eq!(rule.lanes(), expected);
        }
        rounds(&mut rule, 20, 0.02, 100);
        assert_eq!(rule.lanes(), CEILING, "it comes back");
    }

    #[test]
    fn unused_lanes_do_not_grow() {
        let mut rule = Rule::default();
        for _ in 0..100 {
            let number = rule.begin();
            rule.good(number, 0.02, 1);
        }
        assert_eq!(rule.lanes(), 4);
    }

    #[test]
    fn answers_that_become_slow_narrow_it_and_a_slow_line_does_not() {
        let mut rule = Rule::default();
        rounds(&mut rule, 20, 0.05, 100);
        assert_eq!(rule.lanes(), CEILING);
        // The same host under load: a second where it was 50 ms.
        let mut least = CEILING;
        for _ in 0..12 {
            rounds(&mut rule, 1, 1.0, 100);
            least = least.min(rule.lanes());
        }
        assert!(least <= CEILING / 2, "{rule:?}");
        let mut slow = Rule::default();
        rounds(&mut slow, 20, 3.0, 100);
        assert_eq!(slow.lanes(), CEILING, "it was never faster");
        // After a change to a slower network its own best is found.
        rounds(&mut rule, 400, 1.0, 100);
        assert_eq!(rule.lanes(), CEILING, "{rule:?}");
    }

    #[tokio::test]
    async fn a_pause_that_is_asked_for_closes_all_lanes_of_the_host_and_no_others() {
        let lanes = Arc::new(Lanes::default());
        let first = lanes.enter(OWN).await;
        let mut error = ApiError::new(ErrorClass::Throttle, code::THROTTLED, "slow down");
        error.retry_after = Some(30);
        let problem = Problem::from(error);
        first.bad(&problem, Duration::from_secs(600));
        assert_eq!(lanes.open(OWN), 2);
        assert!(matches!(lanes.try_enter(OWN), Err(Some(left)) if left > Duration::from_secs(29)), "closed");
        lanes.hold(OWN, Duration::from_secs(1), &problem);
        assert!(matches!(lanes.try_enter(OWN), Err(Some(left)) if left > Duration::from_secs(29)), "a shorter pause ends none");
        assert!(lanes.try_enter("files.example.com").is_ok());
    }

    #[tokio::test]
    async fn no_more_go_in_than_there_are_lanes_and_whoever_waits_comes_in_turn() {
        let lanes = Arc::new(Lanes::default());
        let mut inside = Vec::new();
        for _ in 0..lanes_at_first() {
            inside.push(lanes.enter(OWN).await);
        }
        assert!(matches!(lanes.try_enter(OWN), Err(None)));
        let waiting = tokio::spawn({
            let lanes = Arc::clone(&lanes);
            async move { lanes.enter(OWN).await.number }
        });
        tokio::task::yield_now().await;
        drop(inside.pop());
        assert_eq!(waiting.await.ok(), Some(5));
    }

    fn lanes_at_first() -> usize {
        Rule::default().lanes()
    }

    #[test]
    fn links_name_their_host() {
        for (url, host) in
            [("/v1/files/a", ""), ("v1/files/a", ""), ("https://f.example.com:8443/a?b", "f.example.com:8443"), ("https://f.cn", "f.cn")]
        {
            assert_eq!(host_of(url), host);
        }
    }
}
