//! From the first start to an Excel file, by label.

use calamine::{Data, DataRef, Reader, open_workbook};
use piaoxia::boot::Sandbox;
use piaoxia_domain::{Money, Totals};
use piaoxia_engine::DownloadState;
use piaoxia_service::contract::SandboxSize;

use crate::driver::Window;

/// So many that two months of three kinds come to 1,000 and more.
const INVOICES: u64 = 26_000;

#[test]
fn from_first_start_to_an_excel_file() {
    let folder = tempfile::tempdir().unwrap();
    let (data, keys) = (folder.path().join("Data"), folder.path().join("keys"));
    let mut window = Window::open(&data, &keys, Sandbox::Quick(SandboxSize { seed: 7, invoices: INVOICES }));
    window.first_steps();

    window.press("发票下载");
    window.choose("发票查询统计");
    window.choose("取得发票");
    let months = two_months(&window);
    window.type_into("开票日期起", &months.0);
    window.type_into("开票日期止", &months.1);
    window.tick("发票类型", &["数电票（增值税专用发票）", "数电票（普通发票）", "数电票（铁路电子客票）"]);
    window.choose("同时下载原件（XML、OFD、PDF）");
    window.press("查询张数和金额");
    window.wait("counts", |state| state.download.counted.as_ref().is_some_and(|counted| counted.totals().is_some()));
    let counted = window.state().download.counted.as_ref().unwrap();
    let (expected, kinds) = (counted.totals().unwrap(), counted.rows.value().unwrap().clone());
    assert!(expected.invoices >= 1000, "{expected:?}");
    assert_eq!(kinds.iter().map(|row| row.kind.clone()).collect::<std::collections::BTreeSet<_>>().len(), 3);
    assert_eq!(kinds.iter().map(|row| row.month).collect::<std::collections::BTreeSet<_>>().len(), 2);

    window.press("下载发票");
    window.wait("a finished download", |state| state.download.all.first().is_some_and(|download| !download.state.is_active()));
    let download = window.state().download.all.first().unwrap().clone();
    assert_eq!((download.state, download.received), (DownloadState::Done, expected), "{:?} {:?}", download.problem, download.differences);

    window.press("台账");
    window.wait("the ledger", |state| state.ledger.rows() == expected.invoices);
    assert_eq!(window.state().ledger.view.value().unwrap().totals, expected);
    window.press("导出");
    let target = folder.path().join("台账.xlsx");
    window.type_into("保存为", &target.display().to_string());
    window.press("开始导出");
    window.wait("the file", |state| state.notices.history().any(|notice| notice.title.contains("导出完成")));
    assert_eq!(read_back(&target), expected);
    window.close();
}

/// First and last day of the two whole months before this one.
fn two_months(window: &Window) -> (String, String) {
    let this = window.state().today.first_of_month();
    let last = this.yesterday().unwrap();
    let first = last.first_of_month().yesterday().unwrap().first_of_month();
    (first.to_string(), last.to_string())
}

/// Counts and sums of the file; numbers of invoices are text of 20 digits.
fn read_back(path: &std::path::Path) -> Totals {
    let mut book: calamine::Xlsx<_> = open_workbook(path).unwrap();
    let sheet = book.sheet_names()[0].clone();
    let mut cells = book.worksheet_cells_reader(&sheet).unwrap();
    let mut header = std::collections::BTreeMap::new();
    let mut rows: std::collections::BTreeMap<u32, std::collections::BTreeMap<u32, Data>> = Default::default();
    while let Some(cell) = cells.next_cell().unwrap() {
        let (row, column) = cell.get_position();
        let value = match cell.get_value() {
            DataRef::SharedString(text) => Data::String((*text).to_owned()),
            other => Data::from(other.clone()),
        };
        if row == 0 {
            header.insert(value.to_string(), column);
        } else {
            rows.entry(row).or_default().insert(column, value);
        }
    }
    let money = |row: &std::collections::BTreeMap<u32, Data>, name: &str| -> Money {
        let Data::Float(yuan) = row[&header[name]] else { panic!("{name} is no number: {row:?}") };
        format!("{yuan:.2}").parse().unwrap()
    };
    let mut totals = Totals::default();
    for row in rows.values() {
        let Some(Data::String(number)) = row.get(&header["数电发票号码"]) else { continue };
        assert!(number.len() == 20 && number.bytes().all(|byte| byte.is_ascii_digit()), "{number}");
        totals.merge(&Totals { invoices: 1, net: money(row, "金额"), tax: money(row, "税额"), gross: money(row, "价税合计") });
    }
    totals
}
