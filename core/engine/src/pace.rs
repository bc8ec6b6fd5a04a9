//! The figures by which the engine waits.

use std::time::Duration;

/// How long the engine waits for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Pause before a failed step is tried again; doubled each time, and shortened by up to a half at random.
    pub retry_base: Duration,
    /// Longest such pause.
    pub retry_longest: Duration,
    /// How long one step of a download is tried again before the download fails; a maintenance that ends within it is
    /// waited for.
    pub patience: Duration,
    /// Longest time that one try counts for, beside the pause before it: a PC that slept in the middle of one has not waited.
    pub attempt: Duration,
    /// Shortest time between two progress events of one task.
    pub progress: Duration,
    /// Shortest time between two notes that the ledger changed.
    pub ledger: Duration,
    /// Time between two looks at a challenge that a phone may answer.
    pub challenge: Duration,
    /// Time between two looks at a hosted number that answers by itself.
    pub hosted: Duration,
    /// Time between two looks for challenges that were begun elsewhere, while no download waits for one.
    pub elsewhere: Duration,
    /// Time between two looks at the notices of outages.
    pub notices: Duration,
    /// Time between two looks at a job whose account must be signed in.
    pub login: Duration,
    /// How long the process that reads files may be silent before the file at hand is given up.
    pub reader: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            retry_base: Duration::from_secs(2),
            retry_longest: Duration::from_secs(60),
            patience: Duration::from_secs(600),
            attempt: Duration::from_secs(120),
            progress: Duration::from_millis(100),
            ledger: Duration::from_millis(200),
            challenge: Duration::from_millis(2500),
            hosted: Duration::from_secs(1),
            elsewhere: Duration::from_secs(20),
            notices: Duration::from_secs(60),
            login: Duration::from_secs(3),
            reader: Duration::from_secs(30),
        }
    }
}

impl Pace {
    /// Pauses of milliseconds, for tests.
    #[must_use]
    pub fn quick() -> Self {
        Self {
            retry_base: Duration::from_millis(20),
            retry_longest: Duration::from_millis(100),
            patience: Duration::from_millis(600),
            attempt: Duration::from_millis(200),
            progress: Duration::from_millis(1),
            ledger: Duration::from_millis(5),
            challenge: Duration::from_millis(30),
            hosted: Duration::from_millis(30),
            elsewhere: Duration::from_millis(100),
            notices: Duration::from_millis(200),
            login: Duration::from_millis(30),
            reader: Duration::from_secs(3),
        }
    }

    /// Pause before the try after `failures` failures in a row. A part of it is random, so that programs which an outage stopped at the
    /// same moment do not come back at the same moment.
    pub(crate) fn pause(&self, failures: u32) -> Duration {
        self.longest_pause(failures).mul_f64(rand::random_range(0.5..=1.0))
    }

    fn longest_pause(&self, failures: u32) -> Duration {
        let doubled = 1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX);
        self.retry_base.saturating_mul(doubled).min(self.retry_longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_limit() {
        let pace = Pace::default();
        let seconds: Vec<u64> = (1..8).map(|failures| pace.longest_pause(failures).as_secs()).collect();
        assert_eq!(seconds, [2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(pace.longest_pause(500), pace.retry_longest);
    }

    #[test]
    fn two_programs_do_not_come_back_in_step() {
        let pace = Pace::default();
        let pauses: Vec<Duration> = (0..50).map(|_| pace.pause(3)).collect();
        assert!(pauses.iter().all(|pause| (4.0..=8.0).contains(&pause.as_secs_f64())), "{pauses:?}");
        assert!(pauses.iter().any(|pause| Some(pause) != pauses.first()), "{pauses:?}");
    }
}
