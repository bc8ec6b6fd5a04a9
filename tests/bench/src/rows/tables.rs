//! Exports of tables: XLSX beside `rust_xlsxwriter`, CSV beside the csv crate, Parquet beside polars (where the system's Python has it).

use std::cell::Cell;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use anyhow::{Context, Result};
use calamine::{DataRef, Reader, Xlsx};
use piaoxia_domain::Invoice;
use piaoxia_domain::invoice::Format as OriginalFormat;
use piaoxia_domain::{InvoiceKey, Money};
use piaoxia_export::{Column, Encoding, Expected, OriginalFile, Output, Request, Source, SourceError, Table, Words, export};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

use super::{PYTHON, peer_file, works};
use crate::invoices::invoice;
use crate::measure::own_cpu;
use crate::row::{Meter, PLAIN, Peer, Row, Task};

pub const EXPORT_XLSX: Row = Row {
    name: "export_xlsx",
    count: 100_000,
    tiny: 300,
    ours: xlsx,
    peers: &[Peer::Library { name: "rust_xlsxwriter", work: xlsx_peer }],
    check: Some(read_xlsx),
    ..PLAIN
};

pub const EXPORT_XLSX_LONG: Row = Row { name: "export_xlsx_long", count: 1_000_000, long: true, ..EXPORT_XLSX };

pub const EXPORT_CSV: Row = Row {
    name: "export_csv",
    count: 100_000,
    tiny: 300,
    ours: csv,
    peers: &[Peer::Library { name: "csv", work: csv_peer }],
    check: Some(read_csv),
    ..PLAIN
};

pub const EXPORT_PARQUET: Row = Row {
    name: "export_parquet",
    count: 100_000,
    tiny: 300,
    prepare: as_csv,
    ours: parquet,
    peers: &[Peer::Program { name: "polars", command: polars }],
    ..PLAIN
};

const PAGE: u64 = 500;
const NUMBER: &str = "数电发票号码";
const GROSS: &str = "价税合计";

/// Hands out invoices as they are asked for, so that it takes no memory itself.
struct Made {
    next: u64,
    count: u64,
}

impl Source for Made {
    fn next_page(&mut self) -> Result<Option<Vec<Invoice>>, SourceError> {
        let end = self.count.min(self.next + PAGE);
        let page: Vec<Invoice> = (self.next..end).map(invoice).collect();
        self.next = end;
        Ok((!page.is_empty()).then_some(page))
    }

    fn originals(&mut self, _key: &InvoiceKey) -> Result<Vec<OriginalFile>, SourceError> {
        Ok(Vec::new())
    }

    fn formats(&mut self, _key: &InvoiceKey) -> Result<Vec<OriginalFormat>, SourceError> {
        Ok(vec![OriginalFormat::Xml, OriginalFormat::Pdf])
    }
}

/// Making the invoices is no part of the job: it is done once more, and taken off.
fn without_making(task: &Task, meter: &mut Meter) -> Result<()> {
    let (cpu, begun) = (own_cpu(), std::time::Instant::now());
    let mut made = Made { next: 0, count: task.count };
    while made.next_page().map_err(|error| anyhow::anyhow!("{error}"))?.is_some() {}
    meter.without(2.0 * (own_cpu() - cpu), 2.0 * begun.elapsed().as_secs_f64());
    Ok(())
}

/// 25 columns: all of ours that the peers have, and two of them twice.
fn columns() -> Vec<(Column, String)> {
    let twice = [Column::Kind, Column::Status];
    let heading = |(number, column): (usize, Column)| match column {
        Column::DigitalNumber => NUMBER.to_owned(),
        Column::Gross => GROSS.to_owned(),
        other => format!("{} {number}", other.id()),
    };
    let all: Vec<Column> = Column::ALL.into_iter().take(23).chain(twice).collect();
    all.iter().copied().zip(all.iter().copied().enumerate().map(heading)).collect()
}

