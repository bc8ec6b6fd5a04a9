//! Threads that are waited for at the end, but not for ever: one may hang in a card or a library.

use std::io;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How long is waited for a thread.
const FAREWELL: Duration = Duration::from_secs(1);

/// A thread, and a channel that is closed when it ends.
pub(super) struct Running {
    thread: JoinHandle<()>,
    /// Locked by nobody but [`Running::end`]; a lock makes it shareable.
    ended: Mutex<Receiver<()>>,
}

impl Running {
    pub fn start(name: &str, run: impl FnOnce() + Send + 'static) -> io::Result<Self> {
        let (running, ended) = sync_channel(0);
        let run = move || {
            let _running: SyncSender<()> = running;
            run();
        };
        let thread = thread::Builder::new().name(name.to_owned()).spawn(run)?;
        Ok(Self { thread, ended: Mutex::new(ended) })
    }

    /// Waits until it has ended, if that does not take long. It was told before.
    pub fn end(self) {
        let Ok(ended) = self.ended.into_inner() else { return };
        let is_over = ended.recv_timeout(FAREWELL) == Err(RecvTimeoutError::Disconnected);
        if is_over && self.thread.join().is_err() {
            tracing::error!("a thread of the tax disks panicked");
        }
    }
}
