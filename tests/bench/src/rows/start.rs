//! Opening the window on a screen that exists in memory only, drawn by software: until the first frame is shown, when it has come to
//! rest, and while nobody touches it. Beside a window of eframe with nothing in it.
//!
//! A frame is on the screen before its window is: eframe shows a window once it has drawn. What is counted is the program's process alone.

use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use piaoxia_store::{OpenOptions, Store, wait};

use super::store::fill;
use super::works;
use crate::measure::{anonymous_of, cpu_of, resident_of};
use crate::row::{Meter, PLAIN, Peer, Row, Task};

/// First argument of the process that is the empty window.
pub const COMMAND: &str = "empty-window";

/// A fresh folder: the page that a newcomer sees. The count is the seconds at rest.
pub const START: Row = Row {
    name: "start",
    count: 60,
    tiny: 1,
    long: true,
    server: Some(screen),
    ours: |task, meter| watch(&mut ours(&task.out.join("Data"))?, task, Duration::from_secs(task.count), meter),
    peers: &[EMPTY],
    bars: &[("idle_cpu", 0.0), ("executable", 20.0)],
    ..PLAIN
};

/// A ledger with many invoices, none of them asked for yet; the page is that of somebody who must sign in.
pub const START_FULL: Row = Row { name: "start_full", count: 1_000_000, tiny: 300, prepare: many, ours: full, bars: &[], ..START };

const EMPTY: Peer = Peer::Library { name: "empty-window", work: empty };
/// From the first frame until everything behind the window stands; a million invoices are in memory by then, or the figure says how long
/// they take.
const SETTLED: Duration = Duration::from_secs(8);
const PATIENCE: Duration = Duration::from_secs(60);

/// Becomes the screen, which says its number as its first line.
fn screen(_task: &Task) -> Result<()> {
    Err(Command::new("Xvfb")
        .args(["-displayfd", "1", "-screen", "0", "1366x768x24", "-nolisten", "tcp", "-noreset"])
        .stderr(Stdio::null())
        .exec()
        .into())
}

fn many(task: &Task) -> Result<()> {
    let store = Store::open(&task.input.join("Data"), OpenOptions::default())?.store;
    fill(&store, task.count)?;
    Ok(wait(store.close())?)
}

fn full(task: &Task, meter: &mut Meter) -> Result<String> {
    watch(&mut ours(&task.input.join("Data"))?, task, Duration::from_secs(1), meter)
}

/// The program that stands beside this one, with a data folder.
fn ours(data: &std::path::Path) -> Result<Command> {
    let program = std::env::current_exe()?.with_file_name("piaoxia");
    ensure!(program.exists(), "{} is not built", program.display());
    let mut command = Command::new(program);
    command.arg("--data").arg(data);
    Ok(command)
}

fn empty(task: &Task, meter: &mut Meter) -> Result<String> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(COMMAND);
    let rest = if task.input.join("Data").exists() { 1 } else { task.count };
    watch(&mut command, task, Duration::from_secs(rest), meter)
}

/// The process that is the empty window.
pub fn empty_window() -> Result<()> {
    let options = eframe::NativeOptions { persist_window: false, ..Default::default() };
    eframe::run_ui_native("empty", options, |ui, _frame| drop(ui.label("empty"))).map_err(|error| anyhow::anyhow!("{error}"))
}

/// Ends the program, whatever happens meanwhile.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        // One that has ended by itself is gone already.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn watch(command: &mut Command, task: &Task, rest: Duration, meter: &mut Meter) -> Result<String> {
    ensure!(works(&["xdotool", "--version"]), "xdotool is missing");
    let display = format!(":{}", task.server);
    let executable = PathBuf::from(command.get_program());
    command.env("DISPLAY", &display).env("LIBGL_ALWAYS_SOFTWARE", "1").env_remove("WAYLAND_DISPLAY").stdout(Stdio::null());
    let begun = Instant::now();
    let mut program = Program(command.spawn().with_context(|| executable.display().to_string())?);
    let process = program.0.id();
    while !is_shown(&display)? {
        ensure!(program.0.try_wait()?.is_none() && begun.elapsed() < PATIENCE, "no window came");
        std::thread::sleep(Duration::from_millis(10));
    }
    meter.figure("first_frame_cpu", cpu_of(process)?, "s");
    meter.figure("first_frame", begun.elapsed().as_secs_f64(), "s");
    std::thread::sleep(SETTLED);
    let cpu = cpu_of(process)?;
    meter.figure("settled_cpu", cpu, "s");
    meter.figure("resident", resident_of(process), "MiB");
    meter.figure("anonymous", anonymous_of(process), "MiB");
    std::io::stdout().flush()?;
    std::thread::sleep(rest);
    ensure!(program.0.try_wait()?.is_none(), "the program ended");
    meter.figure("idle_cpu", cpu_of(process)? - cpu, "s");
    meter.figure("executable", std::fs::metadata(&executable)?.len() as f64 / 1e6, "MB");
    Ok(String::new())
}

/// True when some window is on the screen.
fn is_shown(display: &str) -> Result<bool> {
    let output = Command::new("xdotool").args(["search", "--onlyvisible", "--name", "."]).env("DISPLAY", display).output()?;
    Ok(!output.stdout.is_empty())
}
