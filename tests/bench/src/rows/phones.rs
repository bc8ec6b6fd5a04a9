//! Phones that wait on a page of the gateway, which serves downloads meanwhile; beside them a bare axum handler under the same phones.
//!
//! Each phone looks every two seconds on a connection that it keeps, as the pages' scripts do. A connection that the server ends with its
//! answer is opened anew; anything else that is not a whole answer is an error, and there may be none.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use axum::routing::get;
use axum::{Json, Router};
use jiff::{Timestamp, ToSpan};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use piaoxia::boot::Launch;
use piaoxia::cli::{self, Outcome, Typed};
use piaoxia_bureau::{Bureau, BureauConfig};
use piaoxia_domain::period::shanghai_day;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use crate::measure::resident_of;
use crate::row::{Meter, PLAIN, Peer, Row, Task};

/// The gateway has to answer while it serves downloads; the bare handler has nothing else to do.
pub const PHONES: Row = Row {
    name: "phones",
    count: 2_000,
    tiny: 40,
    long: true,
    ours: beside_downloads,
    peers: &[Peer::Library { name: "axum", work: bare }],
    ..PLAIN
};

/// First argument of the processes that serve.
pub const COMMAND: &str = "serve-phones";

/// Pause of the pages' scripts between two looks.
const PAUSE: Duration = Duration::from_secs(2);
/// Looks of a phone, of few phones in the test of the harness.
const LOOKS: u32 = 12;
const FEW: (u64, u32) = (100, 2);
/// A download for so many phones.
const PHONES_A_DOWNLOAD: u64 = 40;
/// Memory that the gateway may grow by between the middle and the end, MiB.
const GROWTH: f64 = 32.0;
const SEED: u64 = 1;
const INVOICES: u64 = 3_000;

fn beside_downloads(task: &Task, meter: &mut Meter) -> Result<String> {
    let server = Server::start(&["gateway", &task.out.join("service").display().to_string()])?;
    let runtime = runtime()?;
    // The first one makes the account; the others find it signed in.
    download(task, &server.address, 0, &runtime)?;
    let before = resident_of(server.child.id());
    meter.ready();
    let (looks, memory) = std::thread::scope(|scope| -> Result<_> {
        let downloads: Vec<_> = (1..=task.count / PHONES_A_DOWNLOAD)
            .map(|number| {
                let (server, runtime) = (&server, &runtime);
                scope.spawn(move || download(task, &server.address, number, runtime))
            })
            .collect();
        let looked = runtime.block_on(crowd(&server.address, task.count, server.child.id()))?;
        for download in downloads {
            download.join().map_err(|_| anyhow::anyhow!("a download panicked"))??;
        }
        Ok(looked)
    })?;
    let after = resident_of(server.child.id());
    for (name, value) in [("gateway_start", before), ("gateway_middle", memory), ("gateway_end", after)] {
        meter.figure(name, value, "MiB");
    }
    ensure!(after <= memory.max(before) + GROWTH, "the gateway grew from {before} over {memory} to {after} MiB");
    told(meter, looks)
}

fn bare(task: &Task, meter: &mut Meter) -> Result<String> {
    let server = Server::start(&["bare"])?;
    let runtime = runtime()?;
    meter.ready();
    let (looks, _) = runtime.block_on(crowd(&server.address, task.count, server.child.id()))?;
    told(meter, looks)
}

fn told(meter: &mut Meter, mut looks: Vec<Duration>) -> Result<String> {
    looks.sort();
    let at = |part: f64| looks.get((looks.len() as f64 * part) as usize).map_or(0.0, |took| took.as_secs_f64() * 1e3);
    for (name, part) in [("p50", 0.5), ("p99", 0.99), ("p100", 0.999_999)] {
        meter.figure(name, at(part), "ms");
    }
    Ok(format!("{} whole answers", looks.len()))
}

fn runtime() -> Result<Runtime> {
    // Each phone holds a file handle; the server inherits the limit.
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, most, most)?;
    Ok(tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?)
}

/// All phones, begun evenly within one pause; how long each look took, and the server's memory half-way, MiB.
async fn crowd(address: &str, count: u64, server: u32) -> Result<(Vec<Duration>, f64)> {
    let looks = if count < FEW.0 { FEW.1 } else { LOOKS };
    let mut phones = JoinSet::new();
    for number in 0..count {
        let late = PAUSE.mul_f64(number as f64 / count as f64);
        let phone = Phone { address: address.to_owned(), kept: None };
        phones.spawn(phone.waits(late, looks));
    }
    tokio::time::sleep(PAUSE * (looks / 2)).await;
    let memory = resident_of(server);
    let mut looks = Vec::new();
    while let Some(phone) = phones.join_next().await {
        looks.extend(phone??);
    }
    Ok((looks, memory))
}

/// A page that is open on a phone.
struct Phone {
    address: String,
    kept: Option<TcpStream>,
}

