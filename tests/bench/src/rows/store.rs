//! The ledger: taking invoices in, opening, a company's months, search as one types. Beside SQLite in WAL mode.

use std::fs::{self, File};
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};
use jiff::civil::date;
use piaoxia_domain::{DateRange, InvoiceFilter, TaxNumber};
use piaoxia_store::{Incoming, OpenOptions, Sort, Source, Store, View, wait};

use super::{peer_file, works};
use crate::invoices::{COMPANY, invoice};
use crate::measure::own_cpu;
use crate::row::{Meter, PLAIN, Peer, Row, Task};

pub const STORE: Row = Row {
    name: "store",
    count: 100_000,
    tiny: 400,
    prepare,
    ours,
    peers: &[Peer::Program { name: "sqlite-wal-python", command: sqlite }],
    ..PLAIN
};

pub const STORE_LONG: Row =
    Row { name: "store_long", count: 1_000_000, long: true, bars: &[("search", 25.0), ("first_row", 1.0)], ..STORE };

/// The database is gone: built anew from snapshot and journal, and the first rows shown.
pub const REBUILD: Row = Row { name: "rebuild", count: 100_000, tiny: 400, ours: rebuilt, bars: &[("rebuild", 10.0)], ..PLAIN };

const BATCH: u64 = 500;
/// Two Chinese characters, a part of a name, of a number, of a remark, of an amount; nothing.
const WORDS: [&str; 8] = ["商贸", "第17商", "00012345", "HT-123", "100.00", "华盟", "ht-77", "没有"];
const MONTHS: i8 = 12;

/// The same invoices as a table, for the peer.
fn prepare(task: &Task) -> Result<()> {
    let mut out = csv::Writer::from_writer(File::create(task.input.join("invoices.csv"))?);
    for number in 0..task.count {
        let one = invoice(number);
        let whole = format!("{:?}", one.lines);
        let row = [
            one.key.to_string(),
            one.buyer.tax_no.as_str().to_owned(),
            one.issued_on().to_string(),
            one.kind.code().to_owned(),
            one.status.word().to_owned(),
            one.seller.name.clone(),
            one.seller.tax_no.as_str().to_owned(),
            one.seller.contact.clone(),
            one.seller.bank.clone(),
            one.buyer.name.clone(),
            one.buyer.contact.clone(),
            one.buyer.bank.clone(),
            one.net.to_string(),
            one.tax.to_string(),
            one.gross.to_string(),
            one.remark.clone(),
            one.drawer.clone(),
            one.source.clone(),
            one.risk.clone(),
            // The goods lines, in about the length that they have as JSON.
            whole.chars().take(420).collect(),
        ];
        out.write_record(row)?;
    }
    Ok(out.flush()?)
}

fn sqlite(task: &Task) -> Result<Option<Vec<String>>> {
    let python = "/usr/bin/python3";
    if !works(&[python, "-c", "import sqlite3"]) {
        return Ok(None);
    }
    let text = |path: &Path| path.display().to_string();
    let mut command = vec![python.to_owned(), peer_file("sqlite.py"), text(&task.input.join("invoices.csv")), text(&task.out.join("db"))];
    command.extend([COMPANY.to_owned(), MONTHS.to_string()]);
    command.extend(WORDS.map(str::to_owned));
    Ok(Some(command))
}

