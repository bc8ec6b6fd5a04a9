//! A reading process, seen from this one.

use std::io::{self, BufReader, BufWriter, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use piaoxia_domain::invoice::Format;
use piaoxia_preview::Picture;
use tokio_util::sync::CancellationToken;

use super::frame::{self, Drawn, HELLO, Kind, Told};
use super::pages::{Page, PageOrder};
use super::{Each, Parsed, ParsedInvoice, ReaderProgram};
use crate::problem::Problem;

/// Bytes of somebody else's that may come before the first line.
const NOISE: usize = 8 * 1024;
/// How often is looked whether the process is silent for too long.
const LOOK: Duration = Duration::from_millis(100);

/// How a file ended.
pub(super) enum Ended {
    /// Read to its end.
    Done,
    /// Nobody wanted more.
    Stopped,
    /// The process was silent for too long and was ended.
    Silent,
    /// The process is gone.
    Dead,
}

/// A process that runs. Dropping it ends it.
pub(super) struct Process {
    watch: Arc<Watch>,
    input: Option<BufWriter<ChildStdin>>,
    output: BufReader<ChildStdout>,
    buffer: Vec<u8>,
}

/// What the watching thread shares with the reading one.
struct Watch {
    child: Mutex<Child>,
    waiting: Mutex<Waiting>,
    changed: Condvar,
    silent: AtomicBool,
}

#[derive(Default)]
struct Waiting {
    /// Since when is waited for an answer; none while nobody waits.
    since: Option<Instant>,
    /// The watching thread sleeps until somebody waits again: a process at rest costs nothing.
    asleep: bool,
    /// The process is ended.
    over: bool,
}

impl Process {
    /// Starts the process and waits for its first line.
    ///
    /// # Errors
    /// It cannot be started, or what it prints is something else.
    pub(super) fn start(program: &ReaderProgram, silence: Duration, halt: &CancellationToken) -> io::Result<Self> {
        let mut child = command(program).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let watch = Arc::new(Watch {
            child: Mutex::new(child),
            waiting: Mutex::default(),
            changed: Condvar::new(),
            silent: AtomicBool::new(false),
        });
        let (watching, halt) = (Arc::clone(&watch), halt.clone());
        let watched = thread::Builder::new().name("reader-watch".to_owned()).spawn(move || watching.run(silence, &halt));
        let pipes = input.zip(output).ok_or_else(|| io::Error::other("the process has no pipes"));
        let process = pipes.map(|(input, output)| Self {
            watch: Arc::clone(&watch),
            input: Some(BufWriter::new(input)),
            output: BufReader::new(output),
            buffer: Vec::new(),
        });
        let mut process = process.inspect_err(|_| watch.end())?;
        watched?;
        process.greet()?;
        Ok(process)
    }

    fn greet(&mut self) -> io::Result<()> {
        self.watch.wait(true);
        let mut seen = Vec::with_capacity(HELLO.len());
        let mut byte = [0];
        while !seen.ends_with(HELLO) {
            if seen.len() > NOISE {
                return Err(io::Error::other("the process says something else"));
            }
            self.output.read_exact(&mut byte)?;
            seen.extend(byte);
        }
        self.watch.wait(false);
        Ok(())
    }

    /// Has a file read.
    pub(super) fn read(&mut self, name: &str, bytes: &[u8], each: &mut Each<'_>) -> Ended {
        self.watch.wait(true);
        let ended = self.send(Kind::Name, name.as_bytes(), bytes).and_then(|()| self.answers(each));
        self.watch.wait(false);
        ended.unwrap_or_else(|_| self.ended())
    }

    /// Has a page drawn; or how the process ended over it.
    pub(super) fn draw(&mut self, order: &PageOrder, bytes: &[u8]) -> Result<Result<Page, Problem>, Ended> {
        self.watch.wait(true);
        let order = serde_json::to_vec(order).map_err(io::Error::from);
        let drawn = order.and_then(|order| self.send(Kind::Page, &order, bytes)).and_then(|()| self.page());
        self.watch.wait(false);
        drawn.map_err(|_| self.ended())
    }

    /// Has an original read as a print reads it.
    pub(super) fn try_print(&mut self, format: Format, bytes: &[u8]) -> Ended {
        self.watch.wait(true);
        let head = serde_json::to_vec(&format).map_err(io::Error::from);
        let ended = head.and_then(|head| self.send(Kind::Print, &head, bytes)).and_then(|()| self.done());
        self.watch.wait(false);
        ended.unwrap_or_else(|_| self.ended())
    }

    /// Ends it as somebody outside would.
    #[cfg(test)]
    pub(super) fn kill(&self) {
        drop(lock(&self.watch.child).kill());
    }

    fn ended(&self) -> Ended {
        if self.watch.silent.load(Ordering::Acquire) { Ended::Silent } else { Ended::Dead }
    }

    fn send(&mut self, kind: Kind, head: &[u8], bytes: &[u8]) -> io::Result<()> {
        let Some(input) = &mut self.input else { return Err(io::ErrorKind::BrokenPipe.into()) };
        frame::write(input, kind, head)?;
        frame::write(input, Kind::Bytes, bytes)?;
        input.flush()
    }

    fn answers(&mut self, each: &mut Each<'_>) -> io::Result<Ended> {
        loop {
            let told = match frame::read(&mut self.output, &mut self.buffer)? {
                Some(Kind::Told) => serde_json::from_slice::<Told>(&self.buffer)?,
                Some(Kind::End) => return Ok(Ended::Done),
                Some(_) => return Err(io::ErrorKind::InvalidData.into()),
                None => return Err(io::ErrorKind::UnexpectedEof.into()),
            };
            let parsed = match told {
                Told::Refused { entry, reason } => Parsed::Refused { entry, reason },
                Told::Noted { file, note } => Parsed::Noted { file, note },
                Told::Found { invoice, entry, file, stated, format, bytes_follow } => {
                    let bytes = if bytes_follow { Some(self.entry_bytes()?) } else { None };
                    Parsed::Found(Box::new(ParsedInvoice { invoice: *invoice, entry, file, stated, format, bytes }))
                }
            };
            // While the ledger is slow, the process is not silent.
            self.watch.wait(false);
            if each(parsed).is_break() {
                return Ok(Ended::Stopped);
            }
            self.watch.wait(true);
        }
    }

    fn done(&mut self) -> io::Result<Ended> {
        match frame::read(&mut self.output, &mut self.buffer)? {
            Some(Kind::End) => Ok(Ended::Done),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    fn page(&mut self) -> io::Result<Result<Page, Problem>> {
        if frame::read(&mut self.output, &mut self.buffer)? != Some(Kind::Drawn) {
            return Err(io::ErrorKind::InvalidData.into());
        }
        match serde_json::from_slice(&self.buffer)? {
            Drawn::Failed(problem) => Ok(Err(problem)),
            Drawn::Picture { width, height, pages } => {
                let rgba = self.entry_bytes()?;
                let is_whole = width.checked_mul(height).and_then(|pixels| pixels.checked_mul(4)) == Some(rgba.len());
                is_whole.then_some(Ok((Picture { width, height, rgba }, pages))).ok_or_else(|| io::ErrorKind::InvalidData.into())
            }
        }
    }

    fn entry_bytes(&mut self) -> io::Result<Vec<u8>> {
        match frame::read(&mut self.output, &mut self.buffer)? {
            Some(Kind::Bytes) => Ok(std::mem::take(&mut self.buffer)),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // A process that waits for the next file ends by itself when its input does.
        self.input = None;
        self.watch.end();
    }
}

impl Watch {
    /// From now on an answer is due, or none is.
    fn wait(&self, is_due: bool) {
        let mut waiting = lock(&self.waiting);
        waiting.since = is_due.then(Instant::now);
        if is_due && std::mem::take(&mut waiting.asleep) {
            self.changed.notify_all();
        }
    }

    fn run(&self, silence: Duration, halt: &CancellationToken) {
        let mut was_waiting = true;
        loop {
            let mut waiting = lock(&self.waiting);
            waiting.asleep = !was_waiting && waiting.since.is_none() && !waiting.over;
            was_waiting = waiting.since.is_some();
            let waiting = if waiting.asleep {
                self.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner)
            } else {
                self.changed.wait_timeout(waiting, LOOK).unwrap_or_else(PoisonError::into_inner).0
            };
            if waiting.over {
                return;
            }
            let silent = waiting.since.is_some_and(|since| since.elapsed() > silence);
            drop(waiting);
            if silent {
                self.silent.store(true, Ordering::Release);
            }
            if silent || halt.is_cancelled() {
                return self.end();
            }
        }
    }

    /// Ends the process and takes its last word, so that no dead one stays on the system's list.
    fn end(&self) {
        lock(&self.waiting).over = true;
        self.changed.notify_all();
        let mut child = lock(&self.child);
        if let Err(error) = child.kill().and_then(|()| child.wait().map(drop)) {
            tracing::warn!(%error, "the reading process does not end");
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn command(program: &ReaderProgram) -> Command {
    let mut command = Command::new(&program.program);
    command.args(&program.arguments);
    #[cfg(windows)]
    {
        use std::os::windows::process::CommandExt;
        /// `CREATE_NO_WINDOW`: no black window flashes up.
        const NO_WINDOW: u32 = 0x0800_0000;
        command.creation_flags(NO_WINDOW);
    }
    command
}
