//! What is remembered of passwords that failed.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sm3::Sm3;

use super::fell;
use crate::disk::Tries;
use crate::password::Password;

/// Most passwords that are remembered; the oldest go first.
const REMEMBERED: usize = 256;

/// Passwords that failed, as salted hashes beside the number of their disk.
///
/// A hash of something as short as a password can be guessed by who has the salt, so what [`serde`] writes of this belongs into the vault.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedPasswords {
    salt: [u8; 32],
    failed: Vec<Mark>,
    /// Sent, and nothing is known of it since.
    doubts: Vec<Doubt>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Mark {
    serial: String,
    hash: [u8; 32],
    /// Of the list that it came from; none: of the one that it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    salt: Option<[u8; 32]>,
}

impl Mark {
    /// With the salt of another list.
    fn is_from_elsewhere(&self, serial: &str, password: &Password) -> bool {
        self.serial == serial && self.salt.is_some_and(|salt| hash(&salt, serial, password) == self.hash)
    }
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Doubt {
    mark: Mark,
    /// The counter before it was sent.
    before: Tries,
}

impl FailedPasswords {
    /// None yet, with a salt of its own.
    #[must_use]
    pub fn new() -> Self {
        Self { salt: rand::random(), failed: Vec::new(), doubts: Vec::new() }
    }

    /// How many are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.failed.len() + self.doubts.len()
    }

    /// None is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forgets those of a disk: its password was changed, or the disk unlocked, so that one of them may be right now.
    pub fn forget(&mut self, serial: &str) {
        self.failed.retain(|mark| mark.serial != serial);
        self.doubts.retain(|doubt| doubt.mark.serial != serial);
    }

    /// Remembers as well what another list does, such as one that was out of reach while this one was begun.
    pub fn learn(&mut self, other: Self) {
        if self.is_empty() {
            *self = other;
            return;
        }
        let (own, salt) = (self.salt, other.salt);
        let taken = |mark: Mark| Mark { salt: Some(mark.salt.unwrap_or(salt)).filter(|salt| *salt != own), ..mark };
        // Those are the older ones.
        let mut failed: Vec<Mark> = other.failed.into_iter().map(taken).filter(|mark| !self.failed.contains(mark)).collect();
        failed.append(&mut self.failed);
        failed.drain(..failed.len().saturating_sub(REMEMBERED));
        self.failed = failed;
        let doubts = other.doubts.into_iter().map(|doubt| Doubt { mark: taken(doubt.mark), before: doubt.before });
        let mut doubts: Vec<Doubt> = doubts.filter(|doubt| !self.doubts.contains(doubt)).collect();
        doubts.append(&mut self.doubts);
        doubts.drain(..doubts.len().saturating_sub(REMEMBERED));
        self.doubts = doubts;
    }

    pub(super) fn holds(&self, serial: &str, password: &Password) -> bool {
        let mark = self.mark(serial, password);
        self.failed.iter().any(|failed| *failed == mark || failed.is_from_elsewhere(serial, password))
    }

    pub(super) fn add(&mut self, serial: &str, password: &Password) {
        let mark = self.mark(serial, password);
        self.remember(mark);
    }

    pub(super) fn doubt(&mut self, serial: &str, password: &Password, before: Tries) {
        let mark = self.mark(serial, password);
        if self.doubts.len() == REMEMBERED {
            self.doubts.remove(0);
        }
        self.doubts.push(Doubt { mark, before });
    }

    /// The counter of a disk was read: what was in doubt failed if it fell, and also where the disk does not say.
    pub(super) fn settle(&mut self, serial: &str, now: Tries) {
        let doubts = std::mem::take(&mut self.doubts);
        let (settled, open) = doubts.into_iter().partition(|doubt| doubt.mark.serial == serial);
        self.doubts = open;
        for doubt in settled {
            if fell(doubt.before, now) || now == Tries::Unknown {
                self.remember(doubt.mark);
            }
        }
    }

