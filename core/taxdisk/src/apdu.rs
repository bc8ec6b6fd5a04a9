//! Commands and answers of cards (ISO/IEC 7816-4): short, extended and chained commands, answers that come in parts (`61xx`), lengths
//! that the card corrects (`6Cxx`). How often a card may say so is bounded.

use zeroize::Zeroizing;

use crate::error::{Damage, DiskError, Result};
use crate::profile::{Header, Long};

/// Longest answer in all, bytes: a certificate and its like.
const ANSWER_BYTES: usize = 64 * 1024;
/// Longest single answer with its status word: extended, and a little that no card may send.
pub(crate) const TRANSFER_BYTES: usize = 65_538;
/// Most parts of one answer.
const PARTS: usize = 300;

/// The way to a card.
pub(crate) trait Link {
    /// Sends a command and gives the raw answer.
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>>;
}

/// What a card answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub data: Vec<u8>,
    /// SW1 SW2.
    pub status: u16,
}

/// A command.
#[derive(Clone, Debug)]
pub(crate) struct Command<'a> {
    pub header: Header,
    pub data: &'a [u8],
    /// Bytes that are expected, at most 256 or, extended, 65,536; none where nothing comes back.
    pub expected: Option<u32>,
}

impl<'a> Command<'a> {
    pub fn new(header: Header, data: &'a [u8], expected: Option<u32>) -> Self {
        Self { header, data, expected }
    }

    fn is_long(&self) -> bool {
        self.data.len() > 255 || self.expected.is_some_and(|expected| expected > 256)
    }

    /// As one command; lengths are what [`Command::is_long`] allows.
    fn encode(&self, extended: bool) -> Vec<u8> {
        let mut out = self.header.0.to_vec();
        let length = u16::try_from(self.data.len()).unwrap_or(u16::MAX).to_be_bytes();
        let expected = self.expected.map(|expected| (expected as u16).to_be_bytes());
        if extended {
            if !self.data.is_empty() || expected.is_some() {
                out.push(0);
            }
            if !self.data.is_empty() {
                out.extend(length);
                out.extend(self.data);
            }
            // 65,536 is 0.
            out.extend(expected.into_iter().flatten());
        } else {
            if !self.data.is_empty() {
                out.push(length[1]);
                out.extend(self.data);
            }
            // 256 is 0.
            out.extend(expected.map(|bytes| bytes[1]));
        }
        out
    }
}

/// Sends a command in the form that the card takes, and gives the whole answer. A wrong length is corrected once.
pub(crate) fn exchange(link: &mut dyn Link, command: &Command<'_>, long: Long) -> Result<Answer> {
    let answer = send(link, command, long)?;
    match answer.status.to_be_bytes() {
        [0x6C, exact] if command.expected.is_some() => {
            let expected = if exact == 0 { 256 } else { u32::from(exact) };
            let again = Command { expected: Some(expected), ..command.clone() };
            let answer = send(link, &again, long)?;
            collect(link, command.header, answer)
        }
        _ => collect(link, command.header, answer),
    }
}

/// Sends a command exactly once, whatever the card says about its length: for what costs a try.
pub(crate) fn exchange_once(link: &mut dyn Link, command: &Command<'_>) -> Result<Answer> {
    // It is a password.
    transfer(link, &Zeroizing::new(command.encode(false)))
}

fn send(link: &mut dyn Link, command: &Command<'_>, long: Long) -> Result<Answer> {
    match long {
        _ if !command.is_long() => transfer(link, &command.encode(false)),
        Long::Extended => transfer(link, &command.encode(true)),
        Long::Chained => chained(link, command),
        Long::None => Err(DiskError::Damaged(Damage::TooLong)),
    }
}

/// Command chaining (5.1.1.1): bit 5 of CLA says that more follows.
fn chained(link: &mut dyn Link, command: &Command<'_>) -> Result<Answer> {
    const MORE: u8 = 0x10;
    let [class, rest @ ..] = command.header.0;
    let mut parts = command.data.chunks(255).peekable();
    while let Some(part) = parts.next() {
        let is_last = parts.peek().is_none();
        let class = if is_last { class } else { class | MORE };
        let header = Header([class, rest[0], rest[1], rest[2]]);
        let expected = command.expected.filter(|_| is_last).map(|expected| expected.min(256));
        let answer = transfer(link, &Command::new(header, part, expected).encode(false))?;
        if is_last || answer.status != 0x9000 {
            return Ok(answer);
        }
    }
    transfer(link, &Command::new(command.header, &[], command.expected.map(|expected| expected.min(256))).encode(false))
}

/// Fetches what is still to come (GET RESPONSE, 11.7.1).
fn collect(link: &mut dyn Link, header: Header, mut answer: Answer) -> Result<Answer> {
    for _ in 0..PARTS {
        let [0x61, more] = answer.status.to_be_bytes() else { return Ok(answer) };
        let expected = if more == 0 { 256 } else { u32::from(more) };
        // Of the class, the channel alone.
        let get_response = Header([header.0[0] & 0x03, 0xC0, 0, 0]);
        let mut part = transfer(link, &Command::new(get_response, &[], Some(expected)).encode(false))?;
        if let [0x6C, exact] = part.status.to_be_bytes() {
            let expected = if exact == 0 { 256 } else { u32::from(exact) };
            part = transfer(link, &Command::new(get_response, &[], Some(expected)).encode(false))?;
        }
        if part.data.is_empty() && part.status & 0xFF00 == 0x6100 {
            return Err(DiskError::Damaged(Damage::Endless));
        }
        if answer.data.len() + part.data.len() > ANSWER_BYTES {
            return Err(DiskError::Damaged(Damage::TooLong));
        }
        answer.data.extend(part.data);
        answer.status = part.status;
    }
    Err(DiskError::Damaged(Damage::Endless))
}

