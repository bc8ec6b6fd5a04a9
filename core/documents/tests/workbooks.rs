//! The bureau's Excel files, every layout.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod support;

use piaoxia_documents::{Check, Document, Field, Outcome, Refused, Source, Warning, read_all, verdicts};
use piaoxia_domain::{Deduction, Direction, Invoice, Purpose, Status, Usage};
use support::workbook::{BASE, C, SUMMARY, Sheet, base, book, book_with, goods, n, row, s, sheet, t};

type Found = Vec<(String, Result<Document, Refused>)>;

fn found(sheets: &[Sheet]) -> Found {
    read_all("全量.xlsx", &book(sheets))
}

fn documents(found: Found) -> Vec<Document> {
    found.into_iter().map(|(name, outcome)| outcome.unwrap_or_else(|refused| panic!("{name}: {refused}"))).collect()
}

fn only(sheets: &[Sheet]) -> Document {
    let mut all = documents(found(sheets));
    assert_eq!(all.len(), 1);
    all.remove(0)
}

fn amounts(invoice: &Invoice) -> [String; 3] {
    [invoice.net, invoice.tax, invoice.gross].map(|amount| amount.to_string())
}

fn outcome(document: &Document, check: Check) -> Outcome {
    verdicts(document).into_iter().find(|verdict| verdict.check == check).unwrap().result
}

#[test]
fn invoices_come_with_their_lines_whatever_their_order() {
    let heads = |order: &[u64]| sheet("发票基础信息", [row(BASE)].into_iter().chain(order.iter().map(|n| base(*n))).collect());
    let lines = |order: &[(u64, u64)]| {
        sheet("信息汇总表", [row(SUMMARY)].into_iter().chain(order.iter().map(|(number, line)| goods(*number, *line))).collect())
    };
    let in_order = [(1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (3, 2)];
    let shuffled = [(3, 1), (1, 1), (2, 1), (3, 2), (2, 2), (1, 2)];
    for order in [in_order, shuffled] {
        for sheets in [[heads(&[1, 2, 3]), lines(&order)], [lines(&order), heads(&[1, 2, 3])]] {
            let all = found(&sheets);
            let names: Vec<&str> = all.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!(names, ["发票基础信息/2", "发票基础信息/3", "发票基础信息/4"]);
            for (number, document) in documents(all).iter().enumerate() {
                let invoice = &document.invoice;
                assert_eq!(invoice.key.to_string(), format!("261120000000{:08}", number + 1));
                assert_eq!(
                    invoice.lines.iter().map(|line| line.name.as_str()).collect::<Vec<_>>(),
                    ["*信息技术服务*开发 1", "*信息技术服务*开发 2"]
                );
                assert_eq!(outcome(document, Check::LineSums), Outcome::Pass);
                assert_eq!((document.sources[&Field::Net], document.warnings.as_slice()), (Source::Workbook, [].as_slice()));
                assert_eq!((invoice.direction, invoice.deduction, invoice.usage.as_ref()), (None, None, None));
            }
        }
    }
}

#[test]
fn an_invoice_without_lines_and_lines_without_an_invoice_are_both_read() {
    let sheets = [
        sheet("发票基础信息", vec![row(BASE), base(1), base(2)]),
        sheet("信息汇总表", vec![row(SUMMARY), goods(2, 1), goods(7, 1), goods(2, 2), goods(8, 1), goods(7, 2), goods(8, 2)]),
    ];
    let all = found(&sheets);
    let names: Vec<&str> = all.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["发票基础信息/2", "发票基础信息/3", "信息汇总表/3", "信息汇总表/5"]);
    let all = documents(all);
    assert_eq!(all.iter().map(|document| document.invoice.lines.len()).collect::<Vec<_>>(), [0, 2, 2, 2]);
    let summed = &all[2];
    assert_eq!(amounts(&summed.invoice), ["100.00", "6.00", "106.00"]);
    assert_eq!((summed.sources[&Field::Gross], outcome(summed, Check::Totals)), (Source::Computed, Outcome::NotChecked));
    assert_eq!(summed.invoice.seller.name, "示例软件（北京）有限公司");
}