fn ours(task: &Task, meter: &mut Meter) -> Result<String> {
    let dir = task.out.join("data");
    let store = Store::open(&dir, OpenOptions::default())?.store;
    meter.part("upsert", || fill(&store, task.count))?;
    // A fifth comes again, as a download with an overlap brings it.
    fill(&store, task.count / 5)?;
    wait(store.close())?;
    meter.figure("disk", size(&dir) as f64 / f64::from(1 << 20), "MiB");
    let store = meter.part("first_row", || {
        let store = Store::open(&dir, OpenOptions::default())?.store;
        let view = wait(store.view(InvoiceFilter::default(), Sort::default()))?;
        let first = view.ids.get(..30.min(view.ids.len())).unwrap_or_default();
        anyhow::ensure!(store.rows(first).len() == first.len(), "a row is missing");
        Ok(store)
    })?;
    let counted = wait(store.view(InvoiceFilter::default(), Sort::default()))?.totals.invoices;
    let (months, hits) = (months(&store, meter)?, search(&store, meter)?);
    wait(store.close())?;
    without_making(task, meter);
    Ok(format!("{counted} invoices, {months} in months, {hits} found"))
}

fn rebuilt(task: &Task, meter: &mut Meter) -> Result<String> {
    let dir = task.out.join("data");
    let store = Store::open(&dir, OpenOptions::default())?.store;
    fill(&store, task.count)?;
    wait(store.close())?;
    fs::remove_dir_all(dir.join("db"))?;
    let opened = meter.part("rebuild", || Ok(Store::open(&dir, OpenOptions::default())?))?;
    let counted = wait(opened.store.view(InvoiceFilter::default(), Sort::default()))?.totals.invoices;
    wait(opened.store.close())?;
    Ok(format!("{counted} invoices, {:?}", opened.report))
}

pub(super) fn fill(store: &Store, count: u64) -> Result<()> {
    let mut from = 0;
    while from < count {
        let to = count.min(from + BATCH);
        let some = (from..to).map(|number| Incoming { invoice: invoice(number), source: Source::Download("bench".to_owned()) });
        wait(store.upsert(some.collect()))?;
        from = to;
    }
    Ok(())
}

/// Making the invoices is no part of the job.
fn without_making(task: &Task, meter: &mut Meter) {
    let (cpu, begun) = (own_cpu(), Instant::now());
    let sum: i64 = (0..task.count + task.count / 5).map(|number| invoice(number).gross.fen()).sum();
    let (cpu, wall) = (own_cpu() - cpu, begun.elapsed().as_secs_f64());
    // Both what it took within the job and what it took just now.
    meter.without(if sum == i64::MIN { 0.0 } else { 2.0 * cpu }, 2.0 * wall);
}

/// Each month of a year of one company, with the rows of each.
fn months(store: &Store, meter: &mut Meter) -> Result<u64> {
    let company = Some(TaxNumber::from_document(COMPANY));
    let (cpu, mut found) = (own_cpu(), 0);
    for month in 1..=MONTHS {
        let first = date(2023, month, 1);
        let dates = DateRange::new(first, first.last_of_month());
        let view = view(store, InvoiceFilter { company: company.clone(), dates, ..InvoiceFilter::default() })?;
        found += view.totals.invoices;
        let keys = wait(store.invoices(&view.ids))?;
        anyhow::ensure!(keys.len() == view.ids.len(), "an invoice is missing");
    }
    meter.figure("month", (own_cpu() - cpu) * 1e3 / f64::from(MONTHS), "ms");
    Ok(found)
}

fn search(store: &Store, meter: &mut Meter) -> Result<u64> {
    let (cpu, mut found) = (own_cpu(), 0);
    for word in WORDS {
        found += view(store, InvoiceFilter { text: word.to_owned(), ..InvoiceFilter::default() })?.totals.invoices;
    }
    meter.figure("search", (own_cpu() - cpu) * 1e3 / WORDS.len() as f64, "ms");
    Ok(found)
}

fn view(store: &Store, filter: InvoiceFilter) -> Result<View> {
    wait(store.view(filter, Sort::default())).context("a view")
}

fn size(dir: &Path) -> u64 {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let one = |entry: fs::DirEntry| entry.metadata().map_or(0, |about| if about.is_dir() { size(&entry.path()) } else { about.len() });
    // The ballast is given back to a full disk; it is no data.
    entries.filter(|entry| entry.file_name() != "ballast.bin").map(one).sum()
}
