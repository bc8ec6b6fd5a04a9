//! The guard against a model of a disk: whatever happens in whatever order, our program spends no try that it may not spend.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::disk::Contents;
use crate::error::Damage;
use crate::signature::Signature;

const MOST: u8 = 8;
const RIGHT: &str = "pass-00";

/// What goes wrong while a password is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    None,
    /// Before it reached the disk.
    Before,
    /// The disk counted it; the answer was lost.
    After,
    /// Another program reset the card before the command.
    Reset,
    /// The disk answers something else, and did not count.
    Odd,
    /// The disk counts it, and answers something else.
    OddCounted,
}

fn guard_of(failed: FailedPasswords) -> Guard {
    Guard::new(Arc::new(Mutex::new(failed)))
}

/// A disk whose truth is known. It survives being pulled.
struct Model {
    serial: &'static str,
    left: u8,
    right: String,
    counts: bool,
    cut: Cut,
    /// The counter cannot be read after a cut.
    dead: bool,
    stays_dead: bool,
    /// Wrong passwords that our program sent, with the counter before each.
    sent: Vec<(u8, String)>,
}

impl Model {
    fn new(serial: &'static str, counts: bool) -> Self {
        Self { serial, left: MOST, right: RIGHT.to_owned(), counts, cut: Cut::None, dead: false, stays_dead: false, sent: Vec::new() }
    }

    /// Another program, or the vendor's.
    fn other(&mut self, wrong: bool) {
        match (self.left, wrong) {
            (0, _) => {}
            (left, true) => self.left = left - 1,
            (_, false) => self.left = MOST,
        }
    }

    fn count(&mut self, password: &Password) -> Result<()> {
        self.sent.push((self.left, String::from_utf8(password.as_bytes().to_vec()).unwrap()));
        if self.left == 0 {
            return Err(DiskError::Locked);
        }
        if password.as_bytes() == self.right.as_bytes() {
            self.left = MOST;
            return Ok(());
        }
        self.left -= 1;
        if self.left == 0 { Err(DiskError::Locked) } else { Err(DiskError::WrongPassword { left: Tries::of(self.left) }) }
    }
}

impl Device for Model {
    fn serial(&mut self) -> Result<String> {
        Ok(self.serial.to_owned())
    }

    fn contents(&mut self) -> Result<Contents> {
        Err(DiskError::Damaged(Damage::Certificate))
    }

    fn tries(&mut self) -> Result<Tries> {
        match (self.dead, self.counts) {
            (true, _) => Err(DiskError::Removed),
            (_, true) => Ok(Tries::of(self.left)),
            (_, false) => Ok(Tries::Unknown),
        }
    }

    fn password_length(&self) -> (u8, u8) {
        (6, 16)
    }

    fn present(&mut self, password: &Password) -> Result<()> {
        self.dead = self.stays_dead && self.cut != Cut::None;
        match self.cut {
            Cut::None => self.count(password),
            Cut::Before => Err(DiskError::Removed),
            Cut::Reset => Err(DiskError::Reset),
            Cut::Odd => Err(DiskError::Refused(0x6700)),
            Cut::After => self.count(password).and(Err(DiskError::Damaged(Damage::NoAnswer))),
            Cut::OddCounted => {
                let _counted = self.count(password);
                Err(DiskError::Refused(0x6F00))
            }
        }
    }

    fn sign(&mut self, _challenge: &[u8]) -> Result<Signature> {
        Err(DiskError::NotVerified)
    }
}

/// One call of the guard, and whether it kept to the rules.
fn try_once(guard: &Guard, disk: &mut Model, text: &str, consent: Option<u8>) -> Result<Tries> {
    let before = disk.left;
    let known = Tries::of(before);
    let (calls, held) = (disk.sent.len(), guard.failed().holds(disk.serial, &Password::new(text.to_owned())));
    let token = consent.map(|left| Consent::given_for(disk.serial, if disk.counts { Tries::of(left) } else { Tries::Unknown }));
    let allowed = before > 2 || consent == Some(before);
    let outcome = guard.verify(disk, &Password::new(text.to_owned()), token, &|| true);
    let sent = disk.sent.len() - calls;
    assert!(sent <= 1, "one call, one password");
    if sent == 1 {
        assert!(before > 0, "a locked disk got a password");
        assert!(!held, "a failed password was sent again");
        if disk.counts {
            assert!(allowed, "{before} left and {consent:?} consented to");
        } else {
            assert!(consent.is_some());
        }
        let failed = disk.left < before;
        if failed && outcome == Err(DiskError::StateUnknown { left: None }) {
            assert!(!guard.failed().is_empty(), "a doubt is remembered");
        } else if failed && disk.counts {
            assert!(guard.failed().holds(disk.serial, &Password::new(text.to_owned())), "{outcome:?} not remembered");
        }
        match outcome {
            Ok(left) if disk.counts && !disk.dead => assert_eq!(left, Tries::of(disk.left)),
            Err(DiskError::WrongPassword { left }) if disk.counts => assert_eq!(left, Tries::of(disk.left)),
            Err(DiskError::StateUnknown { left: Some(left) }) if disk.counts => assert_eq!(left, Tries::of(disk.left)),
            Err(DiskError::Locked) => assert_eq!(disk.left, 0),
            Err(DiskError::NeedsConsent { .. } | DiskError::FailedBefore { .. }) => panic!("sent and denied"),
            _ => {}
        }
    } else if let Err(DiskError::NeedsConsent { left } | DiskError::FailedBefore { left }) = outcome
        && disk.counts
    {
        assert_eq!(left, known);
    }
    outcome
}

