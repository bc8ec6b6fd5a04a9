//! Runs the rows: prepares, lets the sides take turns, compares their results, prints medians.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::line::{Against, line, median};
use crate::measure::{self, Measured};
use crate::row::{Peer, Row, Task, command};
use crate::rows;

/// The figure that has the row's own name.
const CPU: &str = "";

/// What is run, and how often.
#[derive(Debug, Default)]
pub struct Options {
    /// Runs that count; the first of each side is thrown away, unless it is the only one. 0 means 5.
    pub runs: usize,
    /// How many of whatever a row counts, instead of its own size.
    pub count: Option<u64>,
    /// Everything small and once: for the test of this program.
    pub tiny: bool,
    /// Also the rows that take minutes.
    pub long: bool,
    /// Only the names.
    pub list: bool,
    /// Rows; none means all.
    pub names: Vec<String>,
}

/// Values of each figure, one a run, and its unit.
type Figures = BTreeMap<String, (Vec<f64>, String)>;

/// Runs what is asked for; false when a row failed.
pub fn run(options: &Options) -> Result<bool> {
    let mut whole = true;
    for row in rows::all().iter().filter(|row| is_wanted(row, options)) {
        if options.list {
            println!("{}", row.name);
            continue;
        }
        if let Err(error) = bench(row, options) {
            eprintln!("{}: {error:#}", row.name);
            whole = false;
        }
    }
    Ok(whole)
}

fn is_wanted(row: &Row, options: &Options) -> bool {
    if options.names.is_empty() { options.long || options.list || !row.long } else { options.names.iter().any(|name| name == row.name) }
}

fn bench(row: &Row, options: &Options) -> Result<()> {
    let count = options.count.unwrap_or(if options.tiny { row.tiny } else { row.count });
    let folder = tempfile::Builder::new().prefix("piaoxia-bench-").tempdir()?;
    let input = folder.path().join("input");
    fs::create_dir(&input)?;
    let task = Task { input, out: folder.path().to_path_buf(), count, server: String::new() };
    (row.prepare)(&task).context("preparing")?;
    let server = row.server.map(|_| Server::start(row, &task)).transpose()?;
    let task = Task { server: server.as_ref().map_or_else(String::new, |server| server.address.clone()), ..task };
    let runs = if options.tiny { 1 } else { options.runs.max(if options.runs == 0 { 5 } else { 1 }) };
    let turns = Turns { row, task: &task, folder: &folder };
    let sides = turns.take(runs, runs > 1)?;
    print(row, count, &sides);
    Ok(())
}

/// One side of a row: its name and its figures; none when it is not on this machine.
type Side = (String, Option<Figures>);

struct Turns<'a> {
    row: &'a Row,
    task: &'a Task,
    folder: &'a TempDir,
}

impl Turns<'_> {
    /// All sides in turn: ours, then each peer, again and again.
    fn take(&self, runs: usize, warm_up: bool) -> Result<Vec<Side>> {
        let names = std::iter::once("ours").chain(self.row.peers.iter().map(Peer::name));
        let mut sides: Vec<Side> = names.map(|name| (name.to_owned(), Some(Figures::new()))).collect();
        let mut agreed = None;
        for turn in 0..runs + usize::from(warm_up) {
            for (number, (name, figures)) in sides.iter_mut().enumerate() {
                let Some(kept) = figures else { continue };
                match self.once(number.checked_sub(1)).with_context(|| name.clone())? {
                    None => *figures = None,
                    Some((measured, result)) => {
                        let expected = agreed.get_or_insert_with(|| result.clone());
                        ensure!(*expected == result, "{name} came to {result}, the others to {expected}");
                        if !warm_up || turn > 0 {
                            note(kept, &measured)?;
                        }
                    }
                }
            }
        }
        Ok(sides)
    }

    /// One run of one side, in a folder of its own; none when the peer is not installed.
    fn once(&self, peer: Option<usize>) -> Result<Option<(Measured, String)>> {
        let out = self.folder.path().join("out");
        fs::create_dir(&out)?;
        let task = Task { out: out.clone(), ..self.task.clone() };
        let command = match peer.and_then(|peer| self.row.peers.get(peer)) {
            None => Some(command(self.row, "ours", &task)?),
            Some(Peer::Library { name, .. }) => Some(command(self.row, name, &task)?),
            Some(Peer::Program { command, .. }) => command(&task)?,
        };
        let Some(command) = command else {
            fs::remove_dir_all(&out)?;
            return Ok(None);
        };
        let measured = measure::run(&command, &out)?;
        let said = measured.said.iter().find_map(|line| line.strip_prefix("result=")).unwrap_or_default();
        let checked = self.row.check.map_or_else(|| Ok(String::new()), |check| check(&task)).context("checking")?;
        fs::remove_dir_all(&out)?;
        Ok(Some((measured.clone(), format!("{said}{checked}"))))
    }
}

fn note(figures: &mut Figures, measured: &Measured) -> Result<()> {
    let ready = measured.said.iter().find_map(|line| line.strip_prefix("ready=")).unwrap_or("0 0");
    let (cpu, wall) = ready.split_once(' ').context("ready= takes CPU and wall seconds")?;
    let mut add = |name: &str, value: f64, unit: &str| {
        figures.entry(name.to_owned()).or_insert_with(|| (Vec::new(), unit.to_owned())).0.push(value);
    };
    add(CPU, measured.cpu - cpu.parse::<f64>()?, "s");
    add("wall", measured.wall - wall.parse::<f64>()?, "s");
    add("memory", measured.memory, "MiB");
    for line in &measured.said {
        if let ["figure", name, value, unit] = line.split_whitespace().collect::<Vec<_>>().as_slice() {
            add(name, value.parse()?, unit);
        }
    }
    Ok(())
}

fn print(row: &Row, count: u64, sides: &[Side]) {
    let Some(((_, Some(ours)), peers)) = sides.split_first() else { return };
    for (figure, (values, unit)) in ours {
        let name = if figure == CPU { format!("{}_{count}", row.name) } else { format!("{}_{count}_{figure}", row.name) };
        let Some(value) = median(values) else { continue };
        let mut against: Vec<Against> = peers.iter().filter_map(|side| compared(side, figure)).collect();
        against.extend(row.bars.iter().filter(|(name, _)| name == figure).map(|(_, most)| bar(*most)));
        if against.is_empty() {
            against.push(Against::Nothing);
        }
        for against in against {
            println!("{}", line(&name, value, &against, unit));
        }
    }
}

fn bar(most: f64) -> Against {
    Against::Figure { name: "bar".to_owned(), value: most }
}

/// A peer that is not there is said once, with the main figure.
fn compared((name, figures): &Side, figure: &str) -> Option<Against> {
    match figures {
        None => (figure == CPU).then(|| Against::Missing { name: name.clone() }),
        Some(figures) => {
            let value = figures.get(figure).and_then(|(values, _)| median(values))?;
            Some(Against::Figure { name: name.clone(), value })
        }
    }
}

/// A row's server, stopped when dropped.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(row: &Row, task: &Task) -> Result<Self> {
        let command = command(row, "server", task)?;
        let (program, arguments) = command.split_first().context("no command")?;
        let mut child = Command::new(program).args(arguments).current_dir(Path::new(&task.input)).stdout(Stdio::piped()).spawn()?;
        let mut address = String::new();
        BufReader::new(child.stdout.take().context("no output")?).read_line(&mut address)?;
        Ok(Self { child, address: address.trim().to_owned() })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended by itself is gone already.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
