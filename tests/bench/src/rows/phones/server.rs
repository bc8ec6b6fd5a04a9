//! The processes beside the phones.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail};
use axum::response::Html;
use axum::routing::get;
use axum::{Json, Router};
use piaoxia::boot::Launch;
use piaoxia::cli::{self, Outcome, Typed};
use tokio::runtime::Runtime;

use super::{pcs, runtime};
use crate::measure::resident_of;

/// First argument of these processes.
pub const COMMAND: &str = "serve-phones";
/// Size of the sandbox.
pub const INVOICES: u64 = 6_000;

/// A process, ended when dropped.
pub struct Process {
    pub child: Child,
    /// Its input.
    pub orders: ChildStdin,
    /// Its output.
    pub said: BufReader<ChildStdout>,
}

impl Process {
    pub fn start(arguments: &[&str]) -> Result<Self> {
        let own = std::env::current_exe()?;
        let mut child = Command::new(own).arg(COMMAND).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let said = BufReader::new(child.stdout.take().context("no output")?);
        let orders = child.stdin.take().context("no input")?;
        Ok(Self { child, orders, said })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that has ended by itself is gone already.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A process that serves.
pub struct Server {
    process: Process,
    /// `127.0.0.1:port`.
    pub address: String,
}

impl Server {
    /// The gateway as `piaoxia gateway` starts it, with its data folder below this one.
    pub fn gateway(folder: &Path, invoices: u64) -> Result<Self> {
        Self::listening(&["gateway", &folder.join("service").display().to_string(), &invoices.to_string()])
    }

    /// A bare handler with answers of the same lengths.
    pub fn bare(page: usize) -> Result<Self> {
        Self::listening(&["bare", &page.to_string()])
    }

    fn listening(arguments: &[&str]) -> Result<Self> {
        let mut process = Process::start(arguments)?;
        let mut first = String::new();
        process.said.read_line(&mut first)?;
        let (_, rest) = first.split_once("http://").with_context(|| format!("no address in {first:?}"))?;
        let address = rest.chars().take_while(|c| c.is_ascii_digit() || matches!(c, '.' | ':')).collect();
        Ok(Self { process, address })
    }

    /// Resident memory now, MiB.
    pub fn memory(&self) -> f64 {
        resident_of(self.process.child.id())
    }
}

/// Does what a command line of the program says.
pub fn run(line: &[&str], runtime: &Runtime) -> Result<Outcome> {
    let line: Vec<OsString> = std::iter::once("piaoxia").chain(line.iter().copied()).map(OsString::from).collect();
    let Typed::Do(mut typed) = cli::typed(line) else { bail!("the command line is wrong") };
    let command = typed.command.take().context("no command")?;
    Ok(cli::run(command, *typed, &Launch::default(), runtime))
}

/// One of these processes.
pub fn serve(arguments: &[String]) -> Result<()> {
    let runtime = runtime()?;
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["gateway", data, invoices] => {
            run(&["gateway", "--listen", "127.0.0.1:0", "--invoices", invoices, "--data", data, "--json"], &runtime)?;
            Ok(())
        }
        ["bare", page] => runtime.block_on(bare(page.parse()?)),
        ["pcs", address, folder, count] => pcs::work(address, Path::new(folder), count.parse()?, &runtime),
        _ => bail!("no such process"),
    }
}

async fn bare(page: usize) -> Result<()> {
    let page = "x".repeat(page);
    let state = get(async || Json(serde_json::json!({"text": "等待扫码，5 分钟内有效", "over": false, "good": false})));
    let router = Router::new().route("/p/key/{id}", get(async || Html(page))).route("/p/key/{id}/state", state);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    std::io::stdout().flush()?;
    Ok(axum::serve(listener, router).await?)
}