fn transfer(link: &mut dyn Link, command: &[u8]) -> Result<Answer> {
    let mut raw = link.transmit(command)?;
    if raw.len() > TRANSFER_BYTES {
        return Err(DiskError::Damaged(Damage::TooLong));
    }
    // A card that is pulled out in the middle leaves an answer without a byte, and no error.
    match (raw.pop(), raw.pop()) {
        (Some(second), Some(first)) => Ok(Answer { data: raw, status: u16::from_be_bytes([first, second]) }),
        (Some(_), None) => Err(DiskError::Damaged(Damage::NoAnswer)),
        (None, _) => Err(DiskError::Removed),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

    use super::*;

    /// Answers from a list, and keeps what it was asked.
    struct Script {
        answers: Vec<Vec<u8>>,
        asked: Vec<Vec<u8>>,
    }

    impl Link for Script {
        fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>> {
            self.asked.push(command.to_vec());
            if self.answers.len() > 1 { Ok(self.answers.remove(0)) } else { Ok(self.answers[0].clone()) }
        }
    }

    fn script(answers: &[&[u8]]) -> Script {
        Script { answers: answers.iter().map(|answer| answer.to_vec()).collect(), asked: Vec::new() }
    }

    const READ: Header = Header([0, 0xB0, 0, 0]);

    #[test]
    fn short_and_extended_forms() {
        let encode = |data: &[u8], expected, extended| Command::new(READ, data, expected).encode(extended);
        assert_eq!(encode(&[], None, false), [0, 0xB0, 0, 0]);
        assert_eq!(encode(&[], Some(256), false), [0, 0xB0, 0, 0, 0]);
        assert_eq!(encode(&[9], Some(5), false), [0, 0xB0, 0, 0, 1, 9, 5]);
        assert_eq!(encode(&[], Some(65_536), true), [0, 0xB0, 0, 0, 0, 0, 0]);
        assert_eq!(encode(&[9], Some(300), true), [0, 0xB0, 0, 0, 0, 0, 1, 9, 1, 0x2C]);
    }

    #[test]
    fn parts_and_corrected_lengths() {
        let mut link = script(&[&[0x6C, 3], &[1, 0x61, 2], &[2, 3, 0x90, 0]]);
        let answer = exchange(&mut link, &Command::new(READ, &[], Some(256)), Long::None).unwrap();
        assert_eq!(answer, Answer { data: vec![1, 2, 3], status: 0x9000 });
        assert_eq!(link.asked, [vec![0, 0xB0, 0, 0, 0], vec![0, 0xB0, 0, 0, 3], vec![0, 0xC0, 0, 0, 2]]);
    }

    #[test]
    fn long_commands_are_chained_or_extended_or_not_sent() {
        let data = [7; 300];
        let command = Command::new(Header([0x80, 0x74, 0, 1]), &data, Some(64));
        let mut link = script(&[&[0x90, 0]]);
        exchange(&mut link, &command, Long::Chained).unwrap();
        let heads: Vec<&[u8]> = link.asked.iter().map(|asked| &asked[..5]).collect();
        assert_eq!(heads, [[0x90, 0x74, 0, 1, 255], [0x80, 0x74, 0, 1, 45]]);
        assert_eq!(link.asked[1].last(), Some(&64));
        let mut link = script(&[&[0x90, 0]]);
        exchange(&mut link, &command, Long::Extended).unwrap();
        assert_eq!(link.asked[0][..7], [0x80, 0x74, 0, 1, 0, 1, 44]);
        let mut link = script(&[&[0x6A, 0x80]]);
        assert_eq!(exchange(&mut link, &command, Long::Chained).unwrap().status, 0x6A80);
        assert_eq!(link.asked.len(), 1);
        assert!(exchange(&mut link, &command, Long::None).is_err());
    }

    #[test]
    fn a_card_that_never_ends_is_left() {
        for endless in [&[0x61, 0][..], &[0, 0x61, 0], &[0; 70_000]] {
            let mut link = script(&[endless]);
            assert!(matches!(exchange(&mut link, &Command::new(READ, &[], Some(0)), Long::None), Err(DiskError::Damaged(_)) | Ok(_)));
            assert!(link.asked.len() <= PARTS + 1);
        }
        let mut link = script(&[&[0x6C, 0]]);
        assert_eq!(exchange(&mut link, &Command::new(READ, &[], Some(1)), Long::None).unwrap().status, 0x6C00);
        assert_eq!(link.asked.len(), 2);
    }

    #[test]
    fn what_costs_a_try_is_sent_once() {
        for answer in [&[0x6C, 4][..], &[0x61, 4], &[0x90, 0]] {
            let mut link = script(&[answer]);
            exchange_once(&mut link, &Command::new(Header([0, 0x20, 0, 1]), b"123456", None)).unwrap();
            assert_eq!(link.asked.len(), 1);
        }
    }

    #[test]
    fn an_answer_without_a_byte_is_a_pulled_card() {
        assert_eq!(exchange(&mut script(&[&[]]), &Command::new(READ, &[], None), Long::None), Err(DiskError::Removed));
        let half = exchange(&mut script(&[&[0x90]]), &Command::new(READ, &[], None), Long::None);
        assert_eq!(half, Err(DiskError::Damaged(Damage::NoAnswer)));
    }
}
