//! A row: one job, ours and the peers'.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::measure::own_cpu;
use crate::rows;

/// First argument of a process that does one side's work.
pub const COMMAND: &str = "work";

/// What one run works on.
#[derive(Clone, Debug)]
pub struct Task {
    /// Folder with what [`Row::prepare`] made, shared by all sides.
    pub input: PathBuf,
    /// Empty folder of this run.
    pub out: PathBuf,
    /// How many of whatever the row counts.
    pub count: u64,
    /// Address of the row's server, if it has one.
    pub server: String,
}

/// Does one side's work in a process of its own; answers the result, which must be the same for all sides.
pub type Work = fn(&Task, &mut Meter) -> Result<String>;

/// Somebody else who does the same.
pub enum Peer {
    /// A library, in this program.
    Library {
        /// Its name.
        name: &'static str,
        /// Its work.
        work: Work,
    },
    /// A program. Prints `result=`, `ready=` and figures as [`Meter`] does, or what [`Row::check`] needs.
    Program {
        /// Its name.
        name: &'static str,
        /// The command; none when it is not on this machine.
        command: fn(&Task) -> Result<Option<Vec<String>>>,
    },
}

impl Peer {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Library { name, .. } | Self::Program { name, .. } => name,
        }
    }
}

/// One job.
pub struct Row {
    /// Its name in the lines: the job, without the count.
    pub name: &'static str,
    /// Its size in `make bench`; the line's name ends with it.
    pub count: u64,
    /// Its size in the test of the harness.
    pub tiny: u64,
    /// Only with `--long`: minutes.
    pub long: bool,
    /// Makes what all sides read, once.
    pub prepare: fn(&Task) -> Result<()>,
    /// A server that runs beside all sides; says its address as the first line.
    pub server: Option<fn(&Task) -> Result<()>>,
    /// Our work.
    pub ours: Work,
    /// Theirs.
    pub peers: &'static [Peer],
    /// Looks at what a side left in its folder: counts and sums that must be the same for all sides. Not measured.
    pub check: Option<fn(&Task) -> Result<String>>,
    /// Bars that are no program's: figure and most.
    pub bars: &'static [(&'static str, f64)],
}

/// What a row is that has nothing special.
pub const PLAIN: Row = Row {
    name: "",
    count: 1,
    tiny: 1,
    long: false,
    prepare: |_| Ok(()),
    server: None,
    ours: |_, _| Ok(String::new()),
    peers: &[],
    check: None,
    bars: &[],
};

/// Takes a side's own figures down.
pub struct Meter {
    begun: Instant,
    ready: (f64, f64),
}

impl Meter {
    fn new() -> Self {
        Self { begun: Instant::now(), ready: (0.0, 0.0) }
    }

    /// What was done so far is no part of the job.
    pub fn ready(&mut self) {
        self.ready = (own_cpu(), self.begun.elapsed().as_secs_f64());
    }

    /// This much CPU and wall time within the job is no part of it: making the rows that are fed in.
    pub fn without(&mut self, cpu: f64, wall: f64) {
        self.ready.0 += cpu;
        self.ready.1 += wall;
    }

    /// A figure of a part of the job, printed in a line of its own.
    pub fn figure(&mut self, name: &str, value: f64, unit: &str) {
        println!("figure {name} {value} {unit}");
    }

    /// Does something and takes its CPU seconds down as a figure.
    pub fn part<T>(&mut self, name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let cpu = own_cpu();
        let done = work()?;
        self.figure(name, own_cpu() - cpu, "s");
        Ok(done)
    }
}

/// The command that does one side's work; `side` is `ours`, `server`, or a library's name.
pub fn command(row: &Row, side: &str, task: &Task) -> Result<Vec<String>> {
    let own = std::env::current_exe()?;
    let text = |path: &Path| path.display().to_string();
    Ok([&text(&own), COMMAND, row.name, side, &text(&task.input), &text(&task.out), &task.count.to_string(), &task.server]
        .map(str::to_owned)
        .to_vec())
}

/// The process that does one side's work.
pub fn work(arguments: &[String]) -> Result<()> {
    let [name, side, input, out, count, server] = arguments else { bail!("work takes six arguments") };
    let row = rows::all().into_iter().find(|row| row.name == name).context("no such row")?;
    let task = Task { input: input.into(), out: out.into(), count: count.parse()?, server: server.clone() };
    let work = match side.as_str() {
        "ours" => row.ours,
        "server" => return row.server.context("no server")?(&task),
        library => {
            let found = row.peers.iter().find_map(|peer| match peer {
                Peer::Library { name, work } if *name == library => Some(*work),
                _ => None,
            });
            found.context("no such library")?
        }
    };
    let mut meter = Meter::new();
    let result = work(&task, &mut meter)?;
    println!("ready={} {}", meter.ready.0, meter.ready.1);
    println!("result={result}");
    Ok(())
}