    fn remember(&mut self, mark: Mark) {
        if self.failed.contains(&mark) {
            return;
        }
        if self.failed.len() == REMEMBERED {
            self.failed.remove(0);
        }
        self.failed.push(mark);
    }

    fn mark(&self, serial: &str, password: &Password) -> Mark {
        Mark { serial: serial.to_owned(), hash: hash(&self.salt, serial, password), salt: None }
    }
}

fn hash(salt: &[u8; 32], serial: &str, password: &Password) -> [u8; 32] {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut hash = Hmac::<Sm3>::new_from_slice(salt).expect("any length");
    hash.update(&(serial.len() as u64).to_be_bytes());
    hash.update(serial.as_bytes());
    hash.update(password.as_bytes());
    hash.finalize().into_bytes().into()
}

impl Default for FailedPasswords {
    fn default() -> Self {
        Self::new()
    }
}

/// How many, and nothing of them.
impl fmt::Debug for FailedPasswords {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "FailedPasswords({})", self.len())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    fn password(text: &str) -> Password {
        Password::new(text.to_owned())
    }

    #[test]
    fn a_password_is_remembered_for_its_disk_alone() {
        let mut failed = FailedPasswords::new();
        failed.add("44-1", &password("12345678"));
        assert!(failed.holds("44-1", &password("12345678")));
        assert!(!failed.holds("44-2", &password("12345678")) && !failed.holds("44-1", &password("12345679")));
        let written = serde_json::to_string(&failed).unwrap();
        assert!(!written.contains("12345678"));
        assert!(serde_json::from_str::<FailedPasswords>(&written).unwrap() == failed);
        assert!(!FailedPasswords::new().holds("44-1", &password("12345678")));
        failed.forget("44-1");
        assert!(failed.is_empty());
    }

    #[test]
    fn a_doubt_is_settled_by_the_counter() {
        let mut failed = FailedPasswords::new();
        failed.doubt("44-1", &password("11111111"), Tries::Left(8));
        failed.settle("44-2", Tries::Left(1));
        assert!(!failed.holds("44-1", &password("11111111")));
        failed.settle("44-1", Tries::Left(8));
        assert!(failed.is_empty());
        failed.doubt("44-1", &password("11111111"), Tries::Left(8));
        failed.settle("44-1", Tries::Left(7));
        assert!(failed.holds("44-1", &password("11111111")));
        failed.doubt("44-1", &password("22222222"), Tries::Unknown);
        failed.settle("44-1", Tries::Unknown);
        assert!(failed.holds("44-1", &password("22222222")));
    }

    #[test]
    fn lists_with_salts_of_their_own_become_one() {
        let (mut vault, mut desk) = (FailedPasswords::new(), FailedPasswords::new());
        vault.add("44-1", &password("11111111"));
        vault.doubt("44-1", &password("22222222"), Tries::Left(8));
        desk.add("44-1", &password("33333333"));
        desk.learn(vault.clone());
        desk.learn(vault.clone());
        assert_eq!(desk.len(), 3);
        desk.settle("44-1", Tries::Left(7));
        let mut later: FailedPasswords = serde_json::from_str(&serde_json::to_string(&desk).unwrap()).unwrap();
        for text in ["11111111", "22222222", "33333333"] {
            assert!(later.holds("44-1", &password(text)) && !later.holds("44-2", &password(text)), "{text}");
        }
        assert!(!later.holds("44-1", &password("44444444")));
        // What came from a list is known when it comes back.
        vault.learn(desk);
        assert_eq!(vault.len(), 4, "11111111, its own doubt, what became of it, 33333333");
        later.forget("44-1");
        assert!(later.is_empty());
        let mut fresh = FailedPasswords::new();
        fresh.learn(vault.clone());
        assert!(fresh == vault);
    }

    #[test]
    fn the_oldest_go_first() {
        let mut failed = FailedPasswords::new();
        for number in 0..300 {
            failed.add("44-1", &password(&format!("{number:08}")));
        }
        assert_eq!(failed.len(), REMEMBERED);
        assert!(failed.holds("44-1", &password("00000299")) && !failed.holds("44-1", &password("00000000")));
    }
}
