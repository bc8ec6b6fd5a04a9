//! The outbox: mails that wait, went out, or did not arrive.

use std::collections::VecDeque;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;

use crate::error::MailError;
use crate::mail::{Kind, Mail};
use crate::queue::{Folder, Record};
use crate::smtp::{Outcome, Server, Sink};

const MINUTE: u64 = 60;

/// Times and sizes of an [`Outbox`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxOptions {
    /// Pauses after the first, second, … failed try; the last one repeats. A fifth more or less is added at random, so
    /// that mails do not come back in step after an outage.
    pub pauses: Vec<Duration>,
    /// Age at which a mail is given up.
    pub give_up: Duration,
    /// Longest time of one try.
    pub send_timeout: Duration,
    /// Most mails that wait.
    pub most: usize,
    /// Sent, given up and kept mails that are remembered, each.
    pub remembered: usize,
}

impl Default for OutboxOptions {
    fn default() -> Self {
        Self {
            pauses: [1, 5, 15, 60, 240].map(|minutes| Duration::from_secs(minutes * MINUTE)).to_vec(),
            give_up: Duration::from_secs(24 * 60 * MINUTE),
            send_timeout: Duration::from_secs(60),
            most: 1_000,
            remembered: 100,
        }
    }
}

/// Where a mail stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Waits for its first try.
    Queued,
    /// A try failed; there will be another.
    Failed {
        /// What the server or the network said, at most 200 characters.
        reason: String,
        /// Tries so far.
        tries: u32,
        /// When the next one is.
        next_try: Timestamp,
    },
    /// The server took it.
    Sent {
        /// When.
        at: Timestamp,
    },
    /// Given up: refused for good (5xx), or not delivered within a day. Its text is gone; only this is kept.
    Dead {
        /// What the server or the network said last.
        reason: String,
        /// When.
        at: Timestamp,
    },
}

/// A line of the list of mails. `Debug` shows neither address nor subject.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// 32 hex digits.
    pub id: String,
    /// Receiver.
    pub to: String,
    /// Subject.
    pub subject: String,
    /// What it is about.
    pub kind: Kind,
    /// When it was posted.
    pub created: Timestamp,
    /// Where it stands.
    pub state: State,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").field("id", &self.id).field("kind", &self.kind).field("state", &self.state).finish_non_exhaustive()
    }
}

/// A mail that [`Sink::Kept`] took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptMail {
    /// 32 hex digits.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// The whole mail.
    pub mail: Mail,
}

/// Takes mails, writes them down, and sends them in the background. Clones are cheap and share the queue.
///
/// A mail goes out at least once: a crash between the server's yes and the removal of its file sends it again, under the
/// same Message-ID.
#[derive(Clone)]
pub struct Outbox {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) folder: Folder,
    pub(crate) target: Target,
    pub(crate) options: OutboxOptions,
    pub(crate) wake: Notify,
    /// Held by the one task that sends.
    pub(crate) sending: tokio::sync::Mutex<()>,
    book: Mutex<Book>,
}

pub(crate) enum Target {
    Server(Box<Server>),
    Kept,
}

#[derive(Default)]
pub(crate) struct Book {
    pub(crate) waiting: Vec<Record>,
    /// Mails that are being written down.
    writing: usize,
    pub(crate) dead: VecDeque<Record>,
    pub(crate) sent: VecDeque<Entry>,
    pub(crate) kept: VecDeque<Arc<KeptMail>>,
}

impl Outbox {
    /// Opens the queue in a folder; none keeps it in memory. Mails of an earlier run wait again. Reads files: call it where
    /// that may be done. Nothing is sent before [`Self::start`].
    ///
    /// # Errors
    /// [`MailError::Config`], or the folder cannot be made or read.
    pub fn open(folder: Option<PathBuf>, sink: Sink, options: OutboxOptions) -> Result<Self, MailError> {
        let target = match sink {
            Sink::Smtp(config) => Target::Server(Box::new(Server::new(config, options.send_timeout)?)),
            Sink::Kept => Target::Kept,
        };
        let (folder, records) = Folder::open(folder)?;
        let mut book = Book::default();
        let latest = later(Timestamp::now(), options.pauses.iter().max().copied().unwrap_or_default());
        for mut record in records {
            if record.dead.is_some() {
                book.dead.push_back(record);
            } else {
                // A clock that was wrong by years must not hold a mail for years.
                record.next_try = record.next_try.min(latest);
                book.waiting.push(record);
            }
        }
        let (wake, sending, book) = (Notify::new(), tokio::sync::Mutex::default(), Mutex::new(book));
        Ok(Self { inner: Arc::new(Inner { folder, target, options, wake, sending, book }) })
    }

