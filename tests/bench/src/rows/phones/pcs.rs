//! The PCs that download: the engine as the command line starts it, each with a data folder of its own, which makes it a PC of its
//! own to the gateway.

use std::io::{BufRead as _, Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, ensure};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use piaoxia::cli::Outcome;
use piaoxia_bureau::{Bureau, BureauConfig};
use piaoxia_domain::period::shanghai_day;
use tokio::runtime::Runtime;

use super::server::{INVOICES, Process, run};

/// The sandbox's seed, unless another one is asked for.
const SEED: u64 = 1;
/// Days of a download.
const DAYS: i64 = 6;

/// What the process says, among what the downloads tell of themselves, whenever it may be told to download.
const READY: &str = "ready";

/// The process of the PCs.
pub struct Pcs(Process);

impl Pcs {
    /// Starts it; each PC is activated by then.
    pub fn start(address: &str, folder: &Path, count: u64) -> Result<Self> {
        let mut pcs = Self(Process::start(&["pcs", address, &folder.display().to_string(), &count.to_string()])?);
        pcs.are_ready()?;
        Ok(pcs)
    }

    /// All download at once; returns when all are done.
    pub fn download(&mut self) -> Result<()> {
        writeln!(self.0.orders)?;
        self.are_ready()
    }

    fn are_ready(&mut self) -> Result<()> {
        let ready = self.0.said.by_ref().lines().map_while(Result::ok).any(|line| line == READY);
        ensure!(ready, "not all downloads were done");
        Ok(())
    }
}

struct Pc<'a> {
    service: String,
    company: String,
    data: PathBuf,
    number: u64,
    today: Date,
    runtime: &'a Runtime,
}

impl Pc<'_> {
    /// Signs in and activates, which a download of one day without originals does on its way.
    fn activate(&self) -> Result<()> {
        self.download(self.number, 1, &["--no-originals"])
    }

    /// Days of a place, counted backwards, that no other PC has: the bureau has one run of a query at a time.
    fn download(&self, place: u64, days: i64, more: &[&str]) -> Result<()> {
        let to = self.today.yesterday()?.checked_sub(i64::try_from(place)?.checked_mul(DAYS).context("too many places")?.days())?;
        let (from, to) = (to.checked_sub((days - 1).days())?.to_string(), to.to_string());
        let data = self.data.display().to_string();
        let line =
            ["download", "--service", &self.service, "--company", &self.company, "--scope", "received", "--from", &from, "--to", &to];
        let outcome = run(&[&line[..], &["--sandbox-phone", "--json", "--data", &data], more].concat(), self.runtime)?;
        ensure!(outcome == Outcome::Done, "download {} ended with {outcome:?}", self.number);
        Ok(())
    }
}

/// The process: gets the PCs ready, says so, and downloads when it is told to.
pub fn work(address: &str, folder: &Path, count: u64, runtime: &Runtime) -> Result<()> {
    let today = shanghai_day(Timestamp::now());
    let bureau = Bureau::new(BureauConfig::new(SEED, INVOICES, today));
    let company = bureau.sandbox_companies().first().map(|company| company.tax_no.as_str().to_owned()).context("no company")?;
    let pcs: Vec<Pc<'_>> = (0..count)
        .map(|number| Pc {
            service: format!("http://{address}"),
            company: company.clone(),
            data: folder.join(format!("pc-{number}")),
            number,
            today,
            runtime,
        })
        .collect();
    // The first one makes the account; the others find it signed in.
    let (first, others) = pcs.split_first().context("no PC")?;
    first.activate()?;
    all(others, Pc::activate)?;
    let mut orders = std::io::stdin().lock().lines();
    for round in 0.. {
        println!("{READY}");
        std::io::stdout().flush()?;
        if orders.next().transpose()?.is_none() {
            break;
        }
        all(&pcs, |pc| pc.download(round * count + pc.number, DAYS, &[]))?;
    }
    Ok(())
}

fn all<'a>(pcs: &[Pc<'a>], work: impl Fn(&Pc<'a>) -> Result<()> + Sync) -> Result<()> {
    std::thread::scope(|scope| {
        let working: Vec<_> = pcs.iter().map(|pc| scope.spawn(|| work(pc))).collect();
        working.into_iter().try_for_each(|one| one.join().map_err(|_| anyhow!("a download panicked"))?)
    })
}
