//! Wrong passphrases: counted in the data folder and on this PC, and after five of them each next one must wait.
//!
//! This is for the colleague at the lock screen. Whoever has the files tries elsewhere; against that there is Argon2id. So
//! the count is not protected by more than being kept in two places, of which the larger one counts.

use std::path::{Path, PathBuf};
use std::time::Duration;

use piaoxia_files::durable_write;

use crate::here::{Here, Seen, read_at_most, remove};

/// Wrong tries that cost nothing.
const FREE: u32 = 5;
/// The longest wait, in seconds.
const LONGEST: i64 = 300;

/// Wait after so many wrong tries in a row, in seconds: 1, 2, 4 ... 300.
fn wait_after(wrong: u32) -> i64 {
    match wrong.checked_sub(FREE) {
        None => 0,
        Some(over) => 1_i64.checked_shl(over).filter(|wait| *wait > 0).unwrap_or(LONGEST).min(LONGEST),
    }
}

/// The count of one vault.
#[derive(Debug)]
pub(crate) struct Tries {
    file: PathBuf,
    here: Option<Here>,
    /// Also in memory: on a write-protected stick nothing else can count.
    known: Seen,
}

impl Tries {
    pub(crate) fn new(data: &Path, here: Option<Here>) -> Self {
        let file = data.join("vault.tries");
        let in_folder: Seen = read_at_most(&file, 4096).and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        let on_this_pc = here.as_ref().map(Here::seen).unwrap_or_default();
        let known = Seen { wrong: in_folder.wrong.max(on_this_pc.wrong), last: in_folder.last.max(on_this_pc.last), edition: 0 };
        Self { file, here, known }
    }

    /// Time until the next try is taken. A last try that lies ahead was made before the clock was put back: it counts as made now, so
    /// that the wait ends.
    pub(crate) fn wait(&mut self, now: i64) -> Duration {
        let wait = wait_after(self.known.wrong);
        if wait > 0 && self.known.last > now {
            self.known.last = now;
            self.keep();
        }
        let left = self.known.last.saturating_add(wait).saturating_sub(now).clamp(0, wait);
        Duration::from_secs(u64::try_from(left).unwrap_or(0))
    }

    /// Counted before it is tried: a program that is killed in the middle has spent it.
    pub(crate) fn spend(&mut self, now: i64) {
        self.known.wrong = self.known.wrong.saturating_add(1);
        self.known.last = now;
        self.keep();
    }

    /// The right one was typed.
    pub(crate) fn clear(&mut self) {
        self.known = Seen::default();
        let removed = remove(&self.file);
        self.keep_here();
        if let Err(error) = removed {
            tracing::warn!(%error, "the count of wrong passphrases cannot be cleared");
        }
    }

    fn keep(&self) {
        let written = serde_json::to_vec(&self.known).map_err(std::io::Error::other);
        let written = written.and_then(|bytes| durable_write(&self.file, &bytes).map_err(std::io::Error::other));
        if let Err(error) = written {
            tracing::warn!(%error, "the count of wrong passphrases is not kept in the data folder");
        }
        self.keep_here();
    }

    fn keep_here(&self) {
        if let Some(here) = &self.here {
            let seen = Seen { wrong: self.known.wrong, last: self.known.last, ..here.seen() };
            if let Err(error) = here.note(seen) {
                tracing::warn!(%error, "the count of wrong passphrases is not kept on this PC");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn twenty_wrong_tries_take_more_than_ten_minutes_and_a_restart_does_not_help() {
        let (data, pc) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let here = Here::new(pc.path(), &[7; 16]);
        let mut now = 1_000_000;
        let start = now;
        for _ in 0..20 {
            let mut tries = Tries::new(data.path(), Some(here.clone()));
            now += i64::try_from(tries.wait(now).as_secs()).unwrap();
            assert_eq!(tries.wait(now), Duration::ZERO);
            tries.spend(now);
        }
        assert!(now - start >= 600, "{}", now - start);
        assert_eq!(Tries::new(data.path(), Some(here.clone())).wait(now), Duration::from_secs(300));
        // Either of the two places is enough.
        std::fs::remove_file(data.path().join("vault.tries")).unwrap();
        assert_eq!(Tries::new(data.path(), Some(here.clone())).wait(now), Duration::from_secs(300));
        Tries::new(data.path(), Some(here.clone())).clear();
        assert_eq!(Tries::new(data.path(), Some(here)).wait(now), Duration::ZERO);
    }

    #[test]
    fn the_first_five_are_free_and_a_clock_that_was_put_back_adds_nothing() {
        let data = tempfile::tempdir().unwrap();
        let mut tries = Tries::new(data.path(), None);
        (0..4).for_each(|_| tries.spend(1000));
        assert_eq!(tries.wait(1000), Duration::ZERO);
        tries.spend(1000);
        assert_eq!(tries.wait(1000), Duration::from_secs(1));
        assert_eq!(tries.wait(-5_000_000), Duration::from_secs(1));
        (0..100).for_each(|_| tries.spend(1000));
        assert_eq!(tries.wait(1000), Duration::from_secs(300));
    }

    #[test]
    fn after_a_clock_that_was_ahead_the_wait_ends() {
        let (data, pc) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let here = Here::new(pc.path(), &[7; 16]);
        let (ahead, now) = (4_000_000_000, 1_800_000_000);
        let mut tries = Tries::new(data.path(), Some(here.clone()));
        (0..8).for_each(|_| tries.spend(ahead));
        assert_eq!(tries.wait(now), Duration::from_secs(8));
        assert_eq!(tries.wait(now + 3), Duration::from_secs(5));
        // Also after a restart: both places know it.
        let mut again = Tries::new(data.path(), Some(here));
        assert_eq!(again.wait(now + 3), Duration::from_secs(5));
        assert_eq!(again.wait(now + 8), Duration::ZERO);
    }
}