/// Of these invoices there are lines alone: the sums of some of them would pass for those of the whole.
#[test]
fn lines_that_are_not_all_there_make_no_invoice() {
    let mut unread = goods(7, 2);
    unread[16] = t("1,23,456");
    let sheets = [
        sheet("信息汇总表", vec![row(SUMMARY), goods(7, 1), unread, goods(8, 1), goods(8, 2), goods(9, 1)]),
        sheet("信息汇总表2", vec![row(SUMMARY), goods(9, 2), goods(6, 1)]),
    ];
    let all = found(&sheets);
    let told: Vec<(&str, Option<&Refused>)> = all.iter().map(|(name, outcome)| (name.as_str(), outcome.as_ref().err())).collect();
    let value = Refused::BadValue { field: Field::LineNet, line: Some(2), value: "1,23,456".to_owned() };
    assert_eq!(
        told,
        [
            ("信息汇总表/3", Some(&value)),
            ("信息汇总表/2", Some(&Refused::LinesUnread { lines: 1 })),
            ("信息汇总表/4", None),
            ("信息汇总表/6", Some(&Refused::LinesDivided)),
            ("信息汇总表2/2", Some(&Refused::LinesDivided)),
            ("信息汇总表2/3", None),
        ]
    );
}

#[test]
fn lines_that_lie_too_far_apart_refuse_their_invoice_and_no_other() {
    const FAR: u64 = 40_010;
    // The last invoice's lines come first and last, so that all others wait in between.
    let mut lines = vec![row(SUMMARY), goods(0, 1)];
    lines.extend((1..FAR).map(|number| goods(number, 1)));
    lines.push(goods(0, 2));
    let heads = vec![row(BASE), base(1), base(0), base(2)];
    let all = found(&[sheet("发票基础信息", heads), sheet("信息汇总表", lines)]);
    assert!(all[0].1.is_ok());
    assert_eq!(all[1].1, Err(Refused::LinesScattered { limit: 40_000 }));
    assert!(all[2].1.is_ok());
    // Invoices of which there are lines alone, and why the rest of them was not read.
    let (last, alone) = all[3..].split_last().unwrap();
    assert_eq!((alone.len(), alone.iter().all(|(_, outcome)| outcome.is_ok())), (39_999, true));
    assert_eq!(last, &("信息汇总表".to_owned(), Err(Refused::LinesScattered { limit: 40_000 })));
}

#[test]
fn columns_are_found_by_their_headings() {
    // Another order, one column more, another spelling; numbers as numbers, a date as a count of days, texts shared.
    let heading = "价税合计 （元）|全电发票号码|省份|开票日期＊|金额|税额|销方名称|发票票种|发票 状态";
    let values = vec![
        n("113.00000000000001"),
        s("26112000000000000001"),
        s("福建"),
        n("46083.427430555556"),
        n("1E2"),
        n("13"),
        s("甲&乙<丙"),
        s("数电票(增值税专用发票)"),
        s("已红冲-部分"),
    ];
    let document = only(&[sheet("Sheet1", vec![row("全量发票查询"), row(heading), values])]);
    let invoice = &document.invoice;
    assert_eq!(amounts(invoice), ["100.00", "13.00", "113.00"]);
    assert_eq!(
        (invoice.issued_at.to_string().as_str(), invoice.kind.code(), invoice.status.clone()),
        ("2026-03-02T10:15:30", "81", Status::RedPart)
    );
    assert_eq!(invoice.seller.name, "甲&乙<丙");
    let left_out = Warning::ColumnsLeftOut { sheet: "Sheet1".to_owned(), names: vec!["省份".to_owned()], count: 1 };
    assert!(document.warnings.contains(&left_out), "{:?}", document.warnings);
}

