//! The command line: the same engine without a window. One file a command.

mod args;
mod claim;
mod deduction;
mod demo;
mod disk;
mod doctor;
mod download;
mod export;
mod fault;
mod gateway;
mod help;
mod import;
mod inspect;
mod ledger;
mod list;
mod output;
mod phone;
mod posting;
mod sandbox;
mod stats;
mod table;
mod update;
mod words;

use std::io::{BufRead, Read};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

pub use args::{Cli, Command};
pub use fault::Fault;
pub use help::{Typed, named_language, typed};
pub use output::{Outcome, Output};

use crate::boot::{self, Launch};
use crate::text::{Text, fill};

/// Exit code of a process that Ctrl+C ended, by convention of the shells.
const INTERRUPTED: i32 = 130;

/// What every command has.
struct Cx {
    out: Output,
    text: &'static Text,
    data: Option<PathBuf>,
    service: Option<String>,
    log: OnceLock<boot::Log>,
    /// Ctrl+C was pressed, or the system asks the process to end.
    stop: CancellationToken,
}

/// Longest secret that is typed, bytes.
const LONGEST: u64 = 1024;

/// The first line of the input: a secret on the command line would be shown to every program of the PC.
fn secret() -> Option<Zeroizing<String>> {
    let mut line = Zeroizing::new(String::new());
    std::io::stdin().lock().take(LONGEST).read_line(&mut line).ok()?;
    Some(Zeroizing::new(line.trim_end_matches(['\r', '\n']).to_owned()))
}

/// What a command comes to.
type Ended = Result<Outcome, Fault>;

/// Runs a command to its end.
#[must_use]
pub fn run(command: Command, cli: Cli, launch: &Launch, runtime: &Runtime) -> Outcome {
    let cx = Cx {
        out: Output::new(cli.json),
        text: Text::current(),
        data: cli.data,
        service: cli.service,
        log: OnceLock::new(),
        stop: CancellationToken::new(),
    };
    runtime.spawn(stop_when_asked(cx.stop.clone()));
    let ended = match command {
        Command::Inspect { files } => inspect::run(&cx, &files),
        Command::Demo(demo) => runtime.block_on(demo::run(&cx, &demo)),
        Command::Import { paths, report } => runtime.block_on(import::run(&cx, paths, report)),
        Command::List(filters) => runtime.block_on(list::run(&cx, &filters)),
        Command::Stats(options) => runtime.block_on(stats::run(&cx, &options)),
        Command::Claim(options) => runtime.block_on(claim::run(&cx, &options)),
        Command::Export(export) => runtime.block_on(export::run(&cx, &export)),
        Command::Download(download) => runtime.block_on(download::run(&cx, &download)),
        Command::Disk(options) => runtime.block_on(disk::run(&cx, &options)),
        Command::Update(update) => runtime.block_on(update::run(&cx, &update, launch)),
        Command::Doctor => runtime.block_on(doctor::run(&cx, launch)),
        Command::Diagnostics { to } => runtime.block_on(doctor::diagnostics(&cx, launch, to)),
        Command::Gateway(gateway) => runtime.block_on(gateway::run(&cx, &gateway)),
    };
    cx.end(ended)
}

/// Tells what keeps the program from starting at all, and how it ends.
#[must_use]
pub fn refuse(json: bool, fault: &Fault) -> Outcome {
    fault.tell(&Output::new(json), Text::current());
    fault.outcome()
}

impl Cx {
    /// Starts the log in the data folder; once.
    fn log_in(&self, data: &Path) {
        self.log.get_or_init(|| boot::Log::start(data));
    }

    /// No log: the data folder is gone at the end.
    fn log_nowhere(&self) {
        self.log.get_or_init(boot::Log::default);
    }

    fn options(&self) -> boot::Options {
        boot::Options::new(self.data.clone(), self.service.clone())
    }

    /// The service that is named, else the one that was chosen in this data folder.
    fn service_of(&self, data: &Path) -> Result<boot::Service, Fault> {
        Ok(boot::service_of(data, self.service.as_deref())?)
    }

    fn say(&self, template: &str, values: &[(&str, &str)]) {
        self.out.say(&fill(template, values));
    }

    fn end(&self, ended: Ended) -> Outcome {
        let outcome = ended.unwrap_or_else(|fault| {
            fault.tell(&self.out, self.text);
            fault.outcome()
        });
        match self.out.finish() {
            Ok(()) => outcome,
            Err(error) => {
                self.out.complain(&fill(&self.text.cli.output_lost, &[("why", &error.to_string())]));
                Outcome::Store
            }
        }
    }
}

/// The first Ctrl+C ends in order what can be ended so, the second one ends the process.
async fn stop_when_asked(stop: CancellationToken) {
    if asked().await.is_ok() {
        stop.cancel();
    }
    if asked().await.is_ok() {
        std::process::exit(INTERRUPTED);
    }
}

#[cfg(unix)]
async fn asked() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn asked() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
