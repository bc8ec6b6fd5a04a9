//! Tables are read back by other means than they were written with.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod common;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use calamine::{Data, Reader, Xlsx};
use common::{Ledger, go_on, invoice, lines_table, request, table};
use piaoxia_domain::invoice::Invoice;
use piaoxia_domain::{Deduction, Money, Status, Totals};
use piaoxia_export::{Column, Encoding, LineColumn, Output, Report, Table, Words, export};
use proptest::prelude::*;

type Sheet = BTreeMap<(u32, u32), Data>;

fn sheets(path: &Path) -> Vec<(String, Sheet)> {
    let mut book: Xlsx<_> = Xlsx::new(BufReader::new(File::open(path).unwrap())).unwrap();
    let names = book.sheet_names();
    names
        .into_iter()
        .map(|name| {
            let mut cells = book.worksheet_cells_reader(&name).unwrap();
            let mut sheet = Sheet::new();
            while let Some(cell) = cells.next_cell().unwrap() {
                sheet.insert(cell.get_position(), cell.get_value().clone().into());
            }
            (name, sheet)
        })
        .collect()
}

fn part(path: &Path, name: &str) -> String {
    let mut book = zip::ZipArchive::new(File::open(path).unwrap()).unwrap();
    let mut text = String::new();
    book.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

fn text(sheet: &Sheet, row: u32, column: u32) -> &str {
    match sheet.get(&(row, column)) {
        Some(Data::String(text)) => text,
        None => "",
        other => panic!("{row} {column}: {other:?}"),
    }
}

fn amount(sheet: &Sheet, row: u32, column: u32) -> Money {
    match sheet.get(&(row, column)) {
        Some(Data::Float(number)) => number.to_string().parse().unwrap(),
        other => panic!("{row} {column}: {other:?}"),
    }
}

fn xlsx(path: &Path, invoices: Vec<Invoice>, columns: &[Column]) -> Report {
    let output = Output::Xlsx { table: table(columns), lines: None };
    export(&request(output, path), &mut Ledger::with(invoices), &go_on).unwrap()
}

#[test]
fn a_workbook_holds_every_value_as_what_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("发票.xlsx");
    let invoices: Vec<_> = (0..500).map(invoice).collect();
    let totals: Totals = invoices.iter().collect();
    let report = xlsx(&path, invoices.clone(), &Column::ALL);
    let expected = Report { files: vec![path.clone()], invoices: 500, totals, voided: 0, originals: 0, without_original: 0, shortened: 0 };
    assert_eq!(report, expected);

    let found = sheets(&path);
    assert_eq!(found.len(), 1);
    let (name, sheet) = &found[0];
    assert_eq!(name, "发票基础信息");
    for (column, index) in Column::ALL.into_iter().zip(0..) {
        assert_eq!(text(sheet, 0, index), format!("列 {}", column.id()));
    }
    for (invoice, row) in invoices.iter().zip(1..) {
        let Some(Data::DateTime(day)) = sheet.get(&(row, 0)) else { panic!("no date in row {row}") };
        let (year, month, date, ..) = day.to_ymd_hms_milli();
        assert_eq!(format!("{year:04}-{month:02}-{date:02}"), invoice.issued_on().to_string());
        assert_eq!(text(sheet, row, 1), invoice.kind.name());
        assert_eq!(text(sheet, row, 2), invoice.key.code().unwrap_or_default());
        let (legacy, digital) = if invoice.key.code().is_some() { (invoice.key.number(), "") } else { ("", invoice.key.number()) };
        assert_eq!((text(sheet, row, 3), text(sheet, row, 4)), (legacy, digital));
        assert_eq!(text(sheet, row, 6), "91310115MA1K35JX4G");
        assert_eq!((amount(sheet, row, 9), amount(sheet, row, 10), amount(sheet, row, 11)), (invoice.net, invoice.tax, invoice.gross));
        assert_eq!(text(sheet, row, 13), if invoice.is_blue() { "是" } else { "否" });
        assert_eq!(text(sheet, row, 20), invoice.red_of.as_ref().map(ToString::to_string).unwrap_or_default());
        assert_eq!(text(sheet, row, 21), "XML PDF");
        assert_eq!(sheet[&(row, 22)], Data::Float(invoice.lines.len() as f64));
    }
    assert_eq!(text(sheet, 501, 0), "合计");
    assert_eq!((amount(sheet, 501, 9), amount(sheet, 501, 10), amount(sheet, 501, 11)), (totals.net, totals.tax, totals.gross));
    assert_eq!(sheet.keys().next_back().unwrap().0, 501);
}

