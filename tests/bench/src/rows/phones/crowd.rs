//! The phones.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use super::http::{Answer, ask};

/// Pause of the pages' scripts between two looks.
pub const PAUSE: Duration = Duration::from_secs(2);

/// A look that came to its end.
pub struct Seen {
    /// The page, or else where the QR stands.
    pub page: bool,
    pub at: Instant,
    pub took: Duration,
}

/// Phones at pages of one server.
pub struct Crowd {
    address: Arc<str>,
    pages: Vec<Arc<str>>,
    over: Arc<AtomicBool>,
}

impl Crowd {
    pub fn new(address: &str, pages: Vec<String>) -> Self {
        Self { address: address.into(), pages: pages.into_iter().map(Arc::from).collect(), over: Arc::default() }
    }

    /// Set when the phones are to go.
    pub fn over(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.over)
    }

    /// All phones, begun evenly within one pause, until they are to go.
    pub async fn wait(self, count: u64) -> Result<Vec<Seen>> {
        let mut phones = JoinSet::new();
        for (number, page) in (0..count).zip(self.pages.iter().cycle()) {
            let late = PAUSE.mul_f64(number as f64 / count as f64);
            let phone = Phone { address: Arc::clone(&self.address), page: Arc::clone(page), kept: None };
            phones.spawn(phone.waits(late, Arc::clone(&self.over)));
        }
        let mut seen = Vec::new();
        while let Some(phone) = phones.join_next().await {
            seen.extend(phone??);
        }
        Ok(seen)
    }
}

/// A page that is open on a phone.
struct Phone {
    address: Arc<str>,
    page: Arc<str>,
    kept: Option<TcpStream>,
}

impl Phone {
    async fn waits(mut self, late: Duration, over: Arc<AtomicBool>) -> Result<Vec<Seen>> {
        tokio::time::sleep(late).await;
        let mut turn = tokio::time::interval(PAUSE);
        turn.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut seen = Vec::new();
        while !over.load(Ordering::Relaxed) {
            turn.tick().await;
            let (at, page) = (Instant::now(), seen.is_empty());
            let answer = self.look(if page { "" } else { "/state" }).await?;
            seen.push(Seen { page, at, took: at.elapsed() });
            ensure!(answer.status == 200, "{}: {}", self.page, answer.status);
            ensure!(page || answer.text()?.contains("\"over\":false"), "{}", answer.text()?);
        }
        Ok(seen)
    }

    async fn look(&mut self, what: &str) -> Result<Answer> {
        let request = format!("GET {}{what} HTTP/1.1\r\nHost: {}\r\n\r\n", self.page, self.address);
        // A connection that was idle for too long may be closed by now: a browser asks once more, too.
        if let Some(kept) = self.kept.take()
            && let Ok(answer) = self.ask(kept, &request).await
        {
            return Ok(answer);
        }
        let new = TcpStream::connect(&*self.address).await.context("connecting")?;
        self.ask(new, &request).await
    }

    async fn ask(&mut self, mut stream: TcpStream, request: &str) -> Result<Answer> {
        let answer = ask(&mut stream, request).await?;
        self.kept = (!answer.is_last()).then_some(stream);
        Ok(answer)
    }
}