    /// Takes a mail: when this returns, it is on disk. Gives its id.
    ///
    /// # Errors
    /// What [`Mail::check`] says; [`MailError::Full`]; [`MailError::Queue`] when it cannot be written down.
    pub async fn post(&self, mail: Mail) -> Result<String, MailError> {
        mail.check()?;
        let outbox = self.clone();
        // A task of its own: a caller that goes away must not leave a mail on disk that nobody knows.
        let task = tokio::spawn(async move { outbox.take(mail).await });
        task.await.unwrap_or_else(|error| Err(MailError::Build(error.to_string())))
    }

    async fn take(&self, mail: Mail) -> Result<String, MailError> {
        let limit = self.inner.options.most;
        {
            let mut book = self.book();
            if book.waiting.len() + book.writing >= limit {
                return Err(MailError::Full { limit });
            }
            book.writing += 1;
        }
        let now = Timestamp::now();
        let id = format!("{:032x}", rand::random::<u128>());
        let record = Record { id: id.clone(), created: now, tries: 0, next_try: now, reason: None, dead: None, mail };
        let (folder, written) = (self.inner.folder.clone(), record.clone());
        let result = on_disk(move || folder.write(&written)).await;
        let mut book = self.book();
        book.writing -= 1;
        result?;
        book.waiting.push(record);
        drop(book);
        self.inner.wake.notify_one();
        Ok(id)
    }

    /// All mails that are known, the newest first.
    #[must_use]
    pub fn list(&self) -> Vec<Entry> {
        let book = self.book();
        let mut entries: Vec<Entry> = book.waiting.iter().chain(&book.dead).map(entry).chain(book.sent.iter().cloned()).collect();
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.created));
        entries
    }

    /// What [`Sink::Kept`] took, the newest first.
    #[must_use]
    pub fn kept(&self) -> Vec<Arc<KeptMail>> {
        self.book().kept.iter().rev().cloned().collect()
    }

    /// Tries everything that waits at once.
    pub fn retry(&self) {
        let now = Timestamp::now();
        self.book().waiting.iter_mut().for_each(|record| record.next_try = now);
        self.inner.wake.notify_one();
    }

    /// Forgets a mail that waits or was given up; false when there is none of this id.
    ///
    /// # Errors
    /// [`MailError::Queue`]: its file cannot be removed; it is back after a restart then.
    pub async fn forget(&self, id: &str) -> Result<bool, MailError> {
        let found = {
            let mut book = self.book();
            let before = book.waiting.len() + book.dead.len();
            book.waiting.retain(|record| record.id != id);
            book.dead.retain(|record| record.id != id);
            before > book.waiting.len() + book.dead.len()
        };
        if found {
            let (folder, id) = (self.inner.folder.clone(), id.to_owned());
            on_disk(move || folder.remove(&id)).await?;
        }
        Ok(found)
    }

    pub(crate) fn book(&self) -> MutexGuard<'_, Book> {
        self.inner.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox").field("waiting", &self.book().waiting.len()).finish_non_exhaustive()
    }
}

impl Target {
    pub(crate) async fn send(&self, record: &Record) -> Outcome {
        match self {
            Self::Server(server) => server.send(&record.mail, &record.id).await,
            Self::Kept => Outcome::Sent,
        }
    }
}

/// How a record looks in the list.
pub(crate) fn entry(record: &Record) -> Entry {
    let reason = record.reason.clone().unwrap_or_default();
    let state = match record.dead {
        Some(at) => State::Dead { reason, at },
        None if record.tries == 0 => State::Queued,
        None => State::Failed { reason, tries: record.tries, next_try: record.next_try },
    };
    let Mail { to, subject, kind, .. } = &record.mail;
    Entry { id: record.id.clone(), to: to.clone(), subject: subject.clone(), kind: *kind, created: record.created, state }
}

/// A time this much later.
pub(crate) fn later(at: Timestamp, by: Duration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// Does file work on a thread that may wait.
pub(crate) async fn on_disk(work: impl FnOnce() -> Result<(), MailError> + Send + 'static) -> Result<(), MailError> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(MailError::Build(error.to_string())))
}
