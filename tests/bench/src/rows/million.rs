//! A million invoices of one company: downloaded over HTTP from a gateway in a process of its own (which has the simulated bureau make
//! them), searched, sorted, exported. Each step with its CPU seconds, wall seconds and peak of resident memory.
//!
//! The bureau answers at its usual pace, some third of a second for each of the exports of at most 5,000 invoices: that is in the wall
//! seconds of the download, and in no CPU seconds of ours.

use std::path::Path;
use std::time::Instant;

use anyhow::{Result, ensure};
use jiff::civil::date;
use jiff::{Timestamp, ToSpan};
use piaoxia::cli::Outcome;
use piaoxia_bureau::{Bureau, BureauConfig};
use piaoxia_domain::InvoiceFilter;
use piaoxia_domain::period::shanghai_day;
use piaoxia_store::{OpenOptions, Sort, SortKey, Store, wait};
use tokio::runtime::Runtime;

use super::phones::server::{Server, run};
use crate::measure::{forget_peak, own_cpu, peak};
use crate::row::{Meter, PLAIN, Row, Task};

pub const MILLION: Row = Row { name: "million", count: 1_000_000, tiny: 1_000, long: true, ours, ..PLAIN };

/// The sandbox's seed, unless another one is asked for.
const SEED: u64 = 1;
/// What is searched.
const WORDS: [(&str, &str); 3] = [("name", "科技"), ("goods", "办公用品"), ("number", "88")];
const SORTS: [SortKey; 4] = [SortKey::Date, SortKey::Number, SortKey::Gross, SortKey::Counterparty];

fn ours(task: &Task, meter: &mut Meter) -> Result<String> {
    let gateway = Server::gateway(&task.out, task.count)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let data = task.out.join("data");
    meter.ready();
    step(meter, "download", || download(&gateway, &data, &runtime))?;
    meter.figure("gateway_memory", gateway.memory(), "MiB");
    let store = step(meter, "open", || Ok(Store::open(&data, OpenOptions::default())?.store))?;
    let all = wait(store.view(InvoiceFilter::default(), Sort::default()))?.totals.invoices;
    for (name, word) in WORDS {
        let filter = InvoiceFilter { text: word.to_owned(), ..InvoiceFilter::default() };
        let found = step(meter, &format!("search_{name}"), || Ok(wait(store.view(filter, Sort::default()))?.totals.invoices))?;
        ensure!(found <= all, "{found} of {all}");
    }
    for by in SORTS {
        let name = format!("sort_{by:?}").to_lowercase();
        step(meter, &name, || Ok(wait(store.view(InvoiceFilter::default(), Sort { by, descending: true }))?))?;
    }
    wait(store.close())?;
    drop(store);
    for format in ["xlsx", "csv"] {
        let file = task.out.join(format!("all.{format}"));
        step(meter, format, || export(&data, format, &file, &runtime))?;
        meter.figure(&format!("{format}_file"), std::fs::metadata(&file)?.len() as f64 / f64::from(1 << 20), "MiB");
    }
    // The bureau makes them by the day and the month, and about as many as are asked of it.
    ensure!(all * 10 >= task.count * 9, "{all} of {} invoices", task.count);
    Ok(format!("{all} invoices"))
}

/// Does a step and takes down what it took.
fn step<T>(meter: &mut Meter, name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    forget_peak();
    let (cpu, begun) = (own_cpu(), Instant::now());
    let done = work()?;
    let (cpu, wall) = (own_cpu() - cpu, begun.elapsed().as_secs_f64());
    for (part, value, unit) in [("cpu", cpu, "s"), ("wall", wall, "s"), ("memory", peak(), "MiB")] {
        meter.figure(&format!("{name}_{part}"), value, unit);
    }
    Ok(done)
}

/// Signs in, activates and adds an account on the way; done is only what agrees with the bureau's counts and sums.
fn download(gateway: &Server, data: &Path, runtime: &Runtime) -> Result<()> {
    let today = shanghai_day(Timestamp::now());
    let bureau = Bureau::new(BureauConfig::new(SEED, 0, today));
    let company = bureau.companies().first().map(|company| company.tax_no.to_string()).unwrap_or_default();
    let (service, data) = (format!("http://{}", gateway.address), data.display().to_string());
    let (from, to) = (date(2025, 1, 1).to_string(), today.checked_sub(1.day())?.to_string());
    let what = ["download", "--company", &company, "--scope", "received,issued", "--from", &from, "--to", &to, "--no-originals"];
    let how = ["--sandbox-phone", "--json", "--service", &service, "--data", &data];
    let outcome = run(&[&what[..], &how].concat(), runtime)?;
    ensure!(outcome == Outcome::Done, "the download ended with {outcome:?}");
    Ok(())
}

fn export(data: &Path, format: &str, file: &Path, runtime: &Runtime) -> Result<()> {
    let (data, file) = (data.display().to_string(), file.display().to_string());
    let outcome = run(&["export", "--format", format, "--to", &file, "--json", "--data", &data], runtime)?;
    ensure!(outcome == Outcome::Done, "the export ended with {outcome:?}");
    Ok(())
}
