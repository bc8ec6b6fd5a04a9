//! Invoices, and a folder with a store in it, to test with.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::date;
use piaoxia_domain::{Direction, Invoice, InvoiceFilter, InvoiceKey, InvoiceLine, Kind, Money, Party, Status, TaxNumber};
use tempfile::TempDir;

use crate::engine::MemoryEngine;
use crate::keep::Sizes;
use crate::open::{OpenOptions, OpenReport, Setup};
use crate::{Incoming, Opened, Outcome, Sort, Source, Store, wait};

/// An invoice without lines; the same number gives the same one.
pub(crate) fn invoice(number: u32) -> Invoice {
    let party = |name: String, tax_no: &str| Party { name, tax_no: TaxNumber::from_document(tax_no), ..Party::default() };
    let net = i64::from(number % 977) * 1_000 + 100;
    Invoice {
        key: InvoiceKey::Digital(format!("263120000000{number:08}")),
        paper_key: None,
        kind: Kind::from_code(if number.is_multiple_of(3) { "82" } else { "81" }),
        direction: Some(if number.is_multiple_of(2) { Direction::Issued } else { Direction::Received }),
        both_sides: false,
        self_billed: false,
        issued_at: date(2026, (number % 12 + 1) as i8, (number % 28 + 1) as i8).at(9, 30, (number % 60) as i8, 0),
        seller: party(format!("上海第{}商贸有限公司", number % 40), "91310115MA1K35JX4G"),
        buyer: party("华盟科技有限公司".to_owned(), "91350100M000100Y43"),
        net: Money::from_fen(net),
        tax: Money::from_fen(net * 13 / 100),
        gross: Money::from_fen(net + net * 13 / 100),
        status: Status::Normal,
        deduction: None,
        usage: None,
        red_of: None,
        risk: String::new(),
        source: "电子发票服务平台".to_owned(),
        drawer: String::new(),
        remark: String::new(),
        check_code: String::new(),
        lines: Vec::new(),
    }
}

/// An invoice with this many lines.
pub(crate) fn with_lines(number: u32, lines: usize) -> Invoice {
    let line = |n: usize| InvoiceLine {
        name: format!("*信息技术服务*开发服务 {n}"),
        rate: "6%".to_owned(),
        net: Money::from_fen(n as i64),
        ..InvoiceLine::default()
    };
    Invoice { lines: (0..lines).map(line).collect(), ..invoice(number) }
}

pub(crate) fn download(invoice: Invoice) -> Incoming {
    Incoming { invoice, source: Source::Download("91310115MA1K35JX4G".to_owned()) }
}

pub(crate) fn import(invoice: Invoice) -> Incoming {
    Incoming { invoice, source: Source::Import("发票.pdf".to_owned()) }
}

pub(crate) fn put(store: &Store, invoices: impl IntoIterator<Item = Invoice>) -> Vec<Outcome> {
    wait(store.upsert(invoices.into_iter().map(download).collect())).unwrap()
}

/// All invoices, in the order of their numbers.
pub(crate) fn all(store: &Store) -> Vec<Invoice> {
    let sort = Sort { by: crate::SortKey::Number, descending: false };
    let view = wait(store.view(InvoiceFilter::default(), sort)).unwrap();
    let found = wait(store.invoices(&view.ids)).unwrap();
    assert_eq!(found.len() as u64, view.totals.invoices);
    found
}

/// A folder and how stores are opened in it.
pub(crate) struct Bench {
    pub dir: TempDir,
    pub setup: Setup,
}

impl Bench {
    pub(crate) fn on_sled() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), setup: OpenOptions::default().into() }
    }

    pub(crate) fn in_memory() -> Self {
        let mut bench = Self::on_sled();
        bench.setup.engine = |_| Ok(Box::new(MemoryEngine::default()));
        bench
    }

    /// Journal files and snapshots come after a few invoices already.
    pub(crate) fn small_files(mut self) -> Self {
        self.setup.sizes = Sizes { rotate: 2_000, due: 6_000, stale_rows: 4, held: 1_000 };
        self
    }

    pub(crate) fn open(&self) -> Opened {
        Store::open_with(self.dir.path(), self.setup.clone()).unwrap()
    }

    pub(crate) fn reopen(&self, store: &Store) -> Opened {
        wait(store.close()).unwrap();
        self.open()
    }

    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.dir.path().join(below)
    }

    /// Files of a folder, sorted.
    pub(crate) fn files(&self, below: &str) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = fs::read_dir(self.path(below)).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
    }
}

/// Invoices that a report counts.
pub(crate) fn counted(report: OpenReport) -> u64 {
    match report {
        OpenReport::Fresh => 0,
        OpenReport::Clean { invoices } | OpenReport::Rebuilt { invoices, .. } | OpenReport::ReadOnly { invoices, .. } => invoices,
    }
}

pub(crate) fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// Bytes that nothing can pack (xorshift), the same each time.
pub(crate) fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..length).map(next).collect()
}
