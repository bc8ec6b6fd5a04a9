//! The helper process, seen from this one.

use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use super::HelperProgram;
use super::wire::{self, Facts, Order, Outcome, Reply};
use crate::error::{Damage, DiskError, LibraryFault, Result};

/// A helper for one library. It is started when it is first needed and again after it was ended. Dropping it ends it.
pub(crate) struct Helper {
    program: HelperProgram,
    library: PathBuf,
    limit: Duration,
    process: Option<Process>,
}

struct Process {
    child: Child,
    /// Without a buffer, in which passwords would stay.
    input: ChildStdin,
    outcomes: Receiver<Outcome>,
}

impl Helper {
    /// A call that takes longer than `limit` ends the process.
    pub fn new(program: HelperProgram, library: PathBuf, limit: Duration) -> Self {
        Self { program, library, limit, process: None }
    }

    /// Names of the devices that are plugged in.
    pub fn devices(&mut self) -> Result<Vec<String>> {
        self.start()?;
        match self.ask(&Order::Enumerate)? {
            Reply::Devices(names) => Ok(names),
            _ => Err(self.confused()),
        }
    }

    pub(super) fn attach(&mut self, device: &str) -> Result<Facts> {
        self.start()?;
        match self.ask(&Order::Attach(device.to_owned()))? {
            Reply::Facts(facts) => Ok(facts),
            _ => Err(self.confused()),
        }
    }

    fn start(&mut self) -> Result<()> {
        if self.process.is_some() {
            return Ok(());
        }
        let process = Process::start(&self.program).map_err(|error| LibraryFault::NoHelper(error.kind().to_string()))?;
        self.process = Some(process);
        let loaded = self.ask(&Order::Load(self.library.clone()));
        if loaded.is_err() {
            self.process = None;
        }
        loaded.map(drop)
    }

    /// Sends an order and waits for what it came to. A process that is silent, ends or talks nonsense is ended.
    pub(super) fn ask(&mut self, order: &Order) -> Result<Reply> {
        // It ended before: what was open in it is gone.
        let process = self.process.as_mut().ok_or(LibraryFault::Crashed)?;
        let sent = wire::write(&mut process.input, order);
        let outcome = if sent.is_ok() { process.outcomes.recv_timeout(self.limit) } else { Err(RecvTimeoutError::Disconnected) };
        match outcome {
            Ok(outcome) => outcome,
            Err(fault) => {
                self.process = None;
                Err(match fault {
                    RecvTimeoutError::Timeout => LibraryFault::Hung { seconds: self.limit.as_secs() },
                    RecvTimeoutError::Disconnected => LibraryFault::Crashed,
                }
                .into())
            }
        }
    }

    /// Ends the process; the next order starts another.
    pub(super) fn end(&mut self) {
        self.process = None;
    }

    /// Answers that fit no order: the process is ended.
    pub(super) fn confused(&mut self) -> DiskError {
        self.process = None;
        DiskError::Damaged(Damage::Frame)
    }

    /// The library that it loads.
    pub fn library(&self) -> &Path {
        &self.library
    }
}

impl Process {
    fn start(program: &HelperProgram) -> std::io::Result<Self> {
        let mut child = command(program).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (say, outcomes) = sync_channel(1);
        let listening = pipes.ok_or_else(|| std::io::Error::other("the process has no pipes")).and_then(|(input, output)| {
            let listen = move || {
                let mut output = BufReader::new(output);
                // What is no message ends the listening, and with that the process.
                while let Ok(Some(outcome)) = wire::read(&mut output) {
                    if say.send(outcome).is_err() {
                        return;
                    }
                }
            };
            thread::Builder::new().name("taxdisk-library".to_owned()).spawn(listen).map(|_| input)
        });
        match listening {
            Ok(input) => Ok(Self { child, input, outcomes }),
            Err(error) => {
                end(&mut child);
                Err(error)
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// Ends it and takes its last word, so that no dead one stays on the system's list.
fn end(child: &mut Child) {
    if let Err(error) = child.kill().and_then(|()| child.wait().map(drop)) {
        tracing::warn!(%error, "the helper process does not end");
    }
}

fn command(program: &HelperProgram) -> Command {
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
