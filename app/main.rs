//! The program: the window, or a command.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::path::PathBuf;
use std::process::ExitCode;

use piaoxia::boot::{self, BootError, Locked, Options};
use piaoxia::cli::{self, Cli, Fault, Outcome, Output, Typed};
use piaoxia::text::Text;
use piaoxia_engine::import;
use tokio::runtime::{Builder, Runtime};

/// The window's thread never waits for one of these, and the work waits for the network and the disk.
const WORKERS: usize = 2;

fn main() -> ExitCode {
    // Before anything else: this process reads hostile files and needs nothing of the program around it.
    if std::env::args_os().nth(1).is_some_and(|first| first == boot::READ_FILES) {
        let served = import::reader::serve(std::io::stdin().lock(), std::io::stdout().lock());
        return if served.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let outcome = match cli::typed(std::env::args_os()) {
        Typed::Do(cli) => start(*cli),
        Typed::Show(text) => show(&text),
        Typed::Wrong { fault, json } => cli::refuse(json, &fault),
    };
    outcome.code()
}

fn start(mut cli: Cli) -> Outcome {
    let json = cli.json;
    let runtime = match Builder::new_multi_thread().worker_threads(WORKERS).thread_name("piaoxia-worker").enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return cli::refuse(json, &BootError::from(error).into()),
    };
    match cli.command.take() {
        Some(command) => cli::run(command, cli, &runtime),
        None => window(cli.data, cli.service, &runtime).unwrap_or_else(|error| {
            let fault = Fault::from(error);
            tell_in_a_box(&fault);
            cli::refuse(json, &fault)
        }),
    }
}

/// Opens the window, or brings the one forward that has the data folder already.
fn window(data: Option<PathBuf>, service: Option<String>, runtime: &Runtime) -> Result<Outcome, BootError> {
    let locked = match Locked::acquire(data.clone()) {
        Err(BootError::InUse { path }) if boot::raise_other(&path) => {
            return Ok(show(&Text::zh_cn().cli.raised));
        }
        locked => locked?,
    };
    let log = if locked.is_read_only() { None } else { boot::start_log(locked.path()) };
    let shown = boot::open_window(locked, Options::new(data, service), runtime);
    // What the last task still has to say is written before the process ends.
    drop(log);
    shown.map(|()| Outcome::Done)
}

fn show(text: &str) -> Outcome {
    let out = Output::new(false);
    out.say(text.trim_end());
    out.finish().map_or(Outcome::Store, |()| Outcome::Done)
}

/// A released program has no console on Windows: without a box, nobody would learn why no window came.
#[cfg(all(windows, not(debug_assertions)))]
fn tell_in_a_box(fault: &Fault) {
    let text = Text::zh_cn();
    rfd::MessageDialog::new()
        .set_level(rfd::MessageLevel::Error)
        .set_title(&text.common.app_name)
        .set_description(fault.sentence(text))
        .show();
}

#[cfg(not(all(windows, not(debug_assertions))))]
fn tell_in_a_box(_: &Fault) {}