/// Writes, and says what of. Ours holds the read-back of the finished file, which no peer does: `read_back` is its share.
fn write(output: Output, target: &Path, task: &Task, meter: &mut Meter) -> Result<String> {
    let request = Request { output, target: target.to_path_buf(), expected: Expected { invoices: task.count, original_bytes: 0 } };
    let written = Cell::new(None);
    let progress = |done: u64, _: u64| {
        // Invoices are counted twice, the second time while they are read back.
        if done >= task.count && written.get().is_none() {
            written.set(Some(own_cpu()));
        }
        true
    };
    let report = export(&request, &mut Made { next: 0, count: task.count }, &progress)?;
    meter.figure("read_back", written.get().map_or(0.0, |written| own_cpu() - written), "s");
    meter.figure("file", std::fs::metadata(target)?.len() as f64 / f64::from(1 << 20), "MiB");
    without_making(task, meter)?;
    Ok(format!("{} invoices, {}", report.invoices, report.totals.gross))
}

fn xlsx(task: &Task, meter: &mut Meter) -> Result<String> {
    let table = Table { columns: columns(), words: Words::default() };
    write(Output::Xlsx { table, lines: None }, &task.out.join("a.xlsx"), task, meter).map(|_| String::new())
}

fn csv(task: &Task, meter: &mut Meter) -> Result<String> {
    write(Output::Csv(Table { columns: columns(), words: Words::default() }, Encoding::Utf8), &task.out.join("a.csv"), task, meter)
        .map(|_| String::new())
}

fn parquet(task: &Task, meter: &mut Meter) -> Result<String> {
    write(Output::Parquet(Table { columns: columns(), words: Words::default() }), &task.out.join("a.parquet"), task, meter)
}

/// The texts of an invoice in 21 of the columns; the other four are a day and three amounts.
fn texts(invoice: &Invoice) -> [String; 21] {
    let red_of = invoice.red_of.as_ref().map(ToString::to_string).unwrap_or_default();
    [
        invoice.key.number(),
        invoice.kind.name(),
        invoice.key.code().unwrap_or_default(),
        "",
        &invoice.seller.name,
        invoice.seller.tax_no.as_str(),
        &invoice.buyer.name,
        invoice.buyer.tax_no.as_str(),
        invoice.status.text(),
        if invoice.is_blue() { "是" } else { "否" },
        "取得",
        if invoice.deduction.is_some() { "未勾选" } else { "" },
        &invoice.risk,
        &invoice.source,
        &invoice.drawer,
        &invoice.remark,
        &red_of,
        "XML PDF",
        "2",
        invoice.kind.name(),
        invoice.status.text(),
    ]
    .map(str::to_owned)
}

fn headings() -> Vec<String> {
    let mut headings: Vec<String> = (0..21).map(|number| format!("text {number}")).collect();
    if let Some(first) = headings.first_mut() {
        NUMBER.clone_into(first);
    }
    headings.extend(["day", "net", "tax", GROSS].map(str::to_owned));
    headings
}

fn xlsx_peer(task: &Task, meter: &mut Meter) -> Result<String> {
    let mut book = Workbook::new();
    let (amount, day) = (Format::new().set_num_format("#,##0.00"), Format::new().set_num_format("yyyy-mm-dd"));
    let sheet = book.add_worksheet_with_constant_memory()?;
    for (column, heading) in (0..).zip(headings()) {
        sheet.write_string(0, column, &heading)?;
    }
    for (row, number) in (1..).zip(0..task.count) {
        let invoice = invoice(number);
        for (column, text) in (0..).zip(texts(&invoice)) {
            if !text.is_empty() {
                sheet.write_string(row, column, &text)?;
            }
        }
        let on = invoice.issued_on();
        let on = ExcelDateTime::from_ymd(on.year().unsigned_abs(), on.month().unsigned_abs(), on.day().unsigned_abs())?;
        sheet.write_datetime_with_format(row, 21, &on, &day)?;
        for (column, money) in (22..).zip([invoice.net, invoice.tax, invoice.gross]) {
            sheet.write_number_with_format(row, column, money.to_string().parse::<f64>()?, &amount)?;
        }
    }
    let target = task.out.join("a.xlsx");
    book.save(&target)?;
    meter.figure("file", std::fs::metadata(&target)?.len() as f64 / f64::from(1 << 20), "MiB");
    without_making(task, meter)?;
    Ok(String::new())
}

