//! Invoices for tests and measurements, and a ledger that hands them out.
#![allow(dead_code, clippy::unwrap_used, clippy::indexing_slicing, reason = "each test uses a part of it, and may panic")]

use std::path::{Path, PathBuf};

use jiff::ToSpan;
use jiff::civil::date;
use piaoxia_domain::invoice::{Format, Invoice, InvoiceLine, Party};
use piaoxia_domain::{Deduction, Direction, InvoiceKey, Kind, Money, Status, TaxNumber};
use piaoxia_export::{Column, Expected, LineColumn, LinesTable, OriginalFile, Output, Request, Source, SourceError, Table, Words};

/// The `number`th of a set of invoices that looks like a trading company's: a tenth red, a tenth legacy, one to four lines.
pub fn invoice(number: u64) -> Invoice {
    let is_red = number % 10 == 7;
    let sign = if is_red { -1 } else { 1 };
    let lines: Vec<InvoiceLine> =
        (0..=number % 4).map(|index| line(sign * i64::try_from(number * 37 % 90_000 + index * 100 + 1).unwrap())).collect();
    let net: Money = lines.iter().map(|line| line.net).sum();
    let tax: Money = lines.iter().map(|line| line.tax).sum();
    let key = if number % 10 == 3 {
        format!("0310020002{:02}-{:08}", number / 100_000_000 % 100, number % 100_000_000)
    } else {
        format!("2631{number:016}")
    };
    Invoice {
        key: key.parse().unwrap(),
        paper_key: None,
        kind: Kind::from_code(["81", "82", "10", "51"][usize::try_from(number % 4).unwrap_or(0)]),
        direction: Some(if number.is_multiple_of(2) { Direction::Received } else { Direction::Issued }),
        both_sides: false,
        self_billed: false,
        issued_at: date(2026, 1, 1).at(9, 30, 0, 0) + i64::try_from(number % 300).unwrap().days(),
        seller: party(&format!("上海第{}贸易有限公司", number % 97)),
        buyer: party("北京票匣科技有限公司"),
        net,
        tax,
        gross: net + tax,
        status: if is_red { Status::RedFull } else { Status::Normal },
        deduction: number.is_multiple_of(2).then_some(Deduction::Open),
        usage: None,
        red_of: is_red.then(|| format!("2631{:016}", number - 1).parse().unwrap()),
        risk: "正常".to_owned(),
        source: "电子发票服务平台".to_owned(),
        drawer: "王芳".to_owned(),
        remark: if number.is_multiple_of(5) { format!("合同编号：HT-{number:06}") } else { String::new() },
        check_code: String::new(),
        lines,
    }
}

fn party(name: &str) -> Party {
    Party { name: name.to_owned(), tax_no: TaxNumber::from_document("91310115MA1K35JX4G"), ..Party::default() }
}

fn line(fen: i64) -> InvoiceLine {
    InvoiceLine {
        name: "*计算机配套产品*打印机".to_owned(),
        spec: "LaserJet M208".to_owned(),
        unit: "台".to_owned(),
        quantity: Some("3".parse().unwrap()),
        price: Some("33.3333333333333".parse().unwrap()),
        net: Money::from_fen(fen),
        rate: "13%".to_owned(),
        tax: Money::from_fen(fen * 13 / 100),
        class_code: "1090512020000000000".to_owned(),
    }
}

/// XML and PDF of an invoice.
pub fn originals(key: &InvoiceKey) -> Vec<OriginalFile> {
    let file = |format, size: usize| OriginalFile { format, bytes: format!("{key} {format:?} ").repeat(size).into_bytes() };
    vec![file(Format::Xml, 60), file(Format::Pdf, 200)]
}

type Originals = Box<dyn Fn(&InvoiceKey) -> Vec<OriginalFile>>;
type Hook = Box<dyn FnMut(u64) -> Result<(), SourceError>>;

/// A ledger that makes its invoices as it is asked, so that it takes no memory itself.
pub struct Ledger {
    pub count: u64,
    pub page: u64,
    pub make: Box<dyn Fn(u64) -> Invoice>,
    pub originals: Originals,
    /// Called before each page with the number of its first invoice.
    pub before_page: Hook,
    next: u64,
}

impl Ledger {
    pub fn of(count: u64) -> Self {
        Self { count, page: 200, make: Box::new(invoice), originals: Box::new(originals), before_page: Box::new(|_| Ok(())), next: 0 }
    }

    pub fn with(invoices: Vec<Invoice>) -> Self {
        let count = u64::try_from(invoices.len()).unwrap();
        Self { make: Box::new(move |number| invoices.get(usize::try_from(number).unwrap()).unwrap().clone()), ..Self::of(count) }
    }
}

impl Source for Ledger {
    fn next_page(&mut self) -> Result<Option<Vec<Invoice>>, SourceError> {
        (self.before_page)(self.next)?;
        let end = self.count.min(self.next + self.page);
        let page: Vec<_> = (self.next..end).map(&self.make).collect();
        self.next = end;
        Ok((!page.is_empty()).then_some(page))
    }

    fn originals(&mut self, key: &InvoiceKey) -> Result<Vec<OriginalFile>, SourceError> {
        Ok((self.originals)(key))
    }

    fn formats(&mut self, key: &InvoiceKey) -> Result<Vec<Format>, SourceError> {
        Ok((self.originals)(key).into_iter().map(|file| file.format).collect())
    }
}

/// Never cancels.
pub fn go_on(_: u64, _: u64) -> bool {
    true
}

pub fn table(columns: &[Column]) -> Table {
    Table { columns: columns.iter().map(|column| (*column, format!("列 {}", column.id()))).collect(), words: Words::default() }
}

pub fn lines_table(columns: &[LineColumn]) -> LinesTable {
    LinesTable {
        sheet: "货物清单".to_owned(), columns: columns.iter().map(|column| (*column, format!("列 {}", column.id()))).collect()
    }
}

pub fn request(output: Output, target: impl AsRef<Path>) -> Request {
    Request { output, target: target.as_ref().to_path_buf(), expected: Expected::default() }
}

/// Everything below a folder, relative, sorted.
pub fn tree(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![PathBuf::new()];
    while let Some(at) = open.pop() {
        let Ok(entries) = std::fs::read_dir(folder.join(&at)) else { continue };
        for entry in entries {
            let entry = entry.unwrap();
            let path = at.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                open.push(path);
            } else {
                found.push(path.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    found.sort();
    found
}
