//! Measures an export: seconds of the clock and of the processors, and the largest memory that the process had (Linux).
//!
//! `tables xlsx|lines|csv|jsonl|parquet|folder|zip|peer|csv-peer|none INVOICES FOLDER`; `peer` writes the same table with
//! `rust_xlsxwriter`, `csv-peer` with the csv crate, `none` only makes the invoices.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement for the terminal")]

#[path = "../tests/common/mod.rs"]
mod common;

use std::cell::Cell;
use std::path::Path;
use std::time::Instant;

use common::{Ledger, lines_table, request, table};
use piaoxia_domain::invoice::Invoice;
use piaoxia_domain::names::NamePattern;
use piaoxia_export::{Column, Encoding, LineColumn, Output, Source, export};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [what, count, folder] = arguments.as_slice() else {
        println!("tables xlsx|lines|csv|jsonl|parquet|folder|zip|peer|csv-peer|none INVOICES FOLDER");
        return;
    };
    let mut ledger = Ledger::of(count.parse().unwrap());
    ledger.page = 1_000;
    let target = Path::new(folder).join(format!("measure-{what}"));
    let start = Instant::now();
    if what == "none" {
        // What it costs to make the invoices, to be taken off the others.
        while ledger.next_page().unwrap().is_some() {}
        println!("none: {:.2} s, {:.2} s of CPU", start.elapsed().as_secs_f64(), cpu());
        return;
    }
    if what == "peer" {
        peer(&mut ledger, &target);
    } else if what == "csv-peer" {
        csv_peer(&mut ledger, &target);
    } else {
        let written = Cell::new(None);
        let invoices = ledger.count;
        let progress = |done: u64, _: u64| {
            if done >= invoices && written.get().is_none() {
                written.set(Some((start.elapsed().as_secs_f64(), cpu())));
            }
            true
        };
        let report = export(&request(output(what), &target), &mut ledger, &progress).unwrap();
        let (wall, used) = written.get().unwrap_or_default();
        let (invoices, originals) = (report.invoices, report.originals);
        println!("{invoices} invoices, {originals} originals, written after {wall:.2} s, {used:.2} s of CPU, then read back");
    }
    let size = std::fs::metadata(&target).unwrap().len();
    println!("{what}: {:.2} s, {:.2} s of CPU, {} MiB of memory, {size} bytes", start.elapsed().as_secs_f64(), cpu(), peak_mib());
}

/// Of all threads so far.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    after_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

fn output(what: &str) -> Output {
    let columns: Vec<Column> = Column::ALL.into_iter().take(23).chain([Column::Kind, Column::Status]).collect();
    let columns = table(&columns);
    match what {
        "xlsx" => Output::Xlsx { table: columns, lines: None },
        "lines" => Output::Xlsx { table: columns, lines: Some(lines_table(&LineColumn::DEFAULT)) },
        "csv" => Output::Csv(columns, Encoding::Utf8),
        "jsonl" => Output::Jsonl,
        "parquet" => Output::Parquet(columns),
        "folder" => Output::OriginalsFolder(NamePattern::default()),
        _ => Output::OriginalsZip(NamePattern::default()),
    }
}

/// The same values in as many cells, as the library's users write them, without reading back.
fn peer(ledger: &mut Ledger, target: &Path) {
    let mut book = Workbook::new();
    let (text, amount, day) =
        (Format::new().set_num_format("@"), Format::new().set_num_format("#,##0.00"), Format::new().set_num_format("yyyy-mm-dd"));
    let sheet = book.add_worksheet_with_constant_memory().unwrap();
    let mut row = 0;
    while let Some(page) = ledger.next_page().unwrap() {
        for invoice in &page {
            row += 1;
            let texts = peer_texts(invoice);
            for (column, value) in texts.iter().enumerate() {
                if !value.is_empty() {
                    sheet.write_string_with_format(row, u16::try_from(column).unwrap(), value, &text).unwrap();
                }
            }
            let first = u16::try_from(texts.len()).unwrap();
            for (column, money) in (first..).zip([invoice.net, invoice.tax, invoice.gross]) {
                sheet.write_number_with_format(row, column, money.to_string().parse::<f64>().unwrap(), &amount).unwrap();
            }
            sheet.write_number(row, first + 3, invoice.lines.len() as f64).unwrap();
            let on = invoice.issued_on();
            let date = ExcelDateTime::from_ymd(on.year().unsigned_abs(), on.month().unsigned_abs(), on.day().unsigned_abs()).unwrap();
            sheet.write_datetime_with_format(row, first + 4, &date, &day).unwrap();
        }
    }
    book.save(target).unwrap();
}

fn peer_texts(invoice: &Invoice) -> Vec<String> {
    let red_of = invoice.red_of.as_ref().map(ToString::to_string).unwrap_or_default();
    let parts = [
        invoice.kind.name(),
        invoice.key.code().unwrap_or_default(),
        invoice.key.number(),
        &invoice.seller.name,
        invoice.seller.tax_no.as_str(),
        &invoice.buyer.name,
        invoice.buyer.tax_no.as_str(),
        invoice.status.text(),
        if invoice.is_blue() { "是" } else { "否" },
        "取得",
        "未勾选",
        &invoice.risk,
        &invoice.source,
        &invoice.drawer,
        &invoice.remark,
        &red_of,
        "XML PDF",
        invoice.kind.name(),
        invoice.status.text(),
    ];
    parts.into_iter().map(str::to_owned).collect()
}

fn csv_peer(ledger: &mut Ledger, target: &Path) {
    let mut out = csv::Writer::from_path(target).unwrap();
    while let Some(page) = ledger.next_page().unwrap() {
        for invoice in &page {
            for text in peer_texts(invoice) {
                out.write_field(text).unwrap();
            }
            out.write_field(invoice.issued_on().to_string()).unwrap();
            out.write_field(invoice.lines.len().to_string()).unwrap();
            for money in [invoice.net, invoice.tax, invoice.gross] {
                out.write_field(money.to_string()).unwrap();
            }
            out.write_record(None::<&[u8]>).unwrap();
        }
    }
    out.flush().unwrap();
}

fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0");
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) / 1024
}
