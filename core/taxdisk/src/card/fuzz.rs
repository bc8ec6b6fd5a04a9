//! Cards that answer anything: random bytes, and good answers that were changed.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Mutex;

use rand::{Rng as _, RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::guard::{FailedPasswords, Guard};
use crate::sim::{Authority, SimDisk, SimIdentity, SimState};

/// Answers that the cards of one run give.
const ANSWERS: u64 = 1_000_000;

struct Liar {
    rng: ChaCha8Rng,
    disk: SimDisk,
    answers: u64,
    /// Of 100 answers, so many are changed, and so many made up.
    changed: u32,
    made_up: u32,
}

impl Liar {
    fn status(&mut self) -> [u8; 2] {
        const OFTEN: [[u8; 2]; 14] = [
            [0x90, 0x00],
            [0x61, 0x00],
            [0x61, 0x05],
            [0x61, 0xFF],
            [0x6C, 0x00],
            [0x6C, 0x10],
            [0x62, 0x82],
            [0x63, 0xC0],
            [0x63, 0xC3],
            [0x63, 0xCF],
            [0x69, 0x82],
            [0x69, 0x83],
            [0x6A, 0x82],
            [0x6B, 0x00],
        ];
        match self.rng.random_range(0..OFTEN.len() + 2) {
            place if place < OFTEN.len() => OFTEN.get(place).copied().unwrap(),
            _ => [self.rng.random(), self.rng.random()],
        }
    }

    fn made_up(&mut self) -> Vec<u8> {
        let length = match self.rng.random_range(0..20) {
            0 => 0,
            1 => 1,
            2 => 66_000,
            3..6 => self.rng.random_range(0..2_000),
            _ => self.rng.random_range(0..260),
        };
        let mut answer = vec![0; length];
        self.rng.fill_bytes(&mut answer);
        if self.rng.random_bool(0.3) {
            // The head of a certificate of some length.
            let head = [0x30, 0x82, self.rng.random(), self.rng.random()];
            answer.iter_mut().zip(head).for_each(|(byte, head)| *byte = head);
        }
        if length >= 2 {
            answer.truncate(length - 2);
            answer.extend(self.status());
        }
        answer
    }

    fn changed(&mut self, mut answer: Vec<u8>) -> Vec<u8> {
        match self.rng.random_range(0..5) {
            0 => answer.truncate(self.rng.random_range(0..=answer.len())),
            1 => {
                answer.truncate(answer.len().saturating_sub(2));
                answer.extend(self.status());
            }
            2 => answer.splice(0..0, [0; 7]).for_each(drop),
            _ => {
                let place = self.rng.random_range(0..answer.len().max(1));
                if let Some(byte) = answer.get_mut(place) {
                    *byte = self.rng.random();
                }
            }
        }
        answer
    }
}

impl Link for Liar {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>> {
        self.answers += 1;
        let good = self.disk.answer(command);
        let dice = self.rng.random_range(0..100);
        Ok(match dice {
            _ if dice < self.made_up => self.made_up(),
            _ if dice < self.made_up + self.changed => self.changed(good),
            _ => good,
        })
    }
}

fn disk() -> SimDisk {
    let identity = SimIdentity {
        serial: "4499000000001".to_owned(),
        company: "票匣测试企业".to_owned(),
        tax_number: "91310115MA1K35JX4G".to_owned(),
        not_before: "2024-01-01T00:00:00Z".parse().unwrap(),
        not_after: "2034-01-01T00:00:00Z".parse().unwrap(),
    };
    SimDisk::new(&Authority::new(7).unwrap(), &identity, SimState::default()).unwrap()
}

/// Nothing panics, hangs or grows, and what is read is fit to show. A run has the same answers every time.
#[test]
fn a_million_answers_of_liars() {
    let mut rounds = 0;
    let (mut read, mut refused) = (0, 0);
    let profiles = Profiles::built_in().unwrap();
    let guard = Guard::new(Arc::new(Mutex::new(FailedPasswords::new())));
    let mut liar = Liar { rng: ChaCha8Rng::seed_from_u64(0x4444), disk: disk(), answers: 0, changed: 0, made_up: 0 };
    let atr = liar.disk.atr();
    while liar.answers < ANSWERS {
        rounds += 1;
        (liar.changed, liar.made_up) = [(2, 0), (10, 2), (0, 60), (100, 0), (0, 100)].get(rounds % 5).copied().unwrap();
        liar.disk.set_state(SimState::default());
        let asked = liar.answers;
        let Ok(mut card) = Card::open(&mut liar, &profiles, &atr) else { continue };
        match card.contents() {
            Ok(contents) => {
                read += 1;
                for text in [&contents.serial, &contents.company] {
                    assert!(text.chars().count() <= 512 && !text.chars().any(char::is_control));
                }
            }
            Err(_) => refused += 1,
        }
        if rounds % 4 == 0 {
            let password = Password::new(format!("wrong-{rounds}"));
            if guard.verify(&mut card, &password, None, &|| true).is_ok() {
                let _signature = card.sign(b"challenge");
            }
        }
        let used = liar.answers - asked;
        assert!(used < 100_000, "{used} answers for one request");
    }
    assert!(read > 100 && refused > 1_000, "{read} read, {refused} refused");
}
