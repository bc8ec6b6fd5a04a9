//! The one task that sends.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::outbox::{Entry, KeptMail, Outbox, State, Target, entry, later, on_disk};
use crate::queue::Record;
use crate::smtp::Outcome;

/// Longest pause after a try that did not reach the server, for all mails.
const AWAY: Duration = Duration::from_secs(30);
/// The clock is looked at this often at least: a PC that slept, or whose clock was set, is noticed.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

impl Outbox {
    /// Starts the sender; it ends when the token is cancelled. A try that is under way is broken off then, and its mail
    /// stays in the queue. A second sender of the same outbox waits for the first to end.
    pub fn start(&self, cancel: CancellationToken) -> JoinHandle<()> {
        let outbox = self.clone();
        tokio::spawn(async move {
            cancel.run_until_cancelled(outbox.run()).await;
        })
    }

    /// Sends for ever. Dropped at any point, it loses nothing.
    async fn run(&self) {
        let _only = self.inner.sending.lock().await;
        let mut away = None;
        loop {
            match self.due(away) {
                Ok(record) => {
                    let outcome = self.inner.target.send(&record).await;
                    let pause = AWAY.min(self.inner.options.pauses.first().copied().unwrap_or(AWAY));
                    away = matches!(outcome, Outcome::Unreachable(_)).then(|| Instant::now() + pause);
                    self.settle(&record, outcome).await;
                }
                Err(pause) => {
                    // What was posted may be due before what is waited for.
                    tokio::select! {
                        () = self.inner.wake.notified() => {}
                        () = tokio::time::sleep(pause) => {}
                    }
                }
            }
        }
    }

    /// The mail whose turn it is, or how long to wait.
    fn due(&self, away: Option<Instant>) -> Result<Record, Duration> {
        if let Some(rest) = away.and_then(|until| until.checked_duration_since(Instant::now())).filter(|rest| !rest.is_zero()) {
            return Err(rest);
        }
        let book = self.book();
        let next = book.waiting.iter().min_by_key(|record| record.next_try).ok_or(LONGEST_SLEEP)?;
        let rest = next.next_try.duration_since(Timestamp::now());
        match Duration::try_from(rest) {
            Ok(rest) if !rest.is_zero() => Err(rest.min(LONGEST_SLEEP)),
            _ => Ok(next.clone()),
        }
    }

    #[expect(clippy::cognitive_complexity, reason = "one arm for each thing that wakes it")]
    async fn settle(&self, record: &Record, outcome: Outcome) {
        let (id, kind) = (record.id.as_str(), record.mail.kind);
        match outcome {
            Outcome::Sent => {
                tracing::info!(id, ?kind, "a mail went out");
                self.sent(record).await;
            }
            Outcome::Temporary(reason) | Outcome::Unreachable(reason) => {
                tracing::warn!(id, ?kind, tries = record.tries + 1, "a mail did not go out");
                self.failed(record, reason, false).await;
            }
            Outcome::Permanent(reason) => {
                tracing::warn!(id, ?kind, "a mail was refused for good");
                self.failed(record, reason, true).await;
            }
        }
    }

    async fn sent(&self, record: &Record) {
        let at = Timestamp::now();
        {
            let most = self.inner.options.remembered;
            let mut book = self.book();
            book.waiting.retain(|waiting| waiting.id != record.id);
            book.sent.push_back(Entry { state: State::Sent { at }, ..entry(record) });
            while book.sent.len() > most {
                book.sent.pop_front();
            }
            if matches!(self.inner.target, Target::Kept) {
                book.kept.push_back(Arc::new(KeptMail { id: record.id.clone(), at, mail: record.mail.clone() }));
                while book.kept.len() > most {
                    book.kept.pop_front();
                }
            }
        }
        self.remove_file(record.id.clone()).await;
    }

    async fn failed(&self, record: &Record, reason: String, for_good: bool) {
        let options = &self.inner.options;
        let now = Timestamp::now();
        let tries = record.tries.saturating_add(1);
        let next_try = later(now, pause(&options.pauses, tries, rand::random_range(0.8..1.2)));
        let mut after = Record { tries, next_try, reason: Some(reason), ..record.clone() };
        if for_good || next_try > later(record.created, options.give_up) {
            after.dead = Some(now);
            // What is only looked at needs no codes and keys.
            after.mail.text.clear();
            after.mail.html.clear();
        }
        let dropped = {
            let mut book = self.book();
            let Some(place) = book.waiting.iter().position(|waiting| waiting.id == record.id) else {
                // Forgotten while it was tried.
                return;
            };
            if after.dead.is_some() {
                book.waiting.remove(place);
                book.dead.push_back(after.clone());
                if book.dead.len() > options.remembered { book.dead.pop_front() } else { None }
            } else {
                if let Some(slot) = book.waiting.get_mut(place) {
                    *slot = after.clone();
                }
                None
            }
        };
        self.write_file(after).await;
        if let Some(dropped) = dropped {
            self.remove_file(dropped.id).await;
        }
    }

    async fn write_file(&self, record: Record) {
        let (folder, id) = (self.inner.folder.clone(), record.id.clone());
        if let Err(error) = on_disk(move || folder.write(&record)).await {
            tracing::warn!(%error, "the state of a mail is not on disk");
        }
        // Forgotten while it was written.
        if !self.list().iter().any(|entry| entry.id == id) {
            self.remove_file(id).await;
        }
    }

    async fn remove_file(&self, id: String) {
        let folder = self.inner.folder.clone();
        if let Err(error) = on_disk(move || folder.remove(&id)).await {
            tracing::warn!(%error, "a mail's file stays behind");
        }
    }
}

/// Pause after this many tries, stretched.
fn pause(pauses: &[Duration], tries: u32, stretch: f64) -> Duration {
    let place = usize::try_from(tries.saturating_sub(1)).unwrap_or(usize::MAX).min(pauses.len().saturating_sub(1));
    pauses.get(place).copied().unwrap_or(AWAY).mul_f64(stretch)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbox::OutboxOptions;

    #[test]
    fn pauses_grow_and_the_last_repeats() {
        let pauses = OutboxOptions::default().pauses;
        let minutes: Vec<u64> = (1..=7).map(|tries| pause(&pauses, tries, 1.0).as_secs() / 60).collect();
        assert_eq!(minutes, [1, 5, 15, 60, 240, 240, 240]);
        assert_eq!(pause(&pauses, 1, 0.8), Duration::from_secs(48));
        assert_eq!(pause(&[], 1, 1.0), AWAY);
    }
}
