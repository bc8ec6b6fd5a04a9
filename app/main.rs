//! The program: the window, or a command.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::path::PathBuf;
use std::process::ExitCode;

use piaoxia::boot::{self, BootError, First, Launch, Locked, Log, Options, Report};
use piaoxia::cli::{self, Cli, Fault, Outcome, Output, Typed};
use piaoxia::shell::Closed;
use piaoxia::text::{Language, Text, fill};
use piaoxia_engine::{LANGUAGE, kept_for_window, reader};
use tokio::runtime::{Builder, Runtime};
use zeroizing_alloc::ZeroAlloc;

/// Overwrites what is freed. A password passes through the buffers of many packages on its way: what any of them gives back
/// holds nothing any more.
#[global_allocator]
static MEMORY: ZeroAlloc<std::alloc::System> = ZeroAlloc(std::alloc::System);

/// The window's thread never waits for one of these, and the work waits for the network and the disk.
const WORKERS: usize = 2;

fn main() -> ExitCode {
    piaoxia_system::from_the_system_alone();
    piaoxia_system::close_to_others();
    // Before anything else: this process reads hostile files and needs nothing of the program around it.
    if std::env::args_os().nth(1).is_some_and(|first| first == boot::READ_FILES) {
        let served = reader::serve(std::io::stdin().lock(), std::io::stdout().lock());
        return if served.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    if std::env::args_os().nth(1).is_some_and(|first| first == boot::SERVE_LIBRARY) {
        let served = piaoxia_taxdisk::skf::serve(std::io::BufReader::new(std::io::stdin()), &mut std::io::stdout().lock());
        return if served.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    piaoxia_system::join_callers_console();
    // Before anything is opened: the version that is to run may be another one.
    let launch = match boot::first(std::env::args_os()) {
        First::Run(launch) => launch,
        First::Ended(code) => return code,
    };
    if let Some(language) = cli::named_language(&launch.arguments) {
        Text::name(language);
    }
    let typed = cli::typed(launch.arguments.iter().cloned());
    if !matches!(&typed, Typed::Do(cli) if cli.command.is_none()) {
        // A window reports later, once it is drawn.
        launch.report(Report::Command);
    }
    match typed {
        Typed::Do(cli) => start(*cli, &launch),
        Typed::Show(text) => show(&text).code(),
        Typed::Wrong { fault, json } => cli::refuse(json, &fault).code(),
    }
}

fn start(mut cli: Cli, launch: &Launch) -> ExitCode {
    let json = cli.json;
    cli.data = launch.data(cli.data);
    let runtime = match Builder::new_multi_thread().worker_threads(WORKERS).thread_name("piaoxia-worker").enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return cli::refuse(json, &BootError::from(error).into()).code(),
    };
    if let Some(command) = cli.command.take() {
        tell_fell_back(launch);
        return cli::run(command, cli, launch, &runtime).code();
    }
    match window(cli.data, cli.service, launch, &runtime) {
        Ok(Shown::Ended(outcome)) => outcome.code(),
        Ok(Shown::ToRestart) => {
            drop(runtime);
            launch.again()
        }
        Ok(Shown::ToRemove) => {
            if let Err(error) = piaoxia_system::show_safe_removal() {
                tracing::warn!(%error, "the system's window for taking out a medium does not open");
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            if error.is_excuse() {
                launch.report(Report::Excused);
            }
            let fault = Fault::from(error);
            tell_in_a_box(&fault);
            cli::refuse(json, &fault).code()
        }
    }
}

/// What became of the window.
enum Shown {
    /// It is over.
    Ended(Outcome),
    /// Another version is to start.
    ToRestart,
    /// The medium is to be taken out.
    ToRemove,
}

/// A window says it itself.
fn tell_fell_back(launch: &Launch) {
    if let Some(failed) = launch.fell_back {
        let values = [("failed", &*failed.to_string()), ("version", &*boot::version().to_string())];
        Output::new(false).complain(&fill(&Text::current().update.fell_back, &values));
    }
}

/// Opens the window, or brings the one forward that has the data folder already.
fn window(data: Option<PathBuf>, service: Option<String>, launch: &Launch, runtime: &Runtime) -> Result<Shown, BootError> {
    if !Text::is_named() {
        Text::set(Language::of_system());
    }
    boot::refuse_planted_libraries()?;
    let locked = match Locked::acquire(data.clone()) {
        Err(BootError::InUse { path }) if boot::raise_other(&path) => {
            return Ok(Shown::Ended(show(&Text::current().cli.raised)));
        }
        locked => locked?,
    };
    let kept = kept_for_window(locked.path()).get(LANGUAGE).and_then(|code| Language::from_code(code));
    if let Some(kept) = kept.filter(|_| !Text::is_named()) {
        Text::set(kept);
    }
    // A click starts the program in the folder that it lies in.
    piaoxia_system::leave_current_folder();
    let log = if locked.is_read_only() { Log::default() } else { Log::start(locked.path()) };
    let options = Options { updater: launch.updater(), ..Options::new(data, service) };
    let shown = boot::open_window(locked, log, options, launch, runtime);
    shown.map(|closed| match closed {
        Closed::ForGood => Shown::Ended(Outcome::Done),
        Closed::ToRestart => Shown::ToRestart,
        Closed::ToRemove => Shown::ToRemove,
    })
}

fn show(text: &str) -> Outcome {
    let out = Output::new(false);
    out.say(text.trim_end());
    out.finish().map_or(Outcome::Store, |()| Outcome::Done)
}

/// A released program has no console on Windows: without a box, nobody would learn why no window came.
#[cfg(all(windows, not(debug_assertions)))]
fn tell_in_a_box(fault: &Fault) {
    let text = Text::current();
    rfd::MessageDialog::new()
        .set_level(rfd::MessageLevel::Error)
        .set_title(&text.common.app_name)
        .set_description(fault.sentence(text))
        .show();
}

#[cfg(not(all(windows, not(debug_assertions))))]
fn tell_in_a_box(_: &Fault) {}