/// 100,000 sequences of wrong and right passwords, cuts, resets, restarts of our program and another program's tries. Half of them without a
/// single consent: then a disk that other programs leave alone is never below two tries, and never locked by us.
#[test]
fn no_sequence_locks_a_disk_without_consent() {
    let mut rng = ChaCha8Rng::seed_from_u64(0x7461_7864);
    let (mut locked_with_consent, mut unknown, mut refused) = (0, 0, 0);
    for round in 0..100_000_u32 {
        let consents = round % 2 == 0;
        let counts = round % 10 != 9;
        let mut guard = guard_of(FailedPasswords::new());
        let mut disk = Model::new("4499000000001", counts);
        disk.left = rng.random_range(0..=MOST);
        for _ in 0..rng.random_range(1..14) {
            let left = disk.left;
            match rng.random_range(0..10) {
                0 => disk.other(rng.random_bool(0.8)),
                1 => (disk.dead, disk.stays_dead) = (false, rng.random_bool(0.5)),
                2 => {
                    // Our program ends and starts again, with what it kept.
                    let kept = serde_json::to_string(&*guard.failed()).unwrap();
                    guard = guard_of(serde_json::from_str(&kept).unwrap());
                }
                3 => {
                    disk.right = format!("pass-{:02}", rng.random_range(0..12));
                    guard.failed().forget(disk.serial);
                }
                _ => {
                    disk.cut = match rng.random_range(0..12) {
                        0 => Cut::Before,
                        1 | 2 => Cut::After,
                        3 => Cut::Reset,
                        4 => Cut::Odd,
                        5 => Cut::OddCounted,
                        _ => Cut::None,
                    };
                    let consent = (consents && rng.random_bool(0.5)).then(|| rng.random_range(0..=3));
                    let text = format!("pass-{:02}", rng.random_range(0..12));
                    match try_once(&guard, &mut disk, &text, consent) {
                        Err(DiskError::StateUnknown { .. }) => unknown += 1,
                        Err(DiskError::NeedsConsent { .. } | DiskError::FailedBefore { .. }) => refused += 1,
                        _ => {}
                    }
                    if disk.left == 0 && left > 0 {
                        assert!(consents && consent.is_some(), "locked by us");
                        locked_with_consent += 1;
                    }
                    if !consents && disk.left < left {
                        assert!(disk.left >= 2, "a kept try was spent");
                    }
                }
            }
        }
    }
    // The sequences did reach what they are for.
    assert!(locked_with_consent > 1_000 && unknown > 10_000 && refused > 50_000, "{locked_with_consent} {unknown} {refused}");
}

/// Where a library has no lock, another program may spend a try between reading and sending. One such try never locks the disk.
#[test]
fn one_foreign_try_in_between_never_locks_a_disk() {
    struct Raced(Model);
    impl Device for Raced {
        fn serial(&mut self) -> Result<String> {
            self.0.serial()
        }
        fn contents(&mut self) -> Result<Contents> {
            self.0.contents()
        }
        fn tries(&mut self) -> Result<Tries> {
            self.0.tries()
        }
        fn password_length(&self) -> (u8, u8) {
            self.0.password_length()
        }
        fn present(&mut self, password: &Password) -> Result<()> {
            self.0.other(true);
            self.0.present(password)
        }
        fn sign(&mut self, challenge: &[u8]) -> Result<Signature> {
            self.0.sign(challenge)
        }
    }
    let guard = guard_of(FailedPasswords::new());
    let mut disk = Raced(Model::new("4499000000002", true));
    for number in 1..40 {
        let _outcome = guard.verify(&mut disk, &Password::new(format!("wrong-{number:02}")), None, &|| true);
        assert!(disk.0.left > 0);
    }
    assert_eq!(disk.0.left, 2);
}

#[test]
fn a_consent_is_for_one_disk_and_one_number() {
    let guard = guard_of(FailedPasswords::new());
    const SERIAL: &str = "4499000000003";
    let mut disk = Model::new(SERIAL, true);
    disk.left = 2;
    let call = |disk: &mut Model, text: &str, consent| guard.verify(disk, &Password::new(text.to_owned()), consent, &|| true);
    let needs = |left| Err(DiskError::NeedsConsent { left: Tries::Left(left) });
    assert_eq!(call(&mut disk, "wrong-1", None), needs(2));
    assert_eq!(call(&mut disk, "wrong-1", Some(Consent::given_for("another", Tries::Left(2)))), needs(2));
    assert_eq!(call(&mut disk, "wrong-1", Some(Consent::given_for(SERIAL, Tries::Left(3)))), needs(2));
    let consent = Consent::given_for(SERIAL, Tries::Left(2));
    assert_eq!(call(&mut disk, "wrong-1", Some(consent)), Err(DiskError::WrongPassword { left: Tries::Left(1) }));
    assert_eq!(call(&mut disk, "wrong-2", Some(Consent::given_for(SERIAL, Tries::Left(2)))), needs(1));
    assert_eq!(call(&mut disk, "wrong-1", None), Err(DiskError::FailedBefore { left: Tries::Left(1) }));
    assert_eq!(disk.sent.len(), 1);
    let consent = Consent::given_for(SERIAL, Tries::Left(1));
    assert_eq!(call(&mut disk, RIGHT, Some(consent)), Ok(Tries::Left(MOST)));
}

#[test]
fn nothing_is_sent_for_nobody_and_no_password_that_cannot_be() {
    let guard = guard_of(FailedPasswords::new());
    let mut disk = Model::new("4499000000004", true);
    assert_eq!(guard.verify(&mut disk, &Password::new("wrong-1".to_owned()), None, &|| false), Err(DiskError::Busy));
    let shape = guard.verify(&mut disk, &Password::new("密码密码密码".to_owned()), None, &|| true);
    assert_eq!(shape, Err(DiskError::PasswordShape { least: 6, most: 16 }));
    assert!(disk.sent.is_empty());
}