fn csv_peer(task: &Task, meter: &mut Meter) -> Result<String> {
    let target = task.out.join("a.csv");
    write_csv(&target, task)?;
    meter.figure("file", std::fs::metadata(&target)?.len() as f64 / f64::from(1 << 20), "MiB");
    without_making(task, meter)?;
    Ok(String::new())
}

/// What a peer in another language reads.
fn as_csv(task: &Task) -> Result<()> {
    write_csv(&task.input.join("invoices.csv"), task)
}

fn polars(task: &Task) -> Result<Option<Vec<String>>> {
    if !works(&[PYTHON, "-c", "import polars"]) {
        return Ok(None);
    }
    let text = |path: &Path| path.display().to_string();
    let files = [text(&task.input.join("invoices.csv")), text(&task.out.join("a.parquet"))];
    Ok(Some([PYTHON.to_owned(), peer_file("parquet_polars.py")].into_iter().chain(files).collect()))
}

fn write_csv(target: &Path, task: &Task) -> Result<()> {
    let mut out = csv::Writer::from_path(target)?;
    out.write_record(headings())?;
    for number in 0..task.count {
        let invoice = invoice(number);
        for text in texts(&invoice) {
            out.write_field(text)?;
        }
        out.write_field(invoice.issued_on().to_string())?;
        out.write_record([invoice.net, invoice.tax, invoice.gross].map(|money| money.to_string()))?;
    }
    Ok(out.flush()?)
}

/// Count and sum of the rows that have a number of 20 digits.
fn read_xlsx(task: &Task) -> Result<String> {
    let mut book: Xlsx<_> = Xlsx::new(BufReader::new(File::open(task.out.join("a.xlsx"))?))?;
    let (mut count, mut sum) = (0_u64, Money::ZERO);
    for name in book.sheet_names() {
        let mut cells = book.worksheet_cells_reader(&name)?;
        let (mut number_at, mut gross_at) = (None, None);
        // A row whose number came first, and a row whose amount did.
        let (mut numbered, mut amounts) = (Vec::<u32>::new(), Vec::<(u32, Money)>::new());
        while let Some(cell) = cells.next_cell()? {
            let (row, column) = cell.get_position();
            let text = match cell.get_value() {
                DataRef::String(text) => text.clone(),
                DataRef::SharedString(text) => (*text).to_owned(),
                DataRef::Float(number) => number.to_string(),
                DataRef::Int(number) => number.to_string(),
                _ => continue,
            };
            match text.as_str() {
                NUMBER => number_at = Some(column),
                GROSS => gross_at = Some(column),
                _ if row > 0 && number_at == Some(column) && text.len() == 20 => numbered.push(row),
                _ if row > 0 && gross_at == Some(column) => amounts.extend(text.parse().ok().map(|money| (row, money))),
                _ => {}
            }
        }
        count += numbered.len() as u64;
        sum += amounts.into_iter().filter(|(row, _)| numbered.binary_search(row).is_ok()).map(|(_, money)| money).sum();
    }
    Ok(format!("{count} invoices, {sum}"))
}

fn read_csv(task: &Task) -> Result<String> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(task.out.join("a.csv"))?;
    let headings = reader.headers()?.clone();
    let place = |wanted: &str| headings.iter().position(|heading| heading == wanted).with_context(|| format!("no column {wanted}"));
    let (number_at, gross_at) = (place(NUMBER)?, place(GROSS)?);
    let (mut count, mut sum) = (0_u64, Money::ZERO);
    for record in reader.records() {
        let record = record?;
        if record.get(number_at).is_some_and(|number| number.len() == 20) {
            count += 1;
            sum += record.get(gross_at).unwrap_or_default().parse::<Money>()?;
        }
    }
    Ok(format!("{count} invoices, {sum}"))
}
