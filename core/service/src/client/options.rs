//! Figures of the client.

use std::time::Duration;

use jiff::Timestamp;

use super::network::Network;

/// How patient a [`super::Client`] is, and how much it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientOptions {
    /// Longest time to connect.
    pub connect_timeout: Duration,
    /// Longest time without a byte; polling a ticket adds the time that the service holds it open.
    pub idle_timeout: Duration,
    /// How long an answer may come as slowly as it likes.
    pub grace: Duration,
    /// What it has to keep up after that, bytes a second on the average: nobody may hold a connection for ever by drops.
    pub slowest: u64,
    /// Pause before the second try; doubled each time, with jitter.
    pub retry_base: Duration,
    /// Longest pause that is waited for here; a longer `Retry-After` is left to the caller.
    pub longest_wait: Duration,
    /// Tries of one call, at least 1.
    pub max_tries: u32,
    /// Largest JSON answer, bytes.
    pub json_limit: u64,
    /// Largest file, bytes.
    pub file_limit: u64,
    /// Proxy, certificates, the fixed key.
    pub network: Network,
    /// When this program was built, where that is known: a clock that is behind it is wrong.
    pub built: Option<Timestamp>,
    /// Version of this program, as services are told: that of its stamp, where it has one.
    pub version: String,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(20),
            grace: Duration::from_secs(60),
            slowest: 4 << 10,
            retry_base: Duration::from_secs(1),
            longest_wait: Duration::from_secs(60),
            max_tries: 4,
            json_limit: 32 << 20,
            file_limit: 64 << 20,
            network: Network::default(),
            built: None,
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}

impl ClientOptions {
    /// The same limits with pauses of milliseconds, for tests.
    #[must_use]
    pub fn quick() -> Self {
        Self { connect_timeout: Duration::from_secs(5), retry_base: Duration::from_millis(5), ..Self::default() }
    }
}
