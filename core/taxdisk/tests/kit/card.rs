//! A card that is plugged into a virtual reader. Messages of vpcd, both ways: u16 big-endian length and so many bytes. Of one byte: 0 power
//! off, 1 power on, 2 reset (none is answered), 4 asks for the answer to reset. All others are commands.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::linux::net::TcpStreamExt as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use piaoxia_taxdisk::Atr;
use piaoxia_taxdisk::sim::SimDisk;

/// Gives another answer to a command, or none for the card's own.
pub type Twist = Box<dyn FnMut(&[u8], &[u8]) -> Option<Vec<u8>> + Send>;

/// A card, and what is wrong with it.
pub struct Card {
    pub disk: SimDisk,
    /// In place of the disk's.
    pub atr: Option<Atr>,
    /// Before every answer.
    pub delay: Duration,
    /// Pulled out instead of the answer to the command of this number; the command has been done.
    pub pull_at: Option<usize>,
    /// As above, and the command has not been done.
    pub pull_before: Option<usize>,
    pub twist: Option<Twist>,
    /// Commands since the last `clear`: the first four bytes.
    pub commands: Vec<[u8; 4]>,
}

/// A card that the test and the reader hold.
#[derive(Clone)]
pub struct Shared(Arc<Mutex<Card>>);

impl Shared {
    pub fn new(disk: SimDisk) -> Self {
        Self(Arc::new(Mutex::new(Card {
            disk,
            atr: None,
            delay: Duration::ZERO,
            pull_at: None,
            pull_before: None,
            twist: None,
            commands: Vec::new(),
        })))
    }

    pub fn lock(&self) -> MutexGuard<'_, Card> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Commands of this instruction.
    pub fn count(&self, instruction: u8) -> usize {
        self.lock().commands.iter().filter(|command| command[1] == instruction).count()
    }
}

impl Card {
    /// What it answers; none when it is pulled out instead.
    fn answer(&mut self, command: &[u8]) -> Option<Vec<u8>> {
        let number = self.commands.len();
        self.commands.push(command.get(..4).and_then(|head| head.try_into().ok()).unwrap_or_default());
        if self.pull_before == Some(number) {
            return None;
        }
        let answer = self.disk.answer(command);
        if self.pull_at == Some(number) {
            return None;
        }
        let twisted = self.twist.as_mut().and_then(|twist| twist(command, &answer));
        Some(twisted.unwrap_or(answer))
    }
}

/// A card in a reader. Dropping it pulls the card out.
pub struct Inserted {
    stream: TcpStream,
    thread: Option<JoinHandle<()>>,
}

impl Inserted {
    pub fn new(port: u16, card: Shared) -> Self {
        let start = Instant::now();
        let stream = loop {
            match TcpStream::connect(("127.0.0.1", port)) {
                Ok(stream) => break stream,
                Err(error) => assert!(start.elapsed() < Duration::from_secs(5), "no reader listens: {error}"),
            }
            thread::sleep(Duration::from_millis(10));
        };
        stream.set_nodelay(true).unwrap();
        let mut served = stream.try_clone().unwrap();
        let thread = thread::Builder::new().name("card".to_owned()).spawn(move || while serve(&mut served, &card).is_some() {}).unwrap();
        Self { stream, thread: Some(thread) }
    }
}

/// Answers one message; none when the card is out.
fn serve(stream: &mut TcpStream, card: &Shared) -> Option<()> {
    let mut head = [0; 2];
    stream.read_exact(&mut head).ok()?;
    // Length and body come apart; without this the body waits for our acknowledgement.
    stream.set_quickack(true).ok()?;
    let mut message = vec![0; usize::from(u16::from_be_bytes(head))];
    stream.read_exact(&mut message).ok()?;
    let answer = match message.as_slice() {
        [] => return Some(()),
        [0..=2] => {
            card.lock().disk.reset();
            return Some(());
        }
        [4] => {
            let card = card.lock();
            card.atr.clone().unwrap_or_else(|| card.disk.atr()).as_bytes().to_vec()
        }
        command => {
            let delay = card.lock().delay;
            thread::sleep(delay);
            let answer = card.lock().answer(command);
            if answer.is_none() {
                stream.shutdown(Shutdown::Both).ok()?;
            }
            answer?
        }
    };
    let length = u16::try_from(answer.len()).ok()?;
    stream.write_all(&[&length.to_be_bytes()[..], &answer].concat()).ok()
}

impl Drop for Inserted {
    fn drop(&mut self) {
        // It may have been pulled out already.
        let _shut = self.stream.shutdown(Shutdown::Both);
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}
