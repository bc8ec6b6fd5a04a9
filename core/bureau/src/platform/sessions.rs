//! Disks that are signed in.

use std::collections::BTreeMap;
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::login::SESSION_HOURS;
use crate::register::CompanyNo;

/// Keeps the tokens apart from those of the e-tax accounts of the same seed.
const STREAM: u64 = 1;

/// A disk's session at the platform.
#[derive(Clone, PartialEq, Eq)]
pub struct DiskSession {
    /// What every later call shows.
    pub token: String,
    /// Company of the disk.
    pub company: CompanyNo,
    /// Number of the disk (设备编号).
    pub serial: String,
    /// End, UTC.
    pub until: Timestamp,
}

// Tokens never reach a log.
impl fmt::Debug for DiskSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DiskSession").field("company", &self.company).field("until", &self.until).finish_non_exhaustive()
    }
}

/// One session a disk.
pub(super) struct Sessions {
    rng: ChaCha8Rng,
    open: BTreeMap<(CompanyNo, String), DiskSession>,
}

impl Sessions {
    pub(super) fn new(seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(STREAM);
        Self { rng, open: BTreeMap::new() }
    }

    pub(super) fn open(&mut self, company: CompanyNo, serial: &str, now: Timestamp) -> DiskSession {
        self.open.retain(|_, session| session.until > now);
        let until = now.checked_add(SignedDuration::from_hours(SESSION_HOURS)).unwrap_or(Timestamp::MAX);
        let token = format!("{:032x}", self.rng.random::<u128>());
        let session = DiskSession { token, company, serial: serial.to_owned(), until };
        self.open.insert((company, serial.to_owned()), session.clone());
        session
    }

    pub(super) fn find(&self, token: &str, now: Timestamp) -> Option<DiskSession> {
        self.open.values().find(|session| session.token == token && session.until > now).cloned()
    }

    pub(super) fn close(&mut self, token: &str) {
        self.open.retain(|_, session| session.token != token);
    }
}