impl Phone {
    async fn waits(mut self, late: Duration, count: u32) -> Result<Vec<Duration>> {
        tokio::time::sleep(late).await;
        let mut turn = tokio::time::interval(PAUSE);
        turn.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut looks = Vec::new();
        for _ in 0..count {
            turn.tick().await;
            let begun = Instant::now();
            self.look().await?;
            looks.push(begun.elapsed());
        }
        Ok(looks)
    }

    async fn look(&mut self) -> Result<()> {
        // A connection that was idle for too long may be closed by now: a browser asks once more, too.
        if let Some(kept) = self.kept.take()
            && self.ask(kept).await.is_ok()
        {
            return Ok(());
        }
        let new = TcpStream::connect(&self.address).await.context("connecting")?;
        self.ask(new).await
    }

    async fn ask(&mut self, mut stream: TcpStream) -> Result<()> {
        let ask = format!("GET /p/key/{:032x}/state HTTP/1.1\r\nHost: {}\r\n\r\n", 7, self.address);
        stream.write_all(ask.as_bytes()).await.context("asking")?;
        let (mut answer, mut part) = (Vec::new(), [0; 4096]);
        let (head, length) = loop {
            let count = stream.read(&mut part).await.context("reading")?;
            ensure!(count > 0, "an answer broke off");
            answer.extend_from_slice(part.get(..count).unwrap_or_default());
            let text = String::from_utf8_lossy(&answer);
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let head = head.to_lowercase();
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).context("no length")?.parse::<usize>()?;
                if body.len() >= length {
                    break (head, length);
                }
            }
        };
        ensure!(head.starts_with("http/1.1 200") && length > 0, "{head}");
        self.kept = (!head.contains("connection: close")).then_some(stream);
        Ok(())
    }
}

/// A whole download by the engine, into a data folder of its own; a PC of its own to the gateway.
fn download(task: &Task, address: &str, number: u64, runtime: &Runtime) -> Result<()> {
    let today = shanghai_day(Timestamp::now());
    let bureau = Bureau::new(BureauConfig::new(SEED, INVOICES, today));
    let company = bureau.sandbox_companies().first().map(|company| company.tax_no.as_str().to_owned()).context("no company")?;
    // No two ask for the same: the bureau has one run of a query at a time.
    let to = today.yesterday()?.saturating_sub(i64::try_from(number * 3)?.days());
    let (from, to) = (to.saturating_sub(1.day()).to_string(), to.to_string());
    let (data, service) = (task.out.join(format!("pc-{number}")).display().to_string(), format!("http://{address}"));
    let line = ["download", "--service", &service, "--company", &company, "--scope", "received", "--from", &from, "--to", &to];
    let outcome = run(&[&line[..], &["--sandbox-phone", "--json", "--data", &data]].concat(), runtime)?;
    ensure!(outcome == Outcome::Done, "download {number} ended with {outcome:?}");
    Ok(())
}

fn run(line: &[&str], runtime: &Runtime) -> Result<Outcome> {
    let line: Vec<OsString> = std::iter::once("piaoxia").chain(line.iter().copied()).map(OsString::from).collect();
    let Typed::Do(mut typed) = cli::typed(line) else { bail!("the command line is wrong") };
    let command = typed.command.take().context("no command")?;
    Ok(cli::run(command, *typed, &Launch::default(), runtime))
}

/// A process that serves, ended when dropped.
struct Server {
    child: Child,
    /// `127.0.0.1:port`.
    address: String,
}

impl Server {
    fn start(arguments: &[&str]) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?).arg(COMMAND).args(arguments).stdout(Stdio::piped()).spawn()?;
        let mut first = String::new();
        BufReader::new(child.stdout.take().context("no output")?).read_line(&mut first)?;
        let (_, rest) = first.split_once("http://").with_context(|| format!("no address in {first:?}"))?;
        let address = rest.chars().take_while(|c| c.is_ascii_digit() || matches!(c, '.' | ':')).collect();
        Ok(Self { child, address })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended by itself is gone already.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The process that serves: the gateway as `piaoxia gateway` starts it, or a bare handler with the same answer.
pub fn serve(arguments: &[String]) -> Result<()> {
    let runtime = runtime()?;
    match arguments {
        [kind, data] if kind == "gateway" => {
            let invoices = INVOICES.to_string();
            run(&["gateway", "--listen", "127.0.0.1:0", "--invoices", &invoices, "--data", data, "--json"], &runtime)?;
            Ok(())
        }
        _ => runtime.block_on(async {
            let state = get(async || Json(serde_json::json!({"text": "二维码已过期，请返回重新提交密钥", "over": true, "good": false})));
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
            println!("http://{}", listener.local_addr()?);
            std::io::stdout().flush()?;
            Ok(axum::serve(listener, Router::new().route("/p/key/{id}/state", state)).await?)
        }),
    }
}