#[test]
fn dates_may_count_from_1904() {
    let sheets = [sheet("a", vec![row("数电发票号码|开票日期|金额|税额"), vec![t("26112000000000000001"), n("44621"), n("1"), n("0")]])];
    let all = documents(read_all("a.xlsx", &book_with(&sheets, r#"<workbookPr date1904="1"/>"#)));
    assert_eq!(all[0].invoice.issued_on().to_string(), "2026-03-02");
}

#[test]
fn a_row_that_cannot_be_read_is_refused_by_its_place_and_the_others_go_on() {
    let mut broken = base(2);
    broken[9] = t("一百");
    let mut rounded = base(3);
    rounded[3] = n("2.6112000000000003E+19");
    let mut no_number = base(4);
    no_number[3] = t("--");
    let sum = |label: &str| row(&format!("{label}||||||||||100.00"));
    let sums = [sum("合计"), sum("合计（含作废 2 张）"), row("")];
    let rows = [row(BASE), base(1), broken, rounded, no_number, row(BASE)].into_iter().chain(sums).chain([base(5)]).collect();
    let mut bad_line = goods(5, 1);
    bad_line[16] = t("五十");
    let lines = vec![row(SUMMARY), bad_line, goods(5, 2)];
    let all = found(&[sheet("发票基础信息", rows), sheet("信息汇总表", lines)]);
    let told: Vec<(&str, Option<&Refused>)> = all.iter().map(|(name, outcome)| (name.as_str(), outcome.as_ref().err())).collect();
    let value = |field, line, value: &str| Refused::BadValue { field, line, value: value.to_owned() };
    assert_eq!(
        told,
        [
            ("发票基础信息/2", None),
            ("发票基础信息/3", Some(&value(Field::Net, None, "一百"))),
            ("发票基础信息/4", Some(&Refused::NumberRounded { field: Field::Number, value: "2.6112000000000003E+19".to_owned() })),
            ("发票基础信息/5", Some(&Refused::MissingField { field: Field::Number })),
            ("信息汇总表/2", Some(&value(Field::LineNet, Some(1), "五十"))),
            ("发票基础信息/10", None),
        ]
    );
    assert_eq!(outcome(all[5].1.as_ref().unwrap(), Check::LineSums), Outcome::Fail);
}

#[test]
fn older_layouts_are_read() {
    let heading = "发票代码|发票号码|数电票号码|税收分类编码|货物名称|规格型号|单位|数量|单价|金额|税率|税额";
    let goods =
        |name: &str, net: &str, tax: &str| row(&format!("|00000001|||{name}|--|--|--|--|{net}|6%|{tax}")).into_iter().collect::<Vec<C>>();
    let with_code = |mut cells: Vec<C>| {
        // The zeros in front are gone: the cells are numbers.
        cells[0] = n("11002600111");
        cells[1] = n("1");
        cells
    };
    let heads = "序号|发票代码|发票号码|销方识别号|销方名称|购方识别号|购买方名称|开票日期|金额|税额|发票票种|发票状态";
    let head = row("1|011002600111|00000001|91110108MA0TE0T12L|甲|91440300MA5TE0T2XF|乙|2021/03/09|100.00|6.00|增值税电子普通发票|正常");
    let lines = vec![
        row(heading),
        with_code(goods("(详见销货清单)", "100.00", "6.00")),
        with_code(goods("纸", "40.00", "2.40")),
        with_code(goods("笔", "60.00", "3.60")),
    ];
    let document = only(&[sheet("发票基础信息", vec![row(heads), head]), sheet("货物清单", lines)]);
    let invoice = &document.invoice;
    assert_eq!((invoice.key.to_string().as_str(), invoice.kind.code()), ("011002600111-00000001", "10"));
    assert_eq!(amounts(invoice), ["100.00", "6.00", "106.00"]);
    assert_eq!(invoice.lines.iter().map(|line| line.name.as_str()).collect::<Vec<_>>(), ["纸", "笔"]);
    assert_eq!((invoice.lines[0].quantity, invoice.lines[0].spec.as_str()), (None, ""));
    assert!(document.warnings.contains(&Warning::Computed { field: Field::Gross }));
}

#[test]
fn sheets_of_one_business_do_not_count_lines_twice() {
    let business = "数电发票号码|运输工具种类|运输工具牌号|起运地";
    let repeated = vec![row(SUMMARY), goods(1, 1), goods(1, 2)];
    let document = only(&[
        sheet("发票基础信息", vec![row(BASE), base(1)]),
        sheet("信息汇总表", vec![row(SUMMARY), goods(1, 1), goods(1, 2)]),
        sheet("建筑服务", repeated),
        sheet("货物运输", vec![row(business), row("26112000000000000001|公路|京A12345|北京")]),
        sheet("说明", vec![row("导出说明")]),
    ]);
    assert_eq!(document.invoice.lines.len(), 2);
    let left_out = Warning::SheetsLeftOut { names: vec!["货物运输".to_owned(), "说明".to_owned()], count: 2 };
    assert_eq!(document.warnings, [left_out]);
}

#[test]
fn tolls_margins_and_red_invoices_keep_what_they_say() {
    let toll = "1|||26112000000000000001|91110108MA0TE0T12L|甲|91440300MA5TE0T2XF|乙|2026-03-02|3040502020200000000|通行费|*经营租赁*通行费|粤B12345|客车|20260301|46083|10.00|3%|0.30|10.30|电子发票服务平台|数电票（通行费发票）|正常|是|正常|丙|";
    let mut toll = row(toll);
    toll[15] = n("46083");
    let margin = row(
        "1|||26112000000000000002|91110108MA0TE0T12L|甲|91440300MA5TE0T2XF|乙|2026-03-02|||*人力资源服务*派遣|||||198.04|***|1.96|200.00||数电票（普通发票）|正常|是|正常|丙|差额征税：2.00。",
    );
    let red = row(
        "1|||26112000000000000003|91110108MA0TE0T12L|甲|91440300MA5TE0T2XF|乙|2026-03-02|||*纸*纸|||-1|100|-100.00|13%|-13.00|-113.00||数电票（普通发票）|正常|否|正常|丙|被红冲蓝字数电发票号码：26112000000000000009 ",
    );
    let all = documents(found(&[sheet("信息汇总表", vec![row(SUMMARY), toll, margin, red])]));
    let line = &all[0].invoice.lines[0];
    assert_eq!((line.spec.as_str(), line.unit.as_str(), line.quantity, line.price), ("粤B12345 20260301 2026-03-02", "客车", None, None));
    assert_eq!(all[0].invoice.kind.code(), "59");
    assert_eq!(all[1].invoice.lines[0].rate, "1%");
    assert!(all[1].warnings.contains(&Warning::RateDerived { line: 1, rate: "1%".to_owned() }));
    let red = &all[2].invoice;
    assert_eq!(red.red_of.as_ref().unwrap().to_string(), "26112000000000000009");
    assert!(!red.is_blue());
}

const TICKS: &str = "序号|是否勾选*|数电发票号码(数电票号码)|发票代码|发票号码|开票日期*|金额*|票面税额*|有效抵扣税额*|购买方识别号*|销售方纳税人名称|销售方纳税人识别号|发票来源|票种*|发票状态|红字锁定标志|转内销证明编号|业务类型|勾选时间|发票风险等级";
const TICKS_2026: &str = "序号|是否勾选*|数电发票号码|开票日期*|金额*|票面税额*|有效抵扣税额*|购买方识别号*|销售方纳税人名称|销售方纳税人识别号|发票来源|票种*|发票状态|红字锁定标志|发票风险等级|风险状态";
const LISTED: &str = "序号|勾选状态|发票来源|转内销证明编号|数电发票号码|发票代码|发票号码|开票日期|销售方纳税人识别号|销售方纳税人名称|金额|税额|有效抵扣税额|票种|票种标签|发票状态|勾选时间|发票风险等级|风险状态";
const CONFIRMED: &str = "序号|勾选状态|数电发票号码|发票代码|发票号码|开票日期|销售方纳税人识别号|销售方纳税人名称|金额|税额|有效抵扣税额|发票状态|勾选时间|发票来源|发票票种|发票风险等级";
const NOT_DEDUCTED: &str = "序号|是否勾选*|发票来源|转内销证明编号|数电票号码|发票代码|发票号码|开票日期*|销售方纳税人识别号*|销售方纳税人名称*|金额*|票面税额*|有效抵扣税额*|票种*|票种标签|发票状态|勾选时间|发票风险等级|不抵扣原因*";
const REFUNDS: &str = "序号|票种|数电发票号码|发票代码|发票号码|开票日期|销售方纳税人识别号|金额|税额|销售方纳税人名称|转内销证明编号|勾选时间|发票来源|发票状态";

fn received(document: &Document) -> &Invoice {
    let invoice = &document.invoice;
    assert_eq!((invoice.direction, amounts(invoice)), (Some(Direction::Received), ["100.00", "13.00", "113.00"].map(str::to_owned)));
    assert!(!document.warnings.contains(&Warning::Absent { field: Field::BuyerName }), "no list of these names the buyer");
    invoice
}

#[test]
fn ticks_are_read_in_both_layouts() {
    let old = |ticked: &str, at: &str| {
        row(&format!(
            "1|{ticked}|26112000000000000001|||2026-03-10|100.00|13.00|12.00|91440300MA5TE0T2XF|甲|91110108MA0TE0T12L|电子发票服务平台|数电发票（增值税专用发票）|正常|未锁定|||{at}|正常"
        ))
    };
    let all = documents(found(&[sheet("抵扣勾选", vec![row(TICKS), old("否", ""), old("是", "2026-03-12 09:00:00")])]));
    let open = received(&all[0]);
    assert_eq!(open.deduction, Some(Deduction::Open));
    let usage = open.usage.as_ref().unwrap();
    assert_eq!((usage.effective_tax.unwrap().to_string().as_str(), &usage.purpose), ("12.00", &None));
    let ticked = received(&all[1]);
    let usage = ticked.usage.as_ref().unwrap();
    assert_eq!(
        (ticked.deduction, &usage.purpose, usage.month().unwrap().to_string().as_str()),
        (Some(Deduction::Ticked), &Some(Purpose::Deduct), "2026-03")
    );
    assert_eq!((ticked.kind.code(), ticked.buyer.tax_no.as_str(), ticked.buyer.name.as_str()), ("81", "91440300MA5TE0T2XF", ""));

    let new = row(
        "1|是|26112000000000000001|2026-03-10|100.00|13.00|13.00|91440300MA5TE0T2XF|甲|91110108MA0TE0T12L|电子发票服务平台|数电发票（增值税专用发票）|正常|未锁定|正常|无",
    );
    let document = only(&[sheet("发票", vec![row(TICKS_2026), new])]);
    assert_eq!(received(&document).deduction, Some(Deduction::Ticked));
    assert_eq!(document.warnings, []);
}

#[test]
fn lists_of_a_period_have_their_headings_in_the_third_row() {
    let listed = row(
        "1|已勾选|电子发票服务平台||26112000000000000001|||2026-03-10|91110108MA0TE0T12L|甲|100.00|13.00|13.00|数电发票（增值税专用发票）||正常|2026-03-12 09:00:00|正常|",
    );
    for titles in [
        [row("抵扣统计发票清单"), row("纳税人识别号：91440300MA5TE0T2XF|税款所属期：202603")],
        [row("发票清单"), row("纳税人识别号|91440300MA5TE0T2XF||税款所属期|2026年03月|纳税人名称|示例商贸（深圳）有限公司")],
    ] {
        let [title, company] = titles;
        let named = company.len() > 2;
        let document = only(&[sheet("发票清单", vec![title, company, row(LISTED), listed.clone()])]);
        let invoice = received(&document);
        let usage = invoice.usage.as_ref().unwrap();
        assert_eq!((invoice.deduction, usage.period.unwrap().to_string().as_str()), (Some(Deduction::Ticked), "2026-03"));
        assert_eq!(invoice.buyer.tax_no.as_str(), "91440300MA5TE0T2XF");
        assert_eq!(invoice.buyer.name == "示例商贸（深圳）有限公司", named);
    }
    let confirmed = row(
        "1|已勾选|26112000000000000001|||2026-03-10|91110108MA0TE0T12L|甲|100.00|13.00|13.00|正常|2026-03-12 09:00:00|电子发票服务平台|数电发票（增值税专用发票）|正常",
    );
    let titles = [row("用途确认信息"), row("-|91440300MA5TE0T2XF|||202603|||示例商贸（深圳）有限公司")];
    let [title, company] = titles;
    let document = only(&[sheet("发票", vec![title, company, row(CONFIRMED), confirmed])]);
    let invoice = received(&document);
    assert_eq!((invoice.deduction, invoice.buyer.name.as_str()), (Some(Deduction::Confirmed), "示例商贸（深圳）有限公司"));
    assert_eq!(invoice.usage.as_ref().unwrap().period.unwrap().to_string(), "2026-03");
}

#[test]
fn what_is_not_deducted_and_what_is_refunded_is_told_apart() {
    let not = row(
        "1|是|电子发票服务平台||26112000000000000001|||2026-03-10|91110108MA0TE0T12L|甲|100.00|13.00|13.00|数电发票（增值税专用发票）||正常|2026-03-12 09:00:00|正常|用于集体福利或者个人消费",
    );
    let document = only(&[sheet("不抵扣勾选", vec![row(NOT_DEDUCTED), not])]);
    let usage = received(&document).usage.as_ref().unwrap();
    assert_eq!((&usage.purpose, usage.reason.as_str()), (&Some(Purpose::NotDeduct), "用于集体福利或者个人消费"));
    let refund = row(
        "1|数电发票（增值税专用发票）|26112000000000000001|||2026-03-10|91110108MA0TE0T12L|100.00|13.00|甲||2026-03-12 09:00:00|电子发票服务平台|正常",
    );
    for name in ["退税勾选", "发票"] {
        let document = only(&[sheet(name, vec![row(REFUNDS), refund.clone()])]);
        let invoice = received(&document);
        assert_eq!((invoice.deduction, &invoice.usage.as_ref().unwrap().purpose), (Some(Deduction::Ticked), &Some(Purpose::Refund)));
    }
}

/// Nothing is said of direction and 勾选; 有效抵扣税额 is kept.
fn says_effective_tax_alone(invoice: &Invoice, tax: &str) {
    let alone = Usage { effective_tax: tax.parse().ok(), ..Usage::default() };
    assert_eq!((invoice.direction, invoice.deduction, invoice.usage.as_ref()), (None, None, Some(&alone)));
}

const PARTIES: &str = "销方识别号|销方名称|购方识别号|购买方名称";

#[test]
fn a_register_with_effective_tax_and_without_ticks_says_nothing_of_them() {
    for effective in ["有效抵扣税额", "可抵扣税额"] {
        let heading = format!("数电发票号码|{PARTIES}|开票日期|金额|税额|{effective}|发票票种");
        let values =
            "26112000000000000001|91110108MA0TE0T12L|甲|91440300MA5TE0T2XF|乙|2026-03-10|100.00|13.00|12.00|数电发票（增值税专用发票）";
        let register = sheet("发票登记", vec![row(&heading), row(values)]);
        let lines = sheet("信息汇总表", vec![row(SUMMARY), goods(1, 1)]);
        let document = only(&[register, lines]);
        says_effective_tax_alone(&document.invoice, "12.00");
        assert_eq!(document.invoice.lines.len(), 1, "it is no list of its own");
    }
}

/// A register of everything, or our own export with 是否勾选: what the company issued is not ticked, and was not received.
#[test]
fn an_issued_row_leaves_the_tick_open_and_is_not_taken_for_received() {
    let heading = format!("是否勾选|勾选时间|数电发票号码|{PARTIES}|开票日期|金额|税额|有效抵扣税额|发票票种");
    let bought = "是|2026-03-12 09:00:00|26112000000000000001|91110108MA0TE0T12L|甲|91440300MA5TE0T2XF|乙|2026-03-10|100.00|13.00|12.00|数电发票（增值税专用发票）";
    let sold =
        "--||26112000000000000002|91440300MA5TE0T2XF|乙|91110108MA0TE0T12L|甲|2026-03-10|100.00|13.00|0.00|数电发票（增值税专用发票）";
    let all = documents(found(&[sheet("发票登记", vec![row(&heading), row(bought), row(sold)])]));
    assert_eq!(received(&all[0]).deduction, Some(Deduction::Ticked));
    says_effective_tax_alone(&all[1].invoice, "0.00");
}

#[test]
fn a_workbook_in_an_archive_is_read_beside_documents() {
    let workbook = book(&[sheet("发票基础信息", vec![row(BASE), base(1)])]);
    let archive = support::zip(&[("发票/a.xml", support::SPECIAL.as_bytes()), ("发票/全量.xlsx", &workbook)]);
    let names: Vec<String> = read_all("批量.zip", &archive).into_iter().map(|(name, outcome)| outcome.map(|_| name).unwrap()).collect();
    assert_eq!(names, ["发票/a.xml", "发票/全量.xlsx/发票基础信息/2"]);
}

#[test]
fn what_is_no_list_of_invoices_says_so() {
    let whole = |bytes: &[u8]| {
        let mut all = read_all("a.xlsx", bytes);
        assert_eq!((all.len(), all[0].0.as_str()), (1, "a.xlsx"));
        all.remove(0).1.unwrap_err()
    };
    assert_eq!(whole(&book(&[sheet("a", vec![row("姓名|工资"), row("甲|1")])])), Refused::NoInvoiceSheet);
    assert_eq!(whole(&book(&[sheet("a", vec![row(BASE)])])), Refused::NoInvoiceRows);
    assert_eq!(whole(&book(&[])), Refused::NoInvoiceSheet);
    let old: Vec<u8> = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".iter().chain([0; 600].iter()).copied().collect();
    assert_eq!(whole(&old), Refused::OtherWorkbook(piaoxia_documents::FileFormat::Xls));
    let mut encrypted = old;
    encrypted.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    assert_eq!(whole(&encrypted), Refused::EncryptedWorkbook);
    assert_eq!(whole(&support::zip(&[("xl/workbook.bin", b"x")])), Refused::OtherWorkbook(piaoxia_documents::FileFormat::Xlsb));
    let ods = support::zip(&[("mimetype", b"x"), ("content.xml", b"x"), ("META-INF/manifest.xml", b"x")]);
    assert_eq!(whole(&ods), Refused::OtherWorkbook(piaoxia_documents::FileFormat::Ods));
    assert_eq!(piaoxia_documents::read("a.xlsx", &book(&[])), Err(Refused::Workbook));
}