#[test]
fn a_workbook_has_the_look_that_is_expected_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.xlsx");
    xlsx(&path, (0..3).map(invoice).collect(), &[Column::Date, Column::DigitalNumber, Column::Gross]);
    let sheet = part(&path, "xl/worksheets/sheet1.xml");
    assert!(sheet.contains(r#"<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>"#));
    assert!(sheet.contains(r#"<autoFilter ref="A1:C4"/>"#), "the sums row is not filtered");
    assert!(sheet.contains(r#"<col min="2" max="2" width="23" customWidth="1"/>"#));
    assert!(
        sheet.contains(r#"<c r="B2" s="2" t="inlineStr"><is><t>26310000000000000000</t></is></c><c r="C2" s="3"><v>0.01</v></c>"#),
        "{sheet}"
    );
    assert!(!sheet.contains("<f"), "sums are values");
    let styles = part(&path, "xl/styles.xml");
    assert!(styles.contains(r#"<xf numFmtId="4" fontId="0""#) && styles.contains(r#"formatCode="yyyy\-mm\-dd""#));
    let workbook = part(&path, "xl/workbook.xml");
    assert!(workbook.contains(r#"localSheetId="0" hidden="1">'发票基础信息'!$A$1:$C$4<"#), "{workbook}");
}

#[test]
fn goods_lines_get_a_sheet_of_their_own() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.xlsx");
    let invoices: Vec<_> = (0..300).map(invoice).collect();
    let output = Output::Xlsx { table: table(&Column::DEFAULT), lines: Some(lines_table(&LineColumn::DEFAULT)) };
    export(&request(output, &path), &mut Ledger::with(invoices.clone()), &go_on).unwrap();
    let found = sheets(&path);
    assert_eq!(found.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["发票基础信息", "货物清单"]);
    let looks = [1, 2].map(|number| part(&path, &format!("xl/worksheets/sheet{number}.xml")));
    let selected = looks.each_ref().map(|look| look.contains("tabSelected"));
    assert_eq!(selected, [true, false], "sheets that are selected together are edited together");
    assert!(looks.iter().all(|look| look.contains(r#"state="frozen""#) && look.contains("<autoFilter")));
    let sheet = &found[1].1;
    let mut row = 0;
    for invoice in &invoices {
        for line in &invoice.lines {
            row += 1;
            let digital = if invoice.key.code().is_none() { invoice.key.number() } else { "" };
            assert_eq!((text(sheet, row, 2), text(sheet, row, 8)), (digital, "1090512020000000000"));
            assert_eq!((amount(sheet, row, 14), amount(sheet, row, 16)), (line.net, line.tax));
            assert_eq!((&sheet[&(row, 12)], &sheet[&(row, 13)]), (&Data::Float(3.0), &Data::Float(33.3333333333333)));
        }
    }
    let totals: Totals = invoices.iter().collect();
    assert_eq!(
        (amount(sheet, row + 1, 14), amount(sheet, row + 1, 16), amount(sheet, row + 1, 17)),
        (totals.net, totals.tax, totals.gross)
    );
}

/// Their amounts stay in the sums, as in the window.
#[test]
fn the_sums_say_how_many_voided_invoices_are_in_them() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.xlsx");
    let void = |number| Invoice { status: Status::Void, ..invoice(number) };
    let invoices = vec![invoice(0), void(1), Invoice { lines: Vec::new(), ..void(2) }];
    let totals: Totals = invoices.iter().collect();
    let output = Output::Xlsx { table: table(&Column::DEFAULT), lines: Some(lines_table(&LineColumn::DEFAULT)) };
    let report = export(&request(output, &path), &mut Ledger::with(invoices), &go_on).unwrap();
    assert_eq!((report.totals, report.voided), (totals, 2));
    let found = sheets(&path);
    let labels = found.iter().map(|(_, sheet)| text(sheet, sheet.keys().next_back().unwrap().0, 0));
    // The second of them has no lines, and nothing in the sums of the lines.
    assert_eq!(labels.collect::<Vec<_>>(), ["合计（含作废 2 张）", "合计（含作废 1 张）"]);
}

#[test]
fn a_line_sheet_with_the_name_of_the_first_gets_another() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.xlsx");
    let mut table = table(&[Column::Gross]);
    let mut lines = lines_table(&[LineColumn::Net]);
    table.words.sheet = "表's [1]".to_owned();
    lines.sheet = "表'S _1_".to_owned();
    export(&request(Output::Xlsx { table, lines: Some(lines) }, &path), &mut Ledger::of(2), &go_on).unwrap();
    assert_eq!(sheets(&path).into_iter().map(|(name, _)| name).collect::<Vec<_>>(), ["表's _1_", "表'S _1_ (2)"]);
}

#[test]
fn odd_text_survives() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.xlsx");
    let odd = [
        " 前后空格 ",
        "一\n二",
        "a_x0041_b",
        "_x000D_",
        "<b>&amp;</b>",
        "]]>",
        "\"'",
        "𠮷野家",
        "\u{a0}x\u{a0}",
        "\t制表",
        "税\u{200b}额",
        "_",
        "e\u{301}",
    ];
    let invoices = odd.map(|remark| Invoice { remark: remark.to_owned(), ..invoice(1) });
    xlsx(&path, invoices.to_vec(), &[Column::Remark]);
    let (_, sheet) = &sheets(&path)[0];
    for (remark, row) in odd.into_iter().zip(1..) {
        assert_eq!(text(sheet, row, 0), remark);
    }
    // No column to sum up, no sums row.
    assert_eq!(sheet.len(), odd.len() + 1);
}

#[test]
fn what_looks_like_an_escape_comes_back_with_the_import() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.xlsx");
    let odd = ["a_x0041_b", "_x005F_x0041_", "_x000D_", "_x_x0041__", "一\n二"];
    let invoices = odd.into_iter().zip(0..).map(|(remark, ten)| Invoice { remark: remark.to_owned(), ..invoice(10 * ten + 1) }).collect();
    let columns = [
        (Column::DigitalNumber, "数电发票号码"),
        (Column::Date, "开票日期"),
        (Column::Net, "金额"),
        (Column::Tax, "税额"),
        (Column::Gross, "价税合计"),
        (Column::Remark, "备注"),
    ];
    let columns = columns.map(|(column, heading)| (column, heading.to_owned())).to_vec();
    let output = Output::Xlsx { table: Table { columns, words: Words::default() }, lines: None };
    export(&request(output, &path), &mut Ledger::with(invoices), &go_on).unwrap();
    let read = piaoxia_documents::read_all("a.xlsx", &std::fs::read(&path).unwrap());
    let remarks: Vec<String> = read.into_iter().map(|(_, outcome)| outcome.unwrap().invoice.remark).collect();
    assert_eq!(remarks, odd);
}

#[test]
fn a_text_that_no_cell_takes_is_cut_and_counted() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.xlsx");
    let long = Invoice { remark: "长".repeat(40_000), ..invoice(1) };
    let report = xlsx(&path, vec![long, invoice(2)], &[Column::Date, Column::Remark]);
    assert_eq!(report.shortened, 1);
    let (_, sheet) = &sheets(&path)[0];
    assert_eq!(text(sheet, 1, 1).chars().count(), 32_767);
    assert!(text(sheet, 1, 1).ends_with('…'));
}

#[test]
fn columns_for_clerks_say_what_the_invoice_does_not() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.csv");
    let stated = piaoxia_domain::Usage { effective_tax: Some(Money::from_fen(5)), ..Default::default() };
    let of = |number, deduction| Invoice { deduction, ..invoice(number) };
    let invoices = vec![
        of(4, Some(Deduction::Open)),
        Invoice { usage: Some(stated), ..of(5, Some(Deduction::Confirmed)) },
        Invoice { lines: Vec::new(), ..of(6, None) },
    ];
    let columns = [Column::Ordinal, Column::Month, Column::Goods, Column::Ticked, Column::EffectiveTax];
    export(&request(Output::Csv(table(&columns), Encoding::Utf8), &path), &mut Ledger::with(invoices.clone()), &go_on).unwrap();
    let face = invoices[0].tax.to_string();
    let rows = csv_rows(&path);
    assert_eq!(rows[1], ["1", "2026-01", "*计算机配套产品*打印机", "否", &face]);
    assert_eq!(rows[2], ["2", "2026-01", "*计算机配套产品*打印机 等 2 项", "是", "0.05"]);
    assert_eq!(rows[3], ["3", "2026-01", "", "", "0.00"]);
}

#[test]
fn rows_without_any_value_are_rows() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.xlsx");
    xlsx(&path, [1, 3, 2].map(invoice).to_vec(), &[Column::Code]);
    let (_, sheet) = &sheets(&path)[0];
    assert_eq!(text(sheet, 2, 0), "031002000200");
    assert_eq!(sheet.len(), 2);
    let path = dir.path().join("a.csv");
    let output = Output::Csv(table(&[Column::Code]), Encoding::Utf8);
    export(&request(output, &path), &mut Ledger::with([1, 3, 2].map(invoice).to_vec()), &go_on).unwrap();
    assert_eq!(csv_rows(&path), [["列 code"], [""], ["031002000200"], [""]]);
}

fn csv_rows(path: &Path) -> Vec<Vec<String>> {
    let bytes = std::fs::read(path).unwrap();
    let text = std::str::from_utf8(&bytes).unwrap().strip_prefix('\u{feff}').unwrap();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn csv_holds_plain_values() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.csv");
    let mut invoices: Vec<_> = (0..250).map(invoice).collect();
    invoices[1].remark = "第一行\n\"第二行\", 完".to_owned();
    let report =
        export(&request(Output::Csv(table(&Column::ALL), Encoding::Utf8), &path), &mut Ledger::with(invoices.clone()), &go_on).unwrap();
    assert_eq!(report.totals, invoices.iter().collect());
    let rows = csv_rows(&path);
    assert_eq!(rows.len(), 251);
    assert_eq!(rows[0][4], "列 digitalNumber");
    assert_eq!(rows[2][4], "26310000000000000001");
    assert_eq!(rows[2][19], "第一行\n\"第二行\", 完");
    assert_eq!(rows[1][0], "2026-01-01");
    for (invoice, row) in invoices.iter().zip(&rows[1..]) {
        assert_eq!([&row[9], &row[10], &row[11]], [&invoice.net, &invoice.tax, &invoice.gross].map(ToString::to_string).each_ref());
    }
    assert_eq!(rows[8][11].chars().next(), Some('-'), "red amounts stay numbers");
    assert!(std::fs::read(&path).unwrap().ends_with(b"\r\n"));
}

#[test]
fn csv_in_gb18030_holds_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let odd = ["𠮷野家", "㐂𪚥，\"引号\"", "=1+1", "第一行\n第二行", "e\u{301}🧾", "\u{E81E}\u{E5E5}", "₩€£"];
    let invoices = odd.map(|remark| Invoice { remark: remark.to_owned(), ..invoice(1) });
    let columns = [Column::DigitalNumber, Column::SellerName, Column::Gross, Column::Remark];
    let read = [Encoding::Utf8, Encoding::Gb18030].map(|encoding| {
        let path = dir.path().join("a.csv");
        export(&request(Output::Csv(table(&columns), encoding), &path), &mut Ledger::with(invoices.to_vec()), &go_on).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        match encoding {
            Encoding::Utf8 => String::from_utf8(bytes).unwrap().strip_prefix('\u{feff}').unwrap().to_owned(),
            Encoding::Gb18030 => encoding_rs::GB18030.decode_without_bom_handling_and_without_replacement(&bytes).unwrap().into_owned(),
        }
    });
    assert_eq!(read[0].replace("\u{E81E}\u{E5E5}", "\u{9FB4}\u{FFFD}"), read[1]);
    assert!(read[1].contains("𠮷野家") && read[1].contains("'=1+1") && read[1].starts_with("列 digitalNumber,"));
}

#[test]
fn json_lines_are_the_contracts_invoices() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.jsonl");
    let invoices: Vec<_> = (0..250).map(invoice).collect();
    export(&request(Output::Jsonl, &path), &mut Ledger::with(invoices.clone()), &go_on).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let read: Vec<Invoice> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(read, invoices);
    let first: serde_json::Value = serde_json::from_str(text.lines().nth(7).unwrap()).unwrap();
    assert_eq!((&first["issuedAt"], &first["net"]), (&"2026-01-08T09:30:00".into(), &invoices[7].net.to_string().into()));
    assert_eq!(first["redOf"], "26310000000000000006");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn amounts_and_sums_are_exact(amounts in prop::collection::vec(-100_000_000_000_000i64..=100_000_000_000_000, 1..40), remark in any::<String>()) {
        let dir = tempfile::tempdir().unwrap();
        let invoices: Vec<_> = amounts.iter().map(|fen| Invoice { net: Money::from_fen(*fen), remark: remark.clone(), ..invoice(1) }).collect();
        let columns = [Column::Net, Column::Remark];
        let report = xlsx(&dir.path().join("a.xlsx"), invoices.clone(), &columns);
        prop_assert_eq!(report.totals.net, Money::from_fen(amounts.iter().sum()));
        let (_, sheet) = &sheets(&dir.path().join("a.xlsx"))[0];
        let csv = dir.path().join("a.csv");
        export(&request(Output::Csv(table(&columns), Encoding::Utf8), &csv), &mut Ledger::with(invoices), &go_on).unwrap();
        let rows = csv_rows(&csv);
        for (fen, row) in amounts.iter().zip(1u32..) {
            prop_assert_eq!(amount(sheet, row, 0), Money::from_fen(*fen));
            prop_assert_eq!(&rows[row as usize][0], &Money::from_fen(*fen).to_string());
        }
        let last = u32::try_from(amounts.len()).unwrap() + 1;
        let sum = match &sheet[&(last, 0)] {
            Data::Float(number) => number.to_string(),
            Data::String(text) => text.clone(),
            other => panic!("{other:?}"),
        };
        prop_assert_eq!(sum.parse::<rust_decimal::Decimal>().unwrap(), report.totals.net.to_decimal());
    }
}
