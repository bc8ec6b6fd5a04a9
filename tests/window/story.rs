//! From the first start to the exported workbook, as a newcomer goes.

use std::collections::BTreeMap;

use calamine::{Data, Reader, Xlsx, open_workbook};
use jiff::ToSpan;
use piaoxia::boot::Sandbox;
use piaoxia::state::Screen;
use piaoxia_domain::{DateRange, Kind, Scope, Totals};
use piaoxia_engine::DownloadState;
use piaoxia_service::contract::SandboxSize;
use rust_decimal::Decimal;

use crate::driver::Window;

/// Enough for more than a thousand received invoices of a company in two months.
const SIZE: SandboxSize = SandboxSize { seed: 11, invoices: 120_000 };
const INVOICES: u64 = 1_000;

#[test]
fn from_the_first_start_to_the_exported_workbook() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = Window::open(&folder.path().join("Data"), &folder.path().join("keys"), Sandbox::Quick(SIZE));
    window.sign_in();
    window.activate();
    window.add_first_account();

    window.press("发票下载");
    window.choose("发票查询统计");
    let dates = two_months(&window);
    window.type_into("开票日期起", &dates.from().to_string());
    window.type_into("开票日期止", &dates.to().to_string());
    let (kinds, expected) = three_kinds(&window, dates);
    let names: Vec<&str> = kinds.iter().map(Kind::name).collect();
    window.pick("票种", &names);
    window.choose("同时下载原件（XML、OFD、PDF）");

    // Counts and sums come first, and are what the bureau's books say.
    window.press("查询张数和金额");
    window.wait("counts", |state| state.download.counted.as_ref().is_some_and(|counted| counted.totals().is_some()));
    assert_eq!(window.state().download.counted.as_ref().unwrap().totals(), Some(expected));
    window.press("下载发票");
    window.wait("the end of the download", |state| state.download.all.first().is_some_and(|download| !download.state.is_active()));
    let done = window.state().download.all[0].clone();
    assert_eq!((&done.state, done.received), (&DownloadState::Done, expected), "{:?} {:?}", done.problem, done.differences);

    // The message in the corner lies over the list.
    window.press("关闭消息");
    window.press("在台账查看");
    window.wait("the ledger", |state| state.screen == Screen::Ledger && state.ledger.rows() == expected.invoices);
    window.press("导出");
    let target = folder.path().join("发票.xlsx");
    window.type_into("保存为", target.to_str().unwrap());
    window.press("开始导出");
    window.wait("the export", |state| state.export.tasks.is_empty() && target.exists());
    assert_eq!(read_back(&target), expected);
    window.close();
}

/// The two whole months before this one.
fn two_months(window: &Window) -> DateRange {
    let last = window.state().today.first_of_month().yesterday().unwrap();
    DateRange::new(last.first_of_month().checked_sub(1.months()).unwrap(), last).unwrap()
}

/// The three kinds of which the bureau has most, in the order of the list, with their sums.
fn three_kinds(window: &Window, dates: DateRange) -> (Vec<Kind>, Totals) {
    let client = window.client.clone();
    let company = window.state().companies.current().unwrap().id.clone();
    let rows = window.block_on(async { client.sandbox().truth(&company, Scope::Received, dates).await }).unwrap();
    let mut by_kind: BTreeMap<Kind, Totals> = BTreeMap::new();
    for row in rows {
        by_kind.entry(row.kind).or_default().merge(&row.totals);
    }
    let mut most: Vec<(Kind, Totals)> = by_kind.into_iter().collect();
    most.sort_by_key(|(_, totals)| std::cmp::Reverse(totals.invoices));
    most.truncate(3);
    let mut all = Totals::default();
    most.iter().for_each(|(_, totals)| all.merge(totals));
    assert!(most.len() == 3 && all.invoices >= INVOICES, "{most:?}");
    (most.into_iter().map(|(kind, _)| kind).collect(), all)
}

/// What the workbook's cells say: numbers of invoices are text, amounts are numbers, the last row sums them up.
#[allow(clippy::disallowed_methods, reason = "the workbook is our own")]
fn read_back(path: &std::path::Path) -> Totals {
    let mut book: Xlsx<_> = open_workbook(path).unwrap();
    let sheet = book.worksheet_range("发票").unwrap();
    let mut rows = sheet.rows();
    let heads: Vec<String> = rows.next().unwrap().iter().map(ToString::to_string).collect();
    let column = |name: &str| heads.iter().position(|head| head == name).unwrap_or_else(|| panic!("no column {name}"));
    let (digital, net, tax, gross) = (column("数电发票号码"), column("金额"), column("税额"), column("价税合计"));
    let money = |cell: &Data| match cell {
        Data::Float(amount) => Decimal::try_from(*amount).unwrap().round_dp(2),
        Data::Int(amount) => Decimal::from(*amount),
        other => panic!("an amount is {other:?}"),
    };
    let mut sums = [Decimal::ZERO; 3];
    let mut count = 0;
    let mut stated = None;
    for row in rows {
        let amounts = [net, tax, gross].map(|at| money(&row[at]));
        if row[0].to_string().contains("合计") {
            stated = Some(amounts);
            continue;
        }
        count += 1;
        assert!(matches!(&row[digital], Data::String(number) if number.is_empty() || number.len() == 20) || row[digital] == Data::Empty);
        sums.iter_mut().zip(amounts).for_each(|(sum, amount)| *sum += amount);
    }
    assert_eq!(stated, Some(sums));
    let [net, tax, gross] = sums.map(|sum| piaoxia_domain::Money::from_decimal(sum).unwrap());
    Totals { invoices: count, net, tax, gross }
}
