//! What the command line prints, and how it ends.

use std::io::{self, BufWriter, ErrorKind, Stdout, Write};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use piaoxia_engine::Problem;
use piaoxia_engine::problem::What;
use piaoxia_engine::update::Refusal;
use piaoxia_service::contract::ErrorClass;
use piaoxia_widgets::foreign::visible;
use serde::Serialize;

/// How a command ends (the stable exit codes).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Done.
    Done,
    /// Done, but some items were refused or are missing.
    SomeRefused,
    /// Typed wrong.
    Usage,
    /// A person must do something first: sign in, answer a challenge.
    NeedsPerson,
    /// The service or the network.
    Service,
    /// A device: the screen, the tax disk.
    Device,
    /// The ledger or a file.
    Store,
}

impl Outcome {
    /// The process's exit code.
    #[must_use]
    pub fn code(self) -> ExitCode {
        ExitCode::from(match self {
            Self::Done => 0,
            Self::SomeRefused => 1,
            Self::Usage => 2,
            Self::NeedsPerson => 3,
            Self::Service => 4,
            Self::Device => 5,
            Self::Store => 6,
        })
    }

    /// How a command ends that met this problem.
    #[must_use]
    pub fn of(problem: &Problem) -> Self {
        match &problem.what {
            What::Service(error) => match error.class {
                ErrorClass::NeedLogin
                | ErrorClass::NeedChallenge
                | ErrorClass::Locked
                | ErrorClass::UserFix
                | ErrorClass::Permission
                | ErrorClass::Precondition
                | ErrorClass::Unauthorized => Self::NeedsPerson,
                _ => Self::Service,
            },
            What::Vault(_) | What::NoDiskPassword => Self::NeedsPerson,
            What::Disk(_) => Self::Device,
            What::Network(_) => Self::Service,
            What::Update(refusal) => update_outcome(refusal),
            What::NothingSelected | What::Pattern | What::TooWide => Self::Usage,
            // Ctrl+C: what was done until then is kept.
            What::Cancelled => Self::SomeRefused,
            What::File { .. }
            | What::Store(_)
            | What::NotInLedger
            | What::Verification
            | What::Unlisted { .. }
            | What::Busy
            | What::Preview(_)
            | What::Internal => Self::Store,
        }
    }
}

/// Somebody must do something here, or something is wrong with what was offered.
fn update_outcome(refusal: &Refusal) -> Outcome {
    match refusal {
        Refusal::NotARelease
        | Refusal::NoSource
        | Refusal::Expired { .. }
        | Refusal::ClockBehind { .. }
        | Refusal::BelowMinimum { .. }
        | Refusal::FailedBefore { .. }
        | Refusal::NothingReady
        | Refusal::NothingBefore => Outcome::NeedsPerson,
        _ => Outcome::Service,
    }
}

/// Prints lines for people, or one JSON object a line. Clones print to the same place.
///
/// What is hidden in a line is marked: a seller's name can hold what a terminal takes for an order.
///
/// A reader that goes away (`| head`) ends the printing and not the work: a download goes on, [`Output::is_closed`] tells
/// a list that nobody reads it any more.
#[derive(Clone)]
pub struct Output {
    /// JSON is wanted.
    pub json: bool,
    sink: Arc<Mutex<Sink>>,
}

struct Sink {
    out: BufWriter<Stdout>,
    /// Nothing more is written after the first failure.
    failed: Option<io::Error>,
}

impl Output {
    /// Prints to the process's output.
    #[must_use]
    pub fn new(json: bool) -> Self {
        Self { json, sink: Arc::new(Mutex::new(Sink { out: BufWriter::new(io::stdout()), failed: None })) }
    }

    /// A line for people, at once; nothing with `--json`.
    pub fn say(&self, line: &str) {
        if !self.json {
            self.write(true, |out| writeln!(out, "{}", visible(line)));
        }
    }

    /// A line for people among many; nothing with `--json`.
    pub fn row(&self, line: &str) {
        if !self.json {
            self.write(false, |out| writeln!(out, "{}", visible(line)));
        }
    }

    /// An object, at once; nothing without `--json`.
    pub fn object<T: Serialize>(&self, object: &T) {
        self.json_line(object, true);
    }

    /// An object among many; nothing without `--json`.
    pub fn record<T: Serialize>(&self, object: &T) {
        self.json_line(object, false);
    }

    fn json_line<T: Serialize>(&self, object: &T, at_once: bool) {
        if self.json {
            self.write(at_once, |out| {
                serde_json::to_writer(&mut *out, object)?;
                out.write_all(b"\n")
            });
        }
    }

    /// A sentence on the error stream. Nobody can be told when that is closed, too.
    pub fn complain(&self, line: &str) {
        let told = writeln!(io::stderr().lock(), "{}", visible(line));
        if let Err(error) = told {
            tracing::debug!(%error, "the error stream is closed");
        }
    }

    /// True when nothing printed arrives any more.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.lock().failed.is_some()
    }

    /// Prints what is left. The outcome is another one when something could not be printed, unless the reader went away.
    ///
    /// # Errors
    /// Why it could not be printed.
    pub fn finish(&self) -> io::Result<()> {
        self.write(true, |_| Ok(()));
        match self.lock().failed.take() {
            Some(error) if error.kind() != ErrorKind::BrokenPipe => Err(error),
            _ => Ok(()),
        }
    }

    fn write(&self, at_once: bool, print: impl FnOnce(&mut BufWriter<Stdout>) -> io::Result<()>) {
        let mut sink = self.lock();
        if sink.failed.is_none() {
            let printed = print(&mut sink.out);
            sink.failed = if at_once { printed.and_then(|()| sink.out.flush()) } else { printed }.err();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Sink> {
        self.sink.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
