//! The figures by which the engine waits.

use std::time::Duration;

/// How long the engine waits for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Pause before a failed step is tried again; doubled each time.
    pub retry_base: Duration,
    /// Longest such pause.
    pub retry_longest: Duration,
    /// How long one step of a download is tried again before the download fails; a maintenance that ends within it is
    /// waited for.
    pub patience: Duration,
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

    /// Pause before the try after `failures` failures in a row.
    pub(crate) fn pause(&self, failures: u32) -> Duration {
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
        let seconds: Vec<u64> = (1..8).map(|failures| pace.pause(failures).as_secs()).collect();
        assert_eq!(seconds, [2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(pace.pause(500), pace.retry_longest);
    }
}
