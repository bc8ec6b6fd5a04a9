//! Taking in what a user has: the bureau's workbook, and a folder of thousands of files.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::BufReader;
use std::ops::ControlFlow;

use anyhow::{Context, Result, bail, ensure};
use calamine::{DataRef, Reader, Xlsx};
use piaoxia::boot;
use piaoxia::cli::{self, Outcome, Typed};
use piaoxia_domain::Money;
use piaoxia_domain::invoice::Format;
use rust_xlsxwriter::Workbook;

use super::papers::{files, write_originals};
use crate::invoices::invoice;
use crate::row::{Meter, PLAIN, Peer, Row, Task};

pub const READ_WORKBOOK: Row = Row {
    name: "read_workbook",
    count: 100_000,
    tiny: 100,
    prepare: write_workbook,
    ours: read_workbook,
    peers: &[Peer::Library { name: "calamine", work: calamine }],
    ..PLAIN
};

/// The whole import, with the reading process, the ledger and the originals kept; beside a copy of the files.
pub const IMPORT: Row = Row {
    name: "import",
    count: 5_000,
    tiny: 20,
    prepare: |task| write_originals(task, Format::Xml),
    ours: import,
    peers: &[Peer::Library { name: "copy", work: copy }],
    ..PLAIN
};

pub const IMPORT_LONG: Row = Row { name: "import_long", count: 100_000, long: true, ..IMPORT };

const WORKBOOK: &str = "全量发票查询导出结果.xlsx";
const GROSS: &str = "价税合计";
/// Headings of the sheet 发票基础信息 of 全量发票查询.
const HEADINGS: [&str; 22] = [
    "序号",
    "发票代码",
    "发票号码",
    "数电发票号码",
    "销方识别号",
    "销方名称",
    "购方识别号",
    "购买方名称",
    "开票日期",
    "金额",
    "税额",
    GROSS,
    "发票来源",
    "发票票种",
    "发票状态",
    "是否正数发票",
    "发票风险等级",
    "开票人",
    "备注",
    "特定业务类型",
    "税收分类编码",
    "货物或应税劳务名称",
];

fn write_workbook(task: &Task) -> Result<()> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet_with_constant_memory()?;
    sheet.set_name("发票基础信息")?;
    for (column, heading) in (0..).zip(HEADINGS) {
        sheet.write_string(0, column, heading)?;
    }
    for (row, number) in (1..).zip(0..task.count) {
        let one = invoice(number);
        let texts: [&str; 22] = [
            &(number + 1).to_string(),
            "",
            "",
            one.key.number(),
            one.seller.tax_no.as_str(),
            &one.seller.name,
            one.buyer.tax_no.as_str(),
            &one.buyer.name,
            &one.issued_at.strftime("%Y-%m-%d %H:%M:%S").to_string(),
            &one.net.to_string(),
            &one.tax.to_string(),
            &one.gross.to_string(),
            &one.source,
            one.kind.name(),
            one.status.text(),
            if one.is_blue() { "是" } else { "否" },
            &one.risk,
            &one.drawer,
            &one.remark,
            "",
            "",
            "*信息技术服务*软件服务",
        ];
        for (column, text) in (0..).zip(texts).filter(|(_, text)| !text.is_empty()) {
            sheet.write_string(row, column, text)?;
        }
    }
    Ok(book.save(task.input.join(WORKBOOK))?)
}

fn result(count: u64, gross: Money) -> String {
    format!("{count} rows, {gross}")
}

fn read_workbook(task: &Task, _meter: &mut Meter) -> Result<String> {
    let bytes = fs::read(task.input.join(WORKBOOK))?;
    let (mut count, mut gross, mut fault) = (0, Money::ZERO, None);
    piaoxia_documents::walk(WORKBOOK, &bytes, &mut |entry| match entry.outcome {
        Ok(document) => {
            count += 1;
            gross += document.invoice.gross;
            ControlFlow::Continue(())
        }
        Err(refused) => {
            fault = Some(format!("{}: {refused:?}", entry.name));
            ControlFlow::Break(())
        }
    });
    fault.map_or_else(|| Ok(result(count, gross)), |fault| bail!("{fault}"))
}

/// The texts of each row in a record by place, and the sum of one column: less than an invoice is made of.
fn calamine(task: &Task, _meter: &mut Meter) -> Result<String> {
    let mut book: Xlsx<_> = Xlsx::new(BufReader::new(File::open(task.input.join(WORKBOOK))?))?;
    let name = book.sheet_names().first().cloned().context("no sheet")?;
    let gross_at = HEADINGS.iter().position(|heading| *heading == GROSS).context("no column")?;
    let mut cells = book.worksheet_cells_reader(&name)?;
    let (mut count, mut gross) = (0, Money::ZERO);
    let (mut row, mut record) = (0, vec![String::new(); HEADINGS.len()]);
    let mut take = |record: &mut Vec<String>| -> Result<()> {
        gross += record.get(gross_at).context("no amount")?.parse::<Money>()?;
        count += 1;
        *record = vec![String::new(); HEADINGS.len()];
        Ok(())
    };
    while let Some(cell) = cells.next_cell()? {
        let (at, column) = cell.get_position();
        if at != row && row > 0 {
            take(&mut record)?;
        }
        row = at;
        let text = match cell.get_value() {
            DataRef::String(text) => text.clone(),
            DataRef::SharedString(text) => (*text).to_owned(),
            DataRef::Float(number) => number.to_string(),
            _ => String::new(),
        };
        if let Some(place) = record.get_mut(column as usize) {
            *place = text;
        }
    }
    take(&mut record)?;
    Ok(result(count, gross))
}

fn import(task: &Task, _meter: &mut Meter) -> Result<String> {
    let mut line: Vec<OsString> = ["piaoxia", "import", "--json", "--data"].map(OsString::from).to_vec();
    line.extend([task.out.join("Data").into_os_string(), task.input.clone().into_os_string()]);
    let Typed::Do(mut typed) = cli::typed(line) else { bail!("the command line is wrong") };
    let Some(command) = typed.command.take() else { bail!("no command") };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let outcome = cli::run(command, *typed, &boot::Launch::default(), &runtime);
    ensure!(outcome == Outcome::Done, "the import ended with {outcome:?}");
    Ok(format!("{} files", task.count))
}

fn copy(task: &Task, _meter: &mut Meter) -> Result<String> {
    let mut copied = 0;
    for file in files(&task.input)? {
        let bytes = fs::read(&file)?;
        fs::write(task.out.join(file.file_name().context("no name")?), bytes)?;
        copied += 1;
    }
    Ok(format!("{copied} files"))
}
