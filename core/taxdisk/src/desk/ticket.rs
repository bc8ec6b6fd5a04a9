//! What becomes of a request whose time is over.

use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use crate::error::DiskError;

/// How far a request is. The asker may give up at any moment, and that moment decides: a password that was not sent before is not sent
/// after it, and one that was leaves its disk in an unknown state.
#[derive(Debug, Default)]
pub(super) struct Ticket(AtomicU8);

const QUEUED: u8 = 0;
/// Waits until another program lets the card go.
const LOCKING: u8 = 1;
const WORKING: u8 = 2;
/// The password is on its way, or was.
const SENT: u8 = 3;
const GIVEN_UP: u8 = 4;

impl Ticket {
    /// The thread takes it; false when nobody waits.
    pub fn begin(&self) -> bool {
        self.step(QUEUED, WORKING)
    }

    /// From now on it is waited for other programs.
    pub fn lock(&self) {
        self.step(WORKING, LOCKING);
    }

    /// The card is ours.
    pub fn unlock(&self) {
        self.step(LOCKING, WORKING);
    }

    /// Whether the password may be sent, which it is then.
    pub fn send(&self) -> bool {
        self.step(WORKING, SENT)
    }

    /// The asker waits no longer: what that means.
    pub fn give_up(&self, limit: Duration) -> DiskError {
        match self.0.swap(GIVEN_UP, Ordering::AcqRel) {
            QUEUED => DiskError::Busy,
            LOCKING => DiskError::InUse,
            SENT => DiskError::StateUnknown { left: None },
            _ => DiskError::Timeout { seconds: limit.as_secs() },
        }
    }

    fn step(&self, from: u8, to: u8) -> bool {
        self.0.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_moment_of_giving_up_decides() {
        let limit = Duration::from_secs(5);
        assert_eq!(Ticket::default().give_up(limit), DiskError::Busy);
        let ticket = Ticket::default();
        assert!(ticket.begin());
        ticket.lock();
        assert!(!ticket.send());
        assert_eq!(ticket.give_up(limit), DiskError::InUse);
        assert!(!ticket.begin() && !ticket.send());
        let ticket = Ticket::default();
        assert!(ticket.begin() && ticket.send());
        assert_eq!(ticket.give_up(limit), DiskError::StateUnknown { left: None });
        let ticket = Ticket::default();
        assert!(ticket.begin());
        assert_eq!(ticket.give_up(limit), DiskError::Timeout { seconds: 5 });
        assert!(!ticket.send());
    }
}
