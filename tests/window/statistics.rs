//! 统计: every figure opens the invoices behind it.

use piaoxia::boot::Sandbox;
use piaoxia::state::Screen;
use piaoxia::text::stats::{Breakdown, value_text};
use piaoxia_domain::Totals;
use piaoxia_export::Value;
use piaoxia_service::contract::SandboxSize;

use crate::driver::Window;

const GROSS: &str = "gross";

/// A figure of the shown table that stands there once, its row's number of invoices, and its sum.
fn figure(window: &Window, key: &str) -> (String, u64, piaoxia_domain::Money) {
    let shown = window.state().stats.shown.as_ref().unwrap();
    let column = shown.table.columns.iter().position(|column| column.key == key).unwrap();
    let texts: Vec<String> = shown.table.rows.iter().flat_map(|row| row.values.iter().map(value_text)).collect();
    let row = shown.table.rows.iter().take(3).find(|row| {
        let text = value_text(&row.values[column]);
        texts.iter().filter(|other| **other == text).count() == 1
    });
    let row = row.expect("a figure that stands there once");
    let Value::Amount(amount) = row.values[column] else { panic!("no amount") };
    let count = row.values.iter().find_map(|value| if let Value::Count(count) = value { Some(*count) } else { None });
    (value_text(&row.values[column]), count.unwrap_or_default(), amount)
}

fn shows(window: &mut Window, of: Breakdown) {
    window.wait("the figures", move |state| state.stats.shown.as_ref().is_some_and(|shown| shown.of == of));
}

/// What the ledger found for the figure that was pressed.
fn behind(window: &mut Window) -> Totals {
    window.wait("the invoices behind it", |state| {
        state.screen == Screen::Ledger && state.ledger.view_seq == state.ledger.seq && state.ledger.view.value().is_some()
    });
    assert!(window.says("来自统计"));
    window.state().ledger.view.value().unwrap().totals
}

#[test]
fn a_figure_opens_exactly_its_invoices() {
    let folder = tempfile::tempdir().unwrap();
    let size = SandboxSize { seed: 3, invoices: 900 };
    let mut window = Window::open(&folder.path().join("Data"), &folder.path().join("keys"), Sandbox::Quick(size));
    window.sign_in();
    window.activate();
    window.press("统计");
    window.hear("还没有可以统计的发票");
    window.press("首页");
    window.add_first_account();
    window.press("发票下载");
    window.choose("发票查询统计");
    window.choose("同时下载原件（XML、OFD、PDF）");
    let last_year = window.state().today.checked_sub(jiff::Span::new().months(11)).unwrap();
    window.type_into("开票日期起", &last_year.first_of_month().to_string());
    window.press("下载发票");
    window.wait("the download", |state| state.download.all.first().is_some_and(|download| !download.state.is_active()));

    window.press("统计");
    window.select("开票期间", "全部期间");
    shows(&mut window, Breakdown::Month);
    let whole = window.state().stats.shown.as_ref().unwrap().sums.clone();
    assert!(whole.iter().map(|(_, totals)| totals.invoices).sum::<u64>() > 50, "{whole:?}");
    let (text, count, gross) = figure(&window, GROSS);
    window.press(&text);
    let found = behind(&mut window);
    assert_eq!((found.invoices, found.gross), (count, gross));
    window.press("取消统计条件");
    assert!(!window.says("来自统计"));

    // A rate: exactly the invoices that have it; an invoice of several rates is shown whole.
    window.press("统计");
    window.choose("按税率");
    shows(&mut window, Breakdown::Rate);
    let (text, count, _) = figure(&window, GROSS);
    window.press(&text);
    assert_eq!(behind(&mut window).invoices, count);

    window.press("统计");
    window.choose("按对方");
    shows(&mut window, Breakdown::Party);
    assert_eq!(window.state().stats.shown.as_ref().unwrap().sums, whole);
    let (text, count, gross) = figure(&window, GROSS);
    window.press(&text);
    let found = behind(&mut window);
    assert_eq!((found.invoices, found.gross), (count, gross));

    window.press("统计");
    window.choose("进销对比");
    shows(&mut window, Breakdown::Balance);
    let (text, _, tax) = figure(&window, "input_tax");
    window.press(&text);
    assert_eq!(behind(&mut window).tax, tax);

    window.press("统计");
    window.choose("抵扣汇总");
    window.wait("the summary", |state| state.deduction.summary.value().is_some());
    window.close();
}
