//! Challenges that wait for a disk's signature.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use piaoxia_service::contract::DiskChallenge;

use crate::random;

/// Challenges that a person may have open; the oldest makes room.
const OPEN: usize = 8;

/// A challenge: nobody can have signed it before it was made.
pub(super) type Challenge = [u8; 32];

pub(super) struct Challenges {
    life: Duration,
    open: Mutex<Vec<Open>>,
}

struct Open {
    id: String,
    person: String,
    challenge: Challenge,
    made: Instant,
}

impl Challenges {
    pub(super) fn new(life: Duration) -> Self {
        Self { life, open: Mutex::default() }
    }

    pub(super) fn ask(&self, person: &str) -> DiskChallenge {
        let challenge: Challenge = rand::random();
        let life = SignedDuration::try_from(self.life).unwrap_or(SignedDuration::MAX);
        let expires_at = Timestamp::now().checked_add(life).unwrap_or(Timestamp::MAX);
        let asked = DiskChallenge { id: random::id(), challenge: STANDARD.encode(challenge), expires_at };
        let mut open = self.lock();
        open.retain(|other| other.made.elapsed() < self.life);
        if open.iter().filter(|other| other.person == person).count() >= OPEN
            && let Some(oldest) = open.iter().position(|other| other.person == person)
        {
            open.remove(oldest);
        }
        open.push(Open { id: asked.id.clone(), person: person.to_owned(), challenge, made: Instant::now() });
        asked
    }

    /// Uses a challenge of this person up; none when it is over, used, or another's.
    pub(super) fn take(&self, person: &str, id: &str) -> Option<Challenge> {
        let mut open = self.lock();
        let place = open.iter().position(|other| other.person == person && random::same(&other.id, id))?;
        let taken = open.remove(place);
        (taken.made.elapsed() < self.life).then_some(taken.challenge)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;

    #[test]
    fn a_challenge_is_its_persons_and_used_once() {
        let challenges = Challenges::new(Duration::from_secs(120));
        let asked = challenges.ask("wang");
        assert_ne!(asked.challenge, challenges.ask("wang").challenge);
        assert_eq!(challenges.take("li", &asked.id), None);
        assert_eq!(challenges.take("wang", &asked.id).unwrap().to_vec(), asked.bytes().unwrap());
        assert_eq!(challenges.take("wang", &asked.id), None);
        assert_eq!(challenges.take("wang", ""), None);
    }

    #[test]
    fn it_ends_and_there_are_few() {
        let over = Challenges::new(Duration::ZERO);
        let asked = over.ask("wang");
        assert!(over.take("wang", &asked.id).is_none());
        let challenges = Challenges::new(Duration::from_secs(120));
        let others = challenges.ask("li");
        let asked: Vec<DiskChallenge> = (0..=OPEN).map(|_| challenges.ask("wang")).collect();
        assert!(challenges.take("wang", &asked[0].id).is_none() && challenges.take("wang", &asked[1].id).is_some());
        assert!(challenges.take("li", &others.id).is_some());
    }
}
