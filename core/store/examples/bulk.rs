//! Measures the store: `cargo run --release -p piaoxia-store --example bulk -- FOLDER INVOICES [BATCH]`.
//!
//! Prints one line a step: wall time, processor time and peak memory of the whole process, bytes on disk.

use std::error::Error;
use std::fs;
use std::io::{Write, stdout};
use std::path::{Path, PathBuf};
use std::time::Instant;

use jiff::civil::date;
use piaoxia_domain::{
    Behind, DateRange, Direction, Invoice, InvoiceFilter, InvoiceKey, InvoiceLine, Kind, Money, Party, Rate, Status, TaxNumber,
};
use piaoxia_store::{Incoming, OpenOptions, Sort, SortKey, Source, Store, wait};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let dir = PathBuf::from(arguments.next().ok_or("which folder?")?);
    let invoices: u32 = arguments.next().ok_or("how many invoices?")?.parse()?;
    let batch: u32 = arguments.next().map_or(Ok(200), |batch| batch.parse())?;
    let store = step("open", &dir, || Ok(Store::open(&dir, OpenOptions::default())?.store))?;
    step(&format!("upsert {invoices} in batches of {batch}"), &dir, || fill(&store, invoices, batch))?;
    step("upsert the same again", &dir, || fill(&store, invoices.min(20_000), batch))?;
    step("close", &dir, || Ok(wait(store.close())?))?;
    let store = step("open again", &dir, || {
        let opened = Store::open(&dir, OpenOptions::default())?;
        writeln!(stdout(), "  {:?}", opened.report)?;
        Ok(opened.store)
    })?;
    views(&store, &dir)?;
    step("close", &dir, || Ok(wait(store.close())?))
}

fn fill(store: &Store, invoices: u32, batch: u32) -> Outcome<()> {
    let mut from = 0;
    while from < invoices {
        let to = invoices.min(from + batch);
        let some = (from..to).map(|number| Incoming { invoice: invoice(number), source: Source::Download("demo".to_owned()) });
        wait(store.upsert(some.collect()))?;
        from = to;
    }
    Ok(())
}

fn views(store: &Store, dir: &Path) -> Outcome<()> {
    let text = |text: &str| InvoiceFilter { text: text.to_owned(), ..InvoiceFilter::default() };
    let month = InvoiceFilter {
        company: Some(TaxNumber::from_document("91350100M000100Y43")),
        dates: DateRange::new(date(2026, 3, 1), date(2026, 3, 31)),
        ..InvoiceFilter::default()
    };
    let by = |by| Sort { by, descending: true };
    for (name, filter, sort) in [
        ("view of all by date, first", InvoiceFilter::default(), by(SortKey::Date)),
        ("view of all by date, again", InvoiceFilter::default(), by(SortKey::Date)),
        ("view of all by number", InvoiceFilter::default(), by(SortKey::Number)),
        ("view of a company's month", month, by(SortKey::Date)),
        ("search for 第17商", text("第17商"), by(SortKey::Date)),
        ("search for 00012345", text("00012345"), by(SortKey::Date)),
        ("search for 2", text("2"), by(SortKey::Date)),
        ("search for 没有", text("没有"), by(SortKey::Date)),
    ] {
        let view = step(name, dir, || Ok(wait(store.view(filter, sort))?))?;
        writeln!(stdout(), "  {} invoices", view.totals.invoices)?;
    }
    let figures = step("statistics of all", dir, || Ok(wait(store.figures(InvoiceFilter::default(), 20))?))?;
    writeln!(stdout(), "  {} by kind, {} by rate, {} parties", figures.kinds.len(), figures.rates.len(), figures.parties.len())?;
    let rate = Behind { rates: vec![Rate::Percent(600)], ..Behind::default() };
    step("view of a rate", dir, || Ok(wait(store.view(InvoiceFilter { behind: rate, ..InvoiceFilter::default() }, by(SortKey::Date)))?))?;
    step("deduction summary", dir, || Ok(wait(store.deductions(InvoiceFilter::default(), "2026-03".parse()?))?))?;
    Ok(())
}

fn step<T>(name: &str, dir: &Path, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    let (begun, cpu) = (Instant::now(), cpu_seconds());
    let result = work()?;
    let wall = begun.elapsed().as_secs_f64() * 1_000.0;
    let cpu = (cpu_seconds() - cpu) * 1_000.0;
    let (peak, now) = (memory("VmHWM:"), memory("VmRSS:"));
    writeln!(stdout(), "{name}: wall {wall:.1} ms, cpu {cpu:.0} ms, memory {now} MB, peak {peak} MB, disk {} MB", size(dir) >> 20)?;
    Ok(result)
}

fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks: f64 = after_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
    ticks / 100.0
}

fn memory(what: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(what));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok()).unwrap_or_default() >> 10
}

fn size(dir: &Path) -> u64 {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries.map(|entry| entry.metadata().map_or(0, |metadata| if metadata.is_dir() { size(&entry.path()) } else { metadata.len() })).sum()
}

fn invoice(number: u32) -> Invoice {
    let party = |name: String, tax_no: &str| Party {
        name,
        tax_no: TaxNumber::from_document(tax_no),
        contact: "上海市浦东新区世纪大道100号 021-58880000".to_owned(),
        bank: "招商银行上海分行 121909876543210".to_owned(),
    };
    let net = i64::from(number % 977_777) * 100 + 100;
    let line = |n: i64| InvoiceLine {
        name: "*信息技术服务*软件开发服务".to_owned(),
        unit: "项".to_owned(),
        net: Money::from_fen(net / 2 + n),
        rate: "6%".to_owned(),
        tax: Money::from_fen(net * 3 / 100),
        class_code: "3040201010000000000".to_owned(),
        ..InvoiceLine::default()
    };
    Invoice {
        key: InvoiceKey::Digital(format!("263120000000{number:08}")),
        paper_key: None,
        kind: Kind::from_code(if number.is_multiple_of(3) { "82" } else { "81" }),
        direction: Some(Direction::Received),
        both_sides: false,
        self_billed: false,
        issued_at: date(2020 + (number / 84 % 7) as i16, (number % 12 + 1) as i8, (number % 28 + 1) as i8).at(
            9,
            30,
            (number % 60) as i8,
            0,
        ),
        seller: party(format!("上海第{}商贸有限公司", number % 5_000), "91310115MA1K35JX4G"),
        buyer: party("华盟科技有限公司".to_owned(), if number.is_multiple_of(25) { "91350100M000100Y43" } else { "91110108339805094M" }),
        net: Money::from_fen(net),
        tax: Money::from_fen(net * 6 / 100),
        gross: Money::from_fen(net + net * 6 / 100),
        status: Status::Normal,
        deduction: None,
        usage: None,
        red_of: None,
        risk: "正常".to_owned(),
        source: "电子发票服务平台".to_owned(),
        drawer: "王芳".to_owned(),
        remark: format!("合同编号 HT-{number}"),
        check_code: String::new(),
        lines: (0..2).map(line).collect(),
    }
}
