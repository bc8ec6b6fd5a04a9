//! Runs one command and says what it took, as the system counts it: CPU of all its threads and children, wall time, most
//! memory. In a small process of its own, because a child's peak is counted from that of the process that started it.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use nix::sys::resource::{Usage, UsageWho, getrusage};
use nix::sys::time::TimeVal;
use nix::time::{ClockId, clock_getcpuclockid, clock_gettime};
use nix::unistd::Pid;

/// First argument of the measuring process.
pub const COMMAND: &str = "measure";

/// What a process took, and what it said on its standard output.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// CPU seconds, user and system.
    pub cpu: f64,
    /// Wall seconds.
    pub wall: f64,
    /// Peak of resident memory, MiB.
    pub memory: f64,
    /// Its lines.
    pub said: Vec<String>,
}

/// Has a command measured. `folder` is its current folder.
pub fn run(command: &[String], folder: &Path) -> Result<Measured> {
    let own = std::env::current_exe()?;
    let output = Command::new(own).arg(COMMAND).args(command).current_dir(folder).stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut said: Vec<String> = text.lines().map(str::to_owned).collect();
    if !output.status.success() {
        bail!("{} failed: {}", command.join(" "), said.join("; "));
    }
    let last = said.pop().context("no figures")?;
    let figures: Vec<f64> = last.split_whitespace().filter_map(|figure| figure.parse().ok()).collect();
    let [cpu, wall, memory] = figures.as_slice() else { bail!("no figures in {last:?}") };
    Ok(Measured { cpu: *cpu, wall: *wall, memory: *memory, said })
}

/// The measuring process: runs the command, then prints its figures.
pub fn measure(command: &[String]) -> Result<()> {
    let (program, arguments) = command.split_first().context("measure what?")?;
    let begun = Instant::now();
    let status = Command::new(program).args(arguments).status().with_context(|| program.clone())?;
    let wall = begun.elapsed().as_secs_f64();
    if !status.success() {
        bail!("{program}: {status}");
    }
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    // In KiB on Linux.
    println!("{} {wall} {}", cpu(&usage), usage.max_rss() as f64 / 1024.0);
    Ok(())
}

fn cpu(usage: &Usage) -> f64 {
    seconds(usage.user_time()) + seconds(usage.system_time())
}

fn seconds(time: TimeVal) -> f64 {
    time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6
}

/// CPU seconds of this process so far.
pub fn own_cpu() -> f64 {
    getrusage(UsageWho::RUSAGE_SELF).map_or(0.0, |usage| cpu(&usage))
}

/// CPU seconds of this thread so far.
pub fn thread_cpu() -> f64 {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).map_or(0.0, |time| time.tv_sec() as f64 + time.tv_nsec() as f64 / 1e9)
}

/// Most resident memory of this process since [`forget_peak`], MiB.
pub fn peak() -> f64 {
    memory_in("/proc/self/status", "VmHWM:")
}

/// Counts the peak from what is resident now. Where that is not possible, the peak stays that of the whole life.
pub fn forget_peak() {
    std::fs::write("/proc/self/clear_refs", "5").ok();
}

/// Resident memory of this process now, MiB.
pub fn resident() -> f64 {
    memory_in("/proc/self/status", "VmRSS:")
}

/// Resident memory of a process now, MiB; 0 once it is gone.
pub fn resident_of(process: u32) -> f64 {
    memory_in(&format!("/proc/{process}/status"), "VmRSS:")
}

/// Resident memory of a process now that no file lies behind, MiB.
pub fn anonymous_of(process: u32) -> f64 {
    memory_in(&format!("/proc/{process}/status"), "RssAnon:")
}

/// CPU seconds of another process so far, without those of its children.
pub fn cpu_of(process: u32) -> Result<f64> {
    let clock = clock_getcpuclockid(Pid::from_raw(process.try_into()?))?;
    let time = clock_gettime(clock)?;
    Ok(time.tv_sec() as f64 + time.tv_nsec() as f64 / 1e9)
}

fn memory_in(file: &str, line: &str) -> f64 {
    let status = std::fs::read_to_string(file).unwrap_or_default();
    let line = status.lines().find_map(|known| known.strip_prefix(line)).unwrap_or_default();
    line.split_whitespace().next().and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}
