//! The main job from the command line: sign in, download with originals, three exports, all proved against the bureau's books.

use std::ffi::OsString;

use anyhow::{Result, bail, ensure};
use piaoxia::boot;
use piaoxia::cli::{self, Outcome, Typed};

use crate::row::{Meter, PLAIN, Row, Task};

/// The simulated bureau makes three originals an invoice within the same process: most of the time and some of the memory.
pub const DEMO: Row = Row { name: "demo", count: 2_000, tiny: 40, ours, ..PLAIN };

pub const DEMO_LONG: Row = Row { name: "demo_long", count: 20_000, long: true, ..DEMO };

fn ours(task: &Task, _meter: &mut Meter) -> Result<String> {
    let count = task.count.to_string();
    let mut line: Vec<OsString> = ["piaoxia", "demo", "--json", "--count", &count, "--out"].map(OsString::from).to_vec();
    line.push(task.out.join("demo").into_os_string());
    let Typed::Do(mut typed) = cli::typed(line) else { bail!("the command line is wrong") };
    let Some(command) = typed.command.take() else { bail!("no command") };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let outcome = cli::run(command, *typed, &boot::Launch::default(), &runtime);
    ensure!(outcome == Outcome::Done, "the demo ended with {outcome:?}");
    Ok(String::new())
}
